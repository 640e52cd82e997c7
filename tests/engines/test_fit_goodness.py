"""Goodness of fit by simulation."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from nustar_widgets.engines.fit_embedded import EmbeddedFit
from nustar_widgets.engines.fit_goodness import TESTS
from nustar_widgets.engines.fit_measures import Goodness
from nustar_widgets.errors import FitError, ParameterError
from nustar_widgets.session.values import FitChoice, ParameterChoice
from tests.engines.fitcases import made_choice, made_data
from tests.spectra.builders import spectral_data


def _fitted(seed: int = 3, statistic: str = "cstat") -> EmbeddedFit:
    engine = EmbeddedFit([made_data(seed=seed)], made_choice(statistic))
    engine.fit()
    return engine


def test_the_statistic_of_simulations_is_spread_as_that_of_the_data_where_the_model_is_true() -> (
    None
):
    """The data's place among its simulations is evenly spread: mean 50, sigma 29 %."""
    places = [_fitted(seed).goodness(60, seed=seed).percent_below for seed in range(30)]
    assert all(place is not None for place in places)
    numbers = np.array(places, dtype=float)
    assert abs(numbers.mean() - 50.0) < 16.0  # three standard deviations
    assert 18.0 < numbers.std() < 40.0


@pytest.mark.parametrize("test", TESTS)
def test_a_wrong_model_is_worse_than_nearly_all_its_simulations(test: str) -> None:
    # A strong line that the model does not have.
    data = made_data(seed=1, expression="powerlaw+gaussian", values=(1.8, 0.005, 6.4, 0.3, 6e-4))
    engine = EmbeddedFit([data], FitChoice(expression="powerlaw", statistic="cstat"))
    engine.fit()
    percent = engine.goodness(40, test=test.upper(), seed=2).percent_below
    assert percent is not None
    assert percent > 95.0


def test_a_fit_of_the_simulations_lowers_them_by_the_number_of_parameters() -> None:
    engine = _fitted(statistic="chi")
    fitted = engine.goodness(150, seed=5).simulated.mean()
    as_made = engine.goodness(150, seed=5, refit=False).simulated.mean()
    assert as_made - fitted == pytest.approx(3.0, abs=1.0)


def test_parameters_may_be_drawn_from_the_covariance() -> None:
    engine = _fitted()
    drawn = engine.goodness(20, seed=5, draw=True).simulated
    assert not np.array_equal(drawn, engine.goodness(20, seed=5).simulated)
    assert drawn.mean() == pytest.approx(engine.goodness(20, seed=5).simulated.mean(), rel=0.3)


def test_the_background_is_simulated_too() -> None:
    data = spectral_data().ignore("**-3. 20.-**")
    engine = EmbeddedFit([data], FitChoice(expression="powerlaw", statistic="cstat"))
    result = engine.fit()
    simulated = engine.goodness(60, seed=4).simulated
    assert simulated.mean() == pytest.approx(result.dof, rel=0.2)  # W of well filled bins


def test_the_same_seed_gives_the_same_simulations() -> None:
    engine = _fitted()
    once, again = (engine.goodness(5, seed=9).simulated for _ in range(2))
    assert np.array_equal(once, again)


def test_the_result_so_far_is_told_and_a_stop_keeps_it() -> None:
    engine = _fitted()
    told: list[Goodness] = []
    asked: list[int] = []

    def stop() -> bool:
        asked.append(1)
        return len(asked) > 4

    result = engine.goodness(50, seed=1, stop=stop, watch=told.append)
    assert result.simulated.size == 4
    assert result.notes == ("stopped after 4 of 50 simulations",)
    assert told[-1] is result
    assert np.array_equal(told[0].simulated, result.simulated[: told[0].simulated.size])


def test_nothing_simulated_is_no_percentage() -> None:
    assert _fitted().goodness(5, stop=lambda: True).percent_below is None


def test_what_cannot_be_simulated_is_refused() -> None:
    engine = EmbeddedFit([made_data()], made_choice())
    with pytest.raises(FitError, match="goodness: fit first"):
        engine.goodness()
    engine.fit()
    with pytest.raises(ParameterError, match="n: 0: expected 1 simulation or more"):
        engine.goodness(0)
    with pytest.raises(ParameterError, match="test: 'student': expected one of chi, cstat"):
        engine.goodness(test="student")


def test_goodness_without_free_parameters_simulates_all_the_same() -> None:
    frozen = tuple(
        ParameterChoice(name=name, frozen=True, value=value)
        for name, value in (("TBabs.nH", 5.0), ("powerlaw.PhoIndex", 1.8), ("powerlaw.norm", 0.05))
    )
    engine = EmbeddedFit([made_data(seed=3)], made_choice("cstat", *frozen))
    engine.fit()
    percent = engine.goodness(30, seed=1).percent_below
    assert percent is not None
    assert math.isfinite(percent)


def test_counts_of_a_simulation_keep_bins_response_and_exposure() -> None:
    data = spectral_data().ignore("**-3. 20.-**")
    changed = data.with_counts(data.source_counts + 1.0, data.background_counts)
    assert np.array_equal(changed.source_counts, data.source_counts + 1.0)
    assert changed.background_counts is not None
    assert data.background_counts is not None
    assert np.array_equal(changed.background_counts, data.background_counts)
    assert np.array_equal(changed.matrix, data.matrix)
    assert np.array_equal(np.asarray(changed.alpha), np.asarray(data.alpha))
    same = data.with_counts(data.source_counts, data.background_counts)
    assert same.variance() == pytest.approx(data.variance())
    assert replace(changed).with_counts(changed.source_counts).background is None
