"""What a basket costs at the end."""

from shop.baskets import Basket

SHIPPING_CENTS = 490
FREE_SHIPPING_FROM_CENTS = 5000


def shipping_cents(total_cents: int) -> int:
    """What it costs to send tins of that worth."""
    return 0 if total_cents >= FREE_SHIPPING_FROM_CENTS else SHIPPING_CENTS


def payable_cents(basket: Basket) -> int:
    """What the customer pays: the tins and the shipping."""
    return basket.total_cents + shipping_cents(basket.total_cents)
