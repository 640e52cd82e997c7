"""Lines that follow the hand: what goes to the page, and its code run by Node."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from bqplot import LogScale

from nustar_widgets.engines.fit_embedded import EmbeddedFit
from nustar_widgets.fits.plotlines import PlotChoice
from nustar_widgets.panels.fitting.fitfigure import FitFigure
from nustar_widgets.panels.fitting.ladder import FINENESS, Hold
from nustar_widgets.panels.fitting.livelines import front_end
from tests.panels.fitplots import Plot, drawn, sent
from tests.panels.frontend import evaluated_in, needs_node

if TYPE_CHECKING:
    import bqplot


@pytest.fixture
def plot() -> Plot:
    return Plot()


def under_the_hand(plot: Plot, **choice: Any) -> FitFigure:
    """Draw a model, then another one as under the hand, in a page that can do that."""
    figure = plot.shown()
    figure.choice = replace(figure.choice, **choice)
    figure.live.ready = 1
    plot.engine.set({"powerlaw.PhoIndex": 1.41})
    figure.show_model(plot.engine, passing=True)
    return figure


def rows_of(figure: FitFigure) -> dict[bqplot.Lines, np.ndarray[Any, np.dtype[np.float32]]]:
    """What the page is to draw, by mark, as it stands on its axis."""
    heights, end, found = np.frombuffer(figure.live.heights, "<f4"), 0, {}
    for mark in figure.live.marks:
        shape = np.atleast_2d(mark.y).shape
        found[mark] = heights[end : end + shape[0] * shape[1]].reshape(shape)
        end += shape[0] * shape[1]
    assert end == heights.size
    return found


def on_axis(mark: bqplot.Lines, heights: Any) -> Any:
    return np.log10(heights) if isinstance(mark.scales["y"], LogScale) else heights


@pytest.mark.parametrize("kind", ["data", "eeufspec"])
def test_bqplot_gets_at_rest_what_was_drawn_under_the_hand(plot: Plot, kind: str) -> None:
    figure = under_the_hand(plot, kind=kind)
    under = rows_of(figure)
    figure.show_model(plot.engine)
    assert figure.live.heights == b""
    assert figure.live.marks == []
    for mark, rows in under.items():
        assert np.array_equal(rows, on_axis(mark, drawn(mark)), equal_nan=True)


def test_the_lines_that_move_are_drawn_in_the_order_of_the_marks(plot: Plot) -> None:
    figure = under_the_hand(plot, kind="eeufspec", residual="ratio")
    assert figure.live.marks == [
        figure.data.points, figure.data.models, figure.residuals.points,
    ]  # fmt: skip
    figure = under_the_hand(plot, kind="counts", residual="none")
    assert figure.live.marks == [figure.data.models]


def test_bqplots_lines_stay_as_they_are_while_the_hand_moves(plot: Plot) -> None:
    figure = under_the_hand(plot)
    noted = sent(
        {"models": figure.data.models, "residuals": figure.residuals.points, "live": figure.live}
    )
    plot.engine.set({"powerlaw.PhoIndex": 1.42})
    figure.show_model(plot.engine, passing=True)
    assert noted == [("live", "heights")]


@pytest.mark.parametrize("lacks", ["ready", "has_lines"])
def test_bqplot_draws_where_the_page_cannot(plot: Plot, lacks: str) -> None:
    figure = plot.shown()
    figure.live.ready = 1
    setattr(figure.live, lacks, type(getattr(figure.live, lacks))())
    before = drawn(figure.data.models).copy()
    plot.engine.set({"powerlaw.PhoIndex": 1.41})
    figure.show_model(plot.engine, passing=True)
    assert figure.live.heights == b""
    assert not np.array_equal(before, drawn(figure.data.models), equal_nan=True)


def test_other_axes_or_data_end_it_and_the_next_move_draws_again(plot: Plot) -> None:
    figure = under_the_hand(plot)
    figure.choice = PlotChoice(log_y=False)
    assert figure.live.marks == []
    assert figure.live.comm is not None
    figure.show_model(plot.engine, passing=True)
    assert figure.live.marks == [figure.data.models, figure.residuals.points]
    figure.show_data((), ())
    assert figure.live.heights == b""


# -- lines sent ahead


class Ahead:
    """A plot whose slider of the photon index is under the hand, and what goes to the page."""

    def __init__(self, plot: Plot, *, low: float = 1.2, high: float = 1.6) -> None:
        self.figure, self.engine = plot.shown(), plot.engine
        self.figure.live.ready = 1
        self.ends = (low, high)
        self.sent: list[dict[str, Any]] = []
        self.figure.live.send = lambda content, buffers=None: self.sent.append(
            {**content, "buffers": buffers}
        )
        self.revision = 0

    def hold(self, value: float) -> Hold:
        self.revision += 1
        return Hold(INDEX, value, *self.ends, log=False, revision=self.revision)

    @contextmanager
    def at(self, value: float) -> Iterator[EmbeddedFit]:
        before = self.engine.values[INDEX]
        self.engine.set({INDEX: value})
        yield self.engine
        self.engine.set({INDEX: before})

    def take(self) -> None:
        """Press."""
        self.figure.look_ahead(self.hold(self.engine.values[INDEX]), self.at)

    def move(self, value: float) -> None:
        hold = self.hold(value)
        self.engine.set({INDEX: value})
        self.figure.show_model(self.engine, passing=True, hold=hold)
        self.figure.look_ahead(hold, self.at)


INDEX = "powerlaw.PhoIndex"


def test_a_slider_that_is_taken_gets_lines_ahead_and_moves_need_no_more(plot: Plot) -> None:
    ahead = Ahead(plot)
    live = ahead.figure.live
    ahead.take()
    [first] = ahead.sent
    assert live.ladder["name"] == INDEX
    assert first["id"] == live.ladder["id"]
    assert live.marks == [ahead.figure.data.models, ahead.figure.residuals.points]
    ahead.move(ahead.engine.values[INDEX] + 0.004)
    assert live.heights == b""
    ahead.figure.show_model(ahead.engine)
    assert live.ladder == {}
    assert live.marks == []


def test_a_rung_is_the_line_at_its_value(plot: Plot) -> None:
    ahead = Ahead(plot)
    ahead.take()
    [first] = ahead.sent
    live, number = ahead.figure.live, first["numbers"][2]
    value = 1.2 + 0.4 * number / live.ladder["steps"]
    ahead.figure.live.ladder = {}
    live._ladders.forget()  # so that the kernel sends its own
    ahead.engine.set({INDEX: value})
    ahead.figure.show_model(ahead.engine, passing=True)
    exact = np.frombuffer(live.heights, "<f4")
    rung = np.frombuffer(first["buffers"][2], "<f4")
    assert rung == pytest.approx(exact, rel=2e-5, abs=1e-6, nan_ok=True)


def test_lines_that_jump_between_rungs_are_sent_as_they_are(plot: Plot) -> None:
    ahead = Ahead(plot, low=-3.0, high=9.0)
    plain = ahead.figure.data.rows

    def jumping(moved: Any) -> Any:
        rung = (ahead.engine.values[INDEX] + 3.0) / 12.0 * FINENESS[-1]
        factor = 1.0 if abs(rung - round(rung)) < 1e-6 else 2.0
        return [(mark, [row * factor for row in each]) for mark, each in plain(moved)]

    ahead.figure.data.rows = jumping  # type: ignore[method-assign]
    ahead.take()
    for step in range(1, 6):
        ahead.move(1.4 + step * 0.0333)
        assert ahead.figure.live.heights != b""
    assert ahead.figure.live.ladder == {}


def test_another_slider_has_other_rungs(plot: Plot) -> None:
    ahead = Ahead(plot)
    ahead.take()
    ahead.ends = (1.3, 1.7)
    ahead.take()
    first, second = ahead.sent
    assert first["id"] != second["id"] == ahead.figure.live.ladder["id"]


def test_a_page_that_cannot_draw_gets_nothing_ahead(plot: Plot) -> None:
    ahead = Ahead(plot)
    ahead.figure.live.has_lines = False
    ahead.take()
    assert ahead.sent == []
    assert ahead.figure.live.marks == []


# -- in the page


def traced(xs: list[float], ys: list[float | None], *, step: bool, folder: Path) -> Any:
    """What is drawn through points; None is a gap."""
    straight = "{ offset: 10, slope: -2 }"
    given = f"{xs}, {json.dumps(ys)}.map(y => y ?? NaN), {straight}, {json.dumps(step)}"
    noting = (
        "{ moveTo: (x, y) => said.push(['M', x, y]), lineTo: (x, y) => said.push(['L', x, y]) }"
    )
    expression = f"(said => {{ traceLine({noting}, {given}); return said; }})([])"
    return evaluated_in(front_end(), expression, folder)


@needs_node
def test_lines_are_those_of_bqplot_with_gaps_and_steps(tmp_path: Path) -> None:
    xs, ys = [0.0, 1.0, 2.0, 3.0, 4.0], [5.0, 6.0, None, 7.0, 8.0]
    assert traced(xs, ys, step=False, folder=tmp_path) == [
        ["M", 0, 0], ["L", 1, -2], ["M", 3, -4], ["L", 4, -6],
    ]  # fmt: skip
    assert traced(xs, ys, step=True, folder=tmp_path) == [
        ["M", 0, 0], ["L", 1, 0], ["L", 1, -2], ["M", 3, -4], ["L", 4, -4], ["L", 4, -6],
    ]  # fmt: skip


@needs_node
def test_rows_are_unpacked_wherever_they_lie_in_a_message(tmp_path: Path) -> None:
    packed = base64.b64encode(b"abc" + np.arange(6, dtype="<f4").tobytes()).decode()
    bytes_ = f"new DataView(Uint8Array.from(atob('{packed}'), c => c.charCodeAt(0)).buffer, 3)"
    found = evaluated_in(
        front_end(), f"rowsOf(unpacked({bytes_}), [2, 1, 3]).map(row => [...row])", tmp_path
    )
    assert found == [[0, 1], [2], [3, 4, 5]]
    rows = f"rowsOf(unpacked({bytes_}), [2])"
    refused = f"(() => {{ try {{ {rows} }} catch (e) {{ return e.message }} }})()"
    assert evaluated_in(front_end(), refused, tmp_path) == "6 heights, not 2"


@needs_node
@pytest.mark.parametrize("ratio", [1.0, 1.25, 1.5, 2.0, 0.9, 1.1, 2 / 3])
def test_a_canvas_is_whole_in_pixels_of_page_and_screen(ratio: float, tmp_path: Path) -> None:
    sizes = [300.0, 659.3125, 711.78]
    expression = f"{sizes}.map(size => wholePixels(size, {ratio}))"
    for size, whole in zip(sizes, evaluated_in(front_end(), expression, tmp_path), strict=True):
        assert size <= whole < size + 20
        assert whole == int(whole)
        assert whole * ratio == pytest.approx(round(whole * ratio), abs=0.02)
