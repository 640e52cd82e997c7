"""What surrounds the regions of one event list: its field, its sources and how far they reach.

None of it depends on the band shown, the bins or the intervals: a spectrum is extracted from all
channels whatever is on the screen, so what its regions must keep away from is looked for once, in
nuproducts' own band. Nor does it depend on where a region is: a source's wings are where the source
is, not where the circle is being dragged. So it is made once for an event list, outside any drag.
"""

from __future__ import annotations

import math
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np

from nustar_widgets.errors import SelectionError
from nustar_widgets.events.detection import Detection, find_sources
from nustar_widgets.events.extract import BAND_DEFAULT
from nustar_widgets.events.fieldmap import FieldMap, Window, no_event
from nustar_widgets.events.pixelindex import PixelIndex
from nustar_widgets.events.radialprofile import radial_profile
from nustar_widgets.instrument import N_CHANNELS

if TYPE_CHECKING:
    from numpy.typing import NDArray

_MOST_SOURCES: Final = 8  # whose wings are measured: the most significant ones


class Surroundings:
    """Field and sources of one event list; each made when first asked for.

    Parameters
    ----------
    index
        The events by pixel.
    """

    def __init__(self, index: PixelIndex) -> None:
        self._index = index

    def warm(self) -> None:
        """Make everything a drag will ask for: a quarter of a second at a million events.

        Raises
        ------
        SelectionError
            No event lies on the sky plane.
        """
        _ = self.field.chip, self.reaches_arcsec

    @property
    def is_warm(self) -> bool:
        """Whether all of it has been made."""
        made = self.__dict__
        return "reaches_arcsec" in made and "chip" in self.field.__dict__

    @cached_property
    def window(self) -> Window:
        """The part of the sky plane that holds events; that of the field, and made at once.

        Raises
        ------
        SelectionError
            No event lies on the sky plane.
        """
        row, column = np.nonzero(self._index.image())
        if not row.size:
            raise no_event(self._index.events, (0, N_CHANNELS - 1))
        return Window.around(row, column, self._index.grid)

    @cached_property
    def field(self) -> FieldMap:
        """Field in nuproducts' band, 3 to 78 keV.

        Raises
        ------
        SelectionError
            No event lies on the sky plane.
        """
        # All channels first: an event list without any in the band still has an outline.
        whole = FieldMap.of(self._index.events, band=(0, N_CHANNELS - 1))
        return whole.recounted(band_plane(self._index, self._index.channel, BAND_DEFAULT))

    @cached_property
    def sources(self) -> tuple[Detection, ...]:
        """Point sources of the field, the most significant first."""
        return find_sources(self.field)

    @cached_property
    def reaches_arcsec(self) -> tuple[float, ...]:
        """How far the wings of each source matter [arcsec], in the order of `sources`.

        inf where they do not end inside the field; nan where that is not known.
        """
        strong = self.sources[:_MOST_SOURCES]
        known = tuple(self._reach_arcsec(source) for source in strong)
        return known + (math.nan,) * (len(self.sources) - len(known))

    def _reach_arcsec(self, source: Detection) -> float:
        others = tuple(other for other in self.sources if other is not source)
        try:
            profile = radial_profile(self.field, source.x, source.y, others=others)
        except SelectionError:  # no room to know the background
            return math.nan
        try:
            return profile.clean_radius_arcsec()
        except SelectionError:  # it never comes down to it
            return math.inf


def band_plane(
    index: PixelIndex, channel: NDArray[np.uint16], band: tuple[int, int]
) -> NDArray[np.int64]:
    """(ny, nx) events of a band in each sky pixel.

    Parameters
    ----------
    index
        Events by pixel.
    channel
        (n,) PI channel of each, in that order.
    band
        First and last channel.
    """
    running = np.zeros(channel.size + 1, np.int32)
    np.cumsum((channel >= band[0]) & (channel <= band[1]), out=running[1:])
    return np.diff(running[index.indptr]).reshape(index.grid.shape).astype(np.int64)
