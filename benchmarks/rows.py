"""Rows of the printed tables: a measurement, what it should be, and a peer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.timing import Timing

HEADER = ("what", "median", "p95", "CPU", "target", "met", "peer (median)", "times faster")


@dataclass(frozen=True, kw_only=True)
class Row:
    """One line of a table.

    Parameters
    ----------
    what
        What was measured.
    timing
        The durations.
    median_at_most_s, p95_at_most_s
        Targets [s]; None where there is none.
    peer
        The same work done by the peer; None where there is no peer.
    faster_at_least
        Target for the ratio of medians, where there is a peer.
    """

    what: str
    timing: Timing
    median_at_most_s: float | None = None
    p95_at_most_s: float | None = None
    peer: Timing | None = None
    faster_at_least: float | None = None

    @property
    def met(self) -> bool | None:
        """Whether every target is met; None without one."""
        checks = [value <= limit for value, limit in self._limits() if limit is not None]
        if self.peer is not None and self.faster_at_least is not None:
            checks.append(self.timing.times_faster_than(self.peer) >= self.faster_at_least)
        return all(checks) if checks else None

    def _limits(self) -> tuple[tuple[float, float | None], ...]:
        return (
            (self.timing.median_s, self.median_at_most_s),
            (self.timing.p95_s, self.p95_at_most_s),
        )

    def cells(self) -> tuple[str, ...]:
        """Return the row as text, one piece a column of ``HEADER``."""
        ratio = "" if self.peer is None else _times(self.timing.times_faster_than(self.peer))
        return (
            self.what,
            duration(self.timing.median_s),
            duration(self.timing.p95_s),
            "" if (cpu := self.timing.cpu_median_s) is None else duration(cpu),
            self._target(),
            {True: "yes", False: "**no**", None: ""}[self.met],
            "" if self.peer is None else duration(self.peer.median_s),
            ratio,
        )

    def _target(self) -> str:
        parts = []
        if self.median_at_most_s is not None:
            parts.append(f"<= {duration(self.median_at_most_s)}")
        if self.p95_at_most_s is not None:
            parts.append(f"p95 <= {duration(self.p95_at_most_s)}")
        if self.peer is not None and self.faster_at_least is not None:
            parts.append(f">= {self.faster_at_least:.0f} times")
        return ", ".join(parts)


@dataclass(frozen=True, kw_only=True)
class SizeRow:
    """A line about memory instead of time.

    Parameters
    ----------
    what
        What was measured.
    megabytes
        Size [MB of 1e6 bytes].
    at_most_mb
        Target; None where there is none.
    peer_mb
        What the peer takes; None where there is no peer.
    """

    what: str
    megabytes: float
    at_most_mb: float | None = None
    peer_mb: float | None = None

    @property
    def met(self) -> bool | None:
        """Whether the target is met; None without one."""
        return None if self.at_most_mb is None else self.megabytes <= self.at_most_mb

    def cells(self) -> tuple[str, ...]:
        """Return the row as text, one piece a column of ``HEADER``."""
        return (
            self.what,
            f"{self.megabytes:.0f} MB",
            "",
            "",
            "" if self.at_most_mb is None else f"<= {self.at_most_mb:.0f} MB",
            {True: "yes", False: "**no**", None: ""}[self.met],
            "" if self.peer_mb is None else f"{self.peer_mb:.0f} MB",
            "",
        )


@dataclass(frozen=True, kw_only=True)
class Table:
    """What one part of the benchmark found.

    Parameters
    ----------
    title
        Heading.
    rows
        The measurements.
    notes
        How to read them, one sentence or two each.
    """

    title: str
    rows: Sequence[Row | SizeRow] = ()
    notes: Sequence[str] = ()

    def markdown(self) -> str:
        """Return the table as docs/performance.md holds it."""
        lines = [f"### {self.title}", ""]
        if self.rows:
            lines += [_line(HEADER), _line(("---",) * len(HEADER))]
            lines += [_line(row.cells()) for row in self.rows] + [""]
        lines += [f"- {note}" for note in self.notes]
        return "\n".join(lines)


def duration(seconds: float) -> str:
    """Three digits in a unit people read: 0.43 ms, 12.1 ms, 1.30 s."""
    if seconds < 1.0:
        return f"{_three_digits(seconds * 1e3)} ms"
    return f"{_three_digits(seconds)} s"


def _times(ratio: float) -> str:
    return f"{ratio:.1f}" if ratio < 10 else f"{ratio:.0f}"


def _three_digits(value: float) -> str:
    return f"{value:.0f}" if value >= 100 else f"{value:#.3g}"


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
