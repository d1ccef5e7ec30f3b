"""Shorthand for tests: what a call ran, as plain tuples."""

from collections.abc import Mapping

from audition.commands import Ran, recognise

NO_FILES: Mapping[str, str] = {}


def ran(
    text: str,
    code: int | None = 0,
    output: str = "",
    *,
    files: Mapping[str, str] = NO_FILES,
    timed_out: bool = False,
) -> tuple[Ran, ...]:
    """The commands of a call."""
    return recognise(text, exit_code=code, output=output, files=files.get, timed_out=timed_out)


def the_one(
    text: str,
    code: int | None = 0,
    output: str = "",
    *,
    files: Mapping[str, str] = NO_FILES,
    timed_out: bool = False,
) -> Ran:
    """The one test or lint run of a call."""
    found = ran(text, code, output, files=files, timed_out=timed_out)
    judging = [command for command in found if command.role in ("test", "lint")]

    assert len(judging) == 1, found
    return judging[0]
