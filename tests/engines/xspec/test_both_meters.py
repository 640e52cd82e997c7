"""What both engines measure beside the fit: luminosity, equivalent width, goodness, chains."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from nustar_widgets.engines.fit_embedded import EmbeddedFit
from nustar_widgets.engines.fit_luminosity import CM_PER_MPC
from nustar_widgets.engines.fit_measures import Chain, FitMeter, Goodness
from nustar_widgets.engines.fit_xspec import XspecFit
from nustar_widgets.errors import FitError, ParameterError
from nustar_widgets.session.values import FitChoice, ParameterChoice
from tests.engines.fitcases import made_choice, made_data, made_pair

LINE = "constant*tbabs*(powerlaw+gauss)"
START = (
    ParameterChoice(name="TBabs.nH", value=5.0),
    ParameterChoice(name="powerlaw.PhoIndex", value=1.8),
    ParameterChoice(name="powerlaw.norm", value=0.05),
    ParameterChoice(name="gaussian.LineE", value=6.4, frozen=True),
    ParameterChoice(name="gaussian.Sigma", value=0.2, frozen=True),
    ParameterChoice(name="gaussian.norm", value=1e-3),
)


def _line(*choices: ParameterChoice) -> FitChoice:
    return FitChoice(expression=LINE, parameters=START + choices, statistic="cstat")


def _with_line() -> list[Any]:
    values = (1.0, 5.0, 1.8, 0.05, 6.4, 0.2, 1e-3)
    return [made_data(seed=s, number=s, expression=LINE, values=values) for s in (1, 2)]


def test_both_are_meters(fit: Any) -> None:
    assert isinstance(fit([made_data(seed=1)], made_choice()), FitMeter)


def test_what_starts_from_a_covariance_is_refused_before_a_fit(fit: Any) -> None:
    measure: Callable[[], Any]
    engine = fit([made_data(seed=1)], made_choice())
    for measure in (
        lambda: engine.flux(3.0, 10.0, draws=100),
        lambda: engine.luminosity(4.0, 10.0, redshift=0.1, draws=100),
        lambda: engine.goodness(3),
        lambda: engine.chain(walkers=8, length=3, burn=0),
    ):
        with pytest.raises(FitError, match="fit first"):
            measure()
    assert engine.flux(3.0, 10.0)[0].energy_sigma is None


def test_components_add_up_to_the_photons(fit: Any) -> None:
    choices = (
        ParameterChoice(name="gaussian.norm", value=2e-4, min=1e-5),
        ParameterChoice(name="gaussian_5.norm", link="2*gaussian.norm"),
    )
    expression = "constant*tbabs*(powerlaw+gauss+gauss)"
    engine = fit(made_pair(seed=1), FitChoice(expression=expression, parameters=choices))
    before = engine.values
    for whole, parts in zip(engine.photons(), engine.parts(), strict=True):
        assert list(parts) == ["powerlaw", "gaussian", "gaussian_5"]
        assert sum(parts.values()) == pytest.approx(whole, rel=1e-6)
        assert parts["gaussian_5"].sum() == pytest.approx(2 * parts["gaussian"].sum(), rel=1e-6)
    assert engine.values == before
    engine.set({"gaussian.norm": 3e-4})
    assert engine.values["gaussian_5.norm"] == pytest.approx(6e-4)


def test_a_flux_range_lies_around_the_flux_however_often_it_is_asked_for(fit: Any) -> None:
    engine = fit(made_pair(seed=1), made_choice())
    engine.fit()
    values = engine.values
    first = engine.flux(3.0, 10.0, draws=300, percent=68.27)
    assert engine.flux(3.0, 10.0)[0].energy_range is None
    again = engine.flux(3.0, 10.0, draws=300, percent=68.27)
    for one in (*first, *again):
        low, high = one.energy_range
        assert low < one.energy < high
        assert high - low == pytest.approx(2.0 * one.energy_sigma, rel=0.25)
    assert engine.values == pytest.approx(values, rel=1e-9)


def test_a_luminosity_is_the_observed_flux_over_a_sphere(fit: Any) -> None:
    engine = fit(made_pair(seed=1), made_choice())
    engine.fit()
    found = engine.luminosity(4.0, 10.0, redshift=0.25, draws=200)
    fluxes = engine.flux(3.2, 8.0)
    for one, flux in zip(found, fluxes, strict=True):
        assert (one.low_kev, one.high_kev, one.redshift) == (4.0, 10.0, 0.25)
        assert one.distance_mpc == pytest.approx(1263.5, rel=0.01)
        area = 4.0 * math.pi * (one.distance_mpc * CM_PER_MPC) ** 2
        assert one.luminosity == pytest.approx(area * flux.energy, rel=1e-5)
        assert one.sigma == pytest.approx(area * flux.energy_sigma, rel=0.01)
        assert one.unabsorbed == pytest.approx(area * flux.unabsorbed_energy, rel=1e-5)
        assert one.range[0] < one.luminosity < one.range[1]
        assert one.percent == 90.0
    with pytest.raises(ParameterError, match="redshift: 0: expected a number above 0"):
        engine.luminosity(4.0, 10.0, redshift=0.0)
    with pytest.raises(ParameterError, match="choose a band inside"):
        engine.luminosity(0.001, 10.0, redshift=0.1)


def test_both_engines_measure_the_same(make: Callable[..., XspecFit]) -> None:
    data = _with_line()
    ours, xspec = EmbeddedFit(data, _line()), make(data, _line())
    for engine in (ours, xspec):
        engine.fit()
    for cosmology in ({}, {"h0": 50.0, "omega_m": 1.0}):
        settings: dict[str, Any] = {"redshift": 0.1, **cosmology}
        mine = ours.luminosity(5.0, 10.0, **settings)[1]
        theirs = xspec.luminosity(5.0, 10.0, **settings)[1]
        assert theirs.luminosity == pytest.approx(mine.luminosity, rel=0.006)
    for part in (0.05, 0.0):
        for one, other in zip(
            ours.width("gaussian", part=part), xspec.width("gaussian", part=part), strict=True
        ):
            assert other.energy_kev == pytest.approx(one.energy_kev)
            assert other.width_kev == pytest.approx(one.width_kev, rel=1e-3)


def test_an_equivalent_width_has_its_range_and_leaves_all_as_it_was(fit: Any) -> None:
    engine = fit(_with_line(), _line())
    engine.fit()
    before = engine.values
    for one in engine.width("GAUSSIAN", draws=300, percent=68.27):
        assert one.component == "gaussian"
        assert one.energy_kev == pytest.approx(6.4, abs=0.3)
        assert one.range is not None
        assert one.range[0] < one.width_kev < one.range[1]
        assert one.percent == 68.27
    assert engine.width("gaussian")[0].range is None
    assert engine.values == pytest.approx(before, rel=1e-9)
    engine.set({"gaussian.norm": 0.0})
    assert engine.width("gaussian")[0].width_kev == 0.0
    assert engine.width("gaussian")[0].energy_kev == pytest.approx(6.4, abs=0.3)


def test_an_equivalent_width_that_cannot_be_had_is_refused(fit: Any) -> None:
    engine = fit(_with_line(), _line())
    with pytest.raises(ParameterError, match="'tbabs' is no additive component"):
        engine.width("tbabs")
    with pytest.raises(ParameterError, match="part: 2: expected 0 or more and less than 1"):
        engine.width("gaussian", part=2.0)
    engine.set({"powerlaw.norm": 0.0})
    with pytest.raises(ParameterError, match="the model has no continuum beside gaussian"):
        engine.width("gaussian")


@pytest.mark.parametrize("test", ["chi", "ks"])
def test_the_truth_is_a_good_fit(fit: Any, test: str) -> None:
    engine = fit(made_pair(seed=3), made_choice("chi"))
    engine.fit()
    before, told = engine.values, list[Goodness]()
    found = engine.goodness(12, test=test, seed=1, watch=told.append)
    assert (found.test, found.wanted, found.notes) == (test, 12, ())
    assert found.simulated.shape == (12,)
    assert np.all(np.isfinite(found.simulated))
    assert found.percent_below is not None
    assert told[-1].simulated.tolist() == found.simulated.tolist()
    if test == "chi":
        assert found.data == pytest.approx(engine.statistic(), rel=1e-6)
        assert found.simulated.mean() == pytest.approx(engine.result().dof, rel=0.2)
    assert engine.values == pytest.approx(before, rel=1e-9)


def test_simulations_that_are_not_fitted_have_a_higher_statistic_and_may_be_drawn(fit: Any) -> None:
    engine = fit([made_data(seed=3)], made_choice("chi"))
    engine.fit()
    fitted = engine.goodness(20, seed=2).simulated.mean()
    assert engine.goodness(20, seed=2, refit=False).simulated.mean() > fitted
    assert engine.goodness(5, seed=2, draw=True).simulated.size == 5


def test_goodness_stops_with_what_there_is(fit: Any) -> None:
    engine = fit([made_data(seed=3)], made_choice("chi"))
    engine.fit()
    assert engine.goodness(5, stop=lambda: True).percent_below is None
    told: list[Goodness] = []
    found = engine.goodness(500, seed=1, stop=lambda: bool(told), watch=told.append)
    assert 1 <= found.simulated.size < 500
    assert found.notes == (f"stopped after {found.simulated.size} of 500 simulations",)
    with pytest.raises(ParameterError, match="n: 0: expected 1 simulation or more"):
        engine.goodness(0)
    with pytest.raises(ParameterError, match="expected one of chi, cstat"):
        engine.goodness(test="student")


def test_a_chain_goes_around_the_best_fit(fit: Any) -> None:
    engine = fit([made_data(seed=2)], made_choice())
    result = engine.fit()
    told: list[Chain] = []
    chain = engine.chain(walkers=8, length=60, burn=20, seed=1, watch=told.append)
    assert chain.names == engine.table.names
    assert chain.samples.shape == (8, 60, 3)
    assert chain.statistic.shape == (8, 60)
    assert chain.statistic.min() > result.statistic - 0.01
    assert 0.2 < chain.acceptance <= 0.9
    for parameter in result.free:
        assert parameter.sigma is not None
        assert np.median(chain.of(parameter.name)) == pytest.approx(
            parameter.value, abs=1.5 * parameter.sigma
        )
    assert not chain.converged
    assert "autocorrelation times long" in chain.notes[0]
    assert told[-1].samples.shape == chain.samples.shape
    assert engine.values == pytest.approx({p.name: p.value for p in result.parameters}, rel=1e-9)


def test_a_chain_stops_with_what_there_is(fit: Any) -> None:
    engine = fit([made_data(seed=2)], made_choice())
    engine.fit()
    assert engine.chain(walkers=8, length=5, burn=0, stop=lambda: True).samples.shape == (8, 0, 3)
    told: list[Chain] = []
    chain = engine.chain(
        walkers=8, length=100_000, burn=2, seed=1, stop=lambda: bool(told), watch=told.append
    )
    assert 1 <= chain.samples.shape[1] < 100_000
    assert chain.notes[0].startswith("stopped after")
    with pytest.raises(ParameterError, match="walkers: 7: expected an even number"):
        engine.chain(walkers=7)


def test_what_is_asked_after_a_chain_starts_from_the_fit_again(fit: Any) -> None:
    engine = fit([made_data(seed=2)], made_choice())
    engine.fit()
    engine.chain(walkers=8, length=10, burn=0, seed=1)
    found = engine.errors(["powerlaw.PhoIndex"])["powerlaw.PhoIndex"]
    assert found.error_low < found.value < found.error_high
    flux = engine.flux(3.0, 10.0, draws=200)[0]
    assert flux.energy_range[0] < flux.energy < flux.energy_range[1]
    assert engine.fit().status == "converged"


def test_both_engines_simulate_the_same_spectra_and_fit_them_alike(
    make: Callable[..., XspecFit],
) -> None:
    pair = made_pair(seed=3)
    for statistic in ("chi", "cstat"):
        ours, xspec = EmbeddedFit(pair, made_choice(statistic)), make(pair, made_choice(statistic))
        best = ours.fit(), xspec.fit()
        other: dict[str, Any] = {"test": "pgstat", "refit": False}
        for settings in ({}, other):
            mine, theirs = (e.goodness(2, seed=1, **settings) for e in (ours, xspec))
            assert theirs.test == mine.test
            assert theirs.data == pytest.approx(mine.data, rel=1e-3)
            assert theirs.simulated == pytest.approx(mine.simulated, rel=2e-3)
        assert xspec.statistic() == best[1].statistic
        xspec.set({"powerlaw.norm": best[1]["powerlaw.norm"].value})
        assert xspec.statistic() == pytest.approx(best[1].statistic)
