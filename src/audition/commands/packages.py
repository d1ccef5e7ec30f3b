"""Package managers and builds.

npm ci        uv sync        pip install -e .        make build
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from audition.commands import Purpose, Said
from audition.events import CommandRole

_ROLES: tuple[tuple[tuple[str, ...], CommandRole], ...] = (
    (("test",), "test"),
    (("lint", "check", "typecheck", "types"), "lint"),
)
"""What a script is by its name, where nothing says what it runs."""


@dataclass(frozen=True)
class Packages:
    """What installs, builds, or runs a script that is written nowhere."""

    programs: ClassVar[frozenset[str]] = frozenset({
        "npm", "pnpm", "yarn", "bun", "pip", "pip3", "uv", "poetry", "pipenv", "hatch", "pdm",
        "conda", "apt", "apt-get", "make", "gmake", "cargo", "gradle", "mvn", "tox", "nox",
    })  # fmt: skip

    def purpose(self, argv: Sequence[str]) -> Purpose:
        """The role that the name of the script suggests; a build otherwise."""
        program, *words = argv
        if program in ("tox", "nox"):
            return Purpose(program, "test")
        names = [word for word in words if not word.startswith("-")]
        name = names[1] if names[:1] in (["run"], ["run-script"]) and names[1:] else None
        if program in ("make", "gmake") or names[:1] in (["test"], ["t"]):
            name = names[0] if names else None
        for beginnings, role in _ROLES:
            if name is not None and name.startswith(beginnings):
                return Purpose(program, role)
        return Purpose(program, "build")

    def said(self, output: str, exit_code: int | None) -> Said:
        """Nothing: an unknown program says unknown things."""
        return Said()
