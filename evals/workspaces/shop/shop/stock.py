"""Which tins are left."""


class OutOfStockError(Exception):
    """There are fewer tins than somebody asked for."""


class Stock:
    """Tins in the warehouse, by SKU."""

    def __init__(self, tins: dict[str, int] | None = None) -> None:
        self._tins = dict(tins or {})

    def on_hand(self, sku: str) -> int:
        """How many can still be sold."""
        return self._tins.get(sku, 0)

    def reserve(self, sku: str, quantity: int) -> None:
        """Keep tins for an order.

        Raises:
            OutOfStockError: when there are not enough; nothing is kept then.
        """
        if quantity > self.on_hand(sku):
            raise OutOfStockError(sku)
        self._tins[sku] -= quantity

    def release(self, sku: str, quantity: int) -> None:
        """Give tins back that were kept for an order."""
        self._tins[sku] = self.on_hand(sku) + quantity
