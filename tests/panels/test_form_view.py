"""The form of a task: what Python tells the page, and what the page tells Python."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from nustar_widgets.calls.rows import RowState, rows_of
from tests.panels.formrows import PRODUCTS, Told, reference_specs, row


def states(told: Told) -> dict[str, Any]:
    return dict(told.view.states["rows"])


def test_rows_travel_once_with_what_they_say_and_a_limit_of_zero() -> None:
    told = Told()
    told.view.show_form("nuproducts", PRODUCTS)
    sent = {one["name"]: one for one in told.view.form["rows"]}
    assert told.view.form["task"] == "nuproducts"
    assert list(sent) == [one.name for one in PRODUCTS]
    assert sent["percent"]["minimum"] == 0
    assert sent["instrument"]["choices"] == ("FPMA", "FPMB")
    assert "unit" not in sent["instrument"]
    assert sent["history"] == {
        "name": "history", "control": "yes/no", "group": "housekeeping",
        "default": "yes", "help": row("history").help,
    }  # fmt: skip


def test_states_travel_only_where_they_say_something() -> None:
    told = Told()
    told.view.show_form("nuproducts", PRODUCTS)
    told.view.show_states(
        {
            "binsize": RowState(value="10", usual="10"),
            "pilow": RowState(value="60", usual="35", is_changed=True),
            "pihigh": RowState(value="9", is_changed=True),
            "indir": RowState(value="", problem="nuproducts needs it; give a value"),
            "stemout": RowState(value=""),
            "srcregionfile": RowState(value="a.reg", origin="from the regions drawn"),
            "lcexpoflag": RowState(value="yes", why_not="applies only with extended = yes"),
        }
    )
    assert states(told) == {
        "pilow": {"value": "60", "usual": "35", "is_changed": True},
        "pihigh": {"value": "9", "usual": "", "is_changed": True},
        "indir": {"problem": "nuproducts needs it; give a value"},
        "stemout": {"value": ""},
        "srcregionfile": {"value": "a.reg", "origin": "from the regions drawn"},
        "lcexpoflag": {"why_not": "applies only with extended = yes"},
    }


def test_an_unchanged_state_answers_too() -> None:
    told = Told()
    told.view.show_form("nuproducts", PRODUCTS)
    told.hear(kind="edited", name="binsize", text="10", entry=7)
    assert told.edits == [("binsize", "10")]
    assert told.view.states == {"rows": {}, "answers": {"p": 7}}
    told.hear(kind="reset", names=["binsize", "pilow"], page="other", entry=1)
    assert told.resets == [("binsize", "pilow")]
    assert told.view.states["answers"] == {"p": 7, "other": 1}


def test_the_state_at_the_end_of_a_call_is_the_answer_and_the_only_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told = Told()
    told.view.show_form("nuproducts", PRODUCTS)
    sent: list[dict[str, Any]] = []
    monkeypatch.setattr(told.view, "send_state", lambda _=None: sent.append(told.view.states))

    def answer() -> None:
        for value in ("10", "20"):
            told.view.show_states(
                {"binsize": RowState(value=value, usual="10", is_changed=value != "10")}
            )

    told.answer = answer
    told.hear(kind="edited", name="binsize", text="20")
    assert sent[-1] == {
        "rows": {"binsize": {"value": "20", "usual": "10", "is_changed": True}},
        "answers": {"p": 1},
    }


def test_an_entry_that_fails_is_answered_all_the_same() -> None:
    told = Told()

    def fail() -> None:
        raise RuntimeError("no")

    told.answer = fail
    with pytest.raises(RuntimeError):
        told.hear(kind="edited", name="binsize", text="20", entry=3)
    assert told.view.states["answers"] == {"p": 3}


def test_another_form_begins_without_the_states_of_the_one_before() -> None:
    told = Told()
    told.view.show_form("nuproducts", PRODUCTS)
    told.view.show_states({"binsize": RowState(value="20", is_changed=True)})
    told.view.show_form("other", PRODUCTS[:3])
    assert states(told) == {}
    assert [one["name"] for one in told.view.form["rows"]] == [one.name for one in PRODUCTS[:3]]


def test_asking_twice_for_a_parameter_is_two_wishes() -> None:
    told = Told()
    told.view.show_parameter("binsize")
    first = told.view.sought
    told.view.show_parameter("binsize")
    assert (first, told.view.sought) == (
        {"name": "binsize", "count": 1},
        {"name": "binsize", "count": 2},
    )


def test_a_folder_is_listed_when_the_page_asks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = Told(tmp_path)
    (tmp_path / "auxil").mkdir()
    (tmp_path / "auxil" / "att.fits").write_bytes(b"12")
    sent: list[dict[str, Any]] = []
    monkeypatch.setattr(told.view, "send", sent.append)
    told.hear(kind="list", asked=4, folder=None, value="auxil/old.fits", hidden=False)
    told.hear(kind="list", asked=5, folder=str(tmp_path / "gone"), hidden=False)
    assert sent[0] == {
        "kind": "listing", "asked": 4, "folder": str(tmp_path / "auxil"), "shown": "auxil",
        "parent": str(tmp_path), "note": "", "problem": "",
        "entries": ({"name": "att.fits", "is_folder": False, "size_bytes": 2},),
    }  # fmt: skip
    assert sent[1]["asked"] == 5
    assert "there is no such folder" in sent[1]["problem"]


def test_every_parameter_of_every_task_travels(shared: Path, tmp_path: Path) -> None:
    told = Told()
    for task, spec in reference_specs(shared, tmp_path).items():
        told.view.show_form(task, rows_of(spec))
        sent = json.loads(json.dumps(told.view.form))
        assert {one["name"] for one in sent["rows"]} == {one.name for one in spec.parameters}
        assert all(one["group"] and one["control"] for one in sent["rows"])
