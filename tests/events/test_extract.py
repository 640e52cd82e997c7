"""Counting by hand: what a spectrum, a light curve and an image of few events must be."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nustar_widgets.errors import SelectionError
from nustar_widgets.events.extract import (
    exposure_of,
    extract_image,
    extract_light_curve,
    extract_spectrum,
)
from nustar_widgets.events.gti import Gti
from nustar_widgets.events.lightcurve import MAX_BINS, LightCurve, TimeBins
from nustar_widgets.events.pixelmask import PixelMask
from nustar_widgets.events.significance import area_ratio, net_counts, signal_to_noise
from tests.events.builders import event_list

# Three events in pixel (2, 3), one in (3, 3); the last two lie off the plane and have no channel.
EVENTS = event_list(
    time=[0.0, 10.0, 25.0, 40.0, 5.0, 6.0],
    x=[2, 2, 2, 3, -1, 2],
    y=[3, 3, 3, 3, -1, 4],
    pi=[35, 1909, 34, 1910, 100, -4095],
    gti=[(0.0, 12.0), (20.0, 40.0)],
    size=5,
)
PIXEL_2_3 = PixelMask(2, 1, np.ones((1, 1), np.bool_))
ROW_3 = PixelMask(2, 0, np.ones((1, 5), np.bool_))
EVERYTHING = PixelMask.everything(EVENTS.grid)


def test_a_spectrum_counts_every_channel_of_the_region() -> None:
    spectrum = extract_spectrum(EVENTS, PIXEL_2_3)
    assert spectrum.counts.size == 4096
    assert {int(c): int(spectrum.counts[c]) for c in np.flatnonzero(spectrum.counts)} == {
        34: 1, 35: 1, 1909: 1,
    }  # fmt: skip
    assert spectrum.n_pixels == 1


def test_null_positions_and_null_channels_count_nowhere() -> None:
    assert extract_spectrum(EVENTS, EVERYTHING).counts.sum() == 4


def test_backscal_is_the_share_of_the_plane_in_single_precision() -> None:
    backscal = extract_spectrum(EVENTS, ROW_3).backscal
    assert backscal == np.float32(5 / 25)
    assert backscal.dtype == np.float32


def test_a_region_without_pixels_has_no_counts_and_backscal_one() -> None:
    spectrum = extract_spectrum(EVENTS, PixelMask.nothing())
    assert (spectrum.counts.sum(), spectrum.n_pixels) == (0, 0)
    assert float(spectrum.backscal) == 1.0


def test_exposure_is_ontime_times_deadc_in_single_precision() -> None:
    exposure = extract_spectrum(EVENTS, ROW_3).exposure
    assert exposure.ontime_s == 32.0
    assert exposure.exposure_s == 32.0 * float(np.float32(0.9))
    assert exposure.exposure_s != 32.0 * 0.9


def test_user_intervals_remove_events_and_time() -> None:
    spectrum = extract_spectrum(EVENTS, ROW_3, user_gti=Gti.of(10.0, 30.0))
    assert np.flatnonzero(spectrum.counts).tolist() == [34, 1909]
    assert spectrum.gti == Gti.of([10.0, 20.0], [12.0, 30.0])
    assert spectrum.exposure.ontime_s == 12.0


def test_intervals_that_leave_nothing_are_told() -> None:
    for extract in (extract_spectrum, extract_light_curve):
        with pytest.raises(SelectionError, match=r"no good time is left: .* widen or remove"):
            extract(EVENTS, ROW_3, user_gti=Gti.of(100.0, 200.0))
    with pytest.raises(SelectionError, match="no good time is left"):
        exposure_of(EVENTS, user_gti=Gti.of(12.5, 19.5))


def test_a_light_curve_has_a_row_for_each_bin_with_good_time() -> None:
    curve = extract_light_curve(EVENTS, ROW_3, bin_s=4.0)
    # Good: 0-12 (bins 0-2) and 20-40 (bins 5-9); the event at 12..20 has no bin, 40 starts bin 10.
    assert curve.time_s.tolist() == [0, 4, 8, 20, 24, 28, 32, 36]
    assert curve.counts.tolist() == [1, 0, 1, 0, 0, 0, 0, 0]
    assert curve.rate.tolist() == [0.25, 0, 0.25, 0, 0, 0, 0, 0]
    assert curve.error.tolist() == [0.25, 0, 0.25, 0, 0, 0, 0, 0]
    assert curve.fracexp.tolist() == [1.0] * 8
    assert curve.timezero == 2.0
    assert curve.bin_s == 4.0


def test_a_partly_good_bin_has_the_rate_of_its_good_time() -> None:
    curve = extract_light_curve(EVENTS, ROW_3, bin_s=10.0)
    assert curve.fracexp.tolist() == [1.0, np.float32(0.2), 1.0, 1.0]
    assert curve.exposure_s.tolist() == [10, 2, 10, 10]
    assert curve.rate.tolist() == [np.float32(0.1), 0.5, 0, 0]
    assert curve.error.tolist() == [np.float32(0.1), 0.5, 0, 0]


def test_the_band_of_a_light_curve_includes_both_ends() -> None:
    assert extract_light_curve(EVENTS, ROW_3, band=(34, 35)).counts.sum() == 2
    assert extract_light_curve(EVENTS, ROW_3, band=(1909, 1909)).counts.sum() == 1


def test_light_curve_columns_have_the_types_of_the_file() -> None:
    curve = extract_light_curve(EVENTS, ROW_3)
    assert curve.time_s.dtype == np.float64
    assert curve.rate.dtype == curve.error.dtype == curve.fracexp.dtype == np.float32


@pytest.mark.parametrize("band", [(-1, 5), (5, 4), (0, 4096)])
def test_an_impossible_band_is_shown(band: tuple[int, int]) -> None:
    with pytest.raises(SelectionError, match=f"PI band {band[0]}-{band[1]}: expected 0 <= low"):
        extract_light_curve(EVENTS, ROW_3, band=band)


@pytest.mark.parametrize("bin_s", [0.0, -1.0, math.nan, math.inf])
def test_an_impossible_bin_is_shown(bin_s: float) -> None:
    with pytest.raises(SelectionError, match=f"bin size {bin_s} s: expected a positive number"):
        extract_light_curve(EVENTS, ROW_3, bin_s=bin_s)


def test_a_bin_far_too_small_is_refused_with_one_that_works() -> None:
    with pytest.raises(
        SelectionError, match=f"expected at most {MAX_BINS}; use at least 2.4e-06 s"
    ):
        extract_light_curve(EVENTS, ROW_3, bin_s=1e-9)


def test_an_image_counts_each_pixel() -> None:
    image = extract_image(EVENTS)
    assert image.shape == (5, 5)
    assert image.dtype == np.int32
    assert {(int(r), int(c)): int(image[r, c]) for r, c in np.argwhere(image)} == {
        (2, 1): 3, (2, 2): 1, (3, 1): 1,
    }  # fmt: skip


def test_an_image_may_be_cut_in_energy_and_time() -> None:
    assert extract_image(EVENTS, band=(35, 1909)).sum() == 2
    assert extract_image(EVENTS, user_gti=Gti.of(20.0, 30.0)).sum() == 1


def test_net_light_curves_subtract_the_scaled_background() -> None:
    source = extract_light_curve(EVENTS, PIXEL_2_3, bin_s=10.0)
    background = extract_light_curve(EVENTS, ROW_3, bin_s=10.0, band=(0, 4095))
    net = source.minus(background, 0.2)
    assert net.rate.tolist() == pytest.approx([0.08, 0.4, -0.02, 0.0], abs=1e-7)
    assert net.error.tolist() == pytest.approx(
        [math.hypot(0.1, 0.02), math.hypot(0.5, 0.1), 0.02, 0.0], abs=1e-7
    )


def test_light_curves_of_different_bins_are_not_subtracted() -> None:
    source = extract_light_curve(EVENTS, ROW_3, bin_s=10.0)
    with pytest.raises(SelectionError, match=r"differ in their bins \(4 of 10\.0 s and 8 of 4\.0"):
        source.minus(extract_light_curve(EVENTS, ROW_3, bin_s=4.0), 1.0)


def test_signal_to_noise_follows_its_formula() -> None:
    ratio = area_ratio(100, 400)
    assert net_counts(150, 200, ratio) == 100.0
    assert signal_to_noise(150, 200, ratio) == pytest.approx(100 / math.sqrt(150 + 200 / 16))


def test_signal_to_noise_of_nothing_is_zero_and_without_background_unknown() -> None:
    assert signal_to_noise(0, 0, 0.5) == 0.0
    assert math.isnan(signal_to_noise(10, 0, area_ratio(100, 0)))


def test_intervals_shorter_than_a_bin_add_up_in_it() -> None:
    bins = TimeBins.covering(Gti.of([0.0, 2.0, 8.25, 8.75], [1.0, 6.0, 8.5, 9.0]), 2.0)
    assert bins.exposure_s.tolist() == [1.0, 2.0, 2.0, 0.0, 0.5]


def test_row_times_carry_the_rounding_of_the_mission_time() -> None:
    gti = Gti.of(227805775.020187, 227805777.0)
    curve = LightCurve.from_counts(np.zeros(20, np.int64), TimeBins.covering(gti, 0.1))
    in_mission_time = [(gti.t_start + 0.1 * i) - gti.t_start for i in range(20)]
    assert curve.time_s.tolist() == in_mission_time
    assert curve.time_s.tolist() != [0.1 * i for i in range(20)]


def test_exposures_are_added_up_in_the_order_of_the_extractor() -> None:
    # Across 2**28 s (July 2018) the times lose a bit, and the order of the sum shows.
    fine, turn = 2.0**-25, 2.0**28
    gti = Gti.from_pairs([(turn - 100, turn - 50 + fine), (turn + 10, turn + 20)])
    in_order = ((50 + fine) + (turn + 20)) - (turn + 10)
    assert in_order != (50 + fine) + 10
    assert TimeBins.covering(gti, 1000.0).exposure_s.tolist() == [in_order]


ENDS = st.floats(0, 100, width=32)
GTIS = st.lists(st.tuples(ENDS, ENDS), min_size=1, max_size=6).map(Gti.from_pairs)


@given(GTIS.filter(len), st.floats(0.5, 120, width=32))
def test_bin_exposures_are_the_good_time_inside(gti: Gti, bin_s: float) -> None:
    bins = TimeBins.covering(gti, bin_s)
    starts = bins.starts.tolist()
    expected = [(gti & Gti.of(start, start + bin_s)).duration_s for start in starts]
    assert bins.exposure_s.tolist() == pytest.approx(expected, abs=1e-9)
    assert bins.exposure_s.sum() == pytest.approx(gti.duration_s)
    assert starts[0] == gti.t_start
    assert starts[-1] <= gti.t_stop < starts[-1] + bin_s * (1 + 1e-6)


@given(GTIS.filter(len), st.floats(0.5, 120, width=32))
def test_rates_times_exposure_give_the_counts_back(gti: Gti, bin_s: float) -> None:
    bins = TimeBins.covering(gti, bin_s)
    counts = np.arange(len(bins)) % 7
    curve = LightCurve.from_counts(counts, bins)
    assert curve.rate * curve.exposure_s == pytest.approx(curve.counts, rel=1e-6)
    assert curve.error.astype(np.float64) ** 2 * curve.exposure_s**2 == pytest.approx(
        curve.counts, rel=1e-6
    )
