"""The Messages API of `@copilotkit/aimock`, a development dependency that others wrote."""

import json
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.models.asking import KEY

_PROGRAM = Path(__file__).parents[2] / "node_modules" / "@copilotkit" / "aimock" / "dist" / "cli.js"

Start = Callable[..., str]
"""Starts a server with these fixtures and options; returns its address."""


@pytest.fixture
def aimock(tmp_path: Path) -> Iterator[Start]:
    node = shutil.which("node")
    if node is None or not _PROGRAM.exists():
        pytest.skip("@copilotkit/aimock is not installed: run `npm install`")
    with ExitStack() as running:

        def start(*fixtures: dict[str, Any], options: tuple[str, ...] = ()) -> str:
            file, log = tmp_path / "fixtures.json", tmp_path / "aimock.log"
            file.write_text(json.dumps({"fixtures": fixtures}), encoding="utf-8")
            program = running.enter_context(
                subprocess.Popen(
                    [node, str(_PROGRAM), "--port", "0", "--fixtures", str(file), *options],
                    stdout=running.enter_context(log.open("w", encoding="utf-8")),
                    stderr=subprocess.STDOUT,
                )
            )
            running.callback(program.kill)
            while program.poll() is None:
                if found := re.search(r"listening on (http://\S+)\s", log.read_text("utf-8")):
                    return found[1]
                time.sleep(0.02)
            raise AssertionError(f"aimock ended before it listened: {log.read_text('utf-8')}")

        yield start


@pytest.fixture
def own_key(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("AUTH_TOKEN", "BASE_URL", "CUSTOM_HEADERS", "PROFILE", "CONFIG_DIR"):
        monkeypatch.delenv(f"ANTHROPIC_{name}", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
