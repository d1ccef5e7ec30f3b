"""Inspect AI's side of the comparison: plays a task, prints what it cost.

    INSPECT/bin/python play_inspect.py single | three SAMPLES CONCURRENCY FOLDER
    INSPECT/bin/python play_inspect.py job SAMPLES CONCURRENCY FOLDER --template WORKSPACE

Runs in an environment of its own with `inspect-ai` in it. Its model is `mockllm`, its log lies in
FOLDER, and everything else is as it comes. A job's workspace is copied by `cp -a` from a git
repository that was made beforehand, and files are written by `write_file` of the sandbox: the
cheapest that it offers (its `text_editor` starts a server in every sandbox).
"""

import argparse
import os
import sys
from collections.abc import Callable
from pathlib import Path

from inspect_ai import Task
from inspect_ai import eval as play
from inspect_ai.dataset import Sample
from inspect_ai.model import ChatMessage, ChatMessageAssistant, ModelOutput, ModelUsage, get_model
from inspect_ai.scorer import Score, Scorer, Target, accuracy, includes, scorer
from inspect_ai.solver import TaskState, generate, use_tools
from inspect_ai.tool import Tool, bash, tool
from inspect_ai.util import sandbox
from script import Write, request, steps
from usage import Meter

WARMUP = 2


@tool
def write_file() -> Tool:
    """A file, written."""

    async def execute(path: str, content: str) -> str:
        """Write a file.

        Args:
            path: Where.
            content: What.
        """
        await sandbox().write_file(path, content)
        return f"{path} was written"

    return execute


@tool
def delegate() -> Tool:
    """A piece of work, given away: the answer is fixed, as it is on the other side."""

    async def execute(agent: str, brief: str) -> str:
        """Start an agent.

        Args:
            agent: Which.
            brief: What it has to do.
        """
        return f"{agent} has finished its part: {brief}"

    return execute


def _paths(state: TaskState) -> list[str]:
    """What was called, in order: the path that was written, or the command."""
    return [
        str(call.arguments.get("path") or call.arguments.get("command") or call.arguments["agent"])
        for message in state.messages
        if isinstance(message, ChatMessageAssistant)
        for call in message.tool_calls or ()
    ]


@scorer(metrics=[accuracy()])
def plan_first() -> Scorer:
    """The plan is there, has content, and came before the code."""

    async def score(state: TaskState, target: Target) -> Score:
        paths = _paths(state)
        plan = next(path for path in paths if path.startswith("TODO"))
        text = await sandbox().read_file(plan)
        is_first = paths.index(plan) < paths.index(f"shop/{target.text}.py")
        return Score(value=is_first and "- [ ]" in text)

    return score


@scorer(metrics=[accuracy()])
def tests_first() -> Scorer:
    """The test was written before the code."""

    async def score(state: TaskState, target: Target) -> Score:
        paths = _paths(state)
        test, code = f"tests/test_{target.text}.py", f"shop/{target.text}.py"
        return Score(value=paths.index(test) < paths.index(code))

    return score


@scorer(metrics=[accuracy()])
def committed() -> Scorer:
    """There is one commit more, and nothing is left over."""

    async def score(state: TaskState, target: Target) -> Score:
        log = await sandbox().exec(["git", "log", "--format=%s"])
        status = await sandbox().exec(["git", "status", "--short"])
        is_there = log.stdout.startswith(f"feat: {target.text}")
        return Score(value=is_there and not status.stdout)

    return score


@scorer(metrics=[accuracy()])
def in_order() -> Scorer:
    """Red, code, green, as the outputs of the commands show."""

    async def score(state: TaskState, target: Target) -> Score:
        said = [message.text for message in state.messages if message.role == "tool"]
        return Score(value="FAILED" in said[3] and "OK" in said[5])

    return score


@scorer(metrics=[accuracy()])
def delegated_in_order() -> Scorer:
    """The two agents were started one after the other."""

    async def score(state: TaskState, target: Target) -> Score:
        return Score(value=_paths(state) == ["investigator", "worker"])

    return score


def main() -> None:
    """Warm up, play, and make sure that every sample passed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("work", choices=("single", "three", "job"))
    parser.add_argument("samples", type=int)
    parser.add_argument("concurrency", type=int)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--template", type=Path)
    args = parser.parse_args()
    args.folder.mkdir(parents=True, exist_ok=True)
    os.environ["HOME"] = str(args.folder)  # so that login shells read nobody's start-up files
    _play(args, WARMUP)
    meter = Meter()
    _play(args, args.samples)
    print(meter.read(args.samples).to_json())


def _play(args: argparse.Namespace, samples: int) -> None:
    task, answer = _task(args, samples)
    model = get_model("mockllm/model", custom_outputs=answer, memoize=False)
    (log,) = play(
        task, model, display="none", log_dir=str(args.folder), max_samples=args.concurrency
    )
    results = log.results
    if log.status != "success" or results is None or results.completed_samples != samples:
        raise RuntimeError(f"{log.status}: {log.error.message if log.error else None}")
    rates = [score.metrics["accuracy"].value for score in results.scores]
    if set(rates) != {1.0}:
        raise RuntimeError(f"not every sample passed: {rates}")


Answer = Callable[..., ModelOutput]


def _task(args: argparse.Namespace, samples: int) -> tuple[Task, Answer]:
    if args.work == "single":
        target = "worker"
        single = [Sample(id=n, input=request(n), target=target) for n in range(samples)]
        return Task(single, scorer=includes()), lambda *_: _says(target)
    if args.work == "three":
        three = [Sample(id=n, input=request(n), target="") for n in range(samples)]
        solver = [use_tools(delegate()), generate()]
        return Task(three, solver=solver, scorer=delegated_in_order()), _delegations
    setup = f"cp -a {args.template}/. ."
    jobs = [Sample(id=n, input=request(n), target=f"part_{n}", setup=setup) for n in range(samples)]
    solver = [use_tools(bash(timeout=60), write_file()), generate()]
    scorers = [plan_first(), tests_first(), committed(), in_order()]
    return Task(jobs, solver=solver, scorer=scorers, sandbox="local"), _actions


def _delegations(messages: list[ChatMessage], *_: object) -> ModelOutput:
    turn = _turn(messages)
    if turn == 2:
        return _says("All parts are done.")
    brief = {"agent": ("investigator", "worker")[turn], "brief": messages[0].text}
    return _calls("delegate", brief)


def _actions(messages: list[ChatMessage], *_: object) -> ModelOutput:
    number = int(messages[0].text.partition("part_")[2].partition(",")[0])
    actions, turn = steps(number), _turn(messages)
    if turn == len(actions):
        return _says("Done.")
    step = actions[turn]
    if isinstance(step, Write):
        given = {"path": step.path, "content": step.content}
        return _calls("write_file", given)
    # A login shell may find another Python first, one that is started by a script.
    return _calls("bash", {"command": step.command.replace("python3", sys.executable)})


def _turn(messages: list[ChatMessage]) -> int:
    return sum(message.role == "assistant" for message in messages)


def _calls(name: str, given: dict[str, str]) -> ModelOutput:
    return _metered(ModelOutput.for_tool_call("mockllm", name, given))


def _says(text: str) -> ModelOutput:
    return _metered(ModelOutput.from_content("mockllm", text))


def _metered(output: ModelOutput) -> ModelOutput:
    """With its tokens counted, or Inspect counts them, for which it asks the network."""
    output.usage = ModelUsage(input_tokens=100, output_tokens=20, total_tokens=120)
    return output


if __name__ == "__main__":
    main()
