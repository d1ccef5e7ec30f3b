"""The commands of a call one by one, with what their output and their names tell about each."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

from audition.commands._families import family_of
from audition.commands._prefixes import Code, peeled
from audition.commands._saying import Family, Said, Use
from audition.commands._scripts import Files, Script, below, scripts_of
from audition.commands._shell import DEEPEST, LONGEST, MOST, How, Piece, read_shell
from audition.commands._words import Simple

Ended = Literal["passed", "failed", "unknown"]

_MOST_WORDS = 1000
_SHELLS = frozenset({"bash", "sh", "zsh", "dash", "ksh"})
_FILTERS = frozenset({"tail", "head", "cat", "tee", "grep", "egrep", "rg", "less", "more"})
_UNLISTED = frozenset(
    {"cd", "pushd", "popd", "export", "set", "unset", "true", "false", ":", "exit", "return",
     "break", "continue", "shift", "test", "[", "[[", "local", "declare", "readonly", "trap",
     "wait", "alias", "shopt", "typeset"}
)  # fmt: skip
_NEVER_FAIL = frozenset(
    {"echo", "printf", "true", ":", "pwd", "export", "set", "unset", "sleep", "date", "local",
     "declare", "readonly", "alias", "clear", "shopt"}
)  # fmt: skip
_LOUD = frozenset(
    {"cd", "pushd", "popd", "source", ".", "mkdir", "cat", "ls", "touch", "cp", "mv", "rm", "tail",
     "head", "tee", "chmod", "sed", "find"}
)  # fmt: skip


@dataclass(eq=False)
class Leaf:
    """One command, and what becomes known of it."""

    simple: Simple
    argv: tuple[str, ...]
    text: str
    use: Use | None = None
    family: Family | None = None
    code: Code = "own"
    has_clock: bool = False
    is_visible: bool = True
    is_filtered: bool = False
    said: Said | None = None
    can_pass: bool = True
    can_fail: bool = True
    ended: Ended = "unknown"
    exit_code: int | None = None
    is_run: bool = True
    """False where it is certain that the shell did not come to it."""

    @property
    def is_listed(self) -> bool:
        """Whether it is a program, and no mere word of the shell."""
        return bool(self.argv) and self.argv[0] not in _UNLISTED


@dataclass(frozen=True)
class Twig:
    """What a group of the shell text comes to, once scripts and shells are opened."""

    how: How
    parts: tuple["Branch", ...]


Branch = Leaf | Twig


@dataclass(frozen=True, kw_only=True)
class _Place:
    """Where a command stands."""

    text: str = ""
    """What was written where the command itself is inside a script."""
    output: bool = True
    errors: bool = True
    is_filtered: bool = False
    depth: int = 0
    code: Code = "own"
    has_clock: bool = False


@dataclass
class Grower:
    """Opens what stands behind the commands of one call."""

    files: Files
    folder: str | None = ""
    left: int = MOST
    letters_left: int = LONGEST
    """How much more text is read for shells inside of shells."""
    is_whole: bool = True
    """False where something was too long, too deep or too much to be looked at."""

    def read(self, text: str, place: "_Place | None" = None) -> Branch:
        """The tree of a shell text."""
        self.letters_left -= len(text)
        if self.letters_left < 0 and place is not None:
            self.is_whole = False
            return Twig("sequence", ())
        group, is_whole = read_shell(text)
        self.is_whole &= is_whole
        return self.grow(group, place)

    def grow(self, piece: Piece, place: _Place | None = None) -> Branch:
        """The tree of commands, bounded in number and depth."""
        place = place or _Place()
        if isinstance(piece, Simple):
            return self._simple(piece, place)
        if piece.how in ("pipe", "pipefail"):
            return Twig(piece.how, tuple(self._piped(piece.parts, place)))
        if piece.how == "captured":
            place = replace(place, output=False, errors=False)
        folder = self.folder
        parts = tuple(self.grow(part, place) for part in piece.parts)
        if piece.how not in ("and", "or", "not") and place.depth:
            self.folder = folder
        return Twig(piece.how, parts)

    def _piped(self, parts: tuple[Piece, ...], place: _Place) -> Iterator[Branch]:
        for number, part in enumerate(parts):
            after = parts[number + 1 :]
            fed = _fed_by(parts[number - 1]) if number else None
            if isinstance(part, Simple) and fed is not None and part.stdin is None:
                part = replace(part, stdin=fed)
            inside = replace(
                place,
                output=place.output and all(_is_filter(piece) for piece in after),
                errors=place.errors and all(_is_filter(piece) for piece in after),
                is_filtered=place.is_filtered or bool(after),
                depth=place.depth + 1,
            )
            yield self.grow(part, inside)

    def _simple(self, simple: Simple, place: _Place) -> Branch:
        found = peeled(simple.argv[:_MOST_WORDS])
        self.left -= 1
        self.is_whole &= self.left >= 0
        if not any(found.argv[:1]) or self.left < 0:
            return Twig("sequence", ())
        place = replace(
            place,
            text=place.text or simple.text,
            output=place.output and simple.shows_output,
            errors=place.errors and simple.shows_errors,
            code=_worse(place.code, found.code),
            has_clock=place.has_clock or found.has_clock,
            depth=place.depth + 1,
        )
        if place.depth > DEEPEST:
            return self._leaf(simple, found.argv, place)
        inner = _inner_text(found.argv, simple)
        if inner is not None:
            return self.read(inner, replace(place, text=""))
        scripts = scripts_of(found.argv, self.folder, self.files)
        if scripts:
            parts = tuple(self._script(script, simple, found.argv, place) for script in scripts)
            return parts[0] if len(parts) == 1 else Twig("and", parts)
        if found.argv[0] in ("cd", "pushd"):
            self.folder = below(self.folder, found.argv[1] if len(found.argv) > 1 else "~")
        return self._leaf(simple, found.argv, place)

    def _script(
        self, script: Script, simple: Simple, argv: tuple[str, ...], place: _Place
    ) -> Branch:
        place = replace(place, code=_worse(place.code, script.code))
        if script.text is None:
            return self._leaf(simple, argv, place, use=script.use)
        folder, self.folder = self.folder, script.folder
        branch = self.read(script.text, place)
        self.folder = folder
        return branch

    def _leaf(
        self, simple: Simple, argv: tuple[str, ...], place: _Place, *, use: Use | None = None
    ) -> Leaf:
        family = None
        if use is None:
            family, use = family_of(argv)
        stream = use.stream if use else "output"
        return Leaf(
            simple=simple,
            argv=argv,
            text=place.text,
            use=use,
            family=family,
            code=place.code,
            has_clock=place.has_clock,
            is_visible=place.output if stream == "output" else place.errors,
            is_filtered=place.is_filtered,
        )


def leaves_of(branch: Branch) -> list[Leaf]:
    """The commands of a tree, in order."""
    if isinstance(branch, Leaf):
        return [branch]
    return [leaf for part in branch.parts for leaf in leaves_of(part)]


def weigh(leaves: list[Leaf], output: str) -> None:
    """What names and output tell about how each command can have ended."""
    for leaf in leaves:
        name = leaf.argv[0]
        if name in _NEVER_FAIL:
            leaf.can_fail = False
        elif name == "false":
            leaf.can_pass = False
        elif name in ("exit", "return") and leaf.argv[1:2] and leaf.argv[1].isdecimal():
            leaf.can_pass, leaf.can_fail = leaf.argv[1] == "0", leaf.argv[1] != "0"
        elif name in _LOUD and leaf.simple.shows_errors:
            leaf.can_fail = _is_heard(name, output)
    for leaf in leaves:
        shown = leaf.simple.into and any(
            other.argv[0] in _FILTERS and leaf.simple.into in other.argv and other.is_visible
            for other in leaves
        )
        leaf.is_visible = bool(leaf.is_visible or shown)


def listen(leaves: list[Leaf], output: str, *, stops: bool) -> None:
    """Give every command what the output says about it, where it cannot be about another one.

    With `stops` the commands are a chain that ends at the first failure: the output may show fewer
    ends than there are commands, and they belong to the first ones.
    """
    by_form: dict[tuple[str, Callable[..., object]], list[Leaf]] = {}
    for leaf in leaves:
        if leaf.use and leaf.family and leaf.is_run and leaf.is_visible:
            form = leaf.use.form or leaf.use.tool
            by_form.setdefault((form, type(leaf.family)), []).append(leaf)
    for (form, _), those in by_form.items():
        family = those[0].family
        said = family.said(form, output)[: MOST + 1] if family and those[0].use else ()
        if len(said) != len(those) and not (stops and len(said) < len(those)):
            continue
        for leaf, own in zip(those, said, strict=False):
            leaf.said = own
            if own.outcome == "passed" and not _THRESHOLD.search(output):
                leaf.can_fail = False
            elif own.outcome == "failed" and own.failure != "no_tests":
                leaf.can_pass = False


_THRESHOLD = re.compile(
    r"Coverage failure|Required test coverage of|coverage threshold", re.IGNORECASE
)


def _is_heard(name: str, output: str) -> bool:
    """Whether a command that never fails silently complained."""
    if name in (".", "source"):
        return "No such file or directory" in output
    return re.search(rf"(?:^|[\s:/]){re.escape(name)}: ", output) is not None


def _is_filter(piece: Piece) -> bool:
    return isinstance(piece, Simple) and bool(piece.words) and peeled(piece.argv).argv[:1] in [
        (name,) for name in _FILTERS
    ]  # fmt: skip


def _fed_by(piece: Piece) -> str | None:
    """The literal text that a command sends down a pipe."""
    if not isinstance(piece, Simple) or not piece.words:
        return None
    if piece.argv == ("cat",):
        return piece.stdin
    words = piece.words[1:]
    if piece.argv[0] in ("echo", "printf") and all(word.is_literal for word in words):
        return " ".join(word.text for word in words if not re.fullmatch(r"-[neE]+", word.text))
    return None


def _inner_text(argv: tuple[str, ...], simple: Simple) -> str | None:
    """The text that a command gives to another shell."""
    name, *words = argv
    if name == "eval":
        return " ".join(words)
    if name not in _SHELLS:
        return None
    flags, has_text = "", False
    while words and words[0].startswith(("-", "+")) and words[0] != "-":
        word = words.pop(0)
        has_text |= "c" in word and not word.startswith("--")
        flags += word if not word.startswith("--") else ""
        if word.endswith("o") and words and not word.startswith("--"):
            flags += "pipefail" if words.pop(0) == "pipefail" else ""
    script = words[0] if has_text and words else None
    if not has_text and words in ([], ["-"], ["-s"]):
        script = simple.stdin
    if script is None:
        return None
    options = "set -e\n" if "e" in flags.replace("pipefail", "") else ""
    return options + ("set -o pipefail\n" if "pipefail" in flags else "") + script


def _worse(one: Code, other: Code) -> Code:
    return "lost" if "lost" in (one, other) else "blurred" if "blurred" in (one, other) else "own"
