from pathlib import Path

import pytest

from audition.errors import InputError
from audition.revisions import Revision, WorkingTree
from audition.revisions.reading import load_setup_at
from audition.revisions.resolving import resolve
from audition.setups.loader import SetupSpec, load_setup
from audition.setups.setup import Setup
from tests.revisions.repositories import Repository, git


def read(repository: Repository, text: str, place: Path | SetupSpec) -> Setup:
    beside = repository.root / "evals"
    revision: Revision = resolve(text, beside=beside) if text else WorkingTree()
    return load_setup_at(revision, place, beside=beside)


def parts(repository: Repository) -> SetupSpec:
    repository.write("rules/CLAUDE.md", "House rules, and @more.md too.\n")
    repository.write("rules/more.md", "More.\n")
    repository.write("rules/settings.json", '{"permissions": {"deny": ["Agent(Plan)"]}}')
    repository.write("rules/home/.claude/agents/mine.md", "---\nname: mine\ndescription: M.\n---\n")
    rules = repository.root / "rules"
    return SetupSpec(
        agents=repository.root / "evals/agents",
        instructions=rules / "CLAUDE.md",
        settings=rules / "settings.json",
        home=rules / "home",
    )


def test_a_folder_is_the_same_at_a_revision_and_as_it_lies(repository: Repository) -> None:
    folder = repository.root / "evals"

    at_main, here = read(repository, "main", folder), read(repository, "", folder)

    assert at_main.digest == here.digest == load_setup(folder).digest
    assert at_main.label.startswith("main (")
    assert [i.path for i in at_main.instructions] == ["CLAUDE.md", "docs/house.md"]


def test_an_uncommitted_edit_is_in_the_working_tree_alone(repository: Repository) -> None:
    folder = repository.root / "evals"
    repository.edit("evals/agents/backend.md", "Tests first.", "")

    at_main, here = read(repository, "main", folder), read(repository, "", folder)

    assert at_main.digest != here.digest
    assert at_main.routing_digest == here.routing_digest


def test_parts_that_lie_apart_are_the_same_at_a_revision(repository: Repository) -> None:
    spec = parts(repository)
    repository.commit()

    at_main, here = read(repository, "main", spec), read(repository, "", spec)

    assert at_main.digest == here.digest
    assert [agent.name for agent in at_main.agents] == ["backend", "frontend", "mine", "writer"]
    assert [i.path for i in at_main.instructions] == ["CLAUDE.md", "more.md"]
    assert "Plan" not in [agent.name for agent in at_main.roster]


def test_a_part_behind_a_link_is_read_where_it_leads(repository: Repository) -> None:
    (repository.root / "evals" / "current").symlink_to("agents")
    repository.commit()
    spec = SetupSpec(agents=repository.root / "evals/current")

    assert read(repository, "main", spec).digest == read(repository, "", spec).digest


def test_a_part_that_the_revision_lacks_is_empty_there_and_said_to_be(
    repository: Repository,
) -> None:
    spec = parts(repository)

    setup = read(repository, "main", spec)

    assert [agent.name for agent in setup.agents] == ["backend", "frontend", "writer"]
    assert setup.instructions == ()
    lost = [finding for finding in setup.findings if finding.level == "not loaded"]
    assert {finding.path for finding in lost} == {
        "rules/CLAUDE.md", "rules/settings.json", "rules/home"
    }  # fmt: skip


def test_a_part_outside_of_the_repository_is_the_same_everywhere(
    repository: Repository, tmp_path: Path
) -> None:
    (tmp_path / "CLAUDE.md").write_text("Everybody's rules.")
    spec = SetupSpec(agents=repository.root / "evals/agents", instructions=tmp_path / "CLAUDE.md")

    setup = read(repository, "main", spec)

    assert setup.digest == read(repository, "", spec).digest
    assert any("outside of the repository" in finding.what for finding in setup.findings)


def test_a_setup_that_the_revision_lacks_is_an_input_error(
    repository: Repository, tmp_path: Path
) -> None:
    repository.write("new/CLAUDE.md", "New.")

    with pytest.raises(InputError, match="has no folder 'new'"):
        read(repository, "main", repository.root / "new")
    with pytest.raises(InputError, match="has no part of the setup"):
        read(repository, "main", SetupSpec(agents=repository.root / "new"))
    with pytest.raises(InputError, match="lies outside of it"):
        read(repository, "main", tmp_path)


def test_a_plain_folder_is_a_setup_and_a_checkout_has_one_at_the_same_place(
    repository: Repository, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    git(tmp_path, "clone", "-q", str(repository.root), str(other))
    (other / "evals" / "agents" / "writer.md").unlink()
    folder = repository.root / "evals"
    spec = SetupSpec(agents=folder / "agents")

    for text, place in ((str(other), folder), (str(other / "evals"), folder), (str(other), spec)):
        setup = read(repository, text, place)
        assert [agent.name for agent in setup.agents] == ["backend", "frontend"]


def test_none_is_the_setup_without_its_own_agents(repository: Repository) -> None:
    setup = read(repository, "none", repository.root / "evals")

    assert setup.agents == ()
    assert "Explore" in [agent.name for agent in setup.roster]
    assert len(setup.instructions) == 2


def test_a_repository_reached_through_a_link_is_the_same(
    repository: Repository, tmp_path: Path
) -> None:
    (tmp_path / "way").symlink_to(repository.root)
    beside = tmp_path / "way" / "evals"

    setup = load_setup_at(resolve("main", beside=beside), beside, beside=beside)

    assert setup.digest == load_setup(repository.root / "evals").digest
