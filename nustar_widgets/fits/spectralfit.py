"""A spectral fit in a few lines of Python: for scripts and notebooks."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

from nustar_widgets.engines.fit_embedded import EmbeddedFit
from nustar_widgets.engines.fit_measures import BandLuminosity, EquivalentWidth
from nustar_widgets.engines.fitting import BandFlux, FitResult
from nustar_widgets.errors import ParameterError
from nustar_widgets.fitjob import summary
from nustar_widgets.fits.spectra import load_spectra
from nustar_widgets.session.measures import DELTA_90
from nustar_widgets.session.values import (
    FitChoice,
    GroupingChoice,
    ParameterChoice,
    SpectrumInput,
)

SpectrumFiles = str | Path | Mapping[str, str]


class SpectralFit:
    """A model fitted to one or more spectra, as XSPEC does it, without XSPEC.

    Parameters
    ----------
    spectra
        The files. Background, ARF and RMF are those the spectra name, beside them; where others are
        wanted, a dict of ``pha``, ``background``, ``arf`` and ``rmf``.
    model
        XSPEC model expression.
    parameters
        What is set for parameters, by their full names: ``value``, ``frozen``, ``min``, ``max``,
        ``link``; as ``{"TBabs.nH": {"value": 0.04, "frozen": True}}``. ``[2]`` after a name means
        the second spectrum.
    statistic
        ``cstat`` (W where there is a background), ``chi`` or ``pgstat``.
    notice_kev
        Energy ranges to fit [keV].
    abundance, cross_section
        As XSPEC's ``abund`` and ``xsect``.
    grouping
        How the channels are grouped for the fit, in the words of ftgrouppha, as
        ``{"grouptype": "optmin", "groupscale": 20}``; ``None``: as the files are.

    Raises
    ------
    NustarWidgetsError
        A file, the model or a parameter is wrong.

    Examples
    --------
    >>> fit = SpectralFit(["nuA01_sr_grp.pha"], "tbabs*powerlaw")  # doctest: +SKIP
    >>> fit.fit()  # doctest: +SKIP
    >>> print(fit)  # doctest: +SKIP
    """

    def __init__(
        self,
        spectra: Sequence[SpectrumFiles],
        model: str,
        *,
        parameters: Mapping[str, Mapping[str, Any]] | None = None,
        statistic: str = "cstat",
        notice_kev: Sequence[tuple[float, float]] = ((3.0, 79.0),),
        abundance: str = "wilm",
        cross_section: str = "vern",
        grouping: Mapping[str, Any] | None = None,
    ) -> None:
        choice = FitChoice(
            expression=model,
            parameters=tuple(_parameter(name, item) for name, item in (parameters or {}).items()),
            statistic=statistic,
            notice_kev=tuple((float(low), float(high)) for low, high in notice_kev),
            abundance=abundance,
            cross_section=cross_section,
            grouping=None if grouping is None else _grouping(grouping),
        )
        loaded = load_spectra(tuple(map(_input, spectra)), lambda _: None)
        self.engine = EmbeddedFit(loaded.chosen(choice), choice)
        """The engine, for all it can do beside this."""
        self._fluxes: tuple[BandFlux, ...] = ()

    @property
    def result(self) -> FitResult:
        """What is known: statistic, values, errors."""
        return self.engine.result()

    def fit(self) -> FitResult:
        """Move the free parameters to the best fit.

        Returns
        -------
        FitResult
            Statistic and values; ``result["powerlaw.PhoIndex"].value`` is one of them.
        """
        self._fluxes = ()
        return self.engine.fit()

    def errors(self, names: Sequence[str] | None = None, *, delta: float = DELTA_90) -> FitResult:
        """Search confidence ranges.

        Parameters
        ----------
        names
            Full names of parameters; all free ones by default.
        delta
            Rise of the statistic: 1.0 for 1 sigma, 2.706 for 90 %.
        """
        return self.engine.errors(names, delta=delta)

    def flux(self, low_kev: float, high_kev: float, *, draws: int = 0) -> tuple[BandFlux, ...]:
        """Return the flux of the model of every spectrum in a band.

        Parameters
        ----------
        low_kev, high_kev
            The band [keV].
        draws
            Parameters drawn from the covariance for a 90 % range; 0 for standard deviations only.
        """
        found = self.engine.flux(low_kev, high_kev, draws=draws)
        self._fluxes += found
        return found

    def luminosity(
        self, low_kev: float, high_kev: float, *, redshift: float, draws: int = 0
    ) -> tuple[BandLuminosity, ...]:
        """Return the luminosity of the model of every spectrum in a band of its rest frame.

        Parameters
        ----------
        low_kev, high_kev
            The band [keV].
        redshift
            Of the source; H0 = 70 km/s/Mpc, flat, Omega_m = 0.27.
        draws
            As of `flux`.
        """
        return self.engine.luminosity(low_kev, high_kev, redshift=redshift, draws=draws)

    def width(self, component: str, *, draws: int = 0) -> tuple[EquivalentWidth, ...]:
        """Return the equivalent width of a component in the model of every spectrum.

        Parameters
        ----------
        component
            Name of an additive component.
        draws
            As of `flux`.
        """
        return self.engine.width(component, draws=draws)

    def __repr__(self) -> str:
        lines = [summary(self.result)]
        names = [data.spectrum.name for data in self.engine.datasets]
        lines += [f"  {_flux_line(item, names[item.spectrum - 1])}" for item in self._fluxes]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        """Show data, model, residuals and the parameters in a notebook."""
        from nustar_widgets.report.fitpage import spectrum_picture  # noqa: PLC0415  # matplotlib

        picture = spectrum_picture(self.engine)
        return (
            f'<img src="{picture.uri}" alt="{html.escape(picture.title)}" style="max-width:100%">'
            f"<pre>{html.escape(repr(self))}</pre>"
        )


def _parameter(name: str, given: Mapping[str, Any]) -> ParameterChoice:
    known = {item.name for item in fields(ParameterChoice)} - {"name"}
    if others := sorted(set(given) - known):
        raise ParameterError(name, f"{others[0]!r}: expected {', '.join(sorted(known))}")
    return ParameterChoice(name=name, **given)


def _grouping(given: Mapping[str, Any]) -> GroupingChoice:
    known = {item.name for item in fields(GroupingChoice)}
    if others := sorted(set(given) - known):
        raise ParameterError("grouping", f"{others[0]!r}: expected {', '.join(sorted(known))}")
    return GroupingChoice(**given)


def _input(given: SpectrumFiles) -> SpectrumInput:
    if isinstance(given, Mapping):
        known = {item.name for item in fields(SpectrumInput)}
        if "pha" not in given or set(given) - known:
            raise ParameterError("spectra", f"{dict(given)!r}: expected {', '.join(sorted(known))}")
        return SpectrumInput(**given)
    return SpectrumInput(pha=str(given))


def _flux_line(flux: BandFlux, name: str) -> str:
    sigma = "" if flux.energy_sigma is None else f" +- {flux.energy_sigma:.1g}"
    return (
        f"flux {flux.low_kev:g}-{flux.high_kev:g} keV, {name}: {flux.energy:.4g}{sigma} erg/cm^2/s"
    )
