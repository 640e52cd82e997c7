"""A model in XSPEC that chance is asked about: simulated spectra, and Markov chains."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from nustar_widgets.engines.fit_chain import PICTURES_PER_SECOND, check_lengths, judged
from nustar_widgets.engines.fit_goodness import (
    checked_test,
    goodness_result,
    simulated,
    truths,
)
from nustar_widgets.engines.fit_measures import Chain, Goodness
from nustar_widgets.engines.fit_watch import Pace
from nustar_widgets.engines.xspec import messages as ask
from nustar_widgets.engines.xspec.keeper import StoppedError
from nustar_widgets.engines.xspec.measured import MeasuredModel
from nustar_widgets.engines.xspec.staging import stage_counts, unused_bins
from nustar_widgets.errors import ParameterError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    Array: TypeAlias = NDArray[np.float64]
    Stop: TypeAlias = Callable[[], bool]
    WatchGoodness: TypeAlias = Callable[[Goodness], None]
    WatchChain: TypeAlias = Callable[[Chain], None]


class SampledModel(MeasuredModel):
    """A model of XSPEC to simulate from, and to sample."""

    def goodness(
        self,
        n: int = 100,
        *,
        test: str | None = None,
        draw: bool = False,
        refit: bool = True,
        seed: int | None = None,
        stop: Stop | None = None,
        watch: WatchGoodness | None = None,
    ) -> Goodness:
        """Simulate spectra from the best fit and compare their statistic with the data's.

        As XSPEC's ``goodness``, but the spectra are simulated here, then loaded and fitted by
        XSPEC: 12.9.1 cannot fit its own ones for ``cstat`` and ``pgstat`` (it begins before it
        knows the derivatives, and gives up), makes all from the parameters it draws first, and
        compares none of those two statistics.

        Parameters
        ----------
        n
            How many simulations.
        test
            Test statistic: ``chi``, ``cstat``, ``pgstat``, ``ks``, ``cvm`` or ``ad``; None: the
            one that was fitted.
        draw
            Draw the parameters of each simulation from the covariance, XSPEC's ``sim``; otherwise
            all have the best ones, ``nosim``.
        refit
            Fit every simulation, XSPEC's ``fit``.
        seed
            Of the source of chance.
        stop
            True ends with what there is.
        watch
            Told the result so far at most 30 times a second, and at the end.

        Raises
        ------
        ParameterError
            If the test is unknown or ``n`` is no number above 0.
        FitError
            If nothing has been fitted yet, or XSPEC cannot do it, or failed.
        """
        if n < 1:
            raise ParameterError("n", f"{n}: expected 1 simulation or more, as 100")
        self._require_fit("goodness")
        chosen = checked_test(test or self.choice.statistic)
        rng = np.random.default_rng(seed)
        data = float(self._ask(ask.Tested(chosen))["value"])
        found, pace = list[float](), Pace()
        for value in self._simulations(chosen, self._truths(n, rng, draw=draw), rng, refit, stop):
            found.append(value)
            if watch is not None and pace.due():
                watch(goodness_result(chosen, data, found, n))
        result = goodness_result(chosen, data, found, n)
        if watch is not None:
            watch(result)
        return result

    def _truths(self, n: int, rng: np.random.Generator, *, draw: bool) -> Array:
        x = self._standing.free(self._table)
        rows = [self._table.rows[row] for row in self._table.free]
        limits = _Limits(np.array([r.min for r in rows]), np.array([r.max for r in rows]))
        return truths(limits, x, self._standing.covariance, n, rng=rng, draw=draw)

    def _simulations(
        self, test: str, sets: Array, rng: np.random.Generator, refit: bool, stop: Stop | None
    ) -> Iterator[float]:
        """Yield the test statistic of one simulation after the other."""
        here = self._standing.values
        best, ignored = self.counts(), tuple(unused_bins(data) for data in self.datasets)
        here_own = ask.SetValues(self._own(here))
        free = self._standing.free(self._table)
        process = self._keeper.process
        try:
            for x in sets:
                if stop is not None and stop():
                    return
                counts = best
                if not np.array_equal(x, free):
                    self._ask(ask.SetValues(self._own(self._table.full(x))), stop=stop)
                    counts = self.counts()
                made = [simulated(d, c, rng) for d, c in zip(self.datasets, counts, strict=True)]
                files = stage_counts(made, self._keeper.folder)
                self._ask(ask.Exchange(files, ignored), stop=stop)
                yield float(self._ask(ask.Tested(test, refit), stop=stop)["value"])
        except StoppedError:
            return
        finally:
            if self._keeper.process is process:  # a new one begins with the data as they were
                self._ask(ask.Exchange(self._files, ignored))
                self._ask(here_own)
            else:
                self._keeper.bring(here_own)

    def chain(
        self,
        *,
        walkers: int = 20,
        length: int = 500,
        burn: int = 200,
        seed: int | None = None,
        stop: Stop | None = None,
        watch: WatchChain | None = None,
    ) -> Chain:
        """Sample the posterior of the free parameters, by XSPEC's ``chain type gw``.

        Parameters
        ----------
        walkers
            Even, at least twice the free parameters.
        length, burn
            Steps of every walker that are kept, and steps before that are not.
        seed
            Of XSPEC's source of chance.
        stop
            True ends with what there is.
        watch
            Told the chain so far at most four times a second, and at the end.

        Raises
        ------
        ParameterError
            If the chain cannot be run so.
        FitError
            If nothing has been fitted yet, or XSPEC cannot do it, or failed.
        """
        self._require_fit("chain")
        check_lengths(walkers, length, burn, len(self._table.free))
        rows: list[list[float]] = []
        pace = Pace(PICTURES_PER_SECOND)

        def so_far() -> Chain:
            return _chain(self._table.names, rows, walkers=walkers, burn=burn, wanted=length)

        def told(message: dict[str, Any]) -> None:
            rows.extend(message["rows"])
            if watch is not None and len(rows) > burn * walkers and pace.due():
                watch(so_far())

        if stop is None or not stop():
            with suppress(StoppedError):  # what was told by then is kept
                self._ask(ask.Chain(walkers, burn + length, _seed(seed)), stop=stop, told=told)
        found = judged(so_far())
        if watch is not None:
            watch(found)
        return found


@dataclass(frozen=True)
class _Limits:
    """Hard limits of the free parameters."""

    low: Array
    high: Array


def _chain(
    names: tuple[str, ...], rows: list[list[float]], *, walkers: int, burn: int, wanted: int
) -> Chain:
    """Return a chain of its rows, one walker after the other in every step."""
    n_steps = len(rows) // walkers
    told = np.array(rows[: n_steps * walkers], dtype=np.float64)
    steps = told.reshape(n_steps, walkers, len(names) + 1)
    moved = np.any(steps[1:, :, :-1] != steps[:-1, :, :-1], axis=2)
    kept = np.swapaxes(steps[burn:], 0, 1)
    return Chain(
        names=names,
        samples=kept[:, :, :-1].copy(),
        statistic=kept[:, :, -1].copy(),
        acceptance=float(np.mean(moved)) if moved.size else 0.0,
        autocorrelation=np.full(len(names), np.nan),
        wanted=wanted,
    )


def _seed(seed: int | None) -> int:
    """Return a seed XSPEC takes; one by chance for None."""
    return int(np.random.default_rng(seed).integers(1, 2**31 - 1))
