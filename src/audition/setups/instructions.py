"""`CLAUDE.md`, its imports and its relatives, in the order in which Claude Code sends them.

An import is `@path` at the start of a word, outside code and comments, relative to its file, inside
the project, at most four levels deep, and taken once. All other imports are dropped without a word
by Claude Code, and are findings here.
"""

import posixpath
import re
from dataclasses import replace

from audition.setups.front_matter import FrontMatter, read_front_matter
from audition.setups.markdown import ImportLine, read_markdown
from audition.setups.setup import Finding, Instruction, Level
from audition.setups.tree import Tree, read_text

MAX_LEVELS = 4
PROJECT = ("CLAUDE.md", ".claude/CLAUDE.md")
RULES = ".claude/rules"
_PERSONAL = "CLAUDE.local.md"
_IMAGES = (".png", ".jpg", ".jpeg", ".gif", ".webp", ".bmp", ".ico", ".pdf")
_PUNCTUATION = ".,;:!?)]}>'\"*_`"


def read_instructions(
    tree: Tree, paths: tuple[str, ...] = PROJECT, *, prefix: str = ""
) -> tuple[tuple[Instruction, ...], tuple[Finding, ...]]:
    """Read the given files with their imports, and after the project's own its rules.

    Args:
        tree: Where to read; nothing outside it is ever imported.
        paths: The files to begin with; those that are missing are passed over.
        prefix: What stands before each path in findings and instructions: `~/` for a home folder.
    """
    reader = _Reader(tree, prefix)
    for path in paths:
        reader.begin(path)
    if paths == PROJECT:
        reader.read_rules()
        reader.look_at_what_is_not_read()
    return tuple(reader.instructions), tuple(reader.findings)


class _Reader:
    """Follows imports depth first; a file that was read once is not read again."""

    def __init__(self, tree: Tree, prefix: str) -> None:
        self.tree = tree
        self.prefix = prefix
        self.seen: set[str] = set()
        self.instructions: list[Instruction] = []
        self.findings: list[Finding] = []

    def begin(self, path: str) -> None:
        self.findings += [
            replace(finding, path=self.prefix + finding.path)
            for finding in self.tree.findings(path)
        ]
        if path in self.tree.files(path) and path not in self.seen:
            text = self._text(path)
            if isinstance(text, OSError):
                what = f"cannot be read: it {_reason(text)}"
                self._find(path, 1, what, "mend the file", is_lost=True)
            else:
                self._take(path, text, level=0)

    def read_rules(self) -> None:
        self.findings += self.tree.findings(RULES)
        for path in self.tree.files(RULES):
            if not path.endswith(".md") or path in self.seen:
                continue
            text = self._text(path)
            if isinstance(text, OSError):
                self._find(path, 1, f"cannot be read: it {_reason(text)}", "mend it", is_lost=True)
                continue
            matter = read_front_matter(text)
            if isinstance(matter, FrontMatter) and matter.fields.get("paths") is not None:
                what = "is a rule for some paths only, sent once such a file is touched"
                do = "expect trials without it"
                line = matter.lines["paths"]
                self.findings.append(Finding(path, line, what, do, "not modelled"))
            else:
                self._take(path, matter.body if isinstance(matter, FrontMatter) else text, level=0)

    def look_at_what_is_not_read(self) -> None:
        if self.tree.files(_PERSONAL):
            what = "holds personal instructions, which are left out: nobody else has them"
            finding = Finding(_PERSONAL, 1, what, "move shared rules to CLAUDE.md", "not modelled")
            self.findings.append(finding)
        if self.tree.files("AGENTS.md") and "AGENTS.md" not in self.seen:
            do = "write `@AGENTS.md` into CLAUDE.md"
            self._find("AGENTS.md", 1, "is not read by Claude Code", do)

    def _take(self, path: str, text: str, level: int) -> None:
        self.seen.add(path)
        page = read_markdown(text)
        self.instructions.append(Instruction(self.prefix + path, page.text))
        for line in page.imports:
            self._follow(path, line, level + 1)

    def _follow(self, importer: str, line: ImportLine, level: int) -> None:
        target, problem = self._target(importer, line.path)
        if line.is_inert or problem or target is None:
            self._report_dropped(importer, line, target, problem)
            return
        if target in self.seen:
            return
        text = self._text(target)
        if isinstance(text, OSError):
            self._report_unread(importer, line, text)
        elif level > MAX_LEVELS:
            what = f"imports `@{line.path}` at level {level}; the last one read is {MAX_LEVELS}"
            self._find(importer, line.line, what, "import it further up", is_lost=True)
        else:
            self._take(target, text, level)

    def _target(self, importer: str, written: str) -> tuple[str | None, str]:
        """The path in the tree, or what is wrong with it."""
        folder = posixpath.dirname(importer)
        if written.startswith("~/") and self.prefix:
            folder, written = "", written[2:]
        target = posixpath.normpath(posixpath.join(folder, written))
        if written.startswith("~/") or target == ".." or target.startswith(("/", "../")):
            return None, "is outside the project, not imported"
        return target, ""

    def _report_dropped(
        self, importer: str, line: ImportLine, target: str | None, problem: str
    ) -> None:
        shown = f"`@{line.path}`"
        if not line.is_inert:
            what, do = f"names {shown}, which {problem}", "move the file into the project"
            is_lost = _looks_like_a_path(line.path)
            self._find(importer, line.line, what, do, is_lost=is_lost)
        elif target is not None and self._holds(_without_punctuation(target)):
            do = "put it at the start of a word outside code, if it is meant"
            self._find(importer, line.line, f"names {shown} {line.where}, not imported", do)

    def _report_unread(self, importer: str, line: ImportLine, error: OSError) -> None:
        shorter = _without_punctuation(line.path)
        target, problem = self._target(importer, shorter)
        if shorter != line.path and not problem and target and self._holds(target):
            what = (
                f"names `@{line.path}`, not imported: `{line.path[len(shorter) :]}` is in the path"
            )
            do = "put a space after the path"
            self._find(importer, line.line, what, do, is_lost=True)
            return
        what = f"names `@{line.path}`, not imported: it {_reason(error)}"
        is_lost = not isinstance(error, FileNotFoundError) or _looks_like_a_path(line.path)
        do = "mend the path" if is_lost else "nothing, if no file is meant"
        self._find(importer, line.line, what, do, is_lost=is_lost)

    def _text(self, path: str) -> str | OSError:
        if path.lower().endswith(_IMAGES):
            return OSError(0, "is no text")
        try:
            data = self.tree.read(path)
        except OSError as error:
            return error
        if b"\0" in data:
            return OSError(0, "is no text")
        return read_text(data).removeprefix("\ufeff")

    def _holds(self, path: str) -> bool:
        return not isinstance(self._text(path), OSError)

    def _find(self, path: str, line: int, what: str, do: str, *, is_lost: bool = False) -> None:
        level: Level = "not loaded" if is_lost else "note"
        self.findings.append(Finding(self.prefix + path, line, what, do, level))


def _reason(error: OSError) -> str:
    return "does not exist" if isinstance(error, FileNotFoundError) else str(error.strerror)


def _without_punctuation(path: str) -> str:
    return path.rstrip(_PUNCTUATION)


def _looks_like_a_path(written: str) -> bool:
    """A mention such as `@alice` or `@types/node` is hardly an import that somebody misses."""
    return bool(re.search(r"\.(md|txt|json|ya?ml|toml|rst|mdx)\W*$|^(\.{1,2}|~)/", written, re.I))
