"""The field an event list covers: counts, outline and chips, in a window around the events.

An event list carries no exposure map. Where the detector looked is read off the events themselves:
of all energies, because the background above 80 keV is as good as any for that. The outline is the
*closing* of the events: every place within reach of an event, shrunk again by the same reach, with
a reach at which a hole in a Poisson field is as good as impossible.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
from scipy import ndimage

from nustar_widgets.errors import SelectionError
from nustar_widgets.events.extract import BAND_DEFAULT
from nustar_widgets.events.pixelindex import flat_pixels
from nustar_widgets.events.pixelmask import PixelMask

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nustar_widgets.events.eventlist import EventList
    from nustar_widgets.events.skygrid import SkyGrid

NO_CHIP: Final = -1
_MARGIN: Final = 40
_CELL: Final = 16
_REACH_IN_SPACINGS: Final = 2.2  # 15 events expected within reach: empty in 3e-7 of all places
_REACH_LIMITS: Final = (2.0, 24.0)


class Window(NamedTuple):
    """The part of the sky plane that holds events, with a margin.

    Parameters
    ----------
    y0, x0
        Zero-based offset in the plane.
    height, width
        Its size [pixel].
    """

    y0: int
    x0: int
    height: int
    width: int

    @classmethod
    def around(
        cls, row: NDArray[np.integer[Any]], column: NDArray[np.integer[Any]], grid: SkyGrid
    ) -> Window:
        """Find the window of pixels.

        Parameters
        ----------
        row, column
            Zero-based places of pixels, at least one.
        grid
            The sky plane.
        """
        y0, x0 = max(int(row.min()) - _MARGIN, 0), max(int(column.min()) - _MARGIN, 0)
        height = min(int(row.max()) + _MARGIN + 1, grid.ny) - y0
        return cls(y0, x0, height, min(int(column.max()) + _MARGIN + 1, grid.nx) - x0)

    def cut(self, plane: NDArray[Any]) -> NDArray[Any]:
        """Return this part of a plane.

        Parameters
        ----------
        plane
            (ny, nx) anything.
        """
        return plane[self.y0 : self.y0 + self.height, self.x0 : self.x0 + self.width]


def no_event(events: EventList, band: tuple[int, int]) -> SelectionError:
    """Return the error for an event list that has no event to work on.

    Parameters
    ----------
    events
        The event list.
    band
        First and last PI channel that was asked for.
    """
    return SelectionError(
        f"{events.path}: no event with a sky position in PI {band[0]}-{band[1]}; expected "
        "some to suggest a region from. Widen the band or choose another event list."
    )


@dataclass(frozen=True, eq=False)
class FieldMap:
    """Counts and outline of one event list.

    Parameters
    ----------
    counts
        (h, w) in-band events per pixel.
    everything
        (h, w) events of any energy per pixel.
    per_chip
        (4, h, w) the same, by DET_ID; ``None`` where the file has no such column.
    y0, x0
        Zero-based offset of the window in the sky plane.
    grid
        The sky plane.
    outline_of
        A map of the same events whose outline and chips are taken, so that another band does not
        make them again; ``None``: its own.
    """

    counts: NDArray[np.int64]
    everything: NDArray[np.int64]
    per_chip: NDArray[np.int32] | None
    y0: int
    x0: int
    grid: SkyGrid
    outline_of: FieldMap | None = None

    @classmethod
    def of(cls, events: EventList, *, band: tuple[int, int] = BAND_DEFAULT) -> FieldMap:
        """Bin an event list.

        Parameters
        ----------
        events
            The event list.
        band
            First and last PI channel of ``counts``.

        Raises
        ------
        SelectionError
            No event has both a sky position and a channel in the band.
        """
        flat, in_band = flat_pixels(events), (events.pi >= band[0]) & (events.pi <= band[1])
        placed = flat < events.grid.nx * events.grid.ny
        if not np.any(placed & in_band):
            raise no_event(events, band)
        row, column = np.divmod(flat[placed], events.grid.nx)
        window = Window.around(row, column, events.grid)
        y0, x0, height, width = window
        place = (row - y0) * width + (column - x0)

        def image(chosen: NDArray[np.bool_]) -> NDArray[np.int64]:
            counts = np.bincount(place[chosen], minlength=height * width)
            return counts.reshape(height, width)

        chips = None
        if events.det_id is not None:
            det_id = events.det_id[placed]
            chips = np.stack([image(det_id == chip).astype(np.int32) for chip in range(4)])
        whole = image(np.ones(len(place), dtype=np.bool_))
        return cls(image(in_band[placed]), whole, chips, y0, x0, events.grid)

    def recounted(self, plane: NDArray[np.integer[Any]]) -> FieldMap:
        """Return the map of the same events in another band; it shares outline and chips.

        Parameters
        ----------
        plane
            (ny, nx) events of that band per pixel of the sky plane.
        """
        window = Window(self.y0, self.x0, *self.counts.shape).cut(plane)
        return replace(self, counts=window.astype(np.int64), outline_of=self.outline_of or self)

    @cached_property
    def reach(self) -> float:
        """Reach of the closing [pixel]: a few mean spacings of background events."""
        if self.outline_of is not None:
            return self.outline_of.reach
        density = self._typical_density()
        low, high = _REACH_LIMITS
        return min(max(_REACH_IN_SPACINGS / math.sqrt(density), low), high)

    @cached_property
    def inside(self) -> NDArray[np.bool_]:
        """(h, w) whether the detector covered a pixel; chip gaps count as covered."""
        if self.outline_of is not None:
            return self.outline_of.inside
        padded = np.pad(self.everything, math.ceil(self.reach) + 1)
        near = ndimage.distance_transform_edt(padded == 0) <= self.reach
        closed = ndimage.distance_transform_edt(near) > self.reach
        trim = math.ceil(self.reach) + 1
        return np.asarray(closed[trim:-trim, trim:-trim], dtype=np.bool_)

    @cached_property
    def chip(self) -> NDArray[np.int8]:
        """(h, w) DET_ID of the chip most events around a pixel fell on; ``NO_CHIP`` outside."""
        if self.outline_of is not None:
            return self.outline_of.chip
        if self.per_chip is None:
            return np.where(self.inside, 0, NO_CHIP).astype(np.int8)
        blurred = [
            ndimage.gaussian_filter(image.astype(np.float64), self.reach) for image in self.per_chip
        ]
        return np.where(self.inside, np.argmax(blurred, axis=0), NO_CHIP).astype(np.int8)

    def distance2(self, x: float, y: float) -> NDArray[np.float64]:
        """(h, w) squared distance of every pixel centre from a place [pixel2].

        Parameters
        ----------
        x, y
            Sky pixel.
        """
        height, width = self.counts.shape
        dx = np.arange(width) + (self.x0 + self.grid.x_min) - x
        dy = np.arange(height) + (self.y0 + self.grid.y_min) - y
        return np.asarray(dx[None, :] ** 2 + dy[:, None] ** 2)

    def only(self, chosen: NDArray[np.bool_]) -> PixelMask:
        """Return the covered pixels of a choice, as a mask of the sky plane.

        Parameters
        ----------
        chosen
            (h, w) which pixels of the window to take.
        """
        return PixelMask(self.y0, self.x0, self.inside & chosen)

    def to_plane(self, row: float, column: float) -> tuple[float, float]:
        """Sky pixel (x, y) of a place in the window.

        Parameters
        ----------
        row, column
            Zero-based place in the window.
        """
        return column + self.x0 + self.grid.x_min, row + self.y0 + self.grid.y_min

    def _typical_density(self) -> float:
        """Median events per pixel over the coarse cells that hold any: the source is in few."""
        rows, columns = (-size % _CELL for size in self.everything.shape)
        padded = np.pad(self.everything, ((0, rows), (0, columns)))
        height, width = padded.shape
        cells = padded.reshape(height // _CELL, _CELL, width // _CELL, _CELL)
        filled = cells.sum(axis=(1, 3))
        return float(np.median(filled[filled > 0])) / _CELL**2
