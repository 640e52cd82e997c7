from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from nustar_widgets.errors import InputFileError
from nustar_widgets.spectra.response import Response
from tests.spectra.builders import N_CHANNELS, an_arf, an_rmf


def test_grouping_sums_the_channels_of_a_bin_and_leaves_out_the_others() -> None:
    bins = np.full(N_CHANNELS, -1)
    bins[10:14], bins[20] = 0, 1
    full = an_rmf().dense().astype(float) * an_arf().specresp[:, np.newaxis]
    grouped = Response(an_rmf(), an_arf()).grouped(bins, 2)
    assert grouped.flags.c_contiguous
    assert np.allclose(grouped[0], full[:44, 10:14].sum(axis=1), rtol=1e-12)
    assert np.allclose(grouped[1], full[:44, 20], rtol=1e-12)


def test_the_area_of_a_channel_is_the_column_sum_of_arf_times_rmf() -> None:
    full = an_rmf().dense().astype(float) * an_arf().specresp[:, np.newaxis]
    area = Response(an_rmf(), an_arf()).channel_area()
    assert np.allclose(area, full.sum(axis=0), rtol=1e-12)


def test_a_matrix_with_the_area_in_it_needs_no_arf() -> None:
    response = Response(an_rmf())
    assert response.rows == slice(0, 50)
    bins = np.arange(N_CHANNELS)
    assert np.allclose(response.grouped(bins, N_CHANNELS).T, an_rmf().dense())


def test_edges_that_differ_by_rounding_alone_are_the_same_grid() -> None:
    arf = an_arf()
    Response(an_rmf(), replace(arf, energ_lo=arf.energ_lo * (1 + 1e-7)))


def test_an_arf_on_another_grid_is_refused_with_the_first_numbers_that_differ_most() -> None:
    arf = an_arf()
    shifted = arf.energ_lo.copy()
    shifted[3] += 0.2
    with pytest.raises(InputFileError, match=r"ARF: energy bin 4 is 3\.24-3\.52 keV, in the RMF"):
        Response(an_rmf(), replace(arf, energ_lo=shifted))


def test_an_arf_with_another_number_of_bins_is_refused() -> None:
    arf = an_arf()
    short = replace(
        arf, energ_lo=arf.energ_lo[:9], energ_hi=arf.energ_hi[:9], specresp=arf.specresp[:9]
    )
    with pytest.raises(InputFileError, match=r"has 9 energy bins, the RMF in memory has 50\. Exp"):
        Response(an_rmf(), short)


def test_an_arf_of_zeros_is_refused_when_it_is_used() -> None:
    with pytest.raises(InputFileError, match="the effective area is zero everywhere"):
        _ = Response(an_rmf(), an_arf(dark_from=0)).rows
