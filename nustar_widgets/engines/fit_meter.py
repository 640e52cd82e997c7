"""What the embedded engine measures of its model beside the fit."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from nustar_widgets.engines.fit_chain import Sampler
from nustar_widgets.engines.fit_draws import SEED, central, check_draws, drawn
from nustar_widgets.engines.fit_flux import check_band
from nustar_widgets.engines.fit_goodness import (
    Simulator,
    checked_test,
    goodness_result,
    truths,
    value_of_test,
)
from nustar_widgets.engines.fit_luminosity import (
    check_covered,
    distance_mpc,
    luminosities,
    observed_band,
)
from nustar_widgets.engines.fit_measures import EquivalentWidth, Goodness
from nustar_widgets.engines.fit_state import FitState
from nustar_widgets.engines.fit_threads import one_blas_thread
from nustar_widgets.engines.fit_watch import Pace
from nustar_widgets.engines.fit_width import additive_component, equivalent_width
from nustar_widgets.errors import FitError, ParameterError

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from nustar_widgets.engines.fit_measures import BandLuminosity, Chain
    from nustar_widgets.engines.fitting import BandFlux

    Array: TypeAlias = NDArray[np.float64]
    Stop: TypeAlias = Callable[[], bool]
    WatchGoodness: TypeAlias = Callable[[Goodness], None]
    WatchChain: TypeAlias = Callable[[Chain], None]


class FitMeasures(FitState):
    """A fit that can be measured."""

    def _require_fit(self, what: str) -> None:
        if self._best is None:
            raise FitError(f"{what}: fit first: it starts from the best fit and its covariance")

    def _drawn(self, draws: int, percent: float, what: str) -> Array | None:
        check_draws(draws, percent)
        if draws == 0:
            return None
        self._require_fit(what)
        rng = np.random.default_rng(SEED)
        return drawn(self._objective, self._x, self._covariance(), draws, rng)

    @one_blas_thread()
    def flux(
        self, low_kev: float, high_kev: float, *, draws: int = 0, percent: float = 90.0
    ) -> tuple[BandFlux, ...]:
        """Model flux of every spectrum, on the whole energy grid of its response.

        Standard deviations are propagated linearly from the covariance of the free parameters;
        there are none before a fit.

        Parameters
        ----------
        low_kev, high_kev
            Band [keV].
        draws
            Sets of parameters to draw from the covariance for a range, XSPEC's
            ``flux ... err draws percent``; 0 for none.
        percent
            Part of them inside the range [%].

        Raises
        ------
        ParameterError
            If the band is empty, or the draws make no sense.
        FitError
            If draws are asked for before a fit.
        """
        check_band(low_kev, high_kev)
        sets = self._drawn(draws, percent, "range of a flux")
        band = self._meter.band(low_kev, high_kev)
        covariance = self._covariance() if self._best else None
        return band.results(self.table, self._x, covariance, draws=sets, percent=percent)

    def luminosity(
        self,
        low_kev: float,
        high_kev: float,
        *,
        redshift: float,
        h0: float = 70.0,
        omega_m: float = 0.27,
        draws: int = 0,
        percent: float = 90.0,
    ) -> tuple[BandLuminosity, ...]:
        """Luminosity of every spectrum's model, as XSPEC's ``lumin``.

        Parameters
        ----------
        low_kev, high_kev
            Band in the rest frame of the source [keV].
        redshift
            Of the source.
        h0, omega_m
            Hubble constant [km/s/Mpc] and matter density of a flat universe; as XSPEC's
            ``cosmo 70 0 0.73`` unless given.
        draws, percent
            As in :meth:`flux`.

        Raises
        ------
        ParameterError
            If redshift, cosmology or draws make no sense, the band is empty, or what is observed
            of it lies outside the energies of a response.
        FitError
            If draws are asked for before a fit.
        """
        check_band(low_kev, high_kev)
        distance = distance_mpc(redshift, h0=h0, omega_m=omega_m)
        band = observed_band(low_kev, high_kev, redshift)
        check_covered(self.datasets, band)
        fluxes = self.flux(*band, draws=draws, percent=percent)
        return luminosities(fluxes, low_kev, high_kev, redshift=redshift, distance=distance)

    @one_blas_thread()
    def width(
        self, component: str, *, part: float = 0.05, draws: int = 0, percent: float = 90.0
    ) -> tuple[EquivalentWidth, ...]:
        """Equivalent width of an additive component in every spectrum, as XSPEC's ``eqwidth``.

        Parameters
        ----------
        component
            Its name, as ``gaussian_4``.
        part
            XSPEC's ``RANGE``: the continuum is averaged over this part of the peak's energy to
            both sides; 0 for the peak's own bin.
        draws, percent
            As in :meth:`flux`.

        Raises
        ------
        ParameterError
            If there is no such component, no continuum, or a number makes no sense.
        FitError
            If draws are asked for before a fit.
        """
        if not 0.0 <= part < 1.0:
            raise ParameterError("part", f"{part:g}: expected 0 or more and less than 1, as 0.05")
        name = additive_component(self.model, component)
        sets = self._drawn(draws, percent, "range of an equivalent width")
        best = self._widths(name, part, self._x)
        spread = None if sets is None else np.array([self._widths(name, part, x) for x in sets])
        return tuple(
            _width(number, name, energy, width, None if spread is None else spread[:, number, 1],
                   percent)
            for number, (energy, width) in enumerate(best)
        )  # fmt: skip

    def _widths(self, component: str, part: float, x: Array) -> list[tuple[float, float]]:
        pairs = zip(self._meter.grids, self.table.groups(x), strict=True)
        return [equivalent_width(bound, values, component, part) for bound, values in pairs]

    @one_blas_thread()
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
            Fit every simulation, XSPEC's ``fit``; without it the statistic of a simulation is
            higher by about the number of free parameters than it ought to be.
        seed
            Of the source of chance.
        stop
            Asked before every simulation; True ends with what there is.
        watch
            Told the result so far at most 30 times a second, and at the end.

        Raises
        ------
        ParameterError
            If the test is unknown or ``n`` is no number above 0.
        FitError
            If nothing has been fitted yet.
        """
        if n < 1:
            raise ParameterError("n", f"{n}: expected 1 simulation or more, as 100")
        self._require_fit("goodness")
        chosen = checked_test(test or self.choice.statistic)
        rng = np.random.default_rng(seed)
        simulator = Simulator(folds=self._folds, table=self.table, weight=self._weight, rng=rng)
        sets = truths(self._objective, self._x, self._covariance(), n, rng=rng, draw=draw)
        curvature = self._objective.parabola(self._x).curvature if self._x.size else None
        data, found, pace = self._tested(chosen), list[float](), Pace()
        for x in sets:
            if stop is not None and stop():
                break
            found.append(simulator.test(x, chosen, curvature=curvature, refit=refit))
            if watch is not None and pace.due():
                watch(goodness_result(chosen, data, found, n))
        result = goodness_result(chosen, data, found, n)
        if watch is not None:
            watch(result)
        return result

    def _tested(self, test: str) -> float:
        if test == self.choice.statistic:
            return self.statistic()
        return value_of_test(test, self._folds, self._objective.counts(self._x), self._weight)

    @one_blas_thread()
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
        """Sample the posterior of the free parameters, priors flat inside the hard limits.

        Parameters
        ----------
        walkers
            Even, at least twice the free parameters.
        length, burn
            Steps of every walker that are kept, and steps before that are not.
        seed
            Of the source of chance.
        stop
            Asked before every step; True ends with what there is.
        watch
            Told the chain so far at most four times a second, and at the end.

        Raises
        ------
        ParameterError
            If the chain cannot be run so.
        FitError
            If nothing has been fitted yet.
        """
        self._require_fit("chain")
        sampler = Sampler(self._objective, walkers=walkers, length=length, burn=burn, seed=seed)
        return sampler.run(self._x, self._covariance(), stop=stop, watch=watch)


def _width(
    number: int,
    component: str,
    energy: float,
    width: float,
    spread: Array | None,
    percent: float,
) -> EquivalentWidth:
    if not np.isfinite(width):
        raise ParameterError(
            "component",
            f"the model has no continuum beside {component} at {energy:.4g} keV: there is no "
            "equivalent width",
        )
    known = None if spread is None else spread[np.isfinite(spread)]
    return EquivalentWidth(
        spectrum=number + 1,
        component=component,
        energy_kev=energy,
        width_kev=width,
        range=None if known is None or not known.size else central(known, percent),
        percent=None if known is None else percent,
    )
