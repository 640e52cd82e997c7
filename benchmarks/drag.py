"""One user dragging one source circle, both modules, and the same done naively."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle
from typing import TYPE_CHECKING, Any

import numpy as np
from regions import CirclePixelRegion, PixCoord

from benchmarks.eventfiles import CENTRES, RADIUS_PIX, EventFiles
from nustar_widgets.events.eventlist import EventList
from nustar_widgets.events.live import LiveExtractor, LiveResult
from nustar_widgets.events.pixelmask import PixelMask
from nustar_widgets.events.regions import (
    PixelCircle,
    PixelRegion,
    SkyAnnulus,
    SkyCircle,
    SkyRegion,
)
from nustar_widgets.events.significance import area_ratio, signal_to_noise
from nustar_widgets.instrument import MODULES, N_CHANNELS

if TYPE_CHECKING:
    from numpy.typing import NDArray

STEP_PIX = 1.3
_ORBIT_PIX = 5.0  # the circle goes round the source at this distance: always a third of all events
_RING_PIX = (50.0, 80.0)  # nuproducts' own annulus


@dataclass(frozen=True, eq=False)
class Observation:
    """Both modules of an event-list pair, indexed for dragging.

    Parameters
    ----------
    events
        Event list of each module.
    extractors
        Live extractor of each module; the background region is in place.
    background
        Pixels of the background annulus of each module.
    """

    events: dict[str, EventList]
    extractors: dict[str, LiveExtractor]
    background: dict[str, PixelMask]

    @classmethod
    def read(cls, files: EventFiles, n_events: int) -> Observation:
        """Read and index both modules.

        Parameters
        ----------
        files
            The event lists.
        n_events
            Events a module.
        """
        events = {name: EventList.read(files.plain(name, n_events)) for name in MODULES}
        extractors = {name: LiveExtractor.of(item) for name, item in events.items()}
        ring = _ring(events["FPMA"])
        background = {name: ring.to_pixel(e.grid).mask(e.grid) for name, e in events.items()}
        for name, extractor in extractors.items():
            extractor.move(background[name], "background")
        return cls(events, extractors, background)

    def path(self) -> Iterator[SkyRegion]:
        """Source circles on the sky, one step apart, round and round the source."""
        return cycle([_circle(self.events["FPMA"], centre) for centre in _steps()])

    def mask(self, module: str, region: SkyRegion) -> PixelMask:
        """Pixels of a region in one module."""
        grid = self.events[module].grid
        return region.to_pixel(grid).mask(grid)

    def drag(self, region: SkyRegion) -> dict[str, tuple[LiveResult, float]]:
        """One step: spectrum, light curve, counts and signal-to-noise of both modules."""
        found = {}
        for name, extractor in self.extractors.items():
            found[name] = (
                extractor.move(self.mask(name, region)),
                extractor.signal_to_noise(),
            )
        return found

    def lift(self) -> None:
        """Take the source region away, so that the next step counts afresh."""
        for extractor in self.extractors.values():
            extractor.move(PixelMask.nothing())

    def significance(self, region: SkyRegion) -> list[float]:
        """Count both regions of both modules and return signal-to-noise, and nothing else."""
        found = []
        for name, extractor in self.extractors.items():
            mask, ring = self.mask(name, region), self.background[name]
            source, background = extractor.index.counts(mask)[1], extractor.index.counts(ring)[1]
            ratio = area_ratio(mask.n_pixels, ring.n_pixels)
            found.append(signal_to_noise(source, background, ratio))
        return found


@dataclass(frozen=True, eq=False)
class Naive:
    """What one writes first: ``regions`` for the selection, ``numpy.histogram`` twice.

    The columns are in memory as native numbers and the coordinates already wrapped.
    """

    observation: Observation
    coordinates: dict[str, PixCoord]

    @classmethod
    def of(cls, observation: Observation) -> Naive:
        """Wrap the coordinates of both modules."""
        return cls(
            observation,
            {name: PixCoord(e.x, e.y) for name, e in observation.events.items()},
        )

    def spectra(self, region: SkyRegion) -> dict[str, tuple[NDArray[Any], NDArray[Any]]]:
        """Spectrum and light curve of both modules."""
        return {name: self._of_module(name, region) for name in self.coordinates}

    def _of_module(self, name: str, region: SkyRegion) -> tuple[NDArray[Any], NDArray[Any]]:
        events, index = self.observation.events[name], self.observation.extractors[name].index
        circle = _peer_circle(region.to_pixel(events.grid))
        inside = circle.contains(self.coordinates[name])
        pi = events.pi[inside]
        band = (pi >= index.binning.pi_low) & (pi <= index.binning.pi_high)
        bins = index.bins
        until = bins.t_start + bins.bin_s * len(bins)
        spectrum, _ = np.histogram(pi, bins=N_CHANNELS, range=(0, N_CHANNELS))
        curve, _ = np.histogram(events.time[inside][band], len(bins), (bins.t_start, until))
        return spectrum, curve

    def agrees(self, region: SkyRegion) -> bool:
        """Whether both ways count the same."""
        fast, naive = self.observation.drag(region), self.spectra(region)
        return all(
            np.array_equal(fast[name][0].spectrum, spectrum)
            and np.array_equal(fast[name][0].light_curve, curve)
            for name, (spectrum, curve) in naive.items()
        )


def _steps() -> list[tuple[float, float]]:
    """Fractional centres: on whole pixels ``regions`` leaves out the edge, HEASoft does not."""
    x, y = CENTRES["FPMA"]
    number = round(2 * math.pi * _ORBIT_PIX / STEP_PIX)
    angles = [2 * math.pi * step / number for step in range(number)]
    return [(x + _ORBIT_PIX * math.cos(a), y + _ORBIT_PIX * math.sin(a)) for a in angles]


def _circle(events: EventList, centre: tuple[float, float]) -> SkyRegion:
    grid = events.grid
    return SkyRegion((SkyCircle(*grid.pixel_to_sky(*centre), RADIUS_PIX * grid.pixel_arcsec),))


def _ring(events: EventList) -> SkyRegion:
    grid = events.grid
    inner, outer = (radius * grid.pixel_arcsec for radius in _RING_PIX)
    return SkyRegion((SkyAnnulus(*grid.pixel_to_sky(*CENTRES["FPMA"]), inner, outer),))


def _peer_circle(region: PixelRegion) -> CirclePixelRegion:
    (shape,) = region.shapes
    assert isinstance(shape, PixelCircle)  # the path is made of circles
    return CirclePixelRegion(PixCoord(shape.x, shape.y), shape.radius)
