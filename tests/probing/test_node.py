"""Real runs of Node's own runner in small projects."""

import pytest

from tests.probing.trying import by_id, kinds, run

CART = """\
export function total(items) { return items.reduce((sum, item) => sum + item.price, 0); }
export class Cart {}
"""
TESTS = """\
import { describe, it, test } from 'node:test';
import assert from 'node:assert/strict';
import * as cart from '../src/cart.js';
import { total } from '../src/cart.js';

test('passes', () => { assert.equal(total([]), 0); });
test('wrong', () => { assert.equal(total([]), 1); });
test('not thrown', () => { assert.throws(() => total([])); });
test('in the code', () => { total(null); });
test('no function', () => { cart.discount([]); });
test('no method', () => { new cart.Cart().add(1); });
test('no module', async () => { await import('../src/coupons.js'); });
test('own mistake', () => { nobodyHasThis(); });
test('own null', () => { null.price; });
test('thrown text', () => { throw 'text'; });
test('slow', { timeout: 50 }, async () => {
  await new Promise((done) => setTimeout(done, 500));
});
test('skipped', { skip: true }, () => {});
test('to do', { todo: true }, () => { assert.ok(false); });
describe('group', () => {
  it('deep', () => { assert.ok(false); });
  it('green', () => {});
});
describe('green group', () => { it('green', () => {}); });
test('parent', async (t) => { await t.test('child', () => { total(null); }); });
"""
PROJECT = {"package.json": '{"type": "module"}', "src/cart.js": CART}
COMMAND = "node --test"


def test_every_failure_of_node_has_its_kind() -> None:
    probed = run({**PROJECT, "test/cart.test.js": TESTS}, COMMAND)

    assert kinds(probed) == {
        f"test/cart.test.js::{name}": kind
        for name, kind in {
            "wrong": ("assertion", ""),
            "not thrown": ("assertion", ""),
            "group::deep": ("assertion", ""),
            "in the code": ("code_error", ""),
            "parent::child": ("code_error", ""),
            "no function": ("missing_name", "cart.discount"),
            "no method": ("missing_name", "add"),
            "no module": ("missing_name", "src/coupons.js"),
            "own mistake": ("test_error", ""),
            "own null": ("test_error", ""),
            "thrown text": ("test_error", ""),
            "slow": ("timeout", ""),
        }.items()
    }
    others = {test.id: test.outcome for test in probed.tests if test.outcome != "failed"}
    assert others == {
        "test/cart.test.js::passes": "passed",
        "test/cart.test.js::group::green": "passed",
        "test/cart.test.js::green group::green": "passed",
        "test/cart.test.js::skipped": "skipped",
        "test/cart.test.js::to do": "skipped",
    }
    assert (probed.exit_code, probed.failure, probed.is_stable) == (1, None, True)


GREEN = (
    "import { test } from 'node:test';\nimport { total } from '../src/cart.js';\n"
    "test('empty', () => { if (total([])) throw new Error(); });\n"
)


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (
            {"test/new.test.js": "import { discount } from '../src/cart.js';\n"},
            {"test/new.test.js": ("missing_name", "../src/cart.js#discount")},
        ),
        (
            {"test/new.test.js": "import { x } from '../src/coupons.js';\n"},
            {"test/new.test.js": ("missing_name", "src/coupons.js")},
        ),
        (
            {"test/new.test.cjs": "require('../src/coupons.cjs');\n"},
            {"test/new.test.cjs": ("missing_name", "../src/coupons.cjs")},
        ),
        ({"test/new.test.js": "let a = ;\n"}, {"test/new.test.js": ("test_error", "")}),
        (
            {"test/new.test.js": "import '../src/bad.js';\n", "src/bad.js": "let a = ;\n"},
            {"test/new.test.js": ("collection_error", "")},
        ),
        (
            {"test/new.test.js": "import '../src/bad.js';\n", "src/bad.js": "null.price;\n"},
            {"test/new.test.js": ("collection_error", "")},
        ),
    ],
    ids=["no export", "no module", "no old module", "no program", "bad code", "crash"],
)
def test_a_file_that_cannot_be_loaded_is_a_failed_test_of_its_name(
    files: dict[str, str], expected: dict[str, tuple[str, str]]
) -> None:
    probed = run({**PROJECT, "test/cart.test.js": GREEN, **files}, COMMAND)

    assert kinds(probed) == expected
    assert by_id(probed)["test/cart.test.js::empty"].outcome == "passed"


@pytest.mark.parametrize(
    "command",
    [
        "node --test",
        "node --test --test-reporter=spec --test-reporter-destination=stdout test/",
        "node --test test/*.test.js",
        "npm test",
        "npm run test -- --test-name-pattern=empty",
        "make test",
    ],
)
def test_the_users_own_words_are_kept(command: str) -> None:
    files = {
        "package.json": '{"type": "module", "scripts": {"test": "node --test"}}',
        "Makefile": "test:\n\tnpm test\n",
        "src/cart.js": CART,
        "test/cart.test.js": GREEN,
    }
    probed = run(files, command)

    assert list(by_id(probed)) == ["test/cart.test.js::empty"]
    assert probed.passed


@pytest.mark.parametrize(
    ("files", "command", "failure"),
    [
        ({"test/a.test.js": "process.exit(0);\n"}, COMMAND, "no_tests"),
        ({"test/a.test.js": "console.log('all good');\n"}, COMMAND, "no_tests"),
        ({"src/a.js": ""}, COMMAND, "no_tests"),
        ({"src/a.js": ""}, "node --test test/nowhere.test.js", "usage"),
        ({"src/a.js": ""}, "node --test --no-such-option", "usage"),
        ({"test/a.js": ""}, "node test/a.js", "usage"),
        ({"test/a.js": ""}, "npx --no-install vitest run", "no_runner"),
        ({"package.json": '{"scripts": {"test": "echo ok"}}'}, "npm test", "usage"),
        ({"package.json": '{"scripts": {"test": "npm test"}}'}, "npm test", "usage"),
        ({"package.json": '{"scripts": {"pretest": "x", "test": "jest"}}'}, "npm t", "usage"),
        ({"package.json": "[" * 100_000}, "npm test", "usage"),
    ],
)
def test_a_run_without_tests_says_why(files: dict[str, str], command: str, failure: str) -> None:
    probed = run(files, command)

    assert (probed.failure, probed.tests) == (failure, ())
    assert not probed.passed
    assert probed.is_stable
