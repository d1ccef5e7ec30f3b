"""The system calls that no command in a sandbox may make, as a classic BPF program.

Format: `struct sock_filter` and `struct seccomp_data` of the Linux headers; numbers of x86-64. On
any other machine there is no filter, and the sandbox says so.
"""

import platform
import struct
from errno import ENOSYS, EPERM
from functools import cache

_NUMBER, _ARCHITECTURE, _ARGUMENTS = 0, 4, 16
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _KILL, _ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
_X86_64 = 0xC000003E
_X32 = 0x40000000
"""Numbers from here on are the same calls by another door."""

_DENIED = {
    "ptrace": 101,
    "add_key": 248,
    "request_key": 249,
    "keyctl": 250,
    "perf_event_open": 298,
    "setns": 308,
    "process_vm_readv": 310,
    "process_vm_writev": 311,
    "bpf": 321,
    "userfaultfd": 323,
    "io_uring_setup": 425,
    "io_uring_enter": 426,
    "io_uring_register": 427,
    "pidfd_getfd": 438,
}
_CLONE, _UNSHARE, _IOCTL, _CLONE3 = 56, 272, 16, 435
_NEW_USER_NAMESPACE = 0x10000000
_FAKE_INPUT, _PASTE = 0x5412, 0x541C
"""TIOCSTI and TIOCLINUX: both type into a terminal that is not the command's."""


@cache
def seccomp_filter(machine: str | None = None) -> bytes | None:
    """The program, or None where this machine has none."""
    if (machine or platform.machine()) != "x86_64":
        return None
    return b"".join(
        (
            _step(_LOAD, _ARCHITECTURE),
            _step(_EQUAL, _X86_64, when=1),
            _step(_RETURN, _KILL),
            _step(_LOAD, _NUMBER),
            # glibc asks for clone3 first and falls back to clone, whose flags a filter can read.
            *_rule(_AT_LEAST, _X32, ENOSYS),
            *_rule(_EQUAL, _CLONE3, ENOSYS),
            *(piece for number in _DENIED.values() for piece in _rule(_EQUAL, number, EPERM)),
            *_argument_rule(_CLONE, 0, _ANY_BIT, _NEW_USER_NAMESPACE),
            *_argument_rule(_UNSHARE, 0, _ANY_BIT, _NEW_USER_NAMESPACE),
            *_argument_rule(_IOCTL, 1, _EQUAL, _FAKE_INPUT),
            *_argument_rule(_IOCTL, 1, _EQUAL, _PASTE),
            _step(_RETURN, _ALLOW),
        )
    )


def _rule(test: int, value: int, error: int) -> tuple[bytes, ...]:
    return _step(test, value, otherwise=1), _step(_RETURN, _ERRNO | error)


def _argument_rule(call: int, argument: int, test: int, value: int) -> tuple[bytes, ...]:
    """Refuse one call by the low half of one argument; the upper half is ignored by these calls."""
    return (
        _step(_EQUAL, call, otherwise=4),
        _step(_LOAD, _ARGUMENTS + 8 * argument),
        *_rule(test, value, EPERM),
        _step(_LOAD, _NUMBER),
    )


def _step(code: int, value: int, *, when: int = 0, otherwise: int = 0) -> bytes:
    return struct.pack("=HBBI", code, when, otherwise, value)
