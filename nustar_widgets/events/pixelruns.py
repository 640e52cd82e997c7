"""Runs of neighbouring sky pixels: a region as the pixel index wants it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from nustar_widgets.events.pixelmask import PixelMask

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class PixelRuns:
    """Runs of neighbouring pixels, flat indices into the (ny, nx) plane.

    Parameters
    ----------
    first, last
        (n,) first pixel and one past the last of each run.
    """

    first: NDArray[np.intp]
    last: NDArray[np.intp]

    @classmethod
    def of(cls, mask: PixelMask, nx: int) -> PixelRuns:
        """Find the runs of a mask, row by row.

        Parameters
        ----------
        mask
            The pixels.
        nx
            Width of the plane.
        """
        height, width = mask.inside.shape
        padded, window = _padded(height, width)
        window[:, :width] = mask.inside
        edges = np.flatnonzero(padded[1:] != padded[:-1])
        edges += _shift(edges, width, nx, mask.y0 * nx + mask.x0)
        return cls(edges[0::2], edges[1::2])

    def total(self, running: NDArray[np.int32]) -> int:
        """Events in the runs.

        Parameters
        ----------
        running
            (n_pixels + 1,) number of events before each pixel.
        """
        return int((running[self.last] - running[self.first]).sum())

    def slices(self, indptr: NDArray[np.int32]) -> list[slice]:
        """Find where the events of the runs are in a column that is in pixel order.

        Parameters
        ----------
        indptr
            (n_pixels + 1,) where each pixel's events begin.
        """
        begin, end = indptr[self.first].tolist(), indptr[self.last].tolist()
        return [slice(a, b) for a, b in zip(begin, end, strict=True) if b > a]


@lru_cache(maxsize=8)
def runs_of(mask: PixelMask, nx: int) -> PixelRuns:
    """Find the runs of a mask, remembered while the same mask is asked for again.

    While a source is dragged its background stays, and both modules ask for either.

    Parameters
    ----------
    mask
        The pixels; recognised by identity, and never changed in place.
    nx
        Width of the plane.
    """
    return PixelRuns.of(mask, nx)


def changed_runs(old: PixelMask, new: PixelMask, nx: int) -> tuple[PixelRuns, PixelRuns]:
    """Pixels that enter and pixels that leave when a region moves.

    Parameters
    ----------
    old, new
        The region before and after.
    nx
        Width of the plane.

    Returns
    -------
    tuple of PixelRuns
        Entered, left.
    """
    y0, x0 = min(old.y0, new.y0), min(old.x0, new.x0)
    height = max(m.y0 + m.inside.shape[0] for m in (old, new)) - y0
    width = max(m.x0 + m.inside.shape[1] for m in (old, new)) - x0
    padded, window = _padded(height, width)
    _cut(window, new, y0, x0)[...] += new.inside
    _cut(window, old, y0, x0)[...] -= old.inside
    # Between two edges the window is constant: 1 entered, -1 left, 0 neither.
    edges = np.flatnonzero(padded[1:] != padded[:-1])
    value = padded[1:][edges[:-1]]
    # A run may end where its row's padding begins, so both ends shift by the row of the first.
    first, last = edges[:-1], edges[1:]
    shift = _shift(first, width, nx, y0 * nx + x0)
    entered, left = value > 0, value < 0
    return (
        PixelRuns((first + shift)[entered], (last + shift)[entered]),
        PixelRuns((first + shift)[left], (last + shift)[left]),
    )


def n_events(slices: list[slice]) -> int:
    """Count the events in slices of a column.

    Parameters
    ----------
    slices
        As ``PixelRuns.slices`` gives them.
    """
    return sum(piece.stop - piece.start for piece in slices)


def windows_overlap(one: PixelMask, other: PixelMask) -> bool:
    """Whether the windows of two masks share a pixel.

    Parameters
    ----------
    one, other
        The masks.
    """
    return all(
        max(a, b) < min(a + n, b + m)
        for a, n, b, m in (
            (one.y0, one.inside.shape[0], other.y0, other.inside.shape[0]),
            (one.x0, one.inside.shape[1], other.x0, other.inside.shape[1]),
        )
    )


def _padded(height: int, width: int) -> tuple[NDArray[np.int8], NDArray[np.int8]]:
    """Make a flat window with one empty cell in front and an empty column on the right.

    The padding keeps the runs of neighbouring rows apart.
    """
    flat = np.zeros(height * (width + 1) + 1, np.int8)
    return flat, flat[1:].reshape(height, width + 1)


def _cut(window: NDArray[np.int8], mask: PixelMask, y0: int, x0: int) -> NDArray[np.int8]:
    height, width = mask.inside.shape
    top, left = mask.y0 - y0, mask.x0 - x0
    return window[top : top + height, left : left + width]


def _shift(cells: NDArray[np.intp], width: int, nx: int, origin: int) -> NDArray[np.intp]:
    """Return what to add to a cell of the padded window to get its pixel of the plane."""
    return cells // (width + 1) * (nx - width - 1) + origin
