"""Counts around a place as a function of radius, and the background level far from it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from nustar_widgets.errors import SelectionError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from nustar_widgets.events.detection import Detection
    from nustar_widgets.events.fieldmap import FieldMap

# Background is measured where at least this much of a point source's light is left behind: the
# point-spread function holds some 90 % within 90 arcsec (An et al. 2014, Proc. SPIE 9144).
LEAST_FAR_ARCSEC: Final = 90.0
_FAR_SHARE: Final = 0.5  # of the field's pixels, the more distant ones
_LEAST_FAR_PIXELS: Final = 400
_OTHER_SOURCES: Final = 30.0  # pixels around other detections that are left out
_RING_COUNTS: Final = 150
CLEAN_LEVEL: Final = 1.15  # of the far level: below it the source no longer matters


@dataclass(frozen=True, eq=False)
class RadialProfile:
    """Cumulative counts and area around a place, within the field; other sources left out.

    Parameters
    ----------
    radius2
        (n,) squared distance of every covered pixel, ascending [pixel2].
    counts
        (n,) events in the pixels up to and including each.
    far_counts, far_pixels
        Events and pixels of the far part of the field.
    far_from
        Radius at which the far part begins [pixel].
    pixel_arcsec
        Pixel size [arcsec].
    """

    radius2: NDArray[np.float64]
    counts: NDArray[np.int64]
    far_counts: int
    far_pixels: int
    far_from: float
    pixel_arcsec: float

    @property
    def far_level(self) -> float:
        """Background [counts/pixel]."""
        return self.far_counts / self.far_pixels

    @property
    def reach_arcsec(self) -> float:
        """Distance of the farthest covered pixel [arcsec]."""
        return float(np.sqrt(self.radius2[-1])) * self.pixel_arcsec

    def within(
        self, radius_arcsec: NDArray[np.float64]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """(n,) events and (n,) covered pixels inside circles, edges included.

        Parameters
        ----------
        radius_arcsec
            (n,) radii [arcsec].
        """
        limits = (radius_arcsec / self.pixel_arcsec) ** 2
        pixels = np.searchsorted(self.radius2, limits, side="right")
        return np.concatenate(([0], self.counts))[pixels], pixels.astype(np.int64)

    def clean_radius_arcsec(self) -> float:
        """Radius at which the profile has come down to 1.15 of the far level [arcsec].

        Rings grow until each holds enough counts for that comparison, and two in succession must
        be that low, because one may be so by chance.

        Raises
        ------
        SelectionError
            The profile never comes down to that level before the far part begins.
        """
        edges = self._ring_edges()
        counts, pixels = self.within(edges)
        level = np.diff(counts) / np.maximum(np.diff(pixels), 1)
        below = np.append(level <= CLEAN_LEVEL * self.far_level, True)
        settled = below[:-1] & below[1:]
        clean = float(edges[np.argmax(settled)]) if settled.any() else math.inf
        if clean >= self.far_from * self.pixel_arcsec:
            raise SelectionError(
                f"the source reaches beyond {self.far_from * self.pixel_arcsec:.0f} arcsec: its "
                "profile does not come down to a background level inside the field. Draw the "
                "background by hand, as far away as the field allows, or take it from another "
                "pointing."
            )
        return clean

    def _ring_edges(self) -> NDArray[np.float64]:
        """Ring edges [arcsec], two pixels apart at least, up to the far part."""
        step = 2.0 * self.pixel_arcsec
        fine = np.arange(0.0, self.far_from * self.pixel_arcsec + step, step)
        counts, _ = self.within(fine)
        edges, last = [0.0], 0
        for radius, total in zip(fine[1:], counts[1:], strict=True):
            if total - last >= _RING_COUNTS:
                edges.append(float(radius))
                last = int(total)
        return np.array(edges)


def radial_profile(
    field: FieldMap, x: float, y: float, *, others: Iterable[Detection] = ()
) -> RadialProfile:
    """Measure the profile around a place.

    Parameters
    ----------
    field
        The field.
    x, y
        The place, sky pixel.
    others
        Sources to leave out, 74 arcsec around each.

    Raises
    ------
    SelectionError
        The field does not reach far enough from the place to know its background.
    """
    distance2, covered = field.distance2(x, y), field.inside.copy()
    for other in others:
        covered &= field.distance2(other.x, other.y) > _OTHER_SOURCES**2
    if not covered.any():
        raise _no_room(0.0)
    order = np.argsort(distance2[covered])  # among equals any order will do: circles take all
    radius2 = distance2[covered][order]
    counts = np.cumsum(field.counts[covered][order])
    pixel_arcsec = field.grid.pixel_arcsec
    middle = math.sqrt(radius2[int(_FAR_SHARE * radius2.size)])
    far_from = max(middle, LEAST_FAR_ARCSEC / pixel_arcsec)
    near_pixels = int(np.searchsorted(radius2, far_from**2, side="right"))
    far_pixels = radius2.size - near_pixels
    far_counts = int(counts[-1] - counts[near_pixels - 1]) if far_pixels else 0
    if far_pixels < _LEAST_FAR_PIXELS or far_counts == 0:
        raise _no_room(math.sqrt(radius2[-1]) * pixel_arcsec)
    return RadialProfile(radius2, counts, far_counts, far_pixels, far_from, pixel_arcsec)


def _no_room(reach_arcsec: float) -> SelectionError:
    return SelectionError(
        f"the events reach only {reach_arcsec:.0f} arcsec from the source: there is no room to "
        f"measure a background, which needs some beyond {LEAST_FAR_ARCSEC:.0f} arcsec. Give an "
        "event list that is not cut to a region, or draw both regions by hand."
    )
