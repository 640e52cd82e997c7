"""One plot over time: curves with error bars on shaded orbits and intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import bqplot
import ipywidgets as widgets
import numpy as np

from nustar_widgets.live.curveview import Curve
from nustar_widgets.panels.bqplots import BARE, LEFT
from nustar_widgets.panels.curves.curverows import Steps, stacked, steady_range, ticks

MARGIN: Final = {"top": 20, "bottom": 46, "left": 74, "right": 18}
Layout = tuple[tuple[str, str, Steps], ...]
"""Names, colours and bins of the curves in a mark."""
_NOTHING: Final = np.zeros(2)


@dataclass(frozen=True, eq=False)
class Row:
    """One curve of a pane.

    Parameters
    ----------
    name
        What it is, as the legend says.
    colour
        Its colour.
    steps
        Where its bins are.
    curve
        Its values.
    kind
        Source, background or net.
    """

    name: str
    colour: str
    steps: Steps
    curve: Curve
    kind: str = ""


class CurvePane(widgets.VBox):
    """A figure whose curves change while their bins stay.

    Parameters
    ----------
    time
        Scale of the time axis, shared by all panes.
    shading
        Marks under the curves, shared by all panes.
    label
        What the vertical axis shows, with its unit.
    height_px
        Height [pixel].
    limits
        Fixed range of the vertical axis; ``None`` follows the values.
    """

    def __init__(
        self,
        time: bqplot.LinearScale,
        shading: Sequence[bqplot.Mark],
        *,
        label: str,
        height_px: int,
        limits: tuple[float, float] | None = None,
    ) -> None:
        super().__init__()
        self._limits = limits
        low, high = limits or (0.0, 1.0)
        self.range = bqplot.LinearScale(min=low, max=high, allow_padding=False)
        self._scales = {"x": time, "y": self.range}
        self.errors = self._lines(stroke_width=1.0, opacities=[0.45])
        self.under = self._lines(stroke_width=1.6)
        self.lines = self._lines(stroke_width=1.6)
        self.levels = self._lines(stroke_width=1.4, line_style="dashed")
        self.time_axis = bqplot.Axis(
            scale=time, label="Time [ks]", grid_lines="none", label_offset="2.4em"
        )
        self.value_axis = bqplot.Axis(
            scale=self.range, label=label, **LEFT, grid_lines="solid",
            grid_color="rgba(128, 128, 128, 0.22)", label_offset="4.2em",
            tick_style={"transform": "translateX(-4px)"},
        )  # fmt: skip
        self.figure = bqplot.Figure(
            marks=[*shading, self.under, self.errors, self.lines, self.levels],
            axes=[self.time_axis, self.value_axis],
            fig_margin=MARGIN,
            animation_duration=0,
            padding_x=0.0,
            padding_y=0.0,
            **BARE,  # it covers the plot, and its zoom is the form's
            layout=widgets.Layout(width="100%", height=f"{height_px}px"),
        )
        self._tick()
        # What the places of lines and error bars were sent for.
        self._drawn: Layout = ()
        self._barred: Layout = ()
        self.children = (self.figure,)

    def draw(
        self, rows: Sequence[Row], *, error_bars: bool = True, background: bool = True
    ) -> None:
        """Draw curves; where their bins are those drawn before, only values go to the page.

        Parameters
        ----------
        rows
            The curves.
        error_bars
            Whether to draw them too.
        background
            Whether curves of backgrounds are new; they stay as they are otherwise.
        """
        rows = [row for row in rows if row.curve.rate.size]
        layout = tuple((row.name, row.colour, row.steps) for row in rows)
        fresh = layout != self._drawn
        self._drawn = layout
        self._follow_values(rows, None if fresh else (self.range.min, self.range.max))
        above = [row for row in rows if row.kind != "background"]
        self._put_lines(self.lines, above, fresh=fresh)
        if background or fresh:
            under = [row for row in rows if row.kind == "background"]
            self._put_lines(self.under, under, fresh=fresh)
        shown = rows if error_bars else []
        _put(
            self.errors,
            [row.steps.bars(row.curve) for row in shown],
            [row.steps.bars_x_ks for row in shown] if layout != self._barred else None,
            [row.colour for row in shown],
        )
        if shown:
            self._barred = layout

    def _put_lines(self, mark: bqplot.Lines, rows: Sequence[Row], *, fresh: bool) -> None:
        _put(
            mark,
            [row.steps.line(row.curve) for row in rows],
            [row.steps.x_ks for row in rows] if fresh else None,
            [row.colour for row in rows],
        )

    def mark_levels(self, levels: Sequence[tuple[float, str]], span_ks: float) -> None:
        """Draw levels across the plot.

        Parameters
        ----------
        levels
            Value and colour of each.
        span_ks
            How far they reach [ks].
        """
        across = np.array([0.0, span_ks])
        values = [np.full(2, level) for level, _ in levels]
        _put(self.levels, values, [across] * len(levels), [colour for _, colour in levels])
        if levels and self._limits is None:
            highest = max(level for level, _ in levels)
            if highest > 0.95 * self.range.max:  # not on the rim of the plot
                self._set_range(steady_range(self.range.min, highest, None))

    def _lines(self, **style: object) -> bqplot.Lines:
        return bqplot.Lines(
            x=_NOTHING, y=_NOTHING, scales=self._scales, visible=False, colors=["black"], **style
        )

    def _follow_values(self, rows: Sequence[Row], now: tuple[float, float] | None) -> None:
        if self._limits is not None or not rows:
            return
        ends = np.concatenate(
            [side for row in rows for side in (row.curve.rate - row.curve.error,
                                               row.curve.rate + row.curve.error)]
        )  # fmt: skip
        ends = ends[np.isfinite(ends)]
        low, high = (float(ends.min()), float(ends.max())) if ends.size else (np.nan, np.nan)
        self._set_range(steady_range(low, high, now))

    def _set_range(self, ends: tuple[float, float]) -> None:
        if ends != (self.range.min, self.range.max):
            with self.range.hold_sync():
                self.range.min, self.range.max = ends
            self._tick()

    def _tick(self) -> None:
        with self.value_axis.hold_sync():
            self.value_axis.tick_values, self.value_axis.tick_format = ticks(
                self.range.min, self.range.max
            )


def _put(
    mark: bqplot.Lines,
    values: Sequence[np.ndarray],
    places: Sequence[np.ndarray] | None,
    colours: list[str],
) -> None:
    """Show rows in one mark: in one message, and only with what is new."""
    with mark.hold_sync():
        if values:
            if places is not None:
                mark.x, mark.colors = stacked(places), colours
            mark.y = _ending_in_numbers(stacked(values))
        mark.visible = bool(values)


def _ending_in_numbers(values: np.ndarray) -> np.ndarray:
    """Let no row end in a gap, where bqplot wants a number; one place alone draws nothing."""
    last = values[:, -1]
    last[np.isnan(last)] = 0.0
    return values
