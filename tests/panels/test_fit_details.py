"""What stands under the plot of a fit, without a browser: buttons are pressed, words are read."""

from __future__ import annotations

import gc
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from html import unescape
from typing import TYPE_CHECKING, Any

import bqplot
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ipywidgets.widgets.widget import _instances

from nustar_widgets.engines.fitting import Contour, FitStep
from nustar_widgets.errors import ParameterError
from nustar_widgets.fits.livefit import LiveFit
from nustar_widgets.fits.spectra import LoadedSpectra
from nustar_widgets.panels.background import Background
from nustar_widgets.panels.base import Panel
from nustar_widgets.panels.fitting.bands import bands_of
from nustar_widgets.panels.fitting.chainpane import ChainPane
from nustar_widgets.panels.fitting.contourlines import level_line, rise
from nustar_widgets.panels.fitting.contourpane import ContourPane
from nustar_widgets.panels.fitting.contourplot import contour_words
from nustar_widgets.panels.fitting.errorpane import ErrorPane
from nustar_widgets.panels.fitting.fitdetails import PANES, FitDetails
from nustar_widgets.panels.fitting.fitnumbers import number, with_error
from nustar_widgets.panels.fitting.fluxpane import FluxPane
from nustar_widgets.panels.fitting.goodnesspane import GoodnessPane
from nustar_widgets.panels.fitting.historypane import HistoryPane
from nustar_widgets.panels.fitting.ticks import log_ticks, tick_format, ticks
from nustar_widgets.panels.fitting.tracepane import TracePane
from nustar_widgets.session.session import Session
from nustar_widgets.session.values import ParameterChoice
from tests.engines.fitcases import made_choice, made_pair
from tests.panels.conftest import at_once

if TYPE_CHECKING:
    import ipywidgets as widgets

NH, GAMMA, NORM, FACTOR = "TBabs.nH", "powerlaw.PhoIndex", "powerlaw.norm", "constant.factor[2]"


class Host(Panel):
    """A panel of nothing but the details."""

    def _build(self) -> Sequence[widgets.Widget]:
        self._working = Background(at_once)
        self.live = LiveFit.of(self.session)
        self.details = FitDetails(
            self.live, run=self.run, guarded=self.guarded, clicked=self.clicked, follow=self.follow
        )
        return (self.details,)

    def run(self, work: Callable[[], Any]) -> None:
        self._working.run(
            lambda _: work(), done=lambda _: None, failed=self.guarded(self.strip.fail)
        )

    def _show(self, fields: Sequence[str]) -> None:
        del fields


@pytest.fixture
def panel() -> Iterator[Host]:
    session = Session(fit=replace(made_choice("chi"), notice_kev=((3.0, 20.0),)))
    made = Host(session)
    whole = tuple(data.notice("all") for data in made_pair(seed=1))
    made.live.take(LoadedSpectra(inputs=(), datasets=whole))
    yield made
    made.close()


def words(widget: widgets.HTML) -> str:
    """What a person reads."""
    return unescape(re.sub(r"<[^>]+>", " ", widget.value))


def open_pane(panel: Host, name: str) -> Any:
    panel.details.show(name)
    return panel.details.shown


# -- the panes together -------------------------------------------------------------------


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
    session = Session(fit=replace(made_choice("chi"), notice_kev=((3.0, 20.0),)))
    live = LiveFit.of(session)
    live.take(LoadedSpectra(inputs=(), datasets=tuple(d.notice("all") for d in made_pair(seed=1))))
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


# -- the fit ------------------------------------------------------------------------------


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


# -- ranges -------------------------------------------------------------------------------


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


# -- fluxes -------------------------------------------------------------------------------


def test_fluxes_of_the_bands_are_measured_for_each_spectrum(panel: Host) -> None:
    result = panel.live.fit()
    pane = open_pane(panel, "Fluxes")
    assert isinstance(pane, FluxPane)
    pane.bands.value = "3-10, 10-20"
    pane.measure.click()
    assert panel.strip.text == ""
    assert pane.found is not None
    assert [(f.low_kev, f.spectrum) for f in pane.found.fluxes] == [
        (3.0, 1), (3.0, 2), (10.0, 1), (10.0, 2),
    ]  # fmt: skip
    ratio = pane.found.fluxes[1].energy / pane.found.fluxes[0].energy
    assert ratio == pytest.approx(result[FACTOR].value)
    said = words(pane.tables)
    assert "Energy flux [erg/cm²/s]" in said
    assert with_error(pane.found.fluxes[0].energy, pane.found.fluxes[0].energy_sigma) in said
    rows = pane.text.code.splitlines()
    assert len(rows) == 5
    assert len({row.count("\t") for row in rows}) == 1


def test_luminosity_and_equivalent_width_are_measured_where_they_are_wanted(panel: Host) -> None:
    panel.live.fit()
    pane = open_pane(panel, "Fluxes")
    assert pane.component.options == ("(none)", "powerlaw")
    pane.redshift.value, pane.bands.value = 0.05, "3-10"
    pane.ranges.value = True
    pane.measure.click()
    assert panel.strip.text == ""
    said = words(pane.tables)
    assert "Luminosity [erg/s]" in said
    assert "90 % range [erg/s]" in said
    assert pane.found is not None
    assert all(item.range is not None for item in pane.found.luminosities)


def test_fluxes_of_other_values_are_marked(panel: Host) -> None:
    panel.live.fit()
    pane = open_pane(panel, "Fluxes")
    pane.measure.click()
    assert "1 sigma" in words(pane.about)
    moved = replace(panel.session.fit.parameters[1], value=2.0)
    fit = panel.session.fit
    panel.session.edit(
        "set", fit=replace(fit, parameters=(fit.parameters[0], moved, *fit.parameters[2:]))
    )
    assert "of other values or another model" in words(pane.about)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "expected one or more bands, as 3-10, 10-30"),
        ("3", "'3': expected low-high in keV, as 3-10"),
        ("10-3", "'10-3': expected the lower energy first"),
        ("3-1e999", "'3-1e999': expected the lower energy first"),
        ("<b>-10", "'<b>-10': expected low-high in keV"),
        (",".join(["3-10"] * 51), "51 bands: expected at most 50"),
    ],
)
def test_bands_that_are_none_are_refused_by_name(panel: Host, text: str, why: str) -> None:
    pane = open_pane(panel, "Fluxes")
    pane.bands.value = text
    pane.measure.click()
    assert "bands [keV]" in panel.strip.text
    assert why in panel.strip.text


@pytest.mark.parametrize("redshift", [-1.0, float("nan"), float("inf")])
def test_a_redshift_that_is_none_is_refused(panel: Host, redshift: float) -> None:
    pane = open_pane(panel, "Fluxes")
    pane.redshift.value = redshift
    pane.measure.click()
    assert "redshift" in panel.strip.text
    assert "expected a number from 0 up" in panel.strip.text


@given(
    st.lists(
        st.tuples(st.integers(1, 500), st.integers(1, 500)).map(
            lambda pair: (pair[0] / 10, (pair[0] + pair[1]) / 10)
        ),
        min_size=1,
        max_size=6,
    ),
    st.sampled_from(["-", " - ", " to ", ":", "\u2013"]),
)
def test_bands_are_read_as_they_are_written(bands: list[tuple[float, float]], between: str) -> None:
    text = ", ".join(f"{low}{between}{high} keV" for low, high in bands)
    assert bands_of(text) == tuple(bands)


@given(st.text(max_size=40))
def test_any_text_is_bands_or_refused(text: str) -> None:
    try:
        found = bands_of(text)
    except ParameterError:
        return
    assert all(0.0 <= low < high for low, high in found)


# -- contours -----------------------------------------------------------------------------


def test_a_contour_begins_with_ranges_from_the_errors_and_ends_with_a_picture(
    panel: Host,
) -> None:
    result = panel.live.errors()
    pane = open_pane(panel, "Contours")
    assert isinstance(pane, ContourPane)
    assert [pane.names[axis].value for axis in "xy"] == [NH, GAMMA]
    low, high = (end.value for end in pane.ends["y"])
    assert low < result[GAMMA].error_low < result[GAMMA].error_high < high  # type: ignore[operator]
    assert len(pane.place.children) == 1
    pane.steps.value = 7
    pane.map.click()
    assert panel.strip.text == ""
    assert pane.plot is not None
    assert pane.plot in pane.place.children
    assert pane.plot.map.color.shape == (7, 7)
    assert pane.plot.x_axis.label == "TBabs.nH [10^22]"
    assert (pane.plot.best.x[0], pane.plot.best.y[0]) == (result[NH].value, result[GAMMA].value)
    assert all(line.visible for line in pane.plot.lines.values())
    assert "49 points" in words(pane.about)
    assert "99 % of two parameters: statistic +9.21" in words(pane.about)


def test_a_map_is_of_the_best_fit_that_the_session_has(panel: Host) -> None:
    pane = open_pane(panel, "Contours")
    pane.steps.value = 3
    pane.map.click()
    assert [record.number for record in panel.live.history] == [1]
    chosen = {item.name: item.value for item in panel.session.fit.parameters}
    assert panel.live.engine is not None
    assert chosen[NH] == panel.live.engine.values[NH]


def test_a_range_that_is_typed_stays_until_another_parameter_is_chosen(panel: Host) -> None:
    pane = open_pane(panel, "Contours")
    pane.ends["x"][0].value = 3.5
    panel.live.fit()
    assert pane.ends["x"][0].value == 3.5
    pane.names["x"].value = NORM
    assert pane.ends["x"][0].value < 0.1
    pane.ends["x"][0].value = 0.01
    pane.reset.click()
    assert pane.ends["x"][0].value != 0.01


def test_a_contour_that_cannot_be_is_refused(panel: Host) -> None:
    pane = open_pane(panel, "Contours")
    pane.names["y"].value = NH
    pane.map.click()
    assert "expected two different free parameters" in panel.strip.text
    pane.names["y"].value = GAMMA
    pane.ends["y"][0].value, pane.ends["y"][1].value = 2.0, 1.0
    pane.map.click()
    assert "powerlaw.PhoIndex: 2 to 1: expected two numbers, the lower one first" in (
        panel.strip.text
    )
    pane.ends["y"][0].value, pane.ends["y"][1].value = 1.0, 1e6
    pane.map.click()
    assert "powerlaw.PhoIndex" in panel.strip.text
    assert "limits" in panel.strip.text


def bowl(n: int = 15, *, known: int | None = None) -> Contour:
    x = np.linspace(-4.0, 4.0, n)
    statistic = 50.0 + x[None, :] ** 2 + x[:, None] ** 2
    if known is not None:
        statistic[known:] = np.nan
    return Contour(name_x=NH, name_y=GAMMA, x=x, y=x, statistic=statistic, best=50.0)


def test_the_line_of_a_level_is_where_the_statistic_has_risen_by_it() -> None:
    contour = bowl(81)
    x, y = level_line(contour.x, contour.y, rise(contour), 4.61)
    np.testing.assert_allclose(x**2 + y**2, 4.61, rtol=2e-3)
    x, y = level_line(contour.x, contour.y, rise(contour), 99.0)
    assert x.size == y.size == 0


def test_a_picture_that_fills_in_keeps_its_marks_and_says_how_far_it_is(panel: Host) -> None:
    panel.live.fit()
    pane = open_pane(panel, "Contours")
    panel.live.contour = bowl(known=4)
    plot = pane.plot
    assert "60 of 225 points" in words(pane.about)
    assert np.isnan(plot.map.color[4:]).all()
    marks = list(plot.figure.marks)
    panel.live.contour = bowl()
    assert pane.plot is plot
    assert plot.figure.marks == marks
    assert "225 points" in words(pane.about)
    for line in plot.lines.values():  # a page complains of a line that ends in a gap
        assert np.isfinite(line.x[-1])


def test_a_map_below_the_best_fit_says_so() -> None:
    assert "A point lies 3.00 below the best fit" in contour_words(replace(bowl(), best=53.0))


def test_a_contour_of_another_model_is_taken_away(panel: Host) -> None:
    panel.live.fit()
    pane = open_pane(panel, "Contours")
    panel.live.contour = bowl()
    assert pane.plot in pane.place.children
    panel.session.edit("model", fit=replace(panel.session.fit, expression="powerlaw",
                                            parameters=()))  # fmt: skip
    assert pane.plot not in pane.place.children
    assert pane.names["x"].value == "powerlaw.PhoIndex"


# -- chain and goodness -------------------------------------------------------------------


def test_a_chain_is_run_and_drawn_with_words_for_who_cannot_see_it(panel: Host) -> None:
    result = panel.live.fit()
    pane = open_pane(panel, "Chain")
    assert isinstance(pane, ChainPane)
    pane.walkers.value, pane.length.value, pane.burn.value = 12, 60, 20
    pane.go.click()
    assert panel.strip.text == ""
    assert pane.chain is not None
    assert pane.chain.samples.shape == (12, 60, 4)
    low, _, high = pane.chain.range(GAMMA)
    assert low < result[GAMMA].value < high
    said = words(pane.about)
    assert "60 of 60 steps of 12 walkers" in said
    assert "autocorrelation" in said
    assert GAMMA in words(pane.table)
    assert 'alt="Corner plot of TBabs.nH, powerlaw.PhoIndex' in pane.picture.value
    assert "data:image/png;base64,iVBOR" in pane.picture.value


def test_a_chain_that_cannot_be_is_refused(panel: Host) -> None:
    panel.live.fit()
    pane = open_pane(panel, "Chain")
    pane.walkers.value = 3
    pane.go.click()
    assert "walkers" in panel.strip.text
    assert "twice the free parameters" in panel.strip.text


def test_goodness_fills_in_and_says_how_many_are_below_the_data(panel: Host) -> None:
    panel.live.fit()
    pane = open_pane(panel, "Goodness")
    assert isinstance(pane, GoodnessPane)
    pane.n.value = 8
    pane.go.click()
    assert panel.strip.text == ""
    assert pane.found is not None
    assert pane.found.simulated.size == 8
    assert "8 of 8 simulations" in words(pane.about)
    assert pane.bars.y[:-1].sum() == 8
    assert pane.line.x[0] == pane.found.data


# -- history ------------------------------------------------------------------------------


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


# -- numbers ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "error", "text"),
    [
        (1.78771, 0.0213, "1.788"), (4.98, 0.18, "4.98"), (0.0494, 0.001, "0.0494"),
        (1.2345e-10, 3e-13, "1.2345e-10"), (6.4, None, "6.4000"), (0.0, 1.0, "0"),
        (float("nan"), 1.0, "unknown"), (float("inf"), None, "inf"), (12345.678, 0.01, "12345.678"),
    ],
)  # fmt: skip
def test_a_number_has_the_digits_its_error_bears(
    value: float, error: float | None, text: str
) -> None:
    assert number(value, error) == text


@given(st.floats(-1e6, 1e6), st.floats(1e-6, 1e6))
def test_ticks_are_round_few_and_inside(start: float, span: float) -> None:
    end = start + span
    if not end - start > 1e-9 * max(abs(start), abs(end)):
        return
    found = ticks(start, end)
    assert 1 <= found.size <= 14
    assert np.all((found >= start - 1e-6 * span) & (found <= end + 1e-6 * span))
    assert tick_format(found)[0] in ".~"


@given(st.floats(1e-12, 1e12), st.floats(1.001, 1e12))
def test_logarithmic_ticks_are_few_and_inside(low: float, ratio: float) -> None:
    found = log_ticks(low, low * ratio)
    assert 1 <= found.size <= 14
    assert np.all((found >= low * 0.999) & (found <= low * ratio * 1.001))
