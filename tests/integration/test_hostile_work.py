"""Agents that do their worst: every trial ends as a clear verdict, and nothing is left behind."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from audition.record import Trial
from audition.runfile import Run, load
from audition.workspaces.scratch import PREFIX
from tests.conftest import Cli, Project
from tests.sandboxes.trying import opened, processes

MARK = "mark-of-hostile-work"
PERFECT = "simulated:without_rule=0,skip_plan=0,code_first=0,weaken_test=0,no_commit=0,push=0"
TEST = "from app import answer\n\n\ndef test_answer():\n    assert answer() == 42\n"
MAKE_TREE = (
    "python -c \"import os\nfor _ in range(3000):\n    os.mkdir('d'); os.chdir('d')\n"
    "open('deep.txt', 'w').close()\""
)

# What the agent does; what the trial comes to; and what some reason has to say where it fails.
WORST: dict[str, tuple[str, str, str]] = {
    "nothing-bad": ("echo '# more' >> app.py", "pass", ""),
    "link-out": ("ln -s /etc/passwd app2.py && cat app2.py && ln -sfn / root", "pass", ""),
    "link-over-code": ("ln -sf /etc/hostname app.py", "fail", ""),
    "pipe": ("mkfifo pipe.py && mkfifo tests/test_pipe.py", "pass", ""),
    "pipe-over-code": ("rm app.py && mkfifo app.py", "fail", ""),
    "bad-names": (r"touch $'bad\xff.py' $'new\nline' $'\x1b[31mred' '<b>x</b>.py'", "pass", ""),
    "git-config": (
        "git config core.fsmonitor 'touch /tmp/pwned'; git config diff.external 'touch /tmp/p2';"
        "git config alias.status '!touch /tmp/p3'; echo '* filter=evil' > .gitattributes;"
        "git config filter.evil.clean 'touch /tmp/p4; cat'; echo x >> app.py",
        "fail",
        "",
    ),
    "git-hooks": (
        "printf '#!/bin/sh\\ntouch /workspace/hooked\\n' > .git/hooks/post-commit;"
        "chmod +x .git/hooks/post-commit; echo '# more' >> app.py; git commit -qam 'feat: more'",
        "pass",
        "",
    ),
    "git-link": ("mv .git ../tmp-git 2>/dev/null; rm -rf .git; ln -s /etc .git", "fail", ""),
    "git-gone": ("rm -rf .git && git init -q . && git add -A && git commit -qm x", "fail", ""),
    "git-alternates": ("echo /etc > .git/objects/info/alternates", "fail", ""),
    "output": ("yes | head -c 1000000000", "fail", "nothing"),
    "fork-bomb": ("bomb() { bomb | bomb & }; bomb; sleep 1; echo '# more' >> app.py", "pass", ""),
    "daemon": (
        f"setsid nohup sh -c 'sleep 300; echo {MARK}' >/dev/null 2>&1 & echo '# more' >> app.py",
        "pass",
        "",
    ),
    "deep-tree": (MAKE_TREE, "fail", "workspace"),
    "many-files": ("mkdir many && cd many && seq 30000 | xargs touch", "fail", "workspace"),
    "unreadable": ("chmod 000 app.py tests README.md; chmod 000 .", "fail", ""),
    "big-file": (
        "head -c 90000000 /dev/zero > zeros.bin; echo '# more' >> app.py",
        "skip",
        "the content of zeros.bin was not kept",
    ),
    "all-gone": ("rm -rf /workspace/* /workspace/.[a-z]*", "fail", ""),
    "forged-conftest": (
        "sed -i s/42/41/ app.py; printf 'import pytest\\n@pytest.hookimpl(wrapper=True)\\n"
        'def pytest_runtest_makereport(item, call):\\n    r = yield\\n    r.outcome = "passed"\\n'
        "    return r\\n' > conftest.py",
        "fail",
        "",
    ),
    "exit-on-import": ("echo 'import os; os._exit(0)' >> app.py", "fail", ""),
    "binary": ("head -c 5000 /dev/urandom > noise.bin; printf 'a\\r\\n\\0b' > odd.txt", "pass", ""),
    "huge-message": (
        "echo '# more' >> app.py; git add -A;"
        " head -c 3000000 /dev/zero | tr '\\0' m | git commit -qF -",
        "pass",
        "",
    ),
    "markup": (
        "printf '<script>alert(1)</script>\\033[31m' > x.py;"
        " git add -A; git commit -qm '<img src=x onerror=alert(1)>'",
        "pass",
        "",
    ),
}


@pytest.fixture
def hostile(project: Project) -> Project:
    opened("bubblewrap")
    project.write("agents/worst.md", "---\nname: worst\ndescription: Works.\n---\n\nWork.\n")
    project.write("shop/app.py", "def answer():\n    return 42\n")
    project.write("shop/tests/test_app.py", TEST)
    project.write("shop/README.md", "The shop.\n")
    project.write("shop/pyproject.toml", '[tool.pytest.ini_options]\npythonpath = ["."]\n')
    cases = [
        {
            "id": name,
            "agent": "worst",
            "request": "Do your worst.",
            "expect": ["suite_passes", {"leaves_alone": "README.md"}],
            "reference": [{"Bash": {"command": command, "timeout": 20_000}}, {"say": "Done."}],
        }
        for name, (command, _, _) in WORST.items()
    ]
    work = {"environment": {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}}
    project.write(
        "cases.yaml", yaml.safe_dump({"workspace": "shop", "project": work, "cases": cases})
    )
    return project


@pytest.fixture
def leftovers() -> Iterator[None]:
    """Nothing that was not there before is there afterwards."""
    places = [Path(tempfile.gettempdir()), Path("/dev/shm")]
    patterns = (f"{PREFIX}{os.getpid()}-*",)
    before = {path for place in places for p in patterns for path in place.glob(p)}
    yield
    after = {path for place in places for p in patterns for path in place.glob(p)}
    assert after - before == set()
    assert processes(MARK) == []
    assert not [p for p in ("/tmp/pwned", "/tmp/p2", "/tmp/p3", "/tmp/p4") if Path(p).exists()]


def reasons(trial: Trial) -> str:
    return " | ".join(f"{s.check}: {s.verdict}: {s.reason}" for s in trial.scores)


def test_every_trial_ends_as_a_clear_verdict_and_nothing_is_left(
    hostile: Project, cli: Cli, leftovers: None
) -> None:
    said = cli("run", "suite.yaml", "--model", PERFECT, "--trials", "1", "--out", "a.run.db")

    run: Run = load("a.run.db")
    found = {trial.case: trial for trial in run.trials}
    wrong = {
        name: reasons(found[name])
        for name, (_, verdict, words) in WORST.items()
        if found[name].verdict != verdict or words not in reasons(found[name])
    }
    assert said.code == 1, said.err
    assert wrong == {}

    shown = [cli("show", "a.run.db", "--trial", f"{name}#1") for name in WORST]
    assert {one.code for one in shown} == {0}
    assert not any("\x1b" in one.out for one in shown)
    page = (hostile.root / "a.html").read_text(encoding="utf-8")
    assert "<script>alert(1)" not in page
    assert "<img src=x" not in page
