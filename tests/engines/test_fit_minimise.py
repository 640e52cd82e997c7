"""Start values, minimum and threads of a fit: what a user never sees while it is right."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from threadpoolctl import threadpool_info  # type: ignore[import-untyped]

from nustar_widgets.engines.fit_embedded import EmbeddedFit
from nustar_widgets.engines.fit_follow import follow
from nustar_widgets.engines.fit_minimise import minimise
from nustar_widgets.engines.fit_start import renormed
from nustar_widgets.engines.fit_threads import one_blas_thread
from nustar_widgets.session.values import FitChoice, ParameterChoice
from tests.engines.fitcases import made_choice, made_data, made_pair
from tests.spectra.builders import spectral_data

if TYPE_CHECKING:
    from nustar_widgets.engines.fit_objective import Objective

LINE = "powerlaw+gaussian"
LINE_TRUTH = (1.8, 0.05, 6.4, 0.1, 2e-3)


def _objective(engine: EmbeddedFit) -> Objective:
    return engine._objective


def _line(seed: int | None = None) -> Any:
    return made_data(seed=seed, expression=LINE, values=LINE_TRUTH)


def _line_choice(statistic: str = "cstat", **starts: float) -> FitChoice:
    parameters = tuple(
        ParameterChoice(name=name.replace("_", "."), value=value) for name, value in starts.items()
    )
    return FitChoice(expression=LINE, statistic=statistic, parameters=parameters)


# -- start --------------------------------------------------------------------------------


def test_norms_left_at_their_defaults_start_at_their_best() -> None:
    engine = EmbeddedFit(
        [_line()], _line_choice(powerlaw_PhoIndex=1.8, gaussian_LineE=6.4, gaussian_Sigma=0.1)
    )
    objective = _objective(engine)
    start = renormed(objective, np.array(engine.table.start))
    assert dict(zip(engine.table.names, start, strict=True)) == pytest.approx(
        dict(zip(engine.table.names, LINE_TRUTH, strict=True)), rel=1e-6
    )


def test_norms_that_were_set_keep_their_ratio() -> None:
    engine = EmbeddedFit([_line()], _line_choice(powerlaw_norm=2.0, gaussian_norm=0.5))
    start = renormed(_objective(engine), np.array(engine.table.start))
    values = dict(zip(engine.table.names, start, strict=True))
    assert values["gaussian.norm"] / values["powerlaw.norm"] == pytest.approx(0.25)
    assert values["powerlaw.norm"] < 0.1


def test_a_component_the_spectrum_does_not_show_keeps_a_little_norm() -> None:
    data = made_data(expression="powerlaw", values=(1.8, 0.05))
    choice = _line_choice(powerlaw_PhoIndex=1.8, gaussian_LineE=6.4)
    start = renormed(
        _objective(engine := EmbeddedFit([data], choice)), np.array(engine.table.start)
    )
    engine.set(dict(zip(engine.table.names, start, strict=True)))
    line, total = engine.curves()[0].components["gaussian"].sum(), data.net_counts.sum()
    assert line / total == pytest.approx(1e-3, rel=1e-6)


def test_a_line_outside_the_range_leaves_one_common_factor() -> None:
    choice = _line_choice(gaussian_LineE=60.0)
    engine = EmbeddedFit([_line()], choice)
    start = renormed(_objective(engine), np.array(engine.table.start))
    values = dict(zip(engine.table.names, start, strict=True))
    assert values["gaussian.norm"] == values["powerlaw.norm"] < 0.1


def test_a_frozen_norm_leaves_the_start_as_it_is() -> None:
    frozen = ParameterChoice(name="powerlaw.norm", frozen=True)
    engine = EmbeddedFit([made_data()], made_choice("cstat", frozen))
    start = np.array(engine.table.start)
    assert np.array_equal(renormed(_objective(engine), start), start)


def test_a_line_is_found_from_xspec_s_defaults() -> None:
    engine = EmbeddedFit([_line()], FitChoice(expression=LINE, statistic="cstat"))
    result = engine.fit()
    assert result.statistic == pytest.approx(0.0, abs=1e-5)
    assert result["gaussian.LineE"].value == pytest.approx(6.4, abs=1e-3)


# -- minimum ------------------------------------------------------------------------------


@pytest.mark.parametrize("statistic", ["chi", "cstat"])
def test_the_slopes_of_the_residuals_are_those_of_the_statistic(statistic: str) -> None:
    engine = EmbeddedFit(made_pair(seed=6), made_choice(statistic))
    x = np.array([3.0, 1.7, 0.04, 1.1])
    objective = _objective(engine)
    gradient = 2.0 * objective.jacobian(x).T @ objective.residuals(x)
    assert gradient == pytest.approx(objective.parabola(x).gradient, rel=1e-5)


@pytest.mark.parametrize("statistic", ["chi", "cstat", "pgstat"])
def test_both_ways_to_a_minimum_end_at_the_same_one(statistic: str) -> None:
    data = spectral_data().ignore("**-3. 20.-**")
    engine = EmbeddedFit([data], FitChoice(expression="powerlaw", statistic=statistic))
    objective = _objective(engine)
    start = renormed(objective, np.array(engine.table.start))
    found = minimise(objective, start)
    assert found.status == "converged"
    assert found.value < objective.value(start) - 1.0
    beside = follow(objective, found.x * 1.05, np.zeros(2, bool), tolerance=1e-7)
    assert found.value == pytest.approx(beside.value, abs=1e-3)


@pytest.mark.parametrize("statistic", ["cstat", "pgstat"])
def test_a_best_fit_beyond_a_limit_ends_exactly_on_it(statistic: str) -> None:
    data = spectral_data().ignore("**-3. 20.-**")
    free = EmbeddedFit([data], FitChoice(expression="powerlaw", statistic=statistic)).fit()
    best = free["powerlaw.PhoIndex"].value
    bound = ParameterChoice(name="powerlaw.PhoIndex", value=best - 1.0, max=best - 0.3)
    choice = FitChoice(expression="powerlaw", statistic=statistic, parameters=(bound,))
    engine = EmbeddedFit([data], choice)
    result = engine.fit()
    assert result["powerlaw.PhoIndex"].value == best - 0.3
    held = follow(
        _objective(engine), np.array([best - 0.3, 1e-3]), np.array([True, False]), tolerance=1e-7
    )
    assert result.statistic == pytest.approx(held.value, abs=1e-3)


def test_limits_far_away_do_not_slow_the_fit_down() -> None:
    wide = ParameterChoice(name="TBabs.nH", max=1e30)
    narrow = ParameterChoice(name="TBabs.nH", max=50.0)
    best = [EmbeddedFit(made_pair(3), made_choice("chi", c)).fit() for c in (wide, narrow)]
    assert best[0].statistic == pytest.approx(best[1].statistic, abs=1e-5)


# -- while it runs ------------------------------------------------------------------------


def test_progress_names_each_parameter_whose_range_is_searched() -> None:
    told: list[str] = []
    engine = EmbeddedFit([made_data(seed=3)], made_choice("chi"))
    engine.errors(["powerlaw.PhoIndex", "TBabs.nH"], progress=told.append)
    assert told == ["powerlaw.PhoIndex", "TBabs.nH"]


def test_a_range_is_stopped_in_the_middle_of_a_fit() -> None:
    engine = EmbeddedFit([made_data(seed=3)], made_choice("chi"))
    engine.fit()
    calls = 0

    def stop() -> bool:
        nonlocal calls
        calls += 1
        return calls > 2

    result = engine.errors(["TBabs.nH"], stop=stop)
    assert calls == 3
    assert result["TBabs.nH"].error_low is None


def _blas_threads() -> set[int]:
    return {pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"}


def test_a_fit_runs_on_one_blas_thread_and_gives_the_others_back() -> None:
    before = _blas_threads()
    inside: list[set[int]] = []
    engine = EmbeddedFit([made_data(seed=3)], made_choice("chi"))

    def stop() -> bool:
        inside.append(_blas_threads())
        return False

    engine.fit(stop=stop)
    assert inside[0] == {1}
    assert _blas_threads() == before


def test_the_last_of_two_fits_at_once_gives_the_threads_back() -> None:
    before = _blas_threads()
    first, second = one_blas_thread(), one_blas_thread()
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    assert _blas_threads() == {1}
    second.__exit__(None, None, None)
    assert _blas_threads() == before
