import json
from pathlib import Path

import pytest

from tests.conftest import Cli, Spoken
from tests.revisions.repositories import Repository, git, make_repository

SUITE = "evals/suite.yaml"


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    made = make_repository(tmp_path / "shop")
    monkeypatch.chdir(made.root)
    return made


def found(spoken: Spoken) -> dict[str, object]:
    assert spoken.code == 0, spoken.err
    data: dict[str, object] = json.loads(spoken.out)
    return data


def touched(data: dict[str, object]) -> dict[str, list[str]]:
    cases = data["touched"]
    assert isinstance(cases, list)
    return {case["case"]: case["reasons"] for case in cases}


def test_without_a_change_there_is_nothing_to_judge(repository: Repository, cli: Cli) -> None:
    said = cli("affected", SUITE, "--base", "main")

    assert said.code == 0
    assert "Nothing changed: base and head are the same setup." in said.out


def test_a_description_touches_every_case_that_is_routed(repository: Repository, cli: Cli) -> None:
    repository.edit("evals/agents/backend.md", "Builds endpoints", "Builds APIs")

    said = cli("affected", SUITE, "--base", "main")

    assert "Touched: 3 of 3 cases\n  because backend: description\n" in said.out
    assert "    refunds, dark-mode, question\n" in said.out
    assert "base   6 trials: 0 stored already, 6 to play, free of charge" in said.out
    assert "head   6 trials: 0 stored already, 6 to play, free of charge" in said.out


def test_a_prompt_touches_no_case_about_routing_and_is_named_all_the_same(
    repository: Repository, cli: Cli
) -> None:
    repository.edit("evals/agents/backend.md", "Tests first.", "")

    said = cli("affected", SUITE, "--base", "main")

    assert "Nothing changed for the 3 cases of this suite." in said.out
    assert "  backend: prompt\n" in said.out


def test_work_is_touched_by_the_file_of_its_agent_alone(repository: Repository, cli: Cli) -> None:
    repository.write("shop/cart.py", "TOTAL = 1\n")
    repository.write(
        "datasets/cases.yaml",
        "workspace: ../shop\nproject: {test_command: python -m pytest -q}\ncases:\n"
        "  - {id: server, request: Add paging, agent: backend, expect: [suite_passes]}\n"
        "  - {id: pages, request: Add a theme, agent: frontend, expect: [suite_passes]}\n"
        "  - {id: both, request: Add paging, expect: [{routes_to: backend}, suite_passes]}\n",
    )
    repository.commit()
    repository.edit("evals/agents/backend.md", "Tests first.", "")

    data = found(cli("affected", SUITE, "--base", "main", "--format", "json"))

    assert touched(data) == {"server": ["backend: prompt"], "both": ["backend: prompt"]}
    assert data["untouched"] == ["pages"]


@pytest.mark.parametrize(
    ("path", "old", "new", "reason"),
    [
        ("evals/CLAUDE.md", "yourself", "at once", "CLAUDE.md changed"),
        ("evals/docs/house.md", "small", "often", "docs/house.md changed"),
        ("evals/agents/backend.md", "Read, Bash", "Read", "backend: tools"),
    ],
)
def test_every_shared_file_is_named_as_the_reason(
    repository: Repository, cli: Cli, path: str, old: str, new: str, reason: str
) -> None:
    repository.edit(path, old, new)

    data = found(cli("affected", SUITE, "--base", "main", "--format", "json"))

    assert touched(data) == {case: [reason] for case in ("refunds", "dark-mode", "question")}


def test_settings_and_agents_that_come_and_go_are_reasons(repository: Repository, cli: Cli) -> None:
    repository.write("evals/.claude/settings.json", '{"permissions": {"deny": ["Agent(Plan)"]}}')
    (repository.root / "evals/agents/writer.md").unlink()
    repository.write("evals/agents/new.md", "---\nname: new\ndescription: Something else.\n---\n")

    data = found(cli("affected", SUITE, "--base", "main", "--format", "json"))

    assert data["changes"] == [
        "Plan is gone", "new is new", "writer is gone", "settings `permissions` is new"
    ]  # fmt: skip


def test_stored_trials_are_reused_on_the_side_that_they_belong_to(
    repository: Repository, cli: Cli
) -> None:
    assert cli("run", SUITE).code in {0, 1}
    repository.edit("evals/agents/backend.md", "Builds endpoints", "Builds APIs")

    before = found(cli("affected", SUITE, "--base", "main", "--format", "json"))
    cli("run", SUITE, "--cases", "refunds")
    after = found(cli("affected", SUITE, "--base", "main", "--format", "json"))

    for data, head in ((before, 0), (after, 2)):
        assert data["base_trials"] == {
            "planned": 6, "reused": 6, "to_play": 0, "likely_usd": 0.0, "at_most_usd": 0.0
        }  # fmt: skip
        assert data["head_trials"]["reused"] == head  # type: ignore[index] # a mapping


def test_a_priced_model_has_its_cost_told_without_a_key(repository: Repository, cli: Cli) -> None:
    repository.edit("evals/agents/backend.md", "Builds endpoints", "Builds APIs")

    model = ("--model", "anthropic:claude-sonnet-5-5")
    said = cli("affected", SUITE, "--base", "main", "--head", ".", *model, "--suite-from", "head")

    assert said.code == 0, said.err
    assert "6 to play, about $0." in said.out
    assert "at most $" in said.out


def test_the_cases_are_those_of_base_unless_told_otherwise(
    repository: Repository, cli: Cli
) -> None:
    repository.edit("evals/agents/backend.md", "Builds endpoints", "Builds APIs")
    repository.edit("datasets/cases.yaml", "  - id: question", "  - id: answer")

    base = found(cli("affected", SUITE, "--base", "main", "--format", "json"))
    head = found(
        cli("affected", SUITE, "--base", "main", "--suite-from", "head", "--format", "json")
    )

    assert list(touched(base)) == ["refunds", "dark-mode", "question"]
    assert list(touched(head)) == ["refunds", "dark-mode", "answer"]
    assert str(base["suite"]).startswith("main (")
    assert head["suite"] == "the working tree"


def test_two_revisions_are_compared_without_touching_the_work_tree(
    repository: Repository, cli: Cli
) -> None:
    repository.edit("evals/agents/backend.md", "Builds endpoints", "Builds APIs")
    repository.commit()
    repository.write("evals/agents/backend.md", "no front matter any more")

    data = found(cli("affected", SUITE, "--base", "HEAD~1", "--head", "main", "--format", "json"))

    assert data["changes"] == ["backend: description"]
    assert "M evals/agents/backend.md" in git(repository.root, "status", "--porcelain")


def test_a_folder_can_be_either_side(repository: Repository, cli: Cli, tmp_path: Path) -> None:
    repository.edit("evals/agents/backend.md", "Builds endpoints", "Builds APIs")
    other = tmp_path / "other"
    git(tmp_path, "clone", "-q", str(repository.root), str(other))

    for folder in (other, other / "evals"):
        data = found(cli("affected", SUITE, "--base", folder, "--format", "json"))
        assert data["changes"] == ["backend: description"]


def test_none_asks_whether_the_agents_help_at_all(repository: Repository, cli: Cli) -> None:
    said = cli("affected", SUITE, "--base", "none")

    assert said.code == 0
    assert "because backend is new; frontend is new; writer is new" in said.out
    line = "refunds: base has no backend, so that it fails there without a call"
    assert line in said.out
    assert "base   2 trials: " in said.out
    assert "head   6 trials: " in said.out


def test_a_run_file_is_compared_by_its_keys(repository: Repository, cli: Cli) -> None:
    cli("run", SUITE, "--out", "reports/before.run.db")
    same = cli("affected", SUITE, "--base", "reports/before.run.db")
    repository.edit("evals/agents/backend.md", "Builds endpoints", "Builds APIs")
    other = found(cli("affected", SUITE, "--base", "reports/before.run.db", "--format", "json"))

    assert "Nothing changed" in same.out
    assert other["changes"] == ["backend: description"]
    assert list(touched(other)) == ["refunds", "dark-mode", "question"]
    assert other["base_trials"]["to_play"] == 0  # type: ignore[index] # a mapping
    assert other["head_trials"]["to_play"] == 6  # type: ignore[index] # a mapping


def test_a_case_that_a_run_file_lacks_is_touched(repository: Repository, cli: Cli) -> None:
    cli("run", SUITE, "--cases", "refunds", "--out", "reports/before.run.db")

    data = found(cli("affected", SUITE, "--base", "reports/before.run.db", "--format", "json"))

    reason = ["the case is not in the run"]
    assert touched(data) == {"dark-mode": reason, "question": reason}


def test_a_renamed_agent_is_followed(repository: Repository, cli: Cli) -> None:
    repository.edit("evals/agents/backend.md", "name: backend", "name: api")

    apart = cli("affected", SUITE, "--base", "main")
    followed = cli("affected", SUITE, "--base", "main", "--renamed", "backend=api")

    assert "head has no backend" in apart.out
    assert "because api was called backend" in followed.out
    assert "has no" not in followed.out
    assert "head   6 trials" in followed.out


def test_the_suite_can_say_that_an_agent_was_renamed(repository: Repository, cli: Cli) -> None:
    renamed = "renamed: {backend: api, long-gone: writer}\nmodel: sim"
    repository.edit("evals/suite.yaml", "model: sim", renamed)
    repository.commit()
    repository.edit("evals/agents/backend.md", "name: backend", "name: api")

    said = cli("affected", SUITE, "--base", "main")

    assert "because api was called backend" in said.out
    assert "has no" not in said.out


def test_what_is_expected_cannot_be_shifted_to_an_agent_that_was_there_before(
    repository: Repository, cli: Cli
) -> None:
    (repository.root / "evals/agents/backend.md").unlink()

    said = cli("affected", SUITE, "--base", "main", "--renamed", "backend=frontend")

    assert said.code == 2
    assert "base has 'frontend' as well" in said.err


def test_a_wrong_name_is_a_mistake_with_a_hint(repository: Repository, cli: Cli) -> None:
    repository.edit("evals/agents/backend.md", "name: backend", "name: api")

    said = cli("affected", SUITE, "--base", "main", "--renamed", "bakend=api")

    assert said.code == 2
    assert "did you mean 'backend'?" in said.err


def test_an_agent_that_neither_side_has_is_a_mistake_in_the_dataset(
    repository: Repository, cli: Cli
) -> None:
    repository.edit("datasets/cases.yaml", "routes_to: backend", "routes_to: bakcend")
    repository.commit()

    said = cli("affected", SUITE, "--base", "main")

    assert said.code == 2
    assert "main:datasets/cases.yaml:4:" in said.err
    assert "did you mean 'backend'?" in said.err


def test_a_selection_that_leaves_nothing_has_an_exit_code_of_its_own(
    repository: Repository, cli: Cli
) -> None:
    said = cli("affected", SUITE, "--base", "main", "--cases", "refnds")

    assert said.code == 5
    assert "did you mean 'refunds'?" in said.err


def test_an_unknown_base_is_said_before_anything_else(repository: Repository, cli: Cli) -> None:
    said = cli("affected", SUITE, "--base", "mian")

    assert said.code == 2
    assert (
        "--base: there is no revision, folder or run file 'mian'; did you mean 'main'?" in said.err
    )
