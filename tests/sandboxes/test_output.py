"""Head and tail of what a command says, however it comes."""

import asyncio
import os

from hypothesis import given, settings
from hypothesis import strategies as st

from audition.sandboxes._output import Output


@settings(max_examples=60, deadline=None)
@given(st.lists(st.binary(max_size=3000), max_size=20), st.integers(2, 4000))
def test_everything_is_kept_or_the_cut_is_told_to_the_byte(pieces: list[bytes], kept: int) -> None:
    whole = b"".join(pieces)
    output = asyncio.run(heard(pieces, kept_bytes=kept, most_bytes=1 << 30))
    half = kept // 2

    if len(whole) <= 2 * half:
        assert (output.text, output.truncated) == (whole, False)
    else:
        gap = b"\n[... %d bytes left out ...]\n" % (len(whole) - 2 * half)
        assert (output.text, output.truncated) == (whole[:half] + gap + whole[-half:], True)


def test_a_flood_is_told_once_it_is_one() -> None:
    told: list[bool] = []

    asyncio.run(heard([b"x" * 100], kept_bytes=10, most_bytes=100, told=told))
    assert told == []

    asyncio.run(heard([b"x" * 101], kept_bytes=10, most_bytes=100, told=told))
    assert told != []


async def heard(
    pieces: list[bytes], *, kept_bytes: int, most_bytes: int, told: list[bool] | None = None
) -> Output:
    """What is kept of pieces that arrive one by one."""
    reading, writing = os.pipe()
    output = Output(
        reading,
        kept_bytes=kept_bytes,
        most_bytes=most_bytes,
        on_flood=lambda: None if told is None else told.append(True),
    )
    for piece in pieces:
        os.write(writing, piece)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
    os.close(writing)
    output.close()
    return output
