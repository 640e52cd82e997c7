"""The paths a plot draws: steps of a model, crosses of points. Gaps are NaN, ends are numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from nustar_widgets.fits.plotlines import Points

    Array = NDArray[np.float64]
    Single = NDArray[np.float32]

FLOOR: Final = 1e-30
"""Where a logarithmic plot draws what is zero or less: far below what is seen."""


class StepPath:
    """A line that is level in each bin, and broken where bins do not touch.

    It has each bin's lower edge, for lines that step after their points.

    Parameters
    ----------
    low_kev, high_kev
        (n,) edges of the bins, ascending.
    """

    def __init__(self, low_kev: Array, high_kev: Array) -> None:
        n = low_kev.size
        breaks = np.flatnonzero(low_kev[1:] > high_kev[:-1] * (1 + 1e-6)) + 1
        last = np.append(breaks, n)[: n and None] - 1  # of each run of bins
        places = np.arange(n)
        self._take = np.insert(places, last + 1, last)
        self.x = np.insert(low_kev, last + 1, high_kev[last]).astype(np.float32)
        """(m,) where the line steps [keV]."""
        gaps = (
            np.flatnonzero(np.diff(self._take) == 0)[:-1] + 2
        )  # after the end of all but the last
        self._take = np.insert(self._take, gaps, n)
        self.x = np.insert(self.x, gaps, self.x[gaps - 1])

    def y(self, values: Array, *, log: bool, unseen: float | None = None) -> Single:
        """Values at ``x``.

        Parameters
        ----------
        values
            (n,) values.
        log
            Whether the axis is logarithmic.
        unseen
            Bins below this are left out, but for the first and the last of them.
        """
        shown = np.maximum(values, FLOOR) if log else values
        if unseen is not None:
            shown = _without(shown, shown < unseen)
        return np.append(shown, np.nan)[self._take].astype(np.float32)


def _without(values: Array, unwanted: NDArray[np.bool_]) -> Array:
    """Leave out bins that stand between others that are unwanted too."""
    between = unwanted.copy()
    between[:1] = between[-1:] = False
    between[1:-1] &= unwanted[:-2] & unwanted[2:]
    return np.where(between, np.nan, values)


def crosses_x(points: Points) -> Single:
    """(6 n,) horizontal places of gap, bin from edge to edge, gap, error bar in its middle [keV].

    Parameters
    ----------
    points
        The points.
    """
    low, high = points.low_kev, points.high_kev
    middle = (low + high) / 2
    return np.stack([low, low, high, middle, middle, middle], axis=1).ravel().astype(np.float32)


def crosses_y(points: Points, *, log: bool) -> Single:
    """(6 n,) heights that belong to :func:`crosses_x`.

    On a logarithmic axis a point that is zero or less is the part of its error bar that is not.

    Parameters
    ----------
    points
        The points.
    log
        Whether the axis is logarithmic.
    """
    y, low, high = points.y, points.y - points.error, points.y + points.error
    if log:
        y = np.where(y > 0, y, np.nan)
        low = np.where(high > 0, np.maximum(low, FLOOR), np.nan)
        high = np.where(high > 0, high, np.nan)
    gap = np.full(y.size, np.nan)
    return _ending(np.stack([gap, y, y, gap, low, high], axis=1).ravel(), log=log)


def bars(low_kev: Array, high_kev: Array, values: Array, *, log: bool) -> tuple[Single, Single]:
    """(3 n,) levels without error bars, each from edge to edge of its bin.

    Parameters
    ----------
    low_kev, high_kev
        (n,) edges of the bins [keV].
    values
        (n,) levels.
    log
        Whether the axis is logarithmic.
    """
    shown = np.where(values > 0, values, np.nan) if log else values
    gap = np.full(values.size, np.nan)
    x = np.stack([low_kev, low_kev, high_kev], axis=1).ravel().astype(np.float32)
    return x, _ending(np.stack([gap, shown, shown], axis=1).ravel(), log=log)


def stacked(rows: Sequence[Single]) -> Single:
    """Stack paths of different length: short ones repeat their end, which draws nothing.

    Parameters
    ----------
    rows
        The paths, none of them empty.
    """
    longest = max(row.size for row in rows)
    if all(row.size == longest for row in rows):
        return np.stack(rows)
    whole = np.empty((len(rows), longest), np.float32)
    for row, values in zip(whole, rows, strict=True):
        row[: values.size], row[values.size :] = values, values[-1]
    return whole


def _ending(values: Array, *, log: bool) -> Single:
    """Let the path end in a number, where bqplot wants one: one place alone draws nothing."""
    single = values.astype(np.float32)
    if single.size and not np.isfinite(single[-1]):
        single[-1] = np.float32(FLOOR if log else 0.0)
    return single
