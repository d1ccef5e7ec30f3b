"""The project that is measured: three agents, and as many routing cases as wanted."""

import random
from pathlib import Path

AGENTS = {
    "backend": "Builds and repairs what runs on the server: endpoints, queries, migrations.",
    "frontend": "Builds and repairs what runs in the browser: pages, forms, styles, components.",
    "investigator": "Finds out why something happens, and reports; it never changes a file.",
}
WORDS = """
    the a our every some customer order invoice basket voucher refund stock price search page form
    button table query endpoint token session cache job report mail queue log test error timeout
    add move rename explain check repair speed up show hide sort filter before after because while
    without slowly twice yesterday mobile admin guest German euro monthly nightly large small
"""


def write_project(folder: Path, cases: int) -> Path:
    """Write setup, dataset and suite; returns the suite. The same number gives the same bytes.

    Every case has a request of its own, of 8 to 40 words, one check and one trial. The simulated
    model keeps its usual rates of wrong turns, but invents no agent: so a trial is one turn.
    """
    agents = folder / "agents"
    agents.mkdir(parents=True)
    for name, description in AGENTS.items():
        text = f"---\nname: {name}\ndescription: {description}\n---\n\nYou are the {name}.\n"
        (agents / f"{name}.md").write_text(text, encoding="utf-8")
    (folder / "cases.yaml").write_text(_dataset(cases), encoding="utf-8")
    suite = folder / "suite.yaml"
    suite.write_text(
        "setup: .\ndataset: cases.yaml\nmodel: {simulated: {invented: 0}}\n", encoding="utf-8"
    )
    return suite


def _dataset(cases: int) -> str:
    chance = random.Random(0)
    names, words = tuple(AGENTS), WORDS.split()
    lines = ["cases:"]
    for number in range(cases):
        request = " ".join(chance.choices(words, k=chance.randint(8, 40)))
        lines += [
            f"  - id: case-{number:04}",
            f"    request: Please {request}",
            f"    expect: [{{routes_to: {names[number % len(names)]}}}]",
        ]
    return "\n".join(lines) + "\n"
