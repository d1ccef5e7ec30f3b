"""`results.jsonl`: the readable twin of a run file, for diffs, and small enough to be committed.

Its first line says how the run was made, one line for each case what was asked and expected, and
one for each trial what came of it: no traces, no times, no definitions. So it can be the base of a
comparison or a gate, and nothing that needs the evidence. Lines are sorted; the same run gives the
same bytes, wherever and whenever it was played.
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, get_args

from pydantic import ValidationError

from audition.codec import cases_adapter, record_adapter, trial_adapter
from audition.errors import FileFormatError
from audition.files import write_whole
from audition.inert import inert
from audition.record import CaseRecord, RunRecord, RunState, Trial
from audition.runfile import Planned, Run, load, results_path
from audition.runstore import FILE_FORMAT

SUFFIX = ".results.jsonl"
_Made = Literal[
    "suite", "model", "nature", "runtime", "loop_version", "trials", "limits", "base_url",
    "audition_version", "setup_digest", "routing_digest",
]  # fmt: skip
_VOLATILE = ("duration_s", "waited_s", "started_at", "reused_from")
_UNREADABLE = (
    OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError, ValidationError,
)  # fmt: skip
_MADE: tuple[_Made, ...] = get_args(_Made)
_ASKED = ("id", "request", "expects", "agents", "tags", "known")


def write_results(run: Run) -> Path:
    """Write the twin beside the run file; returns its path."""
    lines: list[Mapping[str, Any]] = [{"run": _stable_record(run)}]
    cases = cases_adapter().dump_python(run.cases, mode="json")
    for case in sorted(cases, key=lambda case: str(case["id"])):
        lines.append({"case": {name: case[name] for name in _ASKED}})
    for trial in sorted(run.trials, key=lambda trial: (trial.case, trial.number)):
        row = trial_adapter().dump_python(trial, mode="json")
        lines.append({name: value for name, value in row.items() if name not in _VOLATILE})
    target = results_path(run.path)
    text = "".join(json.dumps(line, sort_keys=True, ensure_ascii=True) + "\n" for line in lines)
    write_whole(target, text)
    return target


def load_either(path: Path) -> Run:
    """A run out of its run file or out of its twin, by the name of the file.

    Raises:
        FileFormatError: it cannot be read, is of a newer format, or too old to tell what was asked.
    """
    return load_results(path) if path.name.endswith(SUFFIX) else load(path)


def load_results(path: Path) -> Run:
    """The run that a `results.jsonl` tells of, without traces and definitions.

    Raises:
        FileFormatError: as for `load_either`.
    """
    made: Mapping[str, Any] = {}
    cases: list[CaseRecord] = []
    trials: list[Trial] = []
    try:
        for line in path.read_text(encoding="utf-8").splitlines():
            row = json.loads(line, parse_constant=_no_number)
            if "run" in row:
                made = _of_a_known_format(path, row["run"])
            elif isinstance(row["case"], dict):
                cases.append(CaseRecord(where="", **_texts(row["case"])))
            else:
                trials.append(trial_adapter().validate_python(row))
        record = _record(made)
    except _UNREADABLE as error:
        raise FileFormatError(f"{path}: is no results.jsonl of a run") from error
    if names := _repeated([case.id for case in cases], [(t.case, t.number) for t in trials]):
        raise FileFormatError(f"{path}: holds {names} twice; take it as it was written")
    if trials and not cases:
        what = "does not tell what its cases asked and expected, as older ones do not"
        raise FileFormatError(f"{path}: {what}; resume or play its run again")
    if strays := {trial.case for trial in trials} - {case.id for case in cases}:
        what = f"holds trials of {inert(min(strays))}, which is none of its cases"
        raise FileFormatError(f"{path}: {what}; take it as it was written")
    plan = tuple(Planned(trial.case, trial.number, trial.key) for trial in trials)
    return Run(path, record, RunState(ended_by="finished"), tuple(cases), tuple(trials), plan)


def _of_a_known_format(path: Path, made: Mapping[str, Any]) -> Mapping[str, Any]:
    """The first line, looked at before anything in it that a newer version may have changed."""
    if int(made["file_format"]) > FILE_FORMAT:
        raise FileFormatError(f"{path}: was written by a newer version of Audition")
    return made


def _repeated(cases: Sequence[str], trials: Sequence[tuple[str, int]]) -> str:
    """What lies there more than once: counted twice it would be evidence that nobody played."""
    names = [*cases, *(f"{case}#{number}" for case, number in trials)]
    return ", ".join(inert(name) for name, count in Counter(names).items() if count > 1)[:200]


def _no_number(word: str) -> float:
    raise ValueError(word)


def _texts(case: Mapping[str, Any]) -> dict[str, Any]:
    known = {name: case[name] for name in _ASKED}
    return {n: tuple(value) if isinstance(value, list) else value for n, value in known.items()}


def _record(made: Mapping[str, Any]) -> RunRecord:
    kept = {name: value for name, value in made.items() if name != "file_format"}
    missing = {
        "suite_path": "",
        "datasets": [],
        "setup": f"a setup with the digest {str(made['setup_digest'])[:10]}",
        "command": "",
        "started_at": "",
    }
    return record_adapter().validate_python({**missing, **kept})


def _stable_record(run: Run) -> Mapping[str, Any]:
    record = record_adapter().dump_python(run.record, mode="json")
    return {
        **{name: record[name] for name in _MADE},
        "file_format": FILE_FORMAT,
    }
