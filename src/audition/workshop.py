"""The workshop: agents' tool calls carried out in one trial's workspace, and written down.

After every tool call the workspace is looked at, so that a file written by a heredoc is seen like
one written by `Write`. One call runs at a time, also when agents work side by side: else a look
would credit the wrong call.
"""

import asyncio
import os
import stat
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from audition.beneath import open_beneath, opened
from audition.commands import recognise
from audition.errors import LimitReachedError
from audition.events import Change, Command, Commit, Head, ToolCall
from audition.runtimes import Answered
from audition.sandboxes import HOME, WORKSPACE
from audition.tools import Bench, Ran, all_tools
from audition.tracer import Tracer
from audition.workspaces.workspace import Seen, Workspace

_SMALL_TEXT = 100_000
"""Bytes of a file that says what a command means, such as a Makefile."""


@dataclass(frozen=True)
class Workshop:
    """What carries out the tool calls of one trial; see `audition.runtimes.Hands`."""

    workspace: Workspace
    bench: Bench
    tracer: Tracer
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def use(self, call: ToolCall) -> Answered:
        """Carry out one call, and write down what it did.

        Raises:
            FaultError: the sandbox failed.
            LimitReachedError: the workspace has grown beyond what can be read.
        """
        async with self._turn:
            tool = next(tool for tool in all_tools() if tool.spec.name == call.tool)
            used = await tool.use(call.input, self.bench)
            self._write_down(call, used.ran, await self.workspace.look(used.written))
        return Answered(used.content, used.is_error)

    async def read(self, path: str) -> str | None:
        """A text of the workspace or the home; None where there is none."""
        return await asyncio.to_thread(self._text, path)

    def _write_down(self, call: ToolCall, ran: Ran | None, seen: Seen) -> None:
        add = partial(self.tracer.add, agent=call.agent, parent=call.parent, call=call.number)
        for change in seen.changes:
            add(Change, file=change)
        if ran is not None:
            found = recognise(
                ran.text,
                exit_code=ran.exit_code,
                output=ran.output,
                timed_out=ran.timed_out,
                files=self._text,
            )
            for command in found:
                if command.tool != "git":  # git says itself what it was asked for
                    add(Command, **vars(command))
        for git in seen.git:
            add(
                Command,
                text=" ".join(git.argv),
                argv=git.argv,
                tool="git",
                role="git",
                exit_code=git.exit_code,
                recorded_by_git=True,
            )
        for commit in seen.commits:
            add(
                Commit,
                id=commit.id,
                parents=commit.parents,
                branch=seen.head.branch if seen.head else "",
                message=commit.message,
                files=commit.files,
            )
        if seen.head is not None:
            add(Head, branch=seen.head.branch, commit=seen.head.commit)
        if seen.truncated:
            raise LimitReachedError("workspace", None)

    def _text(self, path: str) -> str | None:
        """A small text that lies at a path as agents name it."""
        given = path if path.startswith("/") else f"{WORKSPACE}/{path}"
        for inside, outside in ((HOME, self.workspace.home), (WORKSPACE, self.workspace.root)):
            if outside is not None and given.startswith(f"{inside}/"):
                return self._read(outside, given.removeprefix(f"{inside}/"))
        return None

    def _read(self, folder: Path, path: str) -> str | None:
        try:
            with opened(folder) as root, os.fdopen(open_beneath(root, path), "rb") as file:
                if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                    return None
                return file.read(_SMALL_TEXT).decode(errors="replace")
        except OSError:
            return None
