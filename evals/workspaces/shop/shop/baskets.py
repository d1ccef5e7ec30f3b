"""What a customer has chosen and not yet ordered."""

from shop.catalogue import Tin


class Basket:
    """Tins and how many of each, in the order in which they were chosen."""

    def __init__(self) -> None:
        self._lines: dict[str, tuple[Tin, int]] = {}

    def add(self, tin: Tin, quantity: int = 1) -> None:
        """Put tins in; more of the same join those that are there."""
        _, already = self._lines.get(tin.sku, (tin, 0))
        self._lines[tin.sku] = (tin, already + quantity)

    def remove(self, sku: str) -> None:
        """Take all tins of a kind out.

        Raises:
            KeyError: when there is none.
        """
        del self._lines[sku]

    @property
    def lines(self) -> tuple[tuple[Tin, int], ...]:
        """Each kind of tin and how many."""
        return tuple(self._lines.values())

    @property
    def total_cents(self) -> int:
        """What the tins cost, shipping left out."""
        return sum(tin.price_cents * quantity for tin, quantity in self.lines)
