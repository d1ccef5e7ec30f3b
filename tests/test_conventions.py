"""The house rules that no linter knows."""

import ast
import json
import re
import subprocess
import tomllib
from pathlib import Path

import pytest

from audition import parts

ROOT = Path(__file__).parent.parent
SOURCE, TESTS = ROOT / "src" / "audition", ROOT / "tests"
SHELVES = ("checks", "commands", "models", "runtimes", "tools")
LONGEST_SOURCE, LONGEST_TEST = 500, 600
EDITOR_LINE = re.compile(r"# yaml-language-server: \$schema=(\S+)\n")

# Folders that exist on one machine, and the servers of package registries and their mirrors.
_MACHINE = re.compile(r"(?<![\w.~:/-])/(?:home|Users|root|work|mnt|srv)/[\w.-]")
_REGISTRY = re.compile(
    r"\b(?:pypi|pythonhosted|npmjs|npmmirror|artifactory|nexus)[\w.-]*\.(?:org|com|net|io|local)\b",
    re.IGNORECASE,
)


def python_files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*.py") if "__pycache__" not in path.parts)


def shelved() -> list[tuple[str, str]]:
    """Every part, with its shelf."""
    return [(shelf, name) for shelf in SHELVES for name in parts.names(shelf)]


def tracked_files() -> list[Path]:
    """Everything that is or would be committed."""
    listed = subprocess.run(
        ["git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others",
         "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    return [path for name in listed.split("\0") if name and (path := ROOT / name).is_file()]


@pytest.mark.parametrize(("shelf", "name"), shelved())
class TestPart:
    def test_is_the_one_public_class_of_its_file(self, shelf: str, name: str) -> None:
        tree = ast.parse((SOURCE / shelf / f"{name}.py").read_text(encoding="utf-8"))
        classes = [node.name for node in tree.body if isinstance(node, ast.ClassDef)]
        own = parts.class_name(name)

        assert own in classes
        if shelf == "checks":
            assert classes == [own]

    def test_has_a_test_file_of_its_name(self, shelf: str, name: str) -> None:
        path = TESTS / shelf / f"test_{name}.py"

        assert path.is_file()
        assert "def test_" in path.read_text(encoding="utf-8")

    def test_has_a_manual_with_an_example(self, shelf: str, name: str) -> None:
        first, *_ = manual = parts.manual(shelf, name).splitlines()

        assert len(first) <= 100
        assert any(line.startswith("    ") for line in manual)


@pytest.mark.parametrize("name", parts.names("checks"))
def test_the_manual_of_a_check_tells_what_it_needs_and_every_verdict(name: str) -> None:
    manual = parts.manual("checks", name)
    facts = re.findall(r"^(Needs|pass|fail|skip|fault): \S", manual, re.MULTILINE)

    assert facts == ["Needs", "pass", "fail", "skip", "fault"]


def test_no_test_uses_mocks() -> None:
    users = set()
    for path in python_files(TESTS):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            imported = [
                alias.name for alias in getattr(node, "names", []) if hasattr(alias, "name")
            ]
            imported += [str(getattr(node, "module", ""))]
            named = [getattr(node, "arg", "")]
            if any("mock" in str(name).split(".") for name in imported) or "mocker" in named:
                users.add(path.relative_to(ROOT).as_posix())

    assert users == set()


@pytest.mark.parametrize(
    ("folder", "longest"),
    [(SOURCE, LONGEST_SOURCE), (ROOT / "benchmarks", LONGEST_SOURCE), (TESTS, LONGEST_TEST)],
    ids=["source", "benchmarks", "tests"],
)
def test_no_file_is_too_long_to_be_read(folder: Path, longest: int) -> None:
    lengths = {
        path.relative_to(ROOT).as_posix(): len(path.read_text(encoding="utf-8").splitlines())
        for path in python_files(folder)
    }

    assert lengths
    assert {path: lines for path, lines in lengths.items() if lines > longest} == {}


def test_no_name_says_nothing() -> None:
    empty = re.compile(r"(^|_)(utils?|helpers?|common|misc|manager|base)(_|$)")
    names = [path.stem for path in python_files(SOURCE)]

    assert [name for name in names if empty.search(name)] == []


def test_nothing_that_is_committed_names_a_machine_or_a_package_index() -> None:
    found = []
    for path in tracked_files():
        content = path.read_bytes()
        text = content.decode("utf-8", "replace")
        for pattern in (_MACHINE, _REGISTRY):
            found += [f"{path.relative_to(ROOT)}: {hit[0]}" for hit in pattern.finditer(text)]

    assert found == []


@pytest.mark.parametrize(
    ("folder", "kind"), [("evals", "suite"), ("datasets", "dataset")], ids=["suites", "datasets"]
)
def test_shipped_files_lead_an_editor_to_their_schema(folder: str, kind: str) -> None:
    paths = sorted((ROOT / folder).glob("*.yaml"))

    assert paths
    for path in paths:
        line = EDITOR_LINE.match(path.read_text(encoding="utf-8"))
        assert line, f"{path.name} does not begin with the line for editors"
        schema = path.parent / line[1]
        assert schema.resolve() == ROOT / "schemas" / f"{kind}.schema.json"
        assert json.loads(schema.read_text(encoding="utf-8"))["properties"]


@pytest.mark.parametrize("shelf", ["checks", "models"])
def test_every_part_is_under_the_contract_that_parts_know_no_other(shelf: str) -> None:
    rules = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = rules["tool"]["importlinter"]["contracts"]
    listed = {module for rule in contracts for module in rule.get("modules", ())}

    assert {f"audition.{shelf}.{name}" for name in parts.names(shelf)} <= listed
