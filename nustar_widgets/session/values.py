"""The frozen values a session is made of. No arrays, no files, no widgets."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class ParameterChoice:
    """What the user set for one parameter of a spectral model; ``None`` leaves the default.

    Attributes
    ----------
    name
        XSPEC name: ``powerlaw.PhoIndex``; ``gaussian_4.LineE`` where the component occurs more
        than once (the number counts components from 1); ``constant.factor[2]`` for the second
        spectrum.
    value
        Start value, in the parameter's own unit.
    frozen
        Kept fixed in a fit.
    min, max
        Hard limits.
    link
        Expression over other parameter names, as ``2*gaussian_4.norm``; such a parameter is not
        free.
    """

    name: str
    value: float | None = None
    frozen: bool | None = None
    min: float | None = None
    max: float | None = None
    link: str | None = None


@dataclass(frozen=True, kw_only=True)
class FitChoice:
    """How the spectra are to be fitted.

    Attributes
    ----------
    expression
        XSPEC model expression.
    parameters
        Departures from the model's own defaults.
    statistic
        ``chi``, ``cstat`` (W where a background is loaded) or ``pgstat``.
    notice_kev
        Energy ranges to fit [keV]; everything else is ignored.
    abundance
        Abundance table of the absorption models, as XSPEC's ``abund``.
    cross_section
        Photoelectric cross sections, as XSPEC's ``xsect``.
    """

    expression: str = "constant*tbabs*powerlaw"
    parameters: tuple[ParameterChoice, ...] = ()
    statistic: str = "cstat"
    notice_kev: tuple[tuple[float, float], ...] = ((3.0, 79.0),)
    abundance: str = "wilm"
    cross_section: str = "vern"
