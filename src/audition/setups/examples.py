"""The requests that a description quotes, in the three styles in use.

<example>user: "…" assistant: "…" <commentary>…</commentary></example>
- User: "…"
  Assistant: "…"
- Example 1: User: "…", or the quoted request alone
"""

import re
from collections.abc import Callable, Collection, Iterator
from itertools import islice, pairwise

from audition.setups.setup import Example

MAX_REQUEST = 4000
MAX_TEXT = 1 << 16
MAX_TURNS = 500
_QUOTES = {'"': '"', "'": "'", "“": "”", "‘": "’", "«": "»", "„": "“", "「": "」", "`": "`"}
_LABEL = re.compile(r"(?<![\w\"'“])(user|human|assistant|context|commentary)[*_]{0,2}\s*:", re.I)
_BLOCK = re.compile(r"<example>(.*?)(?:</example>|(?=<example>)|\Z)", re.I | re.S)
_NUMBERED = re.compile(
    r"(?:^|(?<=\s))[-*•]?[ \t]{0,8}[*_#]{0,3}\s?example\s{0,8}\d{1,4}\s?[*_]{0,2}[:.)]", re.I
)


Finder = Callable[[str], str | None]
"""Finds the first known agent to which a text clearly sends the work."""


def read_examples(
    description: str, own_name: str, named: Finder | None = None
) -> tuple[Example, ...]:
    """Every request quoted in a description, with the agent it is said to go to.

    Only the first `MAX_TEXT` characters are looked at, and `MAX_TURNS` turns of each example.

    Args:
        description: The routing text.
        own_name: The agent described: it takes an example that names no other one.
        named: Finds the agent that an example sends its request to; made once for a setup.
    """
    text = re.sub(r"\\{1,4}([\"'])", r"\1", description[:MAX_TEXT].replace("\\n", "\n"))
    named = named or finder({own_name})
    found: dict[Example, None] = {}
    for block, is_one in _blocks(text):
        asked = [(said, named(rest)) for said, rest in _requests(block)]
        if is_one:
            # A conversation of several turns: the request is the one that was handed over.
            asked = [pair for pair in asked if pair[1]][:1] or asked[-1:]
        for said, agent in asked:
            request = " ".join(said.split())[:MAX_REQUEST]
            if request:
                found[Example(request, agent or own_name)] = None
    return tuple(found)


def _blocks(text: str) -> Iterator[tuple[str, bool]]:
    """The parts of a text, and whether a part is one example or may hold any number."""
    yield from ((found[1], True) for found in _BLOCK.finditer(text))
    text = _BLOCK.sub("\n", text)
    starts = [found.start() for found in _NUMBERED.finditer(text)]
    for start, end in pairwise([*starts, len(text)]):
        yield text[start:end], True
    yield (text[: starts[0]] if starts else text), False


def _requests(block: str) -> list[tuple[str, str]]:
    """Each request of a block with what is said about it, up to the next request."""
    block = block.strip()
    turns = list(islice(_turns(block), MAX_TURNS))
    asked = [(start, end, said) for who, start, end, said in turns if who in ("user", "human")]
    ends = [start for start, _, _ in asked[1:]] + [len(block)]
    if asked:
        return [(said, block[end:stop]) for (_, end, said), stop in zip(asked, ends, strict=True)]
    marker = _NUMBERED.match(block)
    return [_unlabelled(block[marker.end() :])] if marker else []


def _turns(block: str) -> Iterator[tuple[str, int, int, str]]:
    """Who speaks, where the turn begins and ends, and what is said, quotes taken off."""
    position = 0
    while label := _LABEL.search(block, position):
        after = block[label.end() : label.end() + 20]
        start = label.end() + len(after) - len(after.lstrip(" \t*_"))
        before = block[max(0, label.start() - 20) : label.start()].rstrip(" \t*_")[-1:]
        if (before.isalnum() or before in tuple(",;(")) and block[start : start + 1] not in _QUOTES:
            position = label.end()  # "when the user: …" is prose
            continue
        end, said = _spoken(block, start)
        yield label[1].lower(), label.start(), end, said
        position = max(end, label.end())


def _spoken(block: str, start: int) -> tuple[int, str]:
    """Where one turn's text ends, and the text: what is quoted, else the line."""
    reach = _reach(block, start)
    closing = _QUOTES.get(block[start : start + 1])
    if closing is not None:
        last = r"\s*(?:$|\n|<|[-*•(→–—]|[*_]*(?:user|human|assistant|context|commentary)\b)"
        ends = [i for i in range(start + 1, reach) if block[i] == closing]
        good = (i for i in ends if re.compile(last, re.I).match(block, i + 1, reach))
        stop = next(good, ends[0] if ends else None)
        if stop is not None:
            return stop + 1, block[start + 1 : stop]
    line = re.compile(r"[^\n<]*").match(block, start)
    end = min(line.end() if line else start, reach)
    inner = _LABEL.search(block, start, end)
    if inner is not None:
        end = inner.start()
    return end, block[start:end].strip(" \t\"'“”-*•_")


def _reach(block: str, start: int) -> int:
    """How far a quoted text may go: to a line that begins another turn, a tag, or the limit."""
    limit = min(len(block), start + MAX_REQUEST)
    stop = re.compile(
        r"\n[ \t]*[-*•]?[ \t]*[*_]{0,2}(?:user|human|assistant|context|commentary)[*_]{0,2}\s*:"
        r"|</?(?:example|commentary)>",
        re.I,
    ).search(block, start, limit)
    return stop.start() if stop else limit


def _unlabelled(text: str) -> tuple[str, str]:
    """A numbered example that names no speaker: its first quoted text, else its first line."""
    quoted = re.search(r"[\"“«「](.{3,}?)[\"”»」]", text[:MAX_REQUEST], re.S)
    if quoted:
        return quoted[1], text[quoted.end() :]
    line, _, rest = text.strip().partition("\n")
    request, arrow, after = re.sub(r"\s(?:->|=>|→)\s", "\n", line, count=1).partition("\n")
    return request.strip(" *_"), after + rest if arrow else rest


def finder(names: Collection[str]) -> Finder:
    """A function that finds the first of these agents to which a text clearly sends the work."""
    by_key = {name.lower().replace(" ", "-"): name for name in sorted(names)}
    choice = "|".join(re.escape(name).replace("\\ ", "[ -]") for name in sorted(names))
    mark, verb = "[\"'`@*]", r"\b(?:use|using|launch|invoke|call|delegate to)\s+(?:the\s+)?"
    patterns = (
        rf"(?<![\w-]){mark}{{0,4}}({choice}){mark}{{0,4}}\s+(?:sub-?)?agent\b",
        rf"{verb}{mark}+({choice})(?![\w-])",
    )

    def named(text: str) -> str | None:
        for pattern in patterns:
            if found := re.search(pattern, text, re.IGNORECASE):
                return by_key.get(found[1].lower().replace(" ", "-"))
        return None

    return named
