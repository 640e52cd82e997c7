"""The plot of the fit panel without a browser: what is drawn, what is chosen, what is told."""

from __future__ import annotations

from dataclasses import replace

import bqplot
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nustar_widgets.errors import ParameterError
from nustar_widgets.fits.plotlines import PlotChoice
from nustar_widgets.panels.fitting.axisrange import steady_range, ticks
from tests.panels.fitplots import NAMES, PAIR, Plot, drawn, sent


@pytest.fixture
def plot() -> Plot:
    return Plot()


def test_there_is_nothing_to_draw_before_there_are_data(plot: Plot) -> None:
    figure = plot.figure
    assert figure.data.figure.marks == []
    assert figure.residuals.figure.marks == []
    plot.shown()
    assert len(figure.data.figure.marks) == 5
    assert len(figure.residuals.figure.marks) == 3


def test_data_have_a_row_each_and_models_one_more_for_each_component(plot: Plot) -> None:
    figure = plot.shown()
    assert len(drawn(figure.data.points)) == 2
    assert len(drawn(figure.data.models)) == 6
    assert len(drawn(figure.data.background)) == 2
    assert len(drawn(figure.data.ignored)) == 2
    assert len(drawn(figure.residuals.points)) == 2
    assert len(set(figure.data.points.colors)) == 2
    assert figure.data.models.colors[:3] == figure.data.points.colors[:1] * 3


def test_every_row_ends_in_a_number_and_all_is_single_precision(plot: Plot) -> None:
    figure = plot.shown()
    data = figure.data
    for mark in (data.points, data.models, data.background, data.ignored, figure.residuals.points):
        for values in (mark.x, mark.y):
            assert np.isfinite(np.atleast_2d(values)[:, -1]).all()
            assert values.dtype == np.float32


def test_a_model_that_moves_sends_two_arrays_and_nothing_else(plot: Plot) -> None:
    figure = plot.shown()
    data = figure.data
    noted = sent(
        {
            "models": data.models,
            "points": data.points,
            "ignored": data.ignored,
            "background": data.background,
            "residuals": figure.residuals.points,
            "level": figure.residuals.level,
            "axis": data.value_axis,
        }
    )
    plot.engine.set({"powerlaw.PhoIndex": 1.41})
    figure.show_model(plot.engine)
    assert noted == [("models", "y"), ("residuals", "y")]


def test_unfolded_points_move_with_the_model(plot: Plot) -> None:
    figure = plot.shown()
    figure.choice = replace(figure.choice, kind="eeufspec")
    before = drawn(figure.data.points).copy()
    plot.engine.set({"powerlaw.PhoIndex": 1.8})
    figure.show_model(plot.engine)
    assert not np.array_equal(before, drawn(figure.data.points), equal_nan=True)
    assert not figure.data.background.visible
    assert not figure.data.ignored.visible
    assert figure.data.value_axis.label == "E² N(E) [keV² (photons cm⁻² s⁻¹ keV⁻¹)]"


def test_other_data_take_the_model_away_and_none_empty_the_plot(plot: Plot) -> None:
    figure = plot.shown()
    figure.show_data([data.ignore("8.0-12.0") for data in PAIR], NAMES)
    assert not figure.data.models.visible
    assert not figure.residuals.points.visible
    with pytest.raises(ParameterError, match="other spectra or bins"):
        figure.show_model(plot.engine)
    figure.show_data((), ())
    assert not figure.data.points.visible


def test_what_is_shown_is_chosen_by_controls_and_told_once(plot: Plot) -> None:
    figure = plot.shown()
    figure.choices.kind.value = "counts"
    figure.choices.residual.value = "ratio"
    figure.choices.significance.value = 5.0
    figure.choices.flags["components"].value = False
    wanted = PlotChoice(kind="counts", residual="ratio", rebin=(5.0, 50), components=False)
    assert plot.choices[-1] == wanted == figure.choice
    assert len(plot.choices) == 4
    assert len(drawn(figure.data.models)) == 2
    assert figure.data.value_axis.label == "counts keV⁻¹"
    assert figure.residuals.value_axis.label == "data/model"
    assert figure.choices.flags["area"].disabled
    figure.choice = PlotChoice()
    assert figure.choices.kind.value == "data"
    assert figure.choices.significance.value == 0.0


def test_linear_axes_are_figures_of_their_own_and_the_old_ones_are_closed(plot: Plot) -> None:
    figure = plot.shown()
    old = figure.data.figure
    figure.choice = PlotChoice(log_x=False, log_y=False)
    assert old.comm is None
    assert isinstance(figure.data.scale, bqplot.LinearScale)
    assert isinstance(figure.energy.scale, bqplot.LinearScale)
    assert len(drawn(figure.data.models)) == 6
    assert figure.data in figure.children


def test_without_residuals_there_is_one_pane_that_names_the_energy(plot: Plot) -> None:
    figure = plot.shown()
    assert figure.data.energy_axis.label == ""
    assert figure.residuals.energy_axis.label == "Energy [keV]"
    figure.choice = PlotChoice(residual="none")
    assert figure.residuals not in figure.children
    assert figure.data.energy_axis.label == "Energy [keV]"


def test_names_in_the_legend_are_text(plot: Plot) -> None:
    legend = plot.shown()._legend.value
    assert "FPMA &lt;one&gt;" in legend
    assert "powerlaw" in legend
    assert "gaussian" in legend


def test_energies_are_told_as_pairs(plot: Plot) -> None:
    band = plot.shown().band
    band.show_ranges(((3.0, 79.0),))
    band.mode.value = "ignore"
    band.show_marked(23.004, 27.001)
    band.apply.click()
    assert plot.noticed == [((3.0, 23.0), (27.0, 79.0))]
    assert band.text.value == "3-79, without 23-27"
    assert band.mode.value == "look"
    band.mode.value = "notice"
    band.low.value, band.high.value = 5.0, 10.0
    band.apply.click()
    assert plot.noticed[-1] == ((5.0, 10.0),)
    band.text.value = "3-20, 30-40"
    assert plot.noticed[-1] == ((3.0, 20.0), (30.0, 40.0))
    assert band.text.value == "3-40, without 20-30"
    band.whole.click()
    assert plot.noticed[-1] == ((3.0, 79.0),)
    assert len(plot.noticed) == 4


def test_energies_that_cannot_be_meant_are_refused_and_what_holds_stays(plot: Plot) -> None:
    band = plot.shown().band
    band.show_ranges(((3.0, 79.0),))
    with pytest.raises(ParameterError, match="cannot read 'all'"):
        band.text.value = "all"
    assert band.text.value == "3-79"
    band.mode.value = "ignore"
    band.low.value, band.high.value = 1.0, 100.0
    with pytest.raises(ParameterError, match="nothing of 3-79 keV would be left to fit"):
        band.apply.click()
    band.low.value = 200.0
    with pytest.raises(ParameterError, match="200 to 100 keV: expected the lower energy first"):
        band.apply.click()
    assert plot.noticed == []


def test_the_selector_fills_the_fields(plot: Plot) -> None:
    figure = plot.shown()
    figure.band.mode.value = "ignore"
    assert figure.data.figure.interaction is figure.selector
    figure.selector.selected = np.array([9.0, 6.123])
    assert (figure.band.low.value, figure.band.high.value) == (6.12, 9.0)
    figure.band.mode.value = "zoom"
    assert isinstance(figure.data.figure.interaction, bqplot.PanZoom)
    figure.band.mode.value = "look"
    assert figure.data.figure.interaction is None


def test_a_view_that_was_zoomed_stays_while_the_model_moves_and_can_be_reset(plot: Plot) -> None:
    figure = plot.shown()
    home = figure.energy.ends, figure.data.scale.min
    figure.energy.scale.min, figure.energy.scale.max = 5.0, 8.0
    figure.data.scale.min = 0.01
    figure.show_model(plot.engine)
    assert figure.energy.ends == (5.0, 8.0)
    assert figure.data.scale.min == 0.01
    assert figure.data.energy_axis.tick_values.min() >= 5.0
    assert figure.readout.pointer.low_kev == 5.0
    figure.reset_view()
    assert (figure.energy.ends, figure.data.scale.min) == home


def test_the_line_below_reads_the_bin_under_the_mouse_or_at_the_energy_typed(plot: Plot) -> None:
    figure = plot.shown()
    assert "point at the plot, or type an energy" in figure.readout.words.value
    figure.readout.pointer.energy_kev = 6.4
    words = figure.readout.words.value
    assert "FPMA &lt;one&gt;" in words
    assert "model" in words
    assert "sigma" in words
    plot.engine.set({"powerlaw.norm": 0.02})
    figure.show_model(plot.engine)
    assert figure.readout.words.value != words
    figure.readout.pointer.energy_kev = 0.0
    assert "point at the plot, or type an energy" in figure.readout.words.value
    figure.readout.typed.value = 150.0
    assert "150.00 keV: no bin in use" in figure.readout.words.value


positive = st.floats(1e-30, 1e30)


@given(positive, st.floats(1.001, 1e12), st.booleans(), st.integers(4, 12))
def test_ticks_are_inside_ascending_and_as_many_as_have_room(
    low: float, factor: float, log: bool, most: int
) -> None:
    high = low * factor
    values, form = ticks(low, high, log=log, most=most)
    assert 1 <= values.size <= most
    assert (np.diff(values) > 0).all()
    beyond = 1e-6 * (high - low)
    assert low - beyond <= values[0]
    assert values[-1] <= high + beyond
    assert form[0] in ".~"


@given(positive, st.floats(1.0, 1e6), st.floats(0.5, 2.0), st.booleans())
def test_a_range_holds_its_values_and_stays_while_they_tremble(
    low: float, factor: float, tremble: float, log: bool
) -> None:
    high = low * factor
    ends = steady_range(low, high, None, log=log)
    assert ends[0] < ends[1]
    assert ends[0] <= low * (1 + 1e-9)
    assert ends[1] >= high * (1 - 1e-9)
    inside = steady_range(low, high, ends, log=log)
    assert inside == ends or factor == 1.0
    other = steady_range(low * tremble, high * tremble, ends, log=log)
    assert other[1] >= high * tremble * (1 - 1e-9)


def test_a_range_that_values_leave_while_they_pass_is_wide_enough_for_the_next() -> None:
    now, n_new = (-1.0, 1.0), 0
    for high in np.linspace(1.0, 10.0, 100):
        found = steady_range(-high, high, now, log=False, passing=True)
        assert found[0] <= -high
        assert high <= found[1]
        n_new += found != now
        now = found
    assert n_new <= 6
