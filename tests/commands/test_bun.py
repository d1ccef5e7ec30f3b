"""Bun's own test runner."""

from tests.commands.recognising import ran, the_one


def test_its_exit_code_is_all_that_tells() -> None:
    assert the_one("bun test", 0, " 3 pass\n 0 fail\n").outcome == "passed"
    assert the_one("bun test", 1, "").outcome == "failed"
    assert the_one("bun test | cat", 0, " 3 pass\n 0 fail\n").outcome == "unknown"


def test_a_path_or_a_pattern_narrows_it() -> None:
    assert the_one("bun test").whole
    assert not the_one("bun test cart").whole
    assert not the_one("bun test -t adds").whole


def test_its_other_commands_are_no_test_runs() -> None:
    assert [found.role for found in ran("bun install; bun index.ts")] == ["build", "other"]
