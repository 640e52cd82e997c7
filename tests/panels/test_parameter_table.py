"""The parameter table without a page: what it sends, what it hears, and what it makes of it."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from nustar_widgets.errors import ParameterError
from nustar_widgets.panels.fitting.ladder import Hold
from nustar_widgets.panels.fitting.parameterrow import ParameterRow, RowResult
from nustar_widgets.panels.fitting.parametertable import ParameterTable
from nustar_widgets.panels.fitting.sliderrange import slider_range


def plainly(callback: Callable[..., Any]) -> Callable[..., None]:
    return callback


def row(name: str = "powerlaw.PhoIndex", **changes: Any) -> ParameterRow:
    component, _, label = name.partition(".")
    given = {
        "component": component, "label": label, "value": 1.8, "min": -3.0, "max": 10.0,
        "slider_low": 0.8, "slider_high": 2.8, **changes,
    }  # fmt: skip
    return ParameterRow(name=name, **given)


class Told:
    """A table, and what it told Python."""

    def __init__(self, *rows: ParameterRow) -> None:
        self.drags: list[dict[str, float]] = []
        self.holds: list[Hold | None] = []
        self.changes: list[tuple[str, str, Any]] = []
        self.answer: Callable[[], Any] = lambda: None
        self.table = ParameterTable(dragged=self._dragged, changed=self._changed, guarded=plainly)
        self.table.show_rows(rows or (row(), row("powerlaw.norm", value=1e-3)))
        self.revision = 0

    def _dragged(self, values: dict[str, float], hold: Hold | None) -> None:
        self.drags.append(values)
        self.holds.append(hold)
        self.answer()

    def _changed(self, name: str, what: str, value: Any) -> None:
        self.changes.append((name, what, value))
        self.answer()

    def drag(self, name: str, value: float, *, page: str = "p") -> None:
        self.revision += 1
        self._hand(page, {name: value}, [])

    def enter(self, name: str, what: str, value: Any) -> None:
        self.revision += 1
        commit = {"revision": self.revision, "name": name, "what": what, "value": value}
        self._hand("p", {}, [commit])

    def _hand(
        self,
        page: str,
        values: dict[str, float],
        commits: list[dict[str, Any]],
        slider: dict[str, Any] | None = None,
    ) -> None:
        hand = {
            "page": page, "revision": self.revision, "values": values, "slider": slider,
            "commits": commits,
        }  # fmt: skip
        self.table.set_state({"hand": json.loads(json.dumps(hand))})

    @property
    def values(self) -> Any:
        return self.table.shown["values"]


INDEX = "powerlaw.PhoIndex"

# -- the slider under the hand


def test_a_slider_is_told_when_it_is_taken_and_with_every_value() -> None:
    told = Told()
    slider = {"name": INDEX, "low": 1.0, "high": 3.0, "log": False}
    told.revision = 4
    told._hand("p", {}, [], slider)
    told.revision = 5
    told._hand("p", {INDEX: 2.5}, [], slider)
    told.drag(INDEX, 1.8)  # given up
    assert told.drags == [{}, {INDEX: 2.5}, {INDEX: 1.8}]
    assert told.holds == [
        Hold(INDEX, 1.8, 1.0, 3.0, log=False, revision=4),
        Hold(INDEX, 2.5, 1.0, 3.0, log=False, revision=5),
        None,
    ]


def test_the_page_is_told_only_what_it_does_not_know_while_a_slider_moves() -> None:
    told = Told()
    sent: list[Any] = []
    told.table.observe(sent.append, "shown")
    slider = {"name": INDEX, "low": 1.0, "high": 3.0, "log": False}
    told.revision = 1
    told._hand("p", {INDEX: 2.5}, [], slider)
    assert sent == []
    told.answer = lambda: told.table.show_values({INDEX: 2.6, "powerlaw.norm": 0.5})  # linked
    told.revision = 2
    told._hand("p", {INDEX: 2.6}, [], slider)
    assert told.values == {INDEX: 2.6, "powerlaw.norm": 0.5}
    told.revision = 3
    told._hand("p", {}, [{"revision": 3, "name": INDEX, "what": "value", "value": 2.7}])
    assert told.table.shown["answers"] == {"p": 3}


def test_a_slider_without_ends_or_of_another_model_is_no_slider_to_look_ahead_for() -> None:
    told = Told()
    told.revision = 1
    told._hand("p", {}, [], {"name": INDEX, "low": None, "high": 3.0, "log": False})
    told.revision = 2
    told._hand("p", {}, [], {"name": "gone.norm", "low": 0.0, "high": 3.0, "log": False})
    first, second = told.holds
    assert first is not None
    assert not first.has_values
    assert second is None


# -- what the page hears


def test_rows_travel_without_what_moves() -> None:
    told = Told(row(error_low=1.7, error_high=1.95, warnings=("not monotonic",)))
    (sent,) = json.loads(json.dumps(told.table.table))
    assert (sent["name"], sent["max"], sent["slider_high"], sent["link"]) == (INDEX, 10.0, 2.8, "")
    assert "value" not in sent
    assert told.values == {INDEX: 1.8}
    assert told.table.results["rows"][INDEX]["error_high"] == 1.95
    sent_again: list[Any] = []
    told.table.observe(sent_again.append, "table")
    told.table.show_rows([row(value=2.0)])
    assert sent_again == []  # nothing but values has changed
    assert told.table.results["rows"] == {}


def test_values_are_shown_some_at_a_time() -> None:
    told = Told()
    told.table.show_values({INDEX: 2.5})
    assert told.values == {INDEX: 2.5, "powerlaw.norm": 1e-3}


def test_what_is_no_number_does_not_break_the_page() -> None:
    told = Told(row(max=math.inf, error_low=math.nan))
    told.table.show_values({INDEX: math.nan})
    state = (told.table.table, told.table.shown, told.table.results)
    assert "NaN" not in json.dumps(state, allow_nan=False)
    assert told.table.table[0]["max"] is None


def test_results_come_with_what_their_ranges_are() -> None:
    told = Told()
    told.table.show_results({INDEX: RowResult(value=1.8, sigma=0.02)}, heading="90 %")
    assert told.table.results["heading"] == "90 %"
    told.table.show_rows([row(sigma=0.03)])
    assert told.table.results["heading"] == "90 %"
    assert told.table.results["rows"][INDEX]["sigma"] == 0.03


# -- what Python hears


def test_a_drag_is_told_and_answered() -> None:
    told = Told()
    told.drag(INDEX, 2.1)
    assert told.drags == [{INDEX: 2.1}]
    assert told.changes == []
    assert told.table.shown["answers"] == {"p": 1}
    assert told.values[INDEX] == 2.1  # set by hand: what the engine has


def test_finished_changes_are_told_once_though_they_are_sent_until_answered() -> None:
    told = Told()
    commits = [
        {"revision": 3, "name": INDEX, "what": "value", "value": 2.2},
        {"revision": 4, "name": INDEX, "what": "frozen", "value": True},
    ]
    told.revision = 3
    told._hand("p", {}, commits[:1])
    told.revision = 4
    told._hand("p", {}, commits)
    told.revision = 5
    told._hand("p", {"powerlaw.norm": 0.5}, commits)
    assert told.changes == [(INDEX, "value", 2.2), (INDEX, "frozen", True)]
    assert told.drags == [{"powerlaw.norm": 0.5}]
    assert told.table.shown["answers"] == {"p": 5}


def test_two_pages_have_numbers_of_their_own() -> None:
    told = Told()
    told.revision = 40
    told.drag(INDEX, 2.0, page="one")
    told.revision = 0
    told.drag(INDEX, 2.1, page="two")
    assert told.drags == [{INDEX: 2.0}, {INDEX: 2.1}]
    assert told.table.shown["answers"] == {"one": 41, "two": 1}


@pytest.mark.parametrize(
    ("what", "text", "heard"),
    [
        ("value", " 1e-3 ", (INDEX, "value", 1e-3)),
        ("value", "= 2*powerlaw.norm", (INDEX, "link", "2*powerlaw.norm")),
        ("value", 2.5, (INDEX, "value", 2.5)),
        ("min", "-1", (INDEX, "min", -1.0)),
        ("max", "", (INDEX, "max", None)),
        ("link", "= 2*powerlaw.norm", (INDEX, "link", "2*powerlaw.norm")),
        ("link", " ", (INDEX, "link", "")),
        ("frozen", True, (INDEX, "frozen", True)),
        ("reset", None, (INDEX, "reset", None)),
    ],
)
def test_what_is_entered_comes_as_what_it_stands_for(what: str, text: Any, heard: Any) -> None:
    told = Told()
    told.enter(INDEX, what, text)
    assert told.changes == [heard]
    assert told.table.problems == {}


@pytest.mark.parametrize("text", ["abc", "", "nan", "1e999", "0x10", "1,5"])
def test_what_is_no_number_is_refused_with_what_is_expected(text: str) -> None:
    told = Told()
    told.enter(INDEX, "value", text)
    assert told.changes == []
    problem = told.table.problems[INDEX]
    assert problem["what"] == "value"
    assert f"value '{text}': expected a number, as 1.8 or 1e-3" in problem["text"]


def refuse() -> None:
    raise ParameterError(INDEX, "11 is outside its limits")


def test_a_refused_value_is_told_and_the_value_before_is_back() -> None:
    told = Told()
    told.answer = refuse
    told.enter(INDEX, "value", "11")
    assert "11 is outside its limits" in told.table.problems[INDEX]["text"]
    assert told.values[INDEX] == 1.8
    told.answer = lambda: None
    told.enter(INDEX, "value", "2")
    assert told.table.problems == {}
    assert told.values[INDEX] == 2.0


def test_a_problem_shown_for_an_entry_belongs_to_its_field() -> None:
    told = Told()
    told.answer = lambda: told.table.show_problem(INDEX, "no such parameter")
    told.enter(INDEX, "link", "2*nothing")
    assert told.table.problems == {INDEX: {"what": "link", "text": "no such parameter"}}
    told.enter(INDEX, "dismiss", None)  # given up in the page
    assert told.table.problems == {}
    assert told.changes == [(INDEX, "link", "2*nothing")]


def test_a_refused_drag_leaves_the_value_that_was() -> None:
    told = Told()
    told.answer = refuse
    told.drag(INDEX, 2.0)
    assert told.values[INDEX] == 1.8
    assert INDEX in told.table.problems


def test_an_unexpected_error_keeps_none_of_the_other_changes_from_python() -> None:
    told, failures = Told(), []

    def guarded(callback: Callable[..., Any]) -> Callable[..., None]:
        def call(*arguments: Any) -> None:
            try:
                callback(*arguments)
            except RuntimeError as error:
                failures.append(str(error))

        return call

    def fail() -> None:
        if len(told.changes) == 1:
            raise RuntimeError("a fault")

    told.table = ParameterTable(dragged=told._dragged, changed=told._changed, guarded=guarded)
    told.table.show_rows([row()])
    told.answer, told.revision = fail, 2
    commits = [{"revision": i, "name": INDEX, "what": "value", "value": 1.0 + i} for i in (1, 2)]
    told._hand("p", {}, commits)
    assert failures == ["a fault"]
    assert told.values[INDEX] == 3.0
    assert told.table.shown["answers"] == {"p": 2}


def test_what_the_page_tells_of_other_rows_is_not_heard() -> None:
    told = Told()
    told.drag("gone.norm", 1.0)
    told.enter("gone.norm", "value", "1")
    told.enter(INDEX, "nonsense", "1")
    assert (told.drags, told.changes) == ([], [])
    assert told.table.shown["answers"] == {"p": 3}


# -- ranges of sliders


@pytest.mark.parametrize(
    ("label", "value", "soft", "expected"),
    [
        ("PhoIndex", 1.8, (-2.0, 9.0), (0.9, 2.7, False)),
        ("norm", 2e-3, (0.0, 1e20), (2e-4, 2e-2, True)),
        ("nH", 0.5, (0.0, 1e5), (0.05, 5.0, True)),
        ("nH", 0.0, (0.0, 1e5), (0.0, 0.5, False)),
        ("kT", 3.0, (1e-2, 100.0), (0.3, 30.0, True)),
        ("HighECut", 60.0, (1.0, 500.0), (6.0, 500.0, True)),
        ("factor", 1.0, (0.0, 1e10), (0.5, 1.5, False)),
        ("CvrFract", 0.5, (0.05, 0.95), (0.05, 0.95, False)),
        ("Redshift", 0.0, (-0.999, 10.0), (-0.5, 0.5, False)),
    ],
)
def test_a_slider_reaches_over_what_matters(
    label: str, value: float, soft: tuple[float, float], expected: tuple[float, float, bool]
) -> None:
    assert slider_range(label, value, hard=soft, soft=soft) == pytest.approx(expected)


@given(
    value=st.floats(-1e6, 1e6),
    ends=st.tuples(st.floats(0, 1e12), st.floats(0, 1e12), st.floats(0, 1), st.floats(0, 1)),
    label=st.sampled_from(["norm", "factor", "kT"]),
    delta=st.floats(0, 10),
)
@example(value=5e-324, ends=(5e-324, 1000.0, 0.0, 0.0), label="norm", delta=0.0)
def test_a_slider_holds_its_value_and_stays_inside_the_hard_limits(
    value: float, ends: tuple[float, float, float, float], label: str, delta: float
) -> None:
    hard = (value - ends[0], value + ends[1] + 1e-3)
    soft = (value - ends[0] * ends[2], value + ends[1] * ends[3])
    low, high, log = slider_range(label, value, hard=hard, soft=soft, delta=delta)
    assert low <= value <= high
    assert low < high
    assert hard[0] <= low
    assert high <= hard[1]
    assert not log or low > 0
