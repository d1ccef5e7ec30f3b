"""The workspace of a trial, as commands of an agent change it."""

import asyncio
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from audition.outcome import Outcome
from audition.sandboxes import HOME, Sandboxes
from audition.trees import LINK, OTHER, REGULAR, FileChange, blob_id, changed
from audition.workspaces import scratch
from audition.workspaces.laying import clear, lay_out
from audition.workspaces.scratch import PREFIX
from audition.workspaces.snapshot import snapshot
from audition.workspaces.template import Template
from audition.workspaces.workspace import Seen, opened, sweep
from tests.sandboxes.trying import names
from tests.sandboxes.trying import opened as opened_kind
from tests.workspaces.making import SHOP, Desk, desk_of, git, make_template, what, write


def left_behind() -> list[Path]:
    own = f"{PREFIX}{os.getpid()}-*"
    folders = [Path("/dev/shm"), Path(tempfile.gettempdir())]
    return [path for folder in folders for path in folder.glob(own)]


def test_a_workspace_begins_as_its_template(desk: Desk, template: Template) -> None:
    assert desk.look() == Seen()
    assert desk.bash("git status --porcelain; git log --oneline | wc -l; pwd; ls $HOME; id -u"
                     ).stdout.split() == [b"4", b"/workspace", b"1000"]  # fmt: skip
    outcome = desk.finish(started_at="a", ended_at="b")

    assert (outcome.base, outcome.head) == (template.base, template.base)
    assert (outcome.branch, outcome.head_branch) == ("main", "main")
    assert outcome.base_tree == template.tree
    assert (outcome.head_files, outcome.history, outcome.notes) == ((), (), ())
    assert outcome.base_is_ancestor
    assert outcome.ignored == ("*.log", "build/", "!keep.log")
    assert (outcome.started_at, outcome.ended_at) == ("a", "b")


@pytest.mark.parametrize(
    "script",
    [
        "cat >shop/new.py <<'END'\nx = 1\nEND",
        "python3 -c \"open('shop/new.py', 'w').write('x = 1\\n')\"",
        "echo 'x = 1' | tee shop/new.py >/dev/null && touch -d 2001-01-01 shop/new.py",
        "echo 'x = 1' >/tmp/n && mv /tmp/n shop/new.py",
        "printf 'x = 2\\n' >shop/new.py && sed -i s/2/1/ shop/new.py",
    ],
    ids=["heredoc", "program", "forged time", "moved", "sed"],
)
def test_a_file_is_seen_however_it_was_written(desk: Desk, script: str) -> None:
    seen = desk.does(script)

    assert what(seen) == {"shop/new.py": "created"}
    (change,) = seen.changes
    assert change.after
    assert desk.workspace.contents[change.after.blob] == b"x = 1\n"
    assert desk.look() == Seen()


def test_a_command_only_counts_what_it_did_itself(desk: Desk) -> None:
    assert what(desk.does("echo 1 >a; echo 2 >b")) == {"a": "created", "b": "created"}
    assert what(desk.does("echo 3 >b; rm a README.md")) == {
        "README.md": "deleted", "a": "deleted", "b": "modified",
    }  # fmt: skip


def test_caches_that_tests_leave_are_not_seen(desk: Desk) -> None:
    seen = desk.does("PYTHONDONTWRITEBYTECODE= python3 -m compileall -q shop; mkdir .pytest_cache")

    assert seen.changes == ()
    assert desk.bash("git status --porcelain").stdout == b""


def test_commits_are_seen_once_with_their_files_and_what_git_was_asked(
    desk: Desk, template: Template
) -> None:
    seen = desk.does("echo 1 >a && git add a && git commit -qm 'feat: a'")
    (made,) = seen.commits

    assert seen.head == ("main", made.id)
    assert (made.message, made.parents) == ("feat: a", (template.base,))
    assert [change.path for change in made.files] == ["a"]
    assert [command.argv[1] for command in seen.git] == ["add", "commit"]
    assert desk.look() == Seen()

    amended = desk.does("git commit -q --amend -m 'feat: b'")
    assert [made.message for made in amended.commits] == ["feat: b"]
    assert amended.changes == ()

    back = desk.does("git reset -q --hard HEAD~1")
    assert (back.head, back.commits) == (("main", template.base), ())
    assert what(back) == {"a": "deleted"}
    assert desk.finish().history == ()


def test_branches_and_a_detached_head_are_seen(desk: Desk, template: Template) -> None:
    moved = desk.does("git switch -qc feature/a")
    assert (moved.head, moved.commits) == (("feature/a", template.base), ())

    seen = desk.does("for n in 1 2 3; do echo $n >a; git add a; git commit -qm $n; done")
    assert [made.message for made in seen.commits] == ["1", "2", "3"]

    detached = desk.does("git checkout -q --detach HEAD~1")
    assert detached.head == ("", seen.commits[1].id)
    assert what(detached) == {"a": "modified"}
    outcome = desk.finish()
    assert outcome.head_branch == ""
    assert outcome.history == tuple(made.id for made in seen.commits[:2])
    assert outcome.branches == {"feature/a": seen.commits[2].id, "main": template.base}


def test_contents_that_only_commits_hold_are_kept(desk: Desk) -> None:
    desk.does("echo between >a; git add a; git commit -qm 1; echo end >a; git commit -qam 2")

    assert desk.workspace.contents[blob_id(b"between\n")] == b"between\n"


def test_secrets_are_kept_by_id_alone_also_out_of_commits(desk: Desk) -> None:
    seen = desk.does(
        "echo KEY=1 >.env; git add -f .env; git commit -qm 1; rm .env; git commit -qam 2"
    )

    assert len(seen.commits) == 2
    assert blob_id(b"KEY=1\n") not in desk.workspace.contents


def test_every_step_can_be_laid_out_again(desk: Desk, template: Template, tmp_path: Path) -> None:
    scripts = ("echo 1 >a; chmod +x a", "ln -s ../a shop/l; rm README.md", "echo 2 >>shop/cart.py")
    tree = dict(template.tree)
    for number, script in enumerate(scripts):
        tree = changed(tree, desk.does(script).changes)
        at = tmp_path / str(number)

        def content(blob: str) -> bytes | None:
            return desk.workspace.contents.get(blob) or template.content(blob)

        assert lay_out(tree, content, at) == ()
        assert snapshot(at).tree == tree


def test_home_is_there_between_commands_and_is_the_trials_own(
    template: Template, sandboxes: Sandboxes, tmp_path: Path
) -> None:
    home = write(tmp_path / "home", {".claude/memory.md": "remember\n"})
    with desk_of(template, sandboxes, home=home) as desk:
        assert desk.bash("cat ~/.claude/memory.md; echo more >>~/.claude/memory.md; echo ~"
                         ).stdout.decode() == f"remember\n{HOME}\n"  # fmt: skip
        assert desk.bash("cat ~/.claude/memory.md").stdout == b"remember\nmore\n"
    assert (home / ".claude" / "memory.md").read_text() == "remember\n"


def test_more_can_be_shown(template: Template, sandboxes: Sandboxes, tmp_path: Path) -> None:
    more = write(tmp_path / "more", {"bin/greets": "#!/bin/sh\necho hello\n"})
    (more / "bin" / "greets").chmod(0o755)
    with desk_of(template, sandboxes, extra={"/more": more}, toolchains=[more]) as desk:
        assert desk.bash("greets; ls /more").stdout == b"hello\nbin\n"


def test_the_template_is_out_of_reach(desk: Desk, template: Template) -> None:
    before = snapshot(template.folder).tree
    desk.does("echo 1 >>README.md; rm -rf .git shop")

    assert snapshot(template.folder).tree == before
    assert git(template.folder, "status", "--porcelain") == ""


def test_everything_is_removed_however_it_was_left(
    template: Template, sandboxes: Sandboxes
) -> None:
    spoil = """
    python3 -c "
import os
for _ in range(3000): os.mkdir('d'); os.chdir('d')
"
    mkdir closed; touch closed/x; chmod 000 closed; mkfifo pipe; touch $'odd\\xff'
    ln -s /etc out; mkdir ~/deep; chmod 000 ~/deep
    """
    with desk_of(template, sandboxes) as desk:
        desk.does(spoil)
        assert left_behind()
    assert left_behind() == []


def test_a_cancelled_trial_leaves_nothing(template: Template, sandboxes: Sandboxes) -> None:
    async def trial(began: asyncio.Event) -> None:
        async with opened(template, sandboxes) as workspace:
            began.set()
            await workspace.sandbox.run(["sleep", "600"])

    async def cancel() -> None:
        began = asyncio.Event()
        task = asyncio.create_task(trial(began))
        await began.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(cancel())

    assert left_behind() == []


def test_what_killed_processes_left_is_swept_and_nothing_else(tmp_path: Path) -> None:
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    folder = Path(tempfile.gettempdir())
    gone = write(folder / f"{PREFIX}{dead.pid}-x", {"workspace/a": "1"})
    running = write(folder / f"{PREFIX}{os.getpid()}-y", {"a": "1"})
    odd = write(folder / f"{PREFIX}nobody-z", {"a": "1"})
    target = write(tmp_path / "target", {"a": "1"})
    link = folder / f"{PREFIX}{dead.pid}-link"
    link.symlink_to(target)
    try:
        assert sweep() == (gone,)
        assert running.exists()
        assert odd.exists()
        assert names(target) == ["a"]
    finally:
        link.unlink()
        for place in (running, odd):
            clear(place)


def test_where_memory_is_short_a_disk_is_used(
    template: Template, sandboxes: Sandboxes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scratch, "_ROOM_BYTES", 1 << 60)
    with desk_of(template, sandboxes) as desk:
        assert desk.root.is_relative_to(tempfile.gettempdir())
        assert what(desk.does("echo 1 >a")) == {"a": "created"}


def test_workspaces_side_by_side_know_nothing_of_each_other(
    template: Template, sandboxes: Sandboxes
) -> None:
    async def trial(number: int) -> Outcome:
        async with opened(template, sandboxes) as workspace:
            script = f"echo {number} >a; git add a; git commit -qm {number}"
            await workspace.sandbox.run(["bash", "-c", script])
            seen = await workspace.look()
            assert [made.message for made in seen.commits] == [str(number)]
            return await workspace.finish()

    async def all_of_them() -> list[Outcome]:
        return await asyncio.gather(*map(trial, range(12)))

    for number, outcome in enumerate(asyncio.run(all_of_them())):
        (change,) = outcome.head_files
        assert change.after
        assert change.after.blob == blob_id(f"{number}\n".encode())


@pytest.mark.parametrize(
    ("script", "note"),
    [
        ("rm -rf .git", ".git is gone"),
        ("mv .git /tmp/g; ln -s /etc .git", ".git is no folder of the workspace's own"),
        ("rm .git/HEAD; mkfifo .git/HEAD", "HEAD names no commit"),
        ("echo /etc >.git/objects/info/alternates; git commit -q --allow-empty -m x",
         "the repository borrows objects from elsewhere"),
        ("rm -rf .git; git init -q; git add .; git -c user.name=a -c user.email=b commit -qm x",
         "git cannot read the history"),
    ],
)  # fmt: skip
def test_a_spoilt_repository_ends_in_a_note_and_proves_nothing(
    desk: Desk, script: str, note: str
) -> None:
    seen = desk.does(f"mkdir -p .git/objects/info; {script}")
    outcome = desk.finish()

    assert [text for text in seen.notes if text.startswith(note)]
    assert [text for text in outcome.notes if text.startswith(note)]
    assert not outcome.base_is_ancestor
    assert outcome.base_tree


def test_planted_configuration_keeps_no_commit_from_being_seen(desk: Desk) -> None:
    planted = (
        "for n in core.fsmonitor diff.external filter.e.clean core.sshCommand gpg.program; do"
        " git config $n /bin/false; done; git config log.showSignature true;"
        "git config core.worktree /tmp; git config extensions.partialClone evil;"
        "echo '* filter=e diff=e' >.gitattributes"
    )
    desk.does(f"git commit -q --allow-empty -m one; {planted}")
    desk.does("echo 1 >a; GIT_WORK_TREE=. git commit -q --allow-empty -m two")

    assert len(desk.finish().history) == 2


def test_what_a_workspace_holds_beside_files_is_in_its_tree(desk: Desk) -> None:
    seen = desk.does(
        "mkfifo pipe; ln -s /etc/passwd out; touch $'odd\\xff'; head -c 2M /dev/zero >big"
    )
    modes = {change.path: change.after.mode for change in seen.changes if change.after}

    assert modes == {"pipe": OTHER, "out": LINK, "odd\\xff": OTHER, "big": REGULAR}
    assert set(desk.workspace.contents.values()) == {b"/etc/passwd"}
    assert seen.notes == ()


def test_a_note_is_told_once(desk: Desk) -> None:
    deep = "mkdir -p $(printf 'd/%.0s' $(seq 70))"
    first, second = desk.does(deep), desk.does("echo 1 >a")

    assert first.notes == ("the workspace has folders more than 64 deep",)
    assert second.notes == ()
    assert what(second) == {"a": "created"}
    assert desk.finish().notes == first.notes


def test_what_is_copied_is_what_git_takes_for_unchanged(
    template: Template, sandboxes: Sandboxes
) -> None:
    files = {**SHOP, **{f"shop/m{number}.py": f"x = {number}\n" for number in range(60)}}
    large = make_template(template.folder.with_name("large"), files)
    with desk_of(large, sandboxes) as desk:
        ended = desk.bash("git diff-files --quiet && echo same")

    assert ended.stdout == b"same\n"


def test_a_file_change_is_what_a_trace_holds(desk: Desk) -> None:
    (change,) = desk.does("echo 1 >a").changes

    assert change == FileChange("a", None, change.after)
    assert change.what == "created"


def test_without_walls_a_written_file_is_not_all_that_is_looked_at(
    template: Template,
) -> None:
    with desk_of(template, opened_kind("local")) as desk:
        write(desk.root, {"lingering": "what a process that lives on has written", "asked": "x"})
        seen = desk.runner.run(desk.workspace.look(["asked"]))

        assert [change.path for change in seen.changes] == ["asked", "lingering"]
