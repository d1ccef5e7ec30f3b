import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator

from audition.cli import audition
from audition.dataset import load_dataset
from audition.errors import InputError
from audition.suite import load_suite
from audition.yamlfile import parse_yaml

ROOT = Path(__file__).parents[2]


def printed(*arguments: str) -> dict[str, Any]:
    result = CliRunner().invoke(audition, ["schema", *arguments], catch_exceptions=False)
    assert result.exit_code == 0
    form: dict[str, Any] = json.loads(result.stdout)
    return form


def accepts(form: dict[str, Any], text: str) -> bool:
    return Draft202012Validator(form).is_valid(parse_yaml(text, Path("x.yaml")).data)


@pytest.mark.parametrize("kind", ["dataset", "suite"])
def test_the_schema_in_the_repository_is_current(kind: str) -> None:
    stored = json.loads((ROOT / "schemas" / f"{kind}.schema.json").read_text(encoding="utf-8"))

    assert stored == printed(kind), f"run: audition schema {kind} > schemas/{kind}.schema.json"


@pytest.mark.parametrize("kind", ["dataset", "suite"])
def test_the_schema_is_a_valid_schema(kind: str) -> None:
    Draft202012Validator.check_schema(printed(kind))


def objects(form: Any) -> Iterator[dict[str, Any]]:
    if isinstance(form, dict):
        if "properties" in form:
            yield form
        for value in form.values():
            yield from objects(value)
    elif isinstance(form, list):
        for value in form:
            yield from objects(value)


@pytest.mark.parametrize("kind", ["dataset", "suite"])
def test_every_key_is_described_and_no_other_key_is_allowed(kind: str) -> None:
    found = list(objects(printed(kind)))

    assert found
    assert [form for form in found if form["additionalProperties"] is not False] == []
    undescribed = [
        name
        for form in found
        for name, field in form["properties"].items()
        if not field.get("description")
    ]
    assert undescribed == []


@pytest.mark.parametrize("kind", ["dataset", "suite"])
def test_the_shipped_example_is_accepted(kind: str) -> None:
    folder = {"dataset": "datasets", "suite": "evals"}[kind]
    text = (ROOT / folder / "routing.yaml").read_text(encoding="utf-8")

    assert accepts(printed(kind), text)
    assert text.startswith(f"# yaml-language-server: $schema=../schemas/{kind}.schema.json\n")


CASE = "id: a, request: x, expect: [no_delegation]"


@pytest.mark.parametrize(
    "text",
    [
        f"cases: [{{{CASE}}}]",
        f"cases: [{{{CASE}, tags: [a], trials: 3, origin: session, split: holdout}}]",
        f"cases: [{{{CASE}, known: {{reason: x, until: 2026-12-31}}}}]",
        f"cases: [{{{CASE}, known: {{reason: x, until: soon}}}}]",
        f"cases: [{{{CASE}, known: {{reason: x}}}}]",
        f"defaults: {{limits: {{turns: 3}}}}\ncases: [{{{CASE}}}]",
        f"defaults: {{limits: {{turns: 0}}}}\ncases: [{{{CASE}}}]",
        f"cases: [{{{CASE}, limits: {{minutes: 0}}}}]",
        f"cases: [{{{CASE}, trials: 0}}]",
        f"cases: [{{{CASE}, trials: '3'}}]",
        f"cases: [{{{CASE}, origin: somewhere}}]",
        f"cases: [{{{CASE}, tag: a}}]",
        f"cases: [{{{CASE}, tags: ['']}}]",
        f"workspace: 3\ncases: [{{{CASE}}}]",
        f"workspace: {{gitt: .}}\ncases: [{{{CASE}}}]",
        f"project: {{tests: []}}\ncases: [{{{CASE}}}]",
        f"project: {{lint_command: ruff check .}}\ncases: [{{{CASE}}}]",
        f"cases: [{{{CASE}, reference: [{{Bash: {{}}, Read: {{}}}}]}}]",
        "cases: []",
        "cases: [{id: a, request: x}]",
        "cases: [{id: a, request: x, expect: []}]",
        "cases: [{id: 'a b', request: x, expect: [no_delegation]}]",
        "cases: [{id: 7, request: x, expect: [no_delegation]}]",
        "cases: [{id: a, request: ' ', expect: [no_delegation]}]",
        "",
        "[]",
        "defaults: {}",
        *(
            f"cases: [{{id: a, request: x, expect: [{item}]}}]"
            for item in (
                "routes_to: backend",
                "routes_to",
                "routes_to: 3",
                "{routes_to: }",
                "routes_to: {agent: a, accept: [b], required: false, critical: true, why: z}",
                "routes_to: {accept: [b]}",
                "routes_to: {agent: a, acept: [b]}",
                "routes_to: {agent: a, required: no}",
                "routs_to: a",
                "no_delegation: {}",
                "no_delegation: {why: x}",
                "no_delegation: x",
                "never_routes_to: a",
                "never_routes_to: [a, b]",
                "never_routes_to: [a, 2]",
                "delegates_in_order: [a, b]",
                "delegates_in_order: []",
                "max_turns: 3",
                "max_turns: 0",
                "max_cost_usd: 0.5",
                "{says: a, no_delegation: {}}",
                "[no_delegation]",
            )
        ),
    ],
)
def test_the_schema_of_datasets_accepts_what_the_loader_accepts(tmp_path: Path, text: str) -> None:
    path = tmp_path / "d.yaml"
    path.write_text(text, encoding="utf-8")
    loads = True
    try:
        load_dataset(path)
    except InputError:
        loads = False

    assert accepts(printed("dataset"), text) is loads


SUITE = "setup: .\ndataset: d.yaml\n"


@pytest.mark.parametrize(
    "text",
    [
        SUITE,
        SUITE + "model: recorded\nruntime: messages\ntrials: 3\nallow: 1\nconcurrency: 2\n",
        SUITE + "model: simulated:misroute=0.5\nmax_tokens: 10\nbudget_usd: 0\nname: a-b\n",
        SUITE + "model: {simulated: {misroute: 0.5, seed: 2}}\n",
        SUITE + "model: {simulated: {misroute: 5}}\n",
        SUITE + "model: {simulated: {misrout: 0.5}}\n",
        SUITE + "model: {simulated: {}, lexical: {}}\n",
        SUITE + "model: anthropic:claude-sonnet-5-5\nbase_url: http://127.0.0.1:8080\n",
        SUITE + "model: {anthropic: {id: claude-sonnet-5-5}}\n",
        SUITE + "model: anthropic\n",
        SUITE + "model: lexcal\n",
        SUITE + "model: 3\n",
        SUITE + "runtime: mesages\n",
        SUITE + "base_url: localhost\n",
        SUITE + "base_url: http://me:secret@host/\n",
        SUITE + "trials: 0\n",
        SUITE + "name: a/b\n",
        SUITE + "prices: {m: {input: 1, output: 2, cache_read: 0, cache_write: 0}}\n",
        SUITE + "prices: {m: {input: 1, output: 2}}\n",
        SUITE + "limits: {turns: 3, cost_usd: 0.1}\n",
        SUITE + "limits: {turn: 3}\n",
        SUITE + "gate: {margin: 0.05}\n",
        SUITE + "gate: {margin: 1}\n",
        SUITE + "gate: {profile: release, alpha: 0.1, base_trials: 10}\n",
        SUITE + "gate: {profile: strict}\n",
        "setup: {agents: agents}\ndataset: [d.yaml]\n",
        "setup: {agent: agents}\ndataset: [d.yaml]\n",
        "setup: .\ndataset: []\n",
        "setup: .\n",
        "dataset: d.yaml\n",
    ],
)
def test_the_schema_of_suites_accepts_what_the_loader_accepts(tmp_path: Path, text: str) -> None:
    (tmp_path / "agents").mkdir()
    (tmp_path / "d.yaml").write_text(f"cases: [{{{CASE}}}]", encoding="utf-8")
    path = tmp_path / "s.yaml"
    path.write_text(text, encoding="utf-8")
    loads = True
    try:
        load_suite(path)
    except InputError:
        loads = False

    assert accepts(printed("suite"), text) is loads


def test_checks_of_ones_own_can_be_told_to_the_editor(tmp_path: Path) -> None:
    check = tmp_path / "is_kind.py"
    check.write_text("""\
from dataclasses import dataclass

@dataclass(frozen=True)
class IsKind:
    words: tuple[str, ...]
""")
    text = "cases: [{id: a, request: x, expect: [is_kind: [please]]}]"

    assert not accepts(printed("dataset"), text)
    assert accepts(printed("dataset", "--check", str(check)), text)
