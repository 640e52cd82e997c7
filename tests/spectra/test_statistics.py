from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar
from scipy.special import gammaln, logsumexp, xlogy

from nustar_widgets.spectra import statistics

COUNT = st.integers(0, 200)
MODEL = st.floats(1e-3, 500)
ALPHA = st.floats(0.02, 5)


def arrays(*values: float) -> list[np.ndarray[tuple[int], np.dtype[np.float64]]]:
    return [np.array([float(value)]) for value in values]


def w_of(model: float, source: float, background: float, alpha: float) -> float:
    return float(statistics.Wstat(*arrays(source, background, alpha))(np.array([model]))[0])


def poisson(observed: float, expected: float) -> float:
    return 2 * (expected - observed + float(xlogy(observed, observed) - xlogy(observed, expected)))


@given(model=MODEL, source=COUNT)
def test_cash_is_twice_the_poisson_log_likelihood_ratio(model: float, source: int) -> None:
    assert statistics.cash(*arrays(model, source))[0] == pytest.approx(poisson(source, model))


def test_a_prediction_of_nothing_is_floored_as_in_xspec() -> None:
    assert statistics.cash(*arrays(0.0, 3))[0] == pytest.approx(poisson(3, 1e-5))


def test_w_of_a_prediction_of_nothing_is_floored_too() -> None:
    assert w_of(0.0, 3, 0, 0.5) == w_of(1e-5, 3, 0, 0.5)
    assert w_of(0.0, 0, 4, 0.5) == pytest.approx(2 * (1e-5 + 4 * math.log(1.5)))


@given(model=MODEL, source=COUNT, background=COUNT, alpha=ALPHA)
def test_w_is_the_smallest_two_region_poisson_statistic_over_the_background(
    model: float, source: int, background: int, alpha: float
) -> None:
    def both(log_b: float) -> float:
        b = math.exp(log_b)
        return poisson(source, model + alpha * b) + poisson(background, b)

    best = minimize_scalar(both, bounds=(-40, 8), method="bounded", options={"xatol": 1e-10}).fun
    w = w_of(model, source, background, alpha)
    assert w == pytest.approx(best, rel=1e-6, abs=1e-5)


@given(model=MODEL, source=COUNT, background=st.integers(1, 200), alpha=ALPHA)
def test_the_profiled_background_is_where_the_derivative_vanishes(
    model: float, source: int, background: int, alpha: float
) -> None:
    b = statistics.Wstat(*arrays(source, background, alpha)).profile(np.array([model]))[0]
    slope = alpha + 1 - source * alpha / (model + alpha * b) - background / b
    assert slope == pytest.approx(0, abs=1e-6 * (1 + background / b))


def test_w_is_zero_where_the_model_is_what_was_seen() -> None:
    assert w_of(90, 100, 20, 0.5) == pytest.approx(0, abs=1e-12)


@given(model=MODEL, source=st.integers(0, 40), background=st.integers(0, 40), alpha=ALPHA)
def test_l_is_the_marginal_likelihood_summed_term_by_term(
    model: float, source: int, background: int, alpha: float
) -> None:
    def log_marginal(m: float) -> float:
        j = np.arange(source + 1)
        terms = (
            xlogy(j, m * (1 + 1 / alpha))
            + gammaln(source + background - j + 1)
            - gammaln(j + 1)
            - gammaln(source - j + 1)
        )
        return float(logsumexp(terms)) - m

    seen = max(source - alpha * background, 0.0)
    expected = 2 * (log_marginal(seen) - log_marginal(model))
    got = statistics.lstat(*arrays(model, source, background, alpha))[0]
    assert got == pytest.approx(expected, rel=1e-7, abs=1e-7)


def test_pgstat_without_background_counts_is_the_c_statistic() -> None:
    pg = statistics.pgstat(*arrays(12.0, 9, 0, 100.0, 200.0))
    assert pg[0] == pytest.approx(poisson(9, 12.0))


def test_pgstat_profiles_the_background_it_is_given() -> None:
    model, source, background, ts, tb = 30.0, 41, 12, 100.0, 250.0

    def both(rate: float) -> float:
        spread = background / tb
        return poisson(source, model + ts * rate) + (background - tb * rate) ** 2 / spread

    best = minimize_scalar(both, bounds=(0, 2), method="bounded", options={"xatol": 1e-12}).fun
    pg = statistics.pgstat(*arrays(model, source, background, ts, tb))
    assert pg[0] == pytest.approx(best, rel=1e-9)


def test_pgstat_of_a_bin_without_source_counts_is_the_limit_of_the_manual() -> None:
    pg = statistics.pgstat(*arrays(3.0, 0, 5, 100.0, 200.0))
    assert pg[0] == pytest.approx(2 * (3.0 + 5 * 0.5 - 0.5 * (5 / 200.0) * 0.25))


def test_signed_roots_carry_the_sign_of_the_excess_and_survive_rounding_below_zero() -> None:
    roots = statistics.signed_root(np.array([4.0, 9.0, -1e-15]), np.array([1.0, -1.0, 1.0]))
    assert roots.tolist() == [2.0, -3.0, 0.0]
