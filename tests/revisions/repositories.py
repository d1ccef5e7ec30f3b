"""A small repository with a setup and a suite, for tests that need two revisions of it."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.conftest import BACKEND, CASES, FRONTEND, SUITE, WRITER

FILES = {
    "evals/agents/backend.md": BACKEND,
    "evals/agents/frontend.md": FRONTEND,
    "evals/agents/writer.md": WRITER,
    "evals/CLAUDE.md": "Answer questions yourself. See @docs/house.md for the rest.\n",
    "evals/docs/house.md": "Commit small.\n",
    "evals/suite.yaml": SUITE.replace("cases.yaml", "../datasets/cases.yaml"),
    "datasets/cases.yaml": CASES,
    ".gitignore": "reports/\n.venv/\n",
}


def git(folder: Path, *arguments: str) -> str:
    identity = ("-c", "user.name=A", "-c", "user.email=a@example.org")
    done = subprocess.run(
        ["git", *identity, *arguments], cwd=folder, check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


@dataclass(frozen=True)
class Repository:
    """A git repository on the branch main."""

    root: Path

    def write(self, path: str, text: str) -> Path:
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
        return target

    def edit(self, path: str, old: str, new: str) -> None:
        text = (self.root / path).read_text(encoding="utf-8")
        assert old in text
        self.write(path, text.replace(old, new))

    def commit(self) -> str:
        git(self.root, "add", "--all")
        git(self.root, "commit", "-q", "--allow-empty", "-m", "as it is")
        return git(self.root, "rev-parse", "HEAD")


def make_repository(root: Path, files: dict[str, str] | None = None) -> Repository:
    """A repository with one commit."""
    made = Repository(root.resolve())
    made.root.mkdir(parents=True, exist_ok=True)
    git(made.root, "init", "-q", "-b", "main")
    for path, text in (FILES if files is None else files).items():
        made.write(path, text)
    made.commit()
    return made
