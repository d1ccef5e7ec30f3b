"""Suites: which cases, on which setup, played by what, how often, within which limits.

    # yaml-language-server: $schema=../schemas/suite.schema.json
    setup: .
    dataset: ../datasets/routing.yaml
    model: anthropic:claude-sonnet-5-5
    trials: 3
    budget_usd: 2.50

Paths are relative to the file that they stand in. Everything that can be wrong with a suite, its
datasets and its checks is found while loading, and reported at once.
"""

import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from functools import cache, partial
from pathlib import Path
from typing import Any, cast, get_args

from pydantic import PydanticUserError, TypeAdapter, ValidationError

from audition.conversation import Model
from audition.dataset import (
    Case,
    CaseSelection,
    Dataset,
    Limits,
    Reading,
    load_dataset,
)
from audition.document import Document, Loc, quoted, shown
from audition.errors import InputError, Problem
from audition.parts import (
    PartSpec,
    adapter,
    find,
    load_own,
    names,
    read_spec,
    read_spec_text,
    suggestion,
)
from audition.prices import Price
from audition.score import Kind
from audition.setups.loader import SetupSpec
from audition.suitefile import GateEntry, SuiteFile
from audition.validation import gathered, mistakes, validate
from audition.yamlfile import read_yaml

BUILT_IN_LIMITS = Limits(turns=20, minutes=10.0)
"""What stops a trial where neither case, dataset nor suite says anything."""


@dataclass(frozen=True, kw_only=True)
class Suite:
    """A suite, validated, with absolute paths and the cases of all its datasets."""

    path: Path
    name: str
    setup: Path | SetupSpec
    datasets: tuple[Path, ...]
    cases: tuple[Case, ...]
    """The cases of all datasets; their limits are complete."""
    runtime: str
    model: PartSpec
    """As written; `build_model` makes the model of it."""
    base_url: str | None
    recordings: Path
    trials: int
    allow: int
    concurrency: int
    limits: Limits
    """The limits of a case that states none."""
    max_tokens: int
    budget_usd: float | None
    prices: Mapping[str, Price] = field(default_factory=dict)
    own_checks: Mapping[str, type[Any]] = field(default_factory=dict)
    renamed: Mapping[str, str] = field(default_factory=dict)
    """Agents that have another name in the other revision, old to new."""
    gate: GateEntry = field(default_factory=GateEntry)


Offered = Callable[[Path | SetupSpec], Collection[str]]
"""The names on offer in a setup."""


def load_suite(
    path: Path,
    *,
    setup: Path | None = None,
    offered: Offered | None = None,
    selection: CaseSelection | None = None,
) -> Suite:
    """The suite in a file, with its datasets and its own checks.

    Args:
        path: The YAML file.
        setup: A folder to use in place of the setup that the file names.
        offered: Tells the agents of the setup; those that a check names are then looked up.
        selection: The cases whose agents matter; all by default.

    Raises:
        InputError: with every problem of the suite, its datasets and its checks.
    """
    problems: list[Problem] = []
    document = read_yaml(path, problems)
    if isinstance(document.data, dict) and "cases" in document.data.keys() - {"dataset"}:
        what = "this is a dataset, and a suite is wanted"
        raise InputError([document.problem(("cases",), what, "name the suite", key=True)])
    file = gathered(problems, lambda: validate(document, _file()))
    written = _Written(document, path.resolve().parent, problems)
    place, roster = setup.resolve() if setup else written.setup(), None
    if offered and place is not None:
        roster = gathered(problems, lambda: offered(place))
    own_checks = written.own_checks()
    reading = Reading(own_checks, roster, selection or CaseSelection())
    datasets = written.datasets(reading)
    problems.extend(_repeated_ids(datasets))
    model = written.model()
    written.check_runtime()
    if file is not None:
        problems.extend(_never_failing(document, file, datasets))
    if problems or file is None or place is None:
        raise InputError(problems)
    limits = file.limits.over(BUILT_IN_LIMITS)
    name = file.name or path.stem
    return Suite(
        path=path.resolve(),
        name=name,
        setup=place,
        datasets=tuple(dataset.path for dataset in datasets),
        cases=tuple(
            replace(case, limits=case.limits.over(limits))
            for dataset in datasets
            for case in dataset.cases
        ),
        runtime=file.runtime,
        model=model,
        base_url=file.base_url,
        recordings=written.path(file.recordings or f"recordings/{name}.jsonl"),
        trials=file.trials,
        allow=file.allow,
        concurrency=file.concurrency,
        limits=limits,
        max_tokens=file.max_tokens,
        budget_usd=file.budget_usd,
        prices={model: Price(**dict(price)) for model, price in file.prices.items()},
        own_checks=own_checks,
        renamed=file.renamed,
        gate=file.gate,
    )


def build_model(suite: Suite) -> Model:
    """The model of a suite, or the one that a command line put in its place.

    Raises:
        InputError: there is no such model, or its options are wrong.
    """
    return _make_model(suite.model)


@cache
def _file() -> TypeAdapter[SuiteFile]:
    return TypeAdapter(SuiteFile)


def _make_model(spec: PartSpec) -> Model:
    part = find("models", spec.name)
    if part is None:
        raise InputError([Problem("--model", *_unknown("models", spec.name))])
    arguments = spec.arguments(part)
    types = adapter(cast(Any, part))  # mypy takes a class for unhashable
    try:
        model: Model = types.validate_python(arguments)
    except ValidationError as error:
        found = mistakes(error, types, arguments)
        raise InputError([Problem("--model", what, do) for _, what, do, _ in found]) from None
    return model


def _unknown(shelf: str, name: str) -> tuple[str, str]:
    what = f"there is no {shelf.removesuffix('s')} {quoted(name)}"
    if shelf == "models" and name.startswith("claude"):
        return what, f"write 'anthropic:{name}'"
    return what, suggestion(name, names(shelf))


def _repeated_ids(datasets: Iterable[Dataset]) -> Iterator[Problem]:
    first: dict[str, Case] = {}
    for dataset in datasets:
        for index, case in enumerate(dataset.cases):
            other = first.setdefault(case.id, case)
            if other is not case:
                what = f"the id {quoted(case.id)} is used twice in this suite"
                do = f"it is also at {other.where}"
                yield dataset.document.problem(("cases", index, "id"), what, do)


def _never_failing(
    document: Document, file: SuiteFile, datasets: Iterable[Dataset]
) -> Iterator[Problem]:
    """A case of which every trial may fail judges nothing."""
    if file.gate.base_trials is not None and file.gate.base_trials < file.trials:
        what = f"'base_trials' must be at least 'trials', which is {file.trials}"
        do = f"it is {file.gate.base_trials}"
        yield document.problem(("gate", "base_trials"), what, do)
    if file.allow >= file.trials:
        what = f"'allow' must be less than 'trials', which is {file.trials}"
        yield document.problem(("allow",), what, f"it is {file.allow}")
        return
    for dataset in datasets:
        for index, case in enumerate(dataset.cases):
            if case.trials is not None and file.allow >= case.trials:
                what = f"every trial of this case may fail: the suite allows {file.allow}"
                do = f"try it more than {file.allow} times"
                yield dataset.document.problem(("cases", index), what, do)


@dataclass(frozen=True)
class _Written:
    """The parts of a suite that lead to other files and other code; problems are collected."""

    document: Document
    folder: Path
    problems: list[Problem]

    def path(self, text: str) -> Path:
        """A path as the suite means it."""
        return Path(os.path.normpath(self.folder / text))

    def own_checks(self) -> dict[str, type[Any]]:
        """The checks of the files under `checks`, by name."""
        found: dict[str, type[Any]] = {}
        for loc, text in self._texts("checks"):
            path = self.path(text)
            if path.stem in names("checks") or path.stem in found:
                what = f"the name {quoted(path.stem)} is already that of another check"
                self._report(loc, what, "rename the file and its class")
            elif self._is_there(loc, path, Path.is_file, "file"):
                part = gathered(self.problems, partial(_load_check, path))
                if part is not None:
                    found[path.stem] = part
        return found

    def datasets(self, reading: Reading) -> tuple[Dataset, ...]:
        """The datasets that can be read."""
        found: dict[Path, Dataset | None] = {}
        for loc, text in self._texts("dataset"):
            path = self.path(text)
            if path in found:
                self._report(loc, f"the dataset {quoted(text)} is listed twice", "remove one")
            elif self._is_there(loc, path, Path.is_file, "file"):
                load = partial(load_dataset, path, reading)
                found[path] = gathered(self.problems, load)
        return tuple(dataset for dataset in found.values() if dataset is not None)

    def setup(self) -> Path | SetupSpec | None:
        """The setup, or None where a place that it names does not exist."""
        for _, text in self._texts("setup"):
            folder = self.path(text)
            return folder if self._is_there(("setup",), folder, Path.is_dir, "folder") else None
        parts = self._top("setup")
        if not isinstance(parts, dict):
            return None
        places: dict[str, Path] = {}
        are_there = True
        for name in {f.name for f in fields(SetupSpec)} & parts.keys():
            if isinstance(parts[name], str):
                places[name] = self.path(parts[name])
                is_folder = name in ("agents", "home")
                exists, kind = (Path.is_dir, "folder") if is_folder else (Path.is_file, "file")
                are_there &= self._is_there(("setup", name), places[name], exists, kind)
        return SetupSpec(**places) if are_there else None

    def model(self) -> PartSpec:
        """The model as written; it exists, and its options are right."""
        written, loc = self._top("model", "lexical"), ("model",)
        spec = read_spec_text(written) if isinstance(written, str) else read_spec(written)
        if spec is None:
            self._report(loc, "a model is a name, or one name with fields", "write 'lexical'")
            return PartSpec("lexical")
        part = find("models", spec.name)
        if part is None or isinstance(written, str):
            try:
                _make_model(spec)
            except InputError as error:
                for problem in error.problems:
                    self._report(loc, problem.what, problem.do)
        else:
            types, inside = adapter(cast(Any, part)), (*loc, spec.name)
            arguments = spec.arguments(part)
            gathered(self.problems, lambda: validate(self.document, types, inside, value=arguments))
        return spec

    def check_runtime(self) -> None:
        """The runtime exists."""
        name = self._top("runtime", "messages")
        if isinstance(name, str) and name not in names("runtimes"):
            self._report(("runtime",), *_unknown("runtimes", name))

    def _top(self, key: str, default: Any = None) -> Any:
        data = self.document.data
        return data.get(key, default) if isinstance(data, dict) else default

    def _texts(self, key: str) -> Iterator[tuple[Loc, str]]:
        """The text under a key, or each text of the list there."""
        value = self._top(key)
        if isinstance(value, str):
            yield (key,), value
        elif isinstance(value, list):
            for index, item in enumerate(value):
                if isinstance(item, str):
                    yield (key, index), item

    def _is_there(self, loc: Loc, path: Path, exists: Callable[[Path], bool], kind: str) -> bool:
        if exists(path):
            return True
        self._report(loc, f"there is no {kind} {shown(path)}", "check the path")
        return False

    def _report(self, loc: Loc, what: str, do: str) -> None:
        self.problems.append(self.document.problem(loc, what, do))


def _load_check(path: Path) -> type[Any]:
    part = load_own(path)
    if not is_dataclass(part):
        what, do = f"{part.__name__} is no dataclass", "write @dataclass(frozen=True) above it"
    elif getattr(part, "kind", None) not in get_args(Kind):
        what, do = f"{part.__name__} has no kind", f"set `kind` to {' or '.join(get_args(Kind))}"
    elif not isinstance(getattr(part, "needs", None), frozenset):
        what, do = f"{part.__name__} does not say what it needs", "set `needs` to a frozenset"
    elif not callable(getattr(part, "score", None)):
        what, do = f"{part.__name__} cannot score", "write `def score(self, evidence)`"
    else:
        try:
            adapter(cast(Any, part))  # mypy takes a class for unhashable
        except (PydanticUserError, NameError) as error:
            reason = str(error).splitlines()[0]
            what, do = f"the fields of {part.__name__} cannot be read: {reason}", "mend their types"
        else:
            return part
    raise InputError([Problem(shown(path), what, do)])
