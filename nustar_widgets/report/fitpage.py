"""A fit in words and pictures: for the page of a fit, and for the report of a run."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from nustar_widgets.engines.fit_embedded import EmbeddedFit
from nustar_widgets.engines.fitting import BandFlux, FitResult, ParameterResult
from nustar_widgets.report.figures import SpectrumPicture, png_data_uri, spectrum_figure
from nustar_widgets.report.page import FitText, Picture, render_page
from nustar_widgets.session.provenance import fingerprint
from nustar_widgets.spectra.folding import SpectralData
from nustar_widgets.spectra.plotdata import plot_data

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_REBIN = (5.0, 40)  # setplot rebin: significance to reach, most bins to join
_STATISTIC_NAMES = {"chi": "χ²", "cstat": "C/W statistic", "pgstat": "PG statistic"}


def render(result: FitResult, engine: EmbeddedFit) -> str:
    """Return the page of a fit as HTML text."""
    names = ", ".join(data.spectrum.name for data in engine.datasets)
    return render_page(
        title="Spectral fit",
        subtitle=names,
        pictures=[spectrum_picture(engine)],
        fit=fit_text(result, labels(engine.datasets)),
        inputs=[fingerprint(path) for path in _files(engine)],
        simulated=any(data.spectrum.header.get("SIMULATD", False) for data in engine.datasets),
    )


def spectrum_picture(engine: EmbeddedFit) -> Picture:
    """Draw data, scaled background, folded model and residuals."""
    spectra = [
        _picture(data, photons, label)
        for data, photons, label in zip(
            engine.datasets, engine.photons(), labels(engine.datasets), strict=True
        )
    ]
    return Picture(
        title="Spectrum and model",
        uri=png_data_uri(spectrum_figure(spectra)),
        caption=f"Net count rate with the folded model {engine.choice.expression} (black). "
        f"Bins joined for display until {_REBIN[0]:g} sigma or {_REBIN[1]} bins; below: "
        "(data − model) / error.",
    )


def fit_text(result: FitResult, names: Sequence[str]) -> FitText:
    """Put a fit into finished text.

    Parameters
    ----------
    result
        The fit.
    names
        What to call its spectra.
    """
    name = _STATISTIC_NAMES.get(result.statistic_name, result.statistic_name)
    return FitText(
        expression=result.expression,
        statistic=f"{name} = {result.statistic:.2f} for {result.dof} degrees of freedom "
        f"({' + '.join(str(n) for n in result.n_bins)} bins), {result.status}",
        rows=tuple(_row(item) for item in own_parameters(result)),
        fluxes=tuple(_flux_row(flux, names[flux.spectrum - 1]) for flux in result.fluxes),
        notes=result.notes,
    )


def own_parameters(result: FitResult) -> list[ParameterResult]:
    """List the parameters but those of later spectra that only repeat the first one's."""
    return [item for item in result.parameters if item.link != item.name.partition("[")[0]]


def parameter_line(item: ParameterResult) -> str:
    """One parameter as a line of text."""
    name, value, interval, unit, remark = _row(item)
    interval = f" ({interval})" if interval else ""
    return f"{name} = {value}{interval} {unit} {remark}".rstrip()


def _row(item: ParameterResult) -> tuple[str, ...]:
    ends = item.error_low, item.error_high
    interval = ""
    if any(end is not None for end in ends):
        interval = " – ".join("?" if end is None else f"{end:.4g}" for end in ends)
    remark = "fixed" if item.frozen else f"= {item.link}" if item.link else ""
    if item.at_limit:
        remark = "at its limit"
    remark = "; ".join(filter(None, [remark, *item.warnings]))
    return item.name, f"{item.value:.5g}", interval, item.unit, remark


def _flux_row(flux: BandFlux, name: str) -> tuple[str, ...]:
    band = f"{flux.low_kev:g}–{flux.high_kev:g} keV, {name}"
    return (
        band,
        _with_sigma(flux.energy, flux.energy_sigma),
        _with_sigma(flux.photons, flux.photons_sigma),
    )


def _with_sigma(value: float, sigma: float | None) -> str:
    return f"{value:.4g}" if sigma is None else f"{value:.4g} ± {sigma:.1g} (1σ)"


def labels(datasets: tuple[SpectralData, ...]) -> list[str]:
    """Name spectra by module where that tells them apart, else by file."""
    modules = [data.spectrum.instrument for data in datasets]
    if all(modules) and len(set(modules)) == len(modules):
        return modules
    return [data.spectrum.name for data in datasets]


def _picture(data: SpectralData, photons: NDArray[np.float64], label: str) -> SpectrumPicture:
    plot = plot_data(data, "ldata", photons=photons, background=True, rebin=_REBIN)
    return SpectrumPicture(
        label=label,
        low_kev=plot.x - plot.x_error,
        high_kev=plot.x + plot.x_error,
        rate=plot.y,
        error=plot.y_error,
        background=None if data.background is None else plot.background,
        model=plot.model,
    )


def _files(engine: EmbeddedFit) -> list[Path]:
    """Every file the spectra were read from, each once."""
    paths: list[Path | None] = []
    for data in engine.datasets:
        paths += [data.spectrum.path, data.background.path if data.background else None]
        paths += [data.response.arf.path if data.response.arf else None, data.response.rmf.path]
    return list(dict.fromkeys(path for path in paths if path is not None))
