"""What a hostile command tries, and that nothing comes of it, inside or on this machine."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from secrets import token_hex

import pytest

from audition.errors import FaultError
from audition.sandboxes import HOME, WORKSPACE, Limits
from tests.sandboxes.trying import BRIEF, Booth, names, processes

EPERM, ENOSYS = 1, 38
SYSCALL = """
import ctypes, sys
libc = ctypes.CDLL(None, use_errno=True)
result = libc.syscall(*[ctypes.c_long(int(word, 0)) for word in sys.argv[1:]])
print(result, ctypes.get_errno())
"""


def errno_of(cell: Booth, *call: int) -> int:
    result, errno = cell.python(SYSCALL, *map(str, call)).stdout.split()

    assert result == b"-1"
    return int(errno)


def test_it_says_what_it_is_and_what_its_probe_saw(cell: Booth) -> None:
    info = cell.sandboxes.info

    assert (info.kind, info.strength) == ("bubblewrap", "isolated")
    assert re.fullmatch(r"\d+(\.\d+)+", info.version)
    assert len(info.probe) >= 10
    assert all(seen.held for seen in info.probe)


class TestFiles:
    def test_the_home_of_the_user_is_not_there(self, cell: Booth) -> None:
        outside = Path.home()

        assert cell.bash('ls -A "$0"/.ssh', str(outside)).exit_code != 0
        assert cell.says("cd ~ && pwd").strip() == HOME

    def test_only_what_is_needed_is_there(self, cell: Booth) -> None:
        bare = cell.showing(toolchains=())

        assert set(bare.says("ls /").split()) <= {
            "bin", "dev", "etc", "lib", "lib32", "lib64", "libx32", "proc", "sbin", "tmp", "user",
            "usr", "workspace",
        }  # fmt: skip
        assert "docker" not in bare.says("ls /run /var 2>&1")

    def test_a_file_beside_the_workspace_cannot_be_read_by_any_path(self, cell: Booth) -> None:
        secret = token_hex(16)
        beside = cell.workspace.parent / "cases.yaml"
        beside.write_text(secret)
        (cell.workspace / "planted").symlink_to(beside)
        said = cell.says(
            'cat ../cases.yaml planted "$0" /proc/1/root"$0" /proc/1/cwd/../cases.yaml',
            str(beside),
        )

        assert secret not in said

    @pytest.mark.parametrize(
        "path", ["../out", "/out", "/usr/out", "/etc/out", "/dev/out", "/proc/out", "planted/out"]
    )
    def test_nothing_can_be_written_outside_of_the_workspace(self, cell: Booth, path: str) -> None:
        (cell.workspace / "planted").symlink_to(cell.workspace.parent)
        ended = cell.bash('echo x > "$0"', path)

        assert ended.exit_code != 0
        assert names(cell.workspace.parent) == ["workspace"]

    def test_what_is_shown_to_be_read_cannot_be_written(self, cell: Booth) -> None:
        tests = cell.folder("tests")
        (tests / "test_it.py").write_text("hidden")
        seen = cell.showing(readable={"/tests": tests})

        assert seen.says("cat /tests/test_it.py") == "hidden"
        assert "Read-only" in seen.says("echo x > /tests/test_it.py; rm -f /tests/test_it.py")
        assert (tests / "test_it.py").read_text() == "hidden"

    def test_a_link_to_a_file_of_the_system_cannot_be_made(self, cell: Booth) -> None:
        assert "cross-device" in cell.says("ln /usr/bin/env mine").lower()

    def test_no_device_can_be_made(self, cell: Booth) -> None:
        assert "not permitted" in cell.says("mknod disk b 8 0")

    def test_a_program_that_would_change_its_user_belongs_to_nobody_important(
        self, cell: Booth
    ) -> None:
        said = cell.says("cp /usr/bin/id mine && chmod 6755 mine && ./mine -u && ./mine -g")
        owner = (cell.workspace / "mine").stat().st_uid

        assert said.split() == ["1000", "1000"]
        assert owner == (cell.sandboxes.owner or os.getuid())
        assert owner != 0


class TestSecrets:
    def test_no_environment_inside_holds_a_variable_of_ours(
        self, cell: Booth, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        key = token_hex(16)
        monkeypatch.setenv("ANTHROPIC_API_KEY", key)

        assert key not in cell.says("cat /proc/*/environ /proc/*/cmdline | tr '\\0' '\\n'")

    def test_the_name_of_this_machine_is_not_told(self, cell: Booth) -> None:
        assert cell.says("uname -n").strip() == "sandbox"


class TestNetwork:
    def test_no_server_of_this_machine_can_be_reached(self, cell: Booth) -> None:
        with socket.create_server(("127.0.0.1", 0)) as server:
            port = server.getsockname()[1]
            said = cell.says(f"exec 3<>/dev/tcp/127.0.0.1/{port} && echo through")

        assert "through" not in said
        assert "refused" in said

    def test_no_other_machine_can_be_reached(self, cell: Booth) -> None:
        source = """
import socket
for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
    try:
        socket.socket(socket.AF_INET, kind).connect(("192.0.2.1", 53))
        print("through")
    except OSError as error:
        print(error.strerror)
"""
        assert cell.python(source).stdout == b"Network is unreachable\n" * 2

    def test_no_abstract_socket_of_this_machine_can_be_reached(self, cell: Booth) -> None:
        name = token_hex(8)
        source = f"import socket; socket.socket(socket.AF_UNIX).connect('\\x00{name}')"
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(f"\x00{name}")
            server.listen()
            ended = cell.python(source)

        assert b"ConnectionRefusedError" in ended.stderr

    def test_a_server_inside_can_be_reached_from_inside(self, cell: Booth) -> None:
        source = """
import socket
with socket.create_server(("localhost", 0)) as server:
    socket.create_connection(server.getsockname()).close()
print("through")
"""
        assert cell.python(source).stdout == b"through\n"


class TestProcesses:
    def test_no_process_of_this_machine_can_be_seen_or_ended(self, cell: Booth) -> None:
        with subprocess.Popen(["sleep", "60"]) as outsider:
            said = cell.says(f"ls -d /proc/[0-9]* | wc -l; kill -9 {outsider.pid}; kill -9 -1")
            alive = outsider.poll() is None
            outsider.kill()

        assert "No such process" in said
        assert int(said.split()[0]) < 10
        assert alive

    def test_a_fork_bomb_is_held_and_leaves_nothing(self, cell: Booth, mark: str) -> None:
        limits = Limits(wall_s=1, processes=64)
        ended = cell.bash("bomb() { bomb | bomb & }; bomb; sleep 60", mark, limits=limits)

        assert ended.timed_out or b"fork" in ended.stderr
        assert processes(mark) == []

    def test_a_daemon_ends_with_its_command(self, cell: Booth, mark: str) -> None:
        ended = cell.bash(
            "for _ in 1 2 3; do setsid nohup bash -c 'exec -a $0 sleep 60' $0 & disown; done"
            " </dev/null >/dev/null 2>&1",
            mark,
        )

        assert ended.exit_code == 0
        assert ended.duration_s < 5
        assert processes(mark) == []

    def test_nothing_outlives_us_when_we_are_killed(self, cell: Booth, mark: str) -> None:
        source = """
import asyncio, sys
from pathlib import Path
from audition.sandboxes import Place
from audition.sandboxes.bubblewrap import Bubblewrap

async def main():
    sandboxes = await Bubblewrap().open()
    place = Place(workspace=Path(sys.argv[1]))
    script = "(setsid bash -c 'exec -a $0 sleep 60' $0 &) ; touch begun; exec -a $0 sleep 60"
    await sandboxes.around(place).run(["bash", "-c", script, sys.argv[2]])

asyncio.run(main())
"""
        argv = [sys.executable, "-c", source, str(cell.workspace), mark]
        with subprocess.Popen(argv) as harness:
            _wait_until(lambda: (cell.workspace / "begun").exists())
            harness.send_signal(signal.SIGKILL)

        _wait_until(lambda: not processes(mark))

    def test_the_first_process_cannot_be_stopped(self, cell: Booth) -> None:
        # Attached to by a command, it would stay stopped, and bubblewrap wait for ever.
        assert errno_of(cell, 101, 16, 1, 0, 0) == EPERM
        assert cell.bash("kill -STOP 1; kill -9 1; echo on").stdout == b"on\n"

    def test_a_file_for_programs_that_listen_stops_nobody(self, cell: Booth) -> None:
        assert cell.bash("mkfifo pipe && sleep 0.3").exit_code == 0


class TestKernel:
    def test_no_capability_is_left_and_none_can_be_had(self, cell: Booth) -> None:
        said = cell.says("grep -E '^(Cap|NoNewPrivs)' /proc/self/status")

        assert set(re.findall(r"^Cap(?!Bnd)\w+:\s*(\w+)", said, re.MULTILINE)) == {"0" * 16}
        assert re.search(r"NoNewPrivs:\s*1", said)

    def test_root_keeps_none_of_its_groups(self, cell: Booth) -> None:
        groups = cell.says("id -G").split()

        assert groups[0] == "1000"
        assert cell.sandboxes.owner is None or groups == ["1000"]

    def test_nothing_can_be_mounted(self, cell: Booth) -> None:
        assert cell.bash("mount -t tmpfs none /tmp").exit_code != 0
        assert cell.bash("mount -o remount,rw,bind /usr").exit_code != 0

    @pytest.mark.parametrize("call", [(272, 0x10000000), (56, 0x10000011, 0, 0, 0, 0)])
    def test_no_user_namespace_can_be_made(self, cell: Booth, call: tuple[int, ...]) -> None:
        assert errno_of(cell, *call) == EPERM

    def test_the_way_to_start_a_process_that_no_filter_can_read_is_not_there(
        self, cell: Booth
    ) -> None:
        assert errno_of(cell, 435, 0, 0) == ENOSYS

    @pytest.mark.parametrize("call", [425, 323, 321, 298, 250, 310, 438])
    def test_doors_that_few_programs_need_are_closed(self, cell: Booth, call: int) -> None:
        assert errno_of(cell, call, 0, 0, 0, 0, 0) == EPERM

    def test_no_key_can_be_typed_into_a_terminal(self, cell: Booth) -> None:
        source = """
import fcntl, os
try:
    os.open("/dev/tty", os.O_RDWR)
except OSError as error:
    print(error.errno)
_, terminal = os.openpty()
for request in (0x5412, 0x541C):
    try:
        fcntl.ioctl(terminal, request, b"x")
    except OSError as error:
        print(error.errno)
"""
        assert cell.python(source).stdout.split() == [b"6", b"1", b"1"]

    def test_no_setting_of_the_kernel_can_be_written(self, cell: Booth) -> None:
        said = cell.says(
            "for path in /proc/sys/kernel/hostname /proc/sys/vm/swappiness /proc/sysrq-trigger; do"
            ' [ -e "$path" ] && echo h > "$path" && echo through; done'
        )

        assert "through" not in said

    def test_limits_cannot_be_raised(self, cell: Booth) -> None:
        said = cell.says("ulimit -u; ulimit -u 5000 || echo no; ulimit -f unlimited || echo no")

        assert said.split()[0] == str(BRIEF.processes)
        assert said.split("\n").count("no") == 2


class TestSpace:
    @pytest.mark.parametrize("folder", ["/tmp", "/dev/shm", HOME])
    def test_a_folder_in_memory_is_full_before_this_machine_is(
        self, cell: Booth, folder: str
    ) -> None:
        said = cell.says(
            'for i in 1 2 3 4; do head -c 80M /dev/zero > "$0/$i" || exit; done; echo endless',
            folder,
        )

        assert "No space left" in said
        assert "endless" not in said

    def test_many_small_files_are_stopped_and_can_be_removed(self, cell: Booth) -> None:
        limits = replace(BRIEF, workspace_files=2000)
        ended = cell.bash("while :; do : > $((i++)); done", limits=limits)

        assert ended.limit_hit == "workspace_files"


class TestHostileTrees:
    """`booth_of` removes each of them at the end, and fails where something stays."""

    def test_a_very_deep_tree(self, cell: Booth) -> None:
        source = "import os\nfor _ in range(3000): os.mkdir('d'); os.chdir('d')\nopen('f', 'w')"
        ended = cell.bash(f'python -c "{source}" && sleep 0.3')

        assert ended.exit_code == 0, ended.stderr

    def test_folders_that_nobody_may_open(self, cell: Booth) -> None:
        script = "mkdir -p a/b && touch a/b/c && chmod 000 a/b/c a/b a . && sleep 0.3"

        assert cell.bash(script).exit_code == 0

    def test_names_that_are_no_text(self, cell: Booth) -> None:
        script = r"""touch $'new\nline' $'\e[31mred' $'\xff\xfe' -- '-rf' '*' ' ' && sleep 0.3"""

        assert cell.bash(script).exit_code == 0
        assert len(names(cell.workspace)) == 6


class TestFaults:
    def test_a_workspace_that_is_gone_is_no_failure_of_the_command(self, cell: Booth) -> None:
        gone = cell.showing(readable={"/tests": cell.workspace.parent / "nowhere"})
        with pytest.raises(FaultError, match="nowhere") as raised:
            gone.run("true")

        assert raised.value.source == "sandbox"

    def test_a_command_that_talks_like_bubblewrap_is_a_command(self, cell: Booth) -> None:
        ended = cell.bash("echo 'bwrap: setting up uid map: Permission denied' >&2; exit 1")

        assert ended.exit_code == 1


def test_the_workspace_has_the_same_place_in_every_command(cell: Booth) -> None:
    assert cell.says("pwd; cd /; cd -").split() == [WORKSPACE, WORKSPACE]


def _wait_until(done: Callable[[], bool], most_s: float = 20) -> None:
    deadline = time.monotonic() + most_s
    while not done():
        assert time.monotonic() < deadline
        time.sleep(0.02)
