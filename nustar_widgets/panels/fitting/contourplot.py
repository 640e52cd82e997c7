"""A map of the statistic over two parameters, with the lines of equal confidence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import bqplot
import ipywidgets as widgets
import numpy as np

from nustar_widgets.panels.bqplots import LEFT
from nustar_widgets.panels.fitting.contourlines import LEVELS, level_line, lowest, rise
from nustar_widgets.panels.fitting.ticks import show_range

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nustar_widgets.engines.fitting import Contour

DASHES: Final = {"68 %": "solid", "90 %": "dashed", "99 %": "dotted"}
"""How the line of a level is drawn."""

_DEEP: Final = ["#0b3c6f", "#2f6fae", "#7fb0d8", "#cfe1f0", "#eef2f5"]
_MOST_RISE: Final = 14.0  # all above is one colour
_LINE: Final = "#e0841a"
_CROSS: Final = "#d0312d"


class ContourPlot(widgets.VBox):
    """The picture of a map: it fills in, and its marks stay."""

    def __init__(self) -> None:
        super().__init__(layout=widgets.Layout(width="560px", flex="none"))
        self.add_class("nw-detail-contour-plot")
        self.x = bqplot.LinearScale(min=0.0, max=1.0, allow_padding=False)
        self.y = bqplot.LinearScale(min=0.0, max=1.0, allow_padding=False)
        self.colour = bqplot.ColorScale(min=0.0, max=_MOST_RISE, colors=_DEEP)
        scales = {"x": self.x, "y": self.y}
        corner = np.array([0.0, 1.0])
        self.map = bqplot.HeatMap(
            x=corner, y=corner, color=np.zeros((2, 2)), scales=scales | {"color": self.colour},
            null_color="transparent",
        )  # fmt: skip
        self.lines = {
            name: bqplot.Lines(
                x=corner, y=corner, scales=scales, colors=[_LINE], stroke_width=2.0,
                visible=False,
                line_style=DASHES[name],
            )
            for name in LEVELS
        }  # fmt: skip
        self.best = bqplot.Scatter(
            x=[0.5], y=[0.5], scales=scales, marker="cross", default_size=70, colors=[_CROSS],
        )  # fmt: skip
        self.x_axis = bqplot.Axis(scale=self.x, grid_lines="none", label_offset="2.7em")
        self.y_axis = bqplot.Axis(scale=self.y, **LEFT, grid_lines="none", label_offset="5.2em")
        self.figure = bqplot.Figure(
            marks=[self.map, *self.lines.values(), self.best],
            axes=[self.x_axis, self.y_axis],
            fig_margin={"top": 10, "bottom": 50, "left": 92, "right": 20},
            animation_duration=0,
            layout=widgets.Layout(width="560px", height="290px", min_width="0"),
        )
        self.children = (self.figure,)

    def show(
        self, contour: Contour, *, best: tuple[float, float] | None, units: tuple[str, str]
    ) -> None:
        """Show a map, or what is there of it.

        Parameters
        ----------
        contour
            The map.
        best
            The two parameters at the best fit; ``None``: no cross.
        units
            Their units.
        """
        self._place(contour, units)
        above = rise(contour)
        with self.map.hold_sync():
            self.map.x, self.map.y = contour.x, contour.y
            self.map.color = np.minimum(above, _MOST_RISE).astype(np.float32)
        for name, level in LEVELS.items():
            x, y = level_line(contour.x, contour.y, above, level)
            with self.lines[name].hold_sync():
                self.lines[name].visible = bool(x.size)
                if x.size:
                    self.lines[name].x, self.lines[name].y = x, y
        with self.best.hold_sync():
            self.best.visible = best is not None
            if best is not None:
                self.best.x, self.best.y = [best[0]], [best[1]]

    def _place(self, contour: Contour, units: tuple[str, str]) -> None:
        for axis, name, unit, grid, most in (
            (self.x_axis, contour.name_x, units[0], contour.x, 5),
            (self.y_axis, contour.name_y, units[1], contour.y, 6),
        ):
            label = f"{name} [{unit}]" if unit else name
            low, high = _edges(grid)
            if axis.label != label:
                axis.label = label
            if (axis.scale.min, axis.scale.max) != (low, high):
                show_range(axis, low, high, most=most)


def contour_words(contour: Contour) -> str:
    """Say how far a map is, and what was met.

    Parameters
    ----------
    contour
        The map.
    """
    known = int(np.isfinite(contour.statistic).sum())
    whole = contour.statistic.size
    text = f"{known} of {whole} points" if known < whole else f"{whole} points"
    if lowest(contour) < contour.best - 0.01:
        text += (
            f". A point lies {contour.best - lowest(contour):.2f} below the best fit: there is a "
            "better one, fit again from there"
        )
    return text


def _edges(grid: NDArray[np.float64]) -> tuple[float, float]:
    half = 0.5 * (float(grid[-1]) - float(grid[0])) / max(grid.size - 1, 1)
    return float(grid[0]) - half, float(grid[-1]) + half
