"""One program on the host: started, watched, bounded, and ended with everything it started."""

import asyncio
import errno
import os
import signal
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO, Protocol

from audition.errors import FaultError
from audition.sandboxes import Finished, LimitHit, Limits
from audition.sandboxes._output import Output
from audition.sandboxes._watchdog import Watchdog, require_space

_CANNOT_BE_CALLED = 126


@dataclass(frozen=True, kw_only=True)
class Program:
    """What the host starts."""

    argv: Sequence[str]
    env: Mapping[str, str]
    stdin: bytes = b""
    cwd: Path | None = None
    descriptors: tuple[int, ...] = ()


class Tree(Protocol):
    """All processes of one program: how they are ended, and what they use."""

    def is_over(self, process: "subprocess.Popen[bytes]") -> bool:
        """Kill what an ended program has left, without waiting; whether nothing is left."""

    async def end(self, process: "subprocess.Popen[bytes]") -> None:
        """Kill what is left of them, and return when nothing is."""

    def resident(self, process: "subprocess.Popen[bytes]") -> int:
        """Bytes of memory that they use."""


@dataclass(frozen=True, kw_only=True)
class Ended:
    """How the program ended."""

    code: int
    limit: LimitHit | None
    stdout: bytes
    stderr: bytes
    truncated: bool
    duration_s: float


async def play(
    program: Program, tree: Tree, *, limits: Limits, roots: Sequence[Path]
) -> Ended | Finished:
    """Run a program to its end, or to the first limit that it meets.

    Returns what a shell would say, without starting anything, where no process can have such a
    command line.

    Raises:
        FaultError: the host cannot start it, or is too full to.
    """
    free = require_space(roots)
    try:
        process, streams = _start(program)
    except (ValueError, OSError) as error:
        if isinstance(error, OSError) and error.errno != errno.E2BIG:
            raise FaultError("sandbox", f"nothing can be started here ({error})") from error
        return _refused(error)
    loop = asyncio.get_running_loop()
    began = loop.time()
    end: asyncio.Future[LimitHit | None] = loop.create_future()
    outputs = [_listen(stream, limits, end) for stream in streams]
    exited = Exit(process, end)
    timer = loop.call_later(limits.wall_s, settle, end, "wall")
    resident = partial(tree.resident, process)
    watchdog = Watchdog(limits, roots, free=free, resident=resident, end=end)
    try:
        met = await end
        limit = None if exited.is_over else met
        duration_s = loop.time() - began
    finally:
        timer.cancel()
        watchdog.stop()
        if not (exited.is_over and tree.is_over(process)):
            # Shielded: whoever cancels us twice still leaves no process behind.
            await asyncio.shield(asyncio.create_task(_finish(process, tree, exited)))
        for output in outputs:
            output.close()
    stdout, stderr = outputs
    return Ended(
        code=process.returncode,
        limit=limit,
        stdout=stdout.text,
        stderr=stderr.text,
        truncated=stdout.truncated or stderr.truncated,
        duration_s=duration_s,
    )


def finished(ended: Ended, code: int) -> Finished:
    """A command's end, from its exit code as a shell says it."""
    named = code - 128 if 128 < code <= 128 + signal.NSIG else None
    return Finished(
        exit_code=None if ended.limit else code,
        signal=signal.SIGKILL if ended.limit else named,
        limit_hit=ended.limit or _LIMIT_SIGNALS.get(named or 0),
        stdout=ended.stdout,
        stderr=ended.stderr,
        truncated=ended.truncated,
        duration_s=ended.duration_s,
    )


_LIMIT_SIGNALS: Mapping[int, LimitHit] = {signal.SIGXCPU: "cpu", signal.SIGXFSZ: "file_size"}


def settle(end: "asyncio.Future[LimitHit | None]", limit: LimitHit | None) -> None:
    """Say how a program ends, unless that is known already."""
    if not end.done():
        end.set_result(limit)


class Exit:
    """The end of one process, whose exit code is taken whoever else still holds its streams."""

    def __init__(
        self, process: "subprocess.Popen[bytes]", end: "asyncio.Future[LimitHit | None]"
    ) -> None:
        """Wait for it, and settle `end` with no limit."""
        self._process, self._end = process, end
        self._loop = asyncio.get_running_loop()
        self._waiters: list[asyncio.Future[None]] = []
        self.is_over = False
        try:
            self._descriptor = os.pidfd_open(process.pid)
        except (AttributeError, OSError):
            self._loop.run_in_executor(None, process.wait).add_done_callback(self._gone)
        else:
            self._loop.add_reader(self._descriptor, self._ended)

    async def wait(self) -> None:
        """Return when it is over."""
        if not self.is_over:
            self._waiters.append(self._loop.create_future())
            await self._waiters[-1]

    def _ended(self) -> None:
        self._loop.remove_reader(self._descriptor)
        os.close(self._descriptor)
        self._process.wait()
        self._gone()

    def _gone(self, _: object = None) -> None:
        self.is_over = True
        settle(self._end, None)
        for waiter in self._waiters:
            if not waiter.done():
                waiter.set_result(None)


async def readable(descriptor: int, timeout_s: float) -> bool:
    """Wait until there is something to read, as there is once a process ends; then close it.

    Returns whether there was anything within the time.
    """
    loop = asyncio.get_running_loop()
    told: asyncio.Future[bool] = loop.create_future()

    def tell(found: bool) -> None:
        if not told.done():
            told.set_result(found)

    loop.add_reader(descriptor, tell, True)
    timer = loop.call_later(timeout_s, tell, False)
    try:
        return await told
    finally:
        timer.cancel()
        loop.remove_reader(descriptor)
        os.close(descriptor)


def _start(program: Program) -> tuple["subprocess.Popen[bytes]", tuple[int, int]]:
    """The process, and the ends of the pipes that it writes its two streams to."""
    with ExitStack() as closing:
        stdin: IO[bytes] | int = subprocess.DEVNULL
        if program.stdin:
            # A file, not a pipe: nobody has to feed it, or to notice that it is not read.
            stdin = closing.enter_context(tempfile.TemporaryFile())
            stdin.write(program.stdin)
            stdin.seek(0)
        reading, stdout = os.pipe()
        closing.callback(os.close, stdout)
        reading_errors, stderr = os.pipe()
        closing.callback(os.close, stderr)
        try:
            process = subprocess.Popen(  # noqa: S603 - the one place where commands are started
                program.argv,
                env=program.env,
                cwd=program.cwd,
                stdin=stdin,
                stdout=stdout,
                stderr=stderr,
                pass_fds=program.descriptors,
                start_new_session=True,
            )
        except BaseException:
            os.close(reading)
            os.close(reading_errors)
            raise
    return process, (reading, reading_errors)


def _refused(error: Exception) -> Finished:
    reason = "argument list too long" if isinstance(error, OSError) else "not a command line"
    return Finished(
        exit_code=_CANNOT_BE_CALLED,
        signal=None,
        limit_hit=None,
        stdout=b"",
        stderr=f"{reason}\n".encode(),
        truncated=False,
        duration_s=0.0,
    )


def _listen(descriptor: int, limits: Limits, end: "asyncio.Future[LimitHit | None]") -> Output:
    return Output(
        descriptor,
        kept_bytes=limits.kept_bytes,
        most_bytes=limits.output_bytes,
        on_flood=partial(settle, end, "output"),
    )


async def _finish(process: "subprocess.Popen[bytes]", tree: Tree, exited: Exit) -> None:
    await tree.end(process)
    await exited.wait()
