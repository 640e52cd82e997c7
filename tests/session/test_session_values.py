from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
import pytest
import traitlets
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from nustar_widgets.events.regions import SkyCircle, SkyRegion
from nustar_widgets.session import store
from nustar_widgets.session.plainvalue import plain
from nustar_widgets.session.session import Session
from nustar_widgets.session.values import (
    FitChoice,
    GroupingChoice,
    ModuleInputs,
    ModuleRegions,
    ParameterChoice,
    Regions,
    Target,
)
from tests.session import strategies

Values = dict[str, Any]


@settings(max_examples=200)
@given(st.fixed_dictionaries({}, optional=strategies.FIELDS))
def test_any_session_survives_json(values: Values) -> None:
    session = Session(**values)
    read = store.from_dict(json.loads(json.dumps(store.to_dict(session))))
    assert read.snapshot() == session.snapshot()
    assert repr(read.snapshot()) == repr(session.snapshot())  # 1, 1.0 and True are equal


class EditsUndoneAndSaved(RuleBasedStateMachine):
    """A session beside a plain model of it: a list of states, and where we are in it."""

    def __init__(self) -> None:
        super().__init__()
        self.session = Session()
        self.states: list[Values] = [self.session.snapshot()]
        self.labels: list[str] = []
        self.at = 0

    @rule(changes=strategies.edits, label=strategies.texts)
    def edit(self, changes: Values, label: str) -> None:
        self.session.edit(label, **changes)
        after = {**self.states[self.at], **changes}
        if after != self.states[self.at]:
            del self.states[self.at + 1 :], self.labels[self.at :]
            self.states.append(after)
            self.labels.append(label)
            self.at += 1

    @rule()
    def undo(self) -> None:
        told = self.session.undo()
        assert told == (self.labels[self.at - 1] if self.at else None)
        self.at = max(0, self.at - 1)

    @rule()
    def redo(self) -> None:
        told = self.session.redo()
        can = self.at < len(self.labels)
        assert told == (self.labels[self.at] if can else None)
        self.at += can

    @rule()
    def save_and_load(self) -> None:
        self.session = store.from_dict(json.loads(json.dumps(store.to_dict(self.session))))

    @invariant()
    def they_agree(self) -> None:
        assert self.session.snapshot() == self.states[self.at]
        assert self.session.undo_label == (self.labels[self.at - 1] if self.at else None)
        can = self.at < len(self.labels)
        assert self.session.redo_label == (self.labels[self.at] if can else None)
        assert (self.session.can_undo, self.session.can_redo) == (self.at > 0, can)


def test_edits_undo_and_redo_agree_with_a_plain_model_also_across_saving() -> None:
    run_state_machine_as_test(
        EditsUndoneAndSaved, settings=settings(max_examples=60, stateful_step_count=25)
    )


def test_a_file_keeps_the_steps_nearest_to_now() -> None:
    session = Session()
    for number in range(1, store.KEPT_STEPS + 51):
        session.edit(f"bin {number}", bin_s=float(number))
    for _ in range(20):
        session.undo()
    read = store.from_dict(store.to_dict(session))
    assert (read.undo_label, read.redo_label) == (session.undo_label, session.redo_label)
    taken_back = []
    while (label := read.undo()) is not None:
        taken_back.append(label)
    assert taken_back == [f"bin {number}" for number in range(230, 30, -1)]


def test_steps_that_take_too_much_room_are_left_out_of_the_file_and_nothing_else() -> None:
    session = Session()
    huge = "x" * (store.KEPT_LETTERS // 3)
    for number in range(6):
        session.edit(f"look at {number}", target=Target(name=f"{number}{huge}"))
    read = store.from_dict(store.to_dict(session))
    assert read.snapshot() == session.snapshot()
    assert read.undo() == "look at 5"
    assert read.undo_label is None  # each step holds two names


def test_undo_steps_of_a_session_with_the_same_choices_are_adopted() -> None:
    old, new = Session(), Session(bin_s=10.0)
    old.edit("bin", bin_s=10.0)
    assert new.adopt_steps(old.state())
    assert new.undo() == "bin"
    assert not new.adopt_steps(Session(bin_s=3.0).state())


def test_a_restored_session_tells_its_observers_and_makes_no_step() -> None:
    old, new = Session(), Session()
    old.edit("bin", bin_s=10.0)
    events: list[Any] = []
    new.observe(lambda change: events.append((change.name, change.new)), list(Session.FIELDS))
    new.restore(old.state())
    assert events == [("bin_s", 10.0)]
    assert new.undo_label == "bin"
    assert new.undo() == "bin"
    assert new.undo() is None


def circle(ra_deg: Any) -> Regions:
    shape = SkyCircle(ra_deg=ra_deg, dec_deg=0.0, radius_arcsec=60.0)
    return Regions(fpma=ModuleRegions(source=SkyRegion((shape,))))


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"target": Target(name=3)}, "target.name=3: expected text"),  # type: ignore[arg-type]
        ({"target": Target(name="x", ra_deg=float("nan"))}, "target.ra_deg=nan: expected a finite"),
        ({"target": "Cen A"}, "target"),
        ({"regions": circle("north")}, "regions.fpma.source.shapes[0].ra_deg='north': expected a"),
        ({"regions": circle(float("inf"))}, "shapes[0].ra_deg=inf: expected a finite number"),
        ({"regions": circle(True)}, "shapes[0].ra_deg=True: expected a finite number"),
        (
            {"fit": FitChoice(parameters=(ParameterChoice(name="po.norm", value="1"),))},  # type: ignore[arg-type]
            "fit.parameters[0].value='1': expected a number or nothing",
        ),
        ({"fit": FitChoice(notice_kev=((3.0,),))}, "fit.notice_kev[0]=(3.0,): expected a list of"),  # type: ignore[arg-type]
        ({"grouping": GroupingChoice(minchannel=3.5)}, "grouping.minchannel=3.5: expected a whole"),  # type: ignore[arg-type]
        ({"grouping": GroupingChoice(minchannel=10**30)}, "grouping.minchannel=1000"),
        ({"products": (("binsize", None),)}, "products[0][1]=None: expected text or a whole"),
        ({"inputs": (ModuleInputs(module="FPMA", events=b"a"),)}, "inputs[0].events=b'a': expec"),  # type: ignore[arg-type]
        ({"band_kev": (3.0, float("inf"))}, "band_kev[1]=inf: expected a finite number"),
        ({"user_gti": ((0.0, float("nan")),)}, "user_gti[0][1]=nan: expected a finite number"),
    ],
)
def test_values_of_another_type_are_refused_where_they_are(changes: Values, text: str) -> None:
    session = Session()
    before = session.snapshot()
    with pytest.raises(traitlets.TraitError) as caught:
        session.edit("bad", **changes)
    assert text in str(caught.value)
    assert session.snapshot() == before


def test_what_is_as_good_as_plain_is_made_plain() -> None:
    region = circle(np.float64(10.0))
    session = Session(
        inputs=[ModuleInputs(module="FPMA", events=Path("a.evt"))],  # type: ignore[arg-type]
        regions=region,
        fit=FitChoice(parameters=[ParameterChoice(name="po.norm", value=np.float32(0.5))]),  # type: ignore[arg-type]
        grouping=GroupingChoice(minchannel=np.int64(35), others=[["rows", np.bool_(True)]]),  # type: ignore[arg-type]
    )
    assert session.inputs == (ModuleInputs(module="FPMA", events="a.evt"),)
    assert type(session.regions.fpma.source.shapes[0].ra_deg) is float  # type: ignore[union-attr]
    assert session.fit.parameters == (ParameterChoice(name="po.norm", value=0.5),)
    assert session.grouping.others == (("rows", True),)
    assert type(session.grouping.minchannel) is int
    json.dumps(store.to_dict(session), allow_nan=False)


def test_a_plain_value_is_the_same_value() -> None:
    fit = replace(FitChoice(), parameters=(ParameterChoice(name="po.norm", value=0.5),))
    assert plain("fit", fit) is fit
    assert plain("data_dir", PurePosixPath("/data")) == "/data"
