from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest

from nustar_widgets.spectra.ogip import Rmf, read_pha, read_rmf
from nustar_widgets.spectra.optimal import fwhm_channels, optimal_end, optimal_widths
from tests.spectra.builders import an_rmf

if TYPE_CHECKING:
    from pathlib import Path


def response(*rows: list[float]) -> Rmf:
    """As many energies as channels, with the rows given."""
    edges = np.arange(len(rows) + 1.0)
    return Rmf.from_dense(
        np.array(rows),
        energ_lo=edges[:-1],
        energ_hi=edges[1:],
        e_min=edges[:-1],
        e_max=edges[1:],
    )


def test_the_fwhm_is_the_distance_of_the_first_channels_at_or_below_half_the_peak() -> None:
    row = [0.0, 1.0, 3.0, 8.0, 5.0, 4.0, 1.0]
    assert fwhm_channels(response(*[row] * 7)).tolist() == [3] * 7  # channels 2 and 5


def test_a_peak_at_the_edge_counts_its_other_half_twice_and_a_flat_row_counts_one() -> None:
    rising, falling, flat = [0.0, 1, 3, 8], [8.0, 3, 1, 0], [1.0, 1, 1, 1]
    assert fwhm_channels(response(rising, falling, flat, flat)).tolist() == [2, 2, 1, 1]


def test_a_gaussian_has_the_fwhm_of_its_sigma_to_a_channel() -> None:
    middle = fwhm_channels(an_rmf())[10:50]
    assert abs(middle - 2.3548 * 1.6).max() <= 1.5


def test_the_second_peak_of_a_row_is_not_counted() -> None:
    row = [0.0, 8.0, 0.0, 7.0, 7.0, 0.0]
    assert fwhm_channels(response(*[row] * 6))[0] == 2


def test_few_counts_give_bins_of_a_whole_fwhm() -> None:
    rmf = an_rmf()
    widths = optimal_widths(np.zeros(60, int), rmf)
    assert np.array_equal(widths, fwhm_channels(rmf))


def test_more_counts_give_narrower_bins_by_equation_35() -> None:
    row = np.exp(-0.5 * ((np.arange(400) - 200) / 40.0) ** 2)
    rmf = response(*[row.tolist()] * 400)
    fwhm = int(fwhm_channels(rmf)[0])
    counts = np.full(400, 3)
    elements = 1 + 400 / fwhm
    within = 3 * 1.314 * (2 * round(fwhm / 2) + 1)
    x = math.log(within * (1 + 0.2 * math.log(elements)))
    y = (0.08 + 7.0 / x + 1.8 / x**2) / (1 + 5.9 / x)  # as the paper writes it
    assert x > 2.119
    assert optimal_widths(counts, rmf)[200] == int(fwhm * y)


def test_both_branches_of_equation_35_meet() -> None:
    x = 2.119
    assert (0.08 * x + 7.0 + 1.8 / x) / (x + 5.9) == pytest.approx(1.0, abs=2e-5)


@pytest.mark.parametrize(
    ("widths", "end"),
    [([3, 3, 3, 3], 2), ([4, 1, 4, 4], 1), ([4, 4, 1, 4], 2), ([9, 9, 9, 9], 3), ([1, 5, 5, 5], 0)],
)
def test_a_bin_is_cut_short_by_any_channel_in_it_that_asks_for_less(
    widths: list[int], end: int
) -> None:
    assert optimal_end(np.array(widths), 0) == end


def test_the_nustar_response_is_as_wide_as_its_known_resolution(
    real_rmf: Path, real_folder: Path
) -> None:
    rmf = read_rmf(real_rmf)
    fwhm = fwhm_channels(rmf) * 0.04
    # 0.4 keV at 6 keV and 0.9 keV at 60 keV (Harrison et al. 2013, ApJ 770, 103).
    assert 0.36 <= fwhm[110] <= 0.48
    assert 0.6 <= fwhm[1460] <= 1.1
    counts = read_pha(real_folder / "nu60001047003A01_sr_min20.pha").counts
    assert (optimal_widths(counts, rmf)[35:1935] <= fwhm_channels(rmf)[35:1935]).all()
