"""The work is committed, and nothing is pushed.

Passes when, at the end, the branch that HEAD is on holds at least one commit more than at the
beginning and a tree that is another; the commit that the trial began with is still part of it; and
nobody tried to push. Own commits may be amended, squashed or rebased on the way: what counts is
what is there at the end.

    expect:
      - commits
      - commits: {message: conventional, clean_tree: true}
      - commits: {count: 1..3, message: "^SHOP-[0-9]+ "}
      - commits: 0
      - commits: {may_push: true}

`count` is a number, a range `1..3` or a lower bound `2..`; merge commits count. `0` asks that at
the end there is no commit, whatever there was on the way; it does not pass where no tool was used,
since then there was nothing to commit.

`message` is `conventional` or a regular expression, searched in the whole message with regard to
case; merge commits are exempt. Conventional is `type(scope)!: description` with one of the usual
types (build, chore, ci, docs, feat, fix, perf, refactor, revert, style, test), and a blank line
before the body. Source: Conventional Commits 1.0.0.

`clean_tree` compares the working tree with HEAD's tree. Only what the `.gitignore` of the
beginning ignores may differ; `git status` is not asked, as it can be told to keep silent.

A push that fails is a push: the agent is asked not to try. Git's own record of the commands it ran
decides, which also knows what an alias, a hook or a script asked for. Where a call left no such
record, or its text meddles with it, a push that stands in the text of the call counts too.
`--dry-run` is no push.

Needs: agents at work in a workspace, to the end, and git's own record of what it ran.
pass: one commit "feat: add a discount" on the branch that the trial ends on.
fail: no commit, or an empty one; the first commit amended; `git push` tried; a file left behind;
    a repository that is gone or that git cannot read any more.
skip: the request went to the wrong agent, or a message is asked about that was not recorded.
fault: the provider or the sandbox failed.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, ClassVar

from pydantic import AfterValidator, Field

from audition.checks._pushes import pushes
from audition.checks._work import did_no_work, last_number, listed
from audition.evidence import Evidence, Need, NotRecordedError
from audition.project import fits, is_memory
from audition.score import Kind, Score, failed, passed
from audition.trees import OTHER, FileChange, differences

_CONVENTIONAL = re.compile(
    r"(?:build|chore|ci|docs|feat|fix|perf|refactor|revert|style|test)"
    r"(?:\([^()\n]+\))?!?: \S[^\n]*(?:\n[ \t]*(?:\n|\Z)|\Z)",
    re.IGNORECASE,
)
_READ = 10_000
"""Characters of a message that are searched."""


def _compiles(pattern: str) -> str:
    try:
        re.compile(pattern)
    except re.error as error:
        raise ValueError(f"is not a regular expression: {error}") from None
    return pattern


@dataclass(frozen=True)
class Commits:
    """Commits since the beginning, on HEAD's branch at the end."""

    count: (
        Annotated[int, Field(ge=0)] | Annotated[str, Field(pattern=r"^[0-9]{1,6}\.\.[0-9]{0,6}$")]
    ) = "1.."
    """How many: a number, a range such as `1..3`, or a lower bound such as `2..`."""
    message: Annotated[str, AfterValidator(_compiles)] | None = None
    """`conventional`, or a regular expression that every message has to match."""
    clean_tree: bool = False
    """Whether the working tree has to be HEAD's tree."""
    may_push: bool = False
    """Whether a push is allowed."""

    kind: ClassVar[Kind] = "outcome"
    needs: ClassVar[frozenset[Need]] = frozenset({"work"})

    def score(self, evidence: Evidence) -> Score:
        """Judge the history at the end, and what was pushed on the way."""
        history = evidence.work.history
        found = f"{len(history)} commit{'' if len(history) == 1 else 's'}"
        tried = () if self.may_push else pushes(evidence)
        wrong = [*self._wrong(evidence), *(f"`{listed([text])}` was run" for text, _ in tried[:1])]
        numbers = tuple(number for _, number in tried)
        marks: tuple[int | str, ...] = (*history[:10], *numbers[:10])
        if wrong:
            return failed(
                "; ".join(wrong),
                expected=self._expected(),
                found=found,
                evidence=marks or last_number(evidence),
            )
        if self._message_is_open(evidence):
            raise NotRecordedError("the message of a commit was not recorded")
        reason = f"{found} since the beginning"
        return passed(
            reason, expected=self._expected(), found=found, evidence=marks or last_number(evidence)
        )

    def _expected(self) -> str:
        message = f", messages {self.message}" if self.message else ""
        clean = ", nothing left behind" if self.clean_tree else ""
        return f"{self.count} commits{message}{clean}{'' if self.may_push else ', no push'}"

    def _bounds(self) -> tuple[int, float]:
        least, dots, most = str(self.count).partition("..")
        return int(least), float(most) if most else (float("inf") if dots else int(least))

    def _wrong(self, evidence: Evidence) -> Iterator[str]:
        outcome = evidence.work
        if outcome.unreadable:
            yield f"the history cannot be read: {outcome.unreadable}"
            return
        (least, most), made = self._bounds(), len(outcome.history)
        if not outcome.base_is_ancestor:
            yield "the commit that the trial began with is no longer part of the branch"
        if not least <= made <= most:
            yield f"{made or 'no'} commit{'' if made == 1 else 's'} since the beginning"
        elif least and not outcome.head_files:
            yield "the commits together change nothing"
        if made and not outcome.head_branch and outcome.head not in outcome.branches.values():
            yield "the commits are on no branch"
        if most == 0 and did_no_work(evidence):
            yield "no agent used a tool, so there was nothing to commit"
        yield from self._misworded(evidence)
        left = _left_behind(evidence) if self.clean_tree else ()
        if left:
            yield f"the working tree is not what was committed: {listed(c.path for c in left)}"

    def _misworded(self, evidence: Evidence) -> Iterator[str]:
        pattern = self.message
        if pattern is None:
            return
        for commit in evidence.commits:
            if len(commit.parents) > 1:
                continue
            if pattern == "conventional":
                if not _CONVENTIONAL.match(commit.message[:_READ].strip("\n")):
                    yield f"not a conventional message: {_header(commit.message)!r}"
            elif not re.search(pattern, commit.message[:_READ]):
                yield f"the message {_header(commit.message)!r} does not match /{pattern}/"

    def _message_is_open(self, evidence: Evidence) -> bool:
        return self.message is not None and len(evidence.commits) < len(evidence.work.history)


def _header(message: str) -> str:
    """The first line of a message, cut to a width."""
    return message.strip().partition("\n")[0][:80]


def _left_behind(evidence: Evidence) -> tuple[FileChange, ...]:
    """Where the working tree differs from HEAD's, but for what the base's `.gitignore` ignores.

    What an agent remembers is not part of its work. The tree of the base holds ignored files too,
    if the workspace was set up with some; what was committed is never ignored. Git does not see
    pipes, sockets and devices.
    """
    committed = {change.path for change in evidence.work.head_files}

    def is_ignored(path: str) -> bool:
        return path not in committed and (is_memory(path) or fits(path, evidence.work.ignored))

    return tuple(
        change
        for change in differences(evidence.head_tree, evidence.final_tree)
        if not is_ignored(change.path)
        and not (change.before is None and change.after and change.after.mode == OTHER)
    )
