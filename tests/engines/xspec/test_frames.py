"""Messages as bytes: whole, in any pieces, or refused."""

from __future__ import annotations

import itertools
from array import array
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from nustar_widgets.engines.xspec.frames import FrameError, FrameReader, encode

NUMBERS = st.lists(st.floats(allow_nan=False), max_size=20)
MESSAGES = st.dictionaries(
    st.text(max_size=10), st.none() | st.integers() | st.text() | NUMBERS, max_size=4
)


@given(
    st.lists(st.tuples(MESSAGES, st.lists(NUMBERS, max_size=3)), max_size=4),
    st.lists(st.integers(1, 50), min_size=1, max_size=5),
)
def test_frames_come_back_in_whatever_pieces(
    sent: list[tuple[dict[str, Any], list[list[float]]]], sizes: list[int]
) -> None:
    stream = b"".join(encode(message, arrays) for message, arrays in sent)
    reader, found, start = FrameReader(), [], 0
    for size in itertools.cycle(sizes):
        if start >= len(stream):
            break
        found += list(reader.feed(stream[start : start + size]))
        start += size
    assert [frame.message for frame in found] == [message for message, _ in sent]
    assert [[list(array("d", piece)) for piece in frame.arrays] for frame in found] == [
        arrays for _, arrays in sent
    ]
    assert not reader.is_inside


@given(st.binary(max_size=200))
def test_whatever_else_arrives_is_refused_or_waited_for(garbage: bytes) -> None:
    assume(not garbage.startswith(b'{"message"'))
    with pytest.raises(FrameError, match=r"^not a message: "):
        list(FrameReader().feed(garbage + b"\n"))


@pytest.mark.parametrize(
    "line",
    [
        b'{"message":{},"arrays":[-1]}\n',
        b'{"message":[],"arrays":[]}\n',
        b'{"message":{},"arrays":[1e30]}\n',
        b'{"message":{},"arrays":[1000000000]}\n',
        b'{"message":{}}\n',
        b"[]\n",
    ],
)
def test_a_line_of_json_that_is_no_message_is_refused(line: bytes) -> None:
    with pytest.raises(FrameError, match="not a message"):
        list(FrameReader().feed(line))


def test_a_line_that_never_ends_is_refused() -> None:
    reader = FrameReader()
    with pytest.raises(FrameError, match="a line without an end"):
        for _ in range(100):
            list(reader.feed(b"x" * (1 << 16)))
