"""Package managers and builders.

    uv sync
    npm ci

What they print is not read.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from audition.commands._saying import Said, Use
from audition.events import FailureKind

_INSTALLING = frozenset({"install", "i", "ci", "add", "remove", "rm", "uninstall", "update", "up"})
_BUILDING: Mapping[str, frozenset[str]] = {
    "pip": _INSTALLING | {"download", "wheel"},
    "uv": _INSTALLING | {"sync", "lock", "pip", "venv", "build"},
    "poetry": _INSTALLING | {"lock", "sync", "build"},
    "pipenv": _INSTALLING | {"lock", "sync"},
    "pdm": _INSTALLING | {"lock", "sync", "build"},
    "hatch": frozenset({"build", "env"}),
    "conda": _INSTALLING | {"create"},
    "npm": _INSTALLING | {"pack", "dedupe", "rebuild"},
    "pnpm": _INSTALLING | {"pack", "dedupe", "rebuild"},
    "yarn": _INSTALLING,
    "bun": _INSTALLING | {"build"},
}
_BUILDERS = frozenset(
    {"webpack", "rollup", "esbuild", "vite", "tsup", "swc", "build", "compileall"}
)
_WITHOUT_WORDS = frozenset({"yarn"})


@dataclass(frozen=True)
class Packages:
    """What installs dependencies, and what builds."""

    def use(self, argv: Sequence[str]) -> Use | None:
        """Building, where it installs or builds."""
        name = "pip" if argv[0].startswith("pip3") else argv[0]
        if name in _BUILDERS:
            return Use(tool=name, role="build")
        if name not in _BUILDING:
            return None
        words = [word for word in argv[1:] if not word.startswith("-")]
        builds = words[0] in _BUILDING[name] if words else name in _WITHOUT_WORDS
        return Use(tool=name, role="build" if builds else "other")

    def said(self, form: str, output: str) -> tuple[Said, ...]:
        """Nothing that could be told from other output."""
        return ()

    def failure(self, tool: str, exit_code: int) -> FailureKind | None:
        """None: the kinds are those of tests."""
        return None
