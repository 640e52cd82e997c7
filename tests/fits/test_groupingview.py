"""What a grouping makes of a spectrum, in numbers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from nustar_widgets.fits.groupingview import bin_numbers, grouping_view
from nustar_widgets.fits.spectra import regrouped
from nustar_widgets.session.values import GroupingChoice
from tests.spectra.builders import a_background, a_spectrum, spectral_data


def test_the_numbers_are_those_of_the_bins_in_use() -> None:
    counts = np.full(60, 10)
    data = spectral_data(spectrum=a_spectrum(counts), background=None)
    grouped = regrouped(data, GroupingChoice(groupscale=40.0, minchannel=None, maxchannel=None))
    numbers = bin_numbers(grouped.ignore("**-4.8 20.0-**"))
    assert numbers.smallest_counts == numbers.median_counts == 40
    assert numbers.smallest_sn == pytest.approx(40**0.5)
    assert numbers.n_bins == 9
    assert numbers.widest_kev == pytest.approx(1.6, abs=1e-5)
    assert (numbers.low_kev, numbers.high_kev) == pytest.approx((4.8, 19.2), abs=1e-5)
    assert numbers.smallest_background is None
    assert numbers.name == "FPMA"


def test_the_background_lowers_the_signal_to_noise() -> None:
    with_one = bin_numbers(spectral_data())
    without = bin_numbers(spectral_data(background=None))
    assert with_one.median_sn < without.median_sn


def test_chi_with_few_counts_is_warned_of() -> None:
    view = grouping_view([spectral_data(spectrum=a_spectrum(np.full(60, 5)))], "chi")
    assert view.warnings == (
        "FPMA: a bin has 5 counts, and chi needs 20 or more in each: group by min counts, or fit "
        "with cstat",
    )
    assert not grouping_view([spectral_data(background=None)], "cstat").warnings


def test_empty_background_bins_are_warned_of_with_w() -> None:
    data = spectral_data(background=a_background(np.zeros(60, int)))
    assert "bias cstat with a background (W)" in grouping_view([data], "cstat").warnings[0]


def test_nothing_in_use_and_too_much_are_told() -> None:
    data = spectral_data(background=None)
    assert "no bin is in use" in grouping_view([data.ignore("all")], "cstat").warnings[0]
    many = replace(data)
    view = grouping_view([many] * 900, "cstat")
    assert view.warnings == ("so many bins make every fit slow: group more channels together",)


def test_a_spectrum_without_counts_has_no_signal() -> None:
    data = spectral_data(spectrum=a_spectrum(np.zeros(60, int)), background=None)
    numbers = bin_numbers(data)
    assert numbers.smallest_counts == 0
    assert numbers.smallest_sn == 0.0
