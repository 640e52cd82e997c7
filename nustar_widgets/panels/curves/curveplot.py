"""The panes of the light-curve panel on one time axis, with orbits, cuts and marked interval."""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from typing import Any, Final

import bqplot
import ipywidgets as widgets
import numpy as np
from bqplot.interacts import FastIntervalSelector

from nustar_widgets.instrument import MJDREFF, MJDREFI
from nustar_widgets.live.goodtime import GoodTime
from nustar_widgets.panels.curves.curvepane import CurvePane, Row
from nustar_widgets.panels.curves.curverows import pulses

# Middle tones: they stand out on white and on the dark theme.
COLOURS: Final = {
    ("FPMA", "net"): "#2a6cb5", ("FPMA", "source"): "#5fa8d3", ("FPMA", "background"): "#9aa9b8",
    ("FPMB", "net"): "#cf4f24", ("FPMB", "source"): "#f0a35e", ("FPMB", "background"): "#cdb29c",
}  # fmt: skip
_MOST_NUMBERS: Final = 30  # orbit numbers that fit beside each other
_EDGE: Final = 0.008
_SECONDS_PER_DAY: Final = 86400.0


class CurvePlot(widgets.VBox):
    """Light curves, hardness ratio, and the background flares are judged by.

    Parameters
    ----------
    on_marked
        Told the interval marked by mouse, (start, stop) [ks].
    """

    def __init__(self, on_marked: Callable[[float, float], Any]) -> None:
        super().__init__(layout=widgets.Layout(width="100%", overflow="hidden"))
        self.add_class("nw-curves")
        self._on_marked = on_marked
        self._span_ks = 1.0
        self.time = bqplot.LinearScale(min=0.0, max=1.0, allow_padding=False)
        scales = {"x": self.time, "y": bqplot.LinearScale(min=0.0, max=1.0, allow_padding=False)}
        self.orbits = _shade(scales, "#7796b8", 0.13)
        self.cut = _shade(scales, "#b5483c", 0.16)
        self.flares = _shade(scales, "#e3a008", 0.30)
        self.marked = _shade(scales, "#2a6cb5", 0.18)
        self.numbers = bqplot.Label(
            x=[0.0], y=[0.0], text=[""], scales=scales, default_size=10, font_weight="normal",
            align="middle", colors=["#8391a0"], y_offset=13, visible=False,
        )  # fmt: skip
        shading = (self.orbits, self.cut, self.flares, self.marked)
        self.rates = CurvePane(
            self.time, (*shading, self.numbers), label="Rate [count/s]", height_px=300
        )
        self.ratio = CurvePane(
            self.time, shading, label="(H - S) / (H + S)", height_px=190, limits=(-1.1, 1.1)
        )
        self.background = CurvePane(self.time, shading, label="Background [count/s]", height_px=220)
        self.selector = FastIntervalSelector(scale=self.time, color="#9db9d6")
        self.selector.observe(self._selected, "selected")
        self.pan_zoom = bqplot.PanZoom(scales={"x": [self.time]})
        self.legend = widgets.HTML()
        self.children = (self.legend, self.rates)

    def show_panes(self, *, ratio: bool, background: bool) -> None:
        """Show the panes that are wanted: what is not shown is not in the page."""
        wanted = (
            self.legend,
            self.rates,
            *((self.ratio,) if ratio else ()),
            *((self.background,) if background else ()),
        )
        if self.children != wanted:
            self.children = wanted

    def interact(self, kind: str) -> None:
        """Let the mouse do something.

        Parameters
        ----------
        kind
            ``zoom``, ``mark``, or empty for nothing: then all time is shown.
        """
        panes = (self.rates, self.ratio, self.background)
        if kind == "mark":
            self.selector.selected = None
        for pane in panes:
            pane.figure.interaction = self.pan_zoom if kind == "zoom" else None
        if kind == "mark":
            self.rates.figure.interaction = self.selector
        if not kind:
            self._show_all()

    def show_time(self, good: GoodTime | None) -> None:
        """Show orbits, what is cut out, and where the time axis begins."""
        if good is None:
            for mark in (self.orbits, self.cut, self.numbers):
                mark.visible = False
            self.rates.time_axis.label = "Time [ks]"
            return
        orbits = good.orbits()
        fill(self.orbits, orbits, good.zero_s)
        fill(self.cut, good.cut, good.zero_s)
        self._number(orbits, good.zero_s)
        self.rates.time_axis.label = f"Time since {moment(good.zero_s)} [ks]"
        if good.span_s / 1e3 != self._span_ks:
            self._span_ks = good.span_s / 1e3
            self._show_all()

    def mark(self, interval: tuple[float, float] | None) -> None:
        """Shade the interval that is marked, (start, stop) [ks]."""
        pairs = [] if interval is None else [(1e3 * interval[0], 1e3 * interval[1])]
        fill(self.marked, pairs, 0.0)

    def explain(self, rows: Sequence[Row], notes: Sequence[str]) -> None:
        """Say which colour is what, and what to know about the curves."""
        keys = "".join(
            f"<span style='white-space:nowrap;margin-right:14px'><span style='display:inline-block;"
            f"width:18px;height:3px;vertical-align:middle;margin-right:5px;"
            f"background:{row.colour}'></span>{html.escape(row.name)}</span>"
            for row in rows
        )
        told = " ".join(html.escape(note) for note in notes)
        self.legend.value = (
            "<div style='display:flex;justify-content:space-between;gap:24px;line-height:1.4;"
            "font-size:12px;padding:4px 18px 0 74px'>"
            f"<span>{keys}</span>"
            f"<span class='nw-notes' style='color:var(--nw-warn)'>{told}</span></div>"
        )

    def _show_all(self) -> None:
        with self.time.hold_sync():
            self.time.min, self.time.max = 0.0, self._span_ks

    def _number(self, orbits: Sequence[tuple[float, float]], zero_s: float) -> None:
        every = -(-len(orbits) // _MOST_NUMBERS)
        numbered = [
            (number, orbit) for number, orbit in enumerate(orbits, 1) if (number - 1) % every == 0
        ]
        with self.numbers.hold_sync():
            middle = [(0.5 * (start + stop) - zero_s) / 1e3 for _, (start, stop) in numbered]
            reach = orbits[-1][1] - zero_s
            edge = _EDGE * reach / 1e3  # a number at the very end would be cut off
            self.numbers.x = np.clip(middle, edge, reach / 1e3 - edge)
            self.numbers.y = np.ones(len(numbered))
            self.numbers.text = [str(number) for number, _ in numbered]
            self.numbers.visible = True

    def _selected(self, change: Any) -> None:
        ends = change["new"]
        if ends is not None and np.size(ends) == 2:
            low, high = sorted(float(end) for end in ends)
            self._on_marked(max(low, 0.0), min(high, self._span_ks))


def fill(mark: bqplot.Lines, intervals: Any, zero_s: float) -> None:
    """Shade intervals.

    Parameters
    ----------
    mark
        The shading.
    intervals
        (start, stop) [s], ascending.
    zero_s
        Where the time axis begins [s].
    """
    pairs = list(intervals)
    with mark.hold_sync():
        if pairs:
            mark.x, mark.y = pulses(pairs, zero_s)
        mark.visible = bool(pairs)


def moment(time_s: float) -> str:
    """Write a mission time as UTC and MJD.

    Parameters
    ----------
    time_s
        TT seconds since MJDREF.
    """
    from astropy.time import Time  # noqa: PLC0415  # slow to import, only when it is shown

    days = MJDREFF + time_s / _SECONDS_PER_DAY
    utc = Time(MJDREFI, days, format="mjd", scale="tt").utc
    utc.precision = 0
    return f"{utc.isot} UTC = MJD {utc.mjd:.5f}"


def _shade(scales: dict[str, bqplot.Scale], colour: str, opacity: float) -> bqplot.Lines:
    return bqplot.Lines(
        x=np.zeros(2), y=np.zeros(2), scales=scales, fill="bottom", fill_colors=[colour],
        fill_opacities=[opacity], stroke_width=0.0, colors=[colour], visible=False,
        preserve_domain={"x": True, "y": True},
    )  # fmt: skip
