"""What a probe is worth: hostile trees, unstable ones, and ones that are not all there."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from audition.errors import FaultError
from audition.outcome import Probe
from audition.probing import Laboratory
from audition.project import Project
from audition.sandboxes import Limits, Place, Sandbox
from audition.trees import REGULAR, File
from tests.probing.trying import kinds, laboratory, run, tree_of
from tests.sandboxes.trying import opened

FAILING = "def test_it():\n    assert 1 == 2\n"
GREEN = "def test_it():\n    assert True\n"
FORGED_EXIT = """\
def pytest_sessionfinish(session):
    session.exitstatus = 0
def pytest_unconfigure(config):
    import os
    config.pluginmanager.unregister(config.pluginmanager.get_plugin("junitxml"))
    os._exit(0)
"""
FORGED_OUTCOMES = """\
import pytest

@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport():
    report = (yield).get_result()
    report.outcome = "passed"
"""


class TestAttack:
    def test_leaving_on_import_runs_no_tests(self) -> None:
        probed = run({"test_a.py": "import os\nos._exit(0)\n" + FAILING})

        assert (probed.exit_code, probed.failure, probed.tests) == (0, "no_tests", ())
        assert not probed.passed

    def test_a_forged_exit_equalis_caught_by_the_report(self) -> None:
        forged = FORGED_EXIT.partition("def pytest_unconfigure")[0]
        probed = run({"test_a.py": FAILING, "conftest.py": forged})

        assert probed.exit_code == 0
        assert kinds(probed) == {"test_a.py::test_it": ("assertion", "")}
        assert not probed.passed

    def test_a_forged_exit_equalwithout_a_report_is_no_run(self) -> None:
        forged = "import os\n\ndef pytest_runtest_call():\n    os._exit(0)\n"
        probed = run({"test_a.py": FAILING, "conftest.py": forged})

        assert (probed.exit_code, probed.failure) == (0, "no_tests")

    @pytest.mark.parametrize(
        "files",
        [
            {"test_a.py": FAILING, "conftest.py": FORGED_OUTCOMES},
            {
                "test_a.py": "from equal import Yes\n\ndef test_it():\n    assert Yes() == 2\n",
                "equal.py": "class Yes:\n    def __eq__(self, other):\n        return True\n",
            },
        ],
        ids=["reports", "equality"],
    )
    def test_what_shares_the_process_of_the_tests_can_forge_them(
        self, files: dict[str, str]
    ) -> None:
        """Said in the manual: whoever judges takes the configuration from another tree."""
        assert run(files).passed
        if "conftest.py" in files:
            assert not run({"test_a.py": FAILING, "conftest.py": ""}).passed

    def test_a_file_of_node_that_leaves_early_only_loses_its_own_tests(self) -> None:
        files = {
            "package.json": '{"type": "module"}',
            "a.test.js": "import { test } from 'node:test';\n"
            "test('a', () => { process.exit(0); });\n",
            "b.test.js": "import { test } from 'node:test';\ntest('b', () => {});\n",
        }
        probed = run(files, "node --test")

        assert {test.id: test.outcome for test in probed.tests} == {"b.test.js::b": "passed"}

    @pytest.mark.parametrize(
        "code",
        [
            "os.symlink('/etc/passwd', report)",
            "os.mkfifo(report)",
            "os.mkdir(report)",
            "os.truncate(os.open(report, os.O_CREAT | os.O_WRONLY), 1 << 26)",
            "open(report, 'w').write('<!DOCTYPE a [<!ENTITY b \"c\">]><testsuites/>')",
            "open(report, 'w').write('not a report')",
            "open(report, 'wb').write(b'\\xff\\xfe<\\0')",
            "open(report, 'w').write('<a>' * 100000)",
        ],
    )
    def test_a_report_that_is_none_is_no_run(self, code: str) -> None:
        hostile = (
            "import os, sys\n"
            "report = next(w.partition('=')[2] for w in sys.argv if w.startswith('--junit'))\n"
            f"{code}\nos._exit(0)\n"
        )
        began = time.monotonic()
        probed = run({"test_a.py": hostile})

        assert (probed.failure, probed.tests) == ("no_tests", ())
        assert time.monotonic() - began < 30

    def test_output_without_end_is_cut_off(self) -> None:
        endless = "import os\nwhile True:\n    os.write(1, b'x' * 65536)\n"
        limits = Limits(output_bytes=64 << 20)
        probed = run({"test_a.py": endless}, "python -m pytest -s", limits=limits)

        assert (probed.failure, probed.exit_code) == ("timeout", None)
        assert "limit output" in probed.output
        assert len(probed.output) < 20_000

    @pytest.mark.parametrize(
        ("files", "command"),
        [
            ({"test_a.py": "def test_it():\n    while True: pass\n"}, "python -m pytest"),
            ({"a.test.js": "while (true) {}\n"}, "node --test"),
        ],
    )
    def test_a_run_without_end_is_a_timeout(self, files: dict[str, str], command: str) -> None:
        probed = run(files, command, limits=Limits(wall_s=3))

        assert (probed.failure, probed.exit_code, probed.tests) == ("timeout", None, ())
        assert "limit wall after 3 s" in probed.output
        assert probed.is_stable

    def test_odd_names_and_texts_do_no_harm(self) -> None:
        odd = (
            "import pytest\n"
            "words = ['\\x1b[31m', '\\n', '::', '[', '\\udc80', 'ü' * 3000]\n"
            "@pytest.mark.parametrize('word', words)\n"
            "def test_it(word): raise ValueError(word)\n"
        )
        probed = run({"test_a.py": odd})

        assert len(probed.tests) == 6
        assert all(test.failure == "test_error" for test in probed.tests)
        for test in probed.tests:
            assert f"{test.id}{test.message}".encode()
            assert len(test.id) <= 1000
            assert len(test.message) <= 1200


def test_tests_of_other_names_in_every_run_are_not_stable() -> None:
    chance = "import os, pytest\n\n@pytest.mark.parametrize('x', [os.urandom(4).hex()])\n"
    probed = run({"test_a.py": f"{chance}def test_it(x): pass\n"})

    assert not probed.is_stable
    assert "two runs of the same tree differ" in probed.output


def test_a_test_that_passes_every_second_time_is_not_stable(tmp_path: Path) -> None:
    """Each run is told its number, so that it can fail on purpose."""
    files = {"test_a.py": "import which\n\ndef test_it():\n    assert which.run == 1\n"}
    plain = laboratory(files)
    runs: list[Path] = []

    def lay_out(tree: object, folder: Path) -> tuple[str, ...]:
        missing = plain.lay_out(tree_of(files), folder)
        runs.append(folder)
        (folder / "which.py").write_text(f"run = {len(runs)}\n")
        return missing

    changing = replace(plain, lay_out=lay_out, folder=tmp_path)
    probed = asyncio.run(changing.probe(Probe.tests("python -m pytest", tree_of(files))))

    assert not probed.is_stable
    assert len(runs) == 2
    assert "test_a.py::test_it" in probed.output
    assert list(tmp_path.iterdir()) == []


def test_a_tree_that_is_not_all_there_is_not_run() -> None:
    tree = {**tree_of({"test_a.py": GREEN}), ".env": File(REGULAR, "not kept")}
    probed = asyncio.run(
        laboratory({"test_a.py": GREEN}).probe(Probe.tests("python -m pytest", tree))
    )

    assert (probed.exit_code, probed.tests, probed.is_stable) == (None, (), True)
    assert probed.missing == (".env",)
    assert not probed.passed


def test_whose_file_a_failure_lies_in_is_the_projects_to_say() -> None:
    files = {
        "checks/it_test.py": "from lib.tool import fail\n\ndef test_it(): fail()\n",
        "lib/tool.py": "def fail(): raise ValueError\n",
    }
    command = "python -m pytest checks/it_test.py"
    code = run(files, command, project=Project(tests=("checks/**",)))
    helper = run(files, command, project=Project(tests=("checks/**", "lib/**")))

    assert kinds(code) == {"checks/it_test.py::test_it": ("code_error", "")}
    assert kinds(helper) == {"checks/it_test.py::test_it": ("test_error", "")}


def test_without_walls_the_same_is_found() -> None:
    files = {
        "package.json": '{"type": "module"}',
        "test_a.py": FAILING,
        "a.test.js": "import { test } from 'node:test';\nimport './nowhere.js';\n",
    }

    assert kinds(run(files, kind="local")) == {"test_a.py::test_it": ("assertion", "")}
    assert kinds(run(files, "node --test", kind="local")) == {
        "a.test.js": ("missing_name", "nowhere.js")
    }


def test_trouble_of_the_sandbox_is_raised_and_leaves_nothing(tmp_path: Path) -> None:
    sandboxes = opened("bubblewrap")

    class Broken:
        info = sandboxes.info

        async def run(self, *_: object, **__: object) -> object:
            raise FaultError("sandbox", "it does not stand")

    around: Callable[[Place], Sandbox] = lambda _: Broken()  # type: ignore[assignment,return-value]  # noqa: E731
    broken = Laboratory(
        sandboxes=replace(sandboxes, around=around), lay_out=lambda *_: (), folder=tmp_path
    )
    with pytest.raises(FaultError, match="it does not stand"):
        asyncio.run(broken.probe(Probe.tests("python -m pytest", {})))

    assert list(tmp_path.iterdir()) == []


def test_a_probe_that_is_given_up_leaves_nothing(tmp_path: Path) -> None:
    endless = {"test_a.py": "while True: pass\n"}

    async def impatient() -> None:
        probing = laboratory(endless, folder=tmp_path)
        async with asyncio.timeout(2):
            await probing.probe(Probe.tests("python -m pytest", tree_of(endless)))

    with pytest.raises(TimeoutError):
        asyncio.run(impatient())

    assert list(tmp_path.iterdir()) == []
