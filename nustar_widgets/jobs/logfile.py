"""The log of a job, read from its file as needed: memory does not grow with it."""

from __future__ import annotations

import os
import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

_TAIL_BYTES = 1 << 17
_ERROR = re.compile(r"\berror\b|\bfatal\b", re.IGNORECASE)


@dataclass(frozen=True)
class LogFile:
    """What a task printed.

    Attributes
    ----------
    path
        The file; it need not exist yet.
    """

    path: Path

    @property
    def size(self) -> int:
        """Bytes written so far."""
        try:
            return self.path.stat().st_size
        except FileNotFoundError:
            return 0

    def tail(self, lines: int = 500) -> list[str]:
        """Return the last lines, at most; of very long ones fewer."""
        size = self.size
        if not size:
            return []
        with self.path.open("rb") as stream:
            stream.seek(max(0, size - _TAIL_BYTES))
            found = stream.read().decode(errors="replace").splitlines()
        return found[1:][-lines:] if size > _TAIL_BYTES else found[-lines:]

    def read_from(self, offset: int, most: int = _TAIL_BYTES) -> tuple[str, int]:
        """Return what was written after an offset, and the offset to go on from.

        Where more than ``most`` bytes were written since, the older ones are passed over.
        """
        size = self.size
        if size <= offset:
            return "", offset
        with self.path.open("rb") as stream:
            stream.seek(max(offset, size - most))
            piece = stream.read(most)
        whole = piece.rpartition(b"\n")
        kept = whole[0] + whole[1]
        return kept.decode(errors="replace"), max(offset, size - most) + len(kept)

    def search(self, text: str, most: int = 200) -> list[tuple[int, str]]:
        """Return (number, line) of the last lines that hold a text, without regard to case."""
        wanted = text.lower()
        found = ((number, line) for number, line in self._lines() if wanted in line.lower())
        return list(deque(found, maxlen=most))

    def errors(self, most: int = 20) -> list[tuple[int, str]]:
        """Return (number, line) of the first lines that speak of an error."""
        return list(islice((item for item in self._lines() if _ERROR.search(item[1])), most))

    def _lines(self) -> Iterator[tuple[int, str]]:
        if self.path.exists():
            with self.path.open(encoding="utf-8", errors="replace") as stream:
                for number, line in enumerate(stream, start=1):
                    yield number, line.rstrip(os.linesep)
