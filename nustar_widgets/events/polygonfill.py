"""Fill a polygon exactly as CFITSIO does, row by row.

CFITSIO (``region.c``) asks for each point how many edges lie to its right; a point within 1e-10
of an edge is inside. For one row and one edge that answer changes at a single column, so instead
of testing every pixel against every edge, the column is found for each meeting of an edge with a
row, with CFITSIO's own arithmetic at the three columns next to the crossing, and the parities are
summed along the rows. Time goes as meetings + pixels.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Integers = NDArray[np.intp]
    Bools = NDArray[np.bool_]

# Distance from an edge that still counts as on it [pixel] (region.c).
ON_EDGE: Final = 1e-10


def fill_polygon(vertices: Sequence[tuple[float, float]], x: Floats, y: Floats) -> Bools:
    """Which pixels of a window lie inside a polygon.

    Parameters
    ----------
    vertices
        (x, y) of the corners, in order [pixel].
    x, y
        (w,) and (h,) coordinates of the window's columns and rows: consecutive whole numbers.

    Returns
    -------
    (h, w) whether each pixel is inside or on the edge.
    """
    corners = np.array(vertices, dtype=np.float64)
    meetings = _Meetings.of(corners, y)
    first, width = x[0], x.size
    row = (meetings.y - y[0]).astype(np.intp)
    # Columns left of the three next to a crossing have the edge to their right for sure.
    columns = meetings.column + _NEXT_TO
    left, on = meetings.sides(columns)
    offsets = columns - first
    in_window = (offsets >= 0.0) & (offsets < width)
    below = np.minimum(np.maximum(offsets[0], 0.0), width).astype(np.intp)
    below += (left & in_window).sum(axis=0)
    inside = _parity(row[meetings.counts], below[meetings.counts], y.size, width)
    on &= in_window
    if on.any():
        which = np.nonzero(on)
        inside[row[which[1]], offsets[which].astype(np.intp)] = True
    for edge_row, start, end in meetings.level_edges():
        inside[int(edge_row - y[0]), _on_level_edge(x, start, end)] = True
    # CFITSIO looks no farther than the box around the corners.
    inside[:, x < corners[:, 0].min()] = False
    inside[:, x > corners[:, 0].max()] = False
    return inside


_NEXT_TO: Final = np.array([[-1.0], [0.0], [1.0]])


def _parity(row: Integers, below: Integers, height: int, width: int) -> Bools:
    """(h, w) whether an odd number of edges lies to the right of each pixel.

    ``below`` counts, for each meeting, the pixels from the left with the edge to their right.
    """
    ends = np.bincount(row * (width + 1) + below, minlength=height * (width + 1))
    passed = ends.reshape(height, width + 1).cumsum(axis=1)
    odd: Bools = ((passed[:, -1:] - passed[:, :-1]) & 1).astype(np.bool_)
    return odd


def _on_level_edge(x: Floats, start: float, end: float) -> Bools:
    """Columns on an edge that lies within a row."""
    touched: Bools = ~((x > start) & (x >= end)) & ((x >= start) | (x > end))
    return touched


@dataclass(frozen=True, eq=False)
class _Meetings:
    """Where edges meet rows, one element a meeting."""

    x0: Floats  # X of the start of the edge
    x1: Floats  # X of its end
    y0: Floats  # Y of its start
    y: Floats  # the row
    level: Bools  # the edge lies within a row
    counts: Bools  # the edge changes the parity of pixels to its left
    crossing: Floats  # X of the crossing
    column: Floats  # whole column next to it

    @classmethod
    def of(cls, end: Floats, rows: Floats) -> _Meetings:
        start = end[np.arange(-1, len(end) - 1)]
        edge, y = _rows_of_edges(start[:, 1], end[:, 1], rows)
        (x0, y0), (x1, y1) = start[edge].T, end[edge].T
        rise = y1 - y0
        level = np.abs(rise) < ON_EDGE
        crossing = x0 + ((x1 - x0) / np.where(level, 1.0, rise)) * (y - y0)
        column = crossing
        if level.any():
            column = np.where(level, np.minimum(x0, x1), crossing)
            crossing = np.where(level, -np.inf, crossing)
        counts = y != y0
        for index in np.flatnonzero(~counts):
            # Through a corner: the outline crosses the row only if it goes on to the other side.
            before = _before(end[:, 1], int(edge[index]))
            counts[index] = (y1[index] - y[index]) * (y[index] - before) > 0
        return cls(x0, x1, y0, y, level, counts, crossing, np.floor(column))

    def sides(self, x: Floats) -> tuple[Bools, Bools]:
        """Whether the edge lies to the right of columns x (3, meeting), and whether x is on it."""
        past = (x > self.x0) & (x >= self.x1)
        beside = (x >= self.x0) | (x > self.x1)  # within the edge's span: look closely
        distance = self.crossing - x
        left = ~past & (~beside | (distance >= ON_EDGE))
        on = ~past & beside & (distance >= -ON_EDGE) & (distance < ON_EDGE)
        return left, on

    def level_edges(self) -> list[tuple[float, float, float]]:
        """Row, start and end of the edges that lie within a row."""
        if not self.level.any():
            return []
        met = self.level & (np.abs(self.y - self.y0) < ON_EDGE)
        return list(zip(self.y[met], self.x0[met], self.x1[met], strict=True))


def _rows_of_edges(y0: Floats, y1: Floats, rows: Floats) -> tuple[Integers, Floats]:
    """All meetings of edges with rows: number of the edge, and row.

    The start of an edge belongs to it, its end to the next edge.
    """
    first = np.maximum(np.where(y1 < y0, np.floor(y1) + 1.0, np.ceil(y0)), rows[0])
    last = np.minimum(np.where(y1 > y0, np.ceil(y1) - 1.0, np.floor(y0)), rows[-1])
    counts = np.maximum(last - first + 1.0, 0.0).astype(np.intp)
    edge = np.repeat(np.arange(len(y0)), counts)
    number = np.arange(edge.size) - np.repeat(counts.cumsum() - counts, counts)
    return edge, first[edge] + number


def _before(y: Floats, edge: int) -> float:
    """Y of the last corner before the start of an edge that is not level with the start."""
    start = float(y[edge - 1])
    back = (float(y[(edge - 2 - step) % len(y)]) for step in range(len(y)))
    return next((value for value in back if value != start), start)
