"""Which revision a text on a command line means; what is wrong with it is said before any cost."""

from difflib import get_close_matches
from pathlib import Path

from audition.errors import InputError, Problem
from audition.git_objects import GitObjects, commit_of, top_of
from audition.hardened_git import FAILURES, run_git
from audition.results import SUFFIX as RESULTS
from audition.results import load_either
from audition.revisions import NONE, Folder, GitRevision, NoAgents, Revision, RunFile
from audition.runfile import SUFFIX

_KINDS = "a git revision, a folder, a run file or `none`"
_AS_PATHS = ("./", "../", "/", "~")
_MOST_NAMED = 8


def resolve(text: str, *, beside: Path, option: str = "--base") -> Revision:
    """The revision that a text means.

    Args:
        text: As the user wrote it; paths are relative to the current folder.
        beside: The folder of the suite; its repository is the one that revisions are of.
        option: Where the text was written.

    Raises:
        InputError: the text means nothing, or more than one thing.
        FileFormatError: it names a run file that cannot be read.
    """
    if text == NONE:
        return NoAgents()
    is_folder, is_file = _is_there(text)
    if is_file or (text.endswith((SUFFIX, RESULTS)) and not is_folder):
        return _run_file(text, option)
    if is_folder and (text in (".", "..") or text.startswith(_AS_PATHS)):
        return Folder(Path(text))
    top = top_of(beside)
    commit = commit_of(top, text) if top else None
    if commit and top:
        _refuse_two_meanings(text, top, option=option, is_folder=is_folder)
        return GitRevision(text, GitObjects(top, commit))
    if is_folder:
        return Folder(Path(text))
    raise InputError([_meaningless(text, top, option)])


def _is_there(text: str) -> tuple[bool, bool]:
    """Whether a folder or a file of that name lies there."""
    try:
        return bool(text) and Path(text).is_dir(), bool(text) and Path(text).is_file()
    except (OSError, ValueError):
        return False, False


def _run_file(text: str, option: str) -> RunFile:
    path = Path(text)
    if not path.is_file():
        what, do = f"there is no run file {text!r}", "`audition run SUITE` makes one"
        raise InputError([Problem(option, what, do)])
    if not text.endswith((SUFFIX, RESULTS)):
        what = f"{text!r} is a file, and no run file by its name"
        raise InputError([Problem(option, what, f"name {_KINDS}; run files end in {SUFFIX}")])
    load_either(path)
    return RunFile(path)


def _refuse_two_meanings(text: str, top: Path, *, option: str, is_folder: bool) -> None:
    kinds = {"refs/heads/": "a branch", "refs/tags/": "a tag"}
    found = {kind: commit_of(top, f"{kind}{text}") for kind in kinds}
    named = [f"{kind}{text}" for kind, commit in found.items() if commit]
    if is_folder:
        revision = named[0] if named else f"{text}^0"
        what = f"{text!r} is a folder here and a revision of the repository"
        raise InputError([Problem(option, what, f"write './{text}' or '{revision}'")])
    if len(set(found.values()) - {None}) > 1:
        what = f"{text!r} is a branch and a tag, and they are two commits"
        raise InputError([Problem(option, what, f"write {' or '.join(map(repr, named))}")])


def _meaningless(text: str, top: Path | None, option: str) -> Problem:
    if not text:
        return Problem(option, "is empty", f"name {_KINDS}")
    if top is None:
        what = f"{text!r} is no folder and no run file, and the suite lies in no git repository"
        return Problem(option, what, f"name {_KINDS}")
    if any(mark in text for mark in ("..", ":")) and not text.startswith("-"):
        what = f"{text!r} names no single commit"
        return Problem(option, what, "name one side of the comparison in each option")
    known = _names(top)
    close = [name for name in known if name.endswith(f"/{text}")]
    close = close or get_close_matches(text, known, n=1, cutoff=0.6)
    what = f"there is no revision, folder or run file {text!r}"
    if close:
        return Problem(option, what, f"did you mean {close[0]!r}?")
    if _is_shallow(top):
        return Problem(option, what, "this clone is a shallow one: fetch the revision first")
    some = ", ".join(known[:_MOST_NAMED])
    return Problem(option, what, f"branches and tags are: {some}" if some else f"name {_KINDS}")


def _names(top: Path) -> list[str]:
    """The branches and tags, those of remotes last."""
    refs = ["refs/heads", "refs/tags", "refs/remotes"]
    try:
        said = run_git(["for-each-ref", "--format=%(refname:short)", *refs], cwd=top)
    except FAILURES:
        return []
    return said.decode(errors="replace").split()


def _is_shallow(top: Path) -> bool:
    try:
        return run_git(["rev-parse", "--is-shallow-repository"], cwd=top).strip() == b"true"
    except FAILURES:
        return False
