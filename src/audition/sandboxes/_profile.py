"""What bubblewrap is told: the folders, the namespaces, the limits of one command.

The root is built from nothing, folder by folder, since whatever is readable could hold the very
dataset that the command is judged by.
"""

import os
import posixpath
import pwd
import resource
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from audition.sandboxes import HOME, TRACE, WORKSPACE, Limits, Place
from audition.sandboxes._seccomp import seccomp_filter

SCRATCH_BYTES = 256 << 20
_SHARED_BYTES = _HOME_BYTES = 64 << 20
_USER = 1000
PRLIMIT = "/usr/bin/prlimit"
_PATH = "/usr/local/bin:/usr/bin:/bin"
_STAGE = "/sys"

_SYNTHETIC = {
    "/etc/passwd": b"root:x:0:0::/:/bin/sh\nuser:x:1000:1000::%b:/bin/bash\n" % HOME.encode(),
    "/etc/group": b"root:x:0:\nuser:x:1000:\n",
    "/etc/hosts": b"127.0.0.1 localhost sandbox\n::1 localhost\n",
}
"""Files that a user without an entry on this machine needs; bubblewrap reads them from pipes."""

_SYSTEM = ("/bin", "/lib", "/lib32", "/lib64", "/libx32", "/sbin")
_SETTINGS = (
    "/etc/alternatives",
    "/etc/ld.so.cache",
    "/etc/localtime",
    "/etc/mime.types",
    "/etc/ssl/certs",
    "/etc/ssl/openssl.cnf",
)


@dataclass(frozen=True, kw_only=True)
class Descriptors:
    """Numbers of the open files that bubblewrap reads and writes."""

    status: int
    seccomp: int | None
    files: Mapping[str, int]
    """Path inside to the descriptor that holds its content."""

    @property
    def numbers(self) -> tuple[int, ...]:
        """All of them."""
        seccomp = () if self.seccomp is None else (self.seccomp,)
        return (self.status, *seccomp, *self.files.values())


@contextmanager
def descriptors(status: int) -> Iterator[Descriptors]:
    """Fresh ones for every command: one that two commands share is at its end for the second."""
    with ExitStack() as opened:
        content = seccomp_filter()
        yield Descriptors(
            status=status,
            seccomp=None if content is None else _holding(content, opened),
            files={path: _holding(text, opened) for path, text in _SYNTHETIC.items()},
        )


def _holding(content: bytes, opened: ExitStack) -> int:
    # Far less than a pipe holds, so that writing never waits.
    reading, writing = os.pipe()
    opened.callback(os.close, reading)
    os.write(writing, content)
    os.close(writing)
    return reading


def profile(place: Place, *, staged: Mapping[Path, str], disables: bool) -> list[str]:
    """The arguments of bubblewrap that are the same for every command in a place.

    They come after `handed_over` and before the variables of the command.
    """
    argv = ["--unshare-user", "--unshare-all", "--uid", str(_USER), "--gid", str(_USER)]
    argv += ["--hostname", "sandbox", "--cap-drop", "ALL", "--die-with-parent", "--new-session"]
    if disables:
        argv.append("--disable-userns")
    argv += _system()
    argv += ["--proc", "/proc", "--dev", "/dev"]
    argv += ["--size", str(_SHARED_BYTES), "--tmpfs", "/dev/shm"]  # noqa: S108
    argv += ["--size", str(SCRATCH_BYTES), "--perms", "1777", "--tmpfs", "/tmp"]  # noqa: S108
    for inside, path in shown(place).items():
        argv += ["--ro-bind", staged.get(path, str(path)), inside]
    if place.home is None:
        argv += ["--size", str(_HOME_BYTES), "--tmpfs", HOME]
    for inside, path in writable(place).items():
        argv += ["--bind", staged.get(path, str(path)), inside]
    # Bubblewrap's own root and /dev lie in memory, writable and without a size.
    argv += ["--remount-ro", "/dev", "--remount-ro", "/", "--chdir", WORKSPACE, "--clearenv"]
    return [*argv, *variables(environment(place))]


def handed_over(opened: Descriptors) -> list[str]:
    """The arguments of bubblewrap that name open files."""
    argv = ["--json-status-fd", str(opened.status)]
    if opened.seccomp is not None:
        argv += ["--seccomp", str(opened.seccomp)]
    for written, descriptor in opened.files.items():
        argv += ["--ro-bind-data", str(descriptor), written]
    return argv


def variables(env: Mapping[str, str]) -> list[str]:
    """The arguments of bubblewrap that set variables, each over an earlier one of its name."""
    return [word for name, value in env.items() for word in ("--setenv", name, value)]


@cache
def _system() -> tuple[str, ...]:
    """The programs and settings of the system, which stay where they are."""
    return tuple(_system_folders())


def _system_folders() -> Iterator[str]:
    yield from ("--ro-bind", "/usr", "/usr")
    for path in _SYSTEM:
        if Path(path).is_symlink():
            yield from ("--symlink", str(Path(path).readlink()), path)
        else:
            yield from ("--ro-bind-try", path, path)
    for path in _SETTINGS:
        yield from ("--ro-bind-try", path, path)


def shown(place: Place) -> dict[str, Path]:
    """Path inside to path on the host of everything that can be read and not written."""
    tools = {str(path): path for path in place.toolchains}
    folders = {name: path for name, path in tools.items() if not f"{name}/".startswith("/usr/")}
    return {**folders, **place.readable}


def writable(place: Place) -> dict[str, Path]:
    """Path inside to path on the host of everything that a command can write to."""
    mounts = {WORKSPACE: place.workspace, HOME: place.home, TRACE: place.trace}
    return {inside: path for inside, path in mounts.items() if path}


def _programs(toolchains: Iterable[Path]) -> Iterator[str]:
    """The folders with the programs of toolchains; npm puts its own into `.bin`."""
    for path in toolchains:
        places = (f"{path}/bin", f"{path}/.bin")
        yield from filter(os.path.isdir, places)


def environment(place: Place, *, home: str = HOME, trace: str = TRACE) -> dict[str, str]:
    """All the variables that a command starts with."""
    found = {
        "PATH": ":".join([*_programs(place.toolchains), _PATH]),
        "HOME": home,
        "USER": "user",
        "LOGNAME": "user",
        "SHELL": "/bin/bash",
        "LANG": "C.UTF-8",
        "TERM": "dumb",
        # Caches would look like files that the agent wrote.
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    if place.trace:
        found["GIT_TRACE2_EVENT"] = f"{trace}/git.jsonl"
    return found


def limited(argv: Sequence[str], limits: Limits, *, alone: bool = True) -> list[str]:
    """The command behind the limits that the kernel keeps.

    The kernel counts processes by user: only where that user is `alone` is there a number to set.
    """
    asked = {
        "as": _at_most(resource.RLIMIT_AS, limits.memory_bytes),
        "fsize": _at_most(resource.RLIMIT_FSIZE, limits.file_bytes),
        "nofile": _at_most(resource.RLIMIT_NOFILE, limits.open_files),
        "core": 0,
        # The soft limit sends a signal of its own, so that it can be told from any other end.
        "cpu": f"{limits.cpu_s}:{_at_most(resource.RLIMIT_CPU, limits.cpu_s + 1)}",
    }
    if alone:
        asked["nproc"] = _at_most(resource.RLIMIT_NPROC, limits.processes)
    return [PRLIMIT, *(f"--{name}={value}" for name, value in asked.items()), "--", *argv]


def _at_most(kind: int, value: int) -> int:
    """No more than this process may pass on."""
    _, most = resource.getrlimit(kind)
    return value if most == resource.RLIM_INFINITY else min(value, most)


def moved(argv: Sequence[str], cwd: str) -> list[str]:
    """The command in another folder; where there is none, that is the command's failure."""
    if cwd == WORKSPACE:
        return list(argv)
    return ["/bin/sh", "-c", 'cd -- "$1" || exit 125; shift; exec "$@"', "sh", cwd, *argv]


def closed_paths(place: Place) -> list[Path]:
    """What lies where only this user may go, and another user could not be shown."""
    paths = {*shown(place).values(), *writable(place).values()}
    known: dict[str, bool] = {}
    return sorted(path for path in paths if not _is_open(posixpath.dirname(path), known))


def _is_open(folder: str, known: dict[str, bool]) -> bool:
    """Whether everybody may go into a folder and all that it lies in."""
    if folder not in known:
        above = posixpath.dirname(folder)
        is_open = bool(os.stat(folder).st_mode & 0o001)  # noqa: PTH116 # many folders, often
        known[folder] = is_open and (above == folder or _is_open(above, known))
    return known[folder]


def stage(paths: Sequence[Path]) -> tuple[list[str], dict[Path, str]]:
    """For root: a program that starts another one with closed folders laid open to it alone.

    In a mount namespace of its own, over a folder that no sandbox shows. Also the place of each.
    """
    if not paths:
        return [], {}
    places = {path: f"{_STAGE}/{number}" for number, path in enumerate(paths)}
    script = f"mount -t tmpfs -o mode=711,size=1m stage {_STAGE} || exit\n"
    script += f"mkdir {' '.join(places.values())} || exit\n"
    for number, place in enumerate(places.values(), start=1):
        script += f'mount --bind "${{{number}}}" {place} || exit\n'
    script += f'shift {len(paths)}; exec "$@"'
    argv = ["unshare", "--mount", "--", "sh", "-c", script, "sh", *map(str, paths)]
    return argv, places


def spare_user() -> int | None:
    """For root: a user id that nobody has, to run commands as; None for everybody else."""
    if os.geteuid() != 0:
        return None
    taken = {entry.pw_uid for entry in pwd.getpwall()}
    return next(number for number in range(65533, 60000, -1) if number not in taken)
