"""Suggestions: right where the events allow one, and a reason where they do not."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from astropy.io import fits

from nustar_widgets.errors import SelectionError
from nustar_widgets.events.eventlist import EventList
from nustar_widgets.events.gti import Gti
from nustar_widgets.events.regions import SkyCircle, SkyRegion
from nustar_widgets.events.skygrid import SkyGrid
from nustar_widgets.events.suggest import (
    FieldMap,
    centroid,
    find_sources,
    radial_profile,
    suggest_background,
    suggest_flare_gti,
    suggest_source_region,
)
from nustar_widgets.simulate import SimulatedObservation, simulate_observation
from nustar_widgets.simulate.optics import draw_offsets

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

PIXEL_DEG = 6.828076e-4
PIXEL_ARCSEC = PIXEL_DEG * 3600
GRID = SkyGrid(
    nx=1000,
    ny=1000,
    crpix_x=500.5,
    crpix_y=500.5,
    crval_ra_deg=120.0,
    crval_dec_deg=10.0,
    cdelt_x_deg=-PIXEL_DEG,
    cdelt_y_deg=PIXEL_DEG,
)


def event_list(
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    *,
    time: NDArray[np.float64] | None = None,
    chips: bool = True,
    good_s: float = 20_000.0,
) -> EventList:
    """An event list of these positions; chips are the quadrants around pixel 500.5."""
    pixels = np.rint((x, y)).astype(np.int16)
    times = np.linspace(0.0, good_s, len(x)) if time is None else np.sort(time)
    return EventList(
        path=Path("made_up_cl.evt"),
        obsid="90000000999",
        module="FPMA",
        mode="01",
        object_name="made up",
        x=pixels[0],
        y=pixels[1],
        pi=np.full(len(x), 100, dtype=np.int16),
        time=times,
        det_id=((pixels[0] > 500) + 2 * (pixels[1] > 500)).astype(np.uint8) if chips else None,
        gti=Gti.of(0.0, good_s),
        grid=GRID,
        ontime_s=good_s,
        livetime_s=good_s,
        exposure_s=good_s,
        deadc=1.0,
        mjdref=55197.0,
        header=fits.Header(),
    )


def field_and_source(
    *,
    source: tuple[float, float] = (560.0, 545.0),
    n_source: int = 4000,
    n_field: int = 30_000,
    half: float = 160.0,
    sigma: float | None = None,
    seed: int = 1,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """A square flat field with one source: NuSTAR's point spread, or a Gaussian of some pixels."""
    rng = np.random.default_rng(seed)
    flat = rng.uniform(500.5 - half, 500.5 + half, (n_field, 2))
    if sigma is None:
        light = np.array(source) + draw_offsets(rng, n_source) / PIXEL_ARCSEC
    else:
        light = rng.normal(source, sigma, (n_source, 2))
    light = light[np.all(np.abs(light - 500.5) < half, axis=1)]
    x, y = np.concatenate((flat, light)).T
    return x, y


def with_another(
    place: tuple[float, float], n: int, *, n_source: int = 4000
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The field and source of above and a second, small source."""
    x, y = field_and_source(n_source=n_source)
    more = np.random.default_rng(2).normal(place, 4.0, (n, 2)).T
    return np.concatenate((x, more[0])), np.concatenate((y, more[1]))


@pytest.fixture(scope="module")
def events() -> EventList:
    return event_list(*field_and_source())


@pytest.fixture(scope="module")
def field(events: EventList) -> FieldMap:
    return FieldMap.of(events)


@pytest.fixture(scope="module")
def observation(tmp_path_factory: pytest.TempPathFactory) -> SimulatedObservation:
    return simulate_observation(tmp_path_factory.mktemp("sky"), exposure_s=12_000.0)


# --- the field


def test_the_outline_is_the_square_the_events_fill(field: FieldMap) -> None:
    assert np.count_nonzero(field.inside) == pytest.approx(320**2, rel=0.03)
    rows, columns = np.nonzero(field.inside)
    assert rows.min() + field.y0 + 1 == pytest.approx(341, abs=4)
    assert columns.max() + field.x0 + 1 == pytest.approx(660, abs=4)


def test_a_sparse_field_has_no_holes() -> None:
    sparse = FieldMap.of(event_list(*field_and_source(n_source=0, n_field=1500)))
    assert np.count_nonzero(sparse.inside) == pytest.approx(320**2, rel=0.08)


def test_the_chip_map_follows_the_quadrants(field: FieldMap) -> None:
    for x, y, chip in ((400, 400, 0), (600, 400, 1), (400, 600, 2), (600, 600, 3)):
        assert field.chip[y - 1 - field.y0, x - 1 - field.x0] == chip
    assert field.chip[0, 0] == -1


def test_a_file_without_chips_has_one_chip() -> None:
    plain = FieldMap.of(event_list(*field_and_source(), chips=False))
    assert set(np.unique(plain.chip)) == {-1, 0}


def test_a_band_without_events_is_refused_by_its_numbers(events: EventList) -> None:
    with pytest.raises(SelectionError, match=r"no event .* in PI 2000-2100.*Widen the band"):
        FieldMap.of(events, band=(2000, 2100))


# --- detection


def test_the_source_is_found_and_nothing_else(field: FieldMap) -> None:
    sources = find_sources(field)
    assert len(sources) == 1
    assert math.dist((sources[0].x, sources[0].y), (560, 545)) < 0.5
    ra_deg, dec_deg = GRID.pixel_to_sky(sources[0].x, sources[0].y)
    assert (sources[0].ra_deg, sources[0].dec_deg) == (ra_deg, dec_deg)


@pytest.mark.parametrize("seed", range(5))
def test_a_flat_field_has_no_source(seed: int) -> None:
    flat = FieldMap.of(event_list(*field_and_source(n_source=0, seed=seed)))
    assert find_sources(flat) == ()


def test_a_fainter_second_source_is_found_too() -> None:
    sources = find_sources(FieldMap.of(event_list(*with_another((430.0, 420.0), 300))))
    assert [round(source.x / 10) * 10 for source in sources] == [560, 430]
    assert sources[0].significance > sources[1].significance > 5


def test_the_centroid_comes_to_rest_on_the_source_from_several_pixels_off(
    field: FieldMap,
) -> None:
    assert math.dist(centroid(field, 566.0, 541.0), (560, 545)) < 0.3


def test_the_centroid_of_nothing_is_where_it_began(field: FieldMap) -> None:
    assert centroid(field, 10.0, 20.0) == (10.0, 20.0)


# --- the profile and the source region


def test_the_profile_counts_what_a_region_counts(events: EventList, field: FieldMap) -> None:
    profile = radial_profile(field, 560.3, 544.8)
    ra_deg, dec_deg = GRID.pixel_to_sky(560.3, 544.8)
    radii = np.array([12.0, 40.0, 77.0, 150.0])
    counts, pixels = profile.within(radii)
    for radius, count, area in zip(radii, counts, pixels, strict=True):
        circle = SkyRegion((SkyCircle(ra_deg, dec_deg, float(radius)),))
        inside = circle.to_pixel(GRID).mask(GRID).full(GRID)
        assert count == np.count_nonzero(inside[events.y - 1, events.x - 1])
        assert area == np.count_nonzero(inside)


def test_the_far_level_is_the_flat_field(field: FieldMap) -> None:
    profile = radial_profile(field, 560.0, 545.0)
    assert profile.far_level == pytest.approx(30_000 / 320**2, rel=0.03)
    assert 60.0 < profile.clean_radius_arcsec() < 130.0


def test_the_suggested_radius_is_the_smallest_with_98_percent_by_brute_force(
    events: EventList, field: FieldMap
) -> None:
    suggestion = suggest_source_region(events, field=field)
    x, y = suggestion.x, suggestion.y
    distance = np.hypot(events.x - x, events.y - y) * PIXEL_ARCSEC
    plane = np.sqrt(field.distance2(x, y)) * PIXEL_ARCSEC
    far_from = radial_profile(field, x, y).far_from * PIXEL_ARCSEC
    covered = field.inside[events.y - 1 - field.y0, events.x - 1 - field.x0]
    far = np.count_nonzero(covered & (distance > far_from))
    far_area = np.count_nonzero(field.inside & (plane > far_from))
    best, table = 0.0, []
    for radius in range(10, int(far_from) + 1):
        count = np.count_nonzero(covered & (distance <= radius))
        ratio = np.count_nonzero(field.inside & (plane <= radius)) / far_area
        signal = (count - ratio * far) / math.sqrt(count + ratio**2 * far)
        best = max(best, signal)
        table.append((radius, signal))
    expected = next(radius for radius, signal in table if signal >= 0.98 * best)
    assert suggestion.radius_arcsec == expected
    np.testing.assert_allclose(suggestion.curve.signal_to_noise, [s for _, s in table])
    assert suggestion.curve.signal_to_noise[suggestion.curve.best] == pytest.approx(best)


def test_the_region_is_one_circle_on_the_centroid(events: EventList, field: FieldMap) -> None:
    suggestion = suggest_source_region(events, field=field)
    (circle,) = suggestion.region.shapes
    assert isinstance(circle, SkyCircle)
    assert GRID.sky_to_pixel(circle.ra_deg, circle.dec_deg) == pytest.approx((560, 545), abs=0.5)
    assert circle.radius_arcsec == suggestion.radius_arcsec == int(circle.radius_arcsec)
    assert f"{circle.radius_arcsec:.0f} arcsec is the smallest radius" in suggestion.reason


def test_a_fainter_source_gets_a_smaller_circle(events: EventList) -> None:
    faint = event_list(*field_and_source(n_source=250))
    bright = suggest_source_region(events)
    assert suggest_source_region(faint).radius_arcsec < bright.radius_arcsec


def test_a_position_chooses_the_source_and_is_recentred() -> None:
    both = event_list(*with_another((430.0, 420.0), 300))
    near = GRID.pixel_to_sky(433.0, 418.0)
    suggestion = suggest_source_region(both, position=near)
    assert math.dist((suggestion.x, suggestion.y), (430, 420)) < 1.0


def test_a_position_outside_the_field_is_refused_with_its_numbers(events: EventList) -> None:
    with pytest.raises(SelectionError, match=r"RA 119\.\d+, Dec .* lies outside the field"):
        suggest_source_region(events, position=GRID.pixel_to_sky(900.0, 900.0))


def test_a_circle_over_a_chip_edge_is_told() -> None:
    crossing = event_list(*field_and_source(source=(503.0, 560.0)))
    messages = suggest_source_region(crossing).messages
    assert any("crosses the gap between DET2, DET3" in message for message in messages)


def test_a_circle_over_the_rim_is_told() -> None:
    rim = event_list(*field_and_source(source=(645.0, 560.0)))
    messages = suggest_source_region(rim).messages
    assert any("of the circle lies outside the field" in message for message in messages)


def test_an_extended_source_is_told(events: EventList) -> None:
    wide = event_list(*field_and_source(sigma=28.0, n_source=12_000))
    messages = suggest_source_region(wide).messages
    assert any("it looks extended" in message for message in messages)
    assert not any("extended" in message for message in suggest_source_region(events).messages)


def test_another_source_in_the_circle_is_told() -> None:
    two = event_list(*with_another((588.0, 558.0), 3000, n_source=20_000))
    messages = suggest_source_region(two).messages
    assert any(message.startswith("another source lies 7") for message in messages)


def test_a_field_without_a_source_is_refused_with_what_to_do() -> None:
    with pytest.raises(SelectionError, match=r"no source stands out by 5 sigma.*by hand"):
        suggest_source_region(event_list(*field_and_source(n_source=0)))


def test_events_cut_to_a_region_are_refused_with_how_far_they_reach() -> None:
    x, y = field_and_source(n_field=200_000)
    near = np.hypot(x - 560, y - 545) < 21
    with pytest.raises(SelectionError, match=r"reach only 5\d arcsec.*not cut to a region"):
        suggest_source_region(event_list(x[near], y[near]))


# --- the background


def test_the_background_is_clean_on_the_same_chip_and_as_large_as_it_can_be(
    events: EventList, field: FieldMap
) -> None:
    found = suggest_background(events, field=field)
    circle = np.sqrt(field.distance2(found.x, found.y)) * PIXEL_ARCSEC <= found.radius_arcsec
    assert found.chip == 3
    assert set(np.unique(field.chip[circle])) == {3}
    assert np.all(field.inside[circle])
    to_source = np.sqrt(field.distance2(560, 545)) * PIXEL_ARCSEC
    assert to_source[circle].min() > found.clean_radius_arcsec - PIXEL_ARCSEC
    assert found.counts == field.counts[circle].sum()
    assert found.counts / np.count_nonzero(circle) == pytest.approx(30_000 / 320**2, rel=0.12)
    assert found.radius_arcsec >= 60
    assert "on DET3" in found.reason
    assert found.messages == ()


def test_the_background_keeps_away_from_other_sources() -> None:
    centre = suggest_background(event_list(*field_and_source()))
    moved = suggest_background(event_list(*with_another((centre.x, centre.y), 300)))
    gap = math.dist((moved.x, moved.y), (centre.x, centre.y)) * PIXEL_ARCSEC
    assert gap > moved.radius_arcsec + 55


def test_a_crowded_chip_sends_the_background_elsewhere_and_says_so() -> None:
    x, y = field_and_source(source=(540.0, 540.0), n_source=4000)
    narrow = (x < 590) & (y < 590)  # the source's chip is cut to 90 x 90 pixels
    found = suggest_background(event_list(x[narrow], y[narrow]))
    assert found.chip != 3
    assert "DET3 has no room left" in found.messages[0]


def test_no_room_for_a_background_is_refused_with_the_largest_circle() -> None:
    x, y = field_and_source(source=(500.0, 500.0), n_field=100_000)
    near = np.hypot(x - 500, y - 500) < 52
    with pytest.raises(SelectionError, match=r"no room for a background circle: the largest"):
        suggest_background(event_list(x[near], y[near]))


def test_a_source_that_fills_the_field_has_no_background() -> None:
    x, y = field_and_source(source=(500.0, 500.0), n_source=60_000, n_field=3000, sigma=60.0)
    with pytest.raises(SelectionError, match="does not come down to a background level"):
        suggest_background(event_list(x, y), position=GRID.pixel_to_sky(500.0, 500.0))


# --- flares


def flaring_events(rate: float = 10.0, flare: float = 4.0, seed: int = 3) -> EventList:
    """A field whose rate rises ``flare``-fold from 8000 to 8300 s."""
    rng = np.random.default_rng(seed)
    quiet = rng.uniform(0.0, 20_000.0, rng.poisson(rate * 20_000))
    extra = rng.uniform(8000.0, 8300.0, rng.poisson((flare - 1) * rate * 300))
    time = np.concatenate((quiet, extra))
    x, y = rng.uniform(340.0, 660.0, (2, len(time)))
    return event_list(x, y, time=time)


def everywhere() -> SkyRegion:
    return SkyRegion((SkyCircle(*GRID.pixel_to_sky(500.5, 500.5), 600.0),))


def test_a_flare_is_cut_out_and_the_rest_is_kept() -> None:
    found = suggest_flare_gti(flaring_events(rate=2.0), region=everywhere())
    np.testing.assert_allclose(found.flares.start, [8000.0])
    np.testing.assert_allclose(found.flares.stop, [8300.0])
    np.testing.assert_allclose(found.good.stop, [8000.0, 20_000.0])
    assert found.lost_s == pytest.approx(300.0)
    assert found.median == pytest.approx(2.0, rel=0.05)
    assert found.median < found.threshold < 4.0
    assert "300 s of good time given up" in found.reason


@pytest.mark.parametrize("seed", range(4))
def test_a_quiet_background_keeps_all_its_time(seed: int) -> None:
    events = flaring_events(rate=2.0, flare=1.0, seed=seed)
    found = suggest_flare_gti(events, region=everywhere())
    assert found.lost_s == 0.0
    assert len(found.flares) == 0
    assert found.reason.startswith("no flare")
    np.testing.assert_array_equal(found.good.stop, events.gti.stop)


def test_a_higher_k_cuts_less() -> None:
    events = flaring_events(rate=2.0, flare=1.6)
    strict = suggest_flare_gti(events, region=everywhere(), k=3.0)
    tolerant = suggest_flare_gti(events, region=everywhere(), k=12.0)
    assert strict.lost_s > tolerant.lost_s == 0.0


def test_a_short_last_bin_is_no_flare_by_chance_alone() -> None:
    events = flaring_events(rate=0.2, flare=1.0)
    cut = replace(events, gti=Gti.of(0.0, 19_931.0))
    assert suggest_flare_gti(cut, region=everywhere()).lost_s == 0.0


def test_too_few_bins_are_refused_with_what_to_do() -> None:
    with pytest.raises(SelectionError, match=r"4 bins of 5000 s: expected 8.*shorter bins"):
        suggest_flare_gti(flaring_events(rate=1.0), region=everywhere(), bin_s=5000.0)


def test_too_few_counts_are_refused_with_what_to_do() -> None:
    with pytest.raises(SelectionError, match=r"usually holds .* counts: expected 4.*longer bins"):
        suggest_flare_gti(flaring_events(rate=0.01), region=everywhere())


def test_without_a_source_the_whole_field_is_judged_and_that_is_told() -> None:
    found = suggest_flare_gti(flaring_events(rate=2.0))
    assert found.lost_s == pytest.approx(300.0)
    assert "the whole field is judged" in found.messages[0]


# --- the simulated observation, where the truth is known


@pytest.mark.parametrize("module", ["FPMA", "FPMB"])
def test_the_simulated_source_is_found_within_two_arcsec(
    observation: SimulatedObservation, module: str
) -> None:
    events = EventList.read(observation.event_file(module))
    (source,) = find_sources(FieldMap.of(events))
    here = observation.truth.of(module)
    true_pixel = events.grid.sky_to_pixel(here.ra_deg, here.dec_deg)
    assert math.dist((source.x, source.y), true_pixel) * PIXEL_ARCSEC < 2.0


@pytest.mark.parametrize("module", ["FPMA", "FPMB"])
def test_the_simulated_observation_gets_both_regions_on_one_chip(
    observation: SimulatedObservation, module: str
) -> None:
    events = EventList.read(observation.event_file(module))
    field = FieldMap.of(events)
    source = suggest_source_region(events, field=field)
    background = suggest_background(events, field=field)
    assert 60 < source.radius_arcsec < 130
    assert background.chip == 0
    assert background.radius_arcsec >= 60
    apart = math.dist((source.x, source.y), (background.x, background.y)) * PIXEL_ARCSEC
    assert apart > source.radius_arcsec + background.radius_arcsec


def test_the_simulated_flares_are_found_and_little_else(
    observation: SimulatedObservation,
) -> None:
    events = EventList.read(observation.event_file("FPMA"))
    truth = Gti.from_pairs(observation.truth.flares) & events.gti
    found = suggest_flare_gti(events)
    assert (found.flares & truth).duration_s > 0.6 * truth.duration_s
    assert found.lost_s < 1.8 * truth.duration_s


# --- nothing crashes


def odd_positions(kind: str, rng: np.random.Generator, n: int) -> NDArray[np.float64]:
    return {
        "scattered": rng.uniform(1, 1000, (2, n)),
        "one pixel": np.full((2, n), 321.0),
        "nowhere": np.full((2, n), -1.0),
        "in the corner": np.clip(rng.normal(990, 20, (2, n)), 1, 1000),
        "on a line": np.stack((rng.uniform(400, 600, n), np.full(n, 500.0))),
        "a clump": rng.normal(500, 10, (2, n)),
    }[kind]


@pytest.mark.parametrize("n", [1, 2, 30, 1000])
@pytest.mark.parametrize(
    "kind", ["scattered", "one pixel", "nowhere", "in the corner", "on a line", "a clump"]
)
def test_the_oddest_events_get_a_suggestion_or_a_reason(kind: str, n: int) -> None:
    rng = np.random.default_rng(n)
    x, y = odd_positions(kind, rng, n)
    for chips in (True, False):
        events = event_list(x, y, chips=chips)
        for suggest in (suggest_source_region, suggest_background, suggest_flare_gti):
            assert len(reason_of(suggest, events, (35, 1909))) > 60


def test_a_position_on_the_other_side_of_the_sky_is_outside_the_field(
    events: EventList, field: FieldMap
) -> None:
    with pytest.raises(SelectionError, match=r"RA 300\.00000, Dec -10\.00000 deg lies outside"):
        suggest_background(events, position=(300.0, -10.0), field=field)


# --- real files and the extraction fixtures


def real_event_lists(shared: Path) -> list[Path]:
    lists = [*shared.glob("data/**/*.evt"), *shared.glob("fixtures/extraction/obs/*_cl.evt.gz")]
    assert len(lists) == 4
    return sorted(lists)


def reason_of(suggest: Callable[..., Any], events: EventList, band: tuple[int, int]) -> str:
    try:
        return str(suggest(events, band=band).reason)
    except SelectionError as reason:
        return str(reason)


def test_every_event_list_at_hand_gets_a_suggestion_or_a_reason(shared: Path) -> None:
    for path in real_event_lists(shared):
        events = EventList.read(path)
        for suggest in (suggest_source_region, suggest_background, suggest_flare_gti):
            for band in ((35, 1909), (0, 4095)):
                assert len(reason_of(suggest, events, band)) > 60, path


def test_a_real_pulsar_cut_to_a_few_pixels_has_no_room_for_a_background(shared: Path) -> None:
    (path,) = shared.glob("data/NuSTAR+nustar-clock-utils/**/dummy_evt.evt")
    events = EventList.read(path)
    assert len(find_sources(FieldMap.of(events))) == 1
    with pytest.raises(SelectionError, match=r"no room to measure a background"):
        suggest_background(events)


def test_a_heliocentric_event_list_is_refused_for_its_coordinates(shared: Path) -> None:
    (path,) = shared.glob("data/ianan+nustar_sac/**/*_sunpos.evt")
    with pytest.raises(SelectionError, match=r"sky pixels measure 8849 arcsec.*heliocentric"):
        suggest_source_region(EventList.read(path), band=(0, 4095))


def test_the_synthetic_fixture_gets_the_same_source_in_both_modules(shared: Path) -> None:
    radii = {}
    for module in "AB":
        path = shared / f"fixtures/extraction/obs/nu90000000101{module}01_cl.evt.gz"
        events = EventList.read(path)
        field = FieldMap.of(events)
        assert len(find_sources(field)) == 2
        radii[module] = suggest_source_region(events, field=field).radius_arcsec
        assert suggest_background(events, field=field).radius_arcsec >= 50
    assert radii["A"] == pytest.approx(radii["B"], abs=10)
