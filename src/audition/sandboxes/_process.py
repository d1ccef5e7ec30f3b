"""One program on the host: started, watched, bounded, and ended with everything it started."""

import asyncio
import errno
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Protocol, cast

from audition.errors import FaultError
from audition.sandboxes import Finished, LimitHit, Limits
from audition.sandboxes._output import Output
from audition.sandboxes._watchdog import require_space, watch

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
    require_space(roots)
    try:
        process = _start(program)
    except (ValueError, OSError) as error:
        if isinstance(error, OSError) and error.errno != errno.E2BIG:
            raise FaultError("sandbox", f"nothing can be started here ({error})") from error
        return _refused(error)
    began = time.monotonic()
    flooded: asyncio.Future[LimitHit] = asyncio.get_running_loop().create_future()
    outputs = [_listen(stream, limits, flooded) for stream in (process.stdout, process.stderr)]
    watching = asyncio.create_task(watch(limits, roots, lambda: tree.resident(process)))
    exited = asyncio.create_task(wait_for_exit(process))
    try:
        await asyncio.wait(
            (exited, flooded, watching),
            timeout=limits.wall_s,
            return_when=asyncio.FIRST_COMPLETED,
        )
        duration_s = time.monotonic() - began
        limit = _limit(exited, flooded, watching)
    finally:
        watching.cancel()
        # Shielded: whoever cancels us twice still leaves no process behind.
        await asyncio.shield(asyncio.create_task(_finish(process, tree, exited, outputs)))
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


async def wait_for_exit(process: "subprocess.Popen[bytes]") -> None:
    """Wait for one process and take its exit code, whoever else still holds its streams."""
    try:
        descriptor = os.pidfd_open(process.pid)
    except (AttributeError, OSError):
        await asyncio.to_thread(process.wait)
        return
    await readable(descriptor)
    process.wait()


async def readable(descriptor: int) -> None:
    """Wait until there is something to read, as there is once a process ends; then close it."""
    loop = asyncio.get_running_loop()
    told = asyncio.Event()
    loop.add_reader(descriptor, told.set)
    try:
        await told.wait()
    finally:
        loop.remove_reader(descriptor)
        os.close(descriptor)


def _start(program: Program) -> "subprocess.Popen[bytes]":
    with ExitStack() as opened:
        stdin: IO[bytes] | int = subprocess.DEVNULL
        if program.stdin:
            # A file, not a pipe: nobody has to feed it, or to notice that it is not read.
            stdin = opened.enter_context(tempfile.TemporaryFile())
            stdin.write(program.stdin)
            stdin.seek(0)
        return subprocess.Popen(  # noqa: S603 - the one place where commands are started
            program.argv,
            env=dict(program.env),
            cwd=program.cwd,
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            pass_fds=program.descriptors,
            start_new_session=True,
        )


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


def _listen(
    stream: IO[bytes] | None, limits: Limits, flooded: "asyncio.Future[LimitHit]"
) -> Output:
    def on_flood() -> None:
        if not flooded.done():
            flooded.set_result("output")

    piped = cast(IO[bytes], stream)
    descriptor = os.dup(piped.fileno())
    piped.close()
    return Output(
        descriptor,
        kept_bytes=limits.kept_bytes,
        most_bytes=limits.output_bytes,
        on_flood=on_flood,
    )


def _limit(
    exited: "asyncio.Task[None]",
    flooded: "asyncio.Future[LimitHit]",
    watching: "asyncio.Task[LimitHit]",
) -> LimitHit | None:
    seen = watching.result() if watching.done() else None
    if exited.done():
        return None
    return flooded.result() if flooded.done() else seen or "wall"


async def _finish(
    process: "subprocess.Popen[bytes]",
    tree: Tree,
    exited: "asyncio.Task[None]",
    outputs: Sequence[Output],
) -> None:
    try:
        await tree.end(process)
        await exited
    finally:
        for output in outputs:
            output.close()
