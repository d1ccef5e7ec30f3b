"""Root and an ordinary user get the same sandbox: where root runs the tests, both are tried."""

import os
import subprocess
import sys
from pathlib import Path

from tests.sandboxes.trying import opened

ROOT = Path(__file__).parent.parent.parent
FILES = ("test_conformance.py", "test_bubblewrap.py", "test_refusals.py")
USER = 64999


def laid_open(paths: list[Path]) -> str:
    """A script that shows another user folders that lie where only root may go."""
    closed = {
        path: next((p for p in reversed(path.parents) if not p.stat().st_mode & 0o001), None)
        for path in paths
    }
    hidden = {path: over for path, over in closed.items() if over}
    lines = ["set -e", "mount -t tmpfs -o mode=755 none /sys"]
    for number, path in enumerate(hidden):
        lines += [f"mkdir /sys/{number}", f"mount --bind '{path}' /sys/{number}"]
    lines += [f"mount -t tmpfs -o mode=755 none '{over}'" for over in sorted(set(hidden.values()))]
    for number, path in enumerate(hidden):
        lines += [f"mkdir -p '{path}'", f"mount --bind /sys/{number} '{path}'"]
    return "\n".join([*lines, 'exec "$@"'])


if os.geteuid() == 0:

    def test_an_ordinary_user_has_the_same_sandbox() -> None:
        opened("bubblewrap")
        needed = [ROOT, Path(sys.prefix), Path(sys.base_prefix)]
        user = ["setpriv", "--reuid", str(USER), "--regid", str(USER), "--clear-groups", "--"]
        tests = [str(ROOT / "tests" / "sandboxes" / name) for name in FILES]
        ended = subprocess.run(
            ["unshare", "--mount", "--", "sh", "-c", laid_open(needed), "sh", *user,
             sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *tests],
            cwd=ROOT,
            env={**os.environ, "HOME": "/nonexistent", "TMPDIR": "/tmp",
                 "PYTHONDONTWRITEBYTECODE": "1"},
            capture_output=True,
            text=True,
            check=False,
        )  # fmt: skip

        assert ended.returncode == 0, ended.stdout + ended.stderr
        assert "passed" in ended.stdout
        assert "skipped" not in ended.stdout
