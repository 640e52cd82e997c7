"""How a fit goes on and how it stands: the statistic against evaluations, and the result."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, Final

import bqplot
import ipywidgets as widgets
import numpy as np

from nustar_widgets.engines.fit_rivals import worse_than
from nustar_widgets.engines.fitting import FitResult
from nustar_widgets.fits.records import FitRecord
from nustar_widgets.panels.bqplots import LEFT
from nustar_widgets.panels.fitting.detailpane import DetailPane, quiet, row, words
from nustar_widgets.panels.fitting.ticks import show_range

if TYPE_CHECKING:
    from numpy.typing import NDArray

STATISTICS: Final = {
    "chi": "chi-square",
    "cstat": "C statistic",
    "pgstat": "PG statistic",
    "lstat": "L statistic",
}
"""Statistics by the names people know."""

BETWEEN_S: Final = 0.1
"""Shortest time between two drawings of a trace [s]; the last one is always drawn."""

_STATUS: Final = {
    "converged": "converged",
    "stopped": "stopped before the end: this is the best so far",
    "not converged": "not converged: fit again, or from other start values",
    "not fitted": "not fitted: the statistic at the present values",
}
_MOST_POINTS: Final = 1000
_COLOUR: Final = "#2a7cc7"


class TracePane(DetailPane):
    """The trace of the statistic, and the result in words."""

    WATCHED: ClassVar[tuple[str, ...]] = ("step", "result", "problem", "history")

    def _build(self) -> Sequence[widgets.Widget]:
        self.add_class("nw-detail-trace")
        self._trace: tuple[tuple[int, float], ...] = ()
        self.result = words(flex="1 1 0", margin="0 0 0 16px")
        self.figure: bqplot.Figure | None = None
        self.place = row(self.result, align_items="flex-start")
        return (self.place,)

    def _show(self, names: Sequence[str]) -> None:
        live = self.live
        if "generation" in names and live.step is None and not live.activity:
            self._clear()
        if live.step is not None and {"step", "activity"} & set(names):
            self._follow(live.step.trace or ((live.step.n_evaluations, live.step.statistic),))
        self.result.value = self._words()

    def _follow(self, trace: tuple[tuple[int, float], ...]) -> None:
        if trace == self._trace or not self.is_due(BETWEEN_S):
            return
        self._trace = trace
        self._draw(np.array(_thinned(trace), dtype=np.float64))

    def _clear(self) -> None:
        self._trace = ()
        if self.figure is not None:
            self.place.children = (self.result,)

    def _draw(self, points: NDArray[np.float64]) -> None:
        seen = points[np.isfinite(points[:, 1])]
        if not seen.size:
            return
        if self.figure is None:
            self.figure = self._made()
        y = self._scale(positive=bool((seen[:, 1] > 0.0).all()))
        with self.line.hold_sync():
            self.line.scales = {"x": self.x_axis.scale, "y": y}
            self.line.x, self.line.y = seen[:, 0], seen[:, 1]
        self.y_axis.scale = y
        self.y_axis.label = _label(self.live.session.fit.statistic)
        show_range(self.x_axis, 0.0, max(1.03 * float(seen[-1, 0]), 5.0), most=7)
        show_range(self.y_axis, *_ends(seen[:, 1], is_log=isinstance(y, bqplot.LogScale)), most=5)
        if self.figure not in self.place.children:
            self.place.children = (self.figure, self.result)

    def _scale(self, *, positive: bool) -> bqplot.Scale:
        return self._log if positive else self._linear

    def _made(self) -> bqplot.Figure:
        self._log = bqplot.LogScale(min=1.0, max=10.0)
        self._linear = bqplot.LinearScale(min=0.0, max=1.0, allow_padding=False)
        x = bqplot.LinearScale(min=0.0, max=5.0, allow_padding=False)
        self.line = bqplot.Lines(
            x=[0.0], y=[1.0], scales={"x": x, "y": self._log}, colors=[_COLOUR], stroke_width=2.0,
            interpolation="step-after", marker="circle", marker_size=16,
        )  # fmt: skip
        self.x_axis = bqplot.Axis(
            scale=x,
            label="Evaluations of the statistic",
            grid_lines="none",
            label_offset="2.7em",
        )
        self.y_axis = bqplot.Axis(scale=self._log, **LEFT, label_offset="4.6em", grid_lines="none")
        return bqplot.Figure(
            marks=[self.line],
            axes=[self.x_axis, self.y_axis],
            fig_margin={"top": 12, "bottom": 50, "left": 82, "right": 18},
            animation_duration=0,
            layout=widgets.Layout(width="620px", height="262px", flex="none", min_width="0"),
        )

    def _words(self) -> str:
        if self.live.problem:
            return _warning(self.live.problem)
        result = self.live.result
        if result is None:
            return quiet("No fit of these spectra, this model and these values yet.")
        return result_words(result) + self._nested(result)

    def _nested(self, result: FitResult) -> str:
        """Warn of an earlier fit of a simpler model that is better than this one."""
        history: tuple[FitRecord, ...] = self.live.history
        notes = worse_than(result, [item.result for item in history if item.result != result])
        return "".join(_warning(note) for note in notes if note not in result.notes)


def result_words(result: FitResult) -> str:
    """Write the result of a fit in HTML: statistic, status, what to watch out for.

    Parameters
    ----------
    result
        The result.
    """
    bins = " + ".join(str(number) for number in result.n_bins)
    head = (
        f"<div class='nw-detail-big'>{html.escape(statistic_words(result))}</div>"
        f"<div class='nw-detail-quiet'>{html.escape(result.expression)}; {bins} bins, "
        f"{len(result.free)} free parameters</div>"
    )
    status = html.escape(_STATUS.get(result.status, result.status))
    is_well = result.status == "converged"
    told = f"<div>{status}</div>" if is_well else _warning(_STATUS.get(result.status, status))
    return head + told + "".join(_warning(note) for note in warnings(result))


def statistic_words(result: FitResult) -> str:
    """Write the statistic of a fit with its degrees of freedom.

    Parameters
    ----------
    result
        The result.
    """
    name = STATISTICS.get(result.statistic_name, result.statistic_name)
    text = f"{name} {result.statistic:.2f} for {result.dof} degrees of freedom"
    if result.statistic_name == "chi" and result.dof > 0:
        text += f", reduced {result.statistic / result.dof:.3f}"
    return text


def warnings(result: FitResult) -> tuple[str, ...]:
    """Return what somebody who reads a result should know.

    Parameters
    ----------
    result
        The result.
    """
    at_limit = [
        item.name
        for item in result.parameters
        if item.at_limit and not any(item.name in note for note in result.notes)
    ]
    own = (f"at a limit: {', '.join(at_limit)}; its error is not to be trusted",)
    none_left = ("no degree of freedom is left: fewer parameters, or more bins",)
    return (
        *result.notes,
        *(own if at_limit else ()),
        *(none_left if result.dof <= 0 else ()),
    )


def _warning(text: str) -> str:
    return f"<div class='nw-detail-warn'>{html.escape(text)}</div>"


def _label(statistic: str) -> str:
    name = STATISTICS.get(statistic, statistic)
    return f"{name[:1].upper()}{name[1:]}"


def _thinned(trace: tuple[tuple[int, float], ...]) -> tuple[tuple[int, float], ...]:
    if len(trace) <= _MOST_POINTS:
        return trace
    every = -(-len(trace) // _MOST_POINTS)
    return (*trace[:-1:every], trace[-1])


def _ends(values: NDArray[np.float64], *, is_log: bool) -> tuple[float, float]:
    low, high = float(values.min()), float(values.max())
    if is_log:
        reach = max((high / low) ** 0.06, 1.002)
        return low / reach, high * reach
    reach = 0.06 * (high - low) or 0.01 * abs(high) or 1.0
    return low - reach, high + reach
