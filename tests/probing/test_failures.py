"""Kinds of failures, from the words of many languages."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audition.probing._failures import Trouble, failure, missing_name
from audition.probing._lint import LINTERS, lines_of
from audition.probing._python import short_traceback, traceback
from audition.probing._scene import Scene
from audition.probing._stack import trouble as stack
from audition.project import DEFAULT_PROJECT


@pytest.mark.parametrize(
    ("error", "name"),
    [
        ("ModuleNotFoundError: No module named 'shop.cart'; 'shop' is not a package", "shop.cart"),
        ("ImportError: cannot import name 'a' from 'shop' (/sandbox/shop/__init__.py)", "shop.a"),
        ("AttributeError: module 'shop' has no attribute 'a'. Did you mean: 'b'?", "shop.a"),
        ("AttributeError: type object 'Cart' has no attribute 'of'", "Cart.of"),
        ("AttributeError: 'Cart' object has no attribute 'add'", "Cart.add"),
        ("AttributeError: <module 'shop.cart' from 'x'> does not have the attribute 'a'",
         "shop.cart.a"),
        ("TypeError: Cart.__init__() got an unexpected keyword argument 'a'", "Cart.__init__.a"),
        ("TypeError: total() missing 1 required positional argument: 'rate'", "total"),
        ("TypeError: Cart() takes no arguments", "Cart"),
        ("TypeError: 'Cart' object is not iterable", "Cart"),
        ("TypeError: 'Cart' object does not support the context manager protocol", "Cart"),
        ("TypeError: unsupported operand type(s) for +: 'Money' and 'Money'", "Money"),
        ("TypeError: '<' not supported between instances of 'Money' and 'Money'", "Money"),
        ("SyntaxError: Named export 'a' not found. The requested module './b.cjs' is a CommonJS",
         "./b.cjs#a"),
        ("Error [ERR_MODULE_NOT_FOUND]: Cannot find package 'left-pad' imported from a.js",
         "left-pad"),
        ("Error: Cannot find module './cart'\nRequire stack:", "./cart"),
        ('Error: Failed to resolve import "./cart" from "tests/a.test.ts".', "./cart"),
        ("TypeError: cart_1.total is not a function", "cart_1.total"),
        ("TypeError: (0 , __vite_ssr_import_1__.total) is not a function",
         "__vite_ssr_import_1__.total"),
        ("TypeError: cart.Basket is not a constructor", "cart.Basket"),
        ("TypeError: (intermediate value).add is not a function", "add"),
        ("tests/a.test.ts:1:10 - error TS2305: Module '\"../src/cart\"' has no exported member"
         " 'discount'.", "../src/cart#discount"),
        ("src/a.ts(1,9): error TS2307: Cannot find module './b' or its types.", "./b"),
        ("error TS2339: Property 'add' does not exist on type 'Cart'.", "Cart.add"),
    ],
)  # fmt: skip
def test_a_name_that_is_not_there_is_told(error: str, name: str) -> None:
    assert missing_name(error) == name
    assert failure(Trouble(error=error), DEFAULT_PROJECT.role) == ("missing_name", name)


@pytest.mark.parametrize(
    "error",
    [
        "AttributeError: 'NoneType' object has no attribute 'price'",
        "AttributeError: 'int' object has no attribute 'price'",
        "TypeError: 'NoneType' object is not subscriptable",
        "TypeError: unsupported operand type(s) for +: 'int' and 'str'",
        "TypeError: TestCart.test_it() takes 0 positional arguments but 1 was given",
        "TypeError: undefined is not a function",
        "TypeError: Cannot read properties of undefined (reading 'price')",
        "ValueError: No module named 'shop'",
        "KeyError: 'total'",
    ],
)
def test_other_errors_name_nothing(error: str) -> None:
    test, code = "tests/test_a.py", "shop/cart.py"

    assert missing_name(error) == ""
    assert failure(Trouble(error=error, frames=(test, code)), DEFAULT_PROJECT.role) == (
        "test_error",
        "",
    )
    assert failure(Trouble(error=error, frames=(code, test)), DEFAULT_PROJECT.role) == (
        "code_error",
        "",
    )
    assert failure(Trouble(error=error), DEFAULT_PROJECT.role) == ("test_error", "")


@pytest.mark.parametrize(
    "error",
    ["NameError: name 'nobody' is not defined", "ReferenceError: nobody is not defined"],
)
def test_an_unknown_name_is_the_mistake_of_a_test_and_is_missing_in_code(error: str) -> None:
    role = DEFAULT_PROJECT.role

    assert failure(Trouble(error=error, frames=("test/a.test.js",)), role)[0] == "test_error"
    in_code = Trouble(error=error, frames=("shop/a.py",))
    assert failure(in_code, role) == ("missing_name", "nobody")


def test_files_that_are_neither_tell_nothing() -> None:
    trouble = Trouble(error="ValueError", frames=("notes.txt", "shop/a.py", "tests/test_a.py"))

    assert failure(trouble, DEFAULT_PROJECT.role) == ("code_error", "")


PIECES = (
    "TypeError: ", "Error: ", "AttributeError: '", "error TS2305: Module '", "'", "(", ")", "Cart",
    " object has no attribute '", " is not a function", "() takes ", "unsupported operand", "\n",
    " ",    "    at (", ":1", "a.py:1: in ",
    "E   ", '  File "a", line 1\n', "SyntaxError: ", "[a", "\x1b[",
)  # fmt: skip
SCENE = Scene(workspace="/sandbox", home="/user", cwd="", tree={}, project=DEFAULT_PROJECT)


@given(st.lists(st.sampled_from(PIECES), max_size=40).map("".join) | st.text())
def test_any_text_has_a_kind(said: str) -> None:
    for trouble in (short_traceback(said, SCENE), traceback(said, SCENE), stack(said, SCENE)):
        kind, name = failure(trouble, DEFAULT_PROJECT.role)

        assert bool(name) == (kind == "missing_name")


@pytest.mark.parametrize("piece", PIECES)
def test_long_texts_take_no_time(piece: str) -> None:
    """As long as a report may make the text of one test; a hostile one can hold thousands."""
    began = time.process_time()
    for said in (piece * 20_000, f"TypeError: {piece * 20_000}", f"a.py:1: {piece * 20_000}"):
        failure(Trouble(error=said), DEFAULT_PROJECT.role)
        short_traceback(said[:40_000], SCENE)
        traceback(said[:40_000], SCENE)
        stack(said[:8000], SCENE)
        lines_of(said[:40_000])
        LINTERS[-1].reads(said[:40_000].encode(), SCENE)

    assert time.process_time() - began < 0.5
