"""Fill a polygon exactly as CFITSIO does, row by row.

CFITSIO (``region.c``) asks for each point how many edges lie to its right; a point within 1e-10
of an edge is inside. For one row and one edge that answer changes at a single column, so instead
of testing every pixel against every edge, the column is found for all (edge, row) pairs at once,
with CFITSIO's own arithmetic at the three columns next to the crossing, and the parities are
summed along the rows. Time goes as edges x rows + pixels.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
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
    crossings = _Crossings.of(np.asarray(vertices, dtype=np.float64), y)
    first, width = x[0], x.size
    below = np.clip(crossings.column - 1.0 - first, 0.0, width).astype(np.intp)
    on_edge: list[tuple[Bools, Floats]] = []
    for step in (-1.0, 0.0, 1.0):
        column = crossings.column + step
        in_window = (column >= first) & (column < first + width)
        left, on = crossings.at(column)
        below += left & in_window
        on_edge.append((on & in_window, column - first))
    inside = _parity(below, crossings.counts, y.size, width)
    for on, offset in on_edge:
        edges, rows = np.nonzero(on)
        inside[rows, offset[edges, rows].astype(np.intp)] = True
    _fill_level_edges(inside, crossings, x)
    in_bounds = (x >= crossings.x1.min()) & (x <= crossings.x1.max())
    bounded: Bools = inside & in_bounds
    return bounded


def _parity(below: NDArray[np.intp], counts: Bools, height: int, width: int) -> Bools:
    """(h, w) whether an odd number of edges lies to the right of each pixel.

    ``below`` (edge, row) counts the pixels from the left that have this edge to their right.
    """
    edges, rows = np.nonzero(counts)
    ends = rows * (width + 1) + below[edges, rows]
    passed = np.bincount(ends, minlength=height * (width + 1)).reshape(height, width + 1)
    passed = passed.cumsum(axis=1)
    odd: Bools = ((passed[:, -1:] - passed[:, :-1]) & 1).astype(np.bool_)
    return odd


def _fill_level_edges(inside: Bools, crossings: _Crossings, x: Floats) -> None:
    """Set the pixels on level edges, whose crossing with their row is not one column."""
    for edge in np.flatnonzero(crossings.level[:, 0]):
        x0, x1 = crossings.x0[edge, 0], crossings.x1[edge, 0]
        touched = (~((x > x0) & (x >= x1))) & ((x >= x0) | (x > x1))
        inside[np.ix_(crossings.active[edge] & crossings.near_start[edge], touched)] = True


@dataclass(frozen=True, eq=False)
class _Crossings:
    """Where the edges of a polygon cross rows: arrays (edge, row), or (edge, 1) per edge."""

    x0: Floats  # (edge, 1) start of the edge
    x1: Floats  # (edge, 1) its end
    level: Bools  # (edge, 1) the edge lies within a row
    active: Bools  # the row meets the edge
    counts: Bools  # the edge changes the parity of pixels to its left
    near_start: Bools  # the row is that of the start
    crossing: Floats  # X of the crossing
    column: Floats  # whole column next to it

    @classmethod
    def of(cls, end: Floats, y: Floats) -> _Crossings:
        start = np.roll(end, 1, axis=0)
        (x0, y0), (x1, y1) = start.T[..., None], end.T[..., None]
        # The end of an edge belongs to the next edge, its start to itself.
        active = ~(((y > y0) & (y >= y1)) | ((y < y0) & (y <= y1)))
        rise = y1 - y0
        level = np.abs(rise) < ON_EDGE
        crossing = x0 + ((x1 - x0) / np.where(level, 1.0, rise)) * (y - y0)
        column = np.floor(np.where(level, np.minimum(x0, x1), crossing))
        through = (y1 - y) * (y - _before(end[:, 1])[:, None]) > 0
        return cls(
            x0=x0,
            x1=x1,
            level=level,
            active=active,
            counts=active & ((y != y0) | through),
            near_start=np.abs(y - y0) < ON_EDGE,
            crossing=np.where(level, -np.inf, crossing),
            column=column,
        )

    def at(self, x: Floats) -> tuple[Bools, Bools]:
        """Whether the edges lie to the right of columns x (edge, row), and whether x is on them."""
        past = (x > self.x0) & (x >= self.x1)
        beside = (x >= self.x0) | (x > self.x1)  # within the edge's span: look closely
        distance = self.crossing - x
        left = ~past & (~beside | (distance >= ON_EDGE))
        on = self.active & ~past & beside & (distance >= -ON_EDGE) & (distance < ON_EDGE)
        return left, on


def _before(y: Floats) -> Floats:
    """For each edge, Y of the last corner before its start that is not level with the start.

    A row through a corner crosses the outline there only if the outline goes on to the other side.
    """
    count = len(y)
    before = np.empty(count)
    for edge in range(count):
        start = y[edge - 1]
        back = (y[(edge - 2 - step) % count] for step in range(count))
        before[edge] = next((value for value in back if value != start), start)
    return before
