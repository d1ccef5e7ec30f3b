"""Parts: one file is one part, found by its name, with no registry to edit.

`checks/routes_to.py` holds the class `RoutesTo` and is written `routes_to` in YAML. A part is a
frozen dataclass; its fields are its options, validated by pydantic. It has three forms:

    no_delegation                                 the name alone
    routes_to: backend                            its first field
    routes_to: {agent: backend, accept: [Plan]}   its fields

and, where there is no YAML (`--model`): `name`, `name:argument`, `name:field=value,field=value`.
"""

import importlib
import importlib.util
import pkgutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass, fields
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import ConfigDict, TypeAdapter

from audition.errors import InputError, Problem


@dataclass(frozen=True)
class PartSpec:
    """A part as somebody wrote it: its name, and either its fields or one bare argument."""

    name: str
    argument: Any = None
    fields: Mapping[str, Any] | None = None
    bare: bool = True
    """True for the name alone."""

    def arguments(self, part: type) -> dict[str, Any]:
        """The fields for this part; a bare argument goes to its first field."""
        if self.fields is not None:
            return dict(self.fields)
        if self.bare:
            return {}
        names = [field.name for field in fields(part)]
        return {names[0] if names else "argument": self.argument}


@cache
def names(shelf: str) -> tuple[str, ...]:
    """The parts of a shelf, sorted; files that begin with an underscore are not parts."""
    package = importlib.import_module(f"audition.{shelf}")
    return tuple(sorted(m.name for m in pkgutil.iter_modules(package.__path__) if m.name[0] != "_"))


def find(shelf: str, name: str) -> type[Any] | None:
    """The class of a part, or None where the shelf has no such file."""
    if name not in names(shelf):
        return None
    module = importlib.import_module(f"audition.{shelf}.{name}")
    part: type[Any] = getattr(module, class_name(name))
    return part


def manual(shelf: str, name: str) -> str:
    """The module docstring of a part, which is its manual."""
    module = importlib.import_module(f"audition.{shelf}.{name}")
    return (module.__doc__ or "").strip()


def load_own(path: Path) -> type[Any]:
    """A part from a Python file of the user's: `no_todo.py` holds the class `NoTodo`.

    Raises:
        InputError: the file is missing, does not import, or lacks the class.
    """
    wanted = class_name(path.stem)
    try:
        spec = importlib.util.spec_from_file_location(f"audition_own_{path.stem}", path)
        if spec is None or spec.loader is None:
            raise ImportError("not a Python file")
        module = importlib.util.module_from_spec(spec)
        sys.modules[spec.name] = module  # dataclasses look their annotations up there
        spec.loader.exec_module(module)
        part: type[Any] = getattr(module, wanted)
    except AttributeError:
        raise InputError(
            [Problem(str(path), f"holds no class `{wanted}`", "name the class after the file")]
        ) from None
    except (Exception, SystemExit) as error:  # whatever it raises is a mistake in that file
        raise InputError(
            [
                Problem(
                    str(path), f"does not import ({type(error).__name__}: {error})", "mend the file"
                )
            ]
        ) from error
    return part


def class_name(name: str) -> str:
    """`routes_to` and `claude-code` become `RoutesTo` and `ClaudeCode`."""
    return "".join(word.capitalize() for word in name.replace("-", "_").split("_"))


def read_spec(value: Any) -> PartSpec | None:
    """A part as written in YAML; None where the value is neither a name nor a one-key mapping."""
    if isinstance(value, str):
        return PartSpec(value)
    if isinstance(value, Mapping) and len(value) == 1:
        ((name, argument),) = value.items()
        if isinstance(name, str):
            if isinstance(argument, Mapping):
                return PartSpec(name, fields=argument, bare=False)
            return PartSpec(name, argument, bare=False)
    return None


def read_spec_text(text: str) -> PartSpec:
    """A part as written on a command line."""
    name, colon, rest = text.partition(":")
    if not colon:
        return PartSpec(name)
    pairs = [piece.partition("=") for piece in rest.split(",")]
    if all(equals for _, equals, _ in pairs):
        return PartSpec(
            name, fields={key.strip(): value.strip() for key, _, value in pairs}, bare=False
        )
    return PartSpec(name, rest, bare=False)


@cache
def adapter(part: type[Any]) -> TypeAdapter[Any]:
    """The validator of a part; unknown fields are errors."""
    if "__pydantic_config__" not in part.__dict__:
        # Pydantic takes the configuration of a standard dataclass from this attribute alone.
        part.__pydantic_config__ = ConfigDict(extra="forbid")
    return TypeAdapter(part)


def suggestion(wrong: str, known: tuple[str, ...]) -> str:
    """`did you mean 'x'?` or the list of what there is."""
    close = get_close_matches(wrong, known, n=1, cutoff=0.6)
    if close:
        return f"did you mean {close[0]!r}?"
    return f"choose from {', '.join(known)}" if known else "there is none to choose from"
