"""The filter of system calls, read by a second, naive machine for such programs."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audition.sandboxes._seccomp import seccomp_filter

X86_64, I386 = 0xC000003E, 0x40000003
ALLOWED, KILLED, NOT_PERMITTED, UNKNOWN = 0x7FFF0000, 0x80000000, 0x00050001, 0x00050026
CLOSED = {101, 248, 249, 250, 298, 308, 310, 311, 321, 323, 425, 426, 427, 438}
NEW_USER = 0x10000000


def verdict(number: int, *arguments: int, architecture: int = X86_64) -> int:
    program = seccomp_filter("x86_64")
    assert program is not None
    six = [*arguments, *[0] * (6 - len(arguments))]
    data = struct.pack("=IIQ6Q", number, architecture, 0, *six)
    steps = list(struct.iter_unpack("=HBBI", program))
    at = loaded = 0
    while True:
        code, when, otherwise, value = steps[at]
        at += 1
        if code == 0x20:
            (loaded,) = struct.unpack_from("=I", data, value)
        elif code == 0x06:
            return int(value)
        else:
            holds = {0x15: loaded == value, 0x35: loaded >= value, 0x45: bool(loaded & value)}
            at += when if holds[code] else otherwise


words = st.integers(0, 2**64 - 1)


@given(st.integers(0, 600), words, words)
def test_what_it_refuses_is_exactly_what_it_should(number: int, first: int, second: int) -> None:
    makes_user = number in (56, 272) and bool(first & NEW_USER)
    types = number == 16 and second & 0xFFFFFFFF in (0x5412, 0x541C)
    expected = ALLOWED
    if number in CLOSED or makes_user or types:
        expected = NOT_PERMITTED
    if number == 435:
        expected = UNKNOWN

    assert verdict(number, first, second) == expected


@given(st.sampled_from([56, 272]), words)
def test_a_new_user_namespace_is_refused_among_any_other_wishes(number: int, flags: int) -> None:
    assert verdict(number, flags | NEW_USER) == NOT_PERMITTED
    assert verdict(number, flags & ~NEW_USER) == ALLOWED


@pytest.mark.parametrize("request_number", [0x5412, 0x541C, 0x5412 | 1 << 32, 0x541C | 7 << 40])
def test_typing_into_a_terminal_is_refused_whatever_the_upper_half_says(
    request_number: int,
) -> None:
    assert verdict(16, 0, request_number) == NOT_PERMITTED


@given(st.integers(0x40000000, 2**32 - 1))
def test_the_other_door_to_the_same_calls_is_shut(number: int) -> None:
    assert verdict(number) == UNKNOWN


def test_calls_of_another_architecture_end_the_process() -> None:
    assert verdict(101, architecture=I386) == KILLED


def test_a_machine_that_it_was_not_made_for_has_none() -> None:
    assert seccomp_filter("aarch64") is None
