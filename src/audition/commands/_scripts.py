"""Scripts of a project: what `npm test`, `npm run NAME` and `make NAME` are, by its own files."""

import json
import re
import shlex
from collections.abc import Callable, Sequence

from audition.commands._shell import Simple

_MANAGERS = frozenset({"npm", "pnpm", "yarn", "bun"})
_SHORT = {"t": "test", "tst": "test"}


def resolved(command: Simple, files: Callable[[str], str | None]) -> str | None:
    """The text that a script runs; None for what is no script, or one that is written nowhere."""
    program, *rest = command.argv
    if program in _MANAGERS:
        named = _npm_script(rest)
        if named is None:
            return None
        script = _package_scripts(files("package.json")).get(named[0])
        return None if script is None else " ".join([script, *map(shlex.quote, named[1])])
    if program in ("make", "gmake"):
        return _make_target([word for word in rest if _is_target(word)], files)
    return None


def _npm_script(rest: Sequence[str]) -> tuple[str, list[str]] | None:
    """The name of a script and what is passed on to it."""
    words = [word for word in rest if word not in ("-s", "--silent")]
    own, dashes, passed = words, False, []
    if "--" in words:
        dashes = True
        own, passed = words[: words.index("--")], words[words.index("--") + 1 :]
    if not own:
        return None
    name = own[0]
    more = own[1:]
    if name in ("run", "run-script") and more:
        name, more = more[0], more[1:]
    elif name not in ("test", "t", "tst", "start"):
        return None
    return _SHORT.get(name, name), passed if dashes else list(more)


def _package_scripts(text: str | None) -> dict[str, str]:
    try:
        scripts = json.loads(text or "{}").get("scripts", {})
    except (ValueError, AttributeError, RecursionError):
        return {}
    if not isinstance(scripts, dict):
        return {}
    return {name: script for name, script in scripts.items() if isinstance(script, str)}


def _is_target(word: str) -> bool:
    return not word.startswith("-") and "=" not in word


def _make_target(targets: Sequence[str], files: Callable[[str], str | None]) -> str | None:
    text = files("Makefile") or files("makefile") or files("GNUmakefile")
    if text is None or not targets:
        return None
    recipes = [_recipe(text, target) for target in targets]
    lines = [line for recipe in recipes if recipe for line in recipe]
    return " && ".join(lines) if lines and all(recipes) else None


def _recipe(text: str, target: str) -> list[str] | None:
    """The lines of a target; None where there is none, or only make itself knows what they are."""
    found = re.search(rf"(?m)^{re.escape(target)}[ \t]*::?[^=\n]*\n((?:\t[^\n]*\n?)+)", text)
    if found is None:
        return None
    lines = [line.strip().lstrip("@-+") for line in found[1].splitlines() if line.strip()]
    return None if any("$(" in line or "${" in line for line in lines) else lines
