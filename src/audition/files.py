"""Writing files."""

from pathlib import Path


def write_whole(path: Path, text: str) -> None:
    """Write a file whole or not at all: a full disk or a kill leaves the old one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(path.name + ".new")
    draft.write_text(text, encoding="utf-8")
    draft.replace(path)
