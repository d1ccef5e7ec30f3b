"""Python sources that do not parse, by their lines: coarse, and only as right as layout tells."""

import re
from collections.abc import Iterator, Sequence

from audition.sources.reading import Reading, source_digest

_TEST = re.compile(r"(\s*)(?:async\s+)?def\s+(test\w*)")
_CLASS = re.compile(r"(\s*)class\s+(\w+)")
_ASSERTION = re.compile(
    r"\s*(?:assert\b|self\.assert\w+\(|(?:async\s+)?with\s+(?:pytest\.)?raises\()"
)
_MARK = re.compile(r"\s*@.*\b(?:skip|skipif|skipIf|skipUnless|xfail|expectedFailure)\b")
_SILENT = re.compile(r"#|(?:pass|\.\.\.|raise NotImplementedError(?:\(.*\))?)$")
_FENCE = re.compile(r"\"{3}|'{3}")
_WORD = re.compile(r"\w")


def read(text: str) -> Reading:
    """What the lines of a broken Python file tell."""
    lines = [line for line in text.split("\n") if line.strip()]
    tests = {name: (start, end) for name, start, end in _tests(lines)}
    return Reading(
        tests={
            name: source_digest("\n".join(_code(lines[start:end])))
            for name, (start, end) in tests.items()
        },
        assertions=tuple(line.strip() for line in lines if _ASSERTION.match(line)),
        skipped=frozenset(name for name, (start, _) in tests.items() if _is_marked(lines, start)),
        lines=_code(lines),
    )


def _tests(lines: Sequence[str]) -> Iterator[tuple[str, int, int]]:
    """Name, first line and end of every test; a class names those that stand deeper than itself."""
    classes: list[tuple[int, str]] = []
    for number, line in enumerate(lines):
        if found := _CLASS.match(line):
            classes = [entry for entry in classes if entry[0] < len(found[1])][:20]
            classes.append((len(found[1]), found[2]))
        elif found := _TEST.match(line):
            indent = len(found[1])
            owners = [name for depth, name in classes if depth < indent]
            yield "::".join([*owners, found[2]]), number, _end(lines, number, indent)


def _end(lines: Sequence[str], start: int, indent: int) -> int:
    for number in range(start + 1, len(lines)):
        line = lines[number]
        if line.strip() and len(line) - len(line.lstrip()) <= indent:
            return number
    return len(lines)


def _is_marked(lines: Sequence[str], start: int) -> bool:
    number = start - 1
    while number >= 0 and lines[number].lstrip().startswith("@"):
        if _MARK.match(lines[number]):
            return True
        number -= 1
    return False


def _code(lines: Sequence[str]) -> tuple[str, ...]:
    code = []
    is_quoted = False
    for line in lines:
        stripped = line.strip()
        fences = len(_FENCE.findall(stripped))
        if not is_quoted and not fences and not _SILENT.match(stripped) and _WORD.search(line):
            code.append(stripped)
        is_quoted ^= fences % 2 == 1
    return tuple(code)
