"""A Markov chain over the free parameters, by the affine-invariant ensemble sampler.

Goodman & Weare 2010, Comm. App. Math. Comp. Sci. 5, 65: XSPEC's ``chain type gw``, here by emcee
(Foreman-Mackey et al. 2013, PASP 125, 306). The posterior is exp(-statistic / 2) with priors flat
inside the hard limits; walkers start from the covariance of the fit, as XSPEC's do.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np

from nustar_widgets.engines.fit_draws import drawn
from nustar_widgets.engines.fit_measures import Chain
from nustar_widgets.engines.fit_watch import Pace
from nustar_widgets.errors import ParameterError

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from nustar_widgets.engines.fit_fold import Fold
    from nustar_widgets.engines.fit_objective import Objective

    Array: TypeAlias = NDArray[np.float64]
    Stop: TypeAlias = Callable[[], bool]
    Watch: TypeAlias = Callable[[Chain], None]

PICTURES_PER_SECOND: Final = 4.0
TIMES_FOR_CONVERGENCE: Final = 50
"""Autocorrelation times a chain must be long, as emcee's documentation advises."""


def statistics(objective: Objective, xs: Array) -> Array:
    """(k,) statistic at many points at once, infinite outside the limits.

    One product of two matrices instead of k of a matrix with a vector: of 830 bins 16 points take
    1.5 ms instead of 7.5.

    Parameters
    ----------
    objective
        The statistic.
    xs
        (k, n_free) the points.
    """
    found = np.full(len(xs), np.inf)
    inside = np.flatnonzero(np.all((xs >= objective.low) & (xs <= objective.high), axis=1))
    if not inside.size:
        return found
    groups = [objective.table.groups(xs[i]) for i in inside]
    total = np.zeros(inside.size)
    with np.errstate(over="ignore", invalid="ignore"):
        for number, fold in enumerate(objective.folds):
            photons = np.array([fold.photons(values[number]) for values in groups])
            total += _values(fold, photons @ fold.data.matrix.T)
    found[inside] = np.where(np.isfinite(total), total, np.inf)
    return found


def _values(fold: Fold, counts: Array) -> Array:
    if fold.statistic.name == "lstat":  # takes one model at a time
        return np.array([fold.statistic.value(model) for model in counts])
    return np.asarray(fold.statistic.per_bin(counts).sum(axis=1))


def check_lengths(walkers: int, length: int, burn: int, n_free: int) -> None:
    """Refuse a chain that cannot be run.

    Raises
    ------
    ParameterError
        Naming what is wrong.
    """
    if n_free == 0:
        raise ParameterError("chain", "no parameter is free: thaw one to sample it")
    if walkers < 2 * n_free or walkers % 2:
        raise ParameterError(
            "walkers",
            f"{walkers}: expected an even number, at least {2 * n_free}: twice the free parameters",
        )
    if length < 1:
        raise ParameterError("length", f"{length}: expected at least 1 step")
    if burn < 0:
        raise ParameterError("burn", f"{burn}: expected 0 steps or more")


class Sampler:
    """Runs one chain.

    Parameters
    ----------
    objective
        The statistic.
    walkers, length, burn
        Walkers, steps of each that are kept, and steps before that are not.
    seed
        Of the source of chance; the same seed gives the same chain.
    """

    def __init__(
        self, objective: Objective, *, walkers: int, length: int, burn: int, seed: int | None
    ) -> None:
        import emcee  # type: ignore[import-untyped]  # noqa: PLC0415 - slow, seldom needed

        check_lengths(walkers, length, burn, objective.n_free)
        self.objective = objective
        self.walkers, self.length, self.burn = walkers, length, burn
        self.rng = np.random.default_rng(seed)
        self._sampler: Any = emcee.EnsembleSampler(
            walkers, objective.n_free, self._log_posterior, vectorize=True
        )
        state = np.random.RandomState(self.rng.integers(2**32)).get_state()
        self._sampler.random_state = state

    def _log_posterior(self, xs: Array) -> Array:
        return -0.5 * statistics(self.objective, xs)

    def run(
        self, x: Array, covariance: Array, *, stop: Stop | None = None, watch: Watch | None = None
    ) -> Chain:
        """Run it, as far as one may.

        Parameters
        ----------
        x
            (n_free,) best fit.
        covariance
            (n_free, n_free) its covariance.
        stop
            Asked before every step; True ends the chain with what it has.
        watch
            Told the chain so far some four times a second.
        """
        pace = Pace(PICTURES_PER_SECOND)
        steps = self._sampler.sample(
            self._start(x, covariance),
            iterations=self.burn + self.length,
            skip_initial_state_check=True,
        )
        if stop is None or not stop():
            for _ in steps:
                if watch is not None and self._sampler.iteration > self.burn and pace.due():
                    watch(self._chain())
                if stop is not None and stop():
                    break
        found = judged(self._chain())
        if watch is not None:
            watch(found)
        return found

    def _start(self, x: Array, covariance: Array) -> Array:
        """Spread the walkers; along a parameter the data do not constrain, by its step."""
        spread = covariance.copy()
        unknown = np.flatnonzero(~(np.diag(covariance) > 0.0))
        spread[unknown, :] = spread[:, unknown] = 0.0
        spread[unknown, unknown] = self.objective.step[unknown] ** 2
        return drawn(self.objective, x, spread, self.walkers, self.rng)

    def _chain(self) -> Chain:
        n_free, kept = self.objective.n_free, max(self._sampler.iteration - self.burn, 0)
        samples, log = np.zeros((0, self.walkers, n_free)), np.zeros((0, self.walkers))
        if kept:
            samples = self._sampler.get_chain(discard=self.burn)
            log = self._sampler.get_log_prob(discard=self.burn)
        taken = self._sampler.acceptance_fraction if self._sampler.iteration else np.zeros(1)
        return Chain(
            names=self.objective.table.names,
            samples=np.swapaxes(samples, 0, 1).copy(),
            statistic=-2.0 * log.T,
            acceptance=float(np.mean(taken)),
            autocorrelation=np.full(n_free, np.nan),
            wanted=self.length,
        )


def judged(chain: Chain) -> Chain:
    """Return a chain with its autocorrelation times and what they mean.

    Parameters
    ----------
    chain
        As it was run.
    """
    from emcee import autocorr  # noqa: PLC0415 - slow, seldom needed

    n_steps = chain.samples.shape[1]
    times = chain.autocorrelation
    if n_steps > 1:
        with np.errstate(invalid="ignore", divide="ignore"):
            times = autocorr.integrated_time(np.swapaxes(chain.samples, 0, 1), tol=0, quiet=True)
    known = bool(np.all(np.isfinite(times)))
    return replace(
        chain,
        autocorrelation=times,
        converged=known and n_steps >= TIMES_FOR_CONVERGENCE * float(np.max(times)),
        notes=tuple(_notes(n_steps, times, chain.acceptance, wanted=chain.wanted)),
    )


def _notes(n_steps: int, times: Array, acceptance: float, *, wanted: int) -> list[str]:
    notes = []
    if n_steps < wanted:
        notes.append(f"stopped after {n_steps} of {wanted} steps")
    if n_steps and not np.all(np.isfinite(times)):
        notes.append("the chain is too short, or does not move: its autocorrelation is not known")
    elif n_steps and n_steps < TIMES_FOR_CONVERGENCE * times.max():
        longest = float(times.max())
        notes.append(
            f"the chain is {n_steps / longest:.0f} autocorrelation times long; at least "
            f"{TIMES_FOR_CONVERGENCE} are needed: run "
            f"{_rounded(TIMES_FOR_CONVERGENCE * longest)} steps or more"
        )
    if n_steps and acceptance < 0.1:
        notes.append(f"only {100 * acceptance:.0f} % of the steps were taken: a poor chain")
    return notes


def _rounded(steps: float) -> int:
    return int(np.ceil(steps / 100.0)) * 100
