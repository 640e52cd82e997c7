"""Fluxes, luminosities and equivalent widths of a fit, and their ranges."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from nustar_widgets.engines.fit_draws import drawn
from nustar_widgets.engines.fit_embedded import EmbeddedFit
from nustar_widgets.engines.fit_measures import FitMeter
from nustar_widgets.errors import FitError, ParameterError
from nustar_widgets.session.values import FitChoice, ParameterChoice
from tests.engines.fitcases import made_choice, made_data, made_pair

LINE = "tbabs*(powerlaw+gaussian)"
LINE_TRUTH = (1.0, 1.8, 0.05, 6.4, 0.1, 2e-3)


def _line_choice(statistic: str = "cstat", *more: ParameterChoice) -> FitChoice:
    start = {"TBabs.nH": 1.0, "powerlaw.PhoIndex": 1.8, "powerlaw.norm": 0.05,
             "gaussian.LineE": 6.4, "gaussian.norm": 2e-3}  # fmt: skip
    held = {choice.name for choice in more if choice.frozen}
    parameters = tuple(ParameterChoice(name=n, value=v, frozen=n in held) for n, v in start.items())
    sigma = ParameterChoice(name="gaussian.Sigma", value=0.1, frozen=True)
    return FitChoice(expression=LINE, statistic=statistic, parameters=(*parameters, sigma))


def _line_fit(seed: int | None = 4) -> EmbeddedFit:
    data = made_data(seed=seed, expression=LINE, values=LINE_TRUTH)
    return EmbeddedFit([data], _line_choice())


def test_the_embedded_engine_measures() -> None:
    assert isinstance(_line_fit(), FitMeter)


# -- fluxes --------------------------------------------------------------------------------


def test_the_range_of_a_flux_is_that_of_its_sigma_where_the_model_is_nearly_linear() -> None:
    engine = EmbeddedFit(made_pair(seed=8), made_choice("cstat"))
    engine.fit()
    for flux in engine.flux(3.0, 10.0, draws=2000):
        assert flux.energy_range is not None
        assert flux.photons_range is not None
        assert flux.energy_sigma is not None
        assert flux.photons_sigma is not None
        low, high = flux.energy_range
        assert low < flux.energy < high
        assert (high - low) / 2 == pytest.approx(1.645 * flux.energy_sigma, rel=0.1)
        low, high = flux.photons_range
        assert (high - low) / 2 == pytest.approx(1.645 * flux.photons_sigma, rel=0.1)
        assert flux.percent == 90.0


def test_draws_are_the_same_each_time_and_asked_for_after_a_fit() -> None:
    engine = EmbeddedFit([made_data(seed=8)], made_choice("cstat"))
    with pytest.raises(FitError, match="range of a flux: fit first: it starts from the best fit"):
        engine.flux(3.0, 10.0, draws=10)
    engine.fit()
    assert engine.flux(3.0, 10.0, draws=10) == engine.flux(3.0, 10.0, draws=10)
    assert engine.flux(3.0, 10.0)[0].energy_range is None


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ({"draws": -1}, "draws: -1: expected a number of draws"),
        ({"draws": 5, "percent": 100.0}, "percent: 100: expected more than 0 and less than 100"),
        ({"draws": 5, "percent": math.nan}, "percent: nan: expected more than 0"),
    ],
)
def test_draws_that_make_no_sense_are_refused(settings: dict[str, float], problem: str) -> None:
    engine = EmbeddedFit([made_data()], made_choice())
    engine.fit()
    with pytest.raises(ParameterError, match=problem):
        engine.flux(3.0, 10.0, **settings)  # type: ignore[arg-type]


def test_draws_have_the_covariance_and_stay_inside_the_hard_limits() -> None:
    engine = EmbeddedFit([made_data(seed=3)], made_choice("cstat"))
    engine.fit()
    objective, best = engine._objective, engine._x
    covariance = np.array(engine.result().covariance)
    sets = drawn(objective, best, covariance, 4000, np.random.default_rng(1))
    scale = np.sqrt(np.diag(covariance))
    assert (sets.mean(axis=0) - best) / scale == pytest.approx(np.zeros(3), abs=0.06)
    assert np.cov(sets.T) / np.outer(scale, scale) == pytest.approx(
        covariance / np.outer(scale, scale), abs=0.06
    )
    objective.low = best - 0.3 * scale
    inside = drawn(objective, best, covariance, 500, np.random.default_rng(1))
    assert np.all(inside >= objective.low)
    assert len(np.unique(inside[:, 1])) == 500  # drawn anew, not put on the limit


def test_a_parameter_without_a_covariance_is_not_drawn() -> None:
    engine = EmbeddedFit([made_data(seed=3)], made_choice("cstat"))
    covariance = np.diag([np.nan, 1e-4, 1e-6])
    sets = drawn(engine._objective, engine._x, covariance, 10, np.random.default_rng(1))
    assert np.all(sets[:, 0] == engine._x[0])
    assert np.all(np.ptp(sets[:, 1:], axis=0) > 0.0)


# -- luminosity ----------------------------------------------------------------------------


def test_a_luminosity_is_the_observed_flux_over_the_sphere_around_the_source() -> None:
    engine = EmbeddedFit([made_data(seed=8)], made_choice("cstat"))
    engine.fit()
    found = engine.luminosity(4.0, 10.0, redshift=0.25, draws=100)[0]
    flux = engine.flux(4.0 / 1.25, 10.0 / 1.25, draws=100)[0]
    area = 4 * math.pi * (found.distance_mpc * 3.0856776e24) ** 2
    assert found.luminosity == pytest.approx(area * flux.energy)
    assert flux.energy_sigma is not None
    assert flux.unabsorbed_energy is not None
    assert flux.energy_range is not None
    assert found.sigma == pytest.approx(area * flux.energy_sigma)
    assert found.unabsorbed == pytest.approx(area * flux.unabsorbed_energy)
    assert found.range == pytest.approx([area * end for end in flux.energy_range])
    assert json.loads(json.dumps(found.to_dict()))["redshift"] == 0.25


@pytest.mark.parametrize(
    ("redshift", "omega_m", "mpc"),
    [
        # Flat universe by the series d = (c/H0) (z + z^2 (1 - 3/4 Om) + ...) where z is small,
        # and in closed form for Om = 1: 2 c/H0 (1 + z - sqrt(1 + z)), and for Om = 0: c/H0 z (1+z).
        (1e-4, 0.27, 299792.458 / 70 * (1e-4 + 1e-8 * (1 - 0.75 * 0.27))),
        (0.5, 1.0, 2 * 299792.458 / 70 * (1.5 - math.sqrt(1.5))),
        (0.5, 0.0, 299792.458 / 70 * 0.5 * 1.5),
    ],
)
def test_the_distance_is_that_of_a_flat_universe(
    redshift: float, omega_m: float, mpc: float
) -> None:
    engine = EmbeddedFit([made_data()], made_choice())
    found = engine.luminosity(5.0, 10.0, redshift=redshift, omega_m=omega_m)[0]
    assert found.distance_mpc == pytest.approx(mpc, rel=1e-6)
    assert found.sigma is None  # nothing is fitted


@pytest.mark.parametrize(
    ("low", "high", "settings", "problem"),
    [
        (5.0, 10.0, {"redshift": 0.0}, "redshift: 0: expected a number above 0"),
        (5.0, 10.0, {"redshift": math.nan}, "redshift: nan: expected a number above 0"),
        (5.0, 10.0, {"redshift": 0.1, "h0": -70.0}, "h0: -70: expected the Hubble constant"),
        (5.0, 10.0, {"redshift": 0.1, "omega_m": 1.5}, "omega_m: 1.5: expected 0 to 1"),
        (9.0, 5.0, {"redshift": 0.1}, "band: 9 to 5 keV: expected 0 <= low < high"),
        (2.0, 10.0, {"redshift": 1.0},
         "band: it is observed at 1 to 5 keV, and the response of spectrum 1 covers 1.6 to 25.6"),
    ],
)  # fmt: skip
def test_a_luminosity_that_makes_no_sense_is_refused(
    low: float, high: float, settings: dict[str, float], problem: str
) -> None:
    engine = EmbeddedFit([made_data()], made_choice())
    with pytest.raises(ParameterError, match=problem):
        engine.luminosity(low, high, **settings)  # type: ignore[arg-type]


# -- equivalent width ----------------------------------------------------------------------


def test_the_width_of_a_line_is_its_flux_over_the_continuum_per_kev() -> None:
    engine = _line_fit(seed=None)
    engine.fit()
    found = engine.width("gaussian", part=0.0)[0]
    continuum = 0.05 * found.energy_kev**-1.8
    # Both are absorbed alike within the line's width.
    assert found.width_kev == pytest.approx(2e-3 / continuum, rel=0.02)
    assert found.energy_kev == pytest.approx(6.4, abs=0.3)
    assert found.range is None


def test_the_continuum_is_averaged_over_the_range_around_the_peak() -> None:
    engine = _line_fit(seed=None)
    engine.fit()
    near, far = engine.width("gaussian")[0], engine.width("gaussian", part=0.5)[0]
    energy = near.energy_kev

    def mean(part: float) -> float:
        ends = energy * (1 - part), energy * (1 + part)
        return float((ends[0] ** -0.8 - ends[1] ** -0.8) / 0.8 / (ends[1] - ends[0]))

    assert far.width_kev / near.width_kev == pytest.approx(mean(0.05) / mean(0.5), rel=0.05)


def test_the_range_of_a_width_is_that_of_the_line_s_norm() -> None:
    data = made_data(seed=4, expression=LINE, values=LINE_TRUTH)
    others = ("TBabs.nH", "powerlaw.PhoIndex", "powerlaw.norm", "gaussian.LineE")
    frozen = [ParameterChoice(name=name, frozen=True) for name in others]
    engine = EmbeddedFit([data], _line_choice("cstat", *frozen))
    result = engine.fit()
    found = engine.width("Gaussian_3", draws=1000)[0]
    norm = result["gaussian.norm"]
    assert found.range is not None
    assert norm.sigma is not None
    assert found.range[0] < found.width_kev < found.range[1]
    relative = (found.range[1] - found.range[0]) / 2 / found.width_kev
    assert relative == pytest.approx(1.645 * norm.sigma / norm.value, rel=0.15)
    assert json.loads(json.dumps(found.to_dict()))["component"] == "gaussian"


def test_a_line_of_no_flux_has_a_width_of_zero_at_its_place() -> None:
    engine = _line_fit()
    engine.set({"gaussian.norm": 0.0})
    found = engine.width("gaussian")[0]
    assert found.width_kev == 0.0
    assert found.energy_kev == pytest.approx(6.4, abs=0.3)


@pytest.mark.parametrize(
    ("expression", "component", "part", "problem"),
    [
        (LINE, "tbabs", 0.05, "'tbabs' is no additive component .*one of powerlaw, gaussian"),
        (LINE, "lorentz", 0.05, "'lorentz' is no additive component"),
        (LINE, "gaussian", 1.0, "part: 1: expected 0 or more and less than 1"),
        ("tbabs*powerlaw", "powerlaw", 0.05, "powerlaw is all the model adds up"),
    ],
)
def test_a_width_without_meaning_is_refused(
    expression: str, component: str, part: float, problem: str
) -> None:
    engine = EmbeddedFit([made_data()], FitChoice(expression=expression))
    with pytest.raises(ParameterError, match=problem):
        engine.width(component, part=part)


def test_a_line_without_a_continuum_has_no_width() -> None:
    engine = _line_fit()
    engine.set({"powerlaw.norm": 0.0})
    with pytest.raises(ParameterError, match=r"no continuum beside gaussian at 6"):
        engine.width("gaussian")


def test_measuring_moves_nothing() -> None:
    engine = _line_fit()
    engine.fit()
    before = engine.result()
    engine.flux(3.0, 10.0, draws=20)
    engine.luminosity(5.0, 10.0, redshift=0.1, draws=20)
    engine.width("gaussian", draws=20)
    engine.goodness(3, seed=1)
    engine.chain(walkers=12, length=5, burn=0, seed=1)
    assert engine.result() == before
    assert np.isfinite(engine.statistic())
