"""What stands under the plot of a fit, without a browser: the panes, the fit, ranges, history."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from dataclasses import replace

import bqplot
import numpy as np
import pytest
from ipywidgets.widgets.widget import _instances

from nustar_widgets.engines.fitting import FitStep
from nustar_widgets.fits.livefit import LiveFit
from nustar_widgets.panels.fitting.errorpane import ErrorPane
from nustar_widgets.panels.fitting.fitdetails import PANES
from nustar_widgets.panels.fitting.historypane import HistoryPane
from nustar_widgets.panels.fitting.tracepane import TracePane
from nustar_widgets.session.session import Session
from nustar_widgets.session.values import ParameterChoice
from tests.panels.fitdetailpanels import (
    FACTOR,
    GAMMA,
    NH,
    NORM,
    Host,
    bowl,
    made_session,
    open_pane,
    words,
)


@pytest.fixture
def panel() -> Iterator[Host]:
    made = Host(made_session())
    yield made
    made.close()


# -- the panes together ---------------------------------------------------------------------


def test_a_pane_is_made_when_it_is_first_shown_and_kept(panel: Host) -> None:
    assert list(panel.details.panes) == ["Fit"]
    panel.details.choice.value = "Errors"
    errors = panel.details.shown
    assert isinstance(errors, ErrorPane)
    assert panel.details.children[1] is errors
    assert not panel.details.panes["Fit"].is_seen
    panel.details.choice.value = "Fit"
    panel.details.choice.value = "Errors"
    assert panel.details.shown is errors


def test_what_is_not_seen_is_not_drawn_until_it_is(panel: Host) -> None:
    trace = open_pane(panel, "Fit")
    open_pane(panel, "History")
    panel.live.fit()
    assert "No fit" in words(trace.result)
    assert trace.figure is None
    open_pane(panel, "Fit")
    assert "converged" in words(trace.result)
    assert trace.figure in trace.place.children


def test_a_closed_panel_lets_go_of_the_fit_and_of_every_widget() -> None:
    session = made_session()
    live = LiveFit.of(session)
    live.fit()
    gc.collect()
    before = set(_instances)
    panel = Host(session)
    for name in PANES:
        open_pane(panel, name)
    live.contour = bowl()
    open_pane(panel, "Contours")
    open_pane(panel, "Fit")
    panel.close()
    assert set(_instances) == before
    names = ("result", "history", "activity", "step", "contour", "moved", "generation")
    assert [
        told for name in names for told in live._trait_notifiers.get(name, {}).get("change", ())
    ] == []


def test_without_spectra_every_pane_says_what_is_missing_and_starts_nothing() -> None:
    panel = Host(Session())
    panel.live.load()
    try:
        assert "there is no spectrum yet" in words(open_pane(panel, "Fit").result)
        for name in PANES:
            pane = open_pane(panel, name)
            assert all(button.disabled for button in pane.starts)
            for button in pane.starts:
                button.click()
                assert panel.strip.is_error
    finally:
        panel.close()


def test_while_something_goes_on_it_is_named_can_be_stopped_and_nothing_else_starts(
    panel: Host,
) -> None:
    errors = open_pane(panel, "Errors")
    bar = panel.details.activity
    assert bar.stop.disabled
    panel.live.activity = "fitting"
    assert "fitting ..." in words(bar.words)
    assert not bar.stop.disabled
    assert all(button.disabled for button in errors.starts)
    errors.levels["90 %"].click()
    assert panel.strip.text == "fitting goes on: stop it first"
    bar.stop.click()
    assert panel.live._stop.is_set()
    assert "stopping" in words(bar.words)
    panel.live.activity = ""
    assert bar.stop.disabled
    assert not errors.levels["90 %"].disabled


# -- the fit --------------------------------------------------------------------------------


def test_the_trace_follows_a_fit_and_the_result_says_how_it_stands(panel: Host) -> None:
    trace = open_pane(panel, "Fit")
    assert isinstance(trace, TracePane)
    result = panel.live.fit()
    assert panel.live.step is not None
    assert trace.line.x[-1] == panel.live.step.trace[-1][0]
    assert trace.line.y[-1] == pytest.approx(result.statistic)
    assert np.all(np.diff(trace.line.x) >= 0)
    assert (trace.x_axis.label, trace.y_axis.label) == (
        "Evaluations of the statistic", "Chi-square",
    )  # fmt: skip
    said = words(trace.result)
    assert f"chi-square {result.statistic:.2f} for {result.dof} degrees of freedom" in said
    assert f"reduced {result.statistic / result.dof:.3f}" in said
    assert "4 free parameters" in said


def test_steps_that_come_too_fast_are_left_out_but_not_the_last(
    panel: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    trace = open_pane(panel, "Fit")
    monkeypatch.setattr("time.monotonic", lambda: 5.0)
    drawn: list[int] = []
    monkeypatch.setattr(trace, "_draw", lambda points: drawn.append(len(points)))
    panel.live.activity = "fitting"
    for n in range(1, 9):
        made = tuple((at, 100.0 / (at + 1)) for at in range(n))
        panel.live.step = FitStep(n_evaluations=n, statistic=1.0, values={}, trace=made)
    assert drawn == [1]
    panel.live.activity = ""
    assert drawn == [1, 8]


def test_a_statistic_that_is_not_positive_has_a_linear_axis(panel: Host) -> None:
    trace = open_pane(panel, "Fit")
    points = ((1, 5.0), (2, -3.0))
    panel.live.step = FitStep(n_evaluations=2, statistic=-3.0, values={}, trace=points)
    assert isinstance(trace.y_axis.scale, bqplot.LinearScale)
    assert trace.y_axis.scale.min < -3.0


def test_what_to_watch_out_for_is_said(panel: Host) -> None:
    trace = open_pane(panel, "Fit")
    result = panel.live.fit()
    at_limit = tuple(replace(item, at_limit=item.name == NH) for item in result.parameters)
    panel.live.result = replace(
        result, parameters=at_limit, status="not converged", notes=("<b>a note</b>",)
    )
    said = words(trace.result)
    assert "not converged: fit again, or from other start values" in said
    assert "at a limit: TBabs.nH; its error is not to be trusted" in said
    assert "<b>a note</b>" in said
    panel.live.result = replace(result, status="stopped")
    assert "this is the best so far" in words(trace.result)


def test_a_fit_worse_than_one_of_a_simpler_model_says_so(panel: Host) -> None:
    trace = open_pane(panel, "Fit")
    panel.live.fit()
    fit = panel.session.fit
    frozen = (*fit.parameters[1:], ParameterChoice(name=NH, value=5.0, frozen=True))
    panel.session.edit("freeze", fit=replace(fit, parameters=frozen))
    panel.live.fit()
    simple, full = panel.live.history[1], panel.live.history[0]
    worse = replace(full, number=3, result=replace(full.result, statistic=999.0))
    panel.live.history = (simple, worse)
    panel.live.result = worse.result
    assert "a special case of this model, fits better" in words(trace.result)


# -- ranges ---------------------------------------------------------------------------------


def test_ranges_of_all_free_parameters_are_searched_and_shown(panel: Host) -> None:
    pane = open_pane(panel, "Errors")
    assert pane.names.options == (NH, GAMMA, NORM, FACTOR)
    pane.levels["90 %"].click()
    result = panel.live.result
    assert result is not None
    assert result.delta == 2.706
    said = words(pane.table)
    for item in result.free:
        assert item.error_low is not None
        assert item.name in said
    assert said.count("well") == 4
    assert "90 % ranges: where the statistic has risen by 2.706" in words(pane.about)


def test_only_the_chosen_parameters_are_searched(panel: Host) -> None:
    pane = open_pane(panel, "Errors")
    pane.names.value = (GAMMA,)
    pane.levels["1 sigma"].click()
    result = panel.live.result
    assert result is not None
    assert [item.name for item in result.free if item.error_low is not None] == [GAMMA]
    assert result.delta == 1.0


def test_the_flags_of_a_search_are_told_in_words_and_the_one_going_on_is_named(
    panel: Host,
) -> None:
    pane = open_pane(panel, "Errors")
    pane.levels["90 %"].click()
    result = panel.live.result
    assert result is not None
    flagged = tuple(
        replace(item, status="FFFTFFFFF", error_low=None) if item.name == NH else item
        for item in result.parameters
    )
    panel.live.result = replace(result, parameters=flagged)
    assert "hit the lower limit" in words(pane.table)
    panel.live.activity = f"searching the range of {NORM}"
    assert "searching ..." in words(pane.table)
    panel.live.activity = ""


# -- history --------------------------------------------------------------------------------


def test_fits_are_listed_noted_restored_and_compared(panel: Host) -> None:
    pane = open_pane(panel, "History")
    assert isinstance(pane, HistoryPane)
    assert "No fit yet" in words(pane.table)
    assert pane.controls.layout.display == "none"
    panel.live.fit()
    full = panel.session.fit
    panel.session.edit("model", fit=replace(full, expression="constant*powerlaw", parameters=()))
    panel.live.fit()
    assert pane.chosen is panel.live.history[1]
    pane.fit.value = 1
    pane.note.value = "<b>with</b> absorption"
    assert panel.live.history[0].note == "<b>with</b> absorption"
    assert "<b>with</b>" not in pane.table.value
    assert "<b>with</b> absorption" in words(pane.table)
    assert pane.fit.value == 1
    pane.other.value = 2
    told = words(pane.compared)
    assert "more free parameter" in told
    assert "F-test: F =" in told
    assert "Protassov" in told
    assert "AIC is" in told
    pane.restore.click()
    assert panel.session.fit == full
    assert panel.live.result == panel.live.history[0].result
    assert panel.session.undo_label == "restore fit 1"


def test_fits_of_other_bins_are_not_compared_and_that_is_said(panel: Host) -> None:
    pane = open_pane(panel, "History")
    panel.live.fit()
    panel.session.edit("range", fit=replace(panel.session.fit, notice_kev=((5.0, 20.0),)))
    panel.live.fit()
    pane.fit.value, pane.other.value = 1, 2
    assert "Not compared: models: one fit has 41 + 41 bins, another" in words(pane.compared)
