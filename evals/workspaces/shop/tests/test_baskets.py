import pytest

from shop.baskets import Basket


def test_same_tins_join(sencha):
    basket = Basket()
    basket.add(sencha)
    basket.add(sencha, 2)

    assert basket.lines == ((sencha, 3),)


def test_total_counts_every_tin(sencha, oolong):
    basket = Basket()
    basket.add(sencha, 2)
    basket.add(oolong)

    assert basket.total_cents == 4490


def test_what_is_not_there_cannot_be_removed(sencha):
    basket = Basket()
    basket.add(sencha)
    basket.remove("SEN-100")

    with pytest.raises(KeyError):
        basket.remove("SEN-100")
