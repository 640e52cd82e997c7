"""A Markov chain over the free parameters: settings, progress, ranges and corner plot."""

from __future__ import annotations

import base64
import html
from collections.abc import Callable, Sequence
from typing import Any, ClassVar, Final

import ipywidgets as widgets
import numpy as np

from nustar_widgets.engines.fit_measures import Chain, FitMeter
from nustar_widgets.engines.fitting import FitEngine
from nustar_widgets.errors import FitError
from nustar_widgets.panels.fitting.cornerplot import MOST_PARAMETERS, corner_png
from nustar_widgets.panels.fitting.detailpane import DetailPane, button, quiet, row, words
from nustar_widgets.panels.fitting.fitnumbers import error_of, number
from nustar_widgets.panels.fitting.fittables import table

_HEAD: Final = (
    "Parameter", "Median", "Unit", "68 %", "90 %", "Autocorr. [steps]",
)  # fmt: skip
_LEAST_SAMPLES: Final = 50  # of each walker, for a picture


class ChainPane(DetailPane):
    """Monte Carlo, where the engine can."""

    WATCHED: ClassVar[tuple[str, ...]] = ("moved",)

    def _build(self) -> Sequence[widgets.Widget]:
        self.add_class("nw-detail-chain")
        self.chain: Chain | None = None
        """The chain that was run last, or what is there of it."""
        self._best: dict[str, float] = {}
        self._units: dict[str, str] = {}
        self._of: FitEngine | None = None
        self.walkers = _count("Walkers", 20, 62)
        self.walkers.tooltip = "An even number, at least twice the free parameters"
        self.length = _count("Steps", 500, 44)
        self.burn = _count("Burn-in", 200, 54)
        self.burn.tooltip = "Steps at the beginning that are not kept"
        self.go = button("Run the chain", width="120px")
        self.go.on_click(self.host.clicked(self._go))
        self.starts = (self.go,)
        self.about = words()
        self.table = words(overflow="auto")
        self.picture = widgets.HTML()
        self.place = widgets.VBox((self.table,), layout=widgets.Layout(width="100%"))
        return (row(self.walkers, self.length, self.burn, self.go), self.about, self.place)

    def _go(self) -> None:
        engine = self.live.engine
        if engine is not None and not isinstance(engine, FitMeter):
            raise FitError(f"the {engine.name} engine runs no chain: choose the other engine")
        lengths = {
            "walkers": int(self.walkers.value),
            "length": int(self.length.value),
            "burn": int(self.burn.value),
        }
        self.start(lambda: self._work(lengths))

    def _work(self, lengths: dict[str, int]) -> None:
        self.chain = None
        found = self.live.measure(
            "running a chain", lambda engine, stop: self._run(engine, stop, lengths)
        )
        self._take(found)
        self._draw(found)

    def _run(self, engine: Any, stop: Callable[[], bool], lengths: dict[str, int]) -> Chain:
        self._of, self._best = engine, engine.values
        self._units = {item.name: item.unit for item in engine.table.rows}
        chain: Chain = engine.chain(**lengths, stop=stop, watch=self._take)
        return chain

    def _take(self, chain: Chain) -> None:
        """Show how far it is; the picture comes at the end."""
        self.chain = chain
        self._show_safely(())

    def _show(self, names: Sequence[str]) -> None:
        del names
        self.about.value = self._about()
        chain = self.chain
        if chain is not None and chain.samples.shape[1] > 1:
            rows = [_row(chain, at, self._units) for at in range(len(chain.names))]
            self.table.value = table(_HEAD, rows, left=(0, 2))
        else:
            self.table.value = ""

    def _about(self) -> str:
        chain = self.chain
        if chain is None:
            return quiet(
                "Walkers wander over the free parameters as often as exp(-statistic/2) is large, "
                "inside the hard limits (Goodman and Weare 2010). They start from the best fit."
            )
        walkers, steps = chain.samples.shape[:2]
        told = [
            f"{steps} of {chain.wanted} steps of {walkers} walkers",
            f"{100.0 * chain.acceptance:.0f} % of the proposed steps taken (20 to 50 % is well)",
        ]
        if chain.converged:
            told.append("the chain goes 50 autocorrelation times or more")
        warned = [*chain.notes]
        engine = self.live.engine
        if engine is not self._of or (engine is not None and engine.values != self._best):
            warned.append("This chain is of other values or another model: run it again.")
        return (
            html.escape("; ".join(told))
            + "."
            + "".join(f"<div class='nw-detail-warn'>{html.escape(text)}</div>" for text in warned)
        )

    def _draw(self, chain: Chain) -> None:
        if chain.samples.shape[1] < _LEAST_SAMPLES:
            self.place.children = (self.table,)
            return
        png = base64.b64encode(corner_png(chain, best=self._best, units=self._units)).decode()
        shown = chain.names[:MOST_PARAMETERS]
        alt = (
            f"Corner plot of {', '.join(shown)}: histograms, and samples of each pair; the best "
            "fit is marked"
        )
        self.picture.value = (
            f'<img class="nw-detail-picture" alt="{html.escape(alt)}" '
            f'src="data:image/png;base64,{png}">'
        )
        self.place.children = (self.table, self.picture)


def _row(chain: Chain, at: int, units: dict[str, str]) -> tuple[str, ...]:
    name = chain.names[at]
    low, middle, high = chain.range(name, percent=68.27)
    far_low, _, far_high = chain.range(name, percent=90.0)
    error = error_of(middle, (low, high))
    steps = float(chain.autocorrelation[at])
    return (
        name,
        number(middle, error),
        units.get(name, ""),
        f"{number(low, error)} to {number(high, error)}",
        f"{number(far_low, error)} to {number(far_high, error)}",
        f"{steps:.0f}" if np.isfinite(steps) else "",
    )


def _count(label: str, value: int, label_px: int) -> widgets.BoundedIntText:
    return widgets.BoundedIntText(
        value=value, min=0, max=100_000, description=label,
        style={"description_width": f"{label_px}px"},
        layout=widgets.Layout(width=f"{label_px + 86}px", flex="none"),
    )  # fmt: skip
