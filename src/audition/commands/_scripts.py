"""Scripts that have a name: `npm test`, `yarn lint`, `make check`, and what stands behind them."""

import json
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from posixpath import join, normpath
from typing import Any

from audition.commands._prefixes import Code
from audition.commands._saying import Use
from audition.events import CommandRole

Files = Callable[[str], str | None]

_LARGEST = 1 << 18
_FOLDERS = frozenset({"--prefix", "-C", "--dir", "--cwd", "--directory"})
_ELSEWHERE = frozenset({"-w", "--workspace", "--filter", "-F", "workspace", "--workspaces", "-r"})
_VERBS: Mapping[str, frozenset[str]] = {
    "npm": frozenset({"run", "run-script", "rum", "urn"}),
    "pnpm": frozenset({"run", "run-script"}),
    "yarn": frozenset({"run"}),
    "bun": frozenset({"run"}),
    "node": frozenset({"--run"}),
}
_SHORT = {"t": "test", "tst": "test", "test": "test", "start": "start"}
_OWN_WORDS = frozenset(
    {"add", "install", "i", "ci", "remove", "rm", "up", "update", "upgrade", "why", "info", "init",
     "exec", "dlx", "x", "create", "link", "list", "ls", "outdated", "pack", "publish", "audit",
     "build", "config", "cache", "set", "version", "store", "dedupe", "rebuild", "pm"}
)  # fmt: skip
_ROLES: tuple[tuple[re.Pattern[str], CommandRole], ...] = (
    (re.compile(r"(?:unit|integration|e2e)?[:_-]?tests?(?:$|[:_.-])"), "test"),
    (re.compile(r"lint|type-?check|types?(?:$|:)|(?:format|fmt)[:_-]?check|check[:_-]f"), "lint"),
    (re.compile(r"build|compile|install|setup"), "build"),
)
_NAMED_ONLY = frozenset({"just", "task", "invoke", "inv", "rake", "poe"})
_DEFINITION = re.compile(r"([A-Za-z_]\w*)\s*(?::{0,2}|\?|\+)=\s*(.*)")
_RULE = re.compile(r"([^\s:=#\t][^:=#]{0,300}?)\s*::?(?!=)\s*([^;#]*)(?:;(.*)|#.*)?")
_REFERENCE = re.compile(r"\$[({]([^(){}]{1,200})[)}]")
_NEEDS = "needs: "
_MAKE_VALUED = frozenset({"-C", "-f", "-I", "-o", "-W", "--directory", "--file", "--makefile"})


@dataclass(frozen=True, kw_only=True)
class Script:
    """A script that a command runs by its name."""

    tool: str
    name: str
    text: str | None = None
    """What it runs, as shell text; None where that is not known."""
    folder: str = ""
    """Where it runs."""
    has_arguments: bool = False
    code: Code = "own"

    @property
    def use(self) -> Use:
        """What it is for, by its name alone."""
        role: CommandRole = "other"
        for pattern, fitting in reversed(_ROLES):
            role = fitting if pattern.match(self.name) else role
        whole = role in ("test", "lint") and not self.has_arguments and ":" not in self.name
        return Use(tool=self.tool, role=role, whole=whole)


def scripts_of(argv: Sequence[str], folder: str | None, files: Files) -> tuple[Script, ...]:
    """The scripts that a command runs, in order; none where it is no such command.

    `folder` is where it stands, None where that is not known.
    """
    name = argv[0]
    if name in ("make", "gmake"):
        return _targets(argv, folder, files)
    if name in _NAMED_ONLY:
        words = [word for word in argv[1:] if not word.startswith("-")]
        return (Script(tool=name, name=words[0], has_arguments=len(words) > 1),) if words else ()
    return _package_script(argv, folder, files) if name in _VERBS else ()


# ── package.json ─────────────────────────────────────────────────────────────────────────────────


def _package_script(argv: Sequence[str], folder: str | None, files: Files) -> tuple[Script, ...]:
    tool, words = argv[0], list(argv[1:])
    while words and words[0].startswith("-") and words[0] not in _VERBS[tool]:
        option, equals, value = words.pop(0).partition("=")
        if option in _FOLDERS and (equals or words):
            folder = below(folder, value if equals else words.pop(0))
        elif option in _ELSEWHERE:
            folder = None
            words = words[0 if equals else 1 :]
    is_explicit = bool(words) and words[0] in _VERBS[tool]
    words = words[1:] if is_explicit else words
    while words and words[0].startswith("-"):
        words.pop(0)
    if not words or (tool == "node" and not is_explicit):
        return ()
    name, rest = words[0], words[1:]
    if not is_explicit:
        if (tool == "npm" and name not in _SHORT) or (tool == "bun" and name == "test"):
            return ()
        if name in _OWN_WORDS:
            return ()
        name = _SHORT.get(name, name)
    return _resolved(tool, name, rest, folder, files, is_explicit=is_explicit)


def _resolved(
    tool: str,
    name: str,
    rest: Sequence[str],
    folder: str | None,
    files: Files,
    *,
    is_explicit: bool,
) -> tuple[Script, ...]:
    if set(rest[: rest.index("--") if "--" in rest else None]) & _ELSEWHERE:
        folder = None
    arguments = [word for word in rest if word != "--"]
    if tool == "npm":
        own = rest[: rest.index("--")] if "--" in rest else rest
        passed = rest[rest.index("--") + 1 :] if "--" in rest else ()
        arguments = [*(word for word in own if not word.startswith("-")), *passed]
    scripts = _read_scripts(folder, files)
    written = scripts.get(name) if scripts is not None else None
    if written is None:
        if is_explicit or tool in ("npm", "node") or name == "test":
            return (Script(tool=tool, name=name, has_arguments=bool(arguments)),)
        return (Script(tool=tool, name=name, text=_quoted([name, *rest]), folder=folder or ""),)
    known = scripts or {}
    with_arguments = " ".join([written, *([_quoted(arguments)] if arguments else [])])
    around = (known.get(f"pre{name}"), with_arguments, known.get(f"post{name}"))
    text = "\n".join(["set -e", *(line for line in around if line)]) if any(around[::2]) else None
    return (
        Script(
            tool=tool,
            name=name,
            text=text or with_arguments,
            folder=folder or "",
            has_arguments=bool(arguments),
        ),
    )


def _read_scripts(folder: str | None, files: Files) -> dict[str, str] | None:
    text = files(below(folder, "package.json") or "") if folder is not None else None
    if text is None or len(text) > _LARGEST:
        return None
    try:
        package: Any = json.loads(text)
    except (ValueError, RecursionError):
        return None
    scripts = package.get("scripts") if isinstance(package, dict) else None
    if not isinstance(scripts, dict):
        return {}
    return {name: text for name, text in scripts.items() if isinstance(text, str)}


# ── Makefile ─────────────────────────────────────────────────────────────────────────────────────


def _targets(argv: Sequence[str], folder: str | None, files: Files) -> tuple[Script, ...]:
    targets: list[str] = []
    file, words = "", list(argv[1:])
    while words:
        word = words.pop(0)
        if word in ("-n", "--dry-run", "--just-print", "-q", "--version", "-v", "--help", "-h"):
            return ()
        if word in ("-C", "--directory") and words:
            folder = below(folder, words.pop(0))
        elif word in ("-f", "--file", "--makefile") and words:
            file = words.pop(0)
        elif word in _MAKE_VALUED and words:
            words.pop(0)
        elif not word.startswith("-") and "=" not in word and not word.isdecimal():
            targets.append(word)
    rules = _read_rules(folder, file, files)
    first = next((name for name in rules or {} if not name.startswith(".")), "all")
    return tuple(
        Script(
            tool="make", name=target, text=(rules or {}).get(target), folder=folder or "",
            code="blurred",
        )
        for target in targets or [first]
    )  # fmt: skip


def _read_rules(folder: str | None, file: str, files: Files) -> dict[str, str] | None:
    """The shell text of every target; make stops at the first line that fails."""
    if folder is None:
        return None
    names = [file] if file else ["GNUmakefile", "makefile", "Makefile"]
    found = (files(below(folder, name) or "") for name in names)
    text = next((text for text in found if text is not None), None)
    if text is None or len(text) > _LARGEST:
        return None
    variables: dict[str, str] = {}
    lines: dict[str, list[str]] = {}
    current: list[str] = []
    for line in text.replace("\\\n", " ").split("\n"):
        if line.startswith("\t"):
            current.append(line.strip())
        elif found_definition := _DEFINITION.fullmatch(line.strip()[:2000]):
            variables.setdefault(found_definition[1], found_definition[2])
        elif found_rule := _RULE.fullmatch(line[:2000]):
            needed = [_NEEDS + name for name in found_rule[2].split()]
            current = [*needed, *([found_rule[3]] if found_rule[3] else [])]
            for name in found_rule[1].split():
                lines.setdefault(name, current)
    return {name: _recipe(recipe, lines, variables) for name, recipe in lines.items()}


def _recipe(lines: Sequence[str], targets: Collection[str], variables: Mapping[str, str]) -> str:
    parts = []
    for line in lines[:100]:
        if line.startswith(_NEEDS):
            needed = line.removeprefix(_NEEDS)
            parts += [f"make {needed}"] if needed in targets else []
            continue
        bare = _expanded(line.lstrip("@+- "), variables)
        is_forgiven = "-" in line[: len(line) - len(line.lstrip("@+- "))]
        parts.append(f"{{\n{bare}\n}} || true" if is_forgiven else bare)
    return "\n".join(["set -e", *parts])


def _expanded(line: str, variables: Mapping[str, str]) -> str:
    for _ in range(5):
        line, count = _REFERENCE.subn(lambda found: _value(found, variables), line[:20_000])
        if not count:
            break
    return line.replace("$$", "$")


def _value(found: re.Match[str], variables: Mapping[str, str]) -> str:
    name = found[1]
    if name == "MAKE":
        return "make"
    known = variables.get(name)
    return known if known is not None else "$" + re.sub(r"\W+", "_", name)


def below(folder: str | None, path: str) -> str | None:
    """A path as seen from where the call began; None where that is not known."""
    if folder is None or "$" in path or "`" in path or path.startswith("~"):
        return None
    return normpath(join(folder, path)).removeprefix("./")


def _quoted(words: Sequence[str]) -> str:
    return " ".join("'" + word.replace("'", "'\\''") + "'" for word in words)
