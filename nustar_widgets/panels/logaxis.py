"""Logarithmic axes of whole decades, and error bars on them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import bqplot
    from numpy.typing import NDArray


def show_decades(axis: bqplot.Axis, bottom: int, top: int) -> None:
    """Let an axis show powers of ten.

    Parameters
    ----------
    axis
        The axis; its scale is logarithmic.
    bottom, top
        First and last power shown.
    """
    with axis.scale.hold_sync():
        axis.scale.min, axis.scale.max = 10.0**bottom, 10.0**top
    axis.tick_values = 10.0 ** np.arange(bottom, top + 1.0)


def error_bars(value: NDArray[np.float64], error: NDArray[np.float64]) -> NDArray[np.float64]:
    """Lower end, upper end and a gap for every point (3 n,).

    Ends below the axis are cut off far down; a point that is not positive has no place there.

    Parameters
    ----------
    value, error
        (n,) values and their errors.
    """
    low = np.maximum(value - error, value / 1e3)
    ends = np.stack([low, value + error, np.full(value.size, np.nan)], axis=1)
    ends[~(value > 0)] = np.nan
    return ends.ravel()
