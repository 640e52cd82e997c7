"""Two parameters against each other: which, how far, and the picture that fills in."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import Any, ClassVar, Final

import ipywidgets as widgets
import numpy as np

from nustar_widgets.engines.fitting import Contour, FitResult
from nustar_widgets.errors import ParameterError
from nustar_widgets.panels.fitting.contourlines import LEVELS
from nustar_widgets.panels.fitting.contourplot import ContourPlot, contour_words
from nustar_widgets.panels.fitting.contourrange import reach_of
from nustar_widgets.panels.fitting.detailpane import DetailPane, button, quiet, row, words

STEPS: Final = 20
"""Points along each parameter, where nobody says it."""

_MOST_STEPS: Final = 200
_PAUSE_S: Final = 0.1
_PAUSE_POINT_S: Final = 2e-5
_SAMPLES: Final = {
    "68 %": "\u2500\u2500", "90 %": "\u2013 \u2013", "99 %": "\u00b7\u00b7\u00b7\u00b7",
}  # fmt: skip


class ContourPane(DetailPane):
    """A map of the statistic over two free parameters."""

    WATCHED: ClassVar[tuple[str, ...]] = ("contour", "result")

    def _build(self) -> Sequence[widgets.Widget]:
        self.add_class("nw-detail-contour")
        self._is_filling = False
        self._drawn: tuple[Contour, FitResult | None] | None = None
        self._typed: set[str] = set()  # axes whose range somebody has typed
        self.names = {axis: _dropdown(f"{axis}-axis") for axis in "xy"}
        self.ends = {axis: (_end("from"), _end("to")) for axis in "xy"}
        self.steps = widgets.BoundedIntText(
            value=STEPS, min=3, max=_MOST_STEPS, description="Points a side",
            style={"description_width": "82px"}, layout=widgets.Layout(width="160px", flex="none"),
        )  # fmt: skip
        self.map = button("Map", tooltip="Fit all others at each point of the map", width="90px")
        self.map.on_click(self.host.clicked(self.start_map))
        self.reset = button(
            "Ranges anew", tooltip="Take the ranges from the errors of the fit again", width="110px"
        )
        self.reset.on_click(self.host.clicked(self._anew))
        self.starts = (self.map,)
        self.about = words(margin="6px 0 0 0")
        self.plot: ContourPlot | None = None
        for axis in "xy":
            self.names[axis].observe(self.host.guarded(self._chosen), "value")
            for end in self.ends[axis]:
                end.observe(self.host.guarded(lambda _, axis=axis: self._type(axis)), "value")
        rows = [part for axis in "xy" for part in (self.names[axis], row(*self.ends[axis]))]
        left = widgets.VBox(
            (*rows, self.steps, row(self.map, self.reset), self.about),
            layout=widgets.Layout(width="330px", flex="none"),
        )
        self.place = row(left, align_items="flex-start")
        return (self.place,)

    def start_map(self) -> None:
        """Map the statistic over what is chosen."""
        names = {axis: str(self.names[axis].value or "") for axis in "xy"}
        if names["x"] == names["y"]:
            raise ParameterError("contour", "expected two different free parameters")
        grids = {axis: self._grid(axis) for axis in "xy"}
        self.start(lambda: self._work((names["x"], names["y"]), grids))

    def _work(self, names: tuple[str, str], grids: dict[str, list[float]]) -> None:
        self.live.map(*names, x=grids["x"], y=grids["y"])

    def _grid(self, axis: str) -> list[float]:
        low, high = (float(end.value) for end in self.ends[axis])
        if not (np.isfinite(low) and np.isfinite(high) and low < high):
            raise ParameterError(
                str(self.names[axis].value),
                f"{low:g} to {high:g}: expected two numbers, the lower one first",
            )
        return [float(value) for value in np.linspace(low, high, self.steps.value)]

    # -- what is offered ------------------------------------------------------------------

    def _show(self, names: Sequence[str]) -> None:
        if "generation" in names:
            self._offer()
        if {"generation", "result"} & set(names):
            self._fill()
        self._draw()

    def _offer(self) -> None:
        engine = self.live.engine
        free = () if engine is None else tuple(engine.table.names)
        if free == tuple(self.names["x"].options):
            return
        self._typed.clear()
        self._is_filling = True
        try:
            for at, axis in enumerate("xy"):
                chosen = self.names[axis].value
                self.names[axis].options = free
                offered = free[min(at, len(free) - 1)] if free else None
                self.names[axis].value = chosen if chosen in free else offered
            if len(free) > 1 and self.names["x"].value == self.names["y"].value:
                self.names["y"].value = next(n for n in free if n != self.names["x"].value)
        finally:
            self._is_filling = False

    def _chosen(self, change: Any) -> None:
        if not self._is_filling:
            axis = next(axis for axis in "xy" if self.names[axis] is change["owner"])
            self._typed.discard(axis)
            self._fill()

    def _anew(self) -> None:
        self._typed.clear()
        self._fill()

    def _type(self, axis: str) -> None:
        if not self._is_filling:
            self._typed.add(axis)

    def _fill(self) -> None:
        """Put ranges into the fields nobody has typed in."""
        engine = self.live.engine
        if engine is None:
            return
        known = {item.name: item for item in engine.table.rows}
        values = engine.values
        self._is_filling = True
        try:
            for axis in set("xy") - self._typed:
                name = self.names[axis].value
                if name in known:
                    ends = reach_of(known[name], values[name], self.live.result)
                    for field, value in zip(self.ends[axis], ends, strict=True):
                        field.value = value
        finally:
            self._is_filling = False

    # -- the picture ----------------------------------------------------------------------

    def _draw(self) -> None:
        contour, engine = self.live.contour, self.live.engine
        known = {} if engine is None else {item.name: item for item in engine.table.rows}
        if contour is None or engine is None or not {contour.name_x, contour.name_y} <= set(known):
            self._show_picture(shown=False)
            self._drawn = None
            self.about.value = quiet(
                "Ranges are from the errors of the fit, or from sigma. The picture fills in from "
                "the best fit outwards."
            )
            return
        if self.plot is None:
            self.plot = ContourPlot()
        if (contour, self.live.result) != self._drawn and self.is_due(_pause_s(contour)):
            self._drawn = contour, self.live.result
            units = (known[contour.name_x].unit, known[contour.name_y].unit)
            self.plot.show(contour, best=self._best(contour), units=units)
            self.about.value = f"{_key()}<div>{html.escape(contour_words(contour))}</div>"
        self._show_picture(shown=True)

    def _best(self, contour: Contour) -> tuple[float, float] | None:
        result = self.live.result
        if result is None:
            return None
        return result[contour.name_x].value, result[contour.name_y].value

    def _show_picture(self, *, shown: bool) -> None:
        left = self.place.children[0]
        wanted = (left, self.plot) if shown and self.plot is not None else (left,)
        if self.place.children != wanted:
            self.place.children = wanted


def _pause_s(contour: Contour) -> float:
    """Return the shortest time between two drawings of a map [s]: a large one takes its time."""
    return _PAUSE_S + _PAUSE_POINT_S * contour.statistic.size


def _key() -> str:
    rows = "".join(
        f"<div><span style='color:#e0841a;display:inline-block;width:34px;font-weight:700'>"
        f"{_SAMPLES[name]}</span>{name} of two parameters: statistic +{level:.2f}</div>"
        for name, level in LEVELS.items()
    )
    cross = "<span style='color:#d0312d;display:inline-block;width:34px;font-weight:700'>+</span>"
    return f"{rows}<div>{cross}best fit; the darker, the better</div>"


def _dropdown(label: str) -> widgets.Dropdown:
    return widgets.Dropdown(
        description=label, style={"description_width": "44px"},
        layout=widgets.Layout(width="320px", flex="none"),
    )  # fmt: skip


def _end(label: str) -> widgets.FloatText:
    return widgets.FloatText(
        value=0.0, description=label, continuous_update=False,
        style={"description_width": "44px"}, layout=widgets.Layout(width="158px", flex="none"),
    )  # fmt: skip
