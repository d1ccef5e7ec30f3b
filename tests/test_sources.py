"""Sources are read, never run, whatever bytes they hold."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audition import sources
from audition.sources import LARGEST, assertions_of, code_lines, skipped_tests

PYTHON = b'''"""Tests of the cart."""

import pytest  # the runner


class TestCart:
    """A cart."""

    def test_total(self):
        # an empty cart
        assert Cart().total() == 0

    @pytest.mark.parametrize("count", [1, 2])
    async def test_count(self, count):
        with pytest.raises(ValueError):
            Cart().add(-count)

    @pytest.mark.skip(reason="later")
    def test_later(self):
        assert False


class CartTestCase(unittest.TestCase):
    def test_equal(self):
        self.assertEqual(1, 1)


def helper():
    return 3


if True:
    def test_conditional():
        pytest.skip("not today")
'''

SCRIPT = b"""
import { test, describe, it } from 'vitest';
describe('cart', () => {
  beforeEach(() => {});
  it('is empty', () => { expect(total([])).toBe(0); });
  it.each([[1, 2]])('adds %i', async (a) => { expect(await f(a)).not.toBe(2); });
  describe("deep", () => { test.skip(`later`, () => { expect(1).to.be.ok; }); });
  it.todo('rounds');
  xit('never', () => {});
});
test('node', { skip: true }, () => {});
test('options', { skip: false }, (t) => { t.assert.equal(1, 1); assert(x); });
test('gives up', (t) => { t.skip(); });
test('twice', () => {});
test('twice', () => {});
"""


def test_python_tests_have_the_names_that_their_runner_gives() -> None:
    assert list(sources.tests_of("tests/test_cart.py", PYTHON)) == [
        "TestCart::test_total",
        "TestCart::test_count",
        "TestCart::test_later",
        "CartTestCase::test_equal",
        "test_conditional",
    ]


def test_script_tests_have_their_suites_before_their_title() -> None:
    assert list(sources.tests_of("cart.test.ts", SCRIPT)) == [
        "cart > is empty",
        "cart > adds %i",
        "cart > deep > later",
        "cart > rounds",
        "cart > never",
        "node",
        "options",
        "gives up",
        "twice",
        "twice #2",
    ]


def test_marks_skips_and_calls_take_tests_out() -> None:
    assert skipped_tests("t.py", PYTHON) == {"TestCart::test_later", "test_conditional"}
    assert skipped_tests("t.test.js", SCRIPT) == {
        "cart > deep > later",
        "cart > rounds",
        "cart > never",
        "node",
        "gives up",
    }


@pytest.mark.parametrize(
    "text",
    [
        "pytestmark = pytest.mark.skip\ndef test_a(): assert 1",
        "pytestmark = [pytest.mark.xfail(strict=True)]\ndef test_a(): assert 1",
        "pytest.skip('no', allow_module_level=True)\ndef test_a(): assert 1",
        "@unittest.skipIf(True, 'x')\ndef test_a(): assert 1",
        "@pytest.mark.parametrize('a', [pytest.param(1, marks=pytest.mark.xfail)])\n"
        "def test_a(a): assert 1",
        "def test_a(self):\n    self.skipTest('x')",
        "def test_a():\n    raise unittest.SkipTest('x')",
        "__test__ = False\ndef test_a(): assert 1",
    ],
)
def test_every_way_to_skip_in_python_is_seen(text: str) -> None:
    assert skipped_tests("test_a.py", text.encode()) == {"test_a"}


def test_only_shuts_the_others_out() -> None:
    text = b"describe.only('a', () => { it('b', f) }); it('c', f); it.only('d', f)"

    assert skipped_tests("a.spec.js", text) == {"c"}


def test_a_condition_inside_a_test_is_no_skip() -> None:
    text = b"def test_a():\n    if windows:\n        pytest.skip('x')\n    assert 1\n"

    assert skipped_tests("test_a.py", text) == set()


def test_assertions_are_read_in_order_without_layout() -> None:
    assert assertions_of("t.py", PYTHON) == (
        "assert Cart().total() == 0",
        "pytest.raises(ValueError)",
        "assert False",
        "self.assertEqual(1, 1)",
    )
    assert assertions_of("t.js", SCRIPT) == (
        "expect(total([])).toBe(0)",
        "expect(await f(a)).not.toBe(2)",
        "expect(1).to.be.ok",
        "t.assert.equal(1,1)",
        "assert(x)",
    )


@pytest.mark.parametrize(
    ("path", "one", "other"),
    [
        ("a.py", b"def test_a():\n  assert 1 # x\n", b"def test_a():\n\n    assert  1\n"),
        ("a.ts", b"it('a', () => { f(1, 2,) });", b'it("a",\n  // why\n  () => { f(1, 2); })'),
    ],
)
def test_comments_and_layout_do_not_change_a_digest(path: str, one: bytes, other: bytes) -> None:
    assert sources.tests_of(path, one) == sources.tests_of(path, other) != {}


@pytest.mark.parametrize(
    ("path", "one", "other"),
    [
        ("a.py", b"def test_a():\n  assert 1\n", b"def test_a():\n  assert 2\n"),
        ("a.py", b"@p([1])\ndef test_a(): f()\n", b"@p([2])\ndef test_a(): f()\n"),
        ("a.js", b"it('a', () => { f(1) })", b"it('a', () => { f(2) })"),
        ("a.js", b"it.each([1])('a', f)", b"it.each([2])('a', f)"),
        ("a.js", b"it('a', () => { typeof x })", b"it('a', () => { typeofx })"),
    ],
)
def test_what_a_test_does_changes_its_digest(path: str, one: bytes, other: bytes) -> None:
    assert sources.tests_of(path, one) != sources.tests_of(path, other)
    assert sources.tests_of(path, one).keys() == sources.tests_of(path, other).keys()


def test_lines_of_code_are_those_that_do_something() -> None:
    text = b'''
"""What it is for."""
import os  # never used


class Cart:
    """Things.

    More of them.
    """

    def total(self):
        return "# no comment"  # a comment

    @property
    def later(
        self,
    ):
        """To come."""
        raise NotImplementedError("later")

    def nothing(self): ...


class NotFoundError(Exception):
    """Whole as it is."""


class Draft:
    def a(self):
        pass
'''

    assert code_lines("cart.py", text) == (
        "import os",
        "class Cart:",
        "def total(self):",
        'return "# no comment"',
        "class NotFoundError(Exception):",
    )


def test_lines_of_script_are_those_that_do_something() -> None:
    text = b"""
// The cart.
export function total(rows: Row[]): number;
export function total(rows: Row[]): number {
  throw new Error("Not implemented");
}
export const later = (): void => {};
export class Draft { add() {} /* to come */ remove() { throw new Error('TODO'); } }
export class Cart {
  constructor(private rows: Row[]) {}
  add(row: Row) { this.rows.push(row); } // grows
  clear() {}
}
run(() => {});
const url = "http://x";
"""

    assert code_lines("cart.ts", text) == (
        "export class Cart {",
        "constructor(private rows: Row[]) {}",
        "add(row: Row) { this.rows.push(row); }",
        "run(() => {});",
        'const url = "http://x";',
    )


def test_a_python_file_that_does_not_parse_is_read_by_its_lines() -> None:
    broken = PYTHON.replace(b"return 3", b"return (3")

    assert list(sources.tests_of("t.py", broken))[:3] == list(sources.tests_of("t.py", PYTHON))[:3]
    assert skipped_tests("t.py", broken) == {"TestCart::test_later"}
    assert "assert Cart().total() == 0" in assertions_of("t.py", broken)
    assert "return (3" in code_lines("t.py", broken)
    assert "# an empty cart" not in code_lines("t.py", broken)


def test_a_script_that_does_not_parse_is_read_as_far_as_it_can_be() -> None:
    assert "cart > is empty" in sources.tests_of("a.test.ts", SCRIPT + b"\nconst x = (;\n")


@pytest.mark.parametrize("path", ["README.md", "cart.rb", "Makefile", "test_py"])
def test_other_files_hold_nothing(path: str) -> None:
    assert sources.tests_of(path, PYTHON) == {}
    assert code_lines(path, PYTHON) == ()


def test_a_file_that_is_too_large_holds_nothing() -> None:
    assert code_lines("a.py", b"x = 1\n" * (LARGEST // 6 + 1)) == ()
    assert code_lines("a.py", b"x = 1\n") == ("x = 1",)


# ── Hostile files ────────────────────────────────────────────────────────────────────────────────

PATHS = st.sampled_from(["a.py", "a.js", "a.jsx", "a.ts", "a.tsx"])
REAL = [PYTHON, SCRIPT, Path(__file__).read_bytes()]


def read_all(path: str, content: bytes) -> None:
    names = sources.tests_of(path, content).keys()

    assert skipped_tests(path, content) <= names
    assert all(assertions_of(path, content))
    for line in code_lines(path, content):
        assert line == line.strip() != ""


@given(PATHS, st.binary(max_size=300))
def test_random_bytes_are_read(path: str, content: bytes) -> None:
    read_all(path, content)


@given(PATHS, st.lists(st.sampled_from(
    ["test", "it", "(", ")", "=>", "{", "}", "'a'", ",", "def ", "class ", ":", "\n", "  ", "@skip",
     "assert ", ".", "expect", "skip", "only", "#", "//", '"""', "`", "${", "\0", "\\", "é", "\f"]
), max_size=60))  # fmt: skip
def test_random_words_of_the_languages_are_read(path: str, words: list[str]) -> None:
    read_all(path, "".join(words).encode())


@settings(max_examples=60)
@given(PATHS, st.sampled_from(REAL), st.data())
def test_mutilated_files_are_read(path: str, content: bytes, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(content)))
    end = data.draw(st.integers(start, min(len(content), start + 200)))
    read_all(path, content[:start] + data.draw(st.binary(max_size=5)) + content[end:])


@pytest.mark.parametrize(
    "unit",
    [b"(", b"a.", b"[1,", b'test("a",()=>{', b"def test_a():\n", b"`${", b"<a>", b"1+", b"if x:\n ",
     b'it("",f);', b"a(b)", b" ", b"'", b'"""', b"@skip\n", b"\x00", b"class A { m() {"],
)  # fmt: skip
@pytest.mark.parametrize("path", ["a.py", "a.tsx"])
def test_long_and_deep_files_are_read_in_time(path: str, unit: bytes) -> None:
    read_all(path, unit * (100_000 // len(unit)) + b"x")
