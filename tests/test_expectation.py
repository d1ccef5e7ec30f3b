from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import pytest

from audition.checks.never_routes_to import NeverRoutesTo
from audition.checks.no_delegation import NoDelegation
from audition.checks.routes_to import RoutesTo
from audition.checks.says import Says
from audition.dataset import Reading, load_dataset
from audition.errors import InputError
from audition.evidence import Evidence, Need
from audition.expectation import Expectation
from audition.score import Kind, Score, passed
from audition.yamlfile import parse_yaml


@dataclass(frozen=True)
class Shouts:
    """A check of somebody's own."""

    words: tuple[str, ...]
    least: int = 1

    kind: ClassVar[Kind] = "outcome"
    needs: ClassVar[frozenset[Need]] = frozenset()

    def __post_init__(self) -> None:
        if self.least > len(self.words):
            raise ValueError("asks for more words than it lists; list more words")

    def score(self, evidence: Evidence) -> Score:
        return passed(f"{len(evidence.trace)} events")


OWN: Mapping[str, type[Any]] = {"shouts": Shouts}


@pytest.fixture(autouse=True)
def _in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def expect(*items: str) -> tuple[Expectation, ...]:
    path = Path("d.yaml")
    lines = "".join(f"      - {item}\n" for item in items)
    path.write_text(f"cases:\n  - id: a\n    request: x\n    expect:\n{lines}", encoding="utf-8")
    [case] = load_dataset(path, Reading(OWN)).cases
    return case.expectations


def complaints(*items: str) -> list[str]:
    with pytest.raises(InputError) as caught:
        expect(*items)
    return [f"{problem.where}: {problem.what}; {problem.do}" for problem in caught.value.problems]


def test_a_check_can_be_written_in_three_forms() -> None:
    [bare] = expect("no_delegation")
    argument, fields = expect("routes_to: backend", "routes_to: {agent: a, accept: [b, c]}")

    assert bare.check == NoDelegation()
    assert argument.check == RoutesTo("backend")
    assert fields.check == RoutesTo("a", ("b", "c"))


def test_every_check_takes_required_critical_and_why() -> None:
    plain, loaded, empty = expect(
        "routes_to: a",
        "never_routes_to: {agent: [b], required: false, critical: true, why: b may only read}",
        "says: {pattern: x, why: a question}",
    )

    assert (plain.required, plain.critical, plain.why) == (True, False, "")
    assert (loaded.required, loaded.critical, loaded.why) == (False, True, "b may only read")
    assert loaded.check == NeverRoutesTo(("b",))
    assert (empty.check, empty.why) == (Says("x"), "a question")


@pytest.mark.parametrize(
    ("item", "text"),
    [
        ("no_delegation", "no_delegation"),
        ("routes_to: backend", "routes_to: backend"),
        ("routes_to: {agent: a, accept: [b], why: z}", "routes_to: {agent: a, accept: [b]}"),
        ("no_delegation: {why: a question}", "no_delegation"),
        ("says: 'yes'", "says: 'yes'"),
        ("says: '漢字 it''s'", "says: 漢字 it's"),
        ("max_turns: 3", "max_turns: 3"),
        ("says: " + "long " * 60, "says: " + ("long " * 60).strip()),
    ],
)
def test_the_text_is_the_check_on_one_line_and_reads_back_equal(item: str, text: str) -> None:
    [expectation] = expect(item)

    assert expectation.text == text
    assert expect(expectation.text)[0].check == expectation.check


def test_an_expectation_knows_where_it_stands() -> None:
    _, second = expect("says: 'yes'", "routes_to: backend")

    assert second.where == "d.yaml:6:9"
    document = parse_yaml(Path("d.yaml").read_text(), Path("d.yaml"))
    assert document.at(second.loc) == {"routes_to": "backend"}


def test_checks_of_ones_own_are_read_like_the_built_in_ones() -> None:
    [expectation] = expect("shouts: {words: [a, b], least: 2, critical: true}")

    assert expectation.check == Shouts(("a", "b"), 2)
    assert expectation.critical


@pytest.mark.parametrize(
    ("item", "message"),
    [
        ("routs_to: x", "5:9: there is no check 'routs_to'; did you mean 'routes_to'?"),
        ("no_delegaton", "5:9: there is no check 'no_delegaton'; did you mean 'no_delegation'?"),
        ("shout: [a]", "5:9: there is no check 'shout'; did you mean 'shouts'?"),
        ("routes_to", "5:9: the key 'agent' is missing; add it"),
        ("routes_to:", "5:19: nothing follows 'routes_to'; write a value, or the name without"),
        ("routes_to: 12", "5:20: 'routes_to' must be text, not a whole number; put it in quotes"),
        ("routes_to: [a]", "5:20: 'routes_to' must be text, not a list"),
        ("routes_to: {agent: 1}", "5:28: 'agent' must be text, not a whole number"),
        ("routes_to: {agent: a, acept: [b]}", "5:31: unknown key 'acept'; did you mean 'accept'?"),
        ("routes_to: {agent: a, requird: false}", "5:31: unknown key 'requird'; did you mean"),
        ("routes_to: {agent: a, required: no}", "5:41: 'required' must be true or false, not text"),
        ("no_delegation: x", "5:24: 'no_delegation' takes no argument; write the name alone"),
        ("no_delegation: {agent: x}", "5:25: unknown key 'agent'; choose from required, critical"),
        (
            "never_routes_to: 3",
            "5:26: 'never_routes_to' must be text or a list, not a whole number",
        ),
        ("never_routes_to: [a, 2]", "5:30: item 2 of 'never_routes_to' must be text, not a whole"),
        ("delegates_in_order: []", "5:29: 'delegates_in_order' is empty; it needs at least 1"),
        ("says: '('", "5:15: 'says' is not a regular expression"),
        ("max_turns: 0", "5:20: 'max_turns' must be at least 1; it is 0"),
        ("max_turns: 1.5", "5:20: 'max_turns' must be a whole number, not a decimal number"),
        ("{says: a, no_delegation: b}", "5:9: an expectation is a check's name, or one name with"),
        ("[no_delegation]", "5:9: an expectation is a check's name, or one name with"),
        ("shouts: {words: [], least: 1}", "5:17: 'shouts' asks for more words than it lists; list"),
    ],
)
def test_a_wrong_expectation_is_told_at_its_place(item: str, message: str) -> None:
    [found] = complaints(item)

    assert found.startswith(f"d.yaml:{message}")


def test_wrong_common_fields_and_wrong_own_fields_are_reported_together() -> None:
    assert len(complaints("routes_to: {agent: 1, accept: b, critical: 3, why: 4, x: 5}")) == 5


def test_the_same_expectation_twice_is_a_mistake_in_whatever_form() -> None:
    assert complaints("routes_to: a", "says: x", "routes_to: {agent: a}") == [
        "d.yaml:7:9: the case expects 'routes_to: {agent: a}' twice; remove one"
    ]


def test_required_checks_of_which_a_trial_can_only_pass_one_are_refused() -> None:
    with pytest.raises(InputError, match="'routes_to: a' contradicts 'no_delegation'"):
        expect("no_delegation", "routes_to: a")
    expect("no_delegation", "routes_to: {agent: a, required: false}")
