"""Why a machine refuses a sandbox is told in words, with what to do about it."""

import asyncio
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from audition.sandboxes import RefusedError
from audition.sandboxes._refusals import diagnose
from audition.sandboxes.bubblewrap import Bubblewrap
from tests.conftest import Cli
from tests.sandboxes.trying import opened

SAID = [
    ("bwrap: setting up uid map: Permission denied", "AppArmor", "apparmor_restrict"),
    ("bwrap: loopback: Failed RTM_NEWADDR: Operation not permitted", "AppArmor", "AppArmor"),
    ("bwrap: Failed to make / slave: Permission denied", "container", "seccomp=unconfined"),
    ("bwrap: Can't mount proc on /newroot/proc: Operation not permitted", "/proc", "systempaths"),
    ("bwrap: Creating new namespace failed: No space left on device", "further", "10000"),
    ("bwrap: No permissions to create a new namespace, likely because", "refuses", "userns_clone"),
    ("bwrap: Creating new namespace failed: Operation not permitted", "refuses", "container"),
    ("setpriv: setresuid failed: Invalid argument", "another user", "ordinary user"),
    ("setpriv: failed to execute bwrap: Permission denied", "only root", "package manager"),
    ("unshare: unshare failed: Operation not permitted", "only root", "ordinary user"),
    ("bwrap: Unknown option --disable-userns", "too old", "0.8"),
]


@pytest.mark.parametrize(("said", "verdict", "cure"), SAID)
def test_every_known_refusal_has_a_verdict_and_a_cure(said: str, verdict: str, cure: str) -> None:
    refusal = diagnose(f"\n{said}\nand more\n")

    assert verdict in refusal.verdict
    assert said in refusal.verdict
    assert cure in refusal.cure


def test_an_unknown_refusal_is_told_as_it_is() -> None:
    refusal = diagnose("bwrap: the moon is full\n")

    assert "the moon is full" in refusal.verdict
    assert refusal.cure


def test_silence_is_no_success() -> None:
    assert "nothing" in diagnose("").verdict


@pytest.fixture
def stage() -> Iterator[Path]:
    """A folder that every user can look into, as the one of a system's programs is."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


class TestOnThisMachine:
    """Programs of the tests' own stand for bubblewrap on machines that refuse it."""

    def test_no_bubblewrap_is_no_sandbox(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("PATH", str(tmp_path))
        with pytest.raises(RefusedError, match="apt-get install bubblewrap") as raised:
            asyncio.run(Bubblewrap().open())

        assert not raised.value.retryable
        assert raised.value.source == "sandbox"

    @pytest.mark.parametrize(("said", "verdict", "cure"), SAID[:6])
    def test_one_that_refuses_is_none(
        self,
        stage: Path,
        monkeypatch: pytest.MonkeyPatch,
        said: str,
        verdict: str,
        cure: str,
    ) -> None:
        _pretend(stage, monkeypatch, f'echo "{said}" >&2; exit 1')
        with pytest.raises(RefusedError) as raised:
            asyncio.run(Bubblewrap().open())

        assert verdict in raised.value.refusal.verdict
        assert cure in raised.value.refusal.cure
        assert not raised.value.retryable

    def test_one_that_keeps_nothing_in_is_none(
        self, stage: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """It runs the command as it is, and says about it what bubblewrap would."""
        opened("bubblewrap")
        _pretend(
            stage,
            monkeypatch,
            """while [ "$1" != -- ]; do
                 [ "$1" = --json-status-fd ] && status=$2
                 [ "$1" = --bind ] && cd "$2"
                 shift
               done
               shift; echo "{\\"child-pid\\": $$}" >&$status
               "$@"; echo "{\\"exit-code\\": $?}" >&$status""",
        )
        with pytest.raises(RefusedError) as raised:
            asyncio.run(Bubblewrap().open())

        verdict = raised.value.refusal.verdict
        assert "does not hold" in verdict
        assert "server of this machine" in verdict
        assert "process of this machine" in verdict
        assert "user namespace" in verdict

    def test_one_that_never_ends_is_none(
        self, stage: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        _pretend(stage, monkeypatch, "exec sleep 60")
        with pytest.raises(RefusedError, match="in time"):
            asyncio.run(Bubblewrap(patience_s=0.3).open())


class TestDoctor:
    @pytest.fixture(autouse=True)
    def _in_a_folder(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)

    def test_it_tells_what_the_probe_saw(self, cli: Cli) -> None:
        opened("bubblewrap")
        said = cli("doctor")

        assert said.code == 0
        assert "ok      sandbox                 bubblewrap" in said.out
        assert said.out.count("seen from inside: ") >= 10

    def test_a_machine_without_bubblewrap_is_told_where_to_get_it(
        self, cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("PATH", str(tmp_path))
        said = cli("doctor")

        assert said.code == 0
        assert "missing sandbox                 bubblewrap is not installed" in said.out
        assert "apt-get install bubblewrap" in said.out

    @pytest.mark.parametrize(("words", "verdict", "cure"), SAID[:6])
    def test_every_refusal_is_told_with_its_cure_and_is_no_error(
        self,
        cli: Cli,
        stage: Path,
        monkeypatch: pytest.MonkeyPatch,
        words: str,
        verdict: str,
        cure: str,
    ) -> None:
        _pretend(stage, monkeypatch, f'echo "{words}" >&2; exit 1')
        said = cli("doctor")

        assert said.code == 0
        (told,) = [line for line in said.out.splitlines() if "sandbox   " in line]
        assert told.startswith("missing")
        assert verdict in told
        assert cure in said.out.split(told)[1]


def _pretend(folder: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    """Put another `bwrap` before the one of this machine."""
    if sys.platform != "linux":
        pytest.skip("bubblewrap is a program of Linux")
    program = folder / "bwrap"
    version = '[ "$1" = --version ] && { echo "bubblewrap 0.8.0"; exit; }'
    program.write_text(f"#!/bin/bash\n{version}\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
