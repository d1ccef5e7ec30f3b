"""Real runs of pytest and unittest in small projects."""

import pytest

from tests.probing.trying import ENVIRONMENT, by_id, kinds, run

CART = """\
def total(items):
    return sum(item.price for item in items)


def broken(items):
    return 1 // len(items)


class Cart:
    def __init__(self, size=0):
        self.size = size
"""
TESTS = """\
import unittest

import pytest

import shop.cart
from shop.cart import Cart, broken, total


@pytest.fixture
def failing_fixture():
    raise ValueError("not ready")


@pytest.fixture
def failing_code():
    return broken([])


def test_passes(): assert total([]) == 0
@pytest.mark.skip(reason="later")
def test_skipped(): pass
@pytest.mark.xfail
def test_expected(): assert False
@pytest.mark.parametrize("price", [1, 2])
def test_wrong(price): assert total([]) == price
@pytest.mark.xfail(strict=True)
def test_surprise(): pass
def test_said(): assert total([]) == 1, "empty carts cost nothing"
def test_not_raised():
    with pytest.raises(ValueError): total([])
def test_gives_up(): pytest.fail("no")
def test_in_the_code(): total([1])
def test_divides(): broken([])
def test_chained():
    try: broken([])
    except ZeroDivisionError as error: raise RuntimeError("x") from error
def test_fixture_of_the_code(failing_code): pass
def test_attribute_of_a_module(): shop.cart.discount([])
def test_late_import():
    from shop.cart import coupon
def test_late_module():
    import shop.coupons
def test_method(): Cart().add(1)
def test_keyword(): total([], rate=2)
def test_one_more(): total([], 2)
def test_one_less(): total()
def test_length(): len(Cart())
def test_own_mistake(): nobody_has_this
def test_no_fixture(nobody_has_this_either): pass
def test_fixture_of_its_own(failing_fixture): pass
def test_none(): None.price
class TestCart:
    def test_without_self(): pass
    class TestInside:
        def test_deep(self): assert Cart().size == 1
class Unit(unittest.TestCase):
    def test_unit(self): self.assertEqual(Cart().size, 1)
"""
PROJECT = {"shop/__init__.py": "", "shop/cart.py": CART, "tests/test_cart.py": TESTS}
EXPECTED = {
    "test_wrong[1]": ("assertion", ""),
    "test_wrong[2]": ("assertion", ""),
    "test_surprise": ("assertion", ""),
    "test_said": ("assertion", ""),
    "test_not_raised": ("assertion", ""),
    "test_gives_up": ("assertion", ""),
    "TestCart::TestInside::test_deep": ("assertion", ""),
    "Unit::test_unit": ("assertion", ""),
    "test_in_the_code": ("code_error", ""),
    "test_divides": ("code_error", ""),
    "test_fixture_of_the_code": ("code_error", ""),
    "test_attribute_of_a_module": ("missing_name", "shop.cart.discount"),
    "test_late_import": ("missing_name", "shop.cart.coupon"),
    "test_late_module": ("missing_name", "shop.coupons"),
    "test_method": ("missing_name", "Cart.add"),
    "test_keyword": ("missing_name", "total.rate"),
    "test_one_more": ("missing_name", "total"),
    "test_one_less": ("missing_name", "total"),
    "test_length": ("missing_name", "Cart"),
    "test_chained": ("test_error", ""),
    "test_own_mistake": ("test_error", ""),
    "test_no_fixture": ("test_error", ""),
    "test_fixture_of_its_own": ("test_error", ""),
    "test_none": ("test_error", ""),
    "TestCart::test_without_self": ("test_error", ""),
}


def test_every_failure_of_pytest_has_its_kind() -> None:
    probed = run(PROJECT)

    assert kinds(probed) == {f"tests/test_cart.py::{name}": kind for name, kind in EXPECTED.items()}
    assert by_id(probed)["tests/test_cart.py::test_passes"].outcome == "passed"
    assert by_id(probed)["tests/test_cart.py::test_skipped"].outcome == "skipped"
    assert by_id(probed)["tests/test_cart.py::test_expected"].outcome == "skipped"
    assert by_id(probed)["tests/test_cart.py::test_said"].message.startswith(
        "AssertionError: empty carts cost nothing"
    )
    assert (probed.exit_code, probed.failure, probed.is_stable) == (1, None, True)
    assert not probed.passed


CODE = {"shop/__init__.py": "", "shop/cart.py": "def total(items):\n    return sum(items)\n"}
GREEN = "from shop.cart import total\n\ndef test_empty():\n    assert total([]) == 0\n"


@pytest.mark.parametrize("environment", [{}, ENVIRONMENT], ids=["all plugins", "no plugins"])
def test_a_green_run_passes(environment: dict[str, str]) -> None:
    probed = run({**CODE, "tests/test_cart.py": GREEN}, environment=environment)

    assert probed.passed
    assert probed.is_stable
    assert [test.id for test in probed.tests] == ["tests/test_cart.py::test_empty"]


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (
            {"tests/test_new.py": "from shop.coupons import x\n"},
            {"tests/test_new.py": ("missing_name", "shop.coupons")},
        ),
        (
            {"tests/test_new.py": "from shop.cart import coupon\n"},
            {"tests/test_new.py": ("missing_name", "shop.cart.coupon")},
        ),
        (
            {"tests/test_new.py": "def test(:\n"},
            {"tests/test_new.py": ("test_error", "")},
        ),
        (
            {"tests/test_new.py": "1 / 0\n"},
            {"tests/test_new.py": ("test_error", "")},
        ),
        (
            {"tests/test_new.py": "import shop.bad\n", "shop/bad.py": "def bad(:\n"},
            {"tests/test_new.py": ("collection_error", "")},
        ),
        (
            {"tests/test_new.py": "import shop.bad\n", "shop/bad.py": "1 / 0\n"},
            {"tests/test_new.py": ("collection_error", "")},
        ),
        (
            {"tests/conftest.py": "import shop.coupons\n"},
            {"tests/conftest.py": ("missing_name", "shop.coupons")},
        ),
        (
            {"tests/conftest.py": "import shop.bad\n", "shop/bad.py": "def bad(:\n"},
            {"tests/conftest.py": ("collection_error", "")},
        ),
    ],
    ids=[
        "no module",
        "no name",
        "no program",
        "own mistake",
        "bad code",
        "crash",
        "conftest",
        "conftest of bad code",
    ],
)
def test_a_file_that_cannot_be_loaded_is_a_failed_test_of_its_name(
    files: dict[str, str], expected: dict[str, tuple[str, str]]
) -> None:
    probed = run({**CODE, "tests/test_cart.py": GREEN, **files})

    assert kinds(probed) == expected
    assert probed.failure is None
    assert not probed.passed


@pytest.mark.parametrize(
    ("command", "failure", "exit_code"),
    [
        ("python -m pytest -q --no-such-option", "usage", 4),
        ("python -m pytest tests/test_nowhere.py", "usage", 4),
        ("python -m pytest -k nothing_has_this_name", "no_tests", 5),
        ("python -I -S -m pytest", "no_runner", 1),
        (".venv/bin/pytest", "no_runner", 127),
        ("python -m pytest -q | tail -1", "usage", None),
        ("python -m pytest || true", "usage", None),
        ("python check.py", "usage", None),
        ("npm test", "usage", None),
        ("python -m pytest 'tests", "usage", None),
        ("cd .. && pytest", "usage", None),
        ("", "usage", None),
    ],
)
def test_a_run_without_tests_says_why(command: str, failure: str, exit_code: int | None) -> None:
    probed = run({**CODE, "tests/test_cart.py": GREEN}, command)

    assert (probed.failure, probed.exit_code, probed.tests) == (failure, exit_code, ())
    assert probed.output
    assert not probed.passed


@pytest.mark.parametrize(
    ("command", "files"),
    [
        ("pytest", {}),
        ("PYTHONPATH=. pytest tests/test_*.py", {}),
        ("python -X dev -m pytest -q --tb=no --junitxml=theirs.xml", {}),
        ("python -m pytest --lf -- tests", {}),
        ("make test", {"Makefile": "PY ?= python\n\ntest:\n\t@$(PY) -m pytest -q\n"}),
        ("make -s test", {"Makefile": "test: ## run\n\tpython -m pytest\n\nlint:\n\truff .\n"}),
        ("npm run check -- -q", {"package.json": '{"scripts": {"check": "pytest"}}'}),
    ],
)
def test_the_users_own_words_are_kept(command: str, files: dict[str, str]) -> None:
    probed = run({**CODE, "conftest.py": "", "tests/test_cart.py": GREEN, **files}, command)

    assert list(by_id(probed)) == ["tests/test_cart.py::test_empty"]
    assert probed.passed


@pytest.mark.parametrize(
    "command", ["cd packages/a && python -m pytest", "cd packages && pytest a"]
)
def test_ids_are_paths_of_the_workspace(command: str) -> None:
    files = {
        "packages/a/pyproject.toml": "[tool.pytest.ini_options]\naddopts = '-q'\n",
        "packages/a/tests/test_a.py": "class TestA:\n    def test_it(self): assert 1\n",
    }

    assert list(by_id(run(files, command))) == ["packages/a/tests/test_a.py::TestA::test_it"]


def test_an_inherited_test_lies_where_it_is_collected() -> None:
    files = {
        "tests/contract.py": "class Contract:\n    def test_it(self): assert self.size\n",
        "tests/test_a.py": "from contract import Contract\n\nclass TestA(Contract): size = 0\n",
    }

    assert kinds(run(files)) == {"tests/test_a.py::TestA::test_it": ("assertion", "")}


UNIT = """\
import unittest

from shop.cart import total


class TestTotal(unittest.TestCase):
    def test_empty(self): self.assertEqual(total([]), 0)
    def test_wrong(self): self.assertEqual(total([]), 1)
    def test_code(self): total([None])
    def test_keyword(self): total([], rate=1)
    def test_own(self): nobody_has_this
    @unittest.skip("later")
    def test_later(self): pass
    def test_parts(self):
        for size in (0, 1):
            with self.subTest(size=size): self.assertEqual(total([]), size)
"""


def test_unittest_is_read_as_well() -> None:
    files = {
        **CODE,
        "tests/__init__.py": "",
        "tests/test_unit.py": UNIT,
        "tests/test_new.py": "import shop.coupons\n",
        "tests/test_bad.py": "def test(:\n",
    }
    probed = run(files, "python -m unittest discover -s tests -t .")

    group = "tests/test_unit.py::TestTotal"
    assert kinds(probed) == {
        f"{group}::test_wrong": ("assertion", ""),
        f"{group}::test_code": ("code_error", ""),
        f"{group}::test_keyword": ("missing_name", "total.rate"),
        f"{group}::test_own": ("test_error", ""),
        f"{group}::test_parts": ("assertion", ""),
        "tests/test_new.py": ("missing_name", "shop.coupons"),
        "tests/test_bad.py": ("test_error", ""),
    }
    assert by_id(probed)[f"{group}::test_empty"].outcome == "passed"
    assert by_id(probed)[f"{group}::test_later"].outcome == "skipped"


def test_unittest_without_tests_is_no_pass() -> None:
    assert run(CODE, "python -m unittest").failure == "no_tests"
