from datetime import UTC, datetime
from pathlib import Path

from audition.overrides import Overrides
from audition.revisions import NoAgents, WorkingTree
from audition.revisions.arms import Inquiry, opened_arms
from audition.revisions.resolving import resolve
from tests.revisions.repositories import Repository

NOW = datetime(2026, 11, 24, tzinfo=UTC)
SUITE = Path("evals/suite.yaml")


def test_both_arms_play_the_same_cases_on_two_setups(repository: Repository) -> None:
    repository.edit("evals/agents/backend.md", "Tests first.", "")
    asked = Inquiry(SUITE, resolve("main", beside=repository.root), WorkingTree())

    with opened_arms(asked, Overrides(), now=NOW) as arms:
        base, head = arms.base, arms.head

    assert base is not None
    assert [entry.key for entry in base.entries] == [entry.key for entry in head.entries]
    assert base.record.setup_digest != head.record.setup_digest
    assert base.record.setup.startswith("main (")
    assert head.record.setup == "the working tree"


def test_a_record_names_no_folder_that_will_be_gone(repository: Repository) -> None:
    repository.write("shop/cart.py", "TOTAL = 1\n")
    repository.edit("datasets/cases.yaml", "cases:", "workspace: ../shop\ncases:")
    repository.commit()
    asked = Inquiry(SUITE, resolve("main", beside=repository.root), WorkingTree())

    with opened_arms(asked, Overrides(), now=NOW) as arms:
        assert arms.export is not None
        place = str(arms.export.root.parent)
        for job in filter(None, (arms.base, arms.head)):
            assert place not in repr(job.record)
            assert place not in repr(job.cases)
            assert job.record.suite_path == "evals/suite.yaml"
            assert job.record.datasets == ("main:datasets/cases.yaml",)


def test_a_base_that_brings_no_suite_is_judged_by_the_head(repository: Repository) -> None:
    asked = Inquiry(SUITE, NoAgents(), WorkingTree(), suite_from="base")

    with opened_arms(asked, Overrides(), now=NOW) as arms:
        assert arms.export is None
        assert arms.base is not None
        assert arms.base.lacking == {"refunds": ("backend",), "dark-mode": ("frontend",)}
        assert arms.head.lacking == {}
