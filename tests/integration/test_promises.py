"""Small promises, each of which somebody once broke without a test noticing."""

from audition.runfile import load
from tests.conftest import Cli, Project
from tests.servers import call, message, serving, stream

REMOTE = ("--model", "anthropic:claude-haiku-5-5", "--trials", "1", "--base-url")
TO_BACKEND = call(
    "Agent", {"description": "x", "prompt": "y", "subagent_type": "backend"}, call_id="toolu_7"
)


def test_two_cases_with_the_same_request_are_two_trials(project: Project, cli: Cli) -> None:
    project.write(
        "cases.yaml",
        "cases:\n"
        "  - {id: a, request: Style the pages, expect: [routes_to: frontend]}\n"
        "  - {id: b, request: Style the pages, expect: [routes_to: frontend]}\n",
    )
    cli("run", "suite.yaml", "--model", "lexical", "--trials", "1", "--out", "a.run.db")

    assert len({trial.key for trial in load("a.run.db").trials}) == 2


def test_resuming_after_a_check_has_changed_scores_what_is_there_again(
    project: Project, cli: Cli
) -> None:
    command = ("run", "suite.yaml", "--model", "lexical", "--out", "a.run.db")
    cli(*command)
    project.edit("cases.yaml", "routes_to: frontend", "routes_to: writer")
    again = cli(*command)

    assert "6 trials are in the run file, 0 in earlier runs; 0 to play" in again.err
    scores = [t.scores[0] for t in load("a.run.db").trials if t.case == "dark-mode"]
    assert {score.expected for score in scores} == {"writer"}


def test_what_was_reused_is_not_paid_for_again(project: Project, cli: Cli) -> None:
    answer = message(
        {"type": "text", "text": "409 means Conflict."},
        usage={"input_tokens": 900, "output_tokens": 20},
    )
    with serving(stream(*answer)) as server:
        command = ("run", "suite.yaml", *REMOTE, server.url, "--budget-usd", "0.01")
        cli(*command, "--out", "reports/a.run.db")
        cli(*command, "--out", "reports/b.run.db")
        asked = len(server.requests)
    first, second = load("reports/a.run.db"), load("reports/b.run.db")

    assert asked == 3
    assert first.state.spent_usd > 0 == second.state.spent_usd
    assert {trial.reused_from for trial in second.trials} == {"a.run.db"}


def test_a_dry_run_counts_what_a_fault_broke_off_among_what_is_to_play(
    project: Project, cli: Cli
) -> None:
    command = ("run", "suite.yaml", "--model", "simulated:fault=1", "--cases", "refunds")
    cli(*command, "--trials", "1", "--out", "a.run.db")

    assert (
        "1 trials to play" in cli(*command, "--trials", "1", "--out", "a.run.db", "--dry-run").out
    )


def test_what_all_trials_share_is_marked_for_the_servers_cache(project: Project, cli: Cli) -> None:
    with serving(stream(*message(TO_BACKEND))) as server:
        cli("run", "suite.yaml", *REMOTE, server.url, "--cases", "refunds")
        (request,) = server.requests
    blocks = request.body["messages"][0]["content"]

    marked = ["cache_control" in block for block in blocks]
    assert "Let customers ask for a refund" in blocks[-1]["text"]
    assert marked == [False] * (len(blocks) - 2) + [True, False]


def test_the_worst_outcome_of_several_suites_decides_the_exit_code(
    project: Project, cli: Cli
) -> None:
    project.write("fine.yaml", "setup: .\ndataset: easy.yaml\nmodel: lexical\n")
    project.write("easy.yaml", "cases: [{id: a, request: Hm, expect: [no_delegation]}]\n")
    project.write("broken.yaml", "setup: .\ndataset: easy.yaml\nmodel: simulated:fault=1\n")
    project.write("wrong.yaml", "setup: .\ndataset: hard.yaml\nmodel: lexical\n")
    project.write("hard.yaml", "cases: [{id: a, request: Hm, expect: [routes_to: writer]}]\n")

    assert cli("run", "fine.yaml").code == 0
    assert cli("run", "broken.yaml", "fine.yaml").code == 4
    assert cli("run", "broken.yaml", "wrong.yaml", "fine.yaml").code == 1


def test_a_quote_is_a_quote_in_other_case_and_with_other_marks(project: Project, cli: Cli) -> None:
    project.edit(
        "cases.yaml",
        "Let customers ask for a refund through the API",
        "ADD an endpoint — for Refunds!",
    )
    cli("run", "suite.yaml", "--model", "lexical", "--out", "a.run.db")

    assert [case.id for case in load("a.run.db").cases if case.copied] == ["refunds"]


def test_the_command_that_repeats_a_run_holds_what_changes_it(project: Project, cli: Cli) -> None:
    cli("run", "suite.yaml", "--model", "lexical", "--series", "2026-11-24", "--out", "a.run.db")
    command = load("a.run.db").record.command

    assert command == "audition run suite.yaml --model lexical --series 2026-11-24"
    again = cli(*command.split()[1:], "--out", "a.run.db", "--dry-run")
    assert "0 trials to play" in again.out


def test_a_refusal_is_no_answer(project: Project, cli: Cli) -> None:
    refusal = stream(*message(*[{"type": "text", "text": "I will not."}], stop="refusal"))
    with serving(refusal) as server:
        said = cli("run", "suite.yaml", *REMOTE, server.url, "--out", "a.run.db")

    assert said.code == 1
    assert {t.scores[0].reason for t in load("a.run.db").trials} == {
        "the model refused the request"
    }


def test_a_duplicate_key_hides_no_other_mistake(project: Project, cli: Cli) -> None:
    project.edit("suite.yaml", "trials: 2", "trials: 2\ntrials: 3\nmodle: lexical")
    project.edit("cases.yaml", "routes_to: backend", "routes_to: backnd")
    said = cli("run", "suite.yaml")

    assert said.code == 2
    assert "did you mean 'model'?" in said.err
    assert "did you mean 'backend'?" in said.err
    assert "trials" in said.err
