"""Confidence ranges: which parameters, how far the statistic may rise, and what was found."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import ClassVar, Final

import ipywidgets as widgets

from nustar_widgets.engines.fitting import FitResult, ParameterResult
from nustar_widgets.panels.fitting.detailpane import DetailPane, button, quiet, row, words
from nustar_widgets.panels.fitting.fitnumbers import error_of, number
from nustar_widgets.panels.fitting.fittables import table

LEVELS: Final = {"1 sigma": 1.0, "90 %": 2.706, "99 %": 6.635}
"""Rise of the statistic by level, for one parameter."""

_HEAD: Final = (
    "Parameter", "Value", "Unit", "Sigma", "From", "To", "-", "+", "What the search met",
)  # fmt: skip


class ErrorPane(DetailPane):
    """Ranges of all free parameters, or of those that are chosen."""

    WATCHED: ClassVar[tuple[str, ...]] = ("result",)

    def _build(self) -> Sequence[widgets.Widget]:
        self.add_class("nw-detail-errors")
        self.levels = {text: button(text, width="84px") for text in LEVELS}
        for text, made in self.levels.items():
            made.tooltip = f"Search {text} ranges: the statistic may rise by {LEVELS[text]:g}"
            made.on_click(self.host.clicked(partial(self.search, text)))
        self.starts = tuple(self.levels.values())
        self.names = widgets.SelectMultiple(
            rows=9, layout=widgets.Layout(width="230px", flex="none"),
            tooltip="Free parameters: search only the chosen ones (Ctrl+click for several)",
        )  # fmt: skip
        self.about = words()
        self.table = words(max_height="250px", overflow="auto", flex="1 1 0", margin="0 0 0 16px")
        said = widgets.HTML("<small>Only these parameters (none chosen: all)</small>")
        left = widgets.VBox((said, self.names), layout=widgets.Layout(flex="none"))
        return (
            row(widgets.HTML("Search ranges:"), *self.starts, self.about),
            row(left, self.table, align_items="flex-start"),
        )

    def search(self, level: str) -> None:
        """Search ranges.

        Parameters
        ----------
        level
            One of `LEVELS`.
        """
        names, delta = tuple(self.names.value) or None, LEVELS[level]
        self.start(lambda: self.live.errors(names, delta=delta))

    def _show(self, names: Sequence[str]) -> None:
        if "generation" in names:
            engine = self.live.engine
            free = () if engine is None else tuple(engine.table.names)
            if free != self.names.options:
                self.names.options = free
        self.about.value = self._about()
        self.table.value = self._rows()

    def _about(self) -> str:
        result = self.live.result
        if result is None or result.delta is None:
            return quiet("No ranges yet; sigma is from the curvature.")
        return quiet(level_words(result.delta))

    def _rows(self) -> str:
        result = self.live.result
        if result is None:
            return (
                "<span class='nw-detail-quiet'>No fit of these values yet: a search fits first."
                "</span>"
            )
        return table(
            _HEAD, [self._row(item, result) for item in result.free], left=(0, 2, len(_HEAD) - 1)
        )

    def _row(self, item: ParameterResult, result: FitResult) -> tuple[str, ...]:
        searched = self.live.activity == f"searching the range of {item.name}"
        met = "searching ..." if searched else flag_words(item)
        if item.at_limit and not met:
            met = "at a limit"
        return (*numbers_of(item), met)


def numbers_of(item: ParameterResult) -> tuple[str, ...]:
    """Write a parameter: name, value, unit, sigma, ends of its range, distances to them.

    Parameters
    ----------
    item
        The parameter.
    """
    ends = (item.error_low, item.error_high)
    error = error_of(item.value, ends) or item.sigma
    sigma = "" if item.sigma is None else number(item.sigma, item.sigma)
    low, high = ("" if end is None else number(end, error) for end in ends)
    minus, plus = ("" if end is None else _signed(end - item.value) for end in ends)
    return item.name, number(item.value, error), item.unit, sigma, low, high, minus, plus


def _signed(distance: float) -> str:
    sign = "\u2212" if distance < 0 else "+"
    return sign + number(abs(distance), distance)


def flag_words(item: ParameterResult) -> str:
    """Say what a search has met; ``well`` where nothing, empty where there was none.

    Parameters
    ----------
    item
        The parameter.
    """
    if not item.status:
        return ""
    return "; ".join(item.warnings) or "well"


def level_words(delta: float) -> str:
    """Name the level of ranges.

    Parameters
    ----------
    delta
        Rise of the statistic.
    """
    level = next((text for text, rise in LEVELS.items() if abs(rise - delta) < 1e-6), None)
    named = f"{level} ranges" if level else "ranges"
    return f"{named}: where the statistic has risen by {delta:g}, all else fitted"
