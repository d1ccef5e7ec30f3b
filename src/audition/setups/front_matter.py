"""Front matter as Claude Code reads it, its quirks included.

The opener is `---` on the first line; the front matter ends at the first `---` after it, wherever
that stands; what is between is YAML, and where it is not, each `key: value` line is put in quotes
and read once more. So a definition that a strict reader refuses can load, and the other way round.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

import yaml


class Nested(Enum):
    """Stands for a value with an inner structure that nobody here looks into."""

    MAPPING = "mapping"
    LIST = "list"


Value = str | int | float | bool | None | Nested | tuple["Value", ...]


@dataclass(frozen=True)
class FrontMatter:
    """What stands between the two `---`, and the rest."""

    fields: Mapping[str, Value]
    lines: Mapping[str, int]
    """The line of the file on which each key stands."""
    body: str
    end: int
    """The line of the `---` that ended it."""
    is_cut: bool = False
    """True where the `---` that ended it was no line of its own."""
    is_repaired: bool = False
    """True where the YAML was only read after its values were put in quotes."""
    repeated: Mapping[str, int] = field(default_factory=dict)
    """Keys that stand more than once, each with the line that won."""


@dataclass(frozen=True)
class Unreadable:
    """Why a text has no front matter."""

    what: str
    do: str
    line: int = 1
    is_missing: bool = False
    """True where nothing looks like front matter at all."""


def read_front_matter(text: str) -> FrontMatter | Unreadable:
    """Split a text as Claude Code does; never raises."""
    text = text.replace("\r\n", "\n").removeprefix("\ufeff")
    opener = re.match(r"---\s*\n", text)
    if opener is None:
        return _without_opener(text)
    end = text.find("---", opener.end())
    if end < 0:
        return Unreadable("has front matter that never ends", "add a line with `---` after it")
    source, offset = text[opener.end() : end], text.count("\n", 0, opener.end())
    is_repaired = False
    try:
        root = _compose(source)
    except _NotYamlError as strict:
        is_repaired = True
        try:
            root = _compose(_quoted(source))
        except _NotYamlError:
            what = f"has front matter that is not YAML, even with its values quoted ({strict})"
            do = "put the value in quotes, or write `key: |` with the text indented below"
            return Unreadable(what, do, offset + strict.line)
    fields, lines, repeated = _top_level(root, source, offset)
    closing = text[text.rfind("\n", 0, end) + 1 :].split("\n", 1)[0]
    return FrontMatter(
        fields=fields,
        lines=lines,
        body=text[end + 3 :].strip(),
        end=text.count("\n", 0, end) + 1,
        is_cut=closing.rstrip() != "---",
        is_repaired=is_repaired,
        repeated=repeated,
    )


def with_line_breaks(text: str) -> str:
    r"""The text with every `\n` that is spelled out turned into a line break."""
    return text.replace("\\n", "\n")


class _NotYamlError(Exception):
    """The text is not YAML; the line counts from 1."""

    def __init__(self, what: str, line: int) -> None:
        self.line = line
        super().__init__(what)


def _without_opener(text: str) -> Unreadable:
    if re.match(r"\s+---\s*\n", text):
        line = text.count("\n", 0, text.index("---")) + 1
        return Unreadable("has something before the first `---`", "begin the file with it", line)
    late = re.search(r"^---[ \t]*\n(?:.*\n){0,20}?name:", text, re.MULTILINE)
    if late:
        line = text.count("\n", 0, late.start()) + 1
        return Unreadable("has text before the first `---`", "begin the file with `---`", line)
    if re.match(r"(?:.*\n){0,20}?(?:name|description):\s", text):
        return Unreadable("has no `---` before its fields", "begin the file with `---`")
    return Unreadable(
        "has no front matter, so it is no agent", "nothing, if that is meant", 1, True
    )


def _compose(source: str) -> yaml.Node | None:
    try:
        return yaml.compose(source, Loader=yaml.BaseLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = source.count("\n", 0, mark.index) + 1 if mark else 1
        raise _NotYamlError(error.problem or "it cannot be read", line) from None
    except yaml.reader.ReaderError as error:
        line = source.count("\n", 0, error.position) + 1
        raise _NotYamlError(f"the character #x{error.character:x}", line) from None
    except RecursionError:
        raise _NotYamlError("it is nested too deeply", 1) from None
    except yaml.YAMLError as error:
        raise _NotYamlError(str(error), 1) from None


def _quoted(source: str) -> str:
    """The second attempt: values that YAML trips over are quoted, leading tabs become spaces."""
    return "\n".join(map(_quoted_line, source.split("\n")))


def _quoted_line(line: str) -> str:
    bare = line.lstrip("\t")
    line = "  " * (len(line) - len(bare)) + bare
    found = re.match(r"([A-Za-z_-]+):\s+(\S.*)$", line)
    if found is None:
        return line
    key, value = found[1], found[2].rstrip()
    is_quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "\"'"
    is_list = value.startswith("[") and value.endswith("]")
    if is_quoted or is_list or not re.search(r"[{}\[\]*&#!|>%@`]|: ", value):
        return line
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'{key}: "{escaped}"'


def _top_level(
    root: yaml.Node | None, source: str, offset: int
) -> tuple[dict[str, Value], dict[str, int], dict[str, int]]:
    fields: dict[str, Value] = {}
    lines: dict[str, int] = {}
    repeated: dict[str, int] = {}
    line, counted = offset + 1, 0
    for key_node, node in root.value if isinstance(root, yaml.MappingNode) else ():
        key = _joined(str(key_node.value)) if isinstance(key_node, yaml.ScalarNode) else "?"
        line += source.count("\n", counted, key_node.start_mark.index)
        counted = key_node.start_mark.index
        if key in fields:
            repeated[key] = line
        fields[key], lines[key] = _value(node), line
    return fields, lines, repeated


def _value(node: yaml.Node) -> Value:
    if isinstance(node, yaml.SequenceNode):
        return tuple(_scalar(item) for item in node.value)
    return _scalar(node)


def _scalar(node: yaml.Node) -> Value:
    """A scalar by the core schema of YAML 1.2, where `no` and `1:30` are words."""
    if not isinstance(node, yaml.ScalarNode):
        return Nested.MAPPING if isinstance(node, yaml.MappingNode) else Nested.LIST
    text = _joined(node.value)
    if node.style is not None or node.tag != "tag:yaml.org,2002:str" or len(text) > 300:
        return text
    if text in ("", "~", "null", "Null", "NULL"):
        return None
    if text.lower() in ("true", "false") and text in (text.lower(), text.upper(), text.title()):
        return text.lower() == "true"
    if re.fullmatch(r"[-+]?[0-9]+", text):
        return int(text)
    if re.fullmatch(r"0o[0-7]+|0x[0-9a-fA-F]+", text):
        return int(text, 0)
    if re.fullmatch(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", text):
        return float(text)
    if re.fullmatch(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)", text):
        return float(text.replace(".", "", 1))
    return text


def _joined(text: str) -> str:
    """The text with the surrogate pairs joined that two escapes yield, and lone ones gone."""
    if not re.search("[\ud800-\udfff]", text):
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
