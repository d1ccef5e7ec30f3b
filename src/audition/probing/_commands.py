"""Runs a command of a probe in its sandbox, and makes of what it leaves what was found."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from audition.events import FailureKind
from audition.outcome import LintFinding, Probed, TestResult
from audition.probing._files import read_bounded
from audition.probing._invocation import Invocation, UnclearError
from audition.probing._javascript import JEST, MOCHA, VITEST
from audition.probing._lint import lines_of, linter_of
from audition.probing._node import NODE, TSX
from audition.probing._python import PYTEST, UNITTEST
from audition.probing._scene import Runner, Scene, Told, results
from audition.probing._scripts import resolved
from audition.project import Project
from audition.sandboxes import HOME, WORKSPACE, Finished, Limits, Place, Sandbox
from audition.trees import Tree

RUNNERS: Mapping[str, Runner] = {
    runner.program: runner for runner in (PYTEST, UNITTEST, NODE, TSX, VITEST, JEST, MOCHA)
}
GEAR = tuple(sorted({runner.gear for runner in RUNNERS.values() if runner.gear}))
_ENVIRONMENT = {
    "COLUMNS": "200",
    "NO_COLOR": "1",
    "PY_COLORS": "0",
    # There is no network: these would wait for it, and ask again.
    "npm_config_offline": "true",
    "npm_config_update_notifier": "false",
    "UV_OFFLINE": "1",
}
_NOT_FOUND, _NOT_EXECUTABLE = 127, 126
_NOT_INSTALLED = re.compile(
    r"^\S*python[\d.]*: No module named "
    r"|could not determine executable to run|npx canceled due to missing packages|ENOTCACHED",
    re.MULTILINE,
)
_MOST_OUTPUT, _MOST_READ = 8000, 100_000
_MOST_DIFFERENCES = 5
_WHAT_WORKS = (
    "tests can be counted for pytest, python -m unittest, node --test, vitest, jest and mocha, "
    "also behind cd, uv run, npx and the like, and for npm run and make where they stand for one "
    "of these"
)


@dataclass(frozen=True, kw_only=True)
class Bench:
    """One tree, laid out, and the sandbox around it."""

    sandbox: Sandbox
    place: Place
    tree: Tree
    project: Project
    limits: Limits
    environment: Mapping[str, str]
    report: str = "report"
    """The name of the file in the home folder that a report is written to."""

    def scene(self, invocation: Invocation) -> Scene:
        """What the program sees; without walls that is this machine."""
        is_open = self.sandbox.info.strength == "none"
        return Scene(
            workspace=str(self.place.workspace) if is_open else WORKSPACE,
            home=str(self.place.home) if is_open else HOME,
            cwd=invocation.cwd,
            tree=self.tree,
            project=self.project,
        )

    async def run(self, text: str) -> Finished:
        """Run a command of a shell."""
        argv = ("/bin/bash", "-c", text)
        environment = {**_ENVIRONMENT, **self.environment}
        return await self.sandbox.run(argv, env=environment, limits=self.limits)

    def written(self) -> bytes | None:
        """The report, where there is one that can be read."""
        return read_bounded((self.place.home or Path()) / self.report)


async def tests(command: str, bench: Bench) -> Probed:
    """Run a command that runs tests."""
    try:
        invocation, runner = _runner_of(command, bench)
    except UnclearError as error:
        return Probed(exit_code=None, failure="usage", output=f"{error}; {_WHAT_WORKS}")
    scene = bench.scene(invocation)
    finished = await bench.run(runner.asks(invocation, f"{scene.home}/{bench.report}"))
    output = _output(finished)
    if finished.limit_hit:
        return _ended_by_a_limit(finished, output)
    report = bench.written()
    try:
        told = [] if report is None else runner.reads(report, scene)
    except ValueError as error:
        return _without_tests(finished, "no_tests", f"{output}\n{error}")
    if not told:
        return _uncounted(finished, runner, scene, output)
    return _counted(finished, told, bench.project, output)


def _runner_of(command: str, bench: Bench) -> tuple[Invocation, Runner]:
    found = resolved(command, bench.tree, bench.place.workspace)
    if len(found) != 1:
        raise UnclearError("the command runs more than one program")
    runner = RUNNERS.get(found[0].program)
    if runner is None or not runner.takes(found[0]):
        raise UnclearError(f"`{found[0].text()}` runs no tests that can be counted")
    return found[0], runner


def _uncounted(finished: Finished, runner: Runner, scene: Scene, output: str) -> Probed:
    said = _output(finished, _MOST_READ)
    if _is_missing(finished, said):
        return _without_tests(finished, "no_runner", output)
    reason = runner.explains(finished.exit_code, said, scene)
    if isinstance(reason, list):
        return _counted(finished, reason, scene.project, output)
    note = "the runner reports no tests" if reason == "no_tests" else ""
    return _without_tests(finished, reason, f"{output}\n{note}".strip())


def _counted(finished: Finished, told: list[Told], project: Project, output: str) -> Probed:
    return Probed(exit_code=finished.exit_code, tests=results(told, project), output=output)


def _without_tests(finished: Finished, failure: FailureKind, output: str) -> Probed:
    return Probed(exit_code=finished.exit_code, failure=failure, output=output)


def _ended_by_a_limit(finished: Finished, output: str) -> Probed:
    note = f"ended by the limit {finished.limit_hit} after {finished.duration_s:.0f} s"
    return Probed(exit_code=None, failure="timeout", output=f"{output}\n{note}")


def _is_missing(finished: Finished, output: str) -> bool:
    """Whether the program itself is not there."""
    if finished.exit_code in (_NOT_FOUND, _NOT_EXECUTABLE):
        return True
    return bool(finished.exit_code) and bool(_NOT_INSTALLED.search(output))


def _output(finished: Finished, most: int = _MOST_OUTPUT) -> str:
    """The end of both streams."""
    both = (finished.stdout, finished.stderr)
    texts = (stream.decode(errors="replace")[-most // 2 :] for stream in both)
    return "\n".join(filter(None, (text.strip() for text in texts)))


async def lint(command: str, bench: Bench) -> Probed:
    """Run a command that runs linters: all of its programs, whatever the first ones find."""
    try:
        found = resolved(command, bench.tree, bench.place.workspace)
    except UnclearError:
        return await _linted_by_a_shell(command, bench)
    if not found:
        return Probed(exit_code=None, failure="usage", output="the command names no program")
    whole = Probed(exit_code=0)
    for number, invocation in enumerate(found):
        one = await _linted(invocation, replace(bench, report=f"report-{number}"))
        whole = replace(
            whole,
            exit_code=whole.exit_code or one.exit_code,
            findings=whole.findings + one.findings,
            output="\n".join(filter(None, (whole.output, one.output))),
        )
        if one.failure:
            return replace(whole, exit_code=one.exit_code, failure=one.failure)
    return whole


async def _linted_by_a_shell(command: str, bench: Bench) -> Probed:
    return _by_exit_code(await bench.run(command))


async def _linted(invocation: Invocation, bench: Bench) -> Probed:
    linter = linter_of(invocation)
    if linter is None:
        return _by_exit_code(await bench.run(invocation.text()))
    scene = bench.scene(invocation)
    finished = await bench.run(linter.asks(invocation, f"{scene.home}/{bench.report}"))
    trouble = _linter_trouble(finished)
    if trouble:
        return trouble
    report = bench.written() if linter.writes else finished.stdout
    try:
        findings = linter.reads(report or b"", scene)
    except ValueError:
        findings = []
        if linter.writes or finished.exit_code == 0:
            return Probed(exit_code=finished.exit_code, failure="usage", output=_output(finished))
    if finished.exit_code and not findings:
        # It ended badly and says nothing that it found: it did not get so far.
        return Probed(exit_code=finished.exit_code, failure="usage", output=_output(finished))
    return Probed(
        exit_code=finished.exit_code, findings=_sorted(findings), output=_output(finished)
    )


def _by_exit_code(finished: Finished) -> Probed:
    trouble = _linter_trouble(finished)
    if trouble:
        return trouble
    output = _output(finished)
    found = lines_of(output) if finished.exit_code else []
    return Probed(exit_code=finished.exit_code, findings=_sorted(found), output=output)


def _linter_trouble(finished: Finished) -> Probed | None:
    output = _output(finished)
    if finished.limit_hit:
        return _ended_by_a_limit(finished, output)
    if _is_missing(finished, output):
        return Probed(exit_code=finished.exit_code, failure="no_runner", output=output)
    return None


def _sorted(findings: list[LintFinding]) -> tuple[LintFinding, ...]:
    return tuple(sorted(findings, key=lambda one: (one.path, one.line, one.rule, one.message)))


def incomplete(missing: tuple[str, ...]) -> Probed:
    """A tree that is not all there."""
    return Probed(exit_code=None, missing=missing)


def compared(first: Probed, second: Probed) -> Probed:
    """The first of two runs, stable where the second found the same."""
    differences = _differences(first, second)
    if not differences:
        return replace(first, is_stable=first.is_stable and second.is_stable)
    note = "two runs of the same tree differ: " + "; ".join(differences[:_MOST_DIFFERENCES])
    return replace(first, is_stable=False, output=f"{first.output}\n{note}")


def _differences(first: Probed, second: Probed) -> list[str]:
    one, other = _verdicts(first.tests), _verdicts(second.tests)
    found = [
        f"{test} {one.get(test, 'was not run')}, then {other.get(test, 'was not run')}"
        for test in sorted(one.keys() | other.keys())
        if one.get(test) != other.get(test)
    ]
    if set(first.findings) != set(second.findings):
        found.append("the linter found something else")
    if (first.exit_code, first.failure) != (second.exit_code, second.failure):
        before, after = (one.failure or f"exit code {one.exit_code}" for one in (first, second))
        found.append(f"{before}, then {after}")
    return found


def _verdicts(tests: tuple[TestResult, ...]) -> dict[str, str]:
    return {
        test.id: f"{test.outcome} ({test.failure})" if test.failure else test.outcome
        for test in tests
    }
