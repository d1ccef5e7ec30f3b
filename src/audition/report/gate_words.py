"""What a verdict says in words, the same in every form."""

from audition.contest.verdicts import GateRecord
from audition.gate.words import Verdict as GateVerdict
from audition.report.figures import counted, dollars
from audition.score import Verdict

TONES: dict[GateVerdict, Verdict] = {
    "fail": "fail",
    "pass": "pass",
    "inconclusive": "skip",
    "invalid": "fault",
    "nothing changed": "skip",
}
"""The mark of a verdict. "Nothing changed" proves nothing, and is not marked as passed."""


def title(record: GateRecord) -> str:
    """`routing: main (bbad3738ff) → the working tree, profile pr`."""
    sides = f"{record.base} → {record.head}"
    models = (
        record.head_model
        if record.base_model == record.head_model
        else f"{record.base_model} → {record.head_model}"
    )
    return f"{record.suite} from {record.suite_from}: {sides}, {models}, profile {record.profile}"


def stamp(record: GateRecord) -> str:
    """What has to be said of the model before any verdict; empty for a real one."""
    if record.nature == "scripted" and record.base_file:
        return "The model is scripted: this verdict says nothing about how a real model behaves."
    return ""


def paid(record: GateRecord) -> str:
    """What the gate cost."""
    if not record.base_file:
        return ""
    return f"Trials of this gate cost {dollars(record.spent_usd)}."


def saved(record: GateRecord) -> str:
    """What stopping early saved; empty where nothing was."""
    saving = record.saving
    if not saving.trials:
        return ""
    worth = "" if saving.usd is None else f", {dollars(saving.usd)}"
    calls = counted(round(saving.calls), "call")
    trials = counted(saving.trials, "trial")
    return f"{trials} could not change the verdict and were not played: {calls}{worth} saved."
