"""What is asked of a fit beside its best values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

DELTA_90: Final = 2.706
"""Rise of the statistic at the ends of a 90 % range of one parameter."""


@dataclass(frozen=True, kw_only=True)
class FluxWishes:
    """What the model is to give in bands of energy.

    Attributes
    ----------
    bands_kev
        (low, high) of each band [keV].
    redshift
        Of the source, for luminosities; 0: none are wanted.
    component
        Additive component to measure the equivalent width of; empty: none.
    draws
        Parameters drawn for ranges; 0: standard deviations only.
    """

    bands_kev: tuple[tuple[float, float], ...]
    redshift: float = 0.0
    component: str = ""
    draws: int = 0


@dataclass(frozen=True, kw_only=True)
class Measures:
    """What a script measures after the fit.

    Attributes
    ----------
    delta
        Rise of the statistic that defines confidence ranges; None: no ranges.
    names
        Full names of the parameters whose range is searched; empty: of all free ones.
    fluxes
        Fluxes, or None.
    """

    delta: float | None = DELTA_90
    names: tuple[str, ...] = ()
    fluxes: FluxWishes | None = None


RANGES_90: Final = Measures()
"""90 % ranges of all free parameters."""
