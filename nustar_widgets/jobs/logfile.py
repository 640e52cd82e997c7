"""The log of a job, read from its file as needed: memory does not grow with it."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from nustar_widgets.jobs.logerrors import speaks_of_error

_TAIL_BYTES = 1 << 17


@dataclass(frozen=True)
class LogFile:
    r"""What a task printed. Only ``\n`` separates its lines.

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
            found = stream.read().removesuffix(b"\n").split(b"\n")
        whole = found[1:] if size > _TAIL_BYTES else found
        return [_text(line) for line in whole[-lines:]]

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
        wanted = text.casefold()
        lines = ((number, _text(line)) for number, line in self._lines())
        found = ((number, line) for number, line in lines if wanted in line.casefold())
        return list(deque(found, maxlen=most))

    def errors(self, most: int = 20) -> list[tuple[int, str]]:
        """Return (number, line) of the first lines that speak of an error."""
        found = (item for item in self._lines() if speaks_of_error(item[1]))
        return [(number, _text(line)) for number, line in islice(found, most)]

    def _lines(self) -> Iterator[tuple[int, bytes]]:
        if self.path.exists():
            with self.path.open("rb") as stream:
                for number, line in enumerate(stream, start=1):
                    yield number, line.removesuffix(b"\n")


def _text(line: bytes) -> str:
    return line.removesuffix(b"\r").decode(errors="replace")
