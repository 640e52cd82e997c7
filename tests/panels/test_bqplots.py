"""One set of words for bqplot 0.12 and 0.13."""

from __future__ import annotations

from pathlib import Path

import bqplot
import pytest

from nustar_widgets import panels
from nustar_widgets.panels.bqplots import BARE, LEFT, RIGHT

SOURCES = sorted(Path(panels.__file__).parent.rglob("*.py"))


@pytest.mark.parametrize(("words", "side"), [(LEFT, "left"), (RIGHT, "right")])
def test_an_axis_at_a_side_stands_upright(words: dict[str, str], side: str) -> None:
    axis = bqplot.Axis(scale=bqplot.LinearScale(), **words)
    assert (axis.side, axis.orientation) == (side, "vertical")


def test_a_bare_figure_has_no_toolbar() -> None:
    figure = bqplot.Figure(**BARE)
    assert not getattr(figure, "display_toolbar", False)


@pytest.mark.parametrize("word", ['side="left"', 'side="right"', "display_toolbar=False"])
def test_no_panel_says_it_in_words_of_its_own(word: str) -> None:
    said = [path.name for path in SOURCES if word in path.read_text(encoding="utf-8")]
    assert said == ["bqplots.py"]
