"""Markov chains over the free parameters."""

from __future__ import annotations

import numpy as np
import pytest

from nustar_widgets.engines.fit_chain import statistics
from nustar_widgets.engines.fit_embedded import EmbeddedFit
from nustar_widgets.engines.fit_measures import Chain
from nustar_widgets.errors import FitError, ParameterError
from nustar_widgets.session.values import ParameterChoice
from tests.engines.fitcases import made_choice, made_data, made_pair
from tests.spectra.builders import spectral_data


def _fitted(statistic: str = "cstat", *choices: ParameterChoice) -> EmbeddedFit:
    engine = EmbeddedFit([made_data(seed=3)], made_choice(statistic, *choices))
    engine.fit()
    return engine


@pytest.mark.parametrize("statistic", ["chi", "cstat", "pgstat", "lstat"])
def test_many_points_at_once_have_the_statistic_of_each(statistic: str) -> None:
    pair = (spectral_data().ignore("**-3. 20.-**"), made_data(1.04, seed=1, number=2))
    engine = EmbeddedFit(pair, made_choice(statistic))
    x = np.array([[1.0, 1.4, 0.01, 1.0], [3.0, 1.9, 0.03, 1.1], [-1.0, 1.9, 0.03, 1.1]])
    found = statistics(engine._objective, x)
    assert found[:2] == pytest.approx([engine._objective.value(row) for row in x[:2]], rel=1e-12)
    assert np.isinf(found[2])  # outside the limits


def test_a_chain_has_the_mean_and_the_spread_of_the_fit() -> None:
    engine = _fitted("chi")
    result = engine.errors()
    chain = engine.chain(walkers=20, length=2400, burn=200, seed=1)
    assert chain.converged
    assert chain.notes == ()
    assert 0.2 < chain.acceptance < 0.8
    for parameter in result.free:
        assert parameter.sigma is not None
        assert parameter.error_low is not None
        assert parameter.error_high is not None
        samples = chain.of(parameter.name)
        assert samples.std() == pytest.approx(parameter.sigma, rel=0.12)
        low, middle, high = chain.range(parameter.name)
        assert abs(middle - parameter.value) < 0.15 * parameter.sigma
        assert high - low == pytest.approx(parameter.error_high - parameter.error_low, rel=0.12)


def test_the_statistic_of_a_chain_is_that_of_its_samples() -> None:
    engine = _fitted()
    best = engine.statistic()
    chain = engine.chain(walkers=8, length=6, burn=3, seed=1)
    assert chain.samples.shape == (8, 6, 3)
    assert chain.statistic[2, 4] == pytest.approx(engine._objective.value(chain.samples[2, 4]))
    assert chain.statistic.min() >= best - 1e-6
    assert chain.flat.shape == (48, 3)


def test_samples_stay_inside_the_limits() -> None:
    engine = _fitted(
        "cstat", ParameterChoice(name="powerlaw.PhoIndex", value=1.8, min=1.75, max=1.82)
    )
    samples = engine.chain(walkers=8, length=50, burn=0, seed=1).of("POWERLAW.phoindex")
    assert samples.min() >= 1.75
    assert samples.max() <= 1.82


def test_the_same_seed_gives_the_same_chain() -> None:
    engine = _fitted()
    one, same, other = (
        engine.chain(walkers=8, length=5, burn=2, seed=seed).samples for seed in (1, 1, 2)
    )
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)


def test_a_short_chain_says_how_long_it_ought_to_be() -> None:
    chain = _fitted().chain(walkers=8, length=100, burn=0, seed=1)
    assert not chain.converged
    assert "autocorrelation times long; at least 50 are needed: run" in chain.notes[0]
    assert np.isfinite(chain.autocorrelation).all()


def test_a_chain_is_told_as_it_grows_and_a_stop_keeps_it() -> None:
    told: list[Chain] = []
    asked: list[int] = []

    def stop() -> bool:
        asked.append(1)
        return len(asked) > 30

    chain = _fitted().chain(walkers=8, length=500, burn=10, seed=1, stop=stop, watch=told.append)
    assert chain.samples.shape[1] == 20
    assert chain.notes[0] == "stopped after 20 of 500 steps"
    assert told[-1] is chain
    first = told[0].samples
    assert np.array_equal(first, chain.samples[:, : first.shape[1]])


@pytest.mark.parametrize("asked", [0, 5])
def test_a_chain_stopped_before_its_first_kept_step_is_empty(asked: int) -> None:
    answers = iter([False] * asked + [True])
    chain = _fitted().chain(walkers=8, length=5, burn=20, seed=1, stop=lambda: next(answers))
    assert chain.samples.shape == (8, 0, 3)
    assert not chain.converged


def test_a_parameter_the_data_say_nothing_of_does_not_hold_the_chain() -> None:
    edge = made_choice(
        "cstat", ParameterChoice(name="edge.edgeE", value=24.0, min=23.0, max=25.0),
        expression="constant*tbabs*edge*powerlaw",
    )  # fmt: skip
    engine = EmbeddedFit([made_data(seed=3)], edge)
    engine.fit()
    chain = engine.chain(walkers=12, length=40, burn=20, seed=1)
    assert chain.of("edge.edgeE").std() > 0.0
    assert chain.acceptance > 0.1


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ({"walkers": 7}, "walkers: 7: expected an even number, at least 8: twice the free"),
        ({"walkers": 6}, "walkers: 6: expected an even number, at least 8"),
        ({"length": 0}, "length: 0: expected at least 1 step"),
        ({"burn": -1}, "burn: -1: expected 0 steps or more"),
    ],
)
def test_a_chain_that_cannot_be_run_is_refused(settings: dict[str, int], problem: str) -> None:
    engine = EmbeddedFit(made_pair(seed=3), made_choice())
    with pytest.raises(FitError, match="chain: fit first"):
        engine.chain()
    engine.fit()
    with pytest.raises(ParameterError, match=problem):
        engine.chain(**settings)  # type: ignore[arg-type]


def test_nothing_free_is_no_chain() -> None:
    frozen = [ParameterChoice(name=n, frozen=True) for n in ("TBabs.nH", "powerlaw.PhoIndex")]
    norm = ParameterChoice(name="powerlaw.norm", frozen=True)
    engine = _fitted("cstat", *frozen, norm)
    with pytest.raises(ParameterError, match="no parameter is free: thaw one to sample it"):
        engine.chain()


def test_a_name_that_is_not_sampled_is_no_key() -> None:
    with pytest.raises(KeyError):
        _fitted().chain(walkers=8, length=2, burn=0).of("constant.factor")
