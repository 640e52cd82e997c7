"""Fluxes, luminosities and equivalent widths that were measured, as tables."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from nustar_widgets.engines.fit_measures import FitMeter
from nustar_widgets.errors import FitError
from nustar_widgets.panels.fitting.fitnumbers import number, with_error
from nustar_widgets.session.measures import FluxWishes

if TYPE_CHECKING:
    from nustar_widgets.engines.fit_measures import BandLuminosity, EquivalentWidth
    from nustar_widgets.engines.fitting import BandFlux, FitEngine

DRAWS: Final = 1000
"""Parameters drawn from the covariance for a range."""

PERCENT: Final = 90.0
"""How much of the draws lies inside a range [%]."""


@dataclass(frozen=True, kw_only=True)
class Fluxes:
    """What was measured.

    Attributes
    ----------
    names
        Names of the spectra.
    values
        The parameters it was measured at.
    fluxes, luminosities, widths
        What was found.
    """

    names: tuple[str, ...]
    values: dict[str, float] = field(default_factory=dict)
    fluxes: tuple[BandFlux, ...] = ()
    luminosities: tuple[BandLuminosity, ...] = ()
    widths: tuple[EquivalentWidth, ...] = ()


def measured(engine: FitEngine, wishes: FluxWishes, stop: Callable[[], bool]) -> Fluxes:
    """Measure.

    Parameters
    ----------
    engine
        The engine, where its parameters are.
    wishes
        What is wanted.
    stop
        Asked between two bands.

    Raises
    ------
    FitError
        The engine cannot measure it.
    """
    fluxes: list[BandFlux] = []
    luminosities: list[BandLuminosity] = []
    widths: tuple[EquivalentWidth, ...] = ()
    ranges = {"draws": wishes.draws} if wishes.draws else {}
    for low, high in wishes.bands_kev:
        if stop():
            break
        fluxes += engine.flux(low, high, **ranges)
        if wishes.redshift:
            meter = _meter(engine, "luminosities")
            luminosities += meter.luminosity(low, high, redshift=wishes.redshift, **ranges)
    if wishes.component and not stop():
        widths = _meter(engine, "equivalent widths").width(wishes.component, **ranges)
    return Fluxes(
        names=tuple(data.spectrum.name for data in engine.datasets),
        values=engine.values,
        fluxes=tuple(fluxes),
        luminosities=tuple(luminosities),
        widths=widths,
    )


def _meter(engine: FitEngine, what: str) -> FitMeter:
    if not isinstance(engine, FitMeter):
        raise FitError(f"the {engine.name} engine measures no {what}: choose the other engine")
    return engine


Rows = tuple[tuple[str, ...], list[tuple[str, ...]]]


def flux_rows(found: Fluxes) -> Rows:
    """Return head and rows of the table of fluxes."""
    has_range = any(item.energy_range for item in found.fluxes)
    head = (
        "Band [keV]", "Spectrum", "Photon flux [photons/cm\u00b2/s]",
        "Energy flux [erg/cm\u00b2/s]",
        *((f"{PERCENT:.0f} % range [erg/cm\u00b2/s]",) if has_range else ()),
        "Unabsorbed [erg/cm\u00b2/s]",
    )  # fmt: skip
    rows = [
        (
            f"{item.low_kev:g}-{item.high_kev:g}",
            _spectrum(found.names, item.spectrum),
            with_error(item.photons, item.photons_sigma),
            with_error(item.energy, item.energy_sigma),
            *((_range(item.energy_range, item.energy_sigma),) if has_range else ()),
            _unabsorbed(item.unabsorbed_energy, item.energy, item.energy_sigma),
        )
        for item in found.fluxes
    ]
    return head, rows


def luminosity_rows(found: Fluxes) -> Rows:
    """Return head and rows of the table of luminosities."""
    has_range = any(item.range for item in found.luminosities)
    head = (
        "Rest-frame band [keV]", "Spectrum", "Luminosity [erg/s]",
        *((f"{PERCENT:.0f} % range [erg/s]",) if has_range else ()),
        "Unabsorbed [erg/s]", "z", "Distance [Mpc]",
    )  # fmt: skip
    rows = [
        (
            f"{item.low_kev:g}-{item.high_kev:g}",
            _spectrum(found.names, item.spectrum),
            with_error(item.luminosity, item.sigma),
            *((_range(item.range, item.sigma),) if has_range else ()),
            _unabsorbed(item.unabsorbed, item.luminosity, item.sigma),
            f"{item.redshift:g}",
            f"{item.distance_mpc:.1f}",
        )
        for item in found.luminosities
    ]
    return head, rows


def width_rows(found: Fluxes) -> Rows:
    """Return head and rows of the table of equivalent widths."""
    has_range = any(item.range for item in found.widths)
    head = (
        "Equivalent width of", "Spectrum", "At [keV]", "Width [eV]",
        *((f"{PERCENT:.0f} % range [eV]",) if has_range else ()),
    )  # fmt: skip
    rows = [
        (
            item.component,
            _spectrum(found.names, item.spectrum),
            f"{item.energy_kev:.3f}",
            number(1e3 * item.width_kev, None if item.range is None else _half(item.range, 1e3)),
            *((_range(_times(item.range, 1e3), None),) if has_range else ()),
        )
        for item in found.widths
    ]
    return head, rows


def _spectrum(names: Sequence[str], at: int) -> str:
    return f"{at}: {names[at - 1]}"


def _range(ends: tuple[float, float] | None, sigma: float | None) -> str:
    if ends is None:
        return ""
    error = sigma or _half(ends)
    return f"{number(ends[0], error)} to {number(ends[1], error)}"


def _half(ends: tuple[float, float], factor: float = 1.0) -> float:
    return 0.5 * factor * (ends[1] - ends[0])


def _times(ends: tuple[float, float] | None, factor: float) -> tuple[float, float] | None:
    return None if ends is None else (factor * ends[0], factor * ends[1])


def _unabsorbed(value: float | None, absorbed: float, sigma: float | None) -> str:
    if value is None:
        return ""
    error = sigma * value / absorbed if sigma and absorbed else None
    return number(value, error)
