import subprocess
import sys

import pytest

import audition
from tests.conftest import Cli, Project


def test_a_run_becomes_tidy_tables_that_join(project: Project, cli: Cli) -> None:
    cli("run", "suite.yaml", "--out", "a.run.db")

    tables = audition.frames(audition.load("a.run.db"))
    assert len(tables.trials) == 6
    assert set(tables.trials["case"]) == {"refunds", "dark-mode", "question"}
    joined = tables.scores.merge(tables.trials, on=["case", "trial"])
    assert len(joined) == len(tables.scores) == 6
    assert set(tables.events["kind"]) >= {"request", "model_call", "end"}


HEAVY = ("anthropic", "bm25s", "jinja2", "numpy", "pandas", "pydantic", "rich")


@pytest.mark.parametrize("words", ["import audition", "from audition.cli import audition; H()"])
def test_neither_the_package_nor_its_help_imports_anything_heavy(words: str) -> None:
    words = words.replace("H()", "audition.main(['--help'], standalone_mode=False)")
    program = f"{words}\nimport sys\nprint([name for name in {HEAVY} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)

    assert done.stdout.splitlines()[-1] == "[]"
