"""Whose exit code the exit code of a call is.

A shell gives back one number. Where its rules say whose it is, that command has it; where they say
that a command must have passed or failed, it did; everywhere else a command's end stays unknown.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from audition.commands._leaves import Branch, Ended, Leaf, Twig, leaves_of


@dataclass(frozen=True)
class Known:
    """How something ended."""

    ended: Ended
    code: int | None = None

    @classmethod
    def by(cls, code: int | None) -> "Known":
        """From an exit code, which may not be known."""
        if code is None:
            return UNKNOWN
        return cls("failed" if code else "passed", code)


UNKNOWN, PASSED, FAILED = Known("unknown"), Known("passed", 0), Known("failed")


def settle(branch: Branch, known: Known, output: str) -> None:
    """Tell every command of a tree what is known of its end."""
    if isinstance(branch, Leaf):
        _settle_leaf(branch, known)
    elif branch.how in ("and", "or"):
        _settle_chain(branch, known, output)
    elif branch.how == "pipefail":
        _settle_joint(branch.parts, known, output)
    elif branch.how == "not":
        opposite = {"passed": FAILED, "failed": PASSED}.get(known.ended, UNKNOWN)
        for part in branch.parts:
            settle(part, opposite, output)
    elif branch.how in ("sequence", "pipe", "captured"):
        last = len(branch.parts) - 1
        for number, part in enumerate(branch.parts):
            own = known if number == last else UNKNOWN
            if branch.how == "sequence" and number < last:
                own = _echoed(part, branch.parts[number + 1], output)
            settle(part, own, output)
    else:
        for part in branch.parts:
            settle(part, UNKNOWN, output)


def exits_early(branch: Branch) -> list[Leaf]:
    """The commands by which the whole can end before its last part."""
    early = branch.parts[:-1] if isinstance(branch, Twig) else ()
    return [
        leaf
        for part in early
        for leaf in leaves_of(part)
        if leaf.argv[0] in ("exit", "return", "trap", "kill")
    ]


def _settle_leaf(leaf: Leaf, known: Known) -> None:
    if leaf.code == "lost" or known.ended == "unknown":
        return
    if (known.ended == "passed" and not leaf.can_pass) or (
        known.ended == "failed" and not leaf.can_fail
    ):
        return  # the output contradicts it: nothing is known
    leaf.ended = known.ended
    leaf.exit_code = known.code if leaf.code == "own" or known.code == 0 else None


def _settle_chain(twig: Twig, known: Known, output: str) -> None:
    """`a && b && c` goes on while all pass, `a || b || c` while all fail."""
    going, stopped = (PASSED, FAILED) if twig.how == "and" else (FAILED, PASSED)
    parts = list(twig.parts)
    reached = max((n for n, part in enumerate(parts) if _was_seen(part)), default=0)
    for part in parts[:reached]:
        settle(part, going, output)
    rest = parts[reached:]
    stops = [n for n, part in enumerate(rest) if _can(part, stopped)]
    certain = next((n for n, part in enumerate(rest) if not _can(part, going)), None)
    if known.ended == going.ended and certain is None:
        for part in rest[:-1]:
            settle(part, going, output)
        settle(rest[-1], known, output)
        return
    end = stops[0] if stops else None
    if known.ended == stopped.ended and (len(stops) == 1 or certain == end):
        for number, part in enumerate(rest):
            _settle_around(part, number, end, going, known, output)
        return
    for number, part in enumerate(rest):
        if certain is not None and number > certain:
            _never(part)
        else:
            settle(part, UNKNOWN, output)


def _settle_around(
    part: Branch, number: int, end: int | None, going: Known, known: Known, output: str
) -> None:
    """The parts of a chain of which one is known to have ended it."""
    if end is None:
        settle(part, UNKNOWN, output)
    elif number < end:
        settle(part, going, output)
    elif number == end:
        settle(part, known, output)
    else:
        _never(part)


def _settle_joint(parts: Sequence[Branch], known: Known, output: str) -> None:
    """A pipe that fails with any of its parts; all of them run."""
    failing = [number for number, part in enumerate(parts) if _can(part, FAILED)]
    for number, part in enumerate(parts):
        if known.ended == "passed":
            settle(part, PASSED, output)
        elif known.ended == "failed" and failing == [number]:
            settle(part, known, output)
        else:
            settle(part, UNKNOWN, output)


def _never(part: Branch) -> None:
    for leaf in leaves_of(part):
        leaf.is_run = False


def _was_seen(part: Branch) -> bool:
    """Whether the output proves that it was run."""
    return any(leaf.said is not None for leaf in leaves_of(part))


def _can(branch: Branch, known: Known) -> bool:
    """Whether something can have ended like this, as far as names and output tell."""
    wants_pass = known.ended == "passed"
    if isinstance(branch, Leaf):
        return branch.can_pass if wants_pass else branch.can_fail
    if not branch.parts:
        return wants_pass
    if branch.how in ("and", "or", "pipefail"):
        every = wants_pass == (branch.how != "or")
        return (all if every else any)(_can(part, known) for part in branch.parts)
    if branch.how == "not":
        return _can(branch.parts[-1], FAILED if wants_pass else PASSED)
    if branch.how == "detached":
        return wants_pass
    return True if branch.how == "perhaps" else _can(branch.parts[-1], known)


# ── `echo "exit: $?"` ────────────────────────────────────────────────────────────────────────────

_STATUS = re.compile(r"\$\{?\?\}?|\$\{PIPESTATUS\[0\]\}")


def _echoed(part: Branch, after: Branch, output: str) -> Known:
    """What the next command of the shell prints of an exit code, where it does."""
    if not isinstance(after, Leaf) or after.argv[0] != "echo" or not after.is_visible:
        return UNKNOWN
    words = " ".join(after.argv[1:])
    found = _STATUS.search(words)
    if found is None or _STATUS.search(words, found.end()) or len(words) > 200:
        return UNKNOWN
    of_first = "PIPESTATUS" in found[0]
    before, behind = re.escape(words[: found.start()]), re.escape(words[found.end() :])
    codes = re.findall(rf"^{before}(\d{{1,3}}){behind}\s*$", output, re.MULTILINE)
    if len(codes) != 1 or (of_first and not _is_pipe(part)):
        return UNKNOWN
    known = Known.by(int(codes[0]))
    if of_first and isinstance(part, Twig):
        settle(part.parts[0], known, output)
        return UNKNOWN
    return known


def _is_pipe(part: Branch) -> bool:
    return isinstance(part, Twig) and part.how in ("pipe", "pipefail")
