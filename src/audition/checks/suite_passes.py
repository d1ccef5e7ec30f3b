"""What is delivered passes the tests: those of the base, and those that it brings itself.

The harness runs the tests twice, in fresh sandboxes. First the base's tests with the base's
configuration over the delivered code: every test that passed at the base has to be run and pass, so
no `conftest.py`, no option, script or Makefile of the agent's can answer for it. Then the delivered
tests as they are delivered: all have to pass, and no fewer may be run than at the base.

    expect:
      - suite_passes
      - suite_passes: {overrules: ["tests/test_cart.py::test_total"]}

`overrules` names tests of the base that the request does away with, by id, class or file: they are
not asked to pass as they were. Where HEAD's tree is not the base's, HEAD is what is delivered, else
the working tree.

Needs: agents at work, and the tests of the base, of the end, and of the base over the end.
pass: the base's 12 tests and the agent's 3 new ones pass.
fail: an old test fails; or it is deselected by an option that the agent added.
skip: the harness has not run these tests.
fault: two runs did not agree, or not even the base's tests can be run.
"""

from dataclasses import dataclass
from typing import ClassVar

from audition.checks._delivered import delivered_tree, last, nothing_delivered
from audition.checks._probes import (
    cannot_judge,
    is_overruled,
    ran,
    trouble,
    unusable,
    with_tests_of,
)
from audition.evidence import Evidence, Need
from audition.outcome import Probed
from audition.score import Kind, Score, failed, passed

_EXPECTED = "the base's tests and the delivered tests pass"


@dataclass(frozen=True)
class SuitePasses:
    """Old tests and new ones pass by the harness's own runs."""

    overrules: tuple[str, ...] = ()
    """Tests of the base that the request does away with: ids, classes or files."""

    kind: ClassVar[Kind] = "outcome"
    needs: ClassVar[frozenset[Need]] = frozenset({"work"})

    def score(self, evidence: Evidence) -> Score:
        """Run the base's tests over the delivered code, and the delivered ones."""
        if empty := nothing_delivered(evidence):
            return empty
        tree, before = delivered_tree(evidence), evidence.work.base_tree
        laid = with_tests_of(evidence, tree, before)
        base, old, all_tests = evidence.tests_in(before, laid, tree)
        runs = [("the base's tests", old), ("the delivered tests", all_tests)]
        if fault := cannot_judge(base) or unusable(runs):
            return fault
        found = f"{ran(old)} of the base's tests run, {ran(all_tests)} as delivered"
        reason = self._wrong(base, old, all_tests)
        if reason:
            return failed(reason, expected=_EXPECTED, found=found, evidence=last(evidence))
        reason = f"{ran(old)} of the base's tests and all {ran(all_tests)} delivered tests pass"
        return passed(reason, expected=_EXPECTED, found=found, evidence=last(evidence))

    def _wrong(self, base: Probed, old: Probed, all_tests: Probed) -> str:
        asked = [t for t in base.tests if not is_overruled(t.id, self.overrules)]
        wanted = {test.id for test in asked if test.outcome == "passed"}
        known = {test.id for test in asked if test.outcome == "failed"}
        if (wanted or known) and (why := trouble(old, overruled=self.overrules)):
            note = "; it failed at the base already" if _first(old, self.overrules) in known else ""
            return f"with the base's tests: {why}{note}"
        missing = sorted(wanted - {test.id for test in old.tests if test.outcome == "passed"})
        if missing:
            return f"with the base's tests: {missing[0]} is not run to its end any more"
        if why := trouble(all_tests):
            return f"as delivered: {why}"
        if ran(all_tests) < len(wanted):
            return f"as delivered, only {ran(all_tests)} tests are run; the base has {len(wanted)}"
        return ""


def _first(probed: Probed, overruled: tuple[str, ...]) -> str:
    failing_ids = (t.id for t in probed.tests if t.outcome == "failed")
    return next((name for name in failing_ids if not is_overruled(name, overruled)), "")
