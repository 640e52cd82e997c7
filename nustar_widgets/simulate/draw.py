"""Drawing the events of one module: when, where and in which channel.

Times, places and channels of a kind of event are independent, so each is drawn in one go:
``Poisson(rate x live time)`` events, spread in time as the rate and the live time go. The source's
channels come from its folded spectrum, so the response files describe it exactly.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Final

import numpy as np

from nustar_widgets.instrument import SKY_PIXEL_ARCSEC
from nustar_widgets.simulate.background import (
    BackgroundComponent,
    background_components,
    draw_places,
)
from nustar_widgets.simulate.detector import (
    CHIP_ARCSEC,
    GAP_ARCSEC,
    det1_pixels,
    det2_pixels,
    on_chip,
    raw_pixels,
)
from nustar_widgets.simulate.optics import draw_offsets
from nustar_widgets.simulate.redistribution import draw_channels
from nustar_widgets.simulate.timeline import good_fraction, live_seconds

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from nustar_widgets.simulate.modules import Module
    from nustar_widgets.simulate.timeline import Timeline

# Triggers the anticoincidence shield vetoes [1/s]: they cost dead time and leave no event.
_VETO_RATE: Final = 12.0
# Share of events in each grade 0-8: one pixel, two in a row, three in a corner. Illustrative: no
# step after screening looks at the grade.
_GRADE_SHARE: Final = np.array([0.60, 0.07, 0.07, 0.07, 0.07, 0.03, 0.03, 0.03, 0.03])


@dataclass(frozen=True, eq=False)
class Housekeeping:
    """One row per second.

    Parameters
    ----------
    time
        (k,) start of each second, mission time [s].
    processed
        (k,) events the detector processed.
    live_s
        (k,) live time [s].
    """

    time: NDArray[np.float64]
    processed: NDArray[np.int64]
    live_s: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Events:
    """Events in any order; columns as in a cleaned event list.

    Parameters
    ----------
    time
        (n,) mission time [s].
    pi
        (n,) channels.
    det_id
        (n,) chips.
    raw, det1, det2, sky
        (n, 2) pixels of the four planes.
    """

    time: NDArray[np.float64]
    pi: NDArray[np.int32]
    det_id: NDArray[np.uint8]
    raw: NDArray[np.uint8]
    det1: NDArray[np.int16]
    det2: NDArray[np.int16]
    sky: NDArray[np.int16]

    def __len__(self) -> int:
        """Return the number of events."""
        return len(self.time)

    @classmethod
    def in_time_order(cls, parts: Sequence[Events]) -> Events:
        """Merge event lists and sort them by time."""
        order = np.argsort(np.concatenate([part.time for part in parts]), kind="stable")
        merged = {
            field.name: np.concatenate([getattr(part, field.name) for part in parts])[order]
            for field in fields(cls)
        }
        return cls(**merged)


@dataclass(frozen=True, eq=False)
class ModuleRecord:
    """Everything one module brings home.

    Parameters
    ----------
    events
        Its events, in time order.
    housekeeping
        One row per second.
    grade, surrpi
        (n,) columns that carry no information here.
    n_source
        How many of the events come from the source.
    """

    events: Events
    housekeeping: Housekeeping
    grade: NDArray[np.int16]
    surrpi: NDArray[np.int32]
    n_source: int


def observe(
    rng: np.random.Generator,
    module: Module,
    timeline: Timeline,
    *,
    source_channels: NDArray[np.float64],
    brightness: NDArray[np.float64],
) -> ModuleRecord:
    """Observe with one module.

    Parameters
    ----------
    rng
        Source of randomness.
    module
        The module.
    timeline
        When it looks.
    source_channels
        (n_chan,) source counts per channel and second, over the whole plane.
    brightness
        (k,) the source's variation each second, mean 1.
    """
    components = background_components()
    seconds = timeline.seconds()
    flare = timeline.flare(seconds + 0.5)
    source_rate = float(source_channels.sum()) * brightness
    rates = [part.rate * (1.0 + flare * part.flares) for part in components]
    housekeeping = _housekeeping(rng, seconds, source_rate + np.sum(rates, axis=0))
    weight = housekeeping.live_s * good_fraction(timeline)
    source = _source_events(
        rng, module, _draw_times(rng, timeline, source_rate * weight), source_channels
    )
    background = [
        _background_events(rng, module, _draw_times(rng, timeline, rate * weight), part)
        for part, rate in zip(components, rates, strict=True)
    ]
    events = Events.in_time_order([source, *background])
    grade = rng.choice(len(_GRADE_SHARE), len(events), p=_GRADE_SHARE).astype(np.int16)
    surrpi = rng.integers(-12, 13, len(events), dtype=np.int32)
    return ModuleRecord(events, housekeeping, grade, surrpi, len(source))


def _housekeeping(
    rng: np.random.Generator, seconds: NDArray[np.float64], event_rate: NDArray[np.float64]
) -> Housekeeping:
    # The veto rate follows the geomagnetic cutoff, twice per orbit.
    veto = _VETO_RATE * (1.0 + 0.25 * np.sin(2.0 * np.pi * seconds / 2880.0))
    processed, live_s = live_seconds(rng, event_rate + veto)
    return Housekeeping(seconds, processed, live_s)


def _draw_times(
    rng: np.random.Generator, timeline: Timeline, expected: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Moments of a Poisson process with this many events expected in each second."""
    total = np.cumsum(expected)
    level = rng.random(rng.poisson(total[-1])) * total[-1]
    second = np.minimum(np.searchsorted(total, level, side="right"), len(total) - 1)
    part = 1.0 - (total[second] - level) / expected[second]
    good = good_fraction(timeline)
    elapsed = timeline.good_before(timeline.seconds()[second]) + part * good[second]
    return timeline.moment_of(elapsed)


def _source_events(
    rng: np.random.Generator,
    module: Module,
    time: NDArray[np.float64],
    channels: NDArray[np.float64],
) -> Events:
    """Events of the point source that fall on a chip."""
    bench = module.plane.to_bench(draw_offsets(rng, len(time)))
    kept = on_chip(bench + module.plane.flex(time))
    pi = draw_channels(rng, int(kept.sum()), channels)
    return _located(module, time[kept], pi, bench[kept])


def _background_events(
    rng: np.random.Generator,
    module: Module,
    time: NDArray[np.float64],
    component: BackgroundComponent,
) -> Events:
    place = draw_places(
        rng,
        len(time),
        chip_levels=np.array(module.quadrant_background),
        chip_arcsec=CHIP_ARCSEC,
        gap_arcsec=GAP_ARCSEC,
        gradient=component.gradient,
    )
    pi = draw_channels(rng, len(time), component.channels)
    return _located(module, time, pi, place - module.plane.flex(time))


def _located(
    module: Module,
    time: NDArray[np.float64],
    pi: NDArray[np.int32],
    bench: NDArray[np.float64],
) -> Events:
    """Events with their pixels in all four planes."""
    place = bench + module.plane.flex(time)
    sky = np.array(module.source_pixel) + module.plane.to_sky(bench) / SKY_PIXEL_ARCSEC
    return Events(
        time=time,
        pi=pi,
        det_id=module.plane.chip(place),
        raw=raw_pixels(place),
        det1=det1_pixels(place),
        det2=det2_pixels(bench),
        sky=np.rint(sky).astype(np.int16),
    )
