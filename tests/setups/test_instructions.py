from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audition.setups.instructions import read_instructions
from audition.setups.markdown import read_markdown
from audition.setups.setup import Finding
from audition.setups.tree import FolderTree


def make_project(root: Path, files: dict[str, str]) -> Path:
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    return root


def read(root: Path, files: dict[str, str]) -> tuple[list[str], tuple[Finding, ...]]:
    instructions, findings = read_instructions(FolderTree(make_project(root, files)))
    return [instruction.path for instruction in instructions], findings


def test_files_come_in_the_order_in_which_they_are_sent(tmp_path: Path) -> None:
    paths, findings = read(
        tmp_path,
        {
            ".claude/rules/b.md": "B",
            ".claude/rules/a/z.md": "Z",
            ".claude/CLAUDE.md": "inner",
            "CLAUDE.md": "See @docs/one.md for it.\n- @./docs/two\n",
            "docs/one.md": "@deep/three.json",
            "docs/deep/three.json": "{}",
            "docs/two": "two",
        },
    )

    assert paths == [
        "CLAUDE.md",
        "docs/one.md",
        "docs/deep/three.json",
        "docs/two",
        ".claude/CLAUDE.md",
        ".claude/rules/a/z.md",
        ".claude/rules/b.md",
    ]
    assert findings == ()


def test_import_line_stays_and_a_cycle_ends(tmp_path: Path) -> None:
    make_project(tmp_path, {"CLAUDE.md": "@a.md", "a.md": "@CLAUDE.md and @a.md"})

    instructions, findings = read_instructions(FolderTree(tmp_path))

    assert [text.text for text in instructions] == ["@a.md", "@CLAUDE.md and @a.md"]
    assert findings == ()


def test_fifth_level_is_dropped_and_named(tmp_path: Path) -> None:
    files = {f"{n}.md": f"@{n + 1}.md" for n in range(1, 6)}

    paths, (finding,) = read(tmp_path, {"CLAUDE.md": "@1.md", **files})

    assert paths == ["CLAUDE.md", "1.md", "2.md", "3.md", "4.md"]
    assert (finding.path, finding.line, finding.level) == ("4.md", 1, "not loaded")
    assert "level 5" in finding.what


@pytest.mark.parametrize(
    ("line", "level", "what"),
    [
        ("@missing.md", "not loaded", "does not exist"),
        ("@../outside.md", "not loaded", "outside the project"),
        ("@~/notes.md", "not loaded", "outside the project"),
        ("@/etc/motd.md", "not loaded", "outside the project"),
        ("@docs", "not loaded", "is a folder"),
        ("@logo.png", "not loaded", "is no text"),
        ("@data.bin", "not loaded", "is no text"),
        ("Read @docs/a.md.", "not loaded", "`.` is in the path"),
        ("Read @docs/a.md, then", "not loaded", "`,` is in the path"),
        ("(@docs/a.md)", "note", "inside a word"),
        ("mail x@docs/a.md", "note", "inside a word"),
        ("`@docs/a.md`", "note", "in code"),
        ("~~~\n@docs/a.md\n~~~", "note", "in code"),
        ("<!-- @docs/a.md -->", "note", "in a comment"),
        ("ask @alice", "note", "does not exist"),
        ("use @/components/button", "note", "outside the project"),
    ],
)
def test_import_that_does_nothing_is_named(
    tmp_path: Path, line: str, level: str, what: str
) -> None:
    files = {"CLAUDE.md": f"# Rules\n\n{line}\n", "docs/a.md": "A", "logo.png": "x"}
    (tmp_path / "data.bin").write_bytes(b"a\0b")

    paths, (finding,) = read(tmp_path, files)

    assert paths == ["CLAUDE.md"]
    assert (finding.path, finding.level) == ("CLAUDE.md", level)
    assert finding.line == (4 if line.startswith("~~~") else 3)
    assert what in finding.what


def test_addresses_and_decorators_in_code_are_no_findings(tmp_path: Path) -> None:
    text = "Write to me@example.org.\n\n```python\n@pytest.fixture\n```\nand `@Override`.\n"

    assert read(tmp_path, {"CLAUDE.md": text}) == (["CLAUDE.md"], ())


def test_comments_are_cut_from_the_text_outside_code() -> None:
    page = read_markdown("a <!-- one\ntwo --> b\n```\n<!-- kept -->\n```\n`<!-- kept -->` c")

    assert page.text == "a  b\n```\n<!-- kept -->\n```\n`<!-- kept -->` c"


def test_comment_without_an_end_stays() -> None:
    assert read_markdown("a <!-- b\n@c.md").text == "a <!-- b\n@c.md"


def test_span_ends_at_an_empty_line_and_at_backticks_of_its_own_number() -> None:
    text = "`open\n\n@one.md\n``a ` @two.md``\n@three.md `x` @four.md"

    live = [line.path for line in read_markdown(text).imports if not line.is_inert]

    assert live == ["one.md", "three.md", "four.md"]


def test_path_with_an_escaped_space_is_followed(tmp_path: Path) -> None:
    paths, findings = read(tmp_path, {"CLAUDE.md": "@my\\ notes.md", "my notes.md": "x"})

    assert paths == ["CLAUDE.md", "my notes.md"]
    assert findings == ()


def test_link_that_leaves_the_project_is_not_imported(tmp_path: Path) -> None:
    root = make_project(tmp_path / "root", {"CLAUDE.md": "@link.md"})
    (tmp_path / "secret.md").write_text("secret")
    (root / "link.md").symlink_to(tmp_path / "secret.md")

    paths, (finding,) = read(root, {})

    assert paths == ["CLAUDE.md"]
    assert "outside the project" in finding.what


def test_rule_for_some_paths_is_not_modelled(tmp_path: Path) -> None:
    files = {
        ".claude/rules/api.md": "---\n# about\npaths: src/api/**\n---\nRule",
        ".claude/rules/all.md": "---\ntitle: x\n---\nRule for all",
    }

    paths, (finding,) = read(tmp_path, files)

    assert paths == [".claude/rules/all.md"]
    assert (finding.path, finding.line) == (".claude/rules/api.md", 3)
    assert finding.level == "not modelled"


def test_what_is_never_read_is_named(tmp_path: Path) -> None:
    paths, findings = read(tmp_path, {"CLAUDE.local.md": "mine", "AGENTS.md": "theirs"})

    assert paths == []
    assert {finding.path for finding in findings} == {"CLAUDE.local.md", "AGENTS.md"}


def test_imported_agents_page_is_no_finding(tmp_path: Path) -> None:
    assert read(tmp_path, {"CLAUDE.md": "@AGENTS.md", "AGENTS.md": "theirs"})[1] == ()


def test_too_large_file_is_named(tmp_path: Path) -> None:
    paths, (finding,) = read(tmp_path, {"CLAUDE.md": "x" * (2 << 20)})

    assert paths == []
    assert finding.level == "not loaded"


@given(st.text() | st.text(alphabet="`~@a.md<!-- >\n\\ -", max_size=200))
def test_no_text_ever_raises_and_only_comments_are_cut(text: str) -> None:
    page = read_markdown(text)

    assert len(page.text) <= len(text)
    assert "<!--" in text or page.text == text
    for line in page.imports:
        assert 1 <= line.line <= text.count("\n") + 1
