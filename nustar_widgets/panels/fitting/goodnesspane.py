"""How good a fit is: spectra simulated from it, and how often they are fitted better."""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from typing import Any, ClassVar, Final

import bqplot
import ipywidgets as widgets
import numpy as np

from nustar_widgets.engines.fit_measures import FitMeter, Goodness
from nustar_widgets.engines.fitting import FitEngine
from nustar_widgets.errors import FitError
from nustar_widgets.panels.bqplots import LEFT
from nustar_widgets.panels.fitting.detailpane import DetailPane, button, quiet, row, words
from nustar_widgets.panels.fitting.ticks import show_range

TESTS: Final = {
    "the fit statistic": None,
    "Kolmogorov-Smirnov": "ks",
    "Cramer-von Mises": "cvm",
    "Anderson-Darling": "ad",
}
"""What is compared, by the names people know."""

_BARS: Final = 24
_COLOUR: Final = "#4d8fcb"
_DATA: Final = "#d0703a"


class GoodnessPane(DetailPane):
    """XSPEC's goodness, where the engine can."""

    WATCHED: ClassVar[tuple[str, ...]] = ("moved",)

    def _build(self) -> Sequence[widgets.Widget]:
        self.add_class("nw-detail-goodness")
        self.found: Goodness | None = None
        """What was found last, or what is there of it."""
        self._of: FitEngine | None = None
        self._values: dict[str, float] = {}
        self.n = widgets.BoundedIntText(
            value=100, min=1, max=100_000, description="Simulations",
            style={"description_width": "78px"}, layout=widgets.Layout(width="168px", flex="none"),
        )  # fmt: skip
        self.test = widgets.Dropdown(
            options=list(TESTS), description="Compare",
            style={"description_width": "62px"}, layout=widgets.Layout(width="240px", flex="none"),
        )  # fmt: skip
        self.draw = widgets.Checkbox(
            value=False, indent=False, description="draw the parameters too",
            tooltip="From the covariance of the fit; else all are simulated at the best fit",
            layout=widgets.Layout(width="200px", flex="none"),
        )  # fmt: skip
        self.go = button("Simulate", width="96px")
        self.go.on_click(self.host.clicked(self._go))
        self.starts = (self.go,)
        self.about = words(flex="1 1 0", margin="0 0 0 16px")
        self.figure: bqplot.Figure | None = None
        self.place = row(self.about, align_items="flex-start")
        return (row(self.n, self.test, self.draw, self.go), self.place)

    def _go(self) -> None:
        engine = self.live.engine
        if engine is not None and not isinstance(engine, FitMeter):
            raise FitError(f"the {engine.name} engine simulates nothing: choose the other engine")
        n, test, draw = int(self.n.value), TESTS[str(self.test.value)], bool(self.draw.value)
        self.start(lambda: self._work(n, test, draw=draw))

    def _work(self, n: int, test: str | None, *, draw: bool) -> None:
        def ask(engine: Any, stop: Callable[[], bool]) -> Goodness:
            self._of, self._values = engine, engine.values
            found: Goodness = engine.goodness(n, test=test, draw=draw, stop=stop, watch=self._take)
            return found

        self._take(self.live.measure("simulating spectra", ask))

    def _take(self, found: Goodness) -> None:
        self.found = found
        self._show_safely(())

    def _show(self, names: Sequence[str]) -> None:
        del names
        found = self.found
        self.about.value = self._words(found)
        if found is not None and found.simulated.size > 1:
            self._draw(found)

    def _words(self, found: Goodness | None) -> str:
        if found is None or found.percent_below is None:
            return quiet(
                "Spectra are simulated from the best fit and fitted. A good fit has about half of "
                "them below the data; more than 90 or 95 % below: the model does not describe them."
            )
        engine = self.live.engine
        stale = engine is not self._of or (engine is not None and engine.values != self._values)
        warned = [*found.notes, *(["Of other values or another model."] if stale else [])]
        return (
            f"<div class='nw-detail-big'>{found.percent_below:.1f} % of the simulations are below "
            f"the data</div><div>{found.simulated.size} of {found.wanted} simulations; data "
            f"{found.data:.5g}, median of the simulations {np.median(found.simulated):.5g}</div>"
            + "".join(f"<div class='nw-detail-warn'>{html.escape(text)}</div>" for text in warned)
        )

    def _draw(self, found: Goodness) -> None:
        if self.figure is None:
            self.figure = self._made()
        low = float(min(found.simulated.min(), found.data))
        high = float(max(found.simulated.max(), found.data))
        reach = 0.05 * (high - low) or 1.0
        counts, edges = np.histogram(found.simulated, bins=_BARS, range=(low - reach, high + reach))
        top = 1.12 * max(float(counts.max()), 1.0)
        with self.bars.hold_sync():
            self.bars.x, self.bars.y = edges, np.append(counts, counts[-1]).astype(float)
        with self.line.hold_sync():
            self.line.x, self.line.y = [found.data, found.data], [0.0, top]
        show_range(self.x_axis, low - reach, high + reach)
        show_range(self.y_axis, 0.0, top, most=5)
        if self.figure not in self.place.children:
            self.place.children = (self.figure, self.about)

    def _made(self) -> bqplot.Figure:
        scales = {
            "x": bqplot.LinearScale(allow_padding=False),
            "y": bqplot.LinearScale(allow_padding=False),
        }
        self.bars = bqplot.Lines(
            x=[0.0, 1.0], y=[0.0, 0.0], scales=scales, interpolation="step-after", fill="bottom",
            colors=[_COLOUR], fill_opacities=[0.5], stroke_width=1.2,
        )  # fmt: skip
        self.line = bqplot.Lines(
            x=[0.0, 0.0], y=[0.0, 1.0], scales=scales, colors=[_DATA], stroke_width=2.5
        )
        self.x_axis = bqplot.Axis(
            scale=scales["x"], label="Statistic (the orange line: data)", grid_lines="none",
            label_offset="2.7em",
        )  # fmt: skip
        self.y_axis = bqplot.Axis(
            scale=scales["y"], **LEFT, label="Simulations", grid_lines="none",
            label_offset="3.2em",
        )  # fmt: skip
        return bqplot.Figure(
            marks=[self.bars, self.line],
            axes=[self.x_axis, self.y_axis],
            fig_margin={"top": 12, "bottom": 50, "left": 64, "right": 18},
            animation_duration=0,
            layout=widgets.Layout(width="560px", height="240px", flex="none", min_width="0"),
        )
