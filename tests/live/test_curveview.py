"""Curves as they are drawn hold what the extraction gives, merged by whole bins or not at all."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nustar_widgets.errors import SelectionError
from nustar_widgets.events.eventlist import EventList
from nustar_widgets.events.extract import extract_light_curve
from nustar_widgets.events.gti import Gti
from nustar_widgets.events.lightcurve import LightCurve, TimeBins
from nustar_widgets.events.pixelindex import Binning, PixelIndex
from nustar_widgets.events.regions import SkyCircle, SkyRegion
from nustar_widgets.instrument import kev_to_pi_range
from nustar_widgets.live.curveview import MOST_BINS, ShownBins, merging_factor
from nustar_widgets.live.hardness import HARD_KEV, SOFT_KEV, Hardness, hardness_ratio
from nustar_widgets.live.module import LiveModule, region_mask
from nustar_widgets.session.values import ModuleRegions, Regions
from tests.events.builders import event_list

GTI = [(1.0e8, 1.0e8 + 700.0), (1.0e8 + 790.5, 1.0e8 + 1403.25), (1.0e8 + 4000.0, 1.0e8 + 5000.0)]
BINNING = Binning(bin_s=64.0)


def events(seed: int = 5, n: int = 6000) -> EventList:
    """A source on a flat background, in three intervals."""
    rng = np.random.default_rng(seed)
    which = rng.integers(0, len(GTI), n)
    start, stop = np.array(GTI)[which].T
    near = rng.random(n) < 0.5
    x, y = (
        np.where(near, rng.normal(500, 8, n), rng.uniform(380, 620, n)).astype(int)
        for _ in range(2)
    )
    time = np.sort(rng.uniform(start, stop))
    return event_list(time=time, x=x, y=y, pi=rng.integers(0, 2500, n), gti=GTI)


EVENTS = events()


def circle(x: float, y: float, radius_arcsec: float) -> SkyRegion:
    ra, dec = EVENTS.grid.pixel_to_sky(x, y)
    return SkyRegion((SkyCircle(float(ra), float(dec), radius_arcsec),))


SOURCE, BACKGROUND = circle(500.0, 500.0, 40.0), circle(560.0, 560.0, 70.0)
BOTH = ModuleRegions(source=SOURCE, background=BACKGROUND)
MODULE = LiveModule(PixelIndex.build(EVENTS), BINNING)


def extracted(region: SkyRegion, bin_s: float, band: tuple[int, int] | None = None) -> LightCurve:
    binning = BINNING if band is None else Binning(*band)
    return extract_light_curve(
        EVENTS,
        region_mask(region, EVENTS.grid),
        bin_s=bin_s,
        band=(binning.pi_low, binning.pi_high),
    )


def test_source_background_and_net_are_those_of_the_extraction_bit_for_bit() -> None:
    counts = MODULE.count(BOTH)
    shown = ShownBins(bins=counts.bins)
    curves = shown.curves(counts)
    source, background = extracted(SOURCE, 64.0), extracted(BACKGROUND, 64.0)
    net = source.minus(background, counts.area_ratio)
    for name, product in (("source", source), ("net", net)):
        np.testing.assert_array_equal(curves[name].rate, product.rate)
        np.testing.assert_array_equal(curves[name].error, product.error)
    scaled = background.rate.astype(np.float64) * counts.area_ratio
    np.testing.assert_array_equal(curves["background"].rate, scaled.astype(np.float32))
    np.testing.assert_array_equal(
        curves["background"].error, (background.error * counts.area_ratio).astype(np.float32)
    )
    np.testing.assert_array_equal(shown.fracexp, source.fracexp)
    np.testing.assert_array_equal(shown.start_s + 32.0, source.time_s + source.timezero)


def test_merged_bins_are_those_of_an_extraction_with_longer_bins() -> None:
    counts = MODULE.count(BOTH)
    shown = ShownBins(bins=counts.bins, factor=4)
    product = extracted(SOURCE, 256.0)
    curve = shown.curves(counts)["source"]
    assert shown.bin_s == 256.0
    np.testing.assert_array_equal(shown.start_s + 128.0, product.time_s + product.timezero)
    np.testing.assert_allclose(shown.exposure_s, product.exposure_s, rtol=1e-12)
    np.testing.assert_allclose(curve.rate, product.rate, rtol=1e-6)
    np.testing.assert_allclose(curve.error, product.error, rtol=1e-6)


@given(st.lists(st.integers(0, 90), min_size=1, max_size=80), st.integers(1, 30))
def test_merging_loses_no_count_and_no_second(numbers: list[int], factor: int) -> None:
    counts = np.array(numbers, np.int64)
    bins = TimeBins(0.0, 10.0, np.full(counts.size, 7.5))
    shown = ShownBins(bins=bins, factor=factor)
    merged = shown.merged(counts)
    assert merged.sum() == counts.sum()
    assert shown.exposure_s.sum() == 7.5 * counts.size
    assert merged[0] == counts[:factor].sum()
    np.testing.assert_allclose(
        shown.curve(counts).rate * shown.exposure_s, merged[shown.drawn], rtol=1e-6
    )


@given(
    st.lists(st.tuples(st.integers(1, 3000), st.integers(0, 2000)), min_size=1, max_size=12),
    st.integers(1, 900),
)
def test_no_more_than_the_promised_bins_are_shown(groups: list[tuple[int, int]], most: int) -> None:
    exposure_s = np.concatenate([np.repeat([10.0, 0.0], group) for group in groups])
    bins = TimeBins(0.0, 10.0, exposure_s)
    factor = merging_factor([bins], most)
    assert ShownBins(bins=bins, factor=factor).drawn.size <= most
    assert (factor == 1) == (np.count_nonzero(exposure_s) <= most)


def test_bins_without_good_time_do_not_count() -> None:
    bins = TimeBins(0.0, 10.0, np.r_[np.ones(500), np.zeros(100_000), np.ones(200)])
    assert merging_factor([bins]) == 1
    assert merging_factor([]) == 1
    assert MOST_BINS >= 700


def test_bins_with_less_good_time_than_the_limit_are_left_out_and_counted() -> None:
    bins = TimeBins(0.0, 10.0, np.array([10.0, 3.0, 2.9, 0.0, 5.0]))
    shown = ShownBins(bins=bins, least_fracexp=0.3)
    assert shown.drawn.tolist() == [0, 1, 4]
    assert shown.n_left_out == 1
    assert shown.breaks.tolist() == [1]
    assert ShownBins(bins=bins).n_left_out == 0


@pytest.mark.parametrize("least", [-0.1, 1.1, math.nan])
def test_a_limit_that_is_no_fraction_is_refused(least: float) -> None:
    with pytest.raises(SelectionError, match="expected 0 to 100 %"):
        ShownBins(bins=TimeBins(0.0, 10.0, np.ones(2)), least_fracexp=least)


def test_without_a_background_there_is_only_the_source_curve() -> None:
    counts = MODULE.count(ModuleRegions(source=SOURCE))
    assert list(ShownBins(bins=counts.bins).curves(counts)) == ["source"]
    nothing = MODULE.count(ModuleRegions())
    assert not ShownBins(bins=nothing.bins).curves(nothing)


def test_a_light_curve_gets_its_empty_bins_back() -> None:
    product = extracted(SOURCE, 64.0)
    shown = ShownBins.of_curve(product)
    np.testing.assert_array_equal(shown.exposure_s, product.exposure_s)
    np.testing.assert_array_equal(
        shown.start_s, product.time_s + (product.timezero - product.bin_s / 2.0)
    )


# -- hardness -----------------------------------------------------------------------------


def test_the_hardness_ratio_is_that_of_the_net_counts_of_two_extractions() -> None:
    counts = MODULE.count(BOTH)
    shown = ShownBins(bins=counts.bins, factor=4)
    hardness = Hardness.of({"FPMA": MODULE}, {"FPMA": counts})
    curve = hardness.curve("FPMA", Regions(fpma=BOTH), shown)
    assert curve is not None
    soft, hard = (
        extracted(SOURCE, 256.0, kev_to_pi_range(*band)).counts
        - counts.area_ratio * extracted(BACKGROUND, 256.0, kev_to_pi_range(*band)).counts
        for band in (SOFT_KEV, HARD_KEV)
    )
    np.testing.assert_allclose(curve.rate, (hard - soft) / (hard + soft), rtol=1e-5)
    assert np.all(curve.error > 0)
    assert hardness.curve("FPMA", Regions(), shown) is None


def test_the_error_of_the_ratio_is_that_of_many_drawn_ones() -> None:
    rng = np.random.default_rng(3)
    s, h = rng.poisson(400, 20_000).astype(float), rng.poisson(250, 20_000).astype(float)
    drawn = (h - s) / (h + s)
    ratio, error = hardness_ratio(
        (np.array([400.0]), np.array([400.0])), (np.array([250.0]), np.array([250.0]))
    )
    assert ratio[0] == pytest.approx(-150 / 650)
    assert error[0] == pytest.approx(drawn.std(), rel=0.03)


def test_a_bin_without_net_counts_has_no_ratio() -> None:
    zero, one = np.zeros(1), np.ones(1)
    for soft, hard in ((zero, zero), (-one, -one), (one, -one)):
        ratio, error = hardness_ratio((soft, one), (hard, one))
        assert np.isnan(ratio[0])
        assert np.isnan(error[0])


def test_the_intervals_of_the_user_hold_for_the_hardness_ratio_too() -> None:
    user = Gti.from_pairs([(GTI[0][0], GTI[0][1])])
    module = MODULE.rebinned(Binning(bin_s=64.0, user_gti=user))
    counts = module.count(BOTH)
    hardness = Hardness.of({"FPMA": module}, {"FPMA": counts})
    assert hardness.soft["FPMA"].count(BOTH).bins.exposure_s.sum() == pytest.approx(700.0)
