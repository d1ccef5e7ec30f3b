import os
import stat
import subprocess
from pathlib import Path

import pytest

from audition.errors import InputError
from audition.git_objects import GitObjects
from audition.revisions import GitRevision, exporting
from audition.revisions.exporting import exported
from audition.revisions.resolving import resolve
from audition.suite import Suite, load_suite
from audition.workspaces.source import Source
from tests.revisions.repositories import Repository, git

AT_WORK = """\
workspace: {workspace}
project: {{test_command: python -m pytest -q, toolchains: [../.venv]}}
cases:
  - id: paging
    request: Add paging
    agent: backend
    expect: [suite_passes]
"""
OWN_CHECK = """\
from dataclasses import dataclass
from typing import ClassVar

from audition.score import Kind, passed


@dataclass(frozen=True)
class Mine:
    kind: ClassVar[Kind] = "outcome"
    needs: ClassVar[frozenset[str]] = frozenset({"whole trial"})
    note: str = "WHOSE"

    def score(self, evidence):
        return passed("fine")
"""


def at(repository: Repository, text: str = "main") -> GitRevision:
    revision = resolve(text, beside=repository.root / "evals")
    assert isinstance(revision, GitRevision)
    return revision


def working(repository: Repository, workspace: str) -> None:
    """Commit a dataset about work, and lay a toolchain beside it that git ignores."""
    repository.write("datasets/cases.yaml", AT_WORK.format(workspace=workspace))
    repository.write("shop/cart.py", "TOTAL = 1\n")
    repository.write("shop/.gitignore", "*.log\n")
    repository.write("shop/kept.log", "tracked all the same\n")
    git(repository.root, "add", "-f", "shop/kept.log")
    repository.commit()
    repository.write(".venv/bin/python", "")


def source(suite: Suite) -> Source:
    (case,) = suite.cases
    assert case.work is not None
    return case.work.source


def test_the_suite_of_a_revision_is_loaded_as_it_was(repository: Repository) -> None:
    suite = repository.root / "evals/suite.yaml"
    before = load_suite(suite)
    repository.edit("datasets/cases.yaml", "dark theme", "light theme")
    repository.write("evals/suite.yaml", "broken: [")

    with exported(at(repository), suite) as export:
        found = export.settled(load_suite(export.place(suite)))

        assert stat.S_IMODE(export.root.parent.stat().st_mode) == 0o700
        assert [case.request for case in found.cases] == [case.request for case in before.cases]
        assert found.setup == before.setup == repository.root / "evals"
        assert found.cases[0].where.startswith("main:datasets/cases.yaml:")
        assert not (export.root / "reports").exists()
    assert not export.root.parent.exists()


def test_the_folder_is_gone_after_an_error_too(repository: Repository) -> None:
    with (
        pytest.raises(ZeroDivisionError),
        exported(at(repository), repository.root / "evals/suite.yaml") as export,
    ):
        raise ZeroDivisionError

    assert not export.root.parent.exists()


def test_own_checks_are_those_of_the_revision(repository: Repository) -> None:
    suite = repository.write("evals/suite.yaml", "setup: .\ndataset: c.yaml\nchecks: [mine.py]\n")
    repository.write("evals/c.yaml", "cases: [{id: a, request: Do it, expect: [mine]}]\n")
    repository.write("evals/mine.py", OWN_CHECK.replace("WHOSE", "base"))
    repository.commit()
    repository.write("evals/mine.py", "raise SystemExit('the change runs its own Python')\n")

    with exported(at(repository), suite) as export:
        found = load_suite(export.place(suite))

    (expectation,) = found.cases[0].expectations
    assert getattr(expectation.check, "note", None) == "base"


def test_a_workspace_that_is_a_folder_is_the_same_as_in_the_checkout(
    repository: Repository,
) -> None:
    working(repository, "../shop")
    suite = repository.root / "evals/suite.yaml"
    here = source(load_suite(suite))

    with exported(at(repository), suite) as export:
        there = source(load_suite(export.place(suite)))

        assert there.identity == here.identity
        assert "kept.log" in [held.path for held in there.listing.files]
        assert dict(there.contents())


def test_a_workspace_that_is_the_repository_is_the_one_of_the_revision(
    repository: Repository,
) -> None:
    working(repository, "{git: ., ref: HEAD}")
    repository.write("datasets/cases.yaml", AT_WORK.format(workspace="{git: .., ref: HEAD}"))
    base = repository.commit()
    suite = repository.root / "evals/suite.yaml"
    here = source(load_suite(suite)).identity
    repository.write("shop/cart.py", "TOTAL = 2\n")
    repository.commit()
    after = source(load_suite(suite)).identity

    with exported(at(repository, base), suite) as export:
        there = source(load_suite(export.place(suite)))

        assert there.identity == here != after
        by_name = Source(folder=there.folder, ref="main")
        assert by_name.identity == after
    assert git(repository.root, "worktree", "list").count("\n") == 0
    assert git(repository.root, "status", "--porcelain") == ""


def test_a_toolchain_of_the_machine_is_lent_and_keeps_its_name(repository: Repository) -> None:
    working(repository, "../shop")
    suite = repository.root / "evals/suite.yaml"
    (here,) = load_suite(suite).cases

    with exported(at(repository), suite) as export:
        (there,) = export.settled(load_suite(export.place(suite))).cases

    assert here.work is not None
    assert there.work is not None
    assert there.work.project.toolchains == (str(repository.root / ".venv"),)
    assert there.work.identity == here.work.identity


def test_a_toolchain_that_the_change_brings_along_is_not_lent(repository: Repository) -> None:
    working(repository, "../shop")
    base = git(repository.root, "rev-parse", "HEAD")
    git(repository.root, "add", "-f", ".venv")
    repository.commit()
    suite = repository.root / "evals/suite.yaml"

    with (
        exported(at(repository, base), suite) as export,
        pytest.raises(InputError, match="there is no folder"),
    ):
        load_suite(export.place(suite))


def test_links_that_leave_and_submodules_are_left_out_and_named(
    repository: Repository, tmp_path: Path
) -> None:
    inner = tmp_path / "inner"
    inner.mkdir()
    git(inner, "init", "-q", "-b", "main")
    git(inner, "commit", "-q", "--allow-empty", "-m", "x")
    git(
        repository.root, "-c", "protocol.file.allow=always", "submodule", "add", "-q",
        str(inner), "sub",
    )  # fmt: skip
    links = {
        "in": "evals/CLAUDE.md", "out": "../secret", "root": "/etc/passwd", "later": "not/there",
        "sly": "not/../../secret", "two": "out",
    }  # fmt: skip
    for name, target in links.items():
        (repository.root / name).symlink_to(target)
    repository.commit()

    with exported(at(repository), repository.root / "evals/suite.yaml") as export:
        assert set(export.left_out) == {"out", "root", "sly", "two", "sub"}
        assert (export.root / "in").read_text() == FILES_CLAUDE
        assert os.path.lexists(export.root / "later")
        assert not os.path.lexists(export.root / "two")


FILES_CLAUDE = "Answer questions yourself. See @docs/house.md for the rest.\n"


def planted(root: Path, *entries: tuple[str, str, bytes]) -> str:
    """A commit whose tree no git command would make: modes, names and contents as given."""
    tree = b""
    for mode, name, content in entries:
        done = subprocess.run(
            ["git", "hash-object", "-w", "--stdin"], cwd=root, input=content, capture_output=True,
            check=True,
        )  # fmt: skip
        tree += f"{mode} {name}\0".encode() + bytes.fromhex(done.stdout.decode().strip())
    done = subprocess.run(
        ["git", "hash-object", "-t", "tree", "-w", "--stdin", "--literally"],
        cwd=root, input=tree, capture_output=True, check=True,
    )  # fmt: skip
    return git(root, "commit-tree", done.stdout.decode().strip(), "-m", "planted")


@pytest.mark.parametrize("name", ["..", ".git", ".GIT", ".gi\u200ct", "git~1", ".git ", "."])
def test_a_path_that_no_checkout_would_make_is_refused(repository: Repository, name: str) -> None:
    commit = planted(repository.root, ("100644", name, b"gitdir: /etc\n"))
    revision = GitRevision("planted", GitObjects(repository.root, commit))

    with (
        pytest.raises(InputError, match="not written anywhere"),
        exported(revision, repository.root / "evals/suite.yaml"),
    ):
        pass


def test_nothing_is_written_through_a_link(repository: Repository, tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.mkdir()
    commit = planted(
        repository.root, ("120000", "a", str(target).encode()), ("100644", "a/b", b"planted")
    )
    revision = GitRevision("planted", GitObjects(repository.root, commit))

    with (
        pytest.raises(InputError, match=r"is not there at planted|not written anywhere"),
        exported(revision, repository.root / "evals/suite.yaml"),
    ):
        pass
    assert list(target.iterdir()) == []


def test_a_tree_that_is_too_large_is_refused_before_anything_is_written(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    suite = repository.root / "evals/suite.yaml"
    monkeypatch.setattr(exporting, "MAX_FILES", 3)
    with pytest.raises(InputError, match="--suite-from head"), exported(at(repository), suite):
        pass
    monkeypatch.setattr(exporting, "MAX_FILES", 1000)
    monkeypatch.setattr(exporting, "MAX_BYTES", 3)
    with pytest.raises(InputError, match="MB"), exported(at(repository), suite):
        pass


def test_a_suite_that_the_revision_lacks_is_an_input_error(repository: Repository) -> None:
    suite = repository.write("evals/new.yaml", "setup: .\ndataset: ../datasets/cases.yaml\n")

    with pytest.raises(InputError, match="is not there at main"), exported(at(repository), suite):
        pass


def test_a_work_tree_of_a_linked_kind_is_exported_as_well(
    repository: Repository, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    git(repository.root, "worktree", "add", "-q", "-b", "side", str(other))
    suite = other / "evals/suite.yaml"
    revision = resolve("main", beside=other)
    assert isinstance(revision, GitRevision)

    with exported(revision, suite) as export:
        assert git(export.root, "rev-parse", "HEAD") == revision.objects.commit
        assert git(export.root, "status", "--porcelain") == ""


def test_executable_files_stay_executable(repository: Repository) -> None:
    path = repository.write("tool.sh", "#!/bin/sh\n")
    path.chmod(0o755)
    repository.commit()

    with exported(at(repository), repository.root / "evals/suite.yaml") as export:
        assert os.access(export.root / "tool.sh", os.X_OK)
        assert stat.S_IMODE((export.root / "evals/suite.yaml").stat().st_mode) == 0o600
