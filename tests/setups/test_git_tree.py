import os
import subprocess
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audition.errors import InputError
from audition.git_objects import GitObjects, commit_of, top_of
from audition.setups.git_tree import GitTree
from audition.setups.loader import load_setup, load_tree
from audition.setups.setup import Setup
from audition.setups.tree import MAX_FILE_BYTES, FolderTree, read_text


def git(folder: Path, *arguments: str) -> str:
    identity = ("-c", "user.name=A", "-c", "user.email=a@example.org")
    done = subprocess.run(
        ["git", *identity, *arguments], cwd=folder, check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


def write(root: Path, files: dict[str, str | bytes]) -> Path:
    root.mkdir(parents=True, exist_ok=True)
    for path, content in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        data = content.encode() if isinstance(content, str) else content
        (root / path).write_bytes(data)
    return root


def committed(root: Path) -> str:
    if not (root / ".git").exists():
        git(root, "init", "-q", "-b", "main")
    git(root, "add", "--all")
    git(root, "commit", "-q", "--allow-empty", "-m", "as it is")
    return git(root, "rev-parse", "HEAD")


def tree_of(root: Path, folder: str = "", revision: str = "HEAD") -> GitTree:
    commit = commit_of(root, revision)
    assert commit
    return GitTree(GitObjects(root, commit), folder, revision)


def definition(name: str, description: str = "Does it.") -> str:
    return f"---\nname: {name}\ndescription: {description}\n---\nBody of {name}.\n"


def what_matters(setup: Setup) -> tuple[object, ...]:
    agents = [(a.name, a.description, a.body, a.path) for a in setup.agents]
    return setup.digest, setup.routing_digest, agents, setup.instructions, setup.settings


def test_listing_and_contents_are_those_of_the_folder(tmp_path: Path) -> None:
    files = {"b.md": "b", "a/c.md": "c", "a/d/é f.md": "ü", ".gitignore": "junk\n"}
    root = write(tmp_path, dict(files))
    committed(root)
    write(root, {"junk": "ignored", "new.md": "never added"})
    tree = tree_of(root)

    assert tree.files() == (".gitignore", "a/c.md", "a/d/é f.md", "b.md")
    assert tree.files("a") == ("a/c.md", "a/d/é f.md")
    assert tree.files("a", deep=False) == ("a/c.md",)
    assert tree.files("a/c.md") == ("a/c.md",)
    assert tree.files("nowhere") == ()
    assert tree.read("a/d/é f.md") == "ü".encode()
    assert tree.findings() == ()


def test_an_older_revision_is_read_as_it_was(tmp_path: Path) -> None:
    root = write(tmp_path, {"agents/a.md": definition("a"), "CLAUDE.md": "Old."})
    old = committed(root)
    write(root, {"agents/b.md": definition("b"), "CLAUDE.md": "New."})
    committed(root)
    write(root, {"CLAUDE.md": "Not committed."})

    then, now = load_tree(tree_of(root, revision=old)), load_tree(tree_of(root))

    assert [agent.name for agent in then.agents] == ["a"]
    assert [agent.name for agent in now.agents] == ["a", "b"]
    assert [then.instructions[0].text, now.instructions[0].text] == ["Old.", "New."]


def test_nothing_of_the_repository_is_run(tmp_path: Path) -> None:
    root = write(tmp_path / "root", {"CLAUDE.md": "Hi.\n", ".gitattributes": "* filter=evil\n"})
    commit = committed(root)
    git(root, "config", "filter.evil.smudge", f"touch {tmp_path}/ran; cat")
    git(root, "config", "core.fsmonitor", f"touch {tmp_path}/ran; false")

    assert tree_of(root, revision=commit).read("CLAUDE.md") == b"Hi.\n"
    assert not (tmp_path / "ran").exists()


def test_links_are_followed_inside_the_folder_and_named_when_they_leave_it(tmp_path: Path) -> None:
    root = write(
        tmp_path / "root",
        {"evals/common/a.md": "a", "evals/common/sub/b.md": "b", "secret/s.md": "s"},
    ).resolve()
    links = {
        "agents": "common", "common/loop": "..", "out": "../secret", "nothing.md": "missing.md",
        "self.md": "self.md", "away": "/etc", "back": "../evals/common", "chain": "agents/sub",
    }  # fmt: skip
    for name, target in links.items():
        (root / "evals" / name).symlink_to(target)
    committed(root)
    tree, folder = tree_of(root, "evals"), FolderTree(root / "evals")

    assert tree.files() == folder.files()
    assert {(f.path, f.what) for f in tree.findings()} == {
        (f.path, f.what) for f in folder.findings()
    }
    assert tree.read("agents/sub/b.md") == tree.read("back/sub/b.md") == b"b"
    assert tree.files("chain") == ("chain/b.md",)
    with pytest.raises(OSError, match="outside the project"):
        tree.read("out/s.md")
    with pytest.raises(OSError, match="outside the project"):
        tree.read("../secret/s.md")


def test_errors_are_those_of_a_folder(tmp_path: Path) -> None:
    root = write(
        tmp_path,
        {
            "folder/a.md": "a",
            "big.md": b"x" * (MAX_FILE_BYTES + 1),
            "full.md": b"x" * MAX_FILE_BYTES,
        },
    )
    committed(root)
    tree = tree_of(root)

    assert len(tree.read("full.md")) == MAX_FILE_BYTES
    with pytest.raises(OSError, match="larger than"):
        tree.read("big.md")
    with pytest.raises(IsADirectoryError):
        tree.read("folder")
    with pytest.raises(FileNotFoundError):
        tree.read("none.md")
    with pytest.raises(NotADirectoryError):
        tree.read("full.md/x.md")


def test_a_submodule_is_an_empty_folder_and_said_to_be_one(tmp_path: Path) -> None:
    inner = write(tmp_path / "inner", {"shared.md": definition("shared")})
    committed(inner)
    root = write(tmp_path / "root", {"agents/a.md": definition("a")})
    git(root, "init", "-q", "-b", "main")
    git(root, "-c", "protocol.file.allow=always", "submodule", "add", "-q", str(inner), "agents/in")
    committed(root)
    tree = tree_of(root)

    assert tree.files() == (".gitmodules", "agents/a.md")
    (finding,) = tree.findings("agents")
    assert (finding.path, finding.level) == ("agents/in", "not loaded")
    git(root, "clone", "-q", str(root), str(tmp_path / "clone"))
    clean = load_setup(tmp_path / "clone")
    assert load_tree(tree).digest == clean.digest


@pytest.mark.parametrize("folder", ["none", "CLAUDE.md", "out", "evals/../..", "dead"])
def test_a_folder_that_the_revision_lacks_is_an_input_error(tmp_path: Path, folder: str) -> None:
    root = write(tmp_path, {"CLAUDE.md": "x", "evals/CLAUDE.md": "y"})
    (root / "out").symlink_to("..")
    (root / "dead").symlink_to("nowhere")
    commit = committed(root)

    with pytest.raises(InputError, match="has no folder"):
        GitTree(GitObjects(root, commit), folder, "HEAD")


def test_a_setup_reached_through_a_link_is_the_folder_it_leads_to(tmp_path: Path) -> None:
    root = write(tmp_path, {"setups/v2/agents/a.md": definition("a")})
    (root / "current").symlink_to("setups/v2")
    committed(root)

    assert tree_of(root, "current").files() == ("agents/a.md",)


def test_a_clone_without_the_contents_is_an_error_and_no_smaller_setup(tmp_path: Path) -> None:
    root = write(tmp_path, {"agents/a.md": definition("a")})
    commit = committed(root)
    blob = git(root, "rev-parse", "HEAD:agents/a.md")
    (root / ".git/objects" / blob[:2] / blob[2:]).unlink()

    with pytest.raises(InputError, match="partial"):
        load_tree(GitTree(GitObjects(root, commit), "", "HEAD"))


def test_the_top_of_a_repository_and_its_commits_are_found(tmp_path: Path) -> None:
    root = write(tmp_path / "root", {"a/b.md": "x"})
    commit = committed(root)

    assert top_of(root / "a") == root.resolve()
    assert top_of(tmp_path) is None
    assert commit_of(root, "main") == commit_of(root, commit[:8]) == commit
    for text in ("", "-h", "--all", "nowhere", "HEAD:a", "main..main", "a\0b"):
        assert commit_of(root, text) is None


# ── The same digest from git's objects and from a clean checkout ──────────────────────────────────

NAMES = st.sampled_from(
    ["a", "b", "deep", "ünï çode", "with space", "-dash", "star*[x]", "q'\"uote"]
)
PATHS = st.lists(NAMES, min_size=1, max_size=3).map("/".join)
FOLDERS = st.sampled_from(["", ".claude/agents/", "agents/", ".claude/rules/", "docs/"])
LINES = st.sampled_from(
    ["See @docs/a.md now.", "@docs/deep/b.md", "- @./docs/a.md", "@../outside.md", "`@docs/a.md`",
     "@docs/ünï", "Plain words.", "@linked.md", "@ignored.md", "", "@docs/link.md"]
)  # fmt: skip
TEXTS = st.lists(LINES, max_size=4)
TARGETS = st.sampled_from(
    ["docs", "docs/a.md", "../docs", "../docs/a.md", "../../outside.md", "nowhere", ".", "..",
     "agents", ".claude/agents", "../agents", "/etc/os-release", "linked.md", "../a.md"]
)  # fmt: skip


@st.composite
def small_trees(draw: st.DrawFn) -> tuple[dict[str, bytes], dict[str, str]]:
    """Files and links of a folder that may be a setup."""
    ends = draw(st.sampled_from(["\n", "\r\n"]))
    files: dict[str, bytes] = {}
    for folder, path in draw(st.lists(st.tuples(FOLDERS, PATHS), max_size=6)):
        name = draw(st.sampled_from(["a", "b", "c"]))
        body = ends.join(draw(TEXTS))
        is_agent = draw(st.booleans())
        text = definition(name, body or "x").replace("\n", ends) if is_agent else body
        files[f"{folder}{path}.md"] = text.encode()
    files["docs/a.md"] = ends.join(draw(TEXTS)).encode()
    files["CLAUDE.md"] = ends.join(draw(TEXTS)).encode()
    if draw(st.booleans()):
        files[".claude/settings.json"] = b'{"permissions": {"deny": ["Agent(a)"]}}'
    places = st.sampled_from(
        ["agents/link.md", ".claude/agents/more", "docs/link.md", "linked.md", "agents",
         "docs/loop", ".claude/settings.json", ".claude/rules/more", ".claude/CLAUDE.md"]
    )  # fmt: skip
    links = draw(st.dictionaries(places, TARGETS, max_size=4))
    return files, links


def laid_out(root: Path, files: dict[str, bytes], links: dict[str, str]) -> None:
    """As much of them as fits together on a disk."""
    for path, data in files.items():
        write(root, {path: data})
    for path, target in links.items():
        place = root / path
        if not place.parent.is_symlink() and not os.path.lexists(place):
            place.parent.mkdir(parents=True, exist_ok=True)
            place.symlink_to(target)


@settings(max_examples=50, deadline=None)
@given(small_trees(), st.sampled_from(["", "evals/"]), st.booleans())
def test_a_revision_and_its_clean_checkout_are_the_same_setup(
    made: tuple[dict[str, bytes], dict[str, str]], below: str, crlf: bool
) -> None:
    files, links = made
    with tempfile.TemporaryDirectory() as place:
        root = Path(place).resolve() / "repository"
        folder = root / below
        folder.mkdir(parents=True)
        write(root, {".gitignore": "ignored.md\nbuild/\n", "outside.md": "Outside."})
        laid_out(folder, files, links)
        commit = committed(root)
        git(root, "clone", "-q", "--no-local", str(root), f"{place}/clone")
        clone = Path(place).resolve() / "clone"
        if crlf:  # a checkout with other line ends is the same setup
            git(clone, "config", "core.autocrlf", "true")
            git(clone, "rm", "-q", "--cached", "-r", ".")
            git(clone, "reset", "-q", "--hard")
        tree = GitTree(GitObjects(root, commit), below.rstrip("/"), "HEAD")
        clean = FolderTree(clone / below)

        assert tree.files() == clean.files()
        for path in tree.files():
            assert read_text(tree.read(path)) == read_text(clean.read(path))
        assert what_matters(load_tree(tree)) == what_matters(load_tree(clean))

        # What git ignores changes nothing, unless it lies among the definitions, which is said.
        write(clone / below, {"ignored.md": "Ignored.", "build/x.md": definition("x")})
        littered = load_tree(FolderTree(clone / below))
        is_said = any("left out by git" in finding.what for finding in littered.findings)
        assert is_said or what_matters(littered) == what_matters(load_tree(tree))


def test_names_that_are_no_text_are_read_all_the_same(tmp_path: Path) -> None:
    root = write(tmp_path, {"agents/a.md": definition("a")})
    odd = os.fsdecode(b"agents/\xff\xfe.md")
    write(root, {odd: definition("odd")})
    committed(root)

    assert tree_of(root).files("agents") == FolderTree(root).files("agents")
    assert tree_of(root).read(odd) == definition("odd").encode()
