"""Bash runs a command in the sandbox.

Every call is a shell of its own that starts in the workspace, with nothing on standard input: the
folder and the variables of one call are gone in the next, and so is whatever it left running. A
command has `timeout` milliseconds, up to ten minutes; without one it has the time that the trial
gives a command, usually two minutes. The answer is standard output, then standard error, 30,000
characters of them, and before them the exit code where it is not zero.

`run_in_background` is read and not obeyed: the command runs in the foreground, and the answer says
so.

    {"command": "python -m pytest -q", "description": "Run the tests"}
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from audition.conversation import ToolSpec
from audition.sandboxes import Finished, LimitHit
from audition.tools import Bench, Ran, Used
from audition.tools._given import MistakeError, answering, without_zeros
from audition.tools._output import middle_cut

MOST_MS = 600_000
_COMMAND_BYTES = 1 << 20
_ARGUMENT_BYTES = 120_000
"""Linux passes on 128 KiB in one argument. Source: `execve(2)`, `MAX_ARG_STRLEN`."""
_KEPT_CHARACTERS = 100_000
_ENDED_BY: Mapping[LimitHit, str] = {
    "wall": "It was stopped after {wall_s:g} s, its time limit.",
    "cpu": "It was stopped: it had used {cpu_s} s of processor time.",
    "memory": "It was stopped: it used more memory than there is for it.",
    "file_size": "It was stopped: a file grew too large.",
    "output": "It was stopped: it wrote too much output.",
    "workspace_bytes": "It was stopped: the workspace grew too large.",
    "workspace_files": "It was stopped: the workspace got too many files.",
}


@dataclass(frozen=True)
class Bash:
    """Runs a command in the sandbox."""

    spec: ClassVar[ToolSpec] = ToolSpec(
        "Bash",
        "Runs a command with bash, in the workspace, and answers with what it wrote. Each call is "
        "a new shell: `cd` and variables do not last until the next one, and nothing goes on "
        "running after it. There is no network and no terminal to answer questions.",
        {
            "type": "object",
            "properties": {
                "command": {"type": "string", "description": "The command"},
                "timeout": {
                    "type": "integer",
                    "minimum": 1,
                    "description": f"Milliseconds after which it is stopped, at most {MOST_MS}",
                },
                "description": {
                    "type": "string",
                    "description": "What the command does, in a few words",
                },
                "run_in_background": {
                    "type": "boolean",
                    "description": "Not available: the command runs in the foreground",
                },
            },
            "required": ["command"],
            "additionalProperties": False,
        },
    )

    @answering
    async def use(self, given: Mapping[str, Any], bench: Bench) -> Used:
        """Run the command; see `audition.tools.Tool`."""
        without_zeros(given, "command")
        command: str = given["command"]
        limits = bench.limits
        if "timeout" in given:
            limits = replace(limits, wall_s=min(given["timeout"], MOST_MS) / 1000)
        script = command.encode()
        if len(script) > _COMMAND_BYTES:
            raise MistakeError(f"A command has at most {_COMMAND_BYTES} bytes.")
        if len(script) > _ARGUMENT_BYTES:
            argv, stdin = ["bash", "-c", 'eval "$(cat)"'], script
        else:
            argv, stdin = ["bash", "-c", command], b""
        ended = await bench.sandbox.run(argv, env=bench.environment, stdin=stdin, limits=limits)
        told, failed = _ending(ended, wall_s=limits.wall_s, cpu_s=limits.cpu_s)
        if given.get("run_in_background"):
            told.insert(0, "It ran in the foreground: there is no background here.")
        said = middle_cut(_joined(ended).strip("\n"))
        ran = Ran(
            text=command,
            exit_code=ended.exit_code,
            output=_joined(ended, _KEPT_CHARACTERS // 2),
            timed_out=ended.timed_out,
        )
        content = "\n".join([*told, said or "It wrote nothing."])
        return Used(content=content, is_error=failed, ran=ran)


def _ending(ended: Finished, *, wall_s: float, cpu_s: int) -> tuple[list[str], bool]:
    """What has to be said about how it ended, and whether that is an error."""
    if ended.limit_hit:
        return [_ENDED_BY[ended.limit_hit].format(wall_s=wall_s, cpu_s=cpu_s)], True
    if ended.exit_code:
        return [f"Exit code {ended.exit_code}"], True
    return [], False


def _joined(ended: Finished, most: int | None = None) -> str:
    """Standard output and standard error, each with its own tail where there is a bound."""
    texts = [stream.decode(errors="replace") for stream in (ended.stdout, ended.stderr)]
    if most is not None:
        texts = [middle_cut(text, most) for text in texts]
    first, second = texts
    return f"{first}\n{second}" if first and second and not first.endswith("\n") else first + second
