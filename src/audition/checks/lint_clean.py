"""The linter finds nothing in what is delivered that it did not find in the base.

The harness runs the project's `lint_command` twice, in fresh sandboxes: with the base's linter
configuration and with the delivered one. Findings count by file, rule and message, not by line, so
code may move within its file; a second finding of a kind that was there once is new.

    expect:
      - lint_clean
      - lint_clean: {by_agent: true, why: linters are run before the work is handed over}

`by_agent: true` also demands that an agent ran a linter after its first change of code or tests. A
comment that silences a rule in one place is read as the linter reads it. Where HEAD's tree is not
the base's, HEAD is what is delivered, else the working tree.

Needs: agents at work, a `lint_command`, and what the linter finds in the base and at the end.
pass: the base has one finding in an old file, and so has the delivered tree.
fail: an unused import was added; or a rule that finds something was switched off.
skip: the project states no `lint_command`, or the harness has not run it.
fault: two runs did not agree, or the linter cannot even be run on the base.
"""

from dataclasses import dataclass, replace
from typing import ClassVar

from audition.checks._delivered import delivered_tree, last, nothing_delivered
from audition.checks._probes import (
    cannot_judge,
    is_configuration,
    laid_over,
    new_findings,
    unusable,
)
from audition.checks._runs import runs_of
from audition.evidence import Evidence, Need
from audition.outcome import Probed
from audition.score import Kind, Score, failed, passed

_EXPECTED = "nothing that the linter did not find in the base"


@dataclass(frozen=True)
class LintClean:
    """No new finding, by the base's configuration and by the delivered one."""

    by_agent: bool = False
    """Whether an agent has to have run a linter on its work."""

    kind: ClassVar[Kind] = "outcome"
    needs: ClassVar[frozenset[Need]] = frozenset({"work", "linter"})

    def score(self, evidence: Evidence) -> Score:
        """Compare what the linter finds with what it found in the base."""
        if empty := nothing_delivered(evidence):
            return empty
        if self.by_agent and not _linted(evidence):
            return _failed("no agent ran a linter on its work", evidence)
        base, tree = evidence.work.base_tree, delivered_tree(evidence)
        old, mine, old_by_new, mine_by_new = evidence.lint_in(
            base,
            laid_over(tree, base, is_configuration),
            laid_over(base, tree, is_configuration),
            tree,
        )
        runs = [("the linter", run) for run in (mine, old_by_new, mine_by_new)]
        if fault := cannot_judge(old, "linter") or unusable(runs):
            return fault
        ways = (
            ("the base's", old, mine),
            ("the delivered", _by_delivered(old, old_by_new), mine_by_new),
        )
        for whose, before, after in ways:
            if reason := _worse(before, after):
                return _failed(f"by {whose} configuration: {reason}", evidence)
        reason = (
            "the linter finds nothing new, by the base's configuration and by the delivered one"
        )
        return passed(reason, expected=_EXPECTED, evidence=last(evidence))


def _by_delivered(base: Probed, by_new: Probed) -> Probed:
    """What the base comes to under the delivered configuration, whose own findings are new."""
    code = (finding for finding in by_new.findings if not is_configuration(finding.path))
    settings = (finding for finding in base.findings if is_configuration(finding.path))
    return replace(by_new, findings=(*code, *settings))


def _worse(before: Probed, after: Probed) -> str:
    """What is new, as the end of a sentence; empty where nothing is."""
    if after.failure is not None:
        return f"the linter cannot be run ({after.failure})"
    if new := new_findings(before, after):
        first = new[0]
        more = f" and {len(new) - 1} more" if len(new) > 1 else ""
        return f"{first.path}:{first.line}: {first.rule} {first.message}{more}"
    if not after.findings and after.exit_code != 0 and before.exit_code == 0:
        return f"the linter names nothing, and yet ends with {after.exit_code}"
    return ""


def _linted(evidence: Evidence) -> bool:
    """Whether a linter was run after the first change of code or tests."""
    touched = (c.call for c in evidence.changes if evidence.role(c.file.path) != "other")
    first = next(touched, None)
    return first is not None and any(run.call > first for run in runs_of(evidence, "lint"))


def _failed(reason: str, evidence: Evidence) -> Score:
    return failed(reason, expected=_EXPECTED, evidence=last(evidence))
