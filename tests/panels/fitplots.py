"""The plot of the fit panel without a browser, for its tests."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from nustar_widgets.engines.fit_embedded import EmbeddedFit
from nustar_widgets.fits.plotlines import PlotChoice
from nustar_widgets.panels.fitting.fitfigure import FitFigure
from tests.engines.fitcases import made_choice, made_pair
from tests.spectra.builders import a_background

if TYPE_CHECKING:
    import bqplot

PAIR = tuple(replace(data, background=a_background()) for data in made_pair(seed=3))
EXPRESSION = "constant*tbabs*(powerlaw+gaussian)"
NAMES = ("FPMA <one>", "FPMB")


class Plot:
    """A figure, and what it told."""

    def __init__(self) -> None:
        self.noticed: list[Any] = []
        self.choices: list[PlotChoice] = []
        self.engine = EmbeddedFit(PAIR, made_choice(expression=EXPRESSION))
        self.figure = FitFigure(
            noticed=self.noticed.append, choice_changed=self.choices.append, guarded=lambda f: f
        )

    def shown(self) -> FitFigure:
        self.figure.show_data(PAIR, NAMES)
        self.figure.show_model(self.engine)
        return self.figure


def drawn(mark: bqplot.Lines) -> np.ndarray[Any, np.dtype[np.float32]]:
    assert mark.visible
    return np.atleast_2d(mark.y)


def sent(marks: dict[str, bqplot.Mark]) -> list[tuple[str, str]]:
    """Record which traits of which marks change."""
    found: list[tuple[str, str]] = []
    for name, mark in marks.items():
        mark.observe(lambda change, name=name: found.append((name, change["name"])))
    return found
