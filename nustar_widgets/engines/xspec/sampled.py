"""A model in XSPEC that chance is asked about: simulated spectra, and Markov chains."""

from __future__ import annotations

import math
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np

from nustar_widgets.engines.fit_chain import PICTURES_PER_SECOND, check_lengths, judged
from nustar_widgets.engines.fit_measures import Chain, Goodness
from nustar_widgets.engines.fit_watch import Pace
from nustar_widgets.engines.xspec import messages as ask
from nustar_widgets.engines.xspec.keeper import StoppedError
from nustar_widgets.engines.xspec.measured import MeasuredModel
from nustar_widgets.errors import ParameterError

if TYPE_CHECKING:
    from collections.abc import Callable

    Stop: TypeAlias = Callable[[], bool]
    WatchGoodness: TypeAlias = Callable[[Goodness], None]
    WatchChain: TypeAlias = Callable[[Chain], None]

TESTS: Final = ("chi", "pchi", "ks", "cvm", "ad")
"""Test statistics of XSPEC, for goodness."""

_OTHER_TEST: Final = "chi"  # XSPEC's own choice where nothing is chosen


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
        """Simulate spectra and compare their statistic with the data's, by XSPEC's ``goodness``.

        XSPEC compares test statistics, and not all fit statistics are among them.

        Parameters
        ----------
        n
            How many simulations.
        test
            Test statistic: ``chi``, ``pchi``, ``ks``, ``cvm`` or ``ad``; None: the one that was
            fitted, or ``chi`` where XSPEC does not compare that, which the notes say.
        draw
            Draw the parameters of each simulation from the covariance, XSPEC's ``sim``.
        refit
            Fit every simulation, XSPEC's ``fit``.
        seed
            Of XSPEC's source of chance.
        stop
            True ends with what there is.
        watch
            Told the result so far at most 30 times a second, and at the end.

        Raises
        ------
        ParameterError
            If XSPEC has no such test, or ``n`` is no number above 0.
        FitError
            If nothing has been fitted yet, or XSPEC cannot do it, or failed.
        """
        if n < 1:
            raise ParameterError("n", f"{n}: expected 1 simulation or more, as 100")
        self._require_fit("goodness")
        fitted = self.choice.statistic
        tests = (fitted, _OTHER_TEST) if test is None else (_checked(test),)
        values: list[float] = []
        about: dict[str, Any] = {}
        pace = Pace()

        def told(message: dict[str, Any]) -> None:
            about.update(message)
            values.append(float(message["value"]))
            if watch is not None and pace.due():
                watch(_goodness(about, values, n, fitted if test is None else ""))

        request = ask.Goodness(n, tests, draw, refit, _seed(seed))
        try:
            about.update(self._ask(request, stop=stop, told=told))
        except StoppedError:
            about = {"test": tests[-1], "data": math.nan} | about
        result = _goodness(about, values, n, fitted if test is None else "")
        if watch is not None:
            watch(result)
        return result

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


def _checked(test: str) -> str:
    if test.lower() not in TESTS:
        raise ParameterError(
            "test", f"XSPEC compares no {test!r}: expected one of {', '.join(TESTS)}"
        )
    return test.lower()


def _goodness(about: dict[str, Any], values: list[float], wanted: int, fitted: str) -> Goodness:
    test, n = str(about["test"]), len(values)
    notes = [] if n == wanted else [f"stopped after {n} of {wanted} simulations"]
    if fitted not in ("", test):
        notes.append(f"XSPEC's goodness compares no {fitted}: {test} is compared instead")
    return Goodness(
        test=test,
        data=float(about["data"]),
        simulated=np.array(values),
        wanted=wanted,
        notes=tuple(notes),
    )


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
