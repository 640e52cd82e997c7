"""What a fit engine measures beside the fit: plain frozen values, and the protocol that gives them.

Luminosity, equivalent width, goodness of fit and a Monte Carlo chain, each by the convention of
the XSPEC command it is named after.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Array = NDArray[np.float64]
    Stop = Callable[[], bool]
    WatchGoodness = Callable[["Goodness"], None]
    WatchChain = Callable[["Chain"], None]


@dataclass(frozen=True, kw_only=True)
class BandLuminosity:
    """Luminosity of the model of one spectrum, as XSPEC's ``lumin``.

    Attributes
    ----------
    spectrum
        Number of the spectrum, from 1.
    low_kev, high_kev
        Band in the rest frame of the source [keV].
    redshift
        Of the source.
    distance_mpc
        Luminosity distance [Mpc].
    luminosity
        4 pi distance^2 times the observed flux of the band, absorption included [erg/s].
    sigma
        Standard deviation, propagated linearly from the covariance; None before a fit.
    unabsorbed
        The same with the columns of all absorption components set to zero.
    range
        Ends of the central ``percent`` of parameters drawn from the covariance; None until asked
        for.
    percent
        How much of the draws lies inside the range [%]; None without it.
    """

    spectrum: int
    low_kev: float
    high_kev: float
    redshift: float
    distance_mpc: float
    luminosity: float
    sigma: float | None = None
    unabsorbed: float | None = None
    range: tuple[float, float] | None = None
    percent: float | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return plain dicts, lists, strings and numbers, ready for JSON."""
        return asdict(self)


@dataclass(frozen=True, kw_only=True)
class EquivalentWidth:
    """Equivalent width of an additive component in the model of one spectrum.

    Attributes
    ----------
    spectrum
        Number of the spectrum, from 1.
    component
        Name of the component.
    energy_kev
        Where its photon spectrum is highest [keV].
    width_kev
        Its photon flux over the continuum's photon flux per keV there [keV].
    range
        Ends of the central ``percent`` of parameters drawn from the covariance [keV]; None until
        asked for.
    percent
        How much of the draws lies inside the range [%]; None without it.
    """

    spectrum: int
    component: str
    energy_kev: float
    width_kev: float
    range: tuple[float, float] | None = None
    percent: float | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return plain dicts, lists, strings and numbers, ready for JSON."""
        return asdict(self)


@dataclass(frozen=True, eq=False, kw_only=True)
class Goodness:
    """How often a simulation of the model has a lower statistic than the data.

    Attributes
    ----------
    test
        Statistic that was compared: ``chi``, ``cstat``, ``pgstat``, ``ks``, ``cvm`` or ``ad``.
    data
        Its value for the data.
    simulated
        (n,) its value for every simulation so far.
    wanted
        How many simulations were asked for.
    notes
        What the user should know.
    """

    test: str
    data: float
    simulated: Array
    wanted: int
    notes: tuple[str, ...] = ()

    @property
    def percent_below(self) -> float | None:
        """Simulations with a lower statistic than the data [%]; some 50 where the fit is good."""
        if not self.simulated.size:
            return None
        return 100.0 * float(np.mean(self.simulated < self.data))


@dataclass(frozen=True, eq=False, kw_only=True)
class Chain:
    """A Markov chain over the free parameters.

    Attributes
    ----------
    names
        Full names of the free parameters.
    samples
        (n_walkers, n_steps, n_names) values after the burn-in; partial ones while it runs.
    statistic
        (n_walkers, n_steps) the fit statistic there.
    acceptance
        Part of the proposed steps that was taken; 0.2 to 0.5 is well.
    autocorrelation
        (n_names,) integrated autocorrelation time [steps]; NaN where it is not known.
    wanted
        Steps that were asked for, burn-in not counted.
    converged
        Whether every autocorrelation time is known and goes 50 times into the chain.
    notes
        What the user should know, first of all whether the chain is long enough.
    """

    names: tuple[str, ...]
    samples: Array
    statistic: Array
    acceptance: float
    autocorrelation: Array
    wanted: int
    converged: bool = False
    notes: tuple[str, ...] = ()

    @property
    def flat(self) -> Array:
        """(n_walkers * n_steps, n_names) all samples, walker after walker."""
        return self.samples.reshape(-1, len(self.names))

    def of(self, name: str) -> Array:
        """(n_walkers * n_steps,) all samples of one parameter."""
        lowered = [known.lower() for known in self.names]
        if name.lower() not in lowered:
            raise KeyError(name)
        return self.flat[:, lowered.index(name.lower())]

    def range(self, name: str, *, percent: float = 90.0) -> tuple[float, float, float]:
        """Lower end, median and upper end of the central part of the samples.

        Parameters
        ----------
        name
            Full name of a free parameter.
        percent
            How much of the samples lies inside [%].
        """
        half = 0.5 * (100.0 - percent)
        low, middle, high = np.percentile(self.of(name), [half, 50.0, 100.0 - half])
        return float(low), float(middle), float(high)


@runtime_checkable
class FitMeter(Protocol):
    """What an engine can measure of its model; a panel asks whether an engine is one."""

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
        """Luminosity of every spectrum's model in a rest-frame band."""
        ...

    def width(
        self, component: str, *, part: float = 0.05, draws: int = 0, percent: float = 90.0
    ) -> tuple[EquivalentWidth, ...]:
        """Equivalent width of an additive component in every spectrum's model."""
        ...

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
        """Simulate spectra from the best fit and compare their statistic with the data's."""
        ...

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
        """Sample the posterior of the free parameters, priors flat inside the hard limits."""
        ...
