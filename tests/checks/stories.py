"""Texts of a small shop, and trials that work on it: what several checks are tried with."""

from tests.trying import PROJECT
from tests.working import BASE, Work

OLD_TESTS = BASE["tests/test_cart.py"]
OLD_CODE = BASE["shop/cart.py"]

TESTS = """\
from shop import cart


def test_discount_is_taken_off():
    assert cart.discounted(100, 10) == 90


def test_discount_is_at_most_the_price():
    assert cart.discounted(5, 10) == 0
"""
"""New tests, of a function that is not there yet."""

STUB = OLD_CODE + "\n\ndef discounted(price, off):\n    return price\n"
HALF = OLD_CODE + "\n\ndef discounted(price, off):\n    return price - off\n"
"""Fails the second of the new tests."""
CODE = OLD_CODE + "\n\ndef discounted(price, off):\n    return max(0, price - off)\n"
TIDY = OLD_CODE + "\n\ndef discounted(price, off):\n    return max(price - off, 0)\n"
"""As good as `CODE`, and not the same."""

RENAMED = TESTS.replace("test_discount_is_taken_off", "test_takes_the_discount_off")
GATHERED = """\
import pytest

from shop import cart


@pytest.mark.parametrize(("price", "off", "rest"), [(100, 10, 90), (5, 10, 0)])
def test_discount(price, off, rest):
    assert cart.discounted(price, off) == rest
"""
"""The new tests as one."""
WEAKER = TESTS.replace("    assert cart.discounted(5, 10) == 0", "    cart.discounted(5, 10)")
"""The new tests with one assertion deleted."""

NEW_FILE = "tests/test_discount.py"
PYTEST, RUFF = "python -m pytest -q", "ruff check ."


def red() -> Work:
    """Tests were written and were seen failing."""
    return Work(project=PROJECT).writes(NEW_FILE, TESTS).runs(PYTEST, outcome="failed")


def green() -> Work:
    """Red, then the code, then seen passing."""
    return red().writes("shop/cart.py", CODE).runs(PYTEST, outcome="passed", tests=3)
