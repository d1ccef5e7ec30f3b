import asyncio
import os
import stat
from pathlib import Path

import pytest

from audition.errors import InputError
from audition.trees import EXECUTABLE, LINK, REGULAR, File, blob_id
from audition.workspaces.source import Source
from audition.workspaces.template import Template, build, plan_commits
from tests.workspaces.making import SHOP, git, make_repository, make_template, write


def test_a_template_holds_the_files_and_a_clean_repository(template: Template) -> None:
    assert set(template.tree) == set(SHOP)
    for path, content in SHOP.items():
        assert template.tree[path] == File(REGULAR, blob_id(content.encode()))
        assert template.content(template.tree[path].blob) == content.encode()
    assert git(template.folder, "status", "--porcelain", "--ignored") == ""
    assert git(template.folder, "rev-parse", "HEAD") == template.base
    assert git(template.folder, "branch", "--show-current") == template.branch == "main"
    assert git(template.folder, "fsck", "--strict") == ""


def test_the_history_is_what_people_might_have_done(template: Template) -> None:
    log = git(template.folder, "log", "--reverse", "--format=%s|%an|%cd", "--date=short")
    commits = [line.split("|") for line in log.splitlines()]

    assert [subject for subject, *_ in commits] == [
        "Set up the project",
        "Add the first modules",
        "Add tests",
        "Add documents and data",
    ]
    assert len({author for _, author, _ in commits}) == 2
    dates = [date for *_, date in commits]
    assert dates == sorted(set(dates))
    assert dates[-1] < "2026"
    assert "harness" not in log.lower()
    assert "audition" not in log.lower()


def test_a_repository_is_packed_and_has_no_hooks(template: Template) -> None:
    git_folder = template.folder / ".git"

    assert not (git_folder / "hooks").exists()
    assert [path.suffix for path in (git_folder / "objects" / "pack").glob("*.pack")] == [".pack"]
    assert [path.name for path in (git_folder / "objects").iterdir() if len(path.name) == 2] == []


def test_the_same_source_gives_the_same_commit(tmp_path: Path) -> None:
    first, second = make_template(tmp_path / "a"), make_template(tmp_path / "b")
    commit = make_repository(tmp_path / "r", SHOP)
    revision = asyncio.run(build(Source(folder=tmp_path / "r", ref=commit), tmp_path / "c"))

    assert first.base == second.base == revision.base
    assert first.tree == second.tree == revision.tree
    assert make_template(tmp_path / "d", {**SHOP, "README.md": "other"}).base != first.base


@pytest.mark.parametrize("count", [1, 2, 3, 4, 9, 40])
def test_every_file_is_in_one_commit_and_there_are_few(count: int) -> None:
    paths = [f"shop/m{number}.py" for number in range(count)]
    commits = plan_commits(paths)

    assert sorted(path for commit in commits for path in commit.paths) == sorted(paths)
    assert min(count + 1, 3) <= len(commits) <= 5


def test_modes_and_links_and_odd_names_are_kept(tmp_path: Path) -> None:
    folder = write(tmp_path / "source", {"run.sh": "#!/bin/sh\n", 'q"u\\o\nte é.txt': "x"})
    (folder / "run.sh").chmod(0o755)
    (folder / "link").symlink_to("run.sh")
    template = asyncio.run(build(Source(folder=folder), tmp_path / "t"))

    assert template.tree["run.sh"].mode == EXECUTABLE
    assert template.tree["link"] == File(LINK, blob_id(b"run.sh"))
    assert template.content(blob_id(b"run.sh")) == b"run.sh"
    assert template.tree['q"u\\o\nte é.txt'].blob == blob_id(b"x")
    assert git(template.folder, "status", "--porcelain") == ""


def test_what_a_setup_makes_and_git_ignores_is_there_and_in_no_commit(tmp_path: Path) -> None:
    setup = "mkdir -p node_modules/a build && echo 1 | tee node_modules/a/x build/y made.lock"
    template = make_template(tmp_path / "t", setup=setup)
    committed = git(template.folder, "ls-tree", "-r", "--name-only", "HEAD").splitlines()

    assert set(committed) == {*SHOP, "made.lock"}
    assert set(template.tree) == {*SHOP, "made.lock", "build/y"}
    assert (template.folder / "node_modules" / "a" / "x").read_text() == "1\n"
    assert git(template.folder, "status", "--porcelain") == ""
    assert template.ignored == ("*.log", "build/", "!keep.log")


def test_what_a_revision_tracks_is_committed_though_it_is_ignored(tmp_path: Path) -> None:
    commit = make_repository(tmp_path / "r", {**SHOP, "kept.log": "x"})
    template = asyncio.run(build(Source(folder=tmp_path / "r", ref=commit), tmp_path / "t"))

    assert "kept.log" in git(template.folder, "ls-tree", "-r", "--name-only", "HEAD").splitlines()


def test_a_setup_knows_no_key_and_no_other_repository(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("ANTHROPIC_API_KEY", "MY_TOKEN", "DB_PASSWORD", "GIT_DIR"):
        monkeypatch.setenv(name, "hidden-away")
    monkeypatch.setenv("COLOUR", "green")
    template = make_template(tmp_path / "t", setup="env > seen.txt")
    seen = (template.folder / "seen.txt").read_text()

    assert "hidden-away" not in seen
    assert "COLOUR=green" in seen


def test_a_setup_that_fails_says_how_it_ended_and_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(InputError) as error:
        make_template(tmp_path / "t", setup="seq 9999; printf 'no \\033[31mnetwork'; exit 7")

    text = str(error.value)
    assert "ended with exit code 7" in text
    assert text.endswith("no \\x1b[31mnetwork")
    assert len(text) < 3000
    assert not (tmp_path / "t").exists()


def _says(place: Path) -> str:
    return place.read_text() if place.exists() else ""


def test_a_cancelled_setup_leaves_no_process_and_no_folder(tmp_path: Path) -> None:
    source = Source(folder=write(tmp_path / "s", SHOP), setup="echo $$ > ../pid; sleep 600")

    async def cancel() -> None:
        task = asyncio.create_task(build(source, tmp_path / "t"))
        async with asyncio.timeout(30):
            while not _says(tmp_path / "pid"):  # noqa: ASYNC110 # another process writes it
                await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(cancel())

    assert not (tmp_path / "t").exists()
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)


def test_a_source_with_problems_is_not_built(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="does not exist"):
        asyncio.run(build(Source(folder=tmp_path / "nowhere"), tmp_path / "t"))

    assert not (tmp_path / "t").exists()


def test_a_folder_that_is_in_the_way_is_left_alone(tmp_path: Path) -> None:
    write(tmp_path / "t", {"mine": "x"})
    with pytest.raises(InputError, match="exists"):
        make_template(tmp_path / "t")

    assert (tmp_path / "t" / "mine").read_text() == "x"


def test_content_of_what_looks_secret_is_not_given(tmp_path: Path) -> None:
    template = make_template(tmp_path / "t", {**SHOP, ".env": "KEY=1\n", "b.txt": "KEY=1\n"})

    assert template.content(blob_id(b"KEY=1\n")) == b"KEY=1\n"  # for it lies open elsewhere, too
    other = make_template(tmp_path / "u", {**SHOP, ".env": "KEY=1\n"})
    assert other.content(blob_id(b"KEY=1\n")) is None
    assert other.content("0" * 40) is None


def test_files_are_as_old_as_their_commits(template: Template) -> None:
    status = (template.folder / "README.md").stat()

    assert stat.S_IMODE(status.st_mode) == 0o644
    assert status.st_mtime < 1_750_000_000
