"""Where the lines of a log are, without holding them: a log of ten million lines takes 100 kB."""

from __future__ import annotations

import os
import threading
from array import array
from bisect import bisect_left
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Final

from nustar_widgets.jobs.logerrors import READ_BYTES, lines_with_errors, speaks_of_error

BLOCK_BYTES: Final = 1 << 16
MOST_ERRORS: Final = 1000
_STEP_BYTES: Final = 1 << 24
_WINDOW_BYTES: Final = 1 << 16  # read at once for lines to show; more than is shown of one
_KNOWN_BYTES: Final = 256  # of the beginning and the end, to know the file again


class LogIndex:
    r"""The lines of a file that grows. They are counted from 0; only ``\n`` separates them.

    Of each block of the file it is known how many lines ended before it; nothing else grows with
    the file. May be used from several threads.

    Parameters
    ----------
    path
        The file; it need not exist yet.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.generation = 0
        """How often the file was found to be another one, and read from its beginning."""
        self._growing, self._lock = threading.Lock(), threading.Lock()
        self._forget()

    def _forget(self) -> None:
        self._before = array("Q", [0])  # lines that ended before each block
        self._ended = self._size = 0
        self._head = self._first = self._last = b""
        self._file: tuple[int, int] | None = None
        self._errors = array("Q")
        self._n_errors = 0

    @property
    def size(self) -> int:
        """Bytes read so far."""
        return self._size

    @property
    def n_lines(self) -> int:
        """Lines read so far; the last one may yet become longer."""
        with self._lock:
            return self._ended + bool(self._head)

    @property
    def n_errors(self) -> int:
        """How many lines speak of an error."""
        with self._lock:
            return self._n_errors + speaks_of_error(self._head)

    @property
    def errors(self) -> tuple[int, ...]:
        """Lines that speak of an error: the first thousand."""
        with self._lock:
            last = (self._ended,) if speaks_of_error(self._head) else ()
            return (*self._errors, *last)[:MOST_ERRORS]

    @property
    def memory_bytes(self) -> int:
        """What the index itself holds, in bytes."""
        held = (self._before, self._errors)
        return sum(part.itemsize * len(part) for part in held) + len(self._head)

    # -- growing --------------------------------------------------------------------------

    def grow(self, most_bytes: int = _STEP_BYTES) -> bool:
        """Read what was written since; return whether anything has changed.

        A file that is another one, or shorter, is read from its beginning. One that was written
        over from the beginning without becoming shorter is known by its first and last bytes.

        Parameters
        ----------
        most_bytes
            Stop after so many, so that the caller can tell how far it is; while there is more,
            the answer is true.
        """
        with self._growing:
            try:
                with self.path.open("rb") as stream:
                    is_new = self._start_over_if_another(stream)
                    return self._read_on(stream, most_bytes) or is_new
            except FileNotFoundError:
                return self._start_over()

    def _start_over_if_another(self, stream: IO[bytes]) -> bool:
        status = os.fstat(stream.fileno())
        file = (status.st_dev, status.st_ino)
        if self._file in {None, file} and status.st_size >= self._size and self._knows(stream):
            self._file = file
            return False
        is_new = self._start_over()
        self._file = file
        return is_new

    def _knows(self, stream: IO[bytes]) -> bool:
        first = stream.read(len(self._first))
        stream.seek(self._size - len(self._last))
        return (first, stream.read(len(self._last))) == (self._first, self._last)

    def _start_over(self) -> bool:
        if self._file is None:
            return False
        with self._lock:
            self._forget()
            self.generation += 1
        return True

    def _read_on(self, stream: IO[bytes], most_bytes: int) -> bool:
        start, end = self._size, self._size + most_bytes
        while self._size < end:  # each read lets other threads run
            stream.seek(self._size)
            piece = stream.read(BLOCK_BYTES - self._size % BLOCK_BYTES)
            if not piece:
                break
            with self._lock:
                self._take(piece)
        return self._size > start

    def _take(self, piece: bytes) -> None:
        if len(self._first) < _KNOWN_BYTES:
            self._first = (self._first + piece)[:_KNOWN_BYTES]
        self._last = (self._last + piece[-_KNOWN_BYTES:])[-_KNOWN_BYTES:]
        self._size += len(piece)
        end = piece.rfind(b"\n") + 1
        if end:
            self._take_lines(piece[:end])
            self._head = b""
        self._head = (self._head + piece[end:])[:READ_BYTES]
        if self._size % BLOCK_BYTES == 0:
            self._before.append(self._ended)

    def _take_lines(self, lines: bytes) -> None:
        """Take in the rest of the line that was not over yet, and whole ones."""
        after = lines.index(b"\n") + 1
        if speaks_of_error(self._head + lines[: after - 1]):
            self._note_error(self._ended)
        number, at = self._ended + 1, 0
        whole = lines[after:]
        for start in lines_with_errors(whole):
            number, at = number + whole.count(b"\n", at, start), start
            self._note_error(number)
        self._ended += 1 + whole.count(b"\n")

    def _note_error(self, number: int) -> None:
        self._n_errors += 1
        if len(self._errors) < MOST_ERRORS:
            self._errors.append(number)

    # -- reading --------------------------------------------------------------------------

    def lines(self, first: int, count: int) -> list[str]:
        """Return lines as they are shown: long ones clipped, with a mark that says so.

        Parameters
        ----------
        first, count
            The first one, and how many; fewer are returned where there are no more.
        """
        stop = min(first + count, self.n_lines)
        if not 0 <= first < stop:
            return []
        try:
            with self.path.open("rb") as stream:
                return [shown(*line) for line in self._raw(stream, first, stop)]
        except FileNotFoundError:
            return []

    def _raw(self, stream: IO[bytes], first: int, stop: int) -> Iterator[tuple[bytes, int]]:
        """Yield the first bytes of lines, and the length of each."""
        position, number = self.start_of(stream, first), first
        while number < stop:
            stream.seek(position)
            piece = stream.read(max(0, min(_WINDOW_BYTES, self._size - position)))
            if not piece:  # the file has become shorter
                return
            if b"\n" in piece:
                whole = piece[: piece.rindex(b"\n")].split(b"\n", stop - number)[: stop - number]
                yield from ((line, len(line)) for line in whole)
                number += len(whole)
                position += sum(map(len, whole)) + len(whole)
            else:  # longer than a block, or the last one
                is_over = number < self._ended
                end = self.start_of(stream, number + 1) - 1 if is_over else self._size
                yield piece, end - position
                number, position = number + 1, end + 1

    def start_of(self, stream: IO[bytes], line: int) -> int:
        """Return at which byte a line starts; that of the line after the last is not known.

        Parameters
        ----------
        stream
            The file, open for reading bytes.
        line
            The line.
        """
        if line == 0:
            return 0
        with self._lock:
            block = self._block_of(line)
            further = line - self._before[block]
        stream.seek(block * BLOCK_BYTES)
        piece = stream.read(BLOCK_BYTES)
        rest = piece.split(b"\n", further)[-1]
        return block * BLOCK_BYTES + len(piece) - len(rest)

    # -- blocks, for what goes through the whole file ---------------------------------------

    def block_of(self, line: int) -> int:
        """Return the block in which the line before ends: each line belongs to one block."""
        with self._lock:
            return self._block_of(line)

    def _block_of(self, line: int) -> int:
        return max(0, bisect_left(self._before, line) - 1)

    @property
    def n_blocks(self) -> int:
        """Blocks read so far; the last one may be empty."""
        return len(self._before)

    def lines_of(self, block: int) -> range:
        """Return the lines that belong to a block."""
        with self._lock:
            is_last = block + 1 >= len(self._before)
            ended = self._ended if is_last else self._before[block + 1]
            stop = min(ended + 1, self._ended + bool(self._head))
            return range(self._before[block] + (block > 0), stop)

    def is_settled(self, block: int) -> bool:
        """Return whether nothing written later can change the lines that belong to a block."""
        with self._lock:
            return block + 1 < len(self._before) and self._ended > self._before[block + 1]


def shown(line: bytes, length: int | None = None) -> str:
    """Return a line as it is shown.

    Parameters
    ----------
    line
        Its bytes, or the first of them.
    length
        How many it has in all; ``None`` for those given.
    """
    length = len(line) if length is None else length
    if length <= READ_BYTES:
        return line.removesuffix(b"\r").decode(errors="replace")
    kept = READ_BYTES
    while kept > READ_BYTES - 3 and line[kept] & 0xC0 == 0x80:  # not within a letter
        kept -= 1
    return f"{line[:kept].decode(errors='replace')} \u2026 {length - kept:,} more bytes"
