"""Commands that only name another one: `npm test`, `make test`.

What they stand for is looked up in the tree where that is one plain command. Those files belong to
whoever wrote the tree, so what is found there counts only if it names a program known to us.
"""

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path

from audition.probing._files import read_bounded
from audition.probing._invocation import Invocation, UnclearError, below, invocations, plain
from audition.trees import EXECUTABLE, REGULAR, Tree

_MOST_BYTES = 1 << 20
_DEEPEST = 3
_SCRIPT_RUNNERS = frozenset({"npm", "pnpm", "yarn", "bun"})
_MODULES = 'export PATH="$PWD/node_modules/.bin:$PATH" &&'
_VARIABLE = re.compile(r"\$[({](\w+)[)}]")
_ASSIGNED = re.compile(r"^(\w+)[ \t]*[:?]?=[ \t]*([^\n$]*)$", re.MULTILINE)


def resolved(command: str, tree: Tree, workspace: Path) -> list[Invocation]:
    """The programs of a command, with scripts replaced by what they stand for.

    Raises:
        UnclearError: a script is not there, or is more than plain commands.
    """
    return [
        program
        for invocation in invocations(command)
        for program in _resolved(invocation, tree, workspace, _DEEPEST)
    ]


def _resolved(invocation: Invocation, tree: Tree, workspace: Path, depth: int) -> list[Invocation]:
    lookup = _lookup(invocation)
    if lookup is None:
        return [invocation]
    if not depth:
        raise UnclearError(f"`{invocation.text()}` names one script after another")

    def content(name: str) -> str:
        path = below(invocation.cwd, name)
        if path not in tree or tree[path].mode not in (REGULAR, EXECUTABLE):
            raise UnclearError(f"`{invocation.text()}` needs {path}, which is not there")
        return (read_bounded(workspace / path, _MOST_BYTES) or b"").decode(errors="replace")

    text = " ".join([*invocation.before, lookup(invocation, content)])
    return [
        program
        for found in invocations(text)
        for program in _resolved(found, tree, workspace, depth - 1)
    ]


Content = Callable[[str], str]


def _lookup(invocation: Invocation) -> Callable[[Invocation, Content], str] | None:
    if invocation.program in _SCRIPT_RUNNERS:
        return _package_script
    return _make_target if invocation.program in ("make", "gmake") else None


def _package_script(invocation: Invocation, content: Content) -> str:
    words = [word for word in invocation.words[invocation.at :] if word not in ("--silent", "-s")]
    if words[:1] in (["run"], ["run-script"]):
        words = words[1:]
    if not words or words[0].startswith("-"):
        raise UnclearError(f"`{invocation.text()}` names no script")
    name, more = plain(words[0]), [word for word in words[1:] if word != "--"]
    name = "test" if name == "t" else name
    scripts = _scripts(content("package.json"))
    if {f"pre{name}", f"post{name}"} & scripts.keys():
        raise UnclearError(f"package.json runs more than the script `{name}`")
    if name not in scripts:
        raise UnclearError(f"package.json has no script `{name}`")
    return " ".join([_MODULES, scripts[name], *more])


def _scripts(text: str) -> Mapping[str, str]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise UnclearError("package.json cannot be read") from None
    scripts = found.get("scripts") if isinstance(found, dict) else None
    if not isinstance(scripts, dict):
        return {}
    return {name: text for name, text in scripts.items() if isinstance(text, str)}


def _make_target(invocation: Invocation, content: Content) -> str:
    targets = [word for word in map(plain, invocation.values) if not word.startswith("-")]
    if len(targets) != 1:
        raise UnclearError(f"`{invocation.text()}` does not name one target")
    text = content("Makefile")
    rule = re.search(
        rf"^{re.escape(targets[0])}[ \t]*::?(?!=)([^\n]*)\n((?:\t[^\n]*(?:\n|$))+)",
        text,
        re.MULTILINE,
    )
    if not rule or rule[1].partition("#")[0].strip():
        raise UnclearError(f"the Makefile has no target `{targets[0]}` that stands alone")
    values = dict(_ASSIGNED.findall(text))
    lines = [line.strip().lstrip("@-+").strip() for line in rule[2].splitlines()]
    line = " && ".join(filter(None, lines))
    line = _VARIABLE.sub(lambda match: values.get(match[1], match[0]), line)
    if "$" in line or "\\" in line:
        raise UnclearError(f"the target `{targets[0]}` of the Makefile is no plain command")
    return line
