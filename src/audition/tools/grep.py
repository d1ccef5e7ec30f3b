r"""Grep finds lines by a regular expression.

It is the `grep` of the system, run in the sandbox for at most ten seconds, with Perl's expressions
(`grep -P`): they have the `\d` and `(?i)` that models write, and grep gives up on one that would
take forever. Without `output_mode` it names the files that match; `content` shows the lines with
their numbers, with `-A`, `-B` and `-C` (or `context`) also lines around them; `count` counts them.
`glob` and `type` choose files, `head_limit` (250 without one, 0 for all) and `offset` a part of the
answer, which is ordered by path and at most 30,000 characters long. Binary files are left out, and
lines of files that are not UTF-8 are not shown; `.git`, `node_modules` and the like are searched
only where `path` names them; unlike Claude Code's it does not read `.gitignore`. `multiline` is not
supported.

    {"pattern": "def \\w+_page", "glob": "*.py", "output_mode": "content"}
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from operator import itemgetter
from pathlib import PurePosixPath
from typing import Any, ClassVar

from audition.conversation import ToolSpec
from audition.errors import FaultError
from audition.inert import inert
from audition.parts import suggestion
from audition.sandboxes import WORKSPACE, Finished
from audition.tools import SKIPPED, Bench, Used
from audition.tools._files import is_folder
from audition.tools._given import MistakeError, answering, shown, without_zeros
from audition.tools._globs import expanded, read_pattern
from audition.tools._output import middle_cut
from audition.tools._places import Spot, spot

HEAD_LIMIT, WALL_S, LINE_CHARACTERS = 250, 10.0, 500
_PATTERN_CHARACTERS, _MOST_AROUND = 10_000, 1_000
_KEPT_BYTES = 1 << 20
_NOT_RUN = (125, 126, 127)
_NO_SUCH_GREP = (
    "grep: Perl matching not supported",
    "grep: invalid option",
    "grep: support for the -P option is not",
    "grep: unrecognized option",
)
TYPES: Mapping[str, tuple[str, ...]] = {
    "c": ("*.c", "*.h"),
    "cpp": ("*.cc", "*.cpp", "*.cxx", "*.h", "*.hh", "*.hpp"),
    "css": ("*.css", "*.scss"),
    "go": ("*.go",),
    "html": ("*.htm", "*.html"),
    "java": ("*.java",),
    "js": ("*.cjs", "*.js", "*.jsx", "*.mjs"),
    "json": ("*.json",),
    "kotlin": ("*.kt", "*.kts"),
    "md": ("*.markdown", "*.md"),
    "php": ("*.php",),
    "py": ("*.py", "*.pyi"),
    "ruby": ("*.rb",),
    "rust": ("*.rs",),
    "sh": ("*.bash", "*.sh"),
    "sql": ("*.sql",),
    "swift": ("*.swift",),
    "toml": ("*.toml",),
    "ts": ("*.cts", "*.mts", "*.ts", "*.tsx"),
    "txt": ("*.txt",),
    "xml": ("*.xml",),
    "yaml": ("*.yaml", "*.yml"),
}
_AROUND = {"type": "integer", "minimum": 0}


@dataclass(frozen=True)
class Grep:
    """Finds lines by a regular expression."""

    spec: ClassVar[ToolSpec] = ToolSpec(
        "Grep",
        "Searches the lines of files for a regular expression in Perl's syntax. It leaves out "
        "binary files, `.git`, `node_modules` and the like.",
        {
            "type": "object",
            "properties": {
                "pattern": {"type": "string", "description": "The regular expression"},
                "path": {
                    "type": "string",
                    "description": "The file or folder to search; the workspace if left out",
                },
                "glob": {"type": "string", "description": "Only these files, such as `*.{ts,tsx}`"},
                "type": {"type": "string", "description": "Only files of a language, such as `py`"},
                "output_mode": {
                    "type": "string",
                    "enum": ["files_with_matches", "content", "count"],
                    "description": "Names of files (if left out), matching lines, or their number",
                },
                "-i": {"type": "boolean", "description": "Upper and lower case are the same"},
                "-n": {"type": "boolean", "description": "Number the lines (true if left out)"},
                "-A": {**_AROUND, "description": "How many lines to show after each"},
                "-B": {**_AROUND, "description": "How many lines to show before each"},
                "-C": {**_AROUND, "description": "How many lines to show around each"},
                "context": {**_AROUND, "description": "The same as -C"},
                "head_limit": {
                    **_AROUND,
                    "description": f"The most lines to answer with ({HEAD_LIMIT} if left out)",
                },
                "offset": {**_AROUND, "description": "How many lines of the answer to leave out"},
                "multiline": {"type": "boolean", "description": "Not available"},
            },
            "required": ["pattern"],
            "additionalProperties": False,
        },
    )

    @answering
    async def use(self, given: Mapping[str, Any], bench: Bench) -> Used:
        """Search; see `audition.tools.Tool`."""
        without_zeros(given, "pattern", "glob", "type")
        if given.get("multiline"):
            raise MistakeError("`multiline` is not available; search for a part of one line.")
        if len(given["pattern"]) > _PATTERN_CHARACTERS or "\n" in given["pattern"]:
            raise MistakeError(
                f"`pattern` is one line of at most {_PATTERN_CHARACTERS} characters."
            )
        place = spot(bench, given.get("path", WORKSPACE))
        folder = is_folder(place)
        chosen = _Chosen(given.get("glob", ""), given.get("type", ""))
        argv = ["grep", *_options(given), *chosen.options(place), "-e", given["pattern"], "--"]
        limits = replace(
            bench.limits,
            wall_s=min(WALL_S, bench.limits.wall_s),
            output_bytes=_KEPT_BYTES,
            kept_bytes=_KEPT_BYTES,
        )
        # So that no name of a file can look like grep's own words at the start of a message.
        searched = "." if place.path == "." else f"./{place.path}"
        ended = await bench.sandbox.run([*argv, searched], cwd=place.folder, limits=limits)
        remark = _remark(ended)
        start = place.path if folder else str(PurePosixPath(place.path).parent)
        found = _pairs(ended, mode=_mode(given))
        named = {
            path: inert(str(PurePosixPath(place.folder) / path))
            for path in {path for path, _ in found}
            if chosen.takes(path, start)
        }
        lines = [f"{named[path]}{rest}" for path, rest in found if path in named]
        return Used(content=_told(lines, given, remark))


def _mode(given: Mapping[str, Any]) -> str:
    return str(given.get("output_mode", "files_with_matches"))


class _Chosen:
    """Which files to search."""

    def __init__(self, glob: str, kind: str) -> None:
        if kind and kind not in TYPES:
            raise MistakeError(
                f"There is no type `{shown(kind)}`; {suggestion(kind, tuple(TYPES))}."
            )
        self.names = TYPES.get(kind, ())
        self.is_unwanted = glob.startswith("!")
        self.patterns = (
            [
                # As in a .gitignore, a pattern without a slash holds at any depth.
                read_pattern(one if "/" in one else f"**/{one}")
                for one in expanded(glob.removeprefix("!"))
            ]
            if glob
            else []
        )

    def options(self, place: Spot) -> Iterator[str]:
        """What grep itself can leave out."""
        named = place.path.split("/")
        yield from (f"--exclude-dir={name}" for name in SKIPPED if name not in named)
        yield from (f"--include={name}" for name in self.names)

    def takes(self, path: str, start: str) -> bool:
        """Whether a file is one of them: by its path from the workspace or from where it began."""
        if not self.patterns:
            return True
        paths = {path, str(PurePosixPath(path).relative_to(start))}
        matches = any(pattern.matches(one) for pattern in self.patterns for one in paths)
        return matches is not self.is_unwanted


def _options(given: Mapping[str, Any]) -> Iterator[str]:
    # Names end with a zero byte, since every other character can be part of one.
    yield from ("-rHIsZP", "-Dskip", "--color=never")
    if given.get("-i"):
        yield "-i"
    if _mode(given) != "content":
        yield {"files_with_matches": "-l", "count": "-c"}[_mode(given)]
        return
    yield "--no-group-separator"
    if given.get("-n", True):
        yield "-n"
    both = given.get("-C", given.get("context", 0))
    for option in ("-A", "-B"):
        yield f"{option}{min(given.get(option, both), _MOST_AROUND)}"


def _remark(ended: Finished) -> str:
    """What has to be said about what was not searched; empty where all was.

    Raises:
        MistakeError: grep refuses the expression.
        FaultError: there is no grep that knows these expressions.
    """
    said = ended.stderr.decode(errors="replace").strip()
    if ended.limit_hit:
        return "[The search was stopped before its end; search a smaller folder.]"
    if ended.exit_code in (0, 1):
        return ""
    if ended.exit_code in _NOT_RUN or said.startswith(_NO_SUCH_GREP):
        raise FaultError("sandbox", f"grep does not work there: {shown(said)}", retryable=False)
    first = shown(said.partition("\n")[0].removeprefix("grep: "))
    if ended.signal:
        first = "it broke down over this expression"
    if first and not ended.stdout:
        raise MistakeError(f"grep says: {first}")
    return f"[grep says: {first}]" if first else ""


def _pairs(ended: Finished, *, mode: str) -> list[tuple[str, str]]:
    """Path and what is to be shown after it, by path; the lines of a file in their order."""
    text = ended.stdout.decode(errors="surrogateescape")
    if mode == "files_with_matches":
        found = [(path, "") for path in text.split("\0") if path]
    else:
        parted = (line.partition("\0") for line in text.split("\n"))
        found = [(path, rest) for path, zero, rest in parted if zero]
        found = [
            (path, f":{_cut(rest)}") for path, rest in found if mode == "content" or rest != "0"
        ]
    # The order in which a folder holds its files is another on every disk.
    return sorted(((path.removeprefix("./"), rest) for path, rest in found), key=itemgetter(0))


def _cut(line: str) -> str:
    line = line.removesuffix("\r").encode(errors="surrogateescape").decode(errors="replace")
    if len(line) <= LINE_CHARACTERS:
        return line
    return f"{line[:LINE_CHARACTERS]}[... {len(line) - LINE_CHARACTERS} more characters]"


def _told(lines: list[str], given: Mapping[str, Any], remark: str) -> str:
    first = given.get("offset", 0)
    last = first + given.get("head_limit", HEAD_LIMIT) if given.get("head_limit") != 0 else None
    told = middle_cut("\n".join(lines[first:last])) or "Nothing matches."
    if lines and first >= len(lines):
        told = f"The answer has {len(lines)} lines; there is none after {first}."
    if last is not None and last < len(lines):
        told += f"\n[There are {len(lines)} lines; go on with offset {last}.]"
    return f"{told}\n{remark}" if remark else told
