"""Dead time: the rules of nulivetime and nulccorr, by hand and against their output."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from nustar_widgets.errors import InputFileError, SelectionError
from nustar_widgets.events.eventlist import EventList
from nustar_widgets.events.extract import exposure_of, extract_light_curve
from nustar_widgets.events.gti import Gti
from nustar_widgets.events.lightcurve import LightCurve, TimeBins
from nustar_widgets.events.livetime import Housekeeping, livetime_corrected
from nustar_widgets.events.pixelmask import PixelMask
from tests.events.builders import write_event_file, write_housekeeping

LIVE = [0.5, 0.6, 0.7, 0.8, 0.9, 0.9, 0.8, 0.7, 0.6, 0.5]


@pytest.fixture
def housekeeping(tmp_path: Path) -> Housekeeping:
    return Housekeeping.read(
        write_housekeeping(tmp_path / "a_fpm.hk", time=np.arange(10.0), livetime=LIVE)
    )


def curve(gti: Gti, bin_s: float, counts: list[int]) -> LightCurve:
    return LightCurve.from_counts(np.array(counts), TimeBins.covering(gti, bin_s))


def test_housekeeping_is_read(housekeeping: Housekeeping) -> None:
    assert housekeeping.module == "FPMA"
    assert housekeeping.time.tolist() == list(range(10))
    assert housekeeping.livetime.tolist() == LIVE


def test_deadc_is_the_livetime_weighted_by_good_time(housekeeping: Housekeeping) -> None:
    # Half of second 1, all of second 2, a quarter of second 3.
    gti = Gti.of(1.5, 3.25)
    assert housekeeping.deadc(gti) == pytest.approx((0.5 * 0.6 + 0.7 + 0.25 * 0.8) / 1.75)


def test_the_last_row_lasts_as_long_as_the_one_before(housekeeping: Housekeeping) -> None:
    assert housekeeping.deadc(Gti.of(9.0, 10.0)) == pytest.approx(0.5)


def test_good_time_outside_the_housekeeping_does_not_count(housekeeping: Housekeeping) -> None:
    assert housekeeping.deadc(Gti.of(9.5, 500.0)) == pytest.approx(0.5)


def test_housekeeping_of_another_time_is_told(housekeeping: Housekeeping) -> None:
    with pytest.raises(SelectionError, match=r"no good time between 0 and 10 s.*same observation"):
        housekeeping.deadc(Gti.of(1000.0, 2000.0))


def test_a_light_curve_is_divided_by_the_mean_livetime_of_its_bins(
    housekeeping: Housekeeping,
) -> None:
    gti = Gti.of(1.0, 7.0)
    corrected = livetime_corrected(curve(gti, 2.0, [4, 0, 6, 0]), housekeeping, gti)
    # A bin reaches to its end included, so a row that starts there joins with weight 0.
    live = [(0.6 + 0.7) / 2, (0.9 + 0.8) / 2]
    assert corrected.rate.tolist() == pytest.approx([2 / live[0], 0, 3 / live[1]], rel=1e-6)
    assert corrected.error.tolist() == pytest.approx(
        [1 / live[0], 0, 6**0.5 / 2 / live[1]], rel=1e-6
    )
    assert corrected.livetime_corrected


def test_rows_that_touch_good_time_count_in_full(housekeeping: Housekeeping) -> None:
    # nulccorr's rule: second 3 is good for 0.1 s only but weighs as much as second 2.
    gti = Gti.of([0.0, 2.0], [1.0, 3.1])
    corrected = livetime_corrected(curve(gti, 4.0, [8]), housekeeping, gti)
    rate = 8 / 2.1 / ((0.5 + 0.7 + 0.8) / 3)
    assert corrected.rate[0] == pytest.approx(rate, rel=1e-6)


def test_a_bin_within_one_row_has_the_livetime_of_that_row(tmp_path: Path) -> None:
    # Also where rows are missing: the bin 4-6 s is all in the row that began at 2 s.
    rows = write_housekeeping(
        tmp_path / "gap.hk", time=[0.0, 1.0, 2.0, 10.0, 11.0], livetime=[0.5, 0.6, 0.7, 0.8, 0.9]
    )
    gti = Gti.of(0.0, 11.0)
    corrected = livetime_corrected(
        curve(gti, 2.0, [0, 0, 7, 0, 0, 0]), Housekeeping.read(rows), gti
    )
    assert corrected.rate[2] == np.float32(3.5 * (1 / 0.7))


def test_the_rates_before_the_correction_are_untouched(housekeeping: Housekeeping) -> None:
    gti = Gti.of(1.0, 5.0)
    before = curve(gti, 2.0, [4, 2, 0])
    livetime_corrected(before, housekeeping, gti)
    assert before.rate.tolist() == [2.0, 1.0]
    assert not before.livetime_corrected


def test_a_light_curve_older_than_the_housekeeping_is_told(housekeeping: Housekeeping) -> None:
    gti = Gti.of(-5.0, 5.0)
    with pytest.raises(SelectionError, match=r"begins at 0\.0 s, after the light curve \(-5\.0 s"):
        livetime_corrected(curve(gti, 5.0, [1, 1, 0]), housekeeping, gti)


def test_a_file_without_hk1fpm_is_told(tmp_path: Path) -> None:
    file = write_event_file(tmp_path / "a.evt", time=[1.0], x=[1], y=[1], pi=[1])
    with pytest.raises(InputFileError, match=r"no extension HK1FPM\. Expected a housekeeping"):
        Housekeeping.read(file)


@pytest.mark.parametrize("time", [[0.0], [0.0, 2.0, 1.0], [0.0, 1.0, 1.0]])
def test_rows_that_do_not_ascend_are_refused(tmp_path: Path, time: list[float]) -> None:
    file = write_housekeeping(tmp_path / "a.hk", time=time, livetime=time)
    with pytest.raises(InputFileError, match="not one ascending series in TIME"):
        Housekeeping.read(file)


def test_housekeeping_of_the_other_module_is_refused(tmp_path: Path) -> None:
    events = EventList.read(
        write_event_file(tmp_path / "a.evt", time=[1.0], x=[1], y=[1], pi=[1], module="FPMB")
    )
    rows = np.arange(10.0)
    hk = Housekeeping.read(write_housekeeping(tmp_path / "a.hk", time=rows, livetime=LIVE))
    with pytest.raises(SelectionError, match=r"is housekeeping of FPMA, but .* is of FPMB"):
        exposure_of(events, user_gti=Gti.of(0, 5), housekeeping=hk)


@pytest.mark.parametrize("module", ["A", "B"])
def test_deadc_equals_nulivetime_to_the_digits_it_writes(shared: Path, module: str) -> None:
    folder = shared / "fixtures/extraction/obs"
    events = EventList.read(folder / f"nu90000000101{module}01_cl.evt.gz")
    deadc = Housekeeping.read(folder / f"nu90000000101{module}_fpm.hk.gz").deadc(events.gti)
    assert float(f"{deadc:.15g}") == events.deadc


def test_exposure_under_user_intervals_equals_the_extractors(shared: Path) -> None:
    folder = shared / "fixtures/extraction"
    expected = json.loads((folder / "index.json").read_text())["user_gti"]
    events = EventList.read(folder / "obs/nu90000000101A01_cl.evt.gz")
    user_gti = Gti.read(folder / "obs/user_gti.fits")
    hk = Housekeeping.read(folder / "obs/nu90000000101A_fpm.hk.gz")
    exposure = exposure_of(events, user_gti=user_gti, housekeeping=hk)
    assert exposure.ontime_s == expected["header_after_nulivetime"]["ONTIME"]
    assert exposure.deadc == expected["header_after_nulivetime"]["DEADC"]
    assert exposure.exposure_s == expected["region_case"]["exposure"]
    assert exposure.from_housekeeping
    plain = exposure_of(events, user_gti=user_gti)
    assert plain.exposure_s == pytest.approx(expected["header_after_xselect"]["EXPOSURE"], rel=1e-7)
    assert not plain.from_housekeeping


@pytest.mark.parametrize(("module", "bin_s"), [("A", 10), ("B", 10), ("A", 256)])
def test_livetime_corrected_curves_equal_nulccorr_bit_for_bit(
    shared: Path, module: str, bin_s: int
) -> None:
    folder = shared / "fixtures/extraction"
    events = EventList.read(folder / f"obs/nu90000000101{module}01_cl.evt.gz")
    hk = Housekeeping.read(folder / f"obs/nu90000000101{module}_fpm.hk.gz")
    before = extract_light_curve(events, source_mask(folder), bin_s=float(bin_s))
    corrected = livetime_corrected(before, hk, events.gti)
    with np.load(folder / f"expected/nulccorr_FPM{module}_{bin_s}s.npz") as expected:
        assert before.timezero == expected["timezero_input"]
        assert np.array_equal(before.rate, expected["rate_orig"])
        assert np.array_equal(before.error, expected["error_orig"])
        assert np.array_equal(corrected.time_s, expected["time"])
        assert np.array_equal(corrected.rate, expected["rate"])
        assert np.array_equal(corrected.error, expected["error"])
        assert np.array_equal(corrected.fracexp, expected["fracexp"])


def source_mask(folder: Path) -> PixelMask:
    """The nuproducts source region: the same file as the circle_fk5_arcsec case."""
    name = "circle_fk5_arcsec"
    source = (folder / "regions/nuproducts_src.reg").read_text().split()
    assert source == (folder / f"regions/{name}.reg").read_text().split()
    with np.load(folder / f"expected/{name}.npz") as case:
        height, width = case["wmap_shape"].tolist()
        x, y = case["wmap_origin"].tolist()
        bits = np.unpackbits(case["wmap_inside"])[: height * width]
    return PixelMask(y - 1, x - 1, bits.reshape(height, width).astype(np.bool_))


def test_the_real_solar_file_has_the_exposure_of_its_housekeeping(shared: Path) -> None:
    stem = shared / "data/ianan+nustar_sac/python"
    events = EventList.read(stem / "nu90410111001A06_cl_sunpos.evt")
    deadc = Housekeeping.read(stem / "nu90410111001A_fpm.hk").deadc(events.gti)
    assert events.gti.duration_s * deadc == pytest.approx(70.0321908915824, rel=1e-14)
    assert deadc == pytest.approx(events.deadc, rel=1e-14)
