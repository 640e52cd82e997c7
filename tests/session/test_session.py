from __future__ import annotations

import threading
from typing import Any

import pytest
import traitlets

from nustar_widgets.session.history import Step
from nustar_widgets.session.session import Session
from nustar_widgets.session.values import ModuleInputs, Target

OBSID = "60001110002"


def test_edit_changes_several_fields_as_one_undo_step() -> None:
    session = Session()
    session.edit("choose observation", obsid=OBSID, target=Target(name="SWIFT J2127"))
    assert session.undo_label == "choose observation"
    assert session.undo() == "choose observation"
    assert (session.obsid, session.target) == ("", None)
    assert session.redo() == "choose observation"
    assert session.obsid == OBSID


def test_undo_of_everything_restores_the_start_and_then_does_nothing() -> None:
    session = Session(obsid=OBSID)
    before = session.snapshot()
    session.edit("a", bin_s=10.0)
    session.edit("b", band_kev=(3.0, 10.0))
    assert (session.undo(), session.undo(), session.undo()) == ("b", "a", None)
    assert session.snapshot() == before
    assert (session.can_undo, session.can_redo) == (False, True)


def test_a_new_edit_ends_the_redo_list() -> None:
    session = Session()
    session.edit("a", bin_s=10.0)
    session.undo()
    session.edit("b", bin_s=20.0)
    assert session.redo() is None
    assert not session.can_redo


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"modules": ("FPMC",)}, "modules=('FPMC',): expected FPMA, FPMB or both"),
        ({"modules": ()}, "expected FPMA, FPMB or both"),
        ({"obsid": "123"}, "obsid='123': expected eleven digits"),
        ({"obsid": "٦٠٠٠١١١٠٠٠٢"}, "expected eleven digits"),
        ({"band_kev": (10.0, 3.0)}, "band_kev=(10.0, 3.0): expected (low, high) [keV]"),
        ({"bin_s": 0.0}, "bin_s=0.0: expected a positive number [s]"),
        ({"bin_s": float("nan")}, "bin_s=nan: expected a positive number [s]"),
        ({"user_gti": ((5.0, 5.0),)}, "interval (5.0, 5.0): expected (start, stop) [s]"),
        ({"products": (("binsize",),)}, "products: ('binsize',): expected (parameter name, value)"),
        ({"inputs": ("a.evt",)}, "inputs[0]='a.evt': expected ModuleInputs"),
        ({"inputs": (ModuleInputs(module="FPMC", events="x"),)}, "expected each of FPMA, FPMB"),
        ({"regions": 3}, "regions"),
        ({"radius": 3}, "a session has no field 'radius'"),
    ],
)
def test_a_refused_value_changes_nothing_at_all(changes: dict[str, Any], text: str) -> None:
    session = Session(obsid=OBSID)
    before, events = session.snapshot(), []
    session.observe(lambda change: events.append(change.name), list(Session.FIELDS))
    with pytest.raises(traitlets.TraitError) as caught:
        session.edit("bad", target=Target(name="x"), **changes)
    assert text in str(caught.value)
    assert session.snapshot() == before
    assert events == []
    assert not session.can_undo


def test_an_edit_to_equal_values_is_no_step_and_no_event() -> None:
    session = Session(bin_s=10.0)
    events: list[str] = []
    session.observe(lambda change: events.append(change.name), list(Session.FIELDS))
    session.edit("again", bin_s=10)
    assert events == []
    assert not session.can_undo


def test_observers_hear_one_event_per_field_with_all_fields_already_changed() -> None:
    session = Session()
    seen: list[tuple[str, Any]] = []
    session.observe(lambda change: seen.append((change.name, session.snapshot())), ["obsid"])
    session.edit("both", obsid=OBSID, bin_s=7.0)
    assert len(seen) == 1
    assert (seen[0][1]["obsid"], seen[0][1]["bin_s"]) == (OBSID, 7.0)


def test_an_observer_that_raises_does_not_lose_the_undo_step() -> None:
    session = Session()

    def broken(_: Any) -> None:
        raise RuntimeError("panel bug")

    session.observe(broken, "obsid")
    with pytest.raises(RuntimeError, match="panel bug"):
        session.edit("choose", obsid=OBSID)
    session.unobserve(broken, "obsid")
    assert session.undo() == "choose"
    assert session.obsid == ""


def test_a_plain_assignment_is_an_undo_step_too() -> None:
    session = Session()
    session.bin_s = 5.0
    assert session.undo_label == "set bin_s"
    session.undo()
    assert session.bin_s == 100.0


@pytest.mark.parametrize("digits", [400, 5000])
@pytest.mark.parametrize("field", ["bin_s", "obsid", "modules", "band_kev", "products", "fit"])
def test_a_number_too_large_for_anything_is_refused_like_all_else(field: str, digits: int) -> None:
    session = Session()
    before = session.snapshot()
    with pytest.raises(traitlets.TraitError) as refused:
        session.edit("large", work_dir="elsewhere", **{field: 10**digits})
    assert f"'{field}' trait" in str(refused.value) or (
        f"{field}=" in str(refused.value) and "choose a smaller number" in str(refused.value)
    )
    assert session.snapshot() == before
    assert session.undo_label is None


def test_a_bin_too_large_is_refused_also_when_it_is_assigned() -> None:
    with pytest.raises(traitlets.TraitError, match=r"bin_s=1000+\.\.\.: expected nothing as large"):
        Session().bin_s = 10**400
    with pytest.raises(traitlets.TraitError, match="bin_s=a int too large to be shown: expected"):
        Session(bin_s=-(10**5000))


def test_a_label_is_told_also_while_another_thread_takes_the_last_step_away() -> None:
    class Shrinking(list[Step]):
        """Loses its last step between two looks at it, as when another thread undoes it."""

        def __len__(self) -> int:
            length = super().__len__()
            self.clear()
            return length

    session = Session()
    session.edit("a", bin_s=10.0)
    session._past, session._future = Shrinking(session._past), Shrinking(session._past)
    assert (session.undo_label, session.redo_label) == ("a", "a")


def test_edits_from_many_threads_are_all_undone_in_turn() -> None:
    session = Session()

    def work(start: int) -> None:
        for number in range(start, start + 20):
            session.edit(f"edit {number}", bin_s=float(number))

    threads = [threading.Thread(target=work, args=(100 * k + 1,)) for k in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    labels = []
    while (label := session.undo()) is not None:
        labels.append(label)
    assert len(labels) == len(set(labels)) == 80
    assert session.bin_s == 100.0
