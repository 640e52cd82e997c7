"""Lines of equal statistic on a map of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from contourpy import contour_generator

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nustar_widgets.engines.fitting import Contour

LEVELS: Final = {"68 %": 2.30, "90 %": 4.61, "99 %": 9.21}
"""Rise of the statistic by level, for two parameters."""


def rise(contour: Contour) -> NDArray[np.float64]:
    """(n_y, n_x) rise of the statistic above its lowest; NaN where it is not known.

    Parameters
    ----------
    contour
        The map, or what is there of it.
    """
    return np.asarray(contour.statistic - lowest(contour), dtype=np.float64)


def lowest(contour: Contour) -> float:
    """Return the lowest statistic: of the best fit, or of a point that is below it.

    Parameters
    ----------
    contour
        The map.
    """
    known = contour.statistic[np.isfinite(contour.statistic)]
    return min(float(contour.best), float(known.min())) if known.size else float(contour.best)


def level_line(
    x: NDArray[np.float64], y: NDArray[np.float64], z: NDArray[np.float64], level: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the line of a level, its pieces parted by NaN; empty where there is none.

    Parameters
    ----------
    x, y
        (n_x,) and (n_y,) where the map is known.
    z
        (n_y, n_x) the map; NaN where it is not known.
    level
        The level.
    """
    if min(z.shape) < 2:
        return np.empty(0), np.empty(0)
    pieces = contour_generator(x, y, np.ma.masked_invalid(z)).lines(level)
    gap = np.full((1, 2), np.nan)
    points = np.concatenate([part for piece in pieces for part in (piece, gap)] or [gap])[:-1]
    return points[:, 0], points[:, 1]  # a page complains of a line that ends in a gap
