"""Which sky pixels a region holds: the currency between regions and extraction.

HEASoft tests a region at the pixel centres of the event list (``regfilter("file",X,Y)`` on integer
X, Y), so a region *is* a set of sky pixels. Only the smallest useful window of the plane is kept:
a source circle touches some 1700 of a million pixels.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nustar_widgets.events.skygrid import SkyGrid


@dataclass(frozen=True, eq=False)
class PixelMask:
    """A set of sky pixels, as a window of the (ny, nx) plane.

    Parameters
    ----------
    y0, x0
        Zero-based array offset of the window: ``inside[0, 0]`` is plane element ``[y0, x0]``.
    inside
        (h, w) whether each pixel of the window belongs to the set. May hold no pixel at all.
    """

    y0: int
    x0: int
    inside: NDArray[np.bool_]

    @classmethod
    def everything(cls, grid: SkyGrid) -> PixelMask:
        """Every pixel of the plane, as HEASoft selects when it ignores a region file."""
        return cls(0, 0, np.ones(grid.shape, dtype=np.bool_))

    @classmethod
    def nothing(cls) -> PixelMask:
        """No pixel, as of a region that lies off the plane."""
        return cls(0, 0, np.zeros((0, 0), dtype=np.bool_))

    @property
    def n_pixels(self) -> int:
        """Number of pixels in the set."""
        return int(np.count_nonzero(self.inside))

    def full(self, grid: SkyGrid) -> NDArray[np.bool_]:
        """(ny, nx) the same set over the whole plane."""
        plane = np.zeros(grid.shape, dtype=np.bool_)
        height, width = self.inside.shape
        plane[self.y0 : self.y0 + height, self.x0 : self.x0 + width] = self.inside
        return plane

    def same_pixels(self, other: PixelMask) -> bool:
        """Whether two masks hold the same pixels, whatever their windows."""
        mine, theirs = self.trimmed(), other.trimmed()
        return (mine.y0, mine.x0) == (theirs.y0, theirs.x0) and np.array_equal(
            mine.inside, theirs.inside
        )

    def trimmed(self) -> PixelMask:
        """Return the same set in the smallest window that holds it."""
        rows = np.flatnonzero(self.inside.any(axis=1))
        if rows.size == 0:
            return PixelMask.nothing()
        columns = np.flatnonzero(self.inside.any(axis=0))
        top, left = int(rows[0]), int(columns[0])
        window = self.inside[top : rows[-1] + 1, left : columns[-1] + 1]
        return PixelMask(self.y0 + top, self.x0 + left, window)
