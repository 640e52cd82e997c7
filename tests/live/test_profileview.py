"""The profile of a source, counted from its events."""

from __future__ import annotations

import math

import numpy as np
import pytest

from nustar_widgets.errors import RegionError, SelectionError
from nustar_widgets.events.pixelindex import Binning
from nustar_widgets.events.regions import SkyCircle, SkyRegion
from nustar_widgets.live.module import LiveModule
from nustar_widgets.live.profileview import FRACTION_LABEL, SourceProfile, source_profile
from nustar_widgets.session.values import RegionText
from tests.live.sourcefields import GRID, PIXEL_ARCSEC, SOURCE, box, circle, module_with

SIGMA = 5.0  # pixels
N_SOURCE, N_FIELD, HALF = 4000, 30_000, 160.0
LEVEL = N_FIELD / (2 * HALF * PIXEL_ARCSEC) ** 2


@pytest.fixture(scope="module")
def module() -> LiveModule:
    """A round Gaussian source on a flat field."""
    return module_with(sigma=SIGMA, n_source=N_SOURCE, n_field=N_FIELD, half=HALF)


@pytest.fixture(scope="module")
def profile(module: LiveModule) -> SourceProfile:
    return source_profile(module, circle(*SOURCE, 30.0))


def test_rings_follow_each_other_and_hold_all_events_once(
    module: LiveModule, profile: SourceProfile
) -> None:
    assert profile.inner_arcsec[0] == 0.0
    assert np.array_equal(profile.inner_arcsec[1:], profile.outer_arcsec[:-1])
    assert np.all(profile.inner_arcsec < profile.radius_arcsec)
    assert np.all(profile.radius_arcsec < profile.outer_arcsec)
    with np.errstate(invalid="ignore"):
        counts = (profile.counts_per_arcsec2 / profile.error_per_arcsec2) ** 2
    inside = module.field.counts[module.field.inside].sum()
    assert np.nansum(counts) == pytest.approx(inside)


def test_the_profile_is_that_of_the_source_above_the_background(profile: SourceProfile) -> None:
    assert profile.background_per_arcsec2 == pytest.approx(LEVEL, rel=0.03)
    sigma = SIGMA * PIXEL_ARCSEC
    peak = N_SOURCE / (2 * math.pi * sigma**2)
    expected = peak * np.exp(-0.5 * (profile.radius_arcsec / sigma) ** 2) + LEVEL
    near = profile.outer_arcsec < 60.0
    away = np.abs(profile.counts_per_arcsec2 - expected)[near]
    # Wide rings mix what is within them: some per cent of the curve on top of the counting error.
    assert np.all(away < 4 * profile.error_per_arcsec2[near] + 0.08 * expected[near])


def test_the_encircled_fraction_is_that_of_the_net_counts(profile: SourceProfile) -> None:
    sigma = SIGMA * PIXEL_ARCSEC
    radii = profile.curve.radius_arcsec
    expected = 1.0 - np.exp(-0.5 * (radii / sigma) ** 2)
    inner = radii <= profile.total_arcsec
    assert np.allclose(profile.encircled[inner], expected[inner], atol=0.05)
    index = int(np.searchsorted(radii, profile.total_arcsec, side="right")) - 1
    assert profile.encircled[index] == pytest.approx(1.0, abs=0.01)
    assert "from the events, not from the PSF file" in FRACTION_LABEL


def test_the_fraction_of_the_region_is_the_curve_at_its_radius(
    module: LiveModule, profile: SourceProfile
) -> None:
    assert profile.region_radius_arcsec == 30.0
    at = int(np.searchsorted(profile.curve.radius_arcsec, 30.0))
    assert profile.region_fraction == pytest.approx(profile.encircled[at])
    small = source_profile(module, circle(*SOURCE, 12.0))
    assert small.region_fraction < profile.region_fraction
    assert small.encircled.tolist() == profile.encircled.tolist()


def test_the_suggested_radius_is_the_smallest_good_one(profile: SourceProfile) -> None:
    curve = profile.curve
    assert profile.suggested_arcsec == curve.radius_arcsec[curve.smallest_good]
    chosen = curve.radius_arcsec == profile.suggested_arcsec
    assert curve.signal_to_noise[chosen] >= 0.98 * curve.signal_to_noise.max()


def test_where_no_source_stands_out_nothing_is_suggested(module: LiveModule) -> None:
    profile = source_profile(module, circle(420.0, 420.0, 30.0))
    assert np.isfinite(profile.counts_per_arcsec2).all()
    best = profile.curve.signal_to_noise.max()
    assert math.isnan(profile.suggested_arcsec) == (best < 3.0)


def test_a_region_that_is_no_circle_has_the_radius_of_its_area(module: LiveModule) -> None:
    profile = source_profile(module, box(*SOURCE, 60.0))
    assert profile.region_radius_arcsec == pytest.approx(60.0 / math.sqrt(math.pi), rel=0.05)
    ring = SkyRegion((*circle(*SOURCE, 40.0).shapes, *circle(*SOURCE, 20.0, include=False).shapes))
    area = math.sqrt(40.0**2 - 20.0**2)
    assert source_profile(module, ring).region_radius_arcsec == pytest.approx(area, rel=0.05)


def test_a_region_kept_as_text_is_measured_about_its_pixels(
    module: LiveModule, profile: SourceProfile
) -> None:
    text = RegionText(text="image\ncircle(560,545,12.2)\n")
    from_text = source_profile(module, text)
    assert (from_text.ra_deg, from_text.dec_deg) == pytest.approx(
        (profile.ra_deg, profile.dec_deg), abs=1e-9
    )
    assert np.array_equal(from_text.counts_per_arcsec2, profile.counts_per_arcsec2)


def test_another_source_is_left_out_unless_the_region_holds_it() -> None:
    near = (600.0, 545.0)
    module = module_with((near, 1500), sigma=SIGMA)
    assert len(module.surroundings.sources) == 2
    at = 40.0 * PIXEL_ARCSEC

    def bump(profile: SourceProfile) -> float:
        ring = (profile.inner_arcsec < at) & (profile.outer_arcsec >= at)
        return float(profile.counts_per_arcsec2[ring][0]) / LEVEL

    assert bump(source_profile(module, circle(*SOURCE, 30.0))) < 1.3
    assert bump(source_profile(module, circle(*SOURCE, 120.0))) > 1.8


def test_the_profile_is_one_of_the_band_and_the_intervals_that_count(module: LiveModule) -> None:
    none_left = module.rebinned(Binning(1000, 1100))
    with pytest.raises(SelectionError, match=r"no room to measure a background"):
        source_profile(none_left, circle(*SOURCE, 30.0))


def test_a_region_without_pixels_has_no_profile(module: LiveModule) -> None:
    with pytest.raises(RegionError, match=r"source region: it holds no sky pixel, so there is no"):
        source_profile(module, circle(2000.0, 500.0, 30.0))
    ra_deg, dec_deg = GRID.pixel_to_sky(*SOURCE)
    with pytest.raises(RegionError, match=r"region: nan cannot be written"):
        source_profile(module, SkyRegion((SkyCircle(ra_deg, dec_deg, math.nan),)))
