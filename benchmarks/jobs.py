"""The projects that Audition plays beside Inspect AI: trials of three turns, and agents at work."""

import json
from pathlib import Path
from typing import Any

from script import TEST_COMMAND, Step, Write, request, steps, write_workspace

AGENTS = {
    "investigator": "Finds out why something happens, and reports; it never changes a file.",
    "worker": "Writes the plan, the test and the code of one part of the shop, and commits.",
}
CHECKS: tuple[Any, ...] = (
    "todo_file",
    "tests_first",
    {"commits": {"message": "conventional", "clean_tree": True}},
    {
        "order": [
            {"ran": "tests", "outcome": "failed"},
            {"wrote": "implementation"},
            {"ran": "tests", "outcome": "passed"},
            {"committed": "^feat"},
        ]
    },
)
"""Four that are judged from what was seen: nothing is run for them after the trial."""
PROBED = ("red_before_green", "suite_passes")
"""Two for which the harness runs tests of stored trees."""


def write_three_turns(folder: Path, cases: int) -> Path:
    """Two delegations, then the answer; returns the suite."""
    expect = [{"delegates_in_order": list(AGENTS)}]
    entries = [
        {"id": f"case-{number:04}", "request": request(number), "expect": expect}
        for number in range(cases)
    ]
    return _write(folder, {"cases": entries})


def write_jobs(folder: Path, jobs: int, files: int, *, probed: bool = False) -> Path:
    """As many jobs in a workspace of so many files, all different; returns the suite."""
    write_workspace(folder / "workspace", files)
    expect = list(PROBED if probed else CHECKS)
    entries = [
        {
            "id": f"job-{number:04}",
            "agent": "worker",
            "request": request(number),
            "expect": expect,
            "reference": [*map(_action, steps(number)), {"say": "Done."}],
        }
        for number in range(jobs)
    ]
    project = {"test_command": TEST_COMMAND}
    return _write(folder, {"workspace": "workspace", "project": project, "cases": entries})


def _action(step: Step) -> dict[str, Any]:
    if isinstance(step, Write):
        return {"Write": {"file_path": step.path, "content": step.content}}
    return {"Bash": {"command": step.command}}


def _write(folder: Path, dataset: dict[str, Any]) -> Path:
    agents = folder / "setup" / "agents"
    agents.mkdir(parents=True)
    for name, description in AGENTS.items():
        text = f"---\nname: {name}\ndescription: {description}\n---\n\nYou are the {name}.\n"
        (agents / f"{name}.md").write_text(text, encoding="utf-8")
    # What is JSON is YAML, too.
    (folder / "cases.yaml").write_text(json.dumps(dataset, indent=1), encoding="utf-8")
    suite = folder / "suite.yaml"
    text = "setup: setup\ndataset: cases.yaml\nmodel: simulated\nlimits: {turns: 40}\n"
    suite.write_text(text, encoding="utf-8")
    return suite
