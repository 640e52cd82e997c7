"""The simulated observation: unmistakable, repeatable, and true to what was put in."""

from __future__ import annotations

import hashlib
import math
from typing import TYPE_CHECKING

import numpy as np
import pytest
from astropy.io import fits
from scipy.stats import chi2, kstest

from nustar_widgets.engines.fit_embedded import EmbeddedFit
from nustar_widgets.errors import OutputError, ParameterError
from nustar_widgets.events.eventlist import EventList
from nustar_widgets.events.extract import extract_spectrum
from nustar_widgets.events.gti import Gti
from nustar_widgets.events.livetime import Housekeeping
from nustar_widgets.events.regions import SkyCircle, SkyRegion
from nustar_widgets.events.suggest import suggest_background
from nustar_widgets.session.values import FitChoice, ParameterChoice
from nustar_widgets.simulate import ModuleTruth, SimulatedObservation, simulate_observation
from nustar_widgets.simulate import observation as observation_module
from nustar_widgets.simulate.detector import on_chip
from nustar_widgets.simulate.modules import GRID, MODULES, POINTING_DEC_DEG, POINTING_RA_DEG
from nustar_widgets.simulate.optics import (
    draw_offsets,
    enclosed_fraction,
    on_axis_area_cm2,
    surface_density,
    vignetting,
)
from nustar_widgets.simulate.redistribution import (
    CENTRES_KEV,
    EDGES_KEV,
    fwhm_kev,
    gaussian_redistribution,
)
from nustar_widgets.simulate.timeline import ORBIT_S, good_fraction, make_timeline, red_noise
from nustar_widgets.spectra.arf import read_arf
from nustar_widgets.spectra.folding import SpectralData
from nustar_widgets.spectra.grouping import group
from nustar_widgets.spectra.models import Model
from nustar_widgets.spectra.pha import Spectrum
from nustar_widgets.spectra.response import Response
from nustar_widgets.spectra.rmf import read_rmf

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

LAUNCH_S = 77_500_000.0  # 2012-06-13, mission time
OFFICIAL_COLUMNS = [
    "TIME",
    "DET_ID",
    "RAWX",
    "RAWY",
    "STATUS",
    "GRADE",
    "SURRPI",
    "PI",
    "DET1X",
    "DET1Y",
    "DET2X",
    "DET2Y",
    "X",
    "Y",
]


@pytest.fixture(scope="module")
def observation(tmp_path_factory: pytest.TempPathFactory) -> SimulatedObservation:
    return simulate_observation(tmp_path_factory.mktemp("sky"), exposure_s=12_000.0)


@pytest.fixture(scope="module")
def all_files(observation: SimulatedObservation) -> list[Path]:
    return sorted(path for path in observation.path.rglob("*") if path.is_file())


def digests(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


# --- what it is called and where it lies


def test_the_folder_has_the_names_an_observation_has(observation: SimulatedObservation) -> None:
    assert observation.path.name == observation.obsid == "00000000001"
    stem = "nu00000000001"
    names = {path.relative_to(observation.path).as_posix() for path in observation.path.rglob("*")}
    expected = {
        f"{stem}.cat",
        f"auxil/{stem}_att.fits",
        f"auxil/{stem}_orb.fits",
        f"hk/{stem}_obeb.hk",
        f"hk/{stem}_chu123.fits",
        f"event_cl/{stem}_mast.fits",
        f"event_cl/{stem}_att.fits",
    }
    for module in "AB":
        expected |= {
            f"hk/{stem}{module}_fpm.hk",
            f"event_uf/{stem}{module}_uf.evt",
            f"event_cl/{stem}{module}_oa.fits",
            f"event_cl/{stem}{module}_det1.fits",
            f"event_cl/{stem}{module}01_cl.evt",
            f"event_cl/{stem}{module}01_gti.fits",
            f"event_cl/{stem}{module}01_sr.arf",
            f"event_cl/{stem}{module}01_sr.rmf",
        }
    assert expected <= names


def test_every_header_of_every_file_says_that_it_is_simulated(all_files: list[Path]) -> None:
    assert len(all_files) > 30
    for path in all_files:
        with fits.open(path) as hdus:
            for hdu in hdus:
                assert hdu.header["SIMULATD"] is True, (path, hdu.name)
                assert any("SIMULATED DATA" in line for line in hdu.header["COMMENT"])
                assert hdu.header["OBJECT"] == "SIMULATED SWIFT J2127.4+5654"
                assert hdu.header["OBS_ID"] == "00000000001"


def test_every_file_passes_astropys_verification_and_its_checksums(all_files: list[Path]) -> None:
    for path in all_files:
        with fits.open(path, checksum=True) as hdus:
            hdus.verify("exception")
            for hdu in hdus:
                assert hdu.verify_checksum() == 1, path
                assert hdu.verify_datasum() == 1, path
                assert "2026" not in hdu.header.comments["CHECKSUM"]


def test_the_dates_lie_before_the_launch(observation: SimulatedObservation) -> None:
    with fits.open(observation.event_file("FPMA")) as hdus:
        header, times = hdus["EVENTS"].header, hdus["EVENTS"].data["TIME"]
    assert header["DATE-OBS"].startswith("2012-01-01")
    assert times.max() < LAUNCH_S
    assert header["TSTART"] <= times.min() <= times.max() <= header["TSTOP"]


def test_the_catalogue_lists_the_files_with_their_sizes(
    observation: SimulatedObservation, all_files: list[Path]
) -> None:
    with fits.open(observation.path / "nu00000000001.cat") as hdus:
        listed = dict(zip(hdus[1].data["FILENAME"], hdus[1].data["FILESIZE"], strict=True))
    on_disk = {
        path.relative_to(observation.path).as_posix(): path.stat().st_size
        for path in all_files
        if path.suffix != ".cat"
    }
    assert listed == on_disk


# --- repeatability and atomicity


def test_the_same_seed_gives_the_same_files_bit_for_bit(tmp_path: Path) -> None:
    one = simulate_observation(tmp_path / "one", exposure_s=600.0, seed=5)
    two = simulate_observation(tmp_path / "two", exposure_s=600.0, seed=5)
    assert digests(one.path) == digests(two.path)
    assert one.truth == two.truth


def test_another_seed_gives_other_events(tmp_path: Path) -> None:
    one = simulate_observation(tmp_path / "one", exposure_s=600.0, seed=5)
    two = simulate_observation(tmp_path / "two", exposure_s=600.0, seed=6)
    name = "event_cl/nu00000000001A01_cl.evt"
    assert digests(one.path)[name] != digests(two.path)[name]


def test_an_existing_observation_is_refused_and_left_alone(tmp_path: Path) -> None:
    there = tmp_path / "00000000001"
    there.mkdir()
    (there / "notes.txt").write_text("mine")
    with pytest.raises(OutputError, match=r"exists already\. Choose another name"):
        simulate_observation(tmp_path, exposure_s=600.0)
    assert (there / "notes.txt").read_text() == "mine"


def test_overwrite_replaces_the_whole_folder(tmp_path: Path) -> None:
    there = tmp_path / "00000000001"
    there.mkdir()
    (there / "old").write_text("old")
    simulate_observation(tmp_path, exposure_s=600.0, overwrite=True)
    assert not (there / "old").exists()
    assert (there / "event_cl").is_dir()


def test_a_failure_half_way_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def disk_full(*_: object) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr(observation_module, "write_stand_ins", disk_full)
    with pytest.raises(OutputError, match="No space left on device"):
        simulate_observation(tmp_path, exposure_s=600.0)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("value", [0.0, -1.0, math.nan, math.inf])
def test_an_impossible_exposure_is_refused_by_name(tmp_path: Path, value: float) -> None:
    with pytest.raises(ParameterError, match=r"exposure_s: .*expected a number above 0"):
        simulate_observation(tmp_path, exposure_s=value)


def test_progress_is_told_module_by_module(tmp_path: Path) -> None:
    lines: list[str] = []
    simulate_observation(tmp_path, exposure_s=600.0, progress=lines.append)
    assert [line.split(":")[0] for line in lines if line.endswith("events")] == ["FPMA", "FPMB"]
    assert str(tmp_path) in lines[-1]


# --- the event list


def test_events_have_the_official_columns_in_35_bytes(observation: SimulatedObservation) -> None:
    with fits.open(observation.event_file("FPMB")) as hdus:
        header = hdus["EVENTS"].header
        assert hdus["EVENTS"].columns.names == OFFICIAL_COLUMNS
    assert header["NAXIS1"] == 35
    assert header["TFORM5"] == "16X"
    assert (header["TCTYP13"], header["TCTYP14"]) == ("RA---TAN", "DEC--TAN")
    assert (header["TLMAX8"], header["TLMAX13"], header["INSTRUME"]) == (4095, 1000, "FPMB")


@pytest.mark.parametrize("module", ["FPMA", "FPMB"])
def test_events_lie_in_the_good_times_in_order_and_on_the_planes(
    observation: SimulatedObservation, module: str
) -> None:
    with fits.open(observation.event_file(module)) as hdus:
        header, data = hdus["EVENTS"].header, hdus["EVENTS"].data
        gti = Gti.of(hdus["GTI"].data["START"], hdus["GTI"].data["STOP"])
        assert np.all(np.diff(data["TIME"]) >= 0)
        assert gti.contains(np.asarray(data["TIME"], np.float64)).all()
        for number, name in enumerate(OFFICIAL_COLUMNS, start=1):
            if f"TLMIN{number}" in header:
                assert data[name].min() >= header[f"TLMIN{number}"], name
                assert data[name].max() <= header[f"TLMAX{number}"], name


@pytest.mark.parametrize("module", ["FPMA", "FPMB"])
def test_the_exposure_is_the_housekeeping_livetime_of_the_good_time(
    observation: SimulatedObservation, module: str
) -> None:
    events = EventList.read(observation.event_file(module))
    housekeeping = Housekeeping.read(observation.housekeeping_file(module))
    assert events.ontime_s == pytest.approx(12_000.0, abs=1e-6)
    assert events.gti.duration_s == pytest.approx(events.ontime_s, abs=1e-6)
    assert events.deadc == pytest.approx(housekeeping.deadc(events.gti), rel=1e-12)
    assert events.exposure_s == pytest.approx(events.ontime_s * events.deadc, rel=1e-12)
    assert 0.9 < events.deadc < 0.99
    assert (events.mode, events.obsid) == ("01", "00000000001")
    assert events.messages == ()


def test_the_gti_file_says_what_the_event_list_says(observation: SimulatedObservation) -> None:
    events = EventList.read(observation.event_file("FPMA"))
    gti = Gti.read(observation.path / "event_cl/nu00000000001A01_gti.fits")
    np.testing.assert_array_equal(gti.start, events.gti.start)
    np.testing.assert_array_equal(gti.stop, events.gti.stop)


def test_every_processed_event_costs_two_and_a_half_milliseconds(
    observation: SimulatedObservation,
) -> None:
    with fits.open(observation.housekeeping_file("FPMA")) as hdus:
        rows = hdus["HK1FPM"].data
        dead = 1.0 - rows["LIVETIME"]
        np.testing.assert_allclose(dead, 2.5e-3 * rows["NEV"], atol=1e-12)
        assert np.all(np.diff(rows["TIME"]) == 1.0)


def test_a_brighter_source_loses_more_time(tmp_path: Path) -> None:
    bright = simulate_observation(tmp_path, exposure_s=300.0, brightness=100.0)
    events = EventList.read(bright.event_file("FPMA"))
    # 97 source counts/s on 12 vetoed ones: 1 / (1 + 0.0025 * 110)
    assert events.deadc == pytest.approx(0.785, abs=0.03)
    assert bright.truth.of("FPMA").source_events > 15_000


# --- the sky


def test_the_source_is_where_the_truth_says_and_not_where_the_catalogue_says(
    observation: SimulatedObservation,
) -> None:
    truth = observation.truth
    for module in ("FPMA", "FPMB"):
        events = EventList.read(observation.event_file(module))
        here = truth.of(module)
        x, y = events.grid.sky_to_pixel(here.ra_deg, here.dec_deg)
        near = np.hypot(events.x - x, events.y - y) < 8
        assert np.mean(events.x[near]) == pytest.approx(x, abs=0.2)
        assert np.mean(events.y[near]) == pytest.approx(y, abs=0.2)
        shift = math.hypot(
            (here.ra_deg - truth.ra_deg) * math.cos(math.radians(truth.dec_deg)),
            here.dec_deg - truth.dec_deg,
        )
        assert 1.0 < shift * 3600 < 8.0


def test_the_chips_fill_a_turned_square_with_a_gap(observation: SimulatedObservation) -> None:
    events = EventList.read(observation.event_file("FPMA"))
    assert events.det_id is not None
    assert set(np.unique(events.det_id)) == {0, 1, 2, 3}
    with fits.open(observation.event_file("FPMA")) as hdus:
        det1 = hdus["EVENTS"].data["DET1X"].astype(float)
    in_gap = np.abs(det1 - 180.5) < 2.0
    assert not in_gap.any()
    # Turned by 33 deg, so the corners of the sky image's bounding square are empty.
    assert not ((events.x < 350) & (events.y < 350)).any()


def test_chips_differ_in_background_and_modules_differ_in_chips(
    observation: SimulatedObservation,
) -> None:
    assert MODULES[0].plane.chip_of_quadrant != MODULES[1].plane.chip_of_quadrant
    for module in MODULES:
        events = EventList.read(observation.event_file(module.name))
        assert events.det_id is not None
        # Above 100 keV: no source at all.
        counts = np.bincount(events.det_id[events.pi > 2500], minlength=4)
        expected = counts.sum() * np.array(module.chip_background) / 4.0
        assert np.sum((counts - expected) ** 2 / expected) < chi2.isf(1e-4, 3)


def test_the_pointing_puts_the_gap_crossing_of_fpma_at_the_centre_of_the_plane() -> None:
    plane = MODULES[0].plane
    crossing = plane.to_sky(np.zeros((1, 2)))[0] / GRID.pixel_arcsec
    x, y = GRID.sky_to_pixel(321.9373, 56.9444)
    assert (x + crossing[0], y + crossing[1]) == pytest.approx((500.5, 500.5), abs=1.0)
    assert GRID.pixel_to_sky(500.5, 500.5) == pytest.approx((POINTING_RA_DEG, POINTING_DEC_DEG))


def test_sky_and_bench_coordinates_are_inverses() -> None:
    places = np.random.default_rng(1).normal(size=(50, 2)) * 200
    for module in MODULES:
        round_trip = module.plane.to_bench(module.plane.to_sky(places))
        np.testing.assert_allclose(round_trip, places, atol=1e-9)


# --- optics and response


def test_the_point_spread_function_has_the_published_widths() -> None:
    radius = np.linspace(0.0, 60.0, 60_001)
    density = surface_density(radius)
    assert 2 * radius[np.searchsorted(-density, -0.5 * density[0])] == pytest.approx(18.0, abs=0.1)
    half = radius[np.searchsorted([enclosed_fraction(r) for r in radius], 0.5)]
    assert 2 * half == pytest.approx(58.0, abs=0.1)


def test_offsets_are_drawn_from_the_enclosed_fraction() -> None:
    offsets = draw_offsets(np.random.default_rng(3), 20_000)
    distances = np.hypot(offsets[:, 0], offsets[:, 1])
    cumulative = np.vectorize(enclosed_fraction)
    assert kstest(distances, cumulative).pvalue > 0.01


def test_captured_fraction_is_what_drawn_photons_find() -> None:
    rng = np.random.default_rng(4)
    for module in MODULES:
        sky = draw_offsets(rng, 200_000)
        times = rng.uniform(0.0, ORBIT_S, len(sky))
        alive = on_chip(module.plane.to_bench(sky) + module.plane.flex(times))
        for radius in (40.0, 100.0, 160.0):
            inside = np.hypot(sky[:, 0], sky[:, 1]) <= radius
            found = np.mean(alive & inside)
            assert found == pytest.approx(module.plane.captured_fraction(radius), abs=4e-3)
            assert found < enclosed_fraction(radius) + 3e-3


def test_vignetting_halves_the_area_at_the_published_field_edges() -> None:
    assert vignetting(np.array([10.0]), 300.0)[0] == pytest.approx(0.5)
    assert vignetting(np.array([68.0]), 180.0)[0] == pytest.approx(0.5)


def test_the_area_drops_at_the_edges_of_tungsten_and_platinum() -> None:
    area = on_axis_area_cm2(np.array([10.1, 10.4, 69.4, 69.7, 78.2, 78.6]))
    assert area[0] > 1.08 * area[1]
    assert area[2] > 1.15 * area[3]
    assert area[4] > 5 * area[5]


def test_lines_have_the_published_widths() -> None:
    assert fwhm_kev(np.array([10.0, 68.0])) == pytest.approx([0.4, 0.9])
    matrix = gaussian_redistribution()
    for energy in (10.0, 68.0):
        line = np.zeros(4096)
        line[int((energy - 1.6) / 0.04)] = 1.0
        counts = matrix.fold(line)
        centre = counts @ CENTRES_KEV
        width = math.sqrt(counts @ (CENTRES_KEV - centre) ** 2 - 0.04**2 / 12)
        assert counts.sum() == pytest.approx(1.0, abs=1e-6)
        assert 2.3548 * width == pytest.approx(fwhm_kev(np.array([centre]))[0], rel=2e-3)


def test_the_written_matrix_is_the_one_events_are_drawn_through(
    observation: SimulatedObservation,
) -> None:
    rmf = read_rmf(observation.rmf_file("FPMA"))
    rate = np.exp(-CENTRES_KEV / 10.0)
    folded = rate @ rmf.dense().astype(np.float64)
    np.testing.assert_allclose(folded, gaussian_redistribution().fold(rate), rtol=1e-5, atol=1e-9)
    assert rmf.n_channels == 4096


@pytest.mark.parametrize("module", ["FPMA", "FPMB"])
def test_the_arf_says_what_is_in_it(observation: SimulatedObservation, module: str) -> None:
    arf = read_arf(observation.arf_file(module))
    with fits.open(observation.arf_file(module)) as hdus:
        header = hdus["SPECRESP"].header
    assert header["SIMRAD"] == observation.truth.arf_radius_arcsec
    assert header["SIMFRAC"] == pytest.approx(observation.truth.of(module).captured_fraction)
    expected = (
        on_axis_area_cm2(CENTRES_KEV)
        * vignetting(CENTRES_KEV, header["SIMOFFAX"])
        * header["SIMFRAC"]
    )
    np.testing.assert_allclose(arf.specresp, expected, rtol=1e-5)


def test_the_arf_of_a_larger_circle_is_larger_by_the_captured_fractions(
    observation: SimulatedObservation, tmp_path: Path
) -> None:
    wide = simulate_observation(tmp_path, exposure_s=600.0, arf_radius_arcsec=150.0)
    usual, larger = (read_arf(one.arf_file("FPMA")).specresp for one in (observation, wide))
    fractions = [one.truth.of("FPMA").captured_fraction for one in (observation, wide)]
    np.testing.assert_allclose(larger / usual, fractions[1] / fractions[0], rtol=1e-5)
    assert fractions[1] > 1.04 * fractions[0]


# --- time


def test_good_time_comes_in_orbits_with_passages_cut_out() -> None:
    timeline = make_timeline(np.random.default_rng(0), 30_000.0)
    assert timeline.good_s == pytest.approx(30_000.0, abs=1e-6)
    orbits = np.unique((timeline.start - timeline.start[0] + 100.0) // ORBIT_S)
    assert len(orbits) in (10, 11)
    assert len(timeline.start) > len(orbits)
    for entry, leave in timeline.saa:
        inside = np.linspace(entry, leave, 20)[1:-1]
        assert np.ptp(timeline.good_before(inside)) == pytest.approx(0.0, abs=1e-9)


def test_good_time_and_moment_are_inverses() -> None:
    timeline = make_timeline(np.random.default_rng(0), 9_000.0)
    elapsed = np.linspace(0.0, timeline.good_s, 501)
    moments = timeline.moment_of(elapsed)
    np.testing.assert_allclose(timeline.good_before(moments), elapsed, atol=1e-6)
    assert Gti.of(timeline.start, timeline.stop).contains(moments).all()


def test_the_source_varies_like_red_noise_about_one() -> None:
    timeline = make_timeline(np.random.default_rng(0), 60_000.0)
    curve = red_noise(np.random.default_rng(1), timeline, 0.17)
    weight = good_fraction(timeline)
    assert np.average(curve, weights=weight) == pytest.approx(1.0)
    assert 0.10 < curve.std() < 0.25
    fast, slow = np.std(curve[100:] - curve[:-100]), np.std(curve[5000:] - curve[:-5000])
    assert fast < 0.4 * slow


def test_the_background_flares_where_the_truth_says(observation: SimulatedObservation) -> None:
    truth, events = observation.truth, EventList.read(observation.event_file("FPMA"))
    assert truth.flares
    hard = events.time[(events.pi > 500) & (events.x < 500)]  # off the source
    inside = Gti.from_pairs(truth.flares)
    flaring = np.count_nonzero(inside.contains(hard)) / (inside & events.gti).duration_s
    quiet_s = events.gti.duration_s - (inside & events.gti).duration_s
    quiet = np.count_nonzero(~inside.contains(hard)) / quiet_s
    assert flaring > 2.0 * quiet


# --- from the drawn spectrum back to the truth


def circle_counts(
    events: EventList, radius_arcsec: float, centre: tuple[float, float]
) -> NDArray[np.int64]:
    mask = SkyRegion((SkyCircle(*centre, radius_arcsec),)).to_pixel(events.grid)
    inside = mask.mask(events.grid).full(events.grid)[events.y - 1, events.x - 1]
    return np.bincount(events.pi[inside], minlength=4096)


@pytest.mark.parametrize("module", ["FPMA", "FPMB"])
def test_the_spectrum_in_the_circle_is_the_folded_truth(
    observation: SimulatedObservation, module: str
) -> None:
    truth, here = observation.truth, observation.truth.of(module)
    events = EventList.read(observation.event_file(module))
    counts = circle_counts(events, truth.arf_radius_arcsec, (here.ra_deg, here.dec_deg))
    model = Model.parse(truth.expression).evaluate(EDGES_KEV, [v for _, v in truth.parameters])
    area = read_arf(observation.arf_file(module)).specresp
    matrix = read_rmf(observation.rmf_file(module)).dense().astype(np.float64)
    expected = here.factor * events.exposure_s * (model * area) @ matrix
    # 4 to 14 keV, where the background in the circle is a few per cent: taken from the field.
    bins = np.arange(60, 311, 10)
    background = background_per_bin(events, bins, truth.arf_radius_arcsec, here)
    observed = np.add.reduceat(counts[: bins[-1]], bins[:-1])
    predicted = np.add.reduceat(expected[: bins[-1]], bins[:-1]) + background
    statistic = float(np.sum((observed - predicted) ** 2 / predicted))
    assert chi2.isf(0.999, len(observed)) < statistic < chi2.isf(1e-3, len(observed))
    assert observed.sum() == pytest.approx(predicted.sum(), rel=4.0 / math.sqrt(observed.sum()))


def background_per_bin(
    events: EventList, bins: NDArray[np.int64], radius_arcsec: float, here: ModuleTruth
) -> NDArray[np.float64]:
    """Background in the circle from the field beyond 240 arcsec, where the source is nothing."""
    x, y = events.grid.sky_to_pixel(here.ra_deg, here.dec_deg)
    distance = np.hypot(events.x - x, events.y - y) * events.grid.pixel_arcsec
    far = np.bincount(events.pi[distance > 240.0], minlength=4096)
    field_arcsec2 = 4.0 * (32 * 5 * events.grid.pixel_arcsec) ** 2
    share = math.pi * radius_arcsec**2 / (field_arcsec2 - math.pi * 240.0**2)
    return np.asarray(np.add.reduceat(far[: bins[-1]], bins[:-1]) * share)


def loaded(observation: SimulatedObservation, module: str, number: int) -> SpectralData:
    """The spectrum of the ARF's circle with a background from another part of its chip."""
    events, here = EventList.read(observation.event_file(module)), observation.truth.of(module)
    circle = SkyCircle(here.ra_deg, here.dec_deg, observation.truth.arf_radius_arcsec)
    source, background = (
        extract_spectrum(events, region.to_pixel(events.grid).mask(events.grid))
        for region in (SkyRegion((circle,)), suggest_background(events).region)
    )
    spectra = [
        Spectrum(
            channel=np.arange(4096, dtype=np.int32),
            counts=found.counts,
            exposure_s=found.exposure.exposure_s,
            backscal=float(found.backscal),
            instrument=module,
        )
        for found in (source, background)
    ]
    response = Response(
        read_rmf(observation.rmf_file(module)), read_arf(observation.arf_file(module))
    )
    data = SpectralData(
        spectrum=group(spectra[0], "min", 5),
        background=spectra[1],
        response=response,
        number=number,
    )
    return data.ignore("**-3.0", "79.0-**")


def test_a_joint_fit_finds_what_was_put_in(observation: SimulatedObservation) -> None:
    truth = dict(observation.truth.parameters)
    frozen = ("TBabs.nH", "cutoffpl.HighECut", "gaussian.LineE", "gaussian.Sigma")
    choice = FitChoice(
        expression=f"constant*{observation.truth.expression}",
        parameters=(
            *(ParameterChoice(name=name, value=truth[name], frozen=True) for name in frozen),
            ParameterChoice(name="constant.factor", value=1.0, frozen=True),
            ParameterChoice(name="constant.factor[2]", value=1.0, frozen=False),
            ParameterChoice(name="cutoffpl.PhoIndex", value=1.8),
            ParameterChoice(name="cutoffpl.norm", value=0.01),
            ParameterChoice(name="gaussian.norm", value=1e-5),
        ),
    )
    data = [loaded(observation, module, n) for n, module in enumerate(("FPMA", "FPMB"), 1)]
    found = EmbeddedFit(data, choice).fit()
    truth["constant.factor[2]"] = observation.truth.of("FPMB").factor
    free = {result.name: result for result in found.free}
    assert set(free) == {
        "constant.factor[2]",
        "cutoffpl.PhoIndex",
        "cutoffpl.norm",
        "gaussian.norm",
    }
    for name, result in free.items():
        assert result.sigma is not None
        assert abs(result.value - truth[name]) < 3.0 * result.sigma, name
    assert free["cutoffpl.PhoIndex"].sigma is not None
    assert free["cutoffpl.PhoIndex"].sigma < 0.05
