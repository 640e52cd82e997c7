"""A fit in words and pictures: for the page of a fit, and for the report of a run."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from nustar_widgets.engines.fit_embedded import EmbeddedFit
from nustar_widgets.engines.fitting import BandFlux, FitResult, ParameterResult
from nustar_widgets.report.figures import SpectrumPicture, png_data_uri, spectrum_figure
from nustar_widgets.report.page import FitText, Picture, render_page
from nustar_widgets.session.provenance import fingerprint
from nustar_widgets.spectra.folding import SpectralData

_STATISTIC_NAMES = {"chi": "χ²", "cstat": "C/W statistic", "pgstat": "PG statistic"}


def render(result: FitResult, engine: EmbeddedFit) -> str:
    """Return the page of a fit as HTML text."""
    names = ", ".join(data.spectrum.name for data in engine.datasets)
    return render_page(
        title="Spectral fit",
        subtitle=names,
        pictures=[spectrum_picture(engine)],
        fit=fit_text(result),
        inputs=[fingerprint(path) for path in _files(engine)],
        simulated=any(data.spectrum.header.get("SIMULATD", False) for data in engine.datasets),
    )


def spectrum_picture(engine: EmbeddedFit) -> Picture:
    """Draw data, scaled background, folded model and residuals."""
    curves = [curve.total for curve in engine.curves()]
    spectra = [
        _picture(data, total, label)
        for data, total, label in zip(
            engine.datasets, curves, _labels(engine.datasets), strict=True
        )
    ]
    return Picture(
        title="Spectrum and model",
        uri=png_data_uri(spectrum_figure(spectra)),
        caption=f"Net count rate with the folded model {engine.choice.expression} (black). "
        "Bins as fitted; below: (data − model) / error.",
    )


def fit_text(result: FitResult) -> FitText:
    """Put a fit into finished text."""
    name = _STATISTIC_NAMES.get(result.statistic_name, result.statistic_name)
    return FitText(
        expression=result.expression,
        statistic=f"{name} = {result.statistic:.2f} for {result.dof} degrees of freedom "
        f"({' + '.join(str(n) for n in result.n_bins)} bins), {result.status}",
        rows=tuple(_row(item) for item in result.parameters),
        fluxes=tuple(_flux_row(flux) for flux in result.fluxes),
        notes=result.notes,
    )


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


def _flux_row(flux: BandFlux) -> tuple[str, ...]:
    band = f"{flux.low_kev:g}–{flux.high_kev:g} keV, spectrum {flux.spectrum}"
    return (
        band,
        _with_sigma(flux.energy, flux.energy_sigma),
        _with_sigma(flux.photons, flux.photons_sigma),
    )


def _with_sigma(value: float, sigma: float | None) -> str:
    return f"{value:.4g}" if sigma is None else f"{value:.4g} ± {sigma:.1g} (1σ)"


def _labels(datasets: tuple[SpectralData, ...]) -> list[str]:
    """Name spectra by module where that tells them apart, else by file."""
    modules = [data.spectrum.instrument for data in datasets]
    if all(modules) and len(set(modules)) == len(modules):
        return modules
    return [data.spectrum.name for data in datasets]


def _picture(data: SpectralData, total: np.ndarray, label: str) -> SpectrumPicture:
    per_count = 1.0 / (data.exposure_s * (data.hi_kev - data.lo_kev))
    background = None
    if data.background_counts is not None and data.alpha is not None:
        background = data.background_counts * data.alpha * per_count
    return SpectrumPicture(
        label=label,
        low_kev=data.lo_kev,
        high_kev=data.hi_kev,
        rate=data.net_counts * per_count,
        error=np.sqrt(data.variance()) * per_count,
        background=background,
        model=total * per_count,
    )


def _files(engine: EmbeddedFit) -> list[Path]:
    """Every file the spectra were read from, each once."""
    paths: list[Path | None] = []
    for data in engine.datasets:
        paths += [data.spectrum.path, data.background.path if data.background else None]
        paths += [data.response.arf.path if data.response.arf else None, data.response.rmf.path]
    return list(dict.fromkeys(path for path in paths if path is not None))
