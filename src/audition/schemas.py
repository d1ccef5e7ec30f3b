"""The JSON Schema of the files that people write, for editors (draft 2020-12)."""

import ast
import inspect
import json
import textwrap
from collections.abc import Mapping
from itertools import pairwise
from typing import Any, cast

from pydantic import BaseModel

from audition.dataset import CaseEntry, DatasetFile, Defaults, Known, Limits
from audition.expectation import COMMON_KEYS, Common, known_checks
from audition.parts import adapter, find, names
from audition.suitefile import GateEntry, PriceEntry, SetupEntry, SuiteFile
from audition.workplace import ProjectEntry, WorkspaceEntry

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def render_schema(kind: str, own_checks: Mapping[str, type[Any]] | None = None) -> str:
    """The text of the schema of a `dataset` or a `suite`."""
    form = dataset_schema(own_checks) if kind == "dataset" else suite_schema()
    return json.dumps(form, indent=2, ensure_ascii=False) + "\n"


def dataset_schema(own_checks: Mapping[str, type[Any]] | None = None) -> dict[str, Any]:
    """The schema of a dataset whose cases may use the built-in checks and these."""
    form = _form(DatasetFile, Defaults, CaseEntry, Limits, Known, WorkspaceEntry, ProjectEntry)
    defs = form["$defs"]
    checks = dict(sorted(known_checks(own_checks or {}).items()))
    common = {key: _form(Common)["properties"][key] for key in COMMON_KEYS}
    shapes = {name: _arguments(part, common, defs) for name, part in checks.items()}
    bare = [name for name, part in checks.items() if not _required(part) and not _is_keyed(part)]
    defs["Expectation"] = {
        "description": "A check: its name, its name with one argument, or its name with fields.",
        "anyOf": [{"enum": bare, "description": "A check by its name alone."}, _one_of(shapes)],
    }
    defs["CaseEntry"]["properties"]["expect"]["items"] = {"$ref": "#/$defs/Expectation"}
    return form


def suite_schema() -> dict[str, Any]:
    """The schema of a suite."""
    form = _form(SuiteFile, SetupEntry, PriceEntry, GateEntry, Limits)
    models = {name: part for name in names("models") if (part := find("models", name))}
    shapes = {name: _arguments(part, {}, form["$defs"]) for name, part in models.items()}
    texts = [f"{name}:.+" if _required(part) else f"{name}(:.+)?" for name, part in models.items()]
    text = {
        "type": "string",
        "pattern": f"^({'|'.join(texts)})$",
        "description": "A model by its name, `name:argument`, or `name:field=value,field=value`.",
    }
    form["properties"]["model"]["anyOf"] = [text, _one_of(shapes)]
    form["properties"]["runtime"]["enum"] = list(names("runtimes"))
    return form


def _form(model: type[BaseModel], *parts: type[Any]) -> dict[str, Any]:
    """The schema of a model, with the docstrings of its fields and of those of its parts.

    Pydantic can read them by itself, but only as a class is made: every command would pay for it.
    """
    form: dict[str, Any] = _without_titles(model.model_json_schema())
    for part in (model, *parts):
        properties = (form if part is model else form["$defs"][part.__name__])["properties"]
        for name, note in _field_notes(part).items():
            properties[name].setdefault("description", note)
    return {"$schema": DIALECT, **form}


def _without_titles(form: Any) -> Any:
    # Pydantic makes a title of every name, and an editor shows it above the description.
    if isinstance(form, list):
        return [_without_titles(item) for item in form]
    if not isinstance(form, dict):
        return form
    kept = {k: v for k, v in form.items() if k != "title" or not isinstance(v, str)}
    return {key: _without_titles(value) for key, value in kept.items()}


def _one_of(shapes: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    """A mapping with exactly one of the names as its key."""
    return {
        "type": "object",
        "description": "A name with its argument or its fields.",
        "properties": dict(shapes),
        "additionalProperties": False,
        "minProperties": 1,
        "maxProperties": 1,
    }


def _arguments(part: type[Any], common: Mapping[str, Any], defs: dict[str, Any]) -> dict[str, Any]:
    """What may follow the name of a part: a value for its first field, or a mapping of fields."""
    form = _without_titles(_schema(part))
    defs.update(form.pop("$defs", {}))
    notes = _field_notes(part)
    properties = {
        name: {"description": notes[name], **field} if name in notes else field
        for name, field in form.get("properties", {}).items()
    }
    description = inspect.getdoc(part) or part.__name__
    mapping = {**form, "description": description, "properties": {**properties, **common}}
    others = set(form.get("required", ())) - {next(iter(properties), None)}
    if not properties or others or _is_keyed(part):
        return mapping
    return {"description": description, "anyOf": [next(iter(properties.values())), mapping]}


def _required(part: type[Any]) -> list[str]:
    required: list[str] = _schema(part).get("required", [])
    return required


def _is_keyed(part: type[Any]) -> bool:
    """Whether it demands one of several keys, so that only a mapping can be meant."""
    return not _schema(part).keys().isdisjoint({"anyOf", "oneOf"})


def _schema(part: type[Any]) -> dict[str, Any]:
    return adapter(cast(Any, part)).json_schema()  # mypy takes a class for unhashable


def _field_notes(part: type[Any]) -> dict[str, str]:
    """The docstring under each field of a class."""
    try:
        source = textwrap.dedent(inspect.getsource(part))
    except (OSError, TypeError):  # a class whose file Python does not know
        return {}
    [definition] = ast.parse(source).body
    notes: dict[str, str] = {}
    for field, note in pairwise(getattr(definition, "body", [])):
        match field, note:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(
                value=ast.Constant(value=str(text))
            ):
                notes[name] = inspect.cleandoc(text)
    return notes
