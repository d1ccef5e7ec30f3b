"""Whole jobs of agents at work, to be answered by a real server: a project, and what is said.

The user asks for `CANCEL`. The main thread hands it to `backend`, whose definition names the model
`haiku`; that agent writes a test, sees it fail, writes the code, sees it pass, commits, reports.
"""

from collections.abc import Callable
from pathlib import Path

from audition.record import Trial
from audition.runfile import Run, load
from tests.conftest import Project, Spoken
from tests.servers import Play, answer, call

KEY = "key-0123456789-canary"
MAIN_MODEL, CHEAP_MODEL = "claude-sonnet-5-5", "claude-haiku-5-5"
MAIN_CALL_USD = (1000 * 2.0 + 40 * 10.0) / 1e6
CHEAP_CALL_USD = (1000 * 0.10 + 40 * 0.50) / 1e6
OUT = "reports/a.run.db"

CANCEL = "Let customers cancel an order."
BRIEF = "Add cancelled(order) to shop/orders.py, test first, and commit it."
PAGE_BRIEF = "Put a page about cancelling into docs/cancel.md and commit it."

BACKEND = """\
---
name: backend
description: Builds endpoints and database access.
tools: Read, Write, Edit, Bash
model: haiku
---

You build the server side. Tests first. Commit what you did.
"""
SUITE = """\
setup: .
dataset: cases.yaml
model:
  anthropic:
    id: claude-sonnet-5-5
    retries: 2
    stall_s: 20
    aliases: {haiku: claude-haiku-5-5}
concurrency: 4
limits: {turns: 12, minutes: 5, cost_usd: 1}
"""
CASES = """\
workspace: workspaces/shop
project:
  tests: ["tests/**"]
  implementation: ["shop/**"]
  test_command: python -m pytest -q
  environment: {PYTEST_DISABLE_PLUGIN_AUTOLOAD: "1"}
cases:
"""
WHOLE = f"""\
  - id: cancel
    request: {CANCEL}
    expect:
      - routes_to: backend
      - tests_first
      - red_before_green
      - suite_passes
      - commits: {{message: conventional, clean_tree: true}}
"""
COMMITTED = f"""\
  - id: cancel
    request: {CANCEL}
    expect: [routes_to: backend, changes: shop/orders.py, commits]
"""
BOTH = f"""\
  - id: both
    request: {CANCEL}
    expect: [changes: ["shop/cancel.py", "docs/cancel.md"], commits: 2]
"""
DIRECT = f"""\
  - id: direct
    agent: backend
    request: {CANCEL}
    expect: [changes: shop/cancel.py, commits]
"""

ORDERS = 'def opened(order):\n    return {**order, "state": "open"}\n'
TEST = (
    "from shop.orders import cancelled\n\n\n"
    "def test_a_cancelled_order_says_so():\n"
    '    assert cancelled({"state": "open"})["state"] == "cancelled"\n'
)
CODE = f'{ORDERS}\n\ndef cancelled(order):\n    return {{**order, "state": "cancelled"}}\n'

Audition = Callable[..., Spoken]


def make_job(project: Project, cases: str) -> None:
    """A project whose cases are played by agents at work; `cases` is a YAML list."""
    project.write("agents/backend.md", BACKEND)
    project.write("suite.yaml", SUITE)
    project.write("cases.yaml", CASES + cases)
    project.write("workspaces/shop/shop/__init__.py", "")
    project.write("workspaces/shop/shop/orders.py", ORDERS)
    project.write("workspaces/shop/README.md", "# Shop\n")
    project.write("workspaces/shop/.gitignore", "__pycache__/\n.pytest_cache/\n")
    project.write(
        "workspaces/shop/tests/test_orders.py",
        "from shop.orders import opened\n\n\n"
        'def test_an_order_is_open():\n    assert opened({})["state"] == "open"\n',
    )
    project.write("workspaces/shop/conftest.py", "")


def delegate(*orders: tuple[str, str], after_s: float = 0.0) -> Play:
    """The main thread starts agents, all in one turn: name and brief of each."""
    calls = [
        call("Agent", {"description": "Work", "prompt": brief, "subagent_type": name})
        for name, brief in orders
    ]
    return answer("I hand this over.", *calls, after_s=after_s)


def bash(command: str, *, after_s: float = 0.0) -> Play:
    """An agent runs a command."""
    return answer(call("Bash", {"command": command}), after_s=after_s)


def write(path: str, text: str, *, after_s: float = 0.0) -> Play:
    """An agent writes a file."""
    given = {"file_path": f"/workspace/{path}", "content": text}
    return answer(call("Write", given), after_s=after_s)


def commit(message: str, *, what: str = "-A", after_s: float = 0.0) -> Play:
    """An agent commits everything, or what lies in a folder."""
    return bash(f"git add {what} && git commit -q -m '{message}'", after_s=after_s)


def whole_job() -> dict[str, list[Play]]:
    """What the main thread and the agent say, turn by turn; all is well."""
    edit = {"file_path": "shop/orders.py", "old_string": ORDERS, "new_string": CODE}
    return {
        CANCEL: [delegate(("backend", BRIEF)), answer("Orders can be cancelled now.")],
        BRIEF: [
            write("tests/test_cancel.py", TEST),
            bash("python -m pytest -q"),
            answer("Now the code.", call("Edit", edit)),
            bash("python -m pytest -q"),
            commit("feat: let an order be cancelled"),
            answer("A cancelled order says so; the tests are green."),
        ],
    }


def small_job(name: str) -> list[Play]:
    """An agent writes one file, commits and reports: three turns."""
    return [write(f"shop/{name}.py", "X = 1\n"), commit(f"feat: add {name}"), answer(f"{name}.")]


def only(path: str | Path = OUT) -> tuple[Run, Trial]:
    """The run, and the one trial of it."""
    run = load(path)
    (trial,) = run.trials
    return run, trial


def verdicts(path: str | Path = OUT) -> dict[str, list[tuple[str, str]]]:
    """Every score of every trial: check and verdict, by trial."""
    return {
        f"{trial.case}#{trial.number}": [(s.check, s.verdict) for s in trial.scores]
        for trial in load(path).trials
    }
