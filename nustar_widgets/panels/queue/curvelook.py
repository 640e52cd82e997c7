"""A light curve file as a plot: count rate against time, gaps as gaps."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Final

import bqplot
import ipywidgets as widgets
import numpy as np

from nustar_widgets.panels.bqplots import LEFT

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nustar_widgets.spectra.lightcurvefile import LightCurveTable

_COLOUR: Final = "#2a6cb5"
_MOST_BARS: Final = 2000  # error bars closer than a pixel say nothing


class CurveLook(widgets.VBox):
    """The plot.

    Parameters
    ----------
    curve
        What is drawn.
    """

    def __init__(self, curve: LightCurveTable) -> None:
        super().__init__()
        self.add_class("nw-curve-look")
        time_s, rate, error = curve_points(curve)
        low, high = _limits(rate, error)
        span = float(time_s[-1]) if time_s.size else 1.0
        x = bqplot.LinearScale(min=-0.01 * span, max=1.01 * span or 1.0, allow_padding=False)
        y = bqplot.LinearScale(min=low, max=high, allow_padding=False)
        scales = {"x": x, "y": y}
        self.line = bqplot.Lines(
            x=time_s, y=rate, scales=scales, colors=[_COLOUR], stroke_width=1.2,
            marker="circle", marker_size=6,
        )  # fmt: skip
        marks = [self.line]
        if rate.size <= _MOST_BARS:
            ends = np.stack([rate - error, rate + error, np.full(rate.size, np.nan)], axis=1)
            marks.append(
                bqplot.Lines(
                    x=np.repeat(time_s, 3),
                    y=ends.ravel(),
                    scales=scales,
                    colors=[_COLOUR],
                    stroke_width=1.0,
                    opacities=[0.5],
                )
            )
        axes = [
            bqplot.Axis(scale=x, label="Time since start [s]", grid_lines="none", num_ticks=7),
            bqplot.Axis(
                scale=y, **LEFT, label="Rate [count/s]", label_offset="3.8em",
                grid_lines="none",
            ),
        ]  # fmt: skip
        self.figure = bqplot.Figure(
            marks=marks, axes=axes, animation_duration=0,
            fig_margin={"top": 8, "bottom": 42, "left": 70, "right": 18},
            layout=widgets.Layout(width="100%", height="260px"),
        )  # fmt: skip
        self.children = (
            widgets.HTML(f"<div class='nw-look-words'>{html.escape(_words(curve))}</div>"),
            self.figure,
        )


def curve_points(
    curve: LightCurveTable,
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return times since the first bin [s], rates and errors [count/s]; nan where there is a gap.

    Parameters
    ----------
    curve
        The light curve.
    """
    order = np.argsort(curve.time_s, kind="stable")
    time_s = curve.time_s[order] - (curve.time_s.min() if curve.time_s.size else 0.0)
    rate, error = (values[order].astype(np.float64) for values in (curve.rate, curve.error))
    rate[~(curve.fracexp[order] > 0)] = np.nan
    error = np.where(np.isfinite(error), error, 0.0)
    gaps = np.flatnonzero(np.diff(time_s) > 1.5 * curve.timedel_s) + 1
    middle = 0.5 * (time_s[gaps] + time_s[gaps - 1]) if gaps.size else np.empty(0)
    return (
        np.insert(time_s, gaps, middle),
        np.insert(rate, gaps, np.nan),
        np.insert(error, gaps, 0.0),
    )


def _limits(rate: NDArray[np.float64], error: NDArray[np.float64]) -> tuple[float, float]:
    if not np.isfinite(rate).any():
        return 0.0, 1.0
    low, high = float(np.nanmin(rate - error)), float(np.nanmax(rate + error))
    room = 0.06 * (high - low) or 0.1 * abs(high) or 1.0
    return (0.0 if 0.0 <= low < 0.5 * high else low - room), high + room


def _words(curve: LightCurveTable) -> str:
    name = curve.path.name if curve.path is not None else "light curve"
    bin_s = f"{curve.timedel_s:g} s bins"
    corrected = "corrected rates" if curve.rate_orig is not None else ""
    return ", ".join(filter(None, (f"{name}: {curve.rate.size} x {bin_s}", corrected)))
