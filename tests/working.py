"""Builder of evidence of agents at work: a trace and an outcome as a runtime would have left them.

    evidence = (
        Work({"shop/cart.py": CART})
        .delegates("backend")
        .writes("tests/test_cart.py", TESTS)
        .runs("pytest -q", outcome="failed").finds(RED)
        .writes("shop/cart.py", FIXED)
        .runs("pytest -q", outcome="passed").finds(GREEN)
        .commits("feat: totals")
        .returns("Done.")
        .end()
    )

Every action is a turn of its own with one tool call; `same_turn=True` keeps it in the turn before.
Trees, commits, branches and contents are kept consistent: what a test does not say is as git and
a file system would have it. `judged` gives a check the runs it asks for, as the harness does.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from hashlib import sha1
from typing import Any

from audition.events import (
    MAIN,
    Change,
    Command,
    CommandOutcome,
    CommandRole,
    Commit,
    Delegation,
    End,
    FailureKind,
    Head,
    Message,
    ModelCall,
    Request,
    ToolCall,
    ToolResult,
)
from audition.evidence import Check, Evidence, NotRecordedError
from audition.outcome import Outcome, Probe, Probed
from audition.project import DEFAULT_PROJECT, Project, fits
from audition.score import Score
from audition.tracer import Tracer
from audition.trees import REGULAR, File, Tree, blob_id, changed, differences

BASE = {
    "README.md": "# Shop\n",
    ".gitignore": "__pycache__/\n*.log\n",
    "shop/__init__.py": "",
    "shop/cart.py": "def total(prices):\n    return sum(prices)\n",
    "tests/test_cart.py": (
        "from shop.cart import total\n\n\ndef test_total():\n    assert total([1, 2]) == 3\n"
    ),
}
"""The workspace of a trial that does not say otherwise."""

STARTED, ENDED = "2026-03-10T14:00:00+00:00", "2026-03-10T14:40:00+00:00"
BASE_ID, BEFORE_BASE = "b" * 40, "a" * 40
"""The commit that every trial begins with, and the one before it."""


class Work:
    """A trial in which agents work, written one action at a time."""

    def __init__(
        self,
        files: Mapping[str, str] = BASE,
        *,
        request: str = "Add a discount to the cart",
        project: Project = DEFAULT_PROJECT,
        branch: str = "main",
        started_at: str = STARTED,
        ended_at: str = ENDED,
        recorded: tuple[str, str] = ("", ""),
    ) -> None:
        self._now = 0.0
        self._tracer = Tracer(lambda: self._now)
        self._tracer.add(Request, text=request, offered=("backend", "general-purpose"))
        self._threads: list[tuple[str, int | None, int]] = [(MAIN, None, 0)]
        self._project = project
        self._contents: dict[str, bytes] = {}
        self._base = {path: self._file(text) for path, text in files.items()}
        self._ignored = tuple(
            line for line in files.get(".gitignore", "").splitlines() if line.strip()
        )
        self._tree = dict(self._base)
        self._commits: dict[str, tuple[tuple[str, ...], Tree]] = {
            BEFORE_BASE: ((), {}),
            BASE_ID: ((BEFORE_BASE,), self._base),
        }
        self._start = branch
        self._branch, self._detached = branch, ""
        self._branches = {branch: BASE_ID}
        self._stash: Tree = {}
        self._times = (started_at, ended_at, *recorded)
        self._probed: dict[str, Probed] = {}

    # ── What agents say and whom they ask ────────────────────────────────────────────────────────

    def turn(self) -> "Work":
        """One call of the model, by the acting thread."""
        self._now += 10
        self._add(ModelCall, served="scripted", stop="tool_use", cost_usd=0.01)
        return self

    def says(self, text: str) -> "Work":
        """The acting agent says something, in a turn of its own."""
        self.turn()._add(Message, text=text)
        return self

    def delegates(self, to: str = "backend", brief: str = "Do the work") -> "Work":
        """The acting agent starts another, which acts from now on."""
        call = self._call("Agent", {"subagent_type": to, "prompt": brief})
        started = self._add(Delegation, call=call, to=to, asked=to, brief=brief)
        self._threads.append((to, started.number, call))
        return self

    def returns(self, text: str = "Done.") -> "Work":
        """The acting sub-agent says its last words, and its parent acts again."""
        self.says(text)
        _, _, call = self._threads.pop()
        self._add(ToolResult, call=call, content=text)
        return self

    # ── What they do to files ────────────────────────────────────────────────────────────────────

    def writes(
        self,
        path: str,
        text: str,
        *,
        by: str | None = None,
        kept: bool = True,
        same_turn: bool = False,
    ) -> "Work":
        """One file is written; `kept=False` for a content that the harness did not keep."""
        tree = {**self._tree, path: self._file(text, kept=kept)}
        call = self._call("Write", {"file_path": path, "content": text}, by, same_turn)
        return self._answers(call).becomes(tree, call, by)

    def removes(self, path: str) -> "Work":
        """One file is removed."""
        return self.heredoc({path: None}, command=f"rm {path}")

    def heredoc(
        self,
        files: Mapping[str, str | None],
        *,
        by: str | None = None,
        command: str = "cat > … <<'EOF'",
    ) -> "Work":
        """Several files are written, or removed where there is no text, by one command."""
        call = self._call("Bash", {"command": command}, by)
        return self._answers(call).becomes(self._with(files), call, by)

    def runs(
        self,
        text: str,
        *,
        outcome: CommandOutcome = "unknown",
        role: CommandRole = "test",
        tool: str = "pytest",
        exit_code: int | None = None,
        failure: FailureKind | None = None,
        tests: int | None = None,
        whole: bool = True,
        writes: Mapping[str, str | None] | None = None,
        by: str | None = None,
        same_turn: bool = False,
    ) -> "Work":
        """A command is run; `writes` is what else its call changes."""
        call = self._call("Bash", {"command": text}, by, same_turn)
        self._answers(call)
        self._add(
            Command, by, call=call, text=text, tool=tool, role=role, exit_code=exit_code,
            outcome=outcome, failure=failure, tests=tests, whole=whole, argv=tuple(text.split()),
        )  # fmt: skip
        return self.becomes(self._with(writes or {}), call, by)

    def becomes(self, tree: Tree, call: int = 0, by: str | None = None) -> "Work":
        """The working tree is this one now; without a call, by nobody's doing."""
        for change in differences(self._tree, tree):
            self._add(Change, by, call=call, file=change)
        self._tree = dict(tree)
        return self

    # ── What they do with git ────────────────────────────────────────────────────────────────────

    def git(self, *argv: str, exit_code: int = 0, typed: str | None = None) -> "Work":
        """Git records a command that it ran; `typed` is what the call said, if something else."""
        call = self._call("Bash", {"command": typed or f"git {' '.join(argv)}"})
        self._answers(call)._git(call, argv, exit_code)
        return self

    def types(self, text: str, *, exit_code: int | None = None, same_call: bool = False) -> "Work":
        """A git command is recognised in the text of a call, and git kept no record of it."""
        if same_call:
            call = max(e.number for e in self._tracer.trace if isinstance(e, ToolCall))
        else:
            call = self._call("Bash", {"command": text})
            self._answers(call)
        self._add(
            Command, call=call, text=text, tool="git", role="git", exit_code=exit_code,
            argv=tuple(text.split()),
        )  # fmt: skip
        return self

    def commits(
        self,
        message: str = "feat: add a discount",
        *,
        paths: tuple[str, ...] | None = None,
        amend: bool = False,
        merges: str | None = None,
        by: str | None = None,
    ) -> "Work":
        """The working tree, or only these paths of it, is committed."""
        call = self._call("Bash", {"command": f"git commit -m {message!r}"}, by)
        self._answers(call)._git(call, ("commit", *(["--amend"] if amend else []), "-m", message))
        before = self._commits[self._head]
        parents = before[0] if amend else (self._head,)
        parents += (self._branches[merges],) if merges else ()
        tree = self._staged(before[1], paths)
        name = sha1(repr((parents, message, len(self._commits))).encode()).hexdigest()
        self._commits[name] = (parents, tree)
        first = self._commits[parents[0]][1] if parents else {}
        self._add(
            Commit, by, call=call, id=name, parents=parents, branch=self._branch, message=message,
            files=differences(first, tree),
        )  # fmt: skip
        return self._moves(call, self._branch, name)

    def switches(self, branch: str) -> "Work":
        """HEAD goes to a branch, which is made where it is not there yet."""
        argv = ("switch", branch) if branch in self._branches else ("switch", "-c", branch)
        call = self._call("Bash", {"command": f"git {' '.join(argv)}"})
        self._answers(call)._git(call, argv)
        target = self._branches.get(branch, self._head)
        self._moves_tree(call, target)
        return self._moves(call, branch, target)

    def resets(self, to: str = BASE_ID, *, hard: bool = False) -> "Work":
        """HEAD's branch goes to another commit, the working tree only if `hard`."""
        call = self._call("Bash", {"command": f"git reset {to}"})
        self._answers(call)._git(call, ("reset", "--hard" if hard else "--mixed", to))
        if hard:
            untracked = {
                p: f for p, f in self._tree.items() if p not in self._commits[self._head][1]
            }
            self.becomes({**untracked, **self._commits[to][1]}, call)
        return self._moves(call, self._branch, to)

    def detaches(self) -> "Work":
        """HEAD leaves its branch."""
        call = self._call("Bash", {"command": "git switch --detach"})
        self._answers(call)._git(call, ("switch", "--detach"))
        return self._moves(call, "", self._head)

    def stashes(self) -> "Work":
        """What was changed since HEAD is put away."""
        call = self._call("Bash", {"command": "git stash -u"})
        self._answers(call)._git(call, ("stash", "push", "-u"))
        self._stash = dict(self._tree)
        return self.becomes(self._commits[self._head][1], call)

    def pops(self) -> "Work":
        """What was put away comes back."""
        call = self._call("Bash", {"command": "git stash pop"})
        self._answers(call)._git(call, ("stash", "pop"))
        return self.becomes({**self._tree, **self._stash}, call)

    # ── What the harness finds, and the end ──────────────────────────────────────────────────────

    def finds(self, probed: Probed) -> "Work":
        """The harness, running the project's tests in the tree as it is now, finds this."""
        self._probed[Probe.tests(self._project.test_command, dict(self._tree)).key] = probed
        return self

    def lints(self, probed: Probed) -> "Work":
        """The harness, running the project's linter in the tree as it is now, finds this."""
        command = self._project.lint_command or ""
        self._probed[Probe.lint(command, dict(self._tree)).key] = probed
        return self

    @property
    def number(self) -> int:
        """The number of the last event."""
        return self._tracer.trace[-1].number

    @property
    def tree(self) -> dict[str, File]:
        """The working tree as it is now."""
        return dict(self._tree)

    @property
    def head(self) -> str:
        """HEAD's commit as it is now."""
        return self._head

    def end(self, *, probed: Mapping[int, Probed] | None = None) -> Evidence:
        """The evidence; `probed`: what tests come to after the event of a number, 0: the base."""
        self._add(End, reason="answered")
        head = self._head
        started, ended, since, until = self._times
        history = self._history(head)
        outcome = Outcome(
            base=BASE_ID,
            branch=self._start,
            base_tree=dict(self._base),
            head=head,
            head_branch=self._branch,
            head_files=differences(self._base, self._commits[head][1]),
            history=tuple(name for name in reversed(history) if name not in (BASE_ID, BEFORE_BASE)),
            base_is_ancestor=BASE_ID in history,
            branches=dict(self._branches),
            started_at=started,
            ended_at=ended,
            recorded_from=since,
            recorded_to=until,
            probed=dict(self._probed),
            ignored=self._ignored,
        )
        evidence = Evidence(self._tracer.trace, outcome, self._project, self._contents.get)
        for number, found in (probed or {}).items():
            probe = Probe.tests(self._project.test_command, evidence.tree_after(number))
            evidence = with_probes(evidence, {probe.key: found})
        return evidence

    # ── Inside ───────────────────────────────────────────────────────────────────────────────────

    @property
    def _head(self) -> str:
        return self._branches[self._branch] if self._branch else self._detached

    def _add(self, kind: Callable[..., Any], by: str | None = None, /, **fields: Any) -> Any:
        agent, parent, _ = next(
            (thread for thread in reversed(self._threads) if thread[0] == by), self._threads[-1]
        )
        return self._tracer.add(kind, agent=by or agent, parent=parent, **fields)

    def _call(
        self, tool: str, given: dict[str, Any], by: str | None = None, same_turn: bool = False
    ) -> int:
        if not same_turn:
            self._now += 10
            self._add(ModelCall, by, served="scripted", stop="tool_use", cost_usd=0.01)
        number: int = self._add(ToolCall, by, tool=tool, input=given).number
        return number

    def _answers(self, call: int) -> "Work":
        self._add(ToolResult, call=call, content="ok")
        return self

    def _git(self, call: int, argv: tuple[str, ...], exit_code: int = 0) -> None:
        self._add(
            Command, call=call, text=f"git {' '.join(argv)}", tool="git", role="git",
            exit_code=exit_code, outcome="passed" if exit_code == 0 else "failed",
            recorded_by_git=True, argv=("git", *argv),
        )  # fmt: skip

    def _file(self, text: str, *, kept: bool = True) -> File:
        content = text.encode("utf-8", "surrogateescape")
        if kept:
            self._contents[blob_id(content)] = content
        return File(REGULAR, blob_id(content))

    def _with(self, files: Mapping[str, str | None]) -> dict[str, File]:
        tree = {path: file for path, file in self._tree.items() if files.get(path, "") is not None}
        return {**tree, **{p: self._file(text) for p, text in files.items() if text is not None}}

    def _staged(self, committed: Tree, paths: tuple[str, ...] | None) -> dict[str, File]:
        def taken(path: str) -> bool:
            if paths is not None:
                return path in paths
            return path in committed or not fits(path, self._ignored)

        wanted = (c for c in differences(committed, self._tree) if taken(c.path))
        return changed(committed, wanted)

    def _moves(self, call: int, branch: str, commit: str) -> "Work":
        if branch:
            self._branches[branch] = commit
        self._branch, self._detached = branch, "" if branch else commit
        self._add(Head, call=call, branch=branch, commit=commit)
        return self

    def _moves_tree(self, call: int, commit: str) -> None:
        steps = differences(self._commits[self._head][1], self._commits[commit][1])
        self.becomes(changed(self._tree, steps), call)

    def _history(self, head: str) -> list[str]:
        """Every commit that HEAD holds, newest first; without what the base holds."""
        found: list[str] = []
        waiting = [head]
        while waiting:
            name = waiting.pop(0)
            if name not in found:
                found.append(name)
                waiting += self._commits[name][0] if name != BASE_ID else ()
        return found


def texts(evidence: Evidence, tree: Tree) -> dict[str, str]:
    """A tree as text by path, as a test can look at it."""
    return {path: evidence.text(file) for path, file in tree.items()}


def with_probes(evidence: Evidence, probed: Mapping[str, Probed]) -> Evidence:
    """The evidence, with more that the harness found."""
    known = {**evidence.work.probed, **probed}
    return replace(evidence, outcome=replace(evidence.work, probed=known))


def judged(
    check: Check, evidence: Evidence, answer: Callable[[Probe, dict[str, str]], Probed]
) -> Score:
    """The score, after the harness ran what the check asked for: `answer` is what it found.

    It is given the probe and the texts of its tree.
    """
    for _ in range(6):
        try:
            return check.score(evidence)
        except NotRecordedError as missing:
            if not missing.probes:
                raise
            found = {p.key: answer(p, texts(evidence, p.tree)) for p in missing.probes}
            evidence = with_probes(evidence, found)
    raise AssertionError("the check asks for ever more runs")
