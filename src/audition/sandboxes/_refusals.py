"""Why a machine refuses a sandbox, and what its owner can do about it.

Each row was met in practice: what bubblewrap prints says little to somebody who does not know the
kernel, so that the cure is told with it.
"""

import re

from audition.sandboxes import Refusal

NOT_LINUX = Refusal(
    verdict="bubblewrap runs on Linux alone",
    cure="run in a Linux virtual machine or container; routing needs no sandbox",
)
NOT_FOUND = Refusal(
    verdict="bubblewrap is not installed: there is no program bwrap",
    cure=(
        "install it by the system's package manager: apt-get install bubblewrap, "
        "dnf install bubblewrap, pacman -S bubblewrap (a Python package of that name is another "
        "thing)"
    ),
)
NO_PRLIMIT = Refusal(
    verdict="the program prlimit is missing, so that commands could not be limited",
    cure="install util-linux",
)
NO_SETPRIV = Refusal(
    verdict="this is root, and without the program setpriv commands would be root, too",
    cure="install util-linux, or run as an ordinary user",
)
TOO_OLD = Refusal(
    verdict=(
        "this bubblewrap is older than 0.8 and cannot forbid new user namespaces, and on this "
        "machine no filter of system calls can do it instead"
    ),
    cure="install bubblewrap 0.8 or newer",
)
UNDER_THE_SANDBOX = Refusal(
    verdict="Python lies under a folder that the sandbox needs for itself",
    cure="make the virtual environment elsewhere",
)
TOO_SLOW = Refusal(
    verdict="a sandbox was started and did not come to its end in time",
    cure="look whether this machine is overloaded, then try again",
)

_NAMESPACES = (
    "allow user namespaces: on Ubuntu 24.04 sudo sysctl -w "
    "kernel.apparmor_restrict_unprivileged_userns=0 (in CI: the same line as a step before), or an "
    "AppArmor profile for bwrap; elsewhere sudo sysctl -w kernel.unprivileged_userns_clone=1"
)
_CONTAINER = (
    "start the container with --security-opt seccomp=unconfined --security-opt apparmor=unconfined "
    "--security-opt systempaths=unconfined"
)

_KNOWN: tuple[tuple[str, Refusal], ...] = (
    (
        r"setting up uid map|RTM_NEWADDR|loopback",
        Refusal(verdict="AppArmor refuses user namespaces to bubblewrap", cure=_NAMESPACES),
    ),
    (
        r"make / slave|pivot_root",
        Refusal(verdict="this container may not mount anything", cure=_CONTAINER),
    ),
    (
        r"mount proc",
        Refusal(
            verdict="this container hides parts of /proc, which forbids a new one", cure=_CONTAINER
        ),
    ),
    (
        r"namespace.*(No space left|ENOSPC)|max_user_namespaces",
        Refusal(
            verdict="this machine allows no further user namespace",
            cure="sudo sysctl -w user.max_user_namespaces=10000",
        ),
    ),
    (
        r"[Nn]o permissions to creat\w+ (a )?new namespace|new namespace.*not permitted",
        Refusal(
            verdict="the kernel or the container refuses user namespaces",
            cure=f"{_NAMESPACES}; in a container, {_CONTAINER}",
        ),
    ),
    (
        r"setpriv: failed to execute",
        Refusal(
            verdict="bubblewrap lies where only root may go",
            cure="install it by the system's package manager",
        ),
    ),
    (
        r"setpriv: ",
        Refusal(
            verdict="root cannot become another user here",
            cure="run as an ordinary user, or map more user ids into this container",
        ),
    ),
    (
        r"unshare: |mount: ",
        Refusal(
            verdict="Python lies where only root may go, and root may mount nothing here",
            cure="run as an ordinary user, or use a Python that every user can read",
        ),
    ),
    (
        r"Unknown option",
        Refusal(verdict="this bubblewrap is too old", cure="install bubblewrap 0.8 or newer"),
    ),
)


def diagnose(said: str) -> Refusal:
    """The known refusal that these words of bubblewrap stand for, or the words themselves."""
    first = next((line.strip() for line in said.splitlines() if line.strip()), "it said nothing")
    for pattern, refusal in _KNOWN:
        if re.search(pattern, said):
            return Refusal(verdict=f"{refusal.verdict} ({first})", cure=refusal.cure)
    return Refusal(
        verdict=f"bubblewrap failed ({first})",
        cure="run `audition doctor`, which tells whether sandboxes work here at all",
    )
