"""Which rules a prompt states: how the simulated model reads what it is given.

It knows five rules, each by the words of one sentence. A rule that asks for something does not
count where a "not" stands in front of it ("do not commit"), and one that forbids something counts
only where it does ("never push"). A bullet, a numbered item and a paragraph end a sentence, too;
case and Markdown do not matter. One sentence is enough: as long as one states a rule, others may
go.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

_SEVERAL = 64
"""Prompts whose rules are remembered: a run shows each of its threads one, turn after turn."""


@dataclass(frozen=True)
class Rule:
    """A rule that definitions state, and the words that it is known by."""

    rate: str
    """The field of the model that says how often it is broken although it is stated."""
    asks: re.Pattern[str] | None = None
    """States the rule, unless the words before it deny it."""
    forbids: re.Pattern[str] | None = None
    """States the rule where the words before it deny what is named."""

    def is_stated(self, sentence: str) -> bool:
        """Whether a sentence, in lower case and on one line, states the rule."""
        return any(
            _is_denied(sentence[: found.start()]) is denied
            for pattern, denied in ((self.asks, False), (self.forbids, True))
            if pattern is not None
            for found in pattern.finditer(sentence)
        )


_DENYING = re.compile(
    r"(?:\b(?:never|not|no|nor|cannot|without|avoid|refrain)\b|n['’]t\b)"
    r"(?! (?:forget|hesitate|fail)\b).{0,60}$"
)
_MAKES = r"\b(?:write|make|create|draft|prepare|keep|start with|begin with)\b"
_LOOSENS = (
    r"\b(?:weaken|loosen|relax|soften|skip|deselect|disable|delete|remove|comment|xfail)\w*\b"
)
RULES = (
    Rule("skip_plan", asks=re.compile(rf"{_MAKES}.{{0,60}}(?:\bplans?\b|\btodo)")),
    Rule(
        "code_first",
        asks=re.compile(
            r"\btdd\b|\btest-(?:driven|first)\b|\btest driven\b"
            r"|^tests first\b"
            r"|\b(?:writ\w+|create|add)\b.{0,40}\btests?\b.{0,20}\bfirst\b"
            r"|\btests? (?:come|comes|go|goes|are written|is written) (?:first|before)\b"
            r"|\b(?:writ\w+|create|add)\b.{0,40}\btests?\b.{0,40}"
            r"\bbefore (?:\w+ ){0,3}(?:code|implement\w*)\b"
            r"|\bfailing tests?\b"
            r"|\b(?:see|watch|confirm|verify) (?:that )?(?:it|they|them|the tests?) fails?\b"
            r"|\bred[-/ ]green\b"
        ),
        forbids=re.compile(
            r"\b(?:code|implement\w*)\b.{0,30}\b(?:before|without|until)\b.{0,30}\btests?\b"
        ),
    ),
    Rule(
        "weaken_test",
        forbids=re.compile(rf"{_LOOSENS}.{{0,60}}\btests?\b|\btests?\b.{{0,30}}{_LOOSENS}"),
    ),
    Rule(
        "no_commit",
        asks=re.compile(
            r"(?:^|\b(?:then|and|to|must|should|always|finally|please) |[,:(] ?)"
            r"commit\b(?! messages?\b)"
        ),
    ),
    Rule("push", forbids=re.compile(r"\bpush")),
)
"""What the model may break; the order has no meaning."""

_ENDS = re.compile(r"\n\s*\n|\n\s*(?:[-*+•]|\d+[.)])\s|(?<=[.!?;])\s")
_MARKUP = re.compile(r"[*`#]+")
_LEADING = re.compile(r"^\s*(?:[-+•]|\d+[.)])\s")


@lru_cache(maxsize=_SEVERAL)
def stated(prompt: str) -> frozenset[Rule]:
    """The rules that a prompt states."""
    sentences = {_plain(piece) for piece in _ENDS.split(prompt)}
    return frozenset(rule for rule in RULES if any(map(rule.is_stated, sentences)))


def _plain(piece: str) -> str:
    words = _LEADING.sub("", _MARKUP.sub("", piece))
    return " ".join(words.split()).lower()


def _is_denied(before: str) -> bool:
    return _DENYING.search(before[-80:]) is not None
