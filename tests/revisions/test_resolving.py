from pathlib import Path

import pytest

from audition.errors import FileFormatError, InputError
from audition.revisions import Folder, GitRevision, NoAgents, RunFile
from audition.revisions.resolving import resolve
from tests.conftest import Cli
from tests.revisions.repositories import Repository, git


def wrong(repository: Repository, text: str) -> str:
    with pytest.raises(InputError) as refused:
        resolve(text, beside=repository.root / "evals")
    return str(refused.value)


@pytest.mark.parametrize("text", ["main", "HEAD", "v1", "HEAD^0", "refs/heads/main"])
def test_a_revision_is_one_of_the_repository_that_holds_the_suite(
    repository: Repository, text: str
) -> None:
    git(repository.root, "tag", "v1")

    found = resolve(text, beside=repository.root / "evals")

    assert isinstance(found, GitRevision)
    assert found.objects.repository == repository.root
    assert found.objects.commit == git(repository.root, "rev-parse", "HEAD")
    assert text in found.label
    assert found.objects.commit[:10] in found.label


def test_a_commit_is_called_as_the_user_called_it(repository: Repository) -> None:
    short = git(repository.root, "rev-parse", "--short", "HEAD")

    assert resolve(short, beside=repository.root).label == short


def test_a_folder_and_none_are_what_they_look_like(repository: Repository) -> None:
    assert resolve("evals", beside=repository.root) == Folder(Path("evals"))
    assert resolve(".", beside=repository.root) == Folder(Path())
    assert resolve("none", beside=repository.root) == NoAgents()


def test_a_run_file_is_read_before_it_is_believed(repository: Repository, cli: Cli) -> None:
    cli("run", "evals/suite.yaml", "--out", "reports/a.run.db")
    (repository.root / "reports" / "b.run.db").write_text("no run")

    assert isinstance(resolve("reports/a.run.db", beside=repository.root), RunFile)
    with pytest.raises(FileFormatError):
        resolve("reports/b.run.db", beside=repository.root)
    assert "there is no run file" in wrong(repository, "reports/c.run.db")
    assert "no run file by its name" in wrong(repository, "evals/suite.yaml")


def test_a_name_with_two_meanings_is_said_to_have_them(repository: Repository) -> None:
    git(repository.root, "branch", "evals")

    said = wrong(repository, "evals")

    assert "is a folder here and a revision of the repository" in said
    assert "'./evals' or 'refs/heads/evals'" in said
    assert isinstance(resolve("./evals", beside=repository.root), Folder)
    assert isinstance(resolve("refs/heads/evals", beside=repository.root), GitRevision)


def test_a_branch_and_a_tag_of_one_name_are_told_apart(repository: Repository) -> None:
    git(repository.root, "tag", "release")
    git(repository.root, "branch", "release")
    assert isinstance(resolve("release", beside=repository.root), GitRevision)
    repository.commit()
    git(repository.root, "branch", "-f", "release")

    assert "a branch and a tag" in wrong(repository, "release")


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("mian", "did you mean 'main'?"),
        ("develop", "did you mean 'origin/develop'?"),
        ("zzzzzz", "branches and tags are: main"),
        ("main..main", "names no single commit"),
        ("HEAD:evals", "names no single commit"),
        ("", "is empty"),
        ("--all", "there is no revision"),
        ("a\0b", "there is no revision"),
        ("x" * 5000, "there is no revision"),
    ],
)
def test_a_text_without_a_meaning_gets_a_hint(repository: Repository, text: str, hint: str) -> None:
    git(repository.root, "update-ref", "refs/remotes/origin/develop", "HEAD")

    assert hint in wrong(repository, text)


def test_a_shallow_clone_is_named_as_the_likely_reason(
    repository: Repository, tmp_path: Path
) -> None:
    old = git(repository.root, "rev-parse", "HEAD")
    repository.commit()
    shallow = tmp_path / "shallow"
    git(tmp_path, "clone", "-q", "--depth", "1", f"file://{repository.root}", str(shallow))

    with pytest.raises(InputError, match="fetch the revision first"):
        resolve(old, beside=shallow)


def test_outside_of_any_repository_only_folders_have_a_meaning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "old").mkdir()

    assert resolve("old", beside=tmp_path) == Folder(Path("old"))
    with pytest.raises(InputError, match="no git repository"):
        resolve("main", beside=tmp_path)
