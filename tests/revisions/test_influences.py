"""The named parts and the digests in the key of a trial are two views of the same thing."""

from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from audition.affected import influences
from audition.checks.no_delegation import NoDelegation
from audition.checks.routes_to import RoutesTo
from audition.checks.suite_passes import SuitePasses
from audition.dataset import Case
from audition.expectation import Expectation
from audition.revisions.influences import all_parts, differences, parts_of
from audition.setups.setup import Agent, Instruction, Setup
from audition.workplace import Work
from audition.workspaces.source import Source

WORDS = st.sampled_from(["one", "two"])
AGENTS = st.builds(
    Agent,
    name=st.sampled_from(["a", "b"]),
    description=WORDS,
    body=WORDS,
    model=st.sampled_from([None, "opus"]),
    tools=st.sampled_from([None, ("Read",), ("Read", "Bash"), ("Bash", "Read")]),
    disallowed_tools=st.sampled_from([(), ("Bash",)]),
    memory=st.sampled_from([None, "user"]),
    max_turns=st.sampled_from([None, 3]),
)
TEXTS = st.lists(
    st.builds(Instruction, path=st.sampled_from(["CLAUDE.md", "docs/x.md"]), text=WORDS),
    max_size=2,
    unique_by=lambda text: text.path,
)
SETUPS = st.builds(
    Setup,
    label=st.just("s"),
    agents=st.lists(AGENTS, max_size=2, unique_by=lambda a: a.name).map(
        lambda found: tuple(sorted(found, key=lambda agent: agent.name))
    ),
    builtins=st.sampled_from([(), (Agent("Plan", "Plans.", builtin=True),)]),
    instructions=TEXTS.map(tuple),
    settings=st.dictionaries(st.sampled_from(["env", "permissions"]), WORDS, max_size=2),
)


def expects(check: object) -> Expectation:
    return Expectation("check", check, True, False, "", "check", "cases.yaml:1:1")  # type: ignore[arg-type] # any check


def case(*checks: object, work: Work | None = None) -> Case:
    return Case("case", "Do it", tuple(map(expects, checks)), work=work)


PLACE = Source(folder=Path(__file__).parent)
CASES = [
    case(RoutesTo("a")),
    case(NoDelegation()),
    case(SuitePasses(), work=Work(source=PLACE)),
    case(RoutesTo("a"), SuitePasses(), work=Work(source=PLACE)),
    case(SuitePasses(), work=Work(source=PLACE, agent="b")),
]


@settings(max_examples=300, deadline=None)
@given(SETUPS, SETUPS, st.sampled_from(CASES))
def test_a_difference_is_named_exactly_where_the_key_differs(
    base: Setup, head: Setup, which: Case
) -> None:
    named = differences(parts_of(which, base), parts_of(which, head))

    assert bool(named) == (influences(which, base) != influences(which, head))


@settings(max_examples=100, deadline=None)
@given(SETUPS, SETUPS)
def test_what_influences_a_case_is_a_part_of_the_setup(base: Setup, head: Setup) -> None:
    whole = {(d.kind, d.name) for d in differences(all_parts(base), all_parts(head))}

    for which in CASES:
        found = differences(parts_of(which, base), parts_of(which, head))
        assert {(d.kind, d.name) for d in found} <= whole


def made(*agents: Agent, **more: object) -> Setup:
    return Setup("s", agents, **more)  # type: ignore[arg-type] # as given


def said(base: Setup, head: Setup, **renamed: str) -> list[str]:
    return [str(found) for found in differences(all_parts(base), all_parts(head), renamed)]


def test_differences_are_told_in_words() -> None:
    base = made(Agent("a", "Old.", body="x"), Agent("gone", "G."), settings={"env": 1})
    head = made(
        Agent("a", "New.", body="y"),
        Agent("fresh", "F."),
        settings={"env": 2},
        instructions=(Instruction("CLAUDE.md", "Hi."),),
    )

    assert said(base, head) == [
        "a: description, prompt",
        "fresh is new",
        "gone is gone",
        "CLAUDE.md is new",
        "settings `env` changed",
    ]


def test_tools_are_named_once() -> None:
    base, head = made(Agent("a", "D.")), made(Agent("a", "D.", tools=("Read",)))

    assert said(base, head) == ["a: tools"]


def test_a_renamed_agent_is_one_agent_with_another_name() -> None:
    base, head = made(Agent("old", "D.", body="x")), made(Agent("new", "D.", body="y"))

    assert said(base, head) == ["new is new", "old is gone"]
    assert said(base, head, old="new") == ["new was called old, prompt"]


def test_the_same_instructions_in_another_order_are_another_setup() -> None:
    texts = (Instruction("CLAUDE.md", "Hi."), Instruction("x.md", "X."))
    base, head = made(instructions=texts), made(instructions=texts[::-1])

    assert said(base, head) == ["the order of the instructions changed"]
