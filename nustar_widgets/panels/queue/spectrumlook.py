"""A spectrum file as a plot: counts/s/keV against energy, or counts per channel."""

from __future__ import annotations

import html
import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import bqplot
import ipywidgets as widgets
import numpy as np

from nustar_widgets.errors import NustarWidgetsError
from nustar_widgets.instrument import N_CHANNELS, PI_WIDTH_KEV, PI_ZERO_KEV, TELESCOP
from nustar_widgets.live.spectrumview import SHOWN_KEV, spectrum_bins
from nustar_widgets.panels.bqplots import LEFT
from nustar_widgets.panels.logaxis import error_bars, show_decades
from nustar_widgets.spectra.pha import Spectrum, read_pha

if TYPE_CHECKING:
    from numpy.typing import NDArray

_TICKS_KEV: Final = (3.0, 5.0, 10.0, 20.0, 40.0, 70.0)
_MOST_DECADES: Final = 6
_COLOUR: Final = "#2a6cb5"
_PALE: Final = "#9cb4cc"


@dataclass(frozen=True, eq=False, kw_only=True)
class SpectrumPoints:
    """A spectrum as it is drawn.

    Attributes
    ----------
    x
        (n,) middle of the bins [keV], or the channel.
    y, error
        (n,) rate [count/s/keV], or counts per channel, and its error.
    background
        (n,) background scaled to the region of the spectrum, in the same unit; nan without one.
    in_kev
        Whether x is an energy.
    words
        What it is, for people.
    """

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    error: NDArray[np.float64]
    background: NDArray[np.float64]
    in_kev: bool
    words: str


def read_spectrum_points(path: Path) -> SpectrumPoints:
    """Read a spectrum, and the background it names where that is there.

    Parameters
    ----------
    path
        A PHA file.

    Raises
    ------
    InputFileError
        It is no spectrum.
    """
    spectrum = read_pha(path)
    background = None
    if spectrum.background_file is not None:
        try:
            background = read_pha(spectrum.background_file)
        except (OSError, NustarWidgetsError):  # the spectrum itself can be looked at without
            background = None
    return spectrum_points(spectrum, background)


def spectrum_points(spectrum: Spectrum, background: Spectrum | None = None) -> SpectrumPoints:
    """Bin a spectrum as its file groups it, or where it does not so that it can be seen.

    Parameters
    ----------
    spectrum
        The spectrum.
    background
        Its background.
    """
    edges, how = _edges(spectrum)
    in_kev = _is_nustar(spectrum)
    counts = _sums(np.asarray(spectrum.counts, np.float64), edges)
    if spectrum.quality is not None:  # what is marked bad belongs to no bin
        counts[_sums(np.asarray(spectrum.quality, np.float64), edges) > 0] = np.nan
    variance = counts
    if spectrum.stat_err is not None:
        variance = _sums(np.asarray(spectrum.stat_err, np.float64) ** 2, edges)
    per = np.ones(counts.size)
    x = spectrum.channel[edges[:-1]].astype(np.float64)
    if in_kev:
        bounds = PI_ZERO_KEV + PI_WIDTH_KEV * edges
        per, x = spectrum.exposure_s * np.diff(bounds), np.sqrt(bounds[1:] * bounds[:-1])
    under = _scaled(spectrum, background, edges)
    under[np.isnan(counts)] = np.nan
    return SpectrumPoints(
        x=x, y=counts / per, error=np.sqrt(variance) / per, background=under / per, in_kev=in_kev,
        words=_words(spectrum, how, drawn=not np.isnan(under).all()),
    )  # fmt: skip


class SpectrumLook(widgets.VBox):
    """The plot.

    Parameters
    ----------
    points
        What is drawn.
    """

    def __init__(self, points: SpectrumPoints) -> None:
        super().__init__()
        self.add_class("nw-spectrum-look")
        y = bqplot.LogScale()
        x = bqplot.LogScale(min=SHOWN_KEV[0], max=SHOWN_KEV[1])
        if not points.in_kev:
            x = bqplot.LinearScale()
        scales = {"x": x, "y": y}
        rates = np.stack([points.y, points.background])
        rates[~(rates > 0)] = np.nan  # no place on a logarithmic axis
        self.lines = bqplot.Lines(
            x=points.x, y=rates, scales=scales, colors=[_COLOUR, _PALE], stroke_width=1.4,
        )  # fmt: skip
        self.errors = bqplot.Lines(
            x=np.repeat(points.x, 3), y=error_bars(points.y, points.error), scales=scales,
            colors=[_COLOUR], stroke_width=1.0, opacities=[0.6],
        )  # fmt: skip
        unit = "counts / s / keV" if points.in_kev else "counts per channel"
        across: dict[str, Any] = {"label": "Channel"}
        if points.in_kev:
            across = {"label": "Energy [keV]", "tick_values": _TICKS_KEV, "tick_format": ".0f"}
        x_axis = bqplot.Axis(scale=x, label_offset="2.3em", grid_lines="none", **across)
        y_axis = bqplot.Axis(
            scale=y, **LEFT, label=unit, label_offset="3.8em", tick_format=".0e",
            grid_lines="none",
        )  # fmt: skip
        show_decades(y_axis, *_decades(rates))
        self.figure = bqplot.Figure(
            marks=[self.errors, self.lines], axes=[x_axis, y_axis], animation_duration=0,
            fig_margin={"top": 8, "bottom": 45, "left": 70, "right": 14},
            layout=widgets.Layout(width="100%", height="260px"),
        )  # fmt: skip
        self.children = (
            widgets.HTML(f"<div class='nw-look-words'>{html.escape(points.words)}</div>"),
            self.figure,
        )


def _is_nustar(spectrum: Spectrum) -> bool:
    """Whether channels are NuSTAR's, whose energies are known without a response."""
    return spectrum.telescope.upper() == TELESCOP.upper() and spectrum.counts.size == N_CHANNELS


def _edges(spectrum: Spectrum) -> tuple[NDArray[np.intp], str]:
    """First row of each bin and one past the last, and what bins they are."""
    n = spectrum.counts.size
    if spectrum.grouping is not None and (spectrum.grouping == -1).any():
        edges = np.append(np.flatnonzero(spectrum.grouping != -1), n)
        if _is_nustar(spectrum):
            low, high = spectrum_bins().first[[0, -1]]
            edges = edges[(edges >= low) & (edges <= high)]
        if edges.size > 1:
            return edges, "grouped as in the file"
    if _is_nustar(spectrum):
        return spectrum_bins().first, "binned here to be seen"
    return np.arange(n + 1), "channel by channel"


def _sums(values: NDArray[np.float64], edges: NDArray[np.intp]) -> NDArray[np.float64]:
    return np.asarray(np.add.reduceat(values[: edges[-1]], edges[:-1]), np.float64)


def _scaled(
    spectrum: Spectrum, background: Spectrum | None, edges: NDArray[np.intp]
) -> NDArray[np.float64]:
    """Background counts scaled to the region and exposure of the spectrum."""
    if background is None or background.counts.shape != spectrum.counts.shape:
        return np.full(edges.size - 1, np.nan)
    ratio = spectrum.exposure_s / background.exposure_s
    ratio = ratio * np.asarray(spectrum.backscal) / np.asarray(background.backscal)
    return _sums(np.asarray(background.counts * ratio, np.float64), edges)


def _words(spectrum: Spectrum, how: str, *, drawn: bool) -> str:
    total = float(np.sum(spectrum.counts))
    words = [
        f"{spectrum.name}: {total:.0f} counts in {spectrum.exposure_s:.0f} s, {how}",
        "background not subtracted" + (", drawn pale, scaled to the same area" if drawn else ""),
    ]
    return "; ".join(words)


def _decades(rates: NDArray[np.float64]) -> tuple[int, int]:
    seen = rates[np.isfinite(rates)]
    if not seen.size:
        return (-3, 0)
    top = math.ceil(math.log10(float(seen.max())) + 0.1)
    return max(math.floor(math.log10(float(seen.min()))), top - _MOST_DECADES), top
