"""What every kind of sandbox does, with or without walls."""

import asyncio
import json
import time
from dataclasses import replace
from pathlib import Path

import pytest

from audition.sandboxes import WORKSPACE, Limits
from tests.sandboxes.trying import BRIEF, KINDS, Booth, names, processes

KEY = "key-0123456789-of-nobody"


def test_a_command_says_what_it_has_to_say_and_ends(booth: Booth) -> None:
    ended = booth.bash("echo out; echo err >&2; exit 3")

    assert (ended.stdout, ended.stderr) == (b"out\n", b"err\n")
    assert (ended.exit_code, ended.signal, ended.limit_hit) == (3, None, None)
    assert not ended.truncated
    assert 0 < ended.duration_s < 10


def test_a_signal_is_told_as_a_shell_tells_it(booth: Booth) -> None:
    ended = booth.bash("kill -TERM $$")

    assert (ended.exit_code, ended.signal, ended.limit_hit) == (143, 15, None)


@pytest.mark.parametrize("size", [0, 5, 1_000_000])
def test_standard_input_arrives_whole(booth: Booth, size: int) -> None:
    ended = booth.run("wc", "-c", stdin=b"x" * size)

    assert ended.stdout.strip() == str(size).encode()


def test_output_is_bytes_whatever_they_are(booth: Booth) -> None:
    assert booth.bash(r"printf '\xff\x00\x1b[31m'").stdout == b"\xff\x00\x1b[31m"


def test_work_is_done_in_the_workspace_and_stays_there(booth: Booth) -> None:
    ended = booth.bash("mkdir -p a/b && printf 'grüße' > 'a/b/ü.txt' && pwd")

    assert (booth.workspace / "a" / "b" / "ü.txt").read_text(encoding="utf-8") == "grüße"
    assert ended.stdout.decode().strip() in (WORKSPACE, str(booth.workspace))


def test_a_command_can_start_in_a_folder_of_the_workspace(booth: Booth) -> None:
    booth.run("mkdir", "-p", "deep/down")
    ended = booth.bash("touch here; pwd", cwd=f"{WORKSPACE}/deep/down")

    assert (booth.workspace / "deep" / "down" / "here").exists()
    assert ended.stdout.endswith(b"deep/down\n")


def test_a_folder_that_is_not_there_is_the_commands_failure(booth: Booth) -> None:
    ended = booth.run("true", cwd=f"{WORKSPACE}/nowhere")

    assert ended.exit_code == 125
    assert b"nowhere" in ended.stderr


def test_a_program_that_is_not_there_is_the_commands_failure(booth: Booth) -> None:
    assert booth.run("no-such-program").exit_code == 127


@pytest.mark.parametrize("argument", ["nul \0", "lone \ud800", "x" * 3_000_000])
def test_a_command_line_that_no_process_can_have_is_the_commands_failure(
    booth: Booth, argument: str
) -> None:
    ended = booth.run("echo", argument)

    assert ended.exit_code == 126
    assert ended.stderr


def test_a_command_gets_the_variables_it_is_given_and_none_of_ours(
    booth: Booth, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    said = booth.run("env", env={"GIVEN": "yes = no"}).stdout.decode()

    assert "GIVEN=yes = no\n" in said
    assert KEY not in said
    names = {line.partition("=")[0] for line in said.splitlines()}
    assert names <= {
        "GIVEN", "HOME", "LANG", "LOGNAME", "OLDPWD", "PATH", "PWD", "PYTHONDONTWRITEBYTECODE",
        "SHELL", "TERM", "USER",
    }  # fmt: skip


def test_the_python_that_runs_us_is_there_with_its_packages_and_leaves_no_caches(
    booth: Booth,
) -> None:
    (booth.workspace / "shop.py").write_text("PRICE = 3\n")
    (booth.workspace / "test_shop.py").write_text(
        "import shop\n\n\ndef test_price():\n    assert shop.PRICE == 3\n"
    )
    ended = booth.run("python", "-m", "pytest", "-q", "-p", "no:cacheprovider")

    assert ended.exit_code == 0, ended.stdout
    assert names(booth.workspace) == ["shop.py", "test_shop.py"]


def test_git_works_and_keeps_a_record_outside_of_the_workspace(booth: Booth) -> None:
    seen = booth.showing(trace=booth.folder("trace"))
    ended = seen.bash(
        "git init -q . && git -c user.name=A -c user.email=a@example.org "
        "commit -q --allow-empty -m first && git log --format=%s"
    )

    assert ended.stdout == b"first\n", ended.stderr
    lines = (booth.workspace.parent / "trace" / "git.jsonl").read_text().splitlines()
    started = [json.loads(line).get("argv", []) for line in lines]
    assert any("commit" in argv for argv in started)
    assert names(booth.workspace) == [".git"]


def test_a_home_is_empty_unless_one_is_given_which_then_lasts(booth: Booth) -> None:
    booth.bash("touch ~/note")
    assert booth.bash("ls -A ~").stdout == b""

    lasting = booth.showing(home=booth.folder("home"))
    lasting.bash("touch ~/note")
    assert lasting.bash("ls -A ~").stdout == b"note\n"


def test_the_clock_ends_a_command_and_everything_it_started(booth: Booth, mark: str) -> None:
    began = time.monotonic()
    ended = booth.bash(
        "(exec -a $0 sleep 60) & echo begun; exec -a $0 sleep 60",
        mark,
        limits=Limits(wall_s=0.4),
    )

    assert ended.timed_out
    assert (ended.exit_code, ended.signal, ended.limit_hit) == (None, 9, "wall")
    assert ended.stdout == b"begun\n"
    assert time.monotonic() - began < 10
    assert processes(mark) == []


def test_a_busy_command_ends_by_its_processor_time(booth: Booth) -> None:
    ended = booth.bash("while :; do :; done", limits=replace(BRIEF, cpu_s=1))

    assert ended.limit_hit == "cpu"
    assert ended.exit_code == 152


@pytest.mark.parametrize("how", ["head -c 5M /dev/zero >", "truncate -s 1T"])
def test_a_file_cannot_grow_beyond_its_limit(booth: Booth, how: str) -> None:
    ended = booth.bash(f"exec {how} big", limits=replace(BRIEF, file_bytes=1 << 20))

    assert ended.limit_hit == "file_size"
    assert (booth.workspace / "big").stat().st_size <= 1 << 20


def test_one_process_cannot_have_more_memory_than_its_limit(booth: Booth) -> None:
    ended = booth.python("bytearray(1 << 30)", limits=replace(BRIEF, memory_bytes=512 << 20))

    assert ended.exit_code == 1
    assert b"MemoryError" in ended.stderr


def test_many_processes_cannot_have_more_memory_than_their_limit(booth: Booth, mark: str) -> None:
    ended = booth.bash(
        "for _ in 1 2 3 4; do "
        "python -c 'import time; x = bytearray(b\"x\") * (100 << 20); time.sleep(30)' $0 & done; "
        "wait",
        mark,
        limits=replace(BRIEF, memory_bytes=300 << 20),
    )

    assert ended.limit_hit == "memory"
    assert processes(mark) == []


def test_a_command_cannot_open_more_files_than_its_limit(booth: Booth) -> None:
    source = "files = [open('/dev/null') for _ in range(100)]"

    assert (
        b"Too many open files" in booth.python(source, limits=replace(BRIEF, open_files=50)).stderr
    )
    assert booth.python(source).exit_code == 0


def test_many_files_end_a_command(booth: Booth) -> None:
    ended = booth.bash(
        "i=0; while :; do : > f$((i++)); done", limits=replace(BRIEF, workspace_files=500)
    )

    assert ended.limit_hit == "workspace_files"
    assert ended.exit_code is None


def test_many_bytes_end_a_command(booth: Booth) -> None:
    ended = booth.bash(
        "i=0; while :; do head -c 1M /dev/zero > f$i; i=$((i + 1)); done",
        limits=replace(BRIEF, workspace_bytes=20 << 20),
    )

    assert ended.limit_hit == "workspace_bytes"


def test_the_head_and_the_tail_of_long_output_are_kept(booth: Booth) -> None:
    ended = booth.bash("seq 1 200000", limits=replace(BRIEF, kept_bytes=1000))

    assert ended.truncated
    assert ended.stdout.startswith(b"1\n2\n3\n")
    assert ended.stdout.endswith(b"199999\n200000\n")
    assert b"bytes left out" in ended.stdout
    assert len(ended.stdout) < 1100


def test_a_gigabyte_of_output_is_read_to_its_end_in_little_memory(booth: Booth) -> None:
    ended = booth.run("head", "-c", "1G", "/dev/zero", limits=replace(BRIEF, output_bytes=2 << 30))

    assert ended.exit_code == 0
    assert len(ended.stdout) < 1.1 * BRIEF.kept_bytes


def test_output_without_an_end_is_ended(booth: Booth) -> None:
    ended = booth.run("yes", limits=replace(BRIEF, output_bytes=10 << 20))

    assert ended.limit_hit == "output"
    assert ended.exit_code is None


def test_a_cancelled_command_is_gone_before_we_go_on(booth: Booth, mark: str) -> None:
    async def cancel_at(delay_s: float) -> None:
        argv = ["bash", "-c", "(exec -a $0 sleep 60) & exec -a $0 sleep 60", mark]
        running = asyncio.create_task(booth.sandbox.run(argv))
        await asyncio.sleep(delay_s)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        assert processes(mark) == []

    # Bubblewrap has a moment, some milliseconds after its start, in which it does not yet know its
    # own child: so it is cancelled at many.
    for step in range(80 if booth.sandboxes.info.kind == "bubblewrap" else 10):
        asyncio.run(cancel_at(step / 5000))
    asyncio.run(cancel_at(0.3))


def test_commands_beyond_the_number_of_places_wait(booth: Booth) -> None:
    async def three() -> float:
        sandbox = (await KINDS[booth.sandboxes.info.kind](at_once=1).open()).around(booth.place)
        began = time.monotonic()
        await asyncio.gather(*(sandbox.run(["sleep", "0.2"]) for _ in range(3)))
        return time.monotonic() - began

    assert asyncio.run(three()) >= 0.6


def test_many_at_once_end_well_and_leave_no_descriptor_open(booth: Booth) -> None:
    async def all_of_them() -> list[bytes]:
        sandbox = (await KINDS[booth.sandboxes.info.kind]().open()).around(booth.place)
        runs = (sandbox.run(["echo", str(number)]) for number in range(40))
        return [ended.stdout for ended in await asyncio.gather(*runs)]

    before = len(names(Path("/proc/self/fd")))
    said = asyncio.run(all_of_them())

    assert said == [b"%d\n" % number for number in range(40)]
    assert len(names(Path("/proc/self/fd"))) == before
