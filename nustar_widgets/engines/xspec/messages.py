"""What can be asked of the XSPEC process; every request is answered once.

Parameters are told apart by data group and place in the model, both counted from 1 as XSPEC does.
An answer is ``{"kind": "done", "id": ..., ...}`` or ``{"kind": "refused", "id": ..., "problem":
...}``; before it may come any number of ``{"kind": "progress", "id": ..., ...}``. :func:`stop`
alone is not answered: it makes a fit answer soon.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, ClassVar


@dataclass(frozen=True)
class Request:
    """One thing to ask."""

    kind: ClassVar[str]
    doing: ClassVar[str]
    """What XSPEC does meanwhile, for people."""
    is_long: ClassVar[bool] = False
    """Whether XSPEC may be silent for long meanwhile."""

    def to_dict(self, number: int) -> dict[str, Any]:
        """Return plain dicts, lists, strings and numbers.

        Parameters
        ----------
        number
            Comes back with the answer.
        """
        return {"kind": self.kind, "id": number, **asdict(self)}


@dataclass(frozen=True)
class Load(Request):
    """Load spectra, each as a data group; files lie in the folder of the process.

    Attributes
    ----------
    files
        Names of the spectra, which name background and responses themselves.
    ignored
        Of every spectrum, the bins out of use: first and last, counted from 1 after grouping.
    """

    kind = "load"
    doing = "was loading the spectra"
    is_long = True
    files: tuple[str, ...]
    ignored: tuple[tuple[tuple[int, int], ...], ...]


@dataclass(frozen=True)
class Define(Request):
    """Define the model. The answer describes its components and parameters.

    Attributes
    ----------
    expression
        Model expression.
    abundance, cross_section
        XSPEC's ``abund`` and ``xsect``.
    local_models
        Package and folder of models to load before, as XSPEC's ``lmod``.
    """

    kind = "define"
    doing = "was defining the model"
    expression: str
    abundance: str
    cross_section: str
    local_models: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Setting:
    """How one parameter is to be.

    Attributes
    ----------
    group, place
        Data group, and place in the model.
    values
        XSPEC's six: value, step, hard minimum, soft minimum, soft maximum, hard maximum.
    frozen
        Kept fixed.
    link
        XSPEC's expression it follows; None for a value of its own.
    """

    group: int
    place: int
    values: tuple[float, ...]
    frozen: bool
    link: str | None = None


@dataclass(frozen=True)
class Configure(Request):
    """Set statistic and parameters of a model just defined.

    Attributes
    ----------
    statistic, weight
        XSPEC's names.
    settings
        Of all parameters that are not as XSPEC has them after ``model``.
    """

    kind = "configure"
    doing = "was setting the parameters"
    statistic: str
    weight: str
    settings: tuple[Setting, ...]


@dataclass(frozen=True)
class SetValues(Request):
    """Put parameters at values: (data group, place, value) each."""

    kind = "set"
    doing = "was setting values"
    values: tuple[tuple[int, int, float], ...]


@dataclass(frozen=True)
class Photons(Request):
    """The model of every spectrum in the energy bins of its response: arrays of photons/cm2/s."""

    kind = "photons"
    doing = "was evaluating the model"


@dataclass(frozen=True)
class Parts(Request):
    """Each additive component of every spectrum, as :class:`Photons`.

    Attributes
    ----------
    norms
        Of every additive component, its place for the norm.
    """

    kind = "parts"
    doing = "was evaluating components"
    norms: tuple[int, ...]


@dataclass(frozen=True)
class Folded(Request):
    """Rates of every spectrum, in all and of every additive component: arrays of counts/s.

    Attributes
    ----------
    norms
        Of every additive component, its place for the norm.
    """

    kind = "folded"
    doing = "was folding the model"
    norms: tuple[int, ...]


@dataclass(frozen=True)
class Fit(Request):
    """Fit, one iteration at a time; progress after each.

    Attributes
    ----------
    iterations
        At most so many.
    tolerance
        Converged where the statistic falls by less, confirmed by a whole fit.
    """

    kind = "fit"
    doing = "was fitting"
    is_long = True
    iterations: int = 200
    tolerance: float = 1e-4


@dataclass(frozen=True)
class Errors(Request):
    """Search the confidence range of one parameter.

    Attributes
    ----------
    group, place
        Which parameter.
    delta
        Rise of the statistic.
    """

    kind = "errors"
    doing = "was searching a confidence range"
    is_long = True
    group: int
    place: int
    delta: float


@dataclass(frozen=True)
class Row(Request):
    """One row of a contour: the second parameter held, the statistic at values of the first.

    Attributes
    ----------
    x, y
        Data group and place of the two parameters.
    at
        Value of the second.
    values
        Values of the first.
    """

    kind = "row"
    doing = "was mapping the statistic"
    is_long = True
    x: tuple[int, int]
    y: tuple[int, int]
    at: float
    values: tuple[float, ...]


@dataclass(frozen=True)
class Flux(Request):
    """Fluxes of every spectrum in a band.

    Attributes
    ----------
    low_kev, high_kev
        Band [keV].
    trials
        Sets of values to give the flux at beside the present ones.
    draws, percent
        Parameters to draw from the covariance for a range at the present values, and how much of
        them it holds [%].
    seed
        Of the source of chance.
    redshift, cosmology
        For luminosities instead, XSPEC's ``lumin`` and ``cosmo``: H0 [km/s/Mpc], q0, Lambda0.
    """

    kind = "flux"
    doing = "was measuring a flux"
    is_long = True
    low_kev: float
    high_kev: float
    trials: tuple[tuple[tuple[int, int, float], ...], ...] = ()
    draws: int = 0
    percent: float = 90.0
    seed: int = 1
    redshift: float | None = None
    cosmology: tuple[float, float, float] = (70.0, 0.0, 0.73)


@dataclass(frozen=True)
class Width(Request):
    """Equivalent widths: of every spectrum three numbers [keV]; then its photons of the component.

    Attributes
    ----------
    component
        Its number in the model.
    kept, norms
        Place of its norm, and of those of all additive components.
    part
        XSPEC's ``range``.
    draws, percent, seed
        As for :class:`Flux`.
    """

    kind = "width"
    doing = "was measuring an equivalent width"
    is_long = True
    component: int
    kept: int
    norms: tuple[int, ...]
    part: float
    draws: int
    percent: float
    seed: int


@dataclass(frozen=True)
class Exchange(Request):
    """Load other spectra of the same bins and responses; the model stays as it is.

    Attributes
    ----------
    files, ignored
        As for :class:`Load`.
    """

    kind = "exchange"
    doing = "was loading spectra"
    is_long = True
    files: tuple[str, ...]
    ignored: tuple[tuple[tuple[int, int], ...], ...]


@dataclass(frozen=True)
class Tested(Request):
    """The test statistic of what is loaded; values are as before afterwards.

    Attributes
    ----------
    test
        Name of the test statistic, or of a fit statistic.
    refit
        Fit before.
    """

    kind = "tested"
    doing = "was fitting a simulation"
    is_long = True
    test: str
    refit: bool = False


@dataclass(frozen=True)
class Chain(Request):
    """Run a Goodman-Weare chain; progress with rows: free parameters, and the statistic.

    Attributes
    ----------
    walkers
        How many.
    steps
        Of each, burn-in included.
    seed
        Of the source of chance.
    """

    kind = "chain"
    doing = "was running a chain"
    is_long = True
    walkers: int
    steps: int
    seed: int


@dataclass(frozen=True)
class Save(Request):
    """Write everything to an .xcm file, as XSPEC's ``save all``.

    Attributes
    ----------
    path
        The file.
    """

    kind = "save"
    doing = "was saving"
    path: str


def stop(number: int) -> dict[str, Any]:
    """Return the message that makes a fit answer with what it has.

    Parameters
    ----------
    number
        Of the request.
    """
    return {"kind": "stop", "id": number}
