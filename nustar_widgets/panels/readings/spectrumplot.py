"""The net spectrum of the source with the background under it, while the region moves."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import bqplot
import ipywidgets as widgets
import numpy as np

from nustar_widgets.instrument import MODULES
from nustar_widgets.live.counts import LiveCounts
from nustar_widgets.live.spectrumview import DrawnSpectrum, drawn_spectrum, spectrum_bins
from nustar_widgets.panels.bqplots import LEFT
from nustar_widgets.panels.logaxis import error_bars, show_decades

if TYPE_CHECKING:
    from numpy.typing import NDArray

COLOURS: Final = {"FPMA": "#2f7fb8", "FPMB": "#c2410c"}
PALE: Final = {"FPMA": "#9cc3de", "FPMB": "#f0b48f"}
_TICKS_KEV: Final = (3.0, 5.0, 10.0, 20.0, 40.0, 70.0)


class SpectrumPlot(widgets.VBox):
    """Net spectra of both modules on logarithmic axes, each with its scaled background.

    Steps of a drag change only ``y`` of two marks; axes move when a decade is left.
    """

    def __init__(self) -> None:
        super().__init__(layout=widgets.Layout(flex="0 0 350px"))
        self.add_class("nw-spectrum")
        self._bins = spectrum_bins()
        low, high = float(self._bins.edges_kev[0]), float(self._bins.edges_kev[-1])
        self._x = bqplot.LogScale(min=low, max=high)
        self._y = bqplot.LogScale(min=1e-5, max=1.0)
        scales = {"x": self._x, "y": self._y}
        middle = self._bins.middle_kev
        empty = np.full((2 * len(MODULES), middle.size), np.nan)
        self.lines = bqplot.Lines(
            x=middle, y=empty, scales=scales, interpolation="linear", stroke_width=1.4,
            colors=[*(COLOURS[m] for m in MODULES), *(PALE[m] for m in MODULES)],
        )  # fmt: skip
        self.errors = bqplot.Lines(
            x=np.repeat(middle, 3), y=np.full((len(MODULES), 3 * middle.size), np.nan),
            scales=scales, colors=[COLOURS[m] for m in MODULES], stroke_width=1.0, opacities=[0.6],
        )  # fmt: skip
        self._y_axis = bqplot.Axis(
            scale=self._y, **LEFT, label="counts / s / keV", label_offset="3.6em",
            tick_format=".0e", grid_lines="none",
        )  # fmt: skip
        x_axis = bqplot.Axis(
            scale=self._x, label="Energy [keV]", label_offset="2.3em",
            tick_values=_TICKS_KEV, tick_format=".0f", grid_lines="none",
        )  # fmt: skip
        self.figure = bqplot.Figure(
            axes=[x_axis, self._y_axis],
            fig_margin={"top": 8, "bottom": 45, "left": 66, "right": 12},
            animation_duration=0,
            layout=widgets.Layout(width="346px", height="230px"),
        )
        self._title = widgets.HTML(_title(MODULES))
        self._decades = (-5, 0)
        self.children = (self._title, self.figure)
        self._set_decades(self._decades)

    def show(self, counts: LiveCounts | None) -> None:
        """Draw what the regions hold.

        Parameters
        ----------
        counts
            The counts; ``None`` for nothing.
        """
        self._title.value = _title(MODULES if counts is None else tuple(counts.modules))
        drawn = [self._drawn(counts, module) for module in MODULES]
        rows = np.stack([item.net for item in drawn] + [item.background for item in drawn])
        self._fit_axis(rows)
        rows[~(rows > 0)] = np.nan  # no place on a logarithmic axis
        self.lines.y = rows
        is_passing = counts is not None and counts.is_passing
        if not is_passing:  # error bars wait for the hand to rest
            self.errors.y = np.stack([error_bars(item.net, item.error) for item in drawn])
        self.errors.visible = not is_passing
        self.figure.marks = [self.errors, self.lines] if counts is not None else []

    def _drawn(self, counts: LiveCounts | None, module: str) -> DrawnSpectrum:
        found = counts.modules.get(module) if counts is not None else None
        spectrum = drawn_spectrum(found, self._bins) if found is not None else None
        nothing = np.full(self._bins.middle_kev.size, np.nan)
        return spectrum or DrawnSpectrum(nothing, nothing, nothing)

    def _fit_axis(self, rows: NDArray[np.float64]) -> None:
        """Choose whole decades; keep those shown while they serve."""
        seen = rows[np.isfinite(rows) & (rows > 0)]
        if not seen.size:
            return
        top = math.ceil(math.log10(float(seen.max())) + 0.1)
        bottom = max(math.floor(math.log10(float(np.percentile(seen, 2)))), top - 6)
        shown = self._decades
        if top == shown[1] and shown[0] <= bottom <= shown[0] + 1:
            return
        self._set_decades((bottom, top))

    def _set_decades(self, decades: tuple[int, int]) -> None:
        self._decades = decades
        show_decades(self._y_axis, *decades)


def _title(modules: tuple[str, ...]) -> str:
    """Name what is drawn, with the colours of each module."""
    legend = "".join(
        f" &nbsp; <span style='color:{COLOURS[m]}'>&#9632;</span> {m} "
        f"<span style='color:{PALE[m]}'>&#9632;</span> bkg"
        for m in modules
    )
    return f"<small><b>Net spectrum</b>{legend}</small>"
