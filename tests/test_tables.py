import subprocess
import sys

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


def test_importing_the_package_imports_nothing_heavy() -> None:
    program = "import audition, sys; print([m for m in ('pandas', 'pydantic') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)

    assert done.stdout.strip() == "[]"
