"""How far a download is."""

from __future__ import annotations

import threading
import time
from collections import deque
from dataclasses import dataclass
from typing import Final

_WINDOW_S: Final = 5.0  # the rate is that of the last seconds


@dataclass(frozen=True, kw_only=True)
class DownloadProgress:
    """How far a download is at one moment.

    Attributes
    ----------
    files_done, files_total
        Files that are whole, and all; the total is ``None`` where the host packs them itself.
    bytes_done, bytes_total
        The same in bytes, with what was there before; ``None`` where it is not known.
    bytes_per_s
        Transfer rate of the last seconds.
    seconds_left
        Time left at this rate [s]; ``None`` while it is not known.
    """

    files_done: int
    files_total: int | None
    bytes_done: int
    bytes_total: int | None
    bytes_per_s: float = 0.0
    seconds_left: float | None = None

    def describe(self) -> str:
        """Say it in one line."""
        files = f"{self.files_done} of {self.files_total} files" if self.files_total else "packing"
        size = size_text(self.bytes_done)
        if self.bytes_total is not None:
            size += f" of {size_text(self.bytes_total)}"
        words = [files, size, f"{size_text(self.bytes_per_s)}/s"]
        if self.seconds_left is not None:
            words.append(f"{self.seconds_left:.0f} s left")
        return ", ".join(words)


class Meter:
    """Counts what several threads transfer.

    Parameters
    ----------
    files_total, bytes_total
        All there is to do; ``None`` where it is not known.
    bytes_before
        What was there already.
    """

    def __init__(
        self, *, files_total: int | None, bytes_total: int | None, bytes_before: int = 0
    ) -> None:
        self._lock = threading.Lock()
        self._files_total = files_total
        self._bytes_total = bytes_total
        self._files = 0
        self._bytes = bytes_before
        self._moved = 0
        self._past = deque([(time.monotonic(), 0)])

    def expect(self, *, files_total: int | None = None, bytes_total: int | None = None) -> None:
        """Set how much there is to do, once it is known."""
        with self._lock:
            self._files_total = self._files_total if files_total is None else files_total
            self._bytes_total = self._bytes_total if bytes_total is None else bytes_total

    def add(self, count: int) -> None:
        """Count bytes that have come."""
        with self._lock:
            self._bytes += count
            self._moved += count

    def take_back(self, count: int) -> None:
        """Count off bytes that were there and must come again."""
        with self._lock:
            self._bytes -= count

    def file_done(self) -> None:
        """Count a file that is whole."""
        with self._lock:
            self._files += 1

    def now(self) -> DownloadProgress:
        """Return how far it is."""
        with self._lock:
            rate = self._rate()
            left = None if self._bytes_total is None else max(0, self._bytes_total - self._bytes)
            return DownloadProgress(
                files_done=self._files,
                files_total=self._files_total,
                bytes_done=self._bytes,
                bytes_total=self._bytes_total,
                bytes_per_s=rate,
                seconds_left=None if left is None or not rate else left / rate,
            )

    def _rate(self) -> float:
        now = time.monotonic()
        self._past.append((now, self._moved))
        while len(self._past) > 2 and now - self._past[1][0] > _WINDOW_S:
            self._past.popleft()
        since, before = self._past[0]
        return (self._moved - before) / (now - since) if now > since else 0.0


def size_text(count: float) -> str:
    """Write a number of bytes for people, in powers of 1000: ``202 MB``."""
    for unit in ("B", "kB", "MB", "GB"):
        if count < 999.5:
            return f"{count:.3g} {unit}"
        count /= 1000.0
    return f"{count:.3g} TB"
