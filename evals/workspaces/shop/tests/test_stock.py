import pytest

from shop.stock import OutOfStockError, Stock


def test_reserved_tins_cannot_be_sold_again():
    stock = Stock({"SEN-100": 3})
    stock.reserve("SEN-100", 2)

    assert stock.on_hand("SEN-100") == 1


def test_too_many_tins_are_refused():
    stock = Stock({"SEN-100": 1})

    with pytest.raises(OutOfStockError):
        stock.reserve("SEN-100", 2)
    assert stock.on_hand("SEN-100") == 1


def test_released_tins_are_back():
    stock = Stock({"SEN-100": 1})
    stock.reserve("SEN-100", 1)
    stock.release("SEN-100", 1)

    assert stock.on_hand("SEN-100") == 1
