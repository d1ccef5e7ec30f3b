import pytest

from shop.baskets import Basket
from shop.orders import Orders
from shop.stock import Stock


@pytest.fixture
def stock():
    return Stock({"SEN-100": 5})


def test_an_order_keeps_its_tins(stock, sencha):
    basket = Basket()
    basket.add(sencha, 2)

    order = Orders(stock).place(basket)

    assert order.status == "placed"
    assert stock.on_hand("SEN-100") == 3


def test_an_empty_basket_cannot_be_ordered(stock):
    with pytest.raises(ValueError, match="empty"):
        Orders(stock).place(Basket())


def test_orders_are_found_by_number(stock, sencha):
    orders = Orders(stock)
    basket = Basket()
    basket.add(sencha)
    orders.place(basket)

    assert orders.get(1).payable_cents == 1740
    with pytest.raises(KeyError):
        orders.get(2)
