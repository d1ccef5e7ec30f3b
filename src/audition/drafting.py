"""A first suite and dataset for somebody's definitions, drafted from their own examples."""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from audition.setups.setup import Agent, Example, Setup

_WORDS_IN_ID = 5
_NOT_IN_YAML = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
"""Characters that JSON allows as they are and YAML only written out."""

_SUITE = """\
# yaml-language-server: $schema=../schemas/suite.schema.json
#
# Who takes the request? `audition run evals/routing.yaml` asks the lexical baseline, which compares
# words and needs no key. To ask a model: `--model anthropic:claude-sonnet-5-5`.

setup: {setup}
dataset: ../datasets/routing.yaml
model: lexical
trials: 1
"""

_DATASET_HEAD = """\
# yaml-language-server: $schema=../schemas/dataset.schema.json
#
# Each case is a request as a user would type it, and what is expected of it. `audition explain`
# lists the checks. The best cases are requests that really came, in the words in which they came.

cases:
"""

_QUOTED_HEAD = """\
  # Quoted by the definitions themselves: the answer stands in the prompt, so reports count these
  # apart (`copied`). Say the same in other words to learn whether the description is understood.
"""

_OWN_HEAD = """\
  # Nothing here is work for an agent. Keep a few such cases, or delegating everything looks right.
"""

_SMALL_TALK = (
    ("status-code", "What does HTTP status 409 mean?"),
    ("thanks", "Thanks, that is all for today."),
)

_BLANK = """\
  # - id: {id}
  #   request: >-
  #     (what somebody says when {agent} should take it, in words its description does not use)
  #   expect:
  #     - routes_to: {agent}
"""


@dataclass(frozen=True)
class Draft:
    """What was drafted."""

    suite: str
    dataset: str
    quoted: int
    """How many cases quote a definition."""


def draft(setup: Setup, setup_path: str) -> Draft:
    """A suite and a dataset that run as they are.

    Args:
        setup: The definitions.
        setup_path: Where the setup lies, as seen from the suite.
    """
    taken: set[str] = set()
    quoted = [_case(taken, example) for example in _examples(setup)]
    own = [_small_talk(taken, name, request) for name, request in _SMALL_TALK]
    blank = [
        _BLANK.format(id=_quoted(_unique(taken, a.name)), agent=_quoted(a.name))
        for a in setup.agents
    ]
    blocks = [_QUOTED_HEAD, *quoted] if quoted else []
    blocks += [_OWN_HEAD, *own]
    if blank:
        blocks += ["  # To be filled in, one for each agent at least:\n", *blank]
    dataset = _DATASET_HEAD + "\n".join(blocks)
    return Draft(_SUITE.format(setup=json.dumps(setup_path)), dataset, len(quoted))


def _examples(setup: Setup) -> Iterator[Example]:
    """The examples that name an agent on offer, each request once."""
    offered = {agent.name for agent in setup.roster}
    seen: set[str] = set()
    for agent in setup.agents:
        for example in _of(agent, offered):
            key = " ".join(example.request.lower().split())
            if key and key not in seen:
                seen.add(key)
                yield example


def _of(agent: Agent, offered: set[str]) -> Sequence[Example]:
    return [example for example in agent.examples if example.agent in offered]


def _case(taken: set[str], example: Example) -> str:
    request = " ".join(example.request.split())
    return (
        f"  - id: {_quoted(_unique(taken, example.request))}\n"
        f"    request: {_quoted(request)}\n"
        f"    expect:\n"
        f"      - routes_to: {_quoted(example.agent)}\n"
        f"    origin: example\n"
    )


def _small_talk(taken: set[str], name: str, request: str) -> str:
    return (
        f"  - id: {_unique(taken, name)}\n"
        f"    request: {_quoted(request)}\n"
        f"    expect: [no_delegation]\n"
        f"    origin: drafted\n"
    )


def _unique(taken: set[str], text: str) -> str:
    """An id made of the first words of a text, numbered where it is taken."""
    words = re.findall(r"[a-z0-9]+", text.lower())[:_WORDS_IN_ID]
    stem = "-".join(words) or "case"
    name, number = stem, 1
    while name in taken:
        number += 1
        name = f"{stem}-{number}"
    taken.add(name)
    return name


def _quoted(text: str) -> str:
    """The text as a double-quoted YAML value, which is nearly what a JSON string is."""
    sound = text.encode("utf-8", "replace").decode()
    return _NOT_IN_YAML.sub(
        lambda found: f"\\u{ord(found[0]):04x}", json.dumps(sound, ensure_ascii=False)
    )
