"""One definition file: what Claude Code makes of it, and what it silently drops or changes."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from audition.setups.front_matter import (
    FrontMatter,
    Nested,
    Unreadable,
    Value,
    read_front_matter,
    with_line_breaks,
)
from audition.setups.setup import Agent, Finding, Level
from audition.setups.tree import read_text

MAX_NAME = 256
ALIASES = ("sonnet", "opus", "haiku", "fable", "inherit", "best", "opusplan")
MEMORIES = ("user", "project", "local")
COLORS = ("red", "blue", "green", "yellow", "purple", "orange", "pink", "cyan")
NOT_MODELLED = {
    "permissionMode": "every tool call is allowed or refused by the trial itself",
    "background": "a sub-agent's answer is always awaited",
    "effort": "the model's default effort is used",
    "isolation": "every trial has a workspace of its own",
    "skills": "no skill is loaded",
    "mcpServers": "no MCP server is started",
    "hooks": "no hook is run",
    "initialPrompt": "there is no session of this agent alone",
    "omitClaudeMd": "the agent is sent CLAUDE.md",
    "autoCompactWindow": "no conversation is shortened",
    "experimental": "nothing experimental is switched on",
}
"""Keys that Claude Code acts on and a trial does not, with what a trial does instead."""
MODELLED = (
    "name",
    "description",
    "tools",
    "disallowedTools",
    "model",
    "maxTurns",
    "memory",
    "color",
)

# `C:\new` and `src\models\new`; all counts are bounded, for a text can be made to cost squares.
_BROKEN_PATH = re.compile(
    r"(?<![A-Za-z])[A-Za-z]:\\n\w{0,40}"
    r"|(?<![\w.])[\w.]{1,40}(?:\\[A-MO-Za-mo-z]\w{0,40}){1,8}\\n\w{0,40}"
)


@dataclass(frozen=True)
class Reading:
    """An agent, or none, and what there is to know about its file."""

    agent: Agent | None
    findings: tuple[Finding, ...]
    has_front_matter: bool = True
    """True where the file begins as a definition does."""


def read_definition(path: str, data: bytes) -> Reading:
    """Read one file of an agents folder; never raises.

    Args:
        path: Relative to the setup, as findings and reports show it.
        data: The bytes of the file.
    """
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        what = "is UTF-16, which Claude Code reads as noise"
        return Reading(None, (Finding(path, 1, what, "save it as UTF-8", "not loaded"),))
    matter = read_front_matter(read_text(data))
    if isinstance(matter, Unreadable):
        level: Level = "note" if matter.is_missing else "not loaded"
        finding = Finding(path, matter.line, matter.what, matter.do, level)
        begins = read_text(data).removeprefix("\ufeff").startswith("---")
        return Reading(None, (finding,), has_front_matter=begins)
    return _Definition(path, matter).reading()


class _Definition:
    """Collects the findings while the fields of one file are read."""

    def __init__(self, path: str, matter: FrontMatter) -> None:
        self.path = path
        self.matter = matter
        self.findings: list[Finding] = []

    def reading(self) -> Reading:
        self._look_at_the_shape()
        refusal = _refusal(self.matter.fields)
        if refusal is not None:
            key, what, do = refusal
            self._find(key, what, do, "not loaded")
            return Reading(None, tuple(self.findings))
        fields = self.matter.fields
        agent = Agent(
            name=str(fields["name"]),
            description=self._description(str(fields["description"])),
            body=self.matter.body,
            tools=self._tools("tools"),
            disallowed_tools=self._tools("disallowedTools") or (),
            model=self._choice("model", _is_model, "read as `inherit`; use an alias or a full id"),
            memory=self._choice("memory", MEMORIES.__contains__, f"use {', '.join(MEMORIES)}"),
            max_turns=self._max_turns(),
            path=self.path,
            line=self.matter.lines["description"],
        )
        self._choice("color", COLORS.__contains__, f"use {', '.join(COLORS)}")
        self._look_at_other_keys()
        return Reading(agent, tuple(self.findings))

    def _find(self, key: str, what: str, do: str, level: Level) -> None:
        line = self.matter.lines.get(key, 1)
        self.findings.append(Finding(self.path, line, what, do, level))

    def _look_at_the_shape(self) -> None:
        if self.matter.is_cut:
            what = "ends its front matter here, at the first `---`; the rest became the body"
            do = "write this `---` in another way"
            self.findings.append(Finding(self.path, self.matter.end, what, do, "altered"))
        if self.matter.is_repaired:
            what = "has front matter that is not YAML; it was read with its values put in quotes"
            do = "put values with `: ` or special characters in quotes"
            self.findings.append(Finding(self.path, 1, what, do, "altered"))
        for key, line in self.matter.repeated.items():
            what = f"has the key `{key}` more than once; the last one counts"
            self.findings.append(Finding(self.path, line, what, "delete all but one", "altered"))

    def _description(self, text: str) -> str:
        broken = _BROKEN_PATH.search(text)
        if broken:
            what = f"has `{broken[0]}` in its description, where `\\n` becomes a line break"
            self._find("description", what, "write the path with `/`", "altered")
        return with_line_breaks(text)

    def _tools(self, key: str) -> tuple[str, ...] | None:
        if key not in self.matter.fields:
            return None
        value = self.matter.fields[key]
        if value is None or value in ("", ()):
            if key == "tools":
                do = "delete the line to allow all tools"
                self._find(key, "has an empty `tools`, so it gets no tool at all", do, "altered")
            return ()
        if isinstance(value, str):
            tools = _split(value)
        elif isinstance(value, tuple):
            tools = tuple(tool for item in value if isinstance(item, str) for tool in _split(item))
        else:
            self._find(key, f"has a `{key}` that is no list; ignored", "list tool names", "altered")
            return None
        for_servers = [tool for tool in tools if tool.startswith("mcp__")]
        if for_servers and key == "tools":
            what = f"names `{for_servers[0]}`, a tool of an MCP server; no such server is started"
            self._find(key, what, "expect trials without it", "not modelled")
        return None if "*" in tools and key == "tools" else tools

    def _choice(self, key: str, is_valid: Callable[[str], bool], do: str) -> str | None:
        value = self.matter.fields.get(key)
        if value is None:
            return None
        if isinstance(value, str) and is_valid(value.strip()):
            return value.strip()
        self._find(key, f"has {_shown(key, value)}, which is ignored", do, "altered")
        return None

    def _max_turns(self) -> int | None:
        value = self.matter.fields.get("maxTurns")
        if value is None:
            return None
        if isinstance(value, int) and not isinstance(value, bool) and value > 0:
            return value
        what = f"has {_shown('maxTurns', value)}, which is ignored"
        self._find("maxTurns", what, "use a whole number above 0", "altered")
        return None

    def _look_at_other_keys(self) -> None:
        for key, value in self.matter.fields.items():
            if key in MODELLED:
                continue
            if key in NOT_MODELLED or key.startswith("observe"):
                if value not in (None, False, (), "default", "manual"):
                    instead = NOT_MODELLED.get(key, "nothing observes the agent")
                    what = f"sets `{key}`, which a trial does not model: {instead}"
                    self._find(key, what, "read results with that in mind", "not modelled")
                continue
            close = get_close_matches(key, (*MODELLED, *NOT_MODELLED), n=1)
            do = f"did you mean `{close[0]}`?" if close else "delete it"
            self._find(key, f"has the unknown key `{key}`, which is ignored", do, "altered")


def _refusal(fields: Mapping[str, Value]) -> tuple[str, str, str] | None:
    """Why Claude Code drops the file without a word: the key, what is wrong, what to do."""
    name, description = fields.get("name"), fields.get("description")
    checks: Iterator[tuple[bool, str, str, str]] = iter(
        (
            (not fields, "name", "has front matter without any field", "add `name: …`"),
            (_is_blank(name), "name", "has no `name`", "add `name: …`"),
            (
                not isinstance(name, str),
                "name",
                "has a `name` that is not text",
                "put it in quotes",
            ),
            (
                str(name)[:1] == "-",
                "name",
                "has a `name` with a leading `-`",
                "begin with a letter",
            ),
            (":" in str(name), "name", "has a `:` in its `name`", "use `-` in its place"),
            (
                len(str(name)) > MAX_NAME,
                "name",
                f"has a `name` of more than {MAX_NAME} characters",
                "shorten it",
            ),
            (_is_blank(description), "description", "has no `description`", "add one"),
            (
                not isinstance(description, str),
                "description",
                "has a `description` that is not text",
                "put it in quotes",
            ),
        )
    )
    return next(((key, what, do) for is_wrong, key, what, do in checks if is_wrong), None)


def _is_blank(value: Value) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def _is_model(text: str) -> bool:
    alias = text.lower().removesuffix("[1m]")
    return alias in ALIASES or "claude" in alias or alias.startswith("arn:")


def _split(text: str) -> tuple[str, ...]:
    """Tool names at the commas that stand outside parentheses."""
    names = re.findall(r"(?:[^,(]|\([^)]*(?:\)|$))+", text)
    return tuple(name.strip() for name in names if name.strip())


def _shown(key: str, value: Value) -> str:
    if isinstance(value, Nested | tuple):
        return f"a `{key}` that is no single value"
    return f"`{key}: {str(value)[:60]}`"
