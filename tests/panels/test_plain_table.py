"""The parameter table for pages without our code: every parameter in a list, one at a time."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from nustar_widgets.errors import ParameterError
from nustar_widgets.panels.fitting.parameterrow import RowResult
from nustar_widgets.panels.fitting.plaintable import REST_S, PlainTable
from tests.panels.test_parameter_table import plainly, row

XSS = "<img src=x onerror=document.title='hacked'>"
NORM = "powerlaw.norm"


class Shown:
    """A plain table over a few values."""

    def __init__(self) -> None:
        norm = row(NORM, value=1e-3, min=0.0, max=1e24, slider_low=1e-4, slider_high=1e-2, log=True)
        self.rows = {one.name: one for one in (row(unit="keV", meaning="photon index"), norm)}
        self.drags: list[dict[str, float]] = []
        self.heard: list[Any] = []
        self.table = PlainTable(dragged=self.drags.append, changed=self.changed, guarded=plainly)
        self.table.show_rows(list(self.rows.values()))

    def changed(self, name: str, what: str, value: Any) -> None:
        self.heard.append((name, what, value))
        if what == "value" and value > 10:
            raise ParameterError(name, f"{value:g} is outside {XSS}")
        if what in ("value", "frozen", "link"):
            self.rows[name] = replace(self.rows[name], **{what: value})
        self.table.show_rows(list(self.rows.values()))


@pytest.fixture
def shown() -> Shown:
    return Shown()


def test_every_parameter_is_in_the_list_and_the_chosen_one_is_shown(shown: Shown) -> None:
    table = shown.table
    assert [name for _, name in table.parameter.options] == list(shown.rows)
    assert (table.value.value, table.min.value, table.max.value) == (1.8, "-3", "10")
    table.parameter.value = NORM
    assert table.value.value == 1e-3
    assert table.slider.value == pytest.approx(0.5)
    assert shown.heard == []


def test_values_are_typed_frozen_limited_linked_and_reset(shown: Shown) -> None:
    table = shown.table
    table.value.value = 2.5
    table.freeze.value = True
    table.min.value = "-1"
    table.max.value = ""
    table.reset.click()
    table.link.value = "= 2*powerlaw.norm"
    name = "powerlaw.PhoIndex"
    assert shown.heard == [
        (name, "value", 2.5), (name, "frozen", True), (name, "min", -1.0), (name, "max", None),
        (name, "reset", None), (name, "link", "2*powerlaw.norm"),
    ]  # fmt: skip
    assert table.slider.disabled
    assert table.parameter.options[0][0] == f"{name} = 2*powerlaw.norm"
    assert table.name == name


def test_what_is_refused_says_why_and_shows_what_is_in_use(shown: Shown) -> None:
    table = shown.table
    table.value.value = 11
    assert "11 is outside" in table.problem.value
    assert "<img" not in table.problem.value
    assert table.value.value == 1.8
    table.min.value = "low"
    assert "expected a number" in table.problem.value
    table.value.value = 2
    assert table.problem.value == ""


def test_a_slider_moves_the_model_and_is_a_change_once_it_rests(shown: Shown) -> None:
    async def move() -> list[Any]:
        table = shown.table
        table.parameter.value = NORM
        for position in (0.6, 0.7, 0.75):
            table.slider.value = position
        table.show_values({NORM: 9.0, "powerlaw.PhoIndex": 1.9})  # not under the hand
        before = list(shown.heard)
        rested = asyncio.Event()
        asyncio.get_running_loop().call_later(REST_S * 1.2, rested.set)
        await rested.wait()
        return before

    before = asyncio.run(move())
    assert before == []
    assert [round(one[NORM], 6) for one in shown.drags] == [0.001585, 0.002512, 0.003162]
    assert shown.heard == [(NORM, "value", 0.003162)]
    assert shown.table.value.value == 0.003162


def test_choosing_another_parameter_lets_the_slider_go(shown: Shown) -> None:
    async def move_and_choose() -> None:
        shown.table.slider.value = 0.75
        assert shown.heard == []
        shown.table.parameter.value = NORM

    asyncio.run(move_and_choose())
    assert shown.heard == [("powerlaw.PhoIndex", "value", 2.3)]


def test_where_nothing_can_wait_each_step_of_a_slider_is_a_change(shown: Shown) -> None:
    shown.table.slider.value = 0.75
    assert shown.drags == [{"powerlaw.PhoIndex": 2.3}]
    assert shown.heard == [("powerlaw.PhoIndex", "value", 2.3)]


def test_results_and_what_a_parameter_is_are_told_as_text(shown: Shown) -> None:
    found = RowResult(value=1.8, error_low=1.7, error_high=None, warnings=(XSS,), at_limit=True)
    shown.table.show_results({"powerlaw.PhoIndex": found}, heading="90 %")
    about = shown.table.about.value
    assert "photon index [keV]" in about
    assert "90 %: 1.7 to none" in about
    assert "Warning: the value is at its limit" in about
    assert "<img" not in about
    shown.table.show_results({"powerlaw.PhoIndex": RowResult(value=1.8, sigma=0.1234)})
    assert "1 sigma: 0.123" in shown.table.about.value


def test_without_a_model_nothing_can_be_entered(shown: Shown) -> None:
    shown.table.show_rows([])
    assert shown.table.about.value == "No model yet."
    assert shown.table.name == ""
