"""The pictures of a report, as PNG data that can be put into a page.

Matplotlib's object interface only: no global state, no display, safe in a thread.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from numpy.typing import NDArray

from nustar_widgets.events.pixelmask import PixelMask

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Floats = NDArray[np.float64]

# Colour-blind safe (Okabe & Ito): one colour per module, everywhere.
COLOURS = {"FPMA": "#0072B2", "FPMB": "#D55E00"}
_SOURCE, _BACKGROUND = "#56E0FF", "#FFD24D"
_GREY = "#8a8a8a"
_MOST_CELLS = 450  # a finer image would show single events as invisible dots
_LARGEST_PIXEL_ARCSEC = 10.0  # heliocentric lists give pixels of 8849 arcsec: no scale to draw


@dataclass(frozen=True, kw_only=True, eq=False)
class SkyPicture:
    """What the image of one module shows.

    Attributes
    ----------
    module
        ``FPMA`` or ``FPMB``.
    image
        (ny, nx) counts per sky pixel.
    pixel_arcsec
        Size of a sky pixel [arcsec].
    source, background
        Pixels of the regions; their borders are drawn as HEASoft counts them.
    """

    module: str
    image: NDArray[np.int32]
    pixel_arcsec: float
    source: PixelMask
    background: PixelMask | None


@dataclass(frozen=True, kw_only=True, eq=False)
class Curve:
    """A light curve to draw.

    Attributes
    ----------
    label
        Name in the legend; a module's name gives its colour.
    time_ks
        (n,) bin centres, from a common zero [ks].
    rate, error
        (n,) [counts/s].
    """

    label: str
    time_ks: Floats
    rate: Floats
    error: Floats


@dataclass(frozen=True, kw_only=True, eq=False)
class SpectrumPicture:
    """A spectrum to draw, all arrays (n,).

    Attributes
    ----------
    label
        Name in the legend; a module's name gives its colour.
    low_kev, high_kev
        Bin edges [keV].
    rate, error
        Net rate per energy [counts/s/keV].
    background
        Scaled background [counts/s/keV], or ``None``.
    model
        Folded model [counts/s/keV], or ``None`` where nothing was fitted.
    """

    label: str
    low_kev: Floats
    high_kev: Floats
    rate: Floats
    error: Floats
    background: Floats | None = None
    model: Floats | None = None


def sky_figure(pictures: Sequence[SkyPicture], band_kev: tuple[float, float]) -> Figure:
    """Draw the sky image of each module with the borders of its regions."""
    figure = Figure(figsize=(5.4 * len(pictures), 5.0), layout="constrained")
    axes = figure.subplots(1, len(pictures), squeeze=False)[0]
    for axis, picture in zip(axes, pictures, strict=True):
        _draw_sky(axis, picture)
        axis.set_title(f"{picture.module}, {band_kev[0]:g}–{band_kev[1]:g} keV")
    return figure


def light_curve_figure(curves: Sequence[Curve], bin_s: float, zero: str) -> Figure:
    """Draw net light curves; gaps stay gaps."""
    figure = Figure(figsize=(10.8, 3.4), layout="constrained")
    axis = figure.subplots()
    for curve in curves:
        axis.errorbar(
            curve.time_ks, curve.rate, curve.error, xerr=bin_s / 2000.0, fmt="none",
            ecolor=COLOURS.get(curve.label), elinewidth=1.0, label=curve.label,
        )  # fmt: skip
    axis.axhline(0.0, color=_GREY, linewidth=0.6)
    axis.set_xlabel(f"Time since {zero} [ks]")
    axis.set_ylabel("Net rate [counts s$^{-1}$]")
    axis.legend(title=f"{bin_s:g} s bins", loc="upper right", frameon=False)
    return figure


def spectrum_figure(spectra: Sequence[SpectrumPicture]) -> Figure:
    """Draw spectra; where there is a model, it and the residuals in units of the error."""
    fitted = all(spectrum.model is not None for spectrum in spectra)
    figure = Figure(figsize=(10.8, 6.0 if fitted else 4.6), layout="constrained")
    if fitted:
        top, bottom = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
        _draw_residuals(bottom, spectra)
    else:
        top = bottom = figure.subplots()
    for spectrum in spectra:
        _draw_spectrum(top, spectrum)
    _set_spectrum_limits(top, spectra)
    top.set_ylabel("Rate [counts s$^{-1}$ keV$^{-1}$]")
    top.legend(loc="upper right", frameon=False)
    bottom.set_xlabel("Energy [keV]")
    bottom.set_xticks([3, 5, 10, 20, 40, 79], labels=["3", "5", "10", "20", "40", "79"])
    bottom.set_xticks([], minor=True)
    return figure


def radius_figure(curves: Sequence[tuple[str, Floats, Floats, float]]) -> Figure:
    """Draw signal-to-noise against source radius.

    Parameters
    ----------
    curves
        (module, radii [arcsec], signal-to-noise, chosen radius [arcsec]) of each module.
    """
    figure = Figure(figsize=(6.4, 3.4), layout="constrained")
    axis = figure.subplots()
    for module, radius, snr, chosen in curves:
        axis.plot(radius, snr, color=COLOURS.get(module), label=module)
        axis.axvline(chosen, color=COLOURS.get(module), linestyle=":", linewidth=1.0)
    axis.set_xlabel("Source radius [arcsec]")
    axis.set_ylabel("Signal-to-noise ratio")
    axis.legend(title="dotted: suggested", loc="upper right", frameon=False)
    return figure


def png_data_uri(figure: Figure, dpi: int = 110) -> str:
    """Return a figure as a ``data:`` address, so that a page needs no other file."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=dpi)
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode("ascii")


def _draw_sky(axis: Axes, picture: SkyPicture) -> None:
    left, right, low, high = _view(picture)
    joined = max(1, round((right - left) / _MOST_CELLS))
    image = _joined(picture.image, joined).astype(float)
    # Sky pixels count from 1, as HEASoft and DS9 give them; (0.5, 1.5) is the first one.
    extent = (0.5, image.shape[1] * joined + 0.5, 0.5, image.shape[0] * joined + 0.5)
    norm = LogNorm(vmin=0.5, vmax=max(float(image.max()), 2.0))
    axis.imshow(
        np.where(image > 0, image, 0.5), origin="lower", extent=extent, cmap="inferno", norm=norm,
        interpolation="nearest",
    )  # fmt: skip
    _draw_border(axis, picture.source, _SOURCE)
    if picture.background is not None:
        _draw_border(axis, picture.background, _BACKGROUND)
    axis.set_xlim(left, right)
    axis.set_ylim(low, high)
    if picture.pixel_arcsec < _LARGEST_PIXEL_ARCSEC:
        _draw_scale(axis, picture.pixel_arcsec)
    axis.set_xlabel("Sky X [pixel]")
    axis.set_ylabel("Sky Y [pixel]")


def _draw_border(axis: Axes, mask: PixelMask, colour: str) -> None:
    if mask.n_pixels == 0:
        return
    padded = np.pad(mask.inside, 1).astype(float)
    x = mask.x0 + np.arange(padded.shape[1])
    y = mask.y0 + np.arange(padded.shape[0])
    axis.contour(x, y, padded, levels=[0.5], colors=[colour], linewidths=1.4)


def _view(picture: SkyPicture) -> tuple[float, float, float, float]:
    """Left, right, lower and upper limit of a square that shows events and regions."""
    rows, columns = np.nonzero(picture.image)
    spans = []
    for places, corner, side in ((columns, "x0", 1), (rows, "y0", 0)):
        # 0.1 % of the events at each side may fall outside the frame: lone events far off.
        ends = list(np.quantile(places, (0.001, 0.999))) if places.size else []
        for mask in filter(None, (picture.source, picture.background)):
            ends += [getattr(mask, corner), getattr(mask, corner) + mask.inside.shape[side]]
        spans.append((min(ends), max(ends)))
    half = 0.5 * max(high - low for low, high in spans) + 12
    (left, right), (low, high) = spans
    x, y = (left + right) / 2 + 1, (low + high) / 2 + 1
    return x - half, x + half, y - half, y + half


def _joined(image: NDArray[np.int32], factor: int) -> NDArray[np.int32]:
    """Sum blocks of factor x factor pixels; a rest at the far edges is padded with zeros."""
    pad = [(0, -size % factor) for size in image.shape]
    padded = np.pad(image, pad)
    ny, nx = (size // factor for size in padded.shape)
    summed: NDArray[np.int32] = padded.reshape(ny, factor, nx, factor).sum(axis=(1, 3))
    return summed


def _draw_scale(axis: Axes, pixel_arcsec: float) -> None:
    left, right = axis.get_xlim()
    low, high = axis.get_ylim()
    length_arcsec = 120.0 if (right - left) * pixel_arcsec > 400 else 30.0
    length = length_arcsec / pixel_arcsec
    x, y = left + 0.06 * (right - left), low + 0.06 * (high - low)
    axis.plot([x, x + length], [y, y], color="white", linewidth=2)
    label = f"{length_arcsec / 60:g}′" if length_arcsec >= 60 else f"{length_arcsec:g}″"
    axis.text(x + length / 2, y + 0.02 * (high - low), label, color="white", ha="center")


def _draw_spectrum(axis: Axes, spectrum: SpectrumPicture) -> None:
    colour = COLOURS.get(spectrum.label, _GREY)
    centre = 0.5 * (spectrum.low_kev + spectrum.high_kev)
    half = 0.5 * (spectrum.high_kev - spectrum.low_kev)
    axis.errorbar(
        centre, spectrum.rate, spectrum.error, xerr=half, fmt="none", ecolor=colour,
        elinewidth=0.9, label=spectrum.label,
    )  # fmt: skip
    if spectrum.background is not None:
        shown = np.where(spectrum.background > 0, spectrum.background, np.nan)
        axis.plot(
            centre, shown, color=colour, alpha=0.45, linewidth=0.8,
            drawstyle="steps-mid", label=f"{spectrum.label} background, scaled",
        )  # fmt: skip
    if spectrum.model is not None:
        axis.step(centre, spectrum.model, where="mid", color="black", linewidth=0.9)


def _draw_residuals(axis: Axes, spectra: Sequence[SpectrumPicture]) -> None:
    for spectrum in spectra:
        if spectrum.model is None:
            continue
        good = spectrum.error > 0
        centre = 0.5 * (spectrum.low_kev + spectrum.high_kev)[good]
        pull = (spectrum.rate - spectrum.model)[good] / spectrum.error[good]
        axis.errorbar(
            centre, pull, 1.0, fmt="none", ecolor=COLOURS.get(spectrum.label, _GREY),
            elinewidth=0.7,
        )  # fmt: skip
    axis.axhline(0.0, color="black", linewidth=0.8)
    axis.set_ylabel("(data − model)\n/ error")


def _set_spectrum_limits(axis: Axes, spectra: Sequence[SpectrumPicture]) -> None:
    axis.set_xscale("log")
    rates = np.concatenate([spectrum.rate[spectrum.rate > 0] for spectrum in spectra])
    if rates.size:  # else there is nothing a logarithm could show
        axis.set_yscale("log")
        axis.set_ylim(max(rates.min() * 0.3, rates.max() * 1e-6), rates.max() * 2.0)
