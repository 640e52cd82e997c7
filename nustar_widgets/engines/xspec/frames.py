"""Messages between the fit engine and its XSPEC process, as bytes.

A frame is one line of JSON, ``{"message": {...}, "arrays": [n, ...]}``, followed by the arrays as
double precision numbers of this machine. Nothing else is needed in the process that imports XSPEC,
which therefore starts without NumPy.
"""

from __future__ import annotations

import json
import select
from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

LONGEST_LINE: Final = 1 << 22
"""A line of JSON longer than this is none of ours [bytes]."""

LARGEST_ARRAYS: Final = 1 << 28
"""Arrays larger than this are none of ours [bytes]."""

_ITEM: Final = array("d").itemsize


class FrameError(Exception):
    """What arrived is not a frame."""


@dataclass(frozen=True)
class Frame:
    """One message.

    Attributes
    ----------
    message
        Plain dicts, lists, strings and numbers.
    arrays
        Each the bytes of double precision numbers.
    """

    message: dict[str, Any]
    arrays: tuple[bytes, ...] = ()


def encode(message: Mapping[str, Any], arrays: Sequence[Sequence[float]] = ()) -> bytes:
    """Return a message as bytes.

    Parameters
    ----------
    message
        Plain dicts, lists, strings and numbers.
    arrays
        Numbers too many for JSON.
    """
    head = {"message": message, "arrays": [len(values) for values in arrays]}
    line = json.dumps(head, separators=(",", ":")).encode() + b"\n"
    return line + b"".join(array("d", values).tobytes() for values in arrays)


class FrameReader:
    """Puts frames together from bytes that come in pieces."""

    def __init__(self) -> None:
        self._rest = bytearray()
        self._head: tuple[dict[str, Any], list[int]] | None = None

    @property
    def is_inside(self) -> bool:
        """Whether a frame has begun and not ended."""
        return bool(self._rest) or self._head is not None

    def feed(self, piece: bytes) -> Iterator[Frame]:
        """Take bytes and yield the frames that are whole by them.

        Raises
        ------
        FrameError
            What came is not a frame.
        """
        self._rest += piece
        while (frame := self._next()) is not None:
            yield frame

    def _next(self) -> Frame | None:
        if self._head is None:
            line, end, rest = self._rest.partition(b"\n")
            if len(line) > LONGEST_LINE:
                raise FrameError("a line without an end")
            if not end:
                return None
            self._head = _read_head(bytes(line))
            self._rest = rest
        message, sizes = self._head
        if len(self._rest) < sum(sizes):
            return None
        self._head = None
        return Frame(message, tuple(self._take(size) for size in sizes))

    def _take(self, size: int) -> bytes:
        taken = bytes(self._rest[:size])
        del self._rest[:size]
        return taken


def _read_head(line: bytes) -> tuple[dict[str, Any], list[int]]:
    shown = line[:80].decode(errors="replace")
    try:
        head = json.loads(line)
        message, counts = head["message"], head["arrays"]
        sizes = [int(count) * _ITEM for count in counts]
    except (ValueError, TypeError, KeyError) as error:
        raise FrameError(f"not a message: {shown!r}") from error
    if not isinstance(message, dict) or min(sizes, default=0) < 0 or sum(sizes) > LARGEST_ARRAYS:
        raise FrameError(f"not a message: {shown!r}")
    return message, sizes


def readable(handle: int, timeout_s: float | None = 0.0) -> bool:
    """Whether something can be read, or the other end has gone.

    Parameters
    ----------
    handle
        File descriptor; unlike for ``select`` it may be any number.
    timeout_s
        How long to wait for it [s]; None for as long as it takes.
    """
    poll = select.poll()
    poll.register(handle, select.POLLIN)
    return bool(poll.poll(None if timeout_s is None else 1000.0 * timeout_s))
