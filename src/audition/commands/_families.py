"""The files of this shelf, asked one after the other."""

from collections.abc import Sequence
from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from audition.commands._saying import Family, Use


def family_of(argv: Sequence[str]) -> tuple[Family | None, Use | None]:
    """Who knows a command, and what it is for."""
    for family in _families():
        use = family.use(argv)
        if use is not None:
            return family, use
    return None, None


@cache
def _families() -> tuple[Family, ...]:
    package = import_module("audition.commands")
    names = sorted(m.name for m in iter_modules(package.__path__) if not m.name.startswith("_"))
    return tuple(_family(name) for name in names)


def _family(name: str) -> Family:
    module = import_module(f"audition.commands.{name}")
    family: Family = getattr(module, "".join(word.capitalize() for word in name.split("_")))()
    return family
