"""Root and an ordinary user get the same workspaces: where root runs the tests, both are tried."""

import os
import subprocess
import sys
from pathlib import Path

from tests.sandboxes.test_as_another_user import ROOT, USER, laid_open
from tests.sandboxes.trying import opened

FILES = ("test_workspace.py", "test_history.py", "test_snapshot.py")

if os.geteuid() == 0:

    def test_an_ordinary_user_has_the_same_workspaces() -> None:
        opened("bubblewrap")
        needed = [ROOT, Path(sys.prefix), Path(sys.base_prefix)]
        user = ["setpriv", "--reuid", str(USER), "--regid", str(USER), "--clear-groups", "--"]
        tests = [str(ROOT / "tests" / "workspaces" / name) for name in FILES]
        ended = subprocess.run(
            ["unshare", "--mount", "--", "sh", "-c", laid_open(needed), "sh", *user,
             sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *tests],
            cwd=ROOT, env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
            capture_output=True, text=True, check=False,
        )  # fmt: skip

        assert ended.returncode == 0, ended.stdout[-5000:] + ended.stderr[-2000:]
        assert "passed" in ended.stdout
        assert "skipped" not in ended.stdout
