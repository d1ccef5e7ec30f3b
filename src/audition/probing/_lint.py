"""Linters: how each is asked for what it finds, and how that is read.

Ruff, ESLint and Biome write JSON. Of all others the lines are read that begin with a place; a
program that is not known is judged by its exit code, and what it prints is the finding.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from audition.outcome import LintFinding
from audition.probing._files import decoded, items, mapping, number, text
from audition.probing._invocation import Invocation
from audition.probing._scene import Scene

MOST_FINDINGS = 5000
_COLOURS = re.compile(r"\x1b\[[\d;]*m")
_PLACE = re.compile(r"([^\s:(][^:(\n]*?)(?::(\d+)(?::\d+)?|\((\d+),\d+\)): ?(\S.*)")
_ARROW = re.compile(r" *--> ([^:\n]+):(\d+)(?::\d+)?$")
_WOULD = re.compile(r"(?:W|w)ould (?:reformat|be reformatted):? ([^\s:]+)$")
_CODE = re.compile(r"(TS\d+|[A-Z]{1,4}\d{2,5})\b:?\s*")
_NAMED = re.compile(r"[\[(]([a-z][\w/-]{1,80})[\])]$")
_NUMBER = re.compile(r"\d+")


@dataclass(frozen=True, kw_only=True)
class Linter:
    """A program that finds things in files, and how it is made to tell them."""

    programs: frozenset[str]
    asks: Callable[[Invocation, str], str]
    """The command for a shell, that may also write a report to this file."""
    reads: Callable[[bytes, Scene], list[LintFinding]]
    """Raises ValueError for what is no report."""
    writes: bool = False
    """Whether it writes the report to the file, not to its standard output."""
    takes: Callable[[Invocation], bool] = lambda _: True


def linter_of(invocation: Invocation) -> Linter | None:
    """How its findings can be read; None for a program that is only known by its exit code."""
    return next(
        (one for one in LINTERS if invocation.program in one.programs and one.takes(invocation)),
        None,
    )


def lines_of(output: str) -> list[LintFinding]:
    """What an unknown program prints, without numbers: they change when other lines do."""
    lines = dict.fromkeys(
        _NUMBER.sub("N", line.strip()) for line in _COLOURS.sub("", output).splitlines()
    )
    return [LintFinding(path="", rule="", message=text(line, 500)) for line in lines if line][
        :MOST_FINDINGS
    ]


def _ask_ruff(invocation: Invocation, report: str) -> str:
    invocation = invocation.without("--output-format", "--output-file", "-o")
    return invocation.text(last=("--output-format=json", f"--output-file={report}", "--no-cache"))


def _read_ruff(content: bytes, scene: Scene) -> list[LintFinding]:
    return [
        LintFinding(
            path=_path(one.get("filename"), scene),
            rule=text(one.get("code")) or "syntax",
            message=text(one.get("message"), 500),
            line=number(mapping(one.get("location")).get("row")),
        )
        for one in _objects(decoded(content))
    ]


def _ask_eslint(invocation: Invocation, report: str) -> str:
    invocation = invocation.without("--format", "-f", "--output-file", "-o")
    return invocation.text(last=("--format", "json", "--output-file", report))


def _read_eslint(content: bytes, scene: Scene) -> list[LintFinding]:
    return [
        LintFinding(
            path=_path(file.get("filePath"), scene),
            rule=text(one.get("ruleId")) or "syntax",
            message=text(one.get("message"), 500),
            line=number(one.get("line")),
        )
        for file in _objects(decoded(content))
        for one in map(mapping, items(file.get("messages")))
    ]


def _ask_biome(invocation: Invocation, _: str) -> str:
    invocation = invocation.without("--reporter", "--colors", "--max-diagnostics")
    return invocation.text(last=("--reporter=json", "--colors=off", "--max-diagnostics=none"))


def _read_biome(content: bytes, scene: Scene) -> list[LintFinding]:
    return [
        LintFinding(
            path=_path(place.get("path"), scene),
            rule=text(one.get("category")),
            message=text(one.get("message"), 500),
            line=number(mapping(place.get("start")).get("line")),
        )
        for one in _objects(mapping(decoded(content)).get("diagnostics"))
        for place in [mapping(one.get("location"))]
    ]


def _objects(value: Any) -> list[dict[str, Any]]:
    if not isinstance(value, list):
        raise ValueError("the report is no list")
    return [mapping(one) for one in value[:MOST_FINDINGS]]


def _asks(*words: str) -> Callable[[Invocation, str], str]:
    return lambda invocation, _: invocation.text(last=words)


def _read_lines(content: bytes, scene: Scene) -> list[LintFinding]:
    output = _COLOURS.sub("", content.decode(errors="replace"))
    return list(_findings(output.splitlines(), scene))[:MOST_FINDINGS]


def _findings(lines: list[str], scene: Scene) -> Iterator[LintFinding]:
    before = ""
    for line in (line[:2000] for line in lines):
        arrow, would, place = _ARROW.match(line), _WOULD.match(line), _PLACE.match(line)
        if arrow:
            rule, _, message = before.partition(": ")
            yield LintFinding(_path(arrow[1], scene), rule, text(message, 500), int(arrow[2]))
        elif would:
            yield LintFinding(_path(would[1], scene), "format", "would be reformatted")
        elif place and not place[4].startswith("note:"):
            yield _of_a_line(place, scene)
        before = line.strip()


def _of_a_line(place: re.Match[str], scene: Scene) -> LintFinding:
    said = place[4].removeprefix("error ").removeprefix("error: ").removeprefix("warning: ").strip()
    code, named = _CODE.match(said), _NAMED.search(said)
    message = said[code.end() if code else 0 : named.start() if named else None].strip()
    line = (place[2] or place[3])[:9]
    return LintFinding(
        path=_path(place[1], scene),
        rule=code[1] if code else named[1] if named else "",
        message=text(message or said, 500),
        line=int(line),
    )


def _path(name: Any, scene: Scene) -> str:
    """Relative to the workspace; a name that leads nowhere stays as the linter has it."""
    given = text(name, 1000)
    return scene.path(given) or given.removeprefix(f"{scene.workspace}/")


LINTERS = (
    Linter(
        programs=frozenset({"ruff"}),
        asks=_ask_ruff,
        reads=_read_ruff,
        writes=True,
        takes=lambda invocation: invocation.values[:1] == ["check"],
    ),
    Linter(programs=frozenset({"ruff"}), asks=_asks("--no-cache"), reads=_read_lines),
    Linter(programs=frozenset({"eslint"}), asks=_ask_eslint, reads=_read_eslint, writes=True),
    Linter(programs=frozenset({"biome"}), asks=_ask_biome, reads=_read_biome),
    Linter(
        programs=frozenset({"mypy"}),
        asks=_asks("--cache-dir=/dev/null", "--no-color-output"),
        reads=_read_lines,
    ),
    Linter(programs=frozenset({"tsc"}), asks=_asks("--pretty", "false"), reads=_read_lines),
    Linter(
        programs=frozenset({"flake8", "pylint", "pyflakes", "pycodestyle", "black", "isort"}),
        asks=_asks(),
        reads=_read_lines,
    ),
)
"""The first that fits is taken."""
