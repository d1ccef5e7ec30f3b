"""The delivered change leaves these paths alone.

Passes when none of them is created, modified or deleted. Globs are read as in a `.gitignore`; one
that begins with `!` takes out again what the others name. What was changed on the way and put back
is left alone.

    expect:
      - leaves_alone: "migrations/**"
      - leaves_alone: ["**", "!docs/**"]
      - leaves_alone: {paths: "**", delivered: worktree, why: an investigator only reads}

`delivered` says what is handed over: `commit` is HEAD's tree, `worktree` the working tree. Without
it, HEAD's tree counts where it is another than the one the trial began with, else the working tree.

Who does nothing leaves everything alone, and that proves nothing: at least one tool has to be used,
the one that delegates not counted.

Needs: agents at work in a workspace, to the end.
pass: files were read or changed, and nothing below migrations/ is another than before.
fail: a file there is new, another or gone; or no agent used a tool at all.
skip: the request went to the wrong agent, or nobody worked in a workspace.
fault: the provider or the sandbox failed.
"""

from dataclasses import dataclass
from typing import ClassVar

from audition.checks._work import (
    Globs,
    Handover,
    as_globs,
    delivered,
    did_no_work,
    last_number,
    listed,
)
from audition.evidence import Evidence, Need
from audition.project import fits
from audition.score import Kind, Score, failed, passed


@dataclass(frozen=True)
class LeavesAlone:
    """No path of the delivered change fits the globs."""

    paths: Globs
    """One glob or several."""
    delivered: Handover | None = None
    """What is handed over; without it HEAD where its tree changed, else the working tree."""

    kind: ClassVar[Kind] = "outcome"
    needs: ClassVar[frozenset[Need]] = frozenset({"work"})

    def score(self, evidence: Evidence) -> Score:
        """Judge the delivered change."""
        globs = as_globs(self.paths)
        change = delivered(evidence, self.delivered)
        expected = f"no change in {', '.join(globs)}"
        found = listed(each.path for each in change)
        touched = [each for each in change if fits(each.path, globs)]
        if touched:
            return failed(
                "the delivered change " + listed(f"{_DID[t.what]} {t.path}" for t in touched),
                expected=expected,
                found=found,
                evidence=tuple(each.path for each in touched[:20]),
            )
        last = last_number(evidence)
        if did_no_work(evidence):
            reason = "no agent used a tool: leaving all alone by doing nothing proves nothing"
            return failed(reason, expected=expected, found="no work", evidence=last)
        reason = f"nothing that {' or '.join(globs)} names is another than before"
        return passed(reason, expected=expected, found=found, evidence=last)


_DID = {"created": "creates", "modified": "modifies", "deleted": "deletes"}
