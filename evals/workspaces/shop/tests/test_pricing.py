from shop.baskets import Basket
from shop.pricing import payable_cents, shipping_cents


def test_small_baskets_pay_for_shipping(sencha):
    basket = Basket()
    basket.add(sencha)

    assert payable_cents(basket) == 1740


def test_shipping_is_free_from_fifty_euros():
    assert shipping_cents(4999) == 490
    assert shipping_cents(5000) == 0
