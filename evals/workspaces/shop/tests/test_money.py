from shop.money import percent_of, shown


def test_half_a_cent_is_rounded_up():
    assert percent_of(50, 19) == 10
    assert percent_of(49, 19) == 9


def test_cents_have_two_digits():
    assert shown(1205) == "12.05 EUR"
