"""What the agents of the comparison do: the same requests, files and tool calls on both sides.

Needs nothing but the standard library, since Inspect AI runs in an environment of its own.
"""

from dataclasses import dataclass
from pathlib import Path

TEST_COMMAND = "python3 -m unittest"
"""Starts in a tenth of the time that pytest takes; what it costs is told apart anyway."""


@dataclass(frozen=True)
class Write:
    """A file that is written."""

    path: str
    content: str


@dataclass(frozen=True)
class Run:
    """A command that is run."""

    command: str


Step = Write | Run


def request(number: int) -> str:
    """What the user asks for in a job or a trial; each is another."""
    return f"Add part_{number}, which adds {number} to a number. It is needed for invoice {number}."


def steps(number: int) -> tuple[Step, ...]:
    """The eight tool calls of a job: look, plan, test, red, code, green, look, commit."""
    module, name = f"shop/part_{number}.py", f"part_{number}"
    test = (
        "import unittest\n\n"
        f"from shop.{name} import {name}\n\n\n"
        "class Part(unittest.TestCase):\n"
        "    def test_it_adds(self):\n"
        f"        self.assertEqual({name}(1), {number + 1})\n"
    )
    return (
        Run("git status --short && ls shop tests"),
        Write(f"TODO_{name}.md", f"# {name}\n\n- [ ] a test that fails\n- [ ] the code for it\n"),
        Write(f"tests/test_{name}.py", test),
        Run(TEST_COMMAND),
        Write(module, f"def {name}(value):\n    return value + {number}\n"),
        Run(TEST_COMMAND),
        Run("git status --short"),
        Run(f"git add -A && git commit -q -m 'feat: {name} adds {number}'"),
    )


def write_workspace(folder: Path, files: int) -> None:
    """A small Python project of so many files; some of them in folders three deep."""
    contents = {
        "README.md": "# The shop\n",
        ".gitignore": "__pycache__/\n",
        "shop/__init__.py": "",
        "tests/__init__.py": "",
        "tests/test_shop.py": (
            "import unittest\n\n\nclass Shop(unittest.TestCase):\n"
            "    def test_it_is_there(self):\n        import shop  # noqa: F401\n"
        ),
    }
    for number in range(files - len(contents)):
        path = f"shop/area_{number % 7}/group_{number % 5}/module_{number}.py"
        contents[path] = f"def value():\n    return {number}\n" * 12
    for path, text in contents.items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")
