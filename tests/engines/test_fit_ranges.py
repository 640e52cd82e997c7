"""The search for the end of a range, and what it stands on."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nustar_widgets.engines.fit_embedded import EmbeddedFit
from nustar_widgets.engines.fit_follow import follow
from nustar_widgets.engines.fit_ranges import Side, _find_end
from tests.engines.fitcases import made_choice, made_data, made_pair
from tests.spectra.builders import spectral_data

Rise = Callable[[float], float]


def _end(rise: Rise, *, first: float = 1.0, limit: float = 1e6) -> tuple[Side, int]:
    """One end at a rise of 4, from 0; and how often the rise was asked for."""
    asked: list[float] = []

    def counted(value: float) -> float:
        asked.append(value)
        return rise(value)

    return _find_end(counted, 0.0, limit, first=first, delta=4.0), len(asked)


@given(st.floats(0.01, 100.0), st.floats(0.05, 20.0))
def test_a_parabola_is_solved_in_a_few_steps(sigma: float, first: float) -> None:
    side, asked = _end(lambda x: (x / sigma) ** 2, first=first * sigma)
    assert side.end == pytest.approx(2 * sigma, rel=0.01)
    assert side.monotonic
    assert asked <= (3 if 0.5 < first < 8.0 else 12)


@pytest.mark.parametrize(
    "rise",
    [
        lambda x: x**4,
        lambda x: math.expm1(abs(x)),
        lambda x: abs(x) ** 0.5,
        lambda x: min(x * x, 1e9) + 1e5 * (x > 2.5),  # a wall just behind the end
        lambda x: x * x if x < 3.0 else 1e12,
        lambda x: math.log1p(abs(x)),
    ],
)
@pytest.mark.parametrize("first", [0.01, 1.0, 50.0])
def test_the_end_is_found_on_any_rising_curve(rise: Rise, first: float) -> None:
    side, asked = _end(rise, first=first)
    assert side.end is not None
    assert rise(side.end) == pytest.approx(4.0, rel=0.01)
    assert side.monotonic
    assert asked < 30


@pytest.mark.parametrize("first", [0.01, 1.0, 50.0])
def test_where_the_statistic_jumps_the_range_ends_and_is_flagged(first: float) -> None:
    side, asked = _end(lambda x: 0.1 * x if x < 7.0 else 900.0, first=first)
    assert side.end == pytest.approx(7.0, rel=1e-5)
    assert not side.monotonic
    assert asked < 60


def test_a_limit_before_the_end_is_the_end() -> None:
    side, _ = _end(lambda x: x * x, limit=1.5)
    assert (side.end, side.at_limit) == (1.5, True)


def test_a_flat_statistic_has_its_end_at_the_limit() -> None:
    side, asked = _end(lambda _: 0.0, limit=1e6)
    assert (side.end, side.at_limit) == (1e6, True)
    assert asked < 20


def test_downwards_is_upwards_mirrored() -> None:
    up = _find_end(lambda x: x**4, 0.0, 1e6, first=0.3, delta=4.0)
    down = _find_end(lambda x: x**4, 0.0, -1e6, first=-0.3, delta=4.0)
    assert down.end is not None
    assert up.end == -down.end


# -- what the search stands on -------------------------------------------------------------


@pytest.mark.parametrize("statistic", ["chi", "cstat", "pgstat", "lstat"])
def test_the_gradient_alone_is_that_of_the_parabola(statistic: str) -> None:
    pair = (spectral_data().ignore("**-3. 20.-**"), made_data(1.04, seed=1, number=2))
    objective = EmbeddedFit(pair, made_choice(statistic))._objective
    x, free = np.array([1.3, 1.6, 0.02, 1.1]), np.array([True, True, False, True])
    alone, whole = objective.gradient(x, free), objective.parabola(x, free).gradient
    assert alone == pytest.approx(whole, rel=1e-9)
    assert alone[2] == 0.0


@pytest.mark.parametrize("statistic", ["chi", "cstat"])
def test_beside_its_anchor_the_quick_statistic_is_the_exact_one(statistic: str) -> None:
    engine = EmbeddedFit(made_pair(seed=6), made_choice(statistic))
    best = engine.fit()
    objective = engine._objective
    near, sigma = objective.near(engine._x), np.array([p.sigma for p in best.free], dtype=float)
    assert near.value(engine._x) == objective.value(engine._x)
    rng = np.random.default_rng(1)
    for _ in range(20):
        x = engine._x + 3 * sigma * rng.standard_normal(4)
        assert near.value(x) == pytest.approx(objective.value(x), abs=1e-4)
        free = np.ones(4, bool)
        scaled = near.gradient(x, free) * sigma
        assert scaled == pytest.approx(objective.gradient(x, free) * sigma, rel=1e-4, abs=1e-3)
        assert near.parabola(x).curvature == pytest.approx(
            objective.parabola(x).curvature, rel=1e-4, abs=1e-3
        )


@pytest.mark.parametrize("factor", [1.0, 0.05, 30.0])
def test_a_wrong_curvature_taken_over_does_not_lead_astray(factor: float) -> None:
    engine = EmbeddedFit(made_pair(seed=6), made_choice("cstat"))
    engine.fit()
    objective, held = engine._objective, np.array([True, False, False, False])
    start = engine._x + np.array([0.8, 0.0, 0.0, 0.0])
    exact = follow(objective, start, held, tolerance=1e-6)
    curvature = factor * objective.parabola(engine._x).curvature
    found = follow(objective, start, held, tolerance=1e-3, curvature=curvature)
    assert found.status == "converged"
    assert found.value == pytest.approx(exact.value, abs=2e-3)


def test_ranges_are_the_same_whatever_was_searched_before() -> None:
    engine = EmbeddedFit(made_pair(seed=6), made_choice("cstat"))
    alone = engine.errors(["powerlaw.PhoIndex"])["powerlaw.PhoIndex"]
    among = engine.errors()["powerlaw.PhoIndex"]
    assert (among.error_low, among.error_high) == (alone.error_low, alone.error_high)
