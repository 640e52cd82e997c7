"""The form for pages without our code: every parameter in a list, one at a time."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from nustar_widgets.calls.rows import Control, Row, RowState, rows_of
from nustar_widgets.panels.forms.plainform import PlainForm
from tests.panels.formrows import PRODUCTS, XSS, plainly, reference_specs


class Shown:
    """A plain form over a few values."""

    def __init__(self, rows: tuple[Row, ...] = PRODUCTS) -> None:
        self.rows, self.values, self.problems = rows, {}, {}  # type: ignore[var-annotated]
        self.heard: list[Any] = []
        self.form = PlainForm(edited=self.edited, reset=self.reset, guarded=plainly)
        self.form.show_form("nuproducts", rows)
        self.tell()

    def edited(self, name: str, text: str) -> None:
        self.heard.append((name, text))
        self.problems = {name: f"{text!r}: expected a number"} if text == "abc" else {}
        if text != "abc":
            self.values[name] = text
        self.tell()

    def reset(self, names: tuple[str, ...]) -> None:
        self.heard.append(names)
        self.problems = {}
        for name in names:
            self.values.pop(name, None)
        self.tell()

    def tell(self) -> None:
        self.form.show_states({row.name: self.state(row) for row in self.rows})

    def state(self, row: Row) -> RowState:
        return RowState(
            value=self.values.get(row.name, row.default),
            usual=row.default,
            is_changed=row.name in self.values,
            problem=self.problems.get(row.name, ""),
            why_not="applies only with extended = yes" if row.name == "lcexpoflag" else "",
        )


@pytest.fixture
def shown() -> Shown:
    return Shown()


def names(form: PlainForm) -> list[str]:
    return [name for _, name in form.parameter.options]


def test_every_parameter_is_in_the_list_those_that_matter_first(shown: Shown) -> None:
    assert set(names(shown.form)) == {row.name for row in PRODUCTS}
    few = [row.name for row in PRODUCTS if row.first]
    assert names(shown.form)[: len(few)] == few


def test_a_search_leaves_what_has_the_words(shown: Shown) -> None:
    shown.form.search.value = "BINSIZE"
    assert names(shown.form) == ["binsize"]
    assert shown.form.text.value == "10"
    shown.form.search.value = "no such thing"
    assert names(shown.form) == []
    assert shown.form.about.value == "No parameter has all these words."
    shown.form.search.value = ""
    assert len(names(shown.form)) == len(PRODUCTS)


def test_a_value_is_set_marked_and_taken_back(shown: Shown) -> None:
    form = shown.form
    form.show_parameter("binsize")
    form.text.value = "25"
    form.set.click()
    assert shown.heard == [("binsize", "25")]
    assert dict(map(reversed, form.parameter.options))["binsize"] == "* binsize"
    assert (form.reset.disabled, form.reset.tooltip) == (False, "back to 10")
    form.reset.click()
    assert shown.heard[-1] == ("binsize",)
    assert (form.text.value, form.reset.disabled, form.reset_all.disabled) == ("10", True, True)


def test_a_refused_value_stays_with_what_is_wrong_until_it_is_mended(shown: Shown) -> None:
    form = shown.form
    form.show_parameter("binsize")
    form.text.value = "abc"
    assert "&#x27;abc&#x27;: expected a number" in form.problem.value
    form.show_parameter("pilow")
    assert form.problem.value == ""
    form.show_parameter("binsize")
    assert form.text.value == "abc"
    form.text.value = "30"
    assert form.problem.value == ""
    assert shown.values == {"binsize": "30"}


def test_an_emptied_value_goes_back_and_all_go_back_at_once(shown: Shown) -> None:
    form = shown.form
    for name, text in (("binsize", "25"), ("pilow", "60"), ("stemout", "me")):
        form.show_parameter(name)
        form.text.value = text
    form.text.value = ""
    assert shown.heard[-1] == ("stemout",)
    assert form.text.value == "DEFAULT"
    form.reset_all.click()
    assert set(shown.heard[-1]) == {"binsize", "pilow"}
    assert shown.values == {}


def test_choices_and_yes_or_no_are_chosen(shown: Shown) -> None:
    form = shown.form
    form.show_parameter("instrument")
    assert form.choice.options == ("", "FPMA", "FPMB")
    hidden = [part.layout.display == "none" for part in (form.search, form.text, form.choice)]
    assert hidden == [False, True, False]
    form.choice.value = "FPMB"
    form.show_parameter("runmkarf")
    assert form.choice.value == "yes"
    form.choice.value = "no"
    assert shown.heard == [("instrument", "FPMB"), ("runmkarf", "no")]


def test_what_does_not_apply_says_why_and_takes_no_value(shown: Shown) -> None:
    form = shown.form
    form.show_parameter("lcexpoflag")
    assert form.set.disabled
    assert form.choice.disabled
    assert "Does not apply now: applies only with extended = yes" in form.about.value


def test_what_comes_from_outside_is_text() -> None:
    rows = (Row(name="x", control=Control.TEXT, group="other", help=XSS, prompt=XSS, manual=XSS),)
    shown = Shown(rows)
    shown.form.show_states({"x": RowState(value=XSS, problem=XSS, origin=XSS)})
    assert "HEASoft&#x27;s help: &lt;img" in shown.form.about.value
    for part in (shown.form.about, shown.form.problem):
        assert "<img" not in part.value
        assert "&lt;img" in part.value


def test_every_parameter_of_every_task_is_reached_edited_and_read_back(
    shared: Path, tmp_path: Path
) -> None:
    for spec in reference_specs(shared, tmp_path).values():
        shown = Shown(rows_of(spec))
        form = shown.form
        for row in shown.rows:
            form.search.value = row.name
            assert names(form)[0] == row.name
            form.parameter.value = row.name
            if form.set.disabled:
                continue
            control = form._control()
            value = form.choice.options[-1] if control is form.choice else "17"
            control.value = value
            form.set.click()
            assert shown.values.get(row.name, row.default) == value
