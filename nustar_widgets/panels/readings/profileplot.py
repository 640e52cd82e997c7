"""Radial profile of the source, signal-to-noise by radius, and how much of the light is inside."""

from __future__ import annotations

import html
import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

import bqplot
import ipywidgets as widgets
import numpy as np

from nustar_widgets.instrument import MODULES
from nustar_widgets.live.profileview import FRACTION_LABEL, SourceProfile
from nustar_widgets.panels.bqplots import LEFT, RIGHT
from nustar_widgets.panels.logaxis import error_bars, show_decades
from nustar_widgets.panels.readings.spectrumplot import COLOURS, PALE

if TYPE_CHECKING:
    from numpy.typing import NDArray

_HEIGHT: Final = "230px"
_MARK: Final = {"now": "#808080", "suggested": "#2e8b57"}
_POINTS: Final = 160  # of a curve that is drawn


class ProfilePlot(widgets.VBox):
    """Two plots over the distance from the middle of the source region."""

    def __init__(self) -> None:
        super().__init__()
        self.add_class("nw-profile")
        self._x = _linear(200.0)
        self._density = bqplot.LogScale(min=1e-3, max=1.0)
        self._signal, self._percent = _linear(10.0), _linear(105.0)
        colours = [COLOURS[module] for module in MODULES]
        pale = [PALE[module] for module in MODULES]
        self.density = _lines(self._x, self._density, colours)
        self.errors = _lines(self._x, self._density, colours)
        self.level = _lines(self._x, self._density, pale, line_style="dashed")
        self.signal = _lines(self._x, self._signal, colours)
        self.fraction = _lines(self._x, self._percent, pale, line_style="dashed")
        marks = [_MARK["now"], _MARK["suggested"]]
        self.radii = [_lines(self._x, _linear(1.0), marks, line_style="dotted") for _ in range(2)]
        self._density_axis = bqplot.Axis(
            scale=self._density, **LEFT, label="counts / arcsec\u00b2", label_offset="3.8em",
            tick_format=".0e", grid_lines="none",
        )  # fmt: skip
        self._axes = [
            bqplot.Axis(
                scale=self._x,
                label="Radius [arcsec]",
                label_offset="2.3em",
                grid_lines="none",
                tick_format=".0f",
            )
            for _ in range(2)
        ]
        self._signal_axis = bqplot.Axis(
            scale=self._signal, **LEFT, label="S/N", label_offset="3.2em", grid_lines="none",
            tick_format="~g",
        )  # fmt: skip
        percent = bqplot.Axis(
            scale=self._percent, **RIGHT, label="encircled [%]", label_offset="3.0em",
            grid_lines="none", tick_values=[0, 25, 50, 75, 100], tick_format=".0f",
        )  # fmt: skip
        self._profile = _figure([self._axes[0], self._density_axis], right=14)
        self._curve = _figure([self._axes[1], self._signal_axis, percent], right=56)
        self.told = widgets.HTML()
        plots = widgets.HBox(
            (
                _titled("Radial profile", "dashed: background far away", self._profile),
                _titled("S/N of a circle", f"dashed: {FRACTION_LABEL}", self._curve),
            ),
            layout=widgets.Layout(width="100%"),
        )
        self.children = (plots, self.told)

    def show(self, profiles: Mapping[str, SourceProfile | str]) -> None:
        """Draw profiles.

        Parameters
        ----------
        profiles
            By module: the profile, or why there is none.
        """
        found = {name: item for name, item in profiles.items() if isinstance(item, SourceProfile)}
        words = "".join(_words(name, item) for name, item in profiles.items())
        self.told.value = f"<div style='font-size:12px;line-height:1.35'>{words}</div>"
        if not found:
            self._profile.marks = self._curve.marks = []
            return
        rows = [found.get(module) for module in MODULES]
        self._draw_profile(rows)
        self._draw_curves(rows)
        self._draw_radii([item for item in rows if item is not None])
        self._profile.marks = [self.radii[0], self.level, self.errors, self.density]
        self._curve.marks = [self.radii[1], self.fraction, self.signal]

    def _draw_profile(self, rows: Sequence[SourceProfile | None]) -> None:
        # As far as a background can be told from the source's light, and no further.
        reach = 1.02 * max(float(i.curve.radius_arcsec[-1]) for i in rows if i is not None)
        self._x.max = reach
        for axis in self._axes:
            axis.tick_values = _round_ticks(reach)
        density = [None if i is None else (i.radius_arcsec, i.counts_per_arcsec2) for i in rows]
        _put(self.density, density, positive=True)
        _put(self.errors, [None if item is None else _bars(item) for item in rows], positive=True)
        level = [
            None if i is None else (np.array([0.0, reach]), np.full(2, i.background_per_arcsec2))
            for i in rows
        ]
        _put(self.level, level, positive=True)
        values = np.concatenate([i.counts_per_arcsec2 for i in rows if i is not None])
        seen = values[values > 0]
        if seen.size:
            self._set_decades(float(seen.min()), float(seen.max()))

    def _set_decades(self, lowest: float, highest: float) -> None:
        top = math.ceil(math.log10(highest) + 0.05)
        bottom = max(math.floor(math.log10(lowest)), top - 6)
        show_decades(self._density_axis, bottom, top)

    def _draw_curves(self, rows: Sequence[SourceProfile | None]) -> None:
        signal = [
            None if i is None else (i.curve.radius_arcsec, i.curve.signal_to_noise) for i in rows
        ]
        _put(self.signal, signal)
        fraction = [
            None if i is None else (i.curve.radius_arcsec, 100.0 * i.encircled) for i in rows
        ]
        _put(self.fraction, fraction)
        best = max(float(np.nanmax(i.curve.signal_to_noise)) for i in rows if i is not None)
        self._signal.max = max(1.12 * best, 1.0)
        self._signal_axis.tick_values = _round_ticks(self._signal.max)

    def _draw_radii(self, found: Sequence[SourceProfile]) -> None:
        now, suggested = found[0].region_radius_arcsec, found[0].suggested_arcsec
        for mark in self.radii:
            _put(mark, [(np.full(2, radius), np.array([0.0, 1.0])) for radius in (now, suggested)])


def _linear(highest: float) -> bqplot.LinearScale:
    return bqplot.LinearScale(min=0.0, max=highest, allow_padding=False)


def _round_ticks(highest: float) -> NDArray[np.float64]:
    """Return round numbers from 0 up, at most six: few fit."""
    rough = highest / 5.0
    unit = 10.0 ** math.floor(math.log10(rough))
    step = unit * next(factor for factor in (1.0, 2.0, 2.5, 5.0, 10.0) if factor * unit >= rough)
    return step * np.arange(math.floor(highest / step) + 1, dtype=np.float64)


def _lines(
    x: bqplot.Scale, y: bqplot.Scale, colours: Sequence[str], line_style: str = "solid"
) -> bqplot.Lines:
    return bqplot.Lines(
        x=[0.0, 0.0], y=[0.0, 0.0], scales={"x": x, "y": y}, colors=list(colours),
        stroke_width=1.4, line_style=line_style,
    )  # fmt: skip


def _figure(axes: list[bqplot.Axis], *, right: int) -> bqplot.Figure:
    return bqplot.Figure(
        marks=[],
        axes=axes,
        fig_margin={"top": 8, "bottom": 45, "left": 66, "right": right},
        animation_duration=0,
        layout=widgets.Layout(width="100%", height=_HEIGHT, min_width="0"),
    )


def _titled(title: str, words: str, figure: bqplot.Figure) -> widgets.VBox:
    heading = widgets.HTML(
        f"<small><b>{title}</b> &nbsp; "
        f"<span style='color:var(--jp-ui-font-color2)'>{words}</span></small>"
    )
    return widgets.VBox((heading, figure), layout=widgets.Layout(flex="1 1 0", min_width="0"))


_Row = tuple["NDArray[np.float64]", "NDArray[np.float64]"] | None


def _put(mark: bqplot.Lines, rows: Sequence[_Row], *, positive: bool = False) -> None:
    """Draw curves of different lengths as rows of one mark, short ones ended by gaps."""
    thin = [None if row is None else _thinned(*row) for row in rows]
    width = max((row[0].size for row in thin if row is not None), default=1)
    x, y = np.full((2, len(rows), width), np.nan)
    for number, row in enumerate(thin):
        if row is not None:
            x[number, : row[0].size], y[number, : row[0].size] = row
    if positive:
        y[~(y > 0)] = np.nan
    with mark.hold_sync():
        mark.x, mark.y = x, y


def _thinned(x: NDArray[np.float64], y: NDArray[np.float64]) -> tuple[NDArray[np.float64], ...]:
    step = max(1, x.size // _POINTS) if x.size > 3 * _POINTS else 1
    return x[::step], y[::step]


def _bars(item: SourceProfile) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Lower end, upper end and a gap for each ring."""
    bars = error_bars(item.counts_per_arcsec2, item.error_per_arcsec2)
    return np.repeat(item.radius_arcsec, 3), bars


def _words(module: str, item: SourceProfile | str) -> str:
    if isinstance(item, str):
        return f"<div>{module}: {html.escape(item)}</div>"
    radius, best = item.region_radius_arcsec, item.curve.best
    fraction = (
        f"holds {item.region_fraction:.0%} of its net counts"
        if math.isfinite(item.region_fraction)
        else "holds an unknown part of its net counts"
    )
    suggested = (
        f"; <span style='color:var(--nw-good)'>suggested {item.suggested_arcsec:.0f}</span>"
        if math.isfinite(item.suggested_arcsec)
        else ""
    )
    return (
        f"<div>{module}: a circle of {radius:.1f} arcsec (now) {fraction}{suggested}; best "
        f"S/N {item.curve.signal_to_noise[best]:.1f} at {item.curve.radius_arcsec[best]:.0f} arcsec"
        "</div>"
    )
