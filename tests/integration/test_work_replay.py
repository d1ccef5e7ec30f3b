"""Recorded agents at work are replayed: commits get new ids, dates are old, and calls are compared.

What is recorded was served over HTTP, by a model that reads the ids and the times that tools print
and names them in later calls, as models do.
"""

import asyncio
import json
import re
from collections.abc import Callable

from audition.events import Command, Commit, Message, ToolCall, ToolResult
from audition.models.recorded import BROKEN_PIN
from tests.conftest import Cli, Project, Spoken
from tests.integration.jobs import (
    BRIEF,
    CANCEL,
    CODE,
    OUT,
    WHOLE,
    Audition,
    bash,
    delegate,
    make_job,
    only,
    verdicts,
    whole_job,
)
from tests.servers import Play, Server, answer, call, conversing, serving

RECORDINGS = "recordings/suite.jsonl"
AGAIN = "b/b.run.db"
REPLAY = ("run", "suite.yaml", "--model", "recorded", "--out", AGAIN)
NAMED = f"""\
  - id: named
    request: {CANCEL}
    expect: [commits: 2, says: "Done as"]
"""
DATED = f"""\
  - id: dated
    agent: backend
    request: {CANCEL}
    expect:
      - todo_file: {{path: TODO.md, metadata: [created], precision: second}}
"""
COMMIT = (
    "echo 'A = {0}' > shop/a.py && git add -A && git commit -qm 'feat: a is {0}' "
    "&& git rev-parse HEAD && git rev-parse --short HEAD && git rev-parse HEAD:shop/a.py"
)


def reading(say: Callable[[list[str]], Play]) -> Play:
    """An answer that is made of all that tools have told in its conversation."""

    async def play(writer: asyncio.StreamWriter, server: Server) -> None:
        await say(server.requests[-1].results)(writer, server)

    return play


def printed(results: list[str]) -> list[str]:
    """The last three lines that a tool printed: a commit, its short id, and the id of a file."""
    return results[-1].split()[-3:]


def naming() -> dict[str, list[Play]]:
    """An agent commits twice and names both commits, in a command and in its report."""
    commits: list[list[str]] = []

    def look(results: list[str]) -> Play:
        commits.append(printed(results))
        full, short, blob = commits[-1]
        command = f"git log -1 --format=seen:%s {full} && git show --stat {short}"
        return bash(f"{command} && git cat-file -p {blob} && echo 1234567 deadbeef {blob[:7]}")

    def compare(results: list[str]) -> Play:
        look(results)
        (first, *_), (_, second, _) = commits
        return bash(f"git diff --stat {first}..{second} && sleep 1.1")

    def report(results: list[str]) -> Play:
        (_, first, _), (second, *_) = commits
        return answer(f"Done as {first} and {second}; {'f' * 40} is none.")

    return {
        CANCEL: [delegate(("backend", BRIEF)), reading(lambda results: answer(results[-1]))],
        BRIEF: [
            bash(COMMIT.format(1)),
            reading(look),
            bash(COMMIT.format(2)),
            reading(compare),
            reading(report),
        ],
    }


def record(project: Project, play: Audition, case: str, script: dict[str, list[Play]]) -> Spoken:
    make_job(project, case)
    with serving(conversing(script)) as server:
        return play(server.url, "--record")


def rewrite(project: Project, edit: Callable[[str], str]) -> None:
    project.write(RECORDINGS, edit((project.root / RECORDINGS).read_text(encoding="utf-8")))


def commands(out: str) -> list[str]:
    run, trial = only(out)
    calls = run.evidence(trial).of(ToolCall)
    return [str(c.input["command"]) for c in calls if c.tool == "Bash"]


class TestCommits:
    def test_a_commit_of_the_recording_is_named_as_the_replay_has_it(
        self, project: Project, play: Audition, cli: Cli
    ) -> None:
        recorded = record(project, play, NAMED, naming())
        replayed = cli(*REPLAY, "--strict")
        (first, trial), (second, again) = only(OUT), only(AGAIN)
        old = [commit.id for commit in first.evidence(trial).of(Commit)]
        new = [commit.id for commit in second.evidence(again).of(Commit)]

        assert (recorded.code, replayed.code) == (0, 0), replayed.out + replayed.err
        assert len(old) == len(new) == 2
        assert not set(old) & set(new)
        pairs = dict(zip(old, new, strict=True))
        assert commands(AGAIN) == [in_its_place(text, pairs) for text in commands(OUT)]
        assert sum(new_id[:7] in text for text in commands(AGAIN) for new_id in new) == 3
        results = [result.content for result in second.evidence(again).of(ToolResult)]
        assert any("seen:feat: a is 1" in text and "shop/a.py | 1 +" in text for text in results)
        assert any("shop/a.py | 2 +-" in text for text in results)
        assert all(c.exit_code == 0 for c in second.evidence(again).of(Command))

    def test_no_other_word_is_touched(self, project: Project, play: Audition, cli: Cli) -> None:
        record(project, play, NAMED, naming())
        cli(*REPLAY)
        blob, *_ = re.findall(r"cat-file -p (\w{40})", commands(OUT)[1])
        said = [e.text for run, t in [only(AGAIN)] for e in run.evidence(t).of(Message)]

        assert commands(AGAIN)[1].endswith(f"{blob} && echo 1234567 deadbeef {blob[:7]}")
        assert all(text.endswith(f"; {'f' * 40} is none.") for text in said[-2:])

    def test_what_an_agent_says_names_the_commits_that_are_there(
        self, project: Project, play: Audition, cli: Cli
    ) -> None:
        record(project, play, NAMED, naming())
        cli(*REPLAY)
        run, trial = only(AGAIN)
        evidence = run.evidence(trial)
        first, second = (commit.id for commit in evidence.of(Commit))
        messages = [event.text for event in evidence.of(Message) if "Done as" in event.text]

        assert len(messages) == 2
        assert all(text.startswith(f"Done as {first[:7]} and {second};") for text in messages)

    def test_a_commit_that_the_replay_did_not_make_keeps_its_name_and_that_is_said(
        self, project: Project, play: Audition, cli: Cli
    ) -> None:
        record(project, play, NAMED, naming())
        rewrite(project, lambda text: text.replace("git commit -qm 'feat: a is 2' && ", ""))
        cli(*REPLAY)
        [label] = only(AGAIN)[1].labels
        second = [commands(out)[3].partition("..")[2] for out in (OUT, AGAIN)]

        assert second[0] == second[1]
        assert label.startswith("replayed otherwise: `")
        assert "when recorded and" in label


class TestDates:
    """A plan says in plain digits when it was created; then the recording is made older."""

    def recorded(self, project: Project, play: Audition) -> None:
        script = {
            CANCEL: [
                bash("date -u +%FT%TZ"),
                reading(lambda told: call_write("TODO.md", f"created: {told[-1]}\n\n- cancel\n")),
                answer("Planned."),
            ]
        }
        assert record(project, play, DATED, script).code == 0

    def test_a_date_of_the_time_of_the_recording_is_true_in_its_replay(
        self, project: Project, play: Audition, cli: Cli
    ) -> None:
        self.recorded(project, play)
        rewrite(project, long_ago)
        said = cli(*REPLAY, "--strict")
        run, trial = only(AGAIN)
        outcome = run.evidence(trial).work

        assert said.code == 0, said.out + said.err
        assert verdicts(AGAIN) == {"dated#1": [("todo_file", "pass")]}
        assert outcome.recorded_from.startswith("2020-02-02T")
        assert outcome.recorded_from < outcome.recorded_to < outcome.started_at
        assert cli("regrade", AGAIN).code == 0
        assert verdicts(AGAIN) == {"dated#1": [("todo_file", "pass")]}

    def test_a_date_that_is_in_neither_time_is_not(
        self, project: Project, play: Audition, cli: Cli
    ) -> None:
        self.recorded(project, play)
        rewrite(project, long_ago)
        rewrite(project, lambda text: text.replace("created: 2020-02-02", "created: 2020-02-03"))
        cli(*REPLAY)
        _, trial = only(AGAIN)
        (score,) = trial.scores

        assert score.verdict == "fail"
        assert score.reason.count("2020-02-02") == 2
        assert " or " in score.reason

    def test_without_the_time_of_the_recording_only_the_replays_counts(
        self, project: Project, play: Audition, cli: Cli
    ) -> None:
        self.recorded(project, play)
        rewrite(project, lambda text: without_ends(long_ago(text)))
        cli(*REPLAY)

        assert verdicts(AGAIN) == {"dated#1": [("todo_file", "fail")]}

    def test_a_time_that_is_none_is_named_by_its_line(
        self, project: Project, play: Audition, cli: Cli
    ) -> None:
        self.recorded(project, play)
        rewrite(project, lambda text: text.replace('"began": "2', '"began": "soon 2'))
        said = cli(*REPLAY)

        assert said.code == 2
        assert "suite.jsonl:1: is not a recording (ValueError" in said.err


def call_write(path: str, content: str) -> Play:
    return answer(call("Write", {"file_path": path, "content": content}))


def long_ago(text: str) -> str:
    """The recording as if all of it had happened on a day in 2020."""
    return re.sub(r"\b202\d-\d\d-\d\dT", "2020-02-02T", text)


class TestFaithful:
    def test_a_whole_job_replays_as_it_was_recorded(
        self, project: Project, play: Audition, cli: Cli
    ) -> None:
        record(project, play, WHOLE, whole_job())
        replayed = cli(*REPLAY, "--strict")

        assert replayed.code == 0, replayed.out + replayed.err
        assert verdicts(AGAIN) == verdicts(OUT)
        assert only(AGAIN)[1].labels == ()

    def test_a_test_run_that_ends_otherwise_is_a_label_and_an_error_with_strict(
        self, project: Project, play: Audition, cli: Cli
    ) -> None:
        record(project, play, WHOLE, whole_job())
        broken = json.dumps(CODE)[1:-1]
        rewrite(project, lambda text: text.replace(broken, "broken = ("))
        strict = cli(*REPLAY, "--strict")
        [label] = only(AGAIN)[1].labels

        assert strict.code == 2
        assert label.startswith("replayed otherwise: `")
        assert "passed when recorded and failed" in label
        assert f"cancel#1: {label}" in strict.err
        assert BROKEN_PIN not in label


class TestOtherwise:
    """A job is recorded; then the workspace already holds what its first test run lacked."""

    def recorded(self, project: Project, play: Audition) -> None:
        assert record(project, play, WHOLE, whole_job()).code == 0
        project.write("workspaces/shop/shop/orders.py", CODE)

    def test_a_test_run_that_ends_otherwise_is_a_label_of_trial_and_report(
        self, project: Project, play: Audition, cli: Cli
    ) -> None:
        self.recorded(project, play)
        said = cli(*REPLAY)
        _, trial = only(AGAIN)
        (label,) = trial.labels

        assert label == (
            "replayed otherwise: `python -m pytest -q` failed (missing name) when recorded and "
            "passed now"
        )
        assert said.code == 1
        assert "Said of 1 of 1 trial" in said.out
        assert "replayed otherwise" in (project.root / "b" / "b.html").read_text(encoding="utf-8")
        assert "replayed otherwise" in cli("show", AGAIN, "--trial", "cancel#1").out

    def test_such_a_replay_is_no_evidence_for_a_comparison_and_no_baseline_of_a_gate(
        self, project: Project, play: Audition, cli: Cli
    ) -> None:
        self.recorded(project, play)
        cli(*REPLAY)
        compared = cli("compare", "--base", OUT, "--head", AGAIN)
        project.edit("agents/backend.md", "Tests first.", "Tests, then code.")
        gated = cli("gate", "suite.yaml", "--base", AGAIN, "--model", "recorded")

        told = " ".join(compared.out.split())
        assert "1 of 1 trials of head went otherwise than they were recorded" in told
        assert gated.code == 2
        assert "1 of its 1 trials went otherwise than recorded" in gated.err

    def test_strict_makes_an_error_of_it_also_when_the_trial_is_stored_already(
        self, project: Project, play: Audition, cli: Cli
    ) -> None:
        self.recorded(project, play)
        said = cli(*REPLAY, "--strict")
        again = cli(*REPLAY, "--strict")

        assert (said.code, again.code) == (2, 2)
        for spoken in (said, again):
            assert "cancel#1: replayed otherwise: `python -m pytest -q` failed" in spoken.err
            assert "record it again with --record" in spoken.err

    def test_a_recording_that_says_nothing_of_it_is_compared_with_nothing(
        self, project: Project, play: Audition, cli: Cli
    ) -> None:
        self.recorded(project, play)
        rewrite(project, without_ends)
        said = cli(*REPLAY, "--strict")
        _, trial = only(AGAIN)

        assert said.code == 1
        assert trial.labels == ()

    def test_a_call_that_fails_now_is_told_by_its_file(
        self, project: Project, play: Audition, cli: Cli
    ) -> None:
        self.recorded(project, play)
        project.write("workspaces/shop/shop/orders.py", "def opened(order):\n    return order\n")
        cli(*REPLAY)
        _, trial = only(AGAIN)

        assert trial.labels == (
            "replayed otherwise: Edit of shop/orders.py succeeded when recorded and failed now, "
            "and 1 more call",
        )

    def test_another_prompt_is_said_beside_it(
        self, project: Project, play: Audition, cli: Cli
    ) -> None:
        self.recorded(project, play)
        project.edit("agents/backend.md", "Builds endpoints", "Makes endpoints")
        cli(*REPLAY)
        _, trial = only(AGAIN)
        first, second = trial.labels

        assert first == BROKEN_PIN
        assert second.startswith("replayed otherwise: ")

    def test_an_end_that_is_no_end_is_named_by_its_line(
        self, project: Project, play: Audition, cli: Cli
    ) -> None:
        self.recorded(project, play)
        rewrite(project, lambda text: text.replace('"outcome": "failed"', '"outcome": "fine"'))
        said = cli(*REPLAY)

        assert said.code == 2
        assert "suite.jsonl:1: is not a recording" in said.err
        assert "'fine' is none of passed, failed, unknown" in said.err


def without_ends(text: str) -> str:
    """Recordings as they were before they said what calls came to."""
    entries = [json.loads(line) for line in text.splitlines()]
    for entry in entries:
        del entry["began"], entry["ended"]
        for turn in entry["turns"]:
            turn["blocks"] = [
                {k: v for k, v in block.items() if k != "came_to"} for block in turn["blocks"]
            ]
    return "".join(f"{json.dumps(entry)}\n" for entry in entries)


def in_its_place(text: str, pairs: dict[str, str]) -> str:
    """A text in which each commit of the recording has become the replay's."""
    for old, new in pairs.items():
        text = text.replace(old, new).replace(old[:7], new[:7])
    return text
