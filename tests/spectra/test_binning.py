from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nustar_widgets.errors import SelectionError
from nustar_widgets.spectra.binning import Binning


def flags(*values: int) -> np.ndarray[tuple[int], np.dtype[np.int16]]:
    return np.array(values, np.int16)


def test_without_grouping_every_channel_is_a_bin() -> None:
    binning = Binning.from_flags(4)
    assert binning.bin_of_channel.tolist() == [0, 1, 2, 3]
    assert not binning.bad.any()


def test_minus_one_continues_a_bin_and_anything_else_starts_one() -> None:
    binning = Binning.from_flags(6, grouping=flags(1, -1, 0, 1, -1, -1))
    assert binning.bin_of_channel.tolist() == [0, 0, 1, 2, 2, 2]
    assert (binning.first.tolist(), binning.last.tolist()) == ([0, 2, 3], [1, 2, 5])


def test_a_group_that_continues_nothing_starts_one() -> None:
    assert Binning.from_flags(3, grouping=flags(-1, -1, 1)).n_bins == 2


def test_quality_one_takes_a_channel_out_and_above_one_makes_its_bin_bad() -> None:
    binning = Binning.from_flags(5, grouping=flags(1, -1, 1, -1, 1), quality=flags(0, 1, 0, 5, 0))
    assert binning.bin_of_channel.tolist() == [0, -1, 1, 1, 2]
    assert binning.bad.tolist() == [False, True, False]


def test_a_spectrum_of_bad_channels_alone_is_refused() -> None:
    with pytest.raises(SelectionError, match="every channel has QUALITY = 1"):
        Binning.from_flags(2, quality=flags(1, 1))


@given(st.lists(st.tuples(st.sampled_from([1, -1, 0]), st.integers(0, 9)), min_size=1, max_size=30))
def test_sum_mean_and_maximum_are_those_of_the_channels_of_a_bin(
    channels: list[tuple[int, int]],
) -> None:
    grouping = flags(*(flag for flag, _ in channels))
    values = np.array([value for _, value in channels], float)
    binning = Binning.from_flags(values.size, grouping=grouping)
    members = [values[binning.bin_of_channel == n] for n in range(binning.n_bins)]
    assert binning.sum(values).tolist() == [part.sum() for part in members]
    assert np.allclose(binning.mean(values), [part.mean() for part in members])
    assert binning.maximum(values).tolist() == [part.max() for part in members]


def test_area_scales_are_weighted_so_that_rates_add_up() -> None:
    binning = Binning.from_flags(3, grouping=flags(1, -1, 1))
    counts, scale = np.array([10, 30, 0]), np.array([0.5, 1.0, 0.8])
    mean = binning.area_scale(scale, counts)
    assert mean[0] == pytest.approx(40 / (10 / 0.5 + 30 / 1.0))
    assert mean[1] == pytest.approx(0.8)


def test_area_scale_of_one_number_is_that_number() -> None:
    binning = Binning.from_flags(3, grouping=flags(1, -1, -1))
    assert binning.area_scale(0.3, np.array([1, 2, 3])) == pytest.approx(0.3, rel=1e-15)
