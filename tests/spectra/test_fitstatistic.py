from __future__ import annotations

import numpy as np
import pytest

from nustar_widgets.errors import ParameterError, SelectionError
from nustar_widgets.spectra.fitstatistic import Statistic
from tests.spectra.builders import N_CHANNELS, a_background, a_spectrum, spectral_data

MODEL = np.linspace(60.0, 2.0, N_CHANNELS)


@pytest.mark.parametrize(
    ("name", "weight"),
    [
        ("chi", "standard"),
        ("chi", "gehrels"),
        ("chi", "churazov"),
        ("chi", "model"),
        ("cstat", "standard"),
    ],
)
def test_the_squares_of_the_residuals_are_the_statistic(name: str, weight: str) -> None:
    bound = Statistic.bind(spectral_data(), name, weight=weight)
    assert bound.least_squares
    squares = bound.residuals(MODEL) ** 2
    assert np.allclose(squares, bound.per_bin(MODEL))
    assert bound.value(MODEL) == pytest.approx(squares.sum(), rel=1e-12)


@pytest.mark.parametrize("name", ["pgstat", "lstat"])
def test_statistics_with_negative_shares_say_that_least_squares_does_not_minimise_them(
    name: str,
) -> None:
    assert not Statistic.bind(spectral_data(), name).least_squares
    assert Statistic.bind(spectral_data().without_background(), name).least_squares


@pytest.mark.parametrize("name", ["chi", "cstat", "pgstat", "lstat"])
def test_residuals_are_positive_where_there_is_more_than_predicted(name: str) -> None:
    data = spectral_data(
        spectrum=a_spectrum(np.array([50, 5])), background=a_background(np.array([3, 4])),
        response=two_channels(),
    )  # fmt: skip
    assert np.sign(Statistic.bind(data, name).residuals(np.array([20.0, 20.0]))).tolist() == [1, -1]


def two_channels() -> object:
    from nustar_widgets.spectra.ogip import Rmf
    from nustar_widgets.spectra.response import Response

    edges = np.array([1.0, 2.0, 3.0])
    rmf = Rmf.from_dense(
        np.eye(2), energ_lo=edges[:2], energ_hi=edges[1:], e_min=edges[:2], e_max=edges[1:]
    )
    return Response(rmf)


def test_chi_squared_by_hand() -> None:
    data = spectral_data(background=None)
    expected = ((data.source_counts - MODEL) ** 2 / np.maximum(data.source_counts, 1)).sum()
    assert Statistic.bind(data, "chi").value(MODEL) == pytest.approx(expected)


def test_a_bin_without_variance_gets_the_smallest_of_the_others() -> None:
    counts = np.array([9, 0, 4] * 20)
    data = spectral_data(spectrum=a_spectrum(counts), background=None)
    shares = Statistic.bind(data, "chi").per_bin(np.full(60, 2.0))[:3]
    assert shares == pytest.approx([49 / 9, 4 / 4, 4 / 4])


def test_chi_squared_of_no_counts_at_all_points_to_cstat() -> None:
    data = spectral_data(spectrum=a_spectrum(np.zeros(60, int)), background=None)
    with pytest.raises(SelectionError, match="no bin in use has any counts: use cstat"):
        Statistic.bind(data, "chi")


def test_weight_model_takes_the_variance_from_the_model() -> None:
    data = spectral_data(background=None)
    expected = ((data.source_counts - MODEL) ** 2 / MODEL).sum()
    assert Statistic.bind(data, "chi", weight="model").value(MODEL) == pytest.approx(expected)


def test_unknown_names_are_answered_with_the_known_ones() -> None:
    with pytest.raises(ParameterError, match="statistic: 'chi2': expected one of chi, cstat, pgs"):
        Statistic.bind(spectral_data(), "chi2")
    with pytest.raises(ParameterError, match="weight: 'poisson': expected one of standard, gehr"):
        Statistic.bind(spectral_data(), "chi", weight="poisson")
