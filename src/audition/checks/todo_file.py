"""A plan is written down before the work begins, and what it says about itself is true.

Passes when, at the moment before the first file of the implementation changes, a file that fits
`path` holds more than headings and metadata, was written or changed in this trial, and its
metadata is true. It is judged as it was at that moment: a file that is touched first and filled
later is no plan. Where the implementation is never changed, it is judged as it is at the end.

    expect:
      - todo_file: ".nasustim-documents/TODO_*.md"
      - todo_file:
          path: ".nasustim-documents/TODO_*.md"
          metadata: [branch, created]
          before: first_test
          kept: true

`path` is a glob or several, read as in a `.gitignore`; without it `TODO*.md` anywhere.

`before` is `implementation`, or `first_test` for a plan that also comes before the first change of
a file of the tests. What one tool call writes together has no order that could be proved.

`metadata` names what the plan has to say of itself. `branch` is a branch that HEAD was on when the
file was made or at any time after. `created` lies within the trial, or, where a recording is
replayed, within the time in which it was made. Front matter, `key: value`, bullets, bold, headings
and tables are read, and keys by their usual synonyms (`git branch`, `created at`, `date`, …). A
time without a zone is read as UTC and as the local time of the trial.

`precision` is how exactly `created` has to be given at least: `second`, `minute` (if nothing is
said) or `day`; only with `day` is a date alone enough. A time is judged as exactly as it is
written, but `:00` seconds are read as none unless `second` is asked for.

`kept: true` asks that a plan is still there, and filled, at the end.

Needs: agents at work in a workspace, to the end, and the contents of the plan.
pass: TODO_discount.md lists six tasks before shop/cart.py changes; its branch is HEAD's.
fail: it comes with or after the code; it is empty then; `created` was copied from an old plan.
skip: the request went to the wrong agent, or the content of the plan was not kept.
fault: the provider or the sandbox failed.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import ClassVar, Literal

from audition.checks._metadata import Key, Moment, Unit, has_content, read_moment, stated
from audition.checks._texts import shortened
from audition.checks._work import Globs, Step, as_globs, is_plain, last_number, listed, steps
from audition.events import Head
from audition.evidence import Evidence, Need, NotRecordedError
from audition.project import fits
from audition.score import Kind, Score, failed, passed
from audition.trees import File, Tree

_EXACTNESS = ("day", "minute", "second")
_MOST_PLANS = 100
"""Plans that are read; who writes more has not written a plan."""


@dataclass(frozen=True)
class TodoFile:
    """A filled plan with true metadata is there before the work begins."""

    path: Globs = "TODO*.md"
    """Where the plan is; one glob or several."""
    metadata: tuple[Key, ...] = ()
    """What it has to say of itself, truly."""
    before: Literal["implementation", "first_test"] = "implementation"
    """What has to come after it."""
    kept: bool = False
    """Whether a plan has to be there at the end, too."""
    precision: Unit = "minute"
    """How exactly `created` has to be given at least."""

    kind: ClassVar[Kind] = "process"
    needs: ClassVar[frozenset[Need]] = frozenset({"work"})

    def score(self, evidence: Evidence) -> Score:
        """Judge the plans as they were before the work began."""
        work = self._work(evidence)
        number = work.first - 1 if work else evidence.trace[-1].number
        plans = self._plans(evidence, evidence.tree_after(number))
        verdicts = {path: self._verdict(evidence, path, file) for path, file in plans.items()}
        good = [path for path, wrong in verdicts.items() if wrong is None]
        found = listed(plans)
        if not good:
            unknown = [wrong for wrong in verdicts.values() if isinstance(wrong, NotRecordedError)]
            if unknown:
                raise unknown[0]
            wrong = [str(wrong) for wrong in verdicts.values()]
            numbers = work.numbers if work else last_number(evidence)
            shown: tuple[int | str, ...] = (*list(plans)[:10], *numbers)
            return failed(
                wrong[0] if wrong else self._missing(evidence, work),
                expected=self._expected(),
                found=found,
                evidence=shown,
            )
        if self.kept and not self._is_kept(evidence):
            reason = f"{good[0]} was there in time, but no filled plan is there at the end"
            return failed(reason, expected=self._expected(), found=found, evidence=(good[0],))
        made = _made(evidence, good[0])
        reason = f"{good[0]} was written before {self._what()}"
        return passed(reason, expected=self._expected(), found=found, evidence=(made, good[0]))

    def _expected(self) -> str:
        metadata = f" with its {' and '.join(self.metadata)}" if self.metadata else ""
        return f"{' or '.join(as_globs(self.path))}{metadata} before {self._what()}"

    def _what(self) -> str:
        return "the implementation" if self.before == "implementation" else "the tests and the code"

    def _work(self, evidence: Evidence) -> Step | None:
        """The first step of the work that the plan has to precede."""
        test = ("tests",) if self.before == "first_test" else ()
        return next(
            (s for s in steps(evidence) if s.touches(evidence, "implementation", *test)), None
        )

    def _plans(self, evidence: Evidence, tree: Tree) -> dict[str, File]:
        """The files that can be the plan: they fit, and this trial wrote them."""
        base, globs = evidence.work.base_tree, as_globs(self.path)
        own = (
            (path, file)
            for path, file in sorted(tree.items())
            if is_plain(file) and _differs(file, base.get(path)) and fits(path, globs)
        )
        return dict(islice(own, _MOST_PLANS))

    def _missing(self, evidence: Evidence, work: Step | None) -> str:
        if work is None:
            return "no plan was written"
        globs = as_globs(self.path)
        if any(fits(c.file.path, globs) and is_plain(c.file.after) for c in work.changes):
            return "the plan came with the work in one tool call: that it came first is not proved"
        late = [c for c in evidence.changes if c.number > work.first and fits(c.file.path, globs)]
        first = next(
            (c for c in work.changes if _is_work(evidence, c.file.path, self.before)), None
        )
        changed = first.file.path if first else "the work"
        if late:
            return f"{late[0].file.path} was written only after {changed}"
        return f"no plan was written before {changed}"

    def _verdict(self, evidence: Evidence, path: str, file: File) -> str | NotRecordedError | None:
        """What is wrong with the plan, or that its content is unknown; None where it is good."""
        try:
            return self._wrong(evidence, path, file)
        except NotRecordedError as missing:
            return missing

    def _wrong(self, evidence: Evidence, path: str, file: File) -> str | None:
        """What is wrong with the plan; None where nothing is."""
        text = evidence.text(file)
        if not has_content(text):
            return f"{path} held no more than headings when the work began"
        problems = (_JUDGES[key](self, evidence, path, stated(text, key)) for key in self.metadata)
        return next((f"{path}: {problem}" for problem in problems if problem), None)

    def _is_kept(self, evidence: Evidence) -> bool:
        plans = self._plans(evidence, evidence.final_tree)
        return any(has_content(evidence.text(file)) for file in plans.values())

    def _branch(self, evidence: Evidence, path: str, written: str | None) -> str | None:
        """What is wrong with the branch."""
        if written is None:
            return "it does not say its branch"
        known = _branches_since(evidence, _made(evidence, path))
        words = written.removeprefix("refs/heads/").split()
        if written in known or (words and words[0].strip("`,;\"'*") in known):
            return None
        return f"its branch is {shortened(written, 60)!r}, HEAD was on {listed(sorted(known))}"

    def _created(self, evidence: Evidence, path: str, written: str | None) -> str | None:
        """What is wrong with the time."""
        del path
        if written is None:
            return "it does not say when it was created"
        moment, shown = read_moment(written), repr(shortened(written, 60))
        if moment is None:
            return f"it was created {shown}, which is no time that can be told"
        if _EXACTNESS.index(moment.unit) < _EXACTNESS.index(self.precision):
            return f"it was created {shown}, which does not name the {self.precision}"
        if self.precision != "second" and moment.unit == "second" and moment.at.second == 0:
            moment = Moment(moment.at, "minute")
        windows = list(_windows(evidence))
        if not windows:
            raise NotRecordedError("when the trial ran was not recorded")
        if any(moment.lies_in(*window) for window in windows):
            return None
        return f"it was created {shown}, the trial ran from {_shown(windows)}"


_JUDGES = {"branch": TodoFile._branch, "created": TodoFile._created}


def _differs(file: File, base: File | None) -> bool:
    return base is None or file.blob != base.blob


def _is_work(evidence: Evidence, path: str, before: str) -> bool:
    role = evidence.role(path)
    return role == "implementation" or (role == "tests" and before == "first_test")


def _made(evidence: Evidence, path: str) -> int:
    """The number of the first change of the file."""
    return next(change.number for change in evidence.changes if change.file.path == path)


def _branches_since(evidence: Evidence, number: int) -> set[str]:
    """The branches that HEAD was on at this event or after it."""
    moves = evidence.of(Head)
    before = [move.branch for move in moves if move.number <= number]
    at = before[-1] if before else evidence.work.branch
    after = {move.branch for move in moves if move.number > number}
    return {at, *after, evidence.work.head_branch} - {""}


def _windows(evidence: Evidence) -> Iterator[tuple[datetime, datetime]]:
    """When the trial ran, and when its recording was made."""
    outcome = evidence.work
    pairs = (
        (outcome.started_at, outcome.ended_at),
        (outcome.recorded_from, outcome.recorded_to),
    )
    for since, until in pairs:
        if since and until:
            yield _instant(since), _instant(until)


def _instant(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _shown(windows: list[tuple[datetime, datetime]]) -> str:
    return " or ".join(
        f"{since.isoformat(' ', 'seconds')} to {until.isoformat(' ', 'seconds')}"
        for since, until in windows
    )
