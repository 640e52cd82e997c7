"""Fluxes, contours, chains and goodness of a fit, without a browser."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from nustar_widgets.panels.fitting.chainpane import ChainPane
from nustar_widgets.panels.fitting.contourlines import level_line, rise
from nustar_widgets.panels.fitting.contourpane import ContourPane
from nustar_widgets.panels.fitting.contourplot import contour_words
from nustar_widgets.panels.fitting.fitnumbers import with_error
from nustar_widgets.panels.fitting.fluxpane import FluxPane
from nustar_widgets.panels.fitting.goodnesspane import GoodnessPane
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


# -- fluxes ---------------------------------------------------------------------------------


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


def test_luminosities_are_measured_where_a_redshift_is_given(panel: Host) -> None:
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


def test_the_equivalent_width_of_a_component_is_measured(panel: Host) -> None:
    fit = panel.session.fit
    line = ParameterChoice(name="gaussian.LineE", value=6.4, frozen=True)
    panel.session.edit(
        "line",
        fit=replace(
            fit, expression="constant*tbabs*(powerlaw+gaussian)", parameters=(*fit.parameters, line)
        ),
    )
    panel.live.fit()
    pane = open_pane(panel, "Fluxes")
    assert pane.component.options == ("(none)", "powerlaw", "gaussian")
    pane.component.value = "gaussian"
    pane.measure.click()
    assert panel.strip.text == ""
    assert pane.found is not None
    assert [item.component for item in pane.found.widths] == ["gaussian", "gaussian"]
    assert "Width [eV]" in words(pane.tables)


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


# -- contours -------------------------------------------------------------------------------


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


# -- chain and goodness ---------------------------------------------------------------------


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
