"""What a fit engine does, and what a fit gives: plain frozen values that go into JSON."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from nustar_widgets.engines.fit_parameters import FitParameter
    from nustar_widgets.session.values import FitChoice, ParameterChoice
    from nustar_widgets.spectra.folding import SpectralData

    Stop = Callable[[], bool]
    Progress = Callable[[str], None]
    WatchFit = Callable[["FitStep"], None]
    WatchErrors = Callable[["FitResult"], None]
    WatchContour = Callable[["Contour"], None]

NOT_FITTED = "not fitted"
"""Status of a result whose values are not those of a fit."""

ERROR_FLAGS = (
    "new minimum found",
    "not monotonic",
    "minimisation ran into a problem",
    "hit the lower limit",
    "hit the upper limit",
    "parameter is frozen",
    "search failed downwards",
    "search failed upwards",
    "reduced chi-squared too high",
)
"""Meaning of the nine letters of XSPEC's ``error`` status, in their order; all F is well."""


@dataclass(frozen=True, kw_only=True)
class ParameterResult:
    """One parameter after a fit.

    Attributes
    ----------
    component
        Component it belongs to, as ``gaussian_4``.
    name
        Full name, as ``gaussian_4.LineE``; ``constant.factor[2]`` for the second spectrum.
    unit
        Unit of the values, empty where there is none.
    value
        Best value, or the fixed one.
    sigma
        Standard deviation from the curvature at the best fit; None if not free or unknown.
    error_low, error_high
        Ends of the confidence range, in the unit of the value (not differences from it); None
        until asked for, or where the search found none.
    status
        XSPEC's nine letters for the confidence range, see :data:`ERROR_FLAGS`; empty until
        asked for.
    frozen
        Kept fixed.
    link
        Expression it follows; None if it has a value of its own.
    at_limit
        The value is at a hard limit.
    """

    component: str
    name: str
    unit: str
    value: float
    sigma: float | None = None
    error_low: float | None = None
    error_high: float | None = None
    status: str = ""
    frozen: bool = False
    link: str | None = None
    at_limit: bool = False

    @property
    def free(self) -> bool:
        """Whether the fit moved it."""
        return not self.frozen and self.link is None

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the status letters say, in words."""
        return tuple(
            text for flag, text in zip(self.status, ERROR_FLAGS, strict=False) if flag == "T"
        )


@dataclass(frozen=True, kw_only=True)
class BandFlux:
    """Model flux of one spectrum in a band.

    Attributes
    ----------
    spectrum
        Number of the spectrum, from 1.
    low_kev, high_kev
        Band [keV].
    photons
        Photon flux [photons/cm^2/s].
    energy
        Energy flux [erg/cm^2/s].
    photons_sigma, energy_sigma
        Standard deviations, propagated linearly from the covariance of the free parameters;
        None before a fit.
    unabsorbed_energy
        Energy flux with the columns of all absorption components set to zero [erg/cm^2/s].
    photons_range, energy_range
        Ends of the central ``percent`` of the fluxes of parameters drawn from the covariance, as
        XSPEC's ``flux ... err``; None until asked for.
    percent
        How much of the draws lies inside the ranges [%]; None without them.
    """

    spectrum: int
    low_kev: float
    high_kev: float
    photons: float
    energy: float
    photons_sigma: float | None = None
    energy_sigma: float | None = None
    unabsorbed_energy: float | None = None
    photons_range: tuple[float, float] | None = None
    energy_range: tuple[float, float] | None = None
    percent: float | None = None


@dataclass(frozen=True, kw_only=True)
class FitResult:
    """Outcome of a fit.

    Attributes
    ----------
    expression
        Model expression.
    statistic_name
        ``chi``, ``cstat`` or ``pgstat``.
    statistic
        Its value at the best fit.
    dof
        Bins in use less free parameters.
    n_bins
        Bins in use, per spectrum.
    parameters
        All parameters, those of later spectra after those of the first.
    covariance
        Covariance of the free parameters, in their order; empty if unknown.
    fluxes
        Model fluxes of every spectrum and band.
    delta
        Rise of the statistic that defines the confidence ranges; None until asked for.
    status
        ``converged``, ``stopped`` (by the caller) or ``not converged``.
    notes
        What the user should know.
    data_key
        Same for two fits of the same bins and counts; empty if unknown.
    """

    expression: str
    statistic_name: str
    statistic: float
    dof: int
    n_bins: tuple[int, ...]
    parameters: tuple[ParameterResult, ...]
    covariance: tuple[tuple[float, ...], ...] = ()
    fluxes: tuple[BandFlux, ...] = ()
    delta: float | None = None
    status: str = "converged"
    notes: tuple[str, ...] = ()
    data_key: str = ""

    @property
    def free(self) -> tuple[ParameterResult, ...]:
        """Free parameters, in the order of the covariance."""
        return tuple(parameter for parameter in self.parameters if parameter.free)

    def __getitem__(self, name: str) -> ParameterResult:
        """Return the parameter of this full name."""
        for parameter in self.parameters:
            if parameter.name.lower() == name.lower():
                return parameter
        raise KeyError(name)

    def to_dict(self) -> dict[str, Any]:
        """Return plain dicts, lists, strings and numbers, ready for JSON."""
        return asdict(self)


@dataclass(frozen=True, eq=False, kw_only=True)
class ModelCurve:
    """Folded model of one spectrum, for a plot.

    Attributes
    ----------
    spectrum
        Number of the spectrum, from 1.
    lo_kev, hi_kev
        (n_bins,) bin edges [keV].
    total
        (n_bins,) predicted counts in the source region, without background.
    components
        (n_bins,) predicted counts of every additive component, by its name.
    """

    spectrum: int
    lo_kev: NDArray[np.float64]
    hi_kev: NDArray[np.float64]
    total: NDArray[np.float64]
    components: dict[str, NDArray[np.float64]]


@dataclass(frozen=True, eq=False, kw_only=True)
class Contour:
    """The statistic over two parameters, all others fitted at each point.

    Attributes
    ----------
    name_x, name_y
        Full names of the parameters.
    x, y
        (n_x,) and (n_y,) their values.
    statistic
        (n_y, n_x) the statistic; NaN where the search was stopped.
    best
        Statistic of the best fit.
    """

    name_x: str
    name_y: str
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    statistic: NDArray[np.float64]
    best: float


@dataclass(frozen=True, eq=False, kw_only=True)
class FitStep:
    """Where a fit is on its way.

    Attributes
    ----------
    n_evaluations
        How often the statistic was evaluated so far.
    statistic
        The lowest so far.
    values
        All parameters there, by full name.
    trace
        Evaluations and lowest statistic at every step so far, also those nobody was told of.
    """

    n_evaluations: int
    statistic: float
    values: Mapping[str, float]
    trace: tuple[tuple[int, float], ...] = ()


class FitTable(Protocol):
    """The parameters of a fit. Their present values are :attr:`FitEngine.values`."""

    @property
    def rows(self) -> tuple[FitParameter, ...]:
        """All parameters: name, unit, start value, hard limits, step, frozen, link."""
        ...

    @property
    def names(self) -> tuple[str, ...]:
        """Full names of the free ones, in the order of the covariance."""
        ...

    def retold(self, choices: Iterable[ParameterChoice]) -> FitTable:
        """Return the parameters of the same model and spectra as other choices have them.

        Raises
        ------
        ParameterError
            A choice names no parameter, or lies outside its limits.
        """
        ...


class FitEngine(Protocol):
    """Fits a model to spectra. Which engine does it is none of the caller's business.

    What it measures beside the fit is in :class:`~nustar_widgets.engines.fit_measures.FitMeter`.
    """

    @property
    def name(self) -> str:
        """``embedded`` or ``xspec``."""
        ...

    @property
    def datasets(self) -> tuple[SpectralData, ...]:
        """The spectra, with the bins in use."""
        ...

    @property
    def choice(self) -> FitChoice:
        """What was to be fitted: model, start values, statistic."""
        ...

    @property
    def table(self) -> FitTable:
        """Names, limits and links of all parameters."""
        ...

    @property
    def values(self) -> dict[str, float]:
        """Present value of every parameter by its full name, linked ones too."""
        ...

    def set(self, values: Mapping[str, float]) -> None:
        """Put parameters at given values, all or none; what was fitted before is forgotten."""
        ...

    def statistic(self) -> float:
        """Value of the statistic at the present parameter values."""
        ...

    def photons(self) -> tuple[NDArray[np.float64], ...]:
        """(n_energy,) model of every spectrum in its ``edges_kev`` [photons/cm^2/s per bin]."""
        ...

    def curves(self) -> tuple[ModelCurve, ...]:
        """Folded model of every spectrum."""
        ...

    def fit(self, *, stop: Stop | None = None, watch: WatchFit | None = None) -> FitResult:
        """Move the free parameters to the best fit.

        ``watch`` is told at most some 30 times a second, and always at the end. A ``stop`` keeps
        the best so far, with status ``stopped``.
        """
        ...

    def errors(
        self,
        names: Sequence[str] | None = None,
        *,
        delta: float = 2.706,
        stop: Stop | None = None,
        progress: Progress | None = None,
        watch: WatchErrors | None = None,
    ) -> FitResult:
        """Confidence ranges of some or all free parameters, each named to ``progress``.

        ``watch`` is told the result so far after every parameter.
        """
        ...

    def contour(
        self,
        name_x: str,
        name_y: str,
        *,
        x: Sequence[float] | NDArray[np.float64],
        y: Sequence[float] | NDArray[np.float64],
        stop: Stop | None = None,
        watch: WatchContour | None = None,
    ) -> Contour:
        """Map the statistic over two parameters.

        ``watch`` is told the picture so far, NaN where nothing is known yet.
        """
        ...

    def flux(
        self, low_kev: float, high_kev: float, *, draws: int = 0, percent: float = 90.0
    ) -> tuple[BandFlux, ...]:
        """Model flux of every spectrum in a band; with ``draws``, ranges from the covariance."""
        ...

    def result(self, *, bands_kev: Sequence[tuple[float, float]] = ()) -> FitResult:
        """Everything known at the present values."""
        ...

    def close(self) -> None:
        """Give back what the engine holds, as a process of its own; it is not used after."""
        ...
