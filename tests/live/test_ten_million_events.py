"""Ten million events: the right answers, in not much more memory than the events themselves."""

from __future__ import annotations

import tracemalloc

import numpy as np

from nustar_widgets.events.eventlist import EventList
from nustar_widgets.events.extract import extract_light_curve, extract_spectrum
from nustar_widgets.events.pixelindex import Binning, PixelIndex
from nustar_widgets.events.regions import SkyCircle, SkyRegion
from nustar_widgets.events.shifting import shifted
from nustar_widgets.live.module import LiveModule, region_mask
from nustar_widgets.session.values import ModuleRegions
from tests.events.builders import event_list

N_EVENTS = 10_000_000
_BYTES_KEPT = 24  # an event: index 4 + 2, channel and bin 2 + 2, and the planes


def many_events() -> EventList:
    """A source on a field, drawn from few numbers over and over."""
    rng = np.random.default_rng(5)
    n = N_EVENTS // 10
    x = np.where(rng.random(n) < 0.4, rng.normal(500, 8, n), rng.uniform(300, 700, n))
    y = np.where(np.abs(x - 500) < 30, rng.normal(500, 8, n), rng.uniform(300, 700, n))
    pi = rng.integers(0, 4096, n)
    return event_list(
        time=np.tile(rng.uniform(0.0, 1000.0, n), 10),
        x=np.tile(x.round().astype(np.int16), 10),
        y=np.tile(y.round().astype(np.int16), 10),
        pi=np.tile(pi.astype(np.int16), 10),
    )


def test_ten_million_events_are_counted_right_and_in_little_memory() -> None:
    events = many_events()
    tracemalloc.start()
    module = LiveModule(PixelIndex.build(events), Binning(35, 1909, 10.0))
    kept, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert kept < _BYTES_KEPT * N_EVENTS
    assert most < 3 * _BYTES_KEPT * N_EVENTS
    region = SkyRegion((SkyCircle(187.2779, -36.5213, 49.0),))
    for east in (0.0, 2.0, 3.0):
        region = shifted(region, east_arcsec=east, north_arcsec=-east)
        counts = module.count(ModuleRegions(source=region))
    assert counts.source is not None
    mask = region_mask(region, events.grid)
    spectrum = extract_spectrum(events, mask)
    curve = extract_light_curve(events, mask, bin_s=10.0, band=(35, 1909))
    assert counts.source.counts > N_EVENTS // 20
    assert np.array_equal(counts.source.spectrum, spectrum.counts)
    good = counts.bins.exposure_s > 0
    assert np.array_equal(counts.source.light_curve[good], curve.counts)
