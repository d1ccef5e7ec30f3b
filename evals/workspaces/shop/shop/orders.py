"""How a basket becomes an order, and the list of orders."""

from dataclasses import dataclass
from typing import Literal

from shop.baskets import Basket
from shop.catalogue import Tin
from shop.pricing import payable_cents
from shop.stock import Stock

Status = Literal["placed", "packed", "cancelled"]


@dataclass
class Order:
    """What somebody ordered."""

    number: int
    lines: tuple[tuple[Tin, int], ...]
    payable_cents: int
    status: Status = "placed"


class Orders:
    """All orders, the oldest first."""

    def __init__(self, stock: Stock) -> None:
        self._stock = stock
        self._orders: list[Order] = []

    def place(self, basket: Basket) -> Order:
        """Order what is in a basket.

        Raises:
            ValueError: when the basket is empty.
            OutOfStockError: when a tin is missing.
        """
        if not basket.lines:
            raise ValueError("an empty basket cannot be ordered")
        for tin, quantity in basket.lines:
            self._stock.reserve(tin.sku, quantity)
        order = Order(len(self._orders) + 1, basket.lines, payable_cents(basket))
        self._orders.append(order)
        return order

    def pack(self, number: int) -> None:
        """Note that an order lies in its parcel."""
        self.get(number).status = "packed"

    def get(self, number: int) -> Order:
        """The order with that number.

        Raises:
            KeyError: when there is none.
        """
        if not 1 <= number <= len(self._orders):
            raise KeyError(number)
        return self._orders[number - 1]

    def all(self) -> tuple[Order, ...]:
        """Every order."""
        return tuple(self._orders)
