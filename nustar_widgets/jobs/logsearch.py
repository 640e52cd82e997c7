"""A text searched in a log: which lines hold it, however many they are."""

from __future__ import annotations

import codecs
import threading
from array import array
from bisect import bisect_left, bisect_right
from typing import IO

from nustar_widgets.jobs.logindex import BLOCK_BYTES, LogIndex


class LogSearch:
    """The lines of a log that hold a text, without regard to case.

    Of each block of the file it is known how many such lines come before it; a line itself is
    found by searching its block again. So memory does not grow with what is found.

    Parameters
    ----------
    index
        The log.
    text
        What is searched; nothing is found for an empty one.
    """

    def __init__(self, index: LogIndex, text: str) -> None:
        self.text = text
        self.is_complete = False
        """Whether all the index knew of has been searched."""
        self._index = index
        self._needle = text.casefold()
        self._lock = threading.Lock()
        self._generation = -1
        self._start_over()

    def _start_over(self) -> None:
        self._before = array("Q", [0])  # found before each block
        self._tail: list[int] = []  # found in the first block that is not settled
        self._generation = self._index.generation

    @property
    def total(self) -> int:
        """How many lines were found so far."""
        with self._lock:
            return self._before[-1] + len(self._tail)

    def grow(self, cancelled: threading.Event, *, most_blocks: int = 1 << 40) -> bool:
        """Search what the index has come to know since.

        Parameters
        ----------
        cancelled
            Stops the search when it is set.
        most_blocks
            Stop after so many blocks, so that the caller can tell how far it is.

        Returns
        -------
        bool
            Whether there is more to search.
        """
        if self._generation != self._index.generation:
            with self._lock:
                self._start_over()
        try:
            with self._index.path.open("rb") as stream:
                self.is_complete = self._search(stream, cancelled, most_blocks)
        except FileNotFoundError:
            self.is_complete = True
        return not self.is_complete

    def _search(self, stream: IO[bytes], cancelled: threading.Event, most_blocks: int) -> bool:
        for _ in range(most_blocks):
            block = len(self._before) - 1
            if cancelled.is_set():
                return False
            if block >= self._index.n_blocks or not self._needle:
                return True
            is_settled = self._index.is_settled(block)
            last = block + 1 if is_settled else self._index.n_blocks
            found = self._found(stream, range(block, last))
            with self._lock:
                if is_settled:
                    self._before.append(self._before[-1] + len(found))
                self._tail = [] if is_settled else found
            if not is_settled:
                return True
        return False

    def number(self, rank: int) -> int | None:
        """Return the line that was found as the first (0), second (1), ...; ``None`` beyond."""
        with self._lock:
            if not 0 <= rank < self._before[-1]:
                rest = self._tail[rank - self._before[-1] :][:1] if rank >= 0 else []
                return rest[0] if rest else None
            block = bisect_right(self._before, rank) - 1
            rank -= self._before[block]
        found = self._again(block)
        return found[rank] if rank < len(found) else None

    def rank_from(self, line: int) -> int:
        """Return how many found lines come before a line."""
        block = self._index.block_of(line)
        with self._lock:
            if block >= len(self._before) - 1:
                return self._before[-1] + bisect_left(self._tail, line)
            before = self._before[block]
        return before + bisect_left(self._again(block), line)

    def _again(self, block: int) -> list[int]:
        try:
            with self._index.path.open("rb") as stream:
                return self._found_in(stream, block)
        except FileNotFoundError:
            return []

    def _found(self, stream: IO[bytes], blocks: range) -> list[int]:
        return [number for block in blocks for number in self._found_in(stream, block)]

    def _found_in(self, stream: IO[bytes], block: int) -> list[int]:
        lines = self._index.lines_of(block)
        if not lines:
            return []
        position = self._index.start_of(stream, lines.start)
        if lines.stop < self._index.n_lines:
            end = self._index.start_of(stream, lines.stop)
        else:
            end = self._index.size
        scan = _Scan(self._needle, lines.start)
        while position < end:
            stream.seek(position)
            piece = stream.read(min(2 * BLOCK_BYTES, end - position))
            if not piece:
                break
            position += len(piece)
            scan.take(piece, is_last=position >= end)
        return scan.found


class _Scan:
    """Searches bytes that come in pieces; what lies across two pieces of a line is found."""

    def __init__(self, needle: str, line: int) -> None:
        self.found: list[int] = []
        self._needle, self._line = needle, line
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        self._carry = ""

    def take(self, piece: bytes, *, is_last: bool) -> None:
        text = self._carry + self._decoder.decode(piece, final=is_last).casefold()
        position, at = 0, text.find(self._needle)
        while at >= 0:
            self._line += text.count("\n", position, at)
            if self.found[-1:] != [self._line]:
                self.found.append(self._line)
            position = text.find("\n", at)
            if position < 0:
                position = len(text)
                break
            at = text.find(self._needle, position)
        self._line += text.count("\n", position)
        kept = len(self._needle) - 1
        self._carry = text[-kept:].rpartition("\n")[2] if kept else ""
