"""Recordings: what was recorded is replayed, and never passes for an answer to another prompt."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audition.conversation import Call, Text
from audition.models.recorded import BROKEN_PIN
from audition.recordings import (
    CameTo,
    CommandEnd,
    RecordedTurn,
    Recording,
    read_recordings,
    write_recordings,
)
from audition.runfile import Run, load
from tests.conftest import Cli, Project, Spoken

RECORDINGS = "recordings/suite.jsonl"
LIVELY = "simulated:misroute=0.4"


@pytest.fixture
def recorded(project: Project, cli: Cli) -> Project:
    """The project, with recordings of a simulated run that holds right and wrong routing."""
    said = cli("run", "suite.yaml", "--model", LIVELY, "--trials", "6", "--record", "--out", "a.db")

    assert "18 recordings written" in said.err
    return project


def replay(cli: Cli, *options: str, out: str = "b.db") -> Spoken:
    return cli("run", "suite.yaml", "--model", "recorded", "--trials", "6", "--out", out, *options)


def outcome(run: Run) -> list[tuple[str, int, str, str | None, str | None]]:
    return [(t.case, t.number, t.verdict, t.delegated_to, t.asked_for) for t in run.trials]


def lines(project: Project) -> list[dict[str, Any]]:
    text = (project.root / RECORDINGS).read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


def rewrite(project: Project, entries: list[dict[str, Any]]) -> None:
    project.write(RECORDINGS, "".join(f"{json.dumps(entry)}\n" for entry in entries))


class TestRoundTrip:
    def test_a_replay_gives_the_same_verdicts(self, recorded: Project, cli: Cli) -> None:
        replay(cli, "--strict")
        first, second = load("a.db"), load("b.db")

        assert outcome(second) == outcome(first)
        assert {trial.verdict for trial in second.trials} == {"pass", "fail"}
        assert all(not trial.labels for trial in second.trials)

    def test_the_replay_is_scripted_and_says_who_made_it(self, recorded: Project, cli: Cli) -> None:
        said = replay(cli)
        run = load("b.db")

        assert "SCRIPTED" in said.out
        assert any(note.startswith("Recordings made by: simulated") for note in run.record.notes)
        assert all(LIVELY in ", ".join(trial.served) for trial in run.trials)

    def test_recording_a_replay_changes_nothing(self, recorded: Project, cli: Cli) -> None:
        before = (recorded.root / RECORDINGS).read_bytes()
        replay(cli, "--record")

        assert (recorded.root / RECORDINGS).read_bytes() == before

    def test_recording_some_cases_keeps_the_others(self, recorded: Project, cli: Cli) -> None:
        before = lines(recorded)
        cli("run", "suite.yaml", "--model", "lexical", "--cases", "question", "--record")
        after = lines(recorded)

        assert len(after) == len(before)
        assert [e for e in after if e["case"] != "question"] == [
            e for e in before if e["case"] != "question"
        ]
        authors = {(e["trial"], e["author"]) for e in after if e["case"] == "question"}
        assert {(1, "lexical"), (2, "lexical"), (3, LIVELY)} <= authors


class TestPins:
    def test_an_edit_of_the_prompt_labels_trial_and_report(
        self, recorded: Project, cli: Cli
    ) -> None:
        recorded.edit("agents/backend.md", "endpoints", "APIs")
        said = replay(cli)

        assert {trial.labels for trial in load("b.db").trials} == {(BROKEN_PIN,)}
        assert "says nothing" in said.out
        assert BROKEN_PIN in (recorded.root / "b.html").read_text(encoding="utf-8")

    def test_an_edit_of_one_request_labels_only_its_trials(
        self, recorded: Project, cli: Cli
    ) -> None:
        recorded.edit("cases.yaml", "a dark theme", "a darker theme")
        replay(cli)

        assert {t.case for t in load("b.db").trials if t.labels} == {"dark-mode"}

    def test_an_edit_of_a_body_breaks_none(self, recorded: Project, cli: Cli) -> None:
        recorded.edit("agents/backend.md", "Tests first.", "")
        replay(cli, "--strict")

        assert not any(trial.labels for trial in load("b.db").trials)

    def test_strict_makes_an_error_of_each_before_anything_is_written(
        self, recorded: Project, cli: Cli
    ) -> None:
        recorded.edit("cases.yaml", "a dark theme", "a darker theme")
        said = replay(cli, "--strict")

        assert said.code == 2
        assert said.err.count("was recorded against another prompt") == 6
        assert "dark-mode#6" in said.err
        assert not (recorded.root / "b.db").exists()

    def test_what_was_written_by_hand_is_pinned_anew(self, recorded: Project, cli: Cli) -> None:
        rewrite(recorded, [{**entry, "author": "hand", "pin": ""} for entry in lines(recorded)])
        assert replay(cli, "--strict").code == 2

        said = replay(cli, "--record")

        assert "18 recordings written" in said.err
        assert all(entry["pin"] for entry in lines(recorded))
        assert {entry["author"] for entry in lines(recorded)} == {"hand"}
        assert replay(cli, "--strict", out="c.db").code == 1
        assert outcome(load("c.db")) == outcome(load("a.db"))

    def test_what_a_model_said_is_never_pinned_to_another_prompt(
        self, recorded: Project, cli: Cli
    ) -> None:
        recorded.edit("agents/backend.md", "endpoints", "APIs")
        before = (recorded.root / RECORDINGS).read_bytes()
        said = replay(cli, "--record")

        assert said.code == 2
        assert "is a model's answer to another prompt" in said.err
        assert (recorded.root / RECORDINGS).read_bytes() == before


class TestMissing:
    def test_a_trial_without_a_recording_is_named_before_anything_is_played(
        self, recorded: Project, cli: Cli
    ) -> None:
        rewrite(recorded, [e for e in lines(recorded) if (e["case"], e["trial"]) != ("refunds", 4)])
        said = replay(cli)

        assert said.code == 2
        assert "holds no recording of refunds#4" in said.err
        assert said.err.count("no recording") == 1
        assert not (recorded.root / "b.db").exists()

    def test_a_file_that_is_missing_says_how_to_make_it(self, project: Project, cli: Cli) -> None:
        said = replay(cli)

        assert said.code == 2
        assert "audition run SUITE --record" in said.err

    def test_a_turn_that_was_not_recorded_is_a_fault_of_its_own_trial(
        self, recorded: Project, cli: Cli
    ) -> None:
        entries = [{**e, "turns": []} if e["case"] == "refunds" else e for e in lines(recorded)]
        rewrite(recorded, entries)
        said = replay(cli)
        verdicts = {(t.case, t.verdict) for t in load("b.db").trials}

        assert said.code in (1, 4)
        assert {verdict for case, verdict in verdicts if case == "refunds"} == {"fault"}
        assert {verdict for case, verdict in verdicts if case != "refunds"} == {"pass", "fail"}
        assert "no recording of refunds#1, turn 1" in said.out

    def test_every_line_that_is_no_recording_is_named(self, recorded: Project, cli: Cli) -> None:
        first, second, *rest = (json.dumps(entry) for entry in lines(recorded))
        call = '{"call": {"id": "c", "tool": "Agent", "input": [1]}}'
        turn = f'{{"thread": [], "turn": 1, "stop": "tool_use", "blocks": [{call}]}}'
        listed = (
            f'{{"case": "a", "trial": 1, "author": "x", "date": "", "pin": "", "turns": [{turn}]}}'
        )
        bad = [first[:40], second, "[1]", listed, second, *rest]
        recorded.write(RECORDINGS, "\n".join(bad) + "\n")
        said = replay(cli)

        assert said.code == 2
        for number in (1, 3, 4, 5):
            assert f"suite.jsonl:{number}: " in said.err
        assert "is recorded twice" in said.err


def test_the_recordings_may_lie_elsewhere(recorded: Project, cli: Cli) -> None:
    (recorded.root / RECORDINGS).rename(recorded.root / "mine.jsonl")
    recorded.edit("suite.yaml", "model: simulated", "recordings: mine.jsonl")

    assert replay(cli, "--strict").code == 1


def test_an_edited_recording_is_played_again_and_an_untouched_one_is_reused(
    recorded: Project, cli: Cli
) -> None:
    replay(cli, out="one/b.db")
    entries = lines(recorded)
    (edited,) = [e for e in entries if (e["case"], e["trial"]) == ("question", 2)]
    edited["turns"][0]["blocks"] = [{"text": "Something else."}]
    edited["turns"][0]["stop"] = "end_turn"
    rewrite(recorded, entries)
    said = replay(cli, "--dry-run", out="one/b.db")

    assert "question#2" in said.out
    assert "1 trials to play" in said.out


words = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
moments = st.just("") | st.datetimes(timezones=st.just(UTC)).map(datetime.isoformat)
ends = st.builds(
    CameTo,
    is_error=st.booleans(),
    commands=st.lists(
        st.builds(
            CommandEnd,
            text=words,
            exit_code=st.none() | st.integers(0, 255),
            outcome=st.sampled_from(["passed", "failed", "unknown"]),
            failure=st.none() | st.sampled_from(["assertion", "collection_error"]),
        ),
        max_size=2,
    ).map(tuple),
    commits=st.lists(words, max_size=2).map(tuple),
)


def with_ends(turn: RecordedTurn, drawn: list[CameTo | None]) -> RecordedTurn:
    """The turn with what its calls came to; a turn of which nothing is known says nothing."""
    known = tuple(drawn[: len(turn.calls)])
    filled = (*known, *([None] * (len(turn.calls) - len(known))))
    return replace(turn, came_to=filled if any(filled) else ())


recordings = st.builds(
    Recording,
    case=st.from_regex(r"[a-z][a-z0-9-]{0,8}", fullmatch=True),
    trial=st.integers(1, 99),
    author=words,
    date=words,
    pin=words,
    began=moments,
    ended=moments,
    turns=st.dictionaries(
        st.tuples(st.tuples(), st.integers(1, 4)),
        st.builds(
            with_ends,
            st.builds(
                RecordedTurn,
                blocks=st.lists(
                    st.one_of(
                        st.builds(Text, words),
                        st.builds(
                            Call,
                            id=words,
                            tool=words,
                            input=st.dictionaries(
                                words,
                                st.recursive(
                                    st.none() | st.booleans() | st.integers() | words,
                                    lambda inner: (
                                        st.lists(inner, max_size=2)
                                        | st.dictionaries(words, inner, max_size=2)
                                    ),
                                    max_leaves=4,
                                ),
                                max_size=3,
                            ),
                        ),
                    ),
                    max_size=3,
                ).map(tuple),
                stop=st.sampled_from(["end_turn", "tool_use", "refusal"]),
            ),
            st.lists(st.none() | ends, max_size=3),
        ),
        max_size=3,
    ),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(recordings, max_size=3, unique_by=lambda r: (r.case, r.trial)))
def test_whatever_is_written_is_read_back_the_same(
    tmp_path_factory: pytest.TempPathFactory, written: list[Recording]
) -> None:
    path: Path = tmp_path_factory.mktemp("recordings") / "a.jsonl"
    write_recordings(path, written)

    assert read_recordings(path) == {(r.case, r.trial): r for r in written}
