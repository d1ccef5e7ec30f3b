"""A repository whose definitions are changed, for gates over the simulated model."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.conftest import Cli, Spoken
from tests.revisions.repositories import Repository, make_repository

AGENTS = ("backend", "frontend", "writer")
PERFECT = "simulated:misroute=0,no_delegation=0,invented=0,fault=0,idle=0"
FLAKY = PERFECT.replace("misroute=0", "misroute=0.06,seed=2")
FAULTY = PERFECT.replace("fault=0", "fault=1")
SEVERAL_BROKEN = f"{PERFECT},broken=case-01 case-02 case-03 case-04 case-05"
HOPELESS = "simulated:misroute=1,no_delegation=0,invented=0,fault=0,idle=0"


@dataclass(frozen=True)
class Shop(Repository):
    """The repository, with what tests of a gate need."""

    def gate(self, cli: Cli, *arguments: str) -> tuple[Spoken, dict[str, Any]]:
        """`audition gate`, and its verdict."""
        said = cli("gate", "evals/suite.yaml", "--format", "json", *arguments)
        return said, json.loads(said.out) if said.out.startswith("{") else {}

    def reword(self) -> None:
        """A change of a description, which every case depends on."""
        self.edit("evals/agents/writer.md", "Writes guides", "Writes manuals")


def make_shop(root: Path, *, cases: int = 12) -> Shop:
    """A dozen cases, a third for each agent, at a commit."""
    shop = Shop(make_repository(root, {"README": ""}).root)
    for name in AGENTS:
        text = f"---\nname: {name}\ndescription: Writes guides of the {name} kind.\n---\nBe good.\n"
        shop.write(f"evals/agents/{name}.md", text)
    listed = [
        f"  - id: case-{n:02}\n    request: Do the thing number {n}\n"
        f"    expect: [{{routes_to: {AGENTS[n % 3]}}}]\n"
        for n in range(cases)
    ]
    shop.write("datasets/cases.yaml", "cases:\n" + "".join(listed))
    suite = f"setup: .\ndataset: ../datasets/cases.yaml\nmodel: {PERFECT}\ntrials: 5\n"
    shop.write("evals/suite.yaml", suite)
    shop.write(".gitignore", "reports/\n")
    shop.commit()
    return shop
