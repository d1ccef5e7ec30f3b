"""Scores: what a check returns."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["routing", "process", "outcome", "budget"]
Verdict = Literal["pass", "fail", "skip", "fault"]


@dataclass(frozen=True, kw_only=True)
class Score:
    """What a check returns, completed by the grading with the name and the kind of the check."""

    verdict: Verdict
    reason: str
    """A sentence a person can act on."""
    value: float | None = None
    """0 to 1; None where nothing was decided."""
    expected: str = ""
    found: str = ""
    evidence: tuple[int | str, ...] = ()
    """Event numbers; paths and commit ids as text."""
    check: str = ""
    kind: Kind = "outcome"
    required: bool = True
    critical: bool = False
    why: str = ""
    """The clause of the definition that the check guards, in the words of the dataset."""


def passed(
    reason: str, *, expected: str = "", found: str = "", evidence: tuple[int | str, ...] = ()
) -> Score:
    """A score that passes, value 1."""
    return Score(
        verdict="pass", value=1.0, reason=reason, expected=expected, found=found, evidence=evidence
    )


def failed(
    reason: str, *, expected: str = "", found: str = "", evidence: tuple[int | str, ...] = ()
) -> Score:
    """A score that fails, value 0."""
    return Score(
        verdict="fail", value=0.0, reason=reason, expected=expected, found=found, evidence=evidence
    )


def skipped(reason: str, *, expected: str = "", found: str = "") -> Score:
    """A score that was not asked of this trial, or cannot be decided from what was recorded."""
    return Score(verdict="skip", reason=reason, expected=expected, found=found)
