"""Money is a whole number of cents. It is rounded here and nowhere else."""


def percent_of(cents: int, percent: int) -> int:
    """That part of an amount; half a cent is rounded up."""
    return (cents * percent + 50) // 100


def shown(cents: int, currency: str = "EUR") -> str:
    """An amount as an invoice shows it."""
    return f"{cents // 100}.{cents % 100:02d} {currency}"
