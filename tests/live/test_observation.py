"""One set of counts a session: shared, weak, told once, and never of a state that is gone."""

from __future__ import annotations

import gc
import threading
import weakref
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import traitlets
from traitlets import TraitError

from nustar_widgets.errors import InputFileError, RegionError, SelectionError
from nustar_widgets.events.eventlist import EventList
from nustar_widgets.events.regions import SkyCircle, SkyRegion
from nustar_widgets.events.shifting import shifted
from nustar_widgets.live.observation import LiveObservation
from nustar_widgets.session.linking import with_module
from nustar_widgets.session.session import Session
from nustar_widgets.session.values import ModuleInputs, ModuleRegions, Regions, RegionText
from tests.live.smallfields import GTI, session_of, write_small_field

CIRCLE = SkyRegion((SkyCircle(187.2779, -36.5213, 30.0),))
BESIDE = SkyRegion((SkyCircle(187.2779, -36.5013, 25.0),))
CHOSEN = Regions(
    fpma=ModuleRegions(source=CIRCLE, background=BESIDE),
    fpmb=ModuleRegions(source=CIRCLE, background=BESIDE),
)


@pytest.fixture
def session(tmp_path: Path) -> Session:
    return session_of(tmp_path / "event_cl", n_events=2000)


@pytest.fixture
def live(session: Session) -> LiveObservation:
    """Counts of a session with regions, loaded."""
    session.edit("draw", regions=CHOSEN)
    made = LiveObservation.of(session)
    made.load()
    return made


def counts_of(live: LiveObservation) -> tuple[int, int]:
    """Source counts of both modules."""
    assert live.counts is not None
    a, b = (live.counts.modules[name].source for name in ("FPMA", "FPMB"))
    assert a is not None
    assert b is not None
    return a.counts, b.counts


def moved(regions: Regions, north_arcsec: float) -> Regions:
    region = shifted(CIRCLE, east_arcsec=0.0, north_arcsec=north_arcsec)
    return with_module(regions, "FPMA", replace(regions.fpma, source=region))


# -- one for a session ------------------------------------------------------------------


def test_a_session_has_one_and_another_session_another() -> None:
    one, other = Session(), Session()
    assert LiveObservation.of(one) is LiveObservation.of(one)
    assert LiveObservation.of(one) is not LiveObservation.of(other)


def test_threads_that_ask_at_once_get_the_same() -> None:
    session, found, start = Session(), [], threading.Barrier(8)

    def ask() -> None:
        start.wait()
        found.append(LiveObservation.of(session))

    run_together(*[ask] * 8)
    assert len({id(item) for item in found}) == 1


def test_nothing_keeps_a_session_alive_whose_counts_were_made(tmp_path: Path) -> None:
    session = session_of(tmp_path / "event_cl", n_events=500)
    live = LiveObservation.of(session)
    live.load()
    session.edit("draw", regions=CHOSEN)
    gone = weakref.ref(session), weakref.ref(live.modules["FPMA"])
    del session, live
    gc.collect()
    assert [item() for item in gone] == [None, None]


# -- loading ----------------------------------------------------------------------------


def test_before_anything_is_loaded_there_are_no_counts(session: Session) -> None:
    live = LiveObservation.of(session)
    live.preview(CHOSEN)
    live.show_session()
    session.edit("draw", regions=CHOSEN, bin_s=10.0)
    assert (live.counts, live.problem, live.is_loaded, dict(live.modules)) == (None, "", False, {})


def test_a_session_without_event_lists_has_nothing_to_load() -> None:
    live = LiveObservation.of(Session())
    live.load()
    assert (live.counts, live.problem, live.is_loaded) == (None, "", False)


def test_loaded_without_regions_the_modules_are_there_and_no_region_is_counted(
    session: Session,
) -> None:
    live = LiveObservation.of(session)
    told: list[str] = []
    live.load(told.append)
    assert live.is_loaded
    assert told[:2] == [
        "reading nu90000000199A01_cl.evt ...", "reading nu90000000199B01_cl.evt ..."
    ]  # fmt: skip
    assert live.counts is not None
    for item in live.counts.modules.values():
        assert (item.source, item.background) == (None, None)
        assert all(np.isnan([item.net, item.net_rate, item.signal_to_noise, item.area_ratio]))


def test_an_empty_region_counts_as_none(live: LiveObservation) -> None:
    live.preview(replace(CHOSEN, fpma=ModuleRegions(source=SkyRegion(), background=BESIDE)))
    assert live.counts is not None
    assert live.counts.modules["FPMA"].source is None
    assert live.counts.modules["FPMA"].background is not None


def test_what_a_drag_asks_for_is_made_when_it_is_said(live: LiveObservation) -> None:
    before = live.is_warm
    live.warm()
    assert (before, live.is_warm) == (False, True)
    for module in live.modules.values():
        made = vars(module.surroundings)
        assert {"field", "sources", "reaches_arcsec"} <= set(made)
        assert {"inside", "chip"} <= set(vars(module.surroundings.field.outline_of))


def test_another_band_takes_over_outline_and_sources(
    live: LiveObservation, session: Session
) -> None:
    before = live.modules["FPMA"]
    session.edit("band", band_kev=(3.0, 10.0))
    after = live.modules["FPMA"]
    assert after is not before
    assert after.surroundings is before.surroundings
    assert after.field.inside is before.field.inside
    assert after.field.chip is before.field.chip
    assert after.field.counts.sum() < before.field.counts.sum()


def test_loading_again_reads_nothing(
    live: LiveObservation, monkeypatch: pytest.MonkeyPatch
) -> None:
    generation = live.generation
    monkeypatch.setattr(EventList, "read", unreadable)
    live.load()
    assert live.generation == generation


def test_a_module_put_aside_and_taken_back_is_not_read_again(
    live: LiveObservation, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = counts_of(live)
    monkeypatch.setattr(EventList, "read", unreadable)
    session.edit("both again", modules=("FPMB", "FPMA"))
    assert live.is_loaded
    assert counts_of(live) == before
    session.edit("one", modules=("FPMA",))
    assert (live.counts, live.is_loaded) == (None, False)
    live.load()
    assert list(live.modules) == ["FPMA"]


def test_an_event_list_deleted_after_loading_is_still_counted(
    live: LiveObservation, session: Session
) -> None:
    before = counts_of(live)
    for item in session.inputs:
        Path(item.events).unlink()
    session.edit("bins", bin_s=50.0)
    live.load()
    assert counts_of(live) == before
    assert live.problem == ""


# -- following the session --------------------------------------------------------------


def test_edit_undo_and_redo_are_followed(live: LiveObservation, session: Session) -> None:
    first = counts_of(live)
    session.edit("move source", regions=moved(CHOSEN, 40.0))
    second = counts_of(live)
    assert second != first
    session.undo()
    assert counts_of(live) == first
    session.redo()
    assert counts_of(live) == second


def test_a_preview_is_no_choice_and_revisions_only_grow(
    live: LiveObservation, session: Session
) -> None:
    revisions: list[tuple[int, bool]] = []
    live.observe(lambda change: revisions.append((change.new.revision, change.new.is_preview)),
                 names=["counts"])  # fmt: skip
    for step in (5.0, 10.0, 40.0):
        live.preview(moved(CHOSEN, step))
    assert session.regions == CHOSEN
    assert session.undo_label == "draw"
    live.show_session()
    assert [preview for _, preview in revisions] == [True, True, True, False]
    assert [number for number, _ in revisions] == sorted({number for number, _ in revisions})


def test_band_bin_and_intervals_are_followed(live: LiveObservation, session: Session) -> None:
    generation = live.generation
    session.edit("band", band_kev=(3.0, 10.0))
    session.edit("bins", bin_s=50.0)
    session.edit("intervals", user_gti=((0.0, 200.0),))
    assert live.generation == generation + 3
    assert live.counts is not None
    shown = live.counts.modules["FPMA"]
    assert shown.source is not None
    assert (shown.binning.pi_low, shown.binning.pi_high) == (35, 209)
    assert shown.bins.bin_s == 50.0
    assert len(shown.source.light_curve) == 5
    assert shown.exposure.ontime_s == 200.0
    few = shown.source.counts
    session.edit("all time", user_gti=None)
    assert live.counts.modules["FPMA"].source.counts > few  # type: ignore[union-attr]


def test_observers_find_counts_problem_and_generation_of_one_moment(
    live: LiveObservation, session: Session
) -> None:
    seen: list[tuple[int, float | None]] = []

    def look(_: Any) -> None:
        bins = None if live.counts is None else live.counts.modules["FPMA"].bins.bin_s
        seen.append((live.generation, bins))

    live.observe(look, names=["generation", "counts"])
    generation = live.generation
    session.edit("bins", bin_s=50.0)
    assert seen == [(generation + 1, 50.0)] * 2


# -- what goes wrong --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "error", "text"),
    [
        ({"keywords": {"TCTYP13": None}}, InputFileError, "EVENTS: keyword TCTYP13 is missing"),
        ({"keywords": {"TCRVL14": None}}, InputFileError, "EVENTS: keyword TCRVL14 is missing"),
        ({"keywords": {"TCRPX13": "x"}}, InputFileError, "TCRPX13 is 'x'. Expected a number"),
        ({"gti": ()}, InputFileError, "holds no interval with STOP after START"),
        ({"x": [-1] * 50, "y": [-1] * 50, "time": [1.0] * 50, "pi": [100] * 50, "n_events": 50},
         SelectionError, "no event with a sky position"),
        ({"x": [], "y": [], "time": [], "pi": [], "n_events": 0},
         InputFileError, "EVENTS holds no events"),
    ],
)  # fmt: skip
def test_an_event_list_that_cannot_be_used_is_told_with_its_name_and_the_session_stays(
    tmp_path: Path, change: dict[str, Any], error: type[Exception], text: str
) -> None:
    path = write_small_field(tmp_path, "FPMA", **{"n_events": 500, **change})
    session = Session(inputs=(ModuleInputs(module="FPMA", events=str(path)),), regions=CHOSEN)
    before, live = session.snapshot(), LiveObservation.of(session)
    with pytest.raises(error) as caught:
        live.load()
    assert text in str(caught.value)
    assert str(path) in str(caught.value)
    assert live.problem == str(caught.value)
    assert (live.counts, dict(live.modules), live.is_loaded) == (None, {}, False)
    assert session.snapshot() == before


def test_a_missing_event_list_is_told_and_mending_it_is_enough(session: Session) -> None:
    path = Path(session.inputs[1].events)
    path.rename(path.with_name("away.evt"))
    live = LiveObservation.of(session)
    with pytest.raises(InputFileError, match=r"nu90000000199B01_cl\.evt: "):
        live.load()
    assert "nu90000000199B01_cl.evt" in live.problem
    path.with_name("away.evt").rename(path)
    live.load()
    assert live.problem == ""
    assert live.counts is not None


def test_what_nobody_expected_is_told_too(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(EventList, "read", unreadable)
    live = LiveObservation.of(session)
    with pytest.raises(MemoryError):
        live.load()
    assert live.problem == "MemoryError: no room"
    monkeypatch.undo()
    live.load()
    assert live.problem == ""


@pytest.mark.parametrize(
    ("region", "text"),
    [
        (SkyRegion((SkyCircle(187.0, -36.5, -3.0),)), "a size of -3 arcsec cannot be written"),
        (SkyRegion((SkyCircle(187.0, -36.5, 3.0, False),)), "region: it has only excludes"),
        (
            SkyRegion((SkyCircle(7.0, 36.5, 30.0),)),
            "HEASoft would ignore the region and count the whole field; take the",
        ),
        (RegionText(text="fk5\ncircle 1 2 3\n", origin="my.reg"), "my.reg: "),
        (
            RegionText(text="", origin="my.reg"),
            "my.reg: HEASoft ignores the file and counts every event",
        ),
        (RegionText(text="# nothing\n"), "region text: the file holds no shape"),
    ],
)
def test_a_region_that_cannot_be_counted_is_refused_while_dragged_and_told_when_chosen(
    live: LiveObservation, session: Session, region: Any, text: str
) -> None:
    before = live.counts
    bad = replace(CHOSEN, fpmb=ModuleRegions(source=region), linked=False)
    with pytest.raises(RegionError) as caught:
        live.preview(bad)
    assert text in str(caught.value)
    assert live.counts is before
    assert live.problem == ""
    session.edit("draw", regions=bad)
    assert session.regions == bad
    assert (live.counts, live.problem) == (None, str(caught.value))
    live.preview(CHOSEN)
    assert (live.counts is None, live.problem) == (False, "")
    session.undo()
    assert before is not None
    assert live.problem == ""
    assert counts_of(live) == tuple(item.source.counts for item in before.modules.values())  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("shape", "text"),
    [
        (SkyCircle(float("nan"), -36.5, 30.0), "region: nan cannot be written"),
        (SkyCircle(187.0, -36.5, float("inf")), "region: inf cannot be written"),
    ],
)
def test_a_region_without_a_place_is_refused_while_dragged_and_by_the_session(
    live: LiveObservation, session: Session, shape: SkyCircle, text: str
) -> None:
    before, chosen = live.counts, session.regions
    bad = replace(CHOSEN, fpmb=ModuleRegions(source=SkyRegion((shape,))), linked=False)
    with pytest.raises(RegionError, match=text):
        live.preview(bad)
    with pytest.raises(TraitError, match="expected a finite number"):
        session.edit("draw", regions=bad)
    assert (live.counts, live.problem, session.regions) == (before, "", chosen)


def test_a_region_beside_the_field_holds_nothing_and_is_no_problem(live: LiveObservation) -> None:
    far = SkyRegion((SkyCircle(187.2779, -33.0, 30.0),))
    live.preview(replace(CHOSEN, fpma=ModuleRegions(source=far, background=BESIDE)))
    assert live.counts is not None
    shown = live.counts.modules["FPMA"]
    assert shown.source is not None
    assert (shown.source.n_pixels, shown.source.counts, shown.net) == (0, 0, 0.0)


def test_intervals_that_leave_nothing_are_told_and_others_mend_it(
    live: LiveObservation, session: Session
) -> None:
    before = counts_of(live)
    session.edit("cut all", user_gti=((605.0, 650.0),))
    assert live.counts is None
    assert live.problem.startswith("no good time is left: expected intervals that overlap")
    live.preview(CHOSEN)
    session.edit("draw", regions=moved(CHOSEN, 5.0))
    assert live.counts is None
    assert live.problem.startswith("no good time is left")
    session.edit("all time", user_gti=(GTI[0], GTI[1], GTI[2]), regions=CHOSEN)
    assert live.problem == ""
    assert counts_of(live) == before


def test_intervals_that_leave_nothing_at_loading_are_told_and_mended_without_reading_again(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    session.edit("cut all", user_gti=((605.0, 650.0),), regions=CHOSEN)
    live = LiveObservation.of(session)
    with pytest.raises(SelectionError, match=r"no good time is left"):
        live.load()
    assert live.problem.startswith("no good time is left")
    monkeypatch.setattr(EventList, "read", unreadable)
    session.undo()
    session.edit("draw", regions=CHOSEN)
    assert live.problem == ""
    assert sum(counts_of(live)) > 0


def test_a_bin_far_too_small_is_told(live: LiveObservation, session: Session) -> None:
    session.edit("bins", bin_s=1e-9)
    assert live.counts is None
    assert "expected at most 16777216; use at least" in live.problem
    session.undo()
    assert live.problem == ""
    assert live.counts is not None


# -- several threads --------------------------------------------------------------------


def test_inputs_changed_while_loading_are_what_is_loaded(session: Session, tmp_path: Path) -> None:
    session.edit("draw", regions=CHOSEN)
    other = session_of(tmp_path / "other", n_events=700).inputs
    live, told = LiveObservation.of(session), []

    def progress(text: str) -> None:
        told.append(text)
        if len(told) == 2:  # between the two files, from the kernel's own thread
            run_together(lambda: session.edit("open", inputs=other))

    live.load(progress)
    assert live.is_loaded
    assert {len(module.events) for module in live.modules.values()} == {700}
    assert live.counts is not None


def test_a_file_that_fails_after_another_was_chosen_is_not_told(
    session: Session, tmp_path: Path
) -> None:
    good = session.inputs
    missing = (ModuleInputs(module="FPMA", events=str(tmp_path / "none.evt")),)
    session.edit("open", inputs=missing)
    live, told = LiveObservation.of(session), []

    def progress(text: str) -> None:
        told.append(text)
        if len(told) == 1:
            run_together(lambda: session.edit("open", inputs=good))

    live.load(progress)
    assert (live.problem, live.is_loaded) == ("", True)


def test_band_and_regions_changed_while_loading_are_what_is_counted(session: Session) -> None:
    live, told = LiveObservation.of(session), []

    def progress(text: str) -> None:
        told.append(text)
        if len(told) == 1:
            run_together(lambda: session.edit("both", bin_s=50.0, regions=CHOSEN))

    live.load(progress)
    assert live.counts is not None
    assert live.counts.modules["FPMA"].bins.bin_s == 50.0
    assert live.counts.regions == CHOSEN


def test_inputs_taken_away_while_loading_leave_nothing(session: Session) -> None:
    live, told = LiveObservation.of(session), []

    def progress(text: str) -> None:
        told.append(text)
        if len(told) == 1:
            run_together(lambda: session.edit("close", inputs=()))

    live.load(progress)
    assert (live.counts, live.is_loaded, dict(live.modules)) == (None, False, {})


def test_an_observer_that_edits_the_session_and_an_edit_meanwhile_do_not_wait_for_each_other(
    session: Session,
) -> None:
    """The loading thread tells observers while the kernel's thread is inside an edit."""
    live = LiveObservation.of(session)
    telling, editing = threading.Event(), threading.Event()

    def edits(change: Any) -> None:
        if change.new is not None and not telling.is_set():
            telling.set()
            assert editing.wait(20.0)  # now the other thread holds the session's lock
            session.edit("from an observer", bin_s=25.0)

    def slow(_: Any) -> None:
        editing.set()

    live.observe(edits, names=["counts"])
    session.observe(slow, names=["regions"])

    def edit() -> None:
        assert telling.wait(20.0)
        session.edit("draw", regions=CHOSEN)

    run_together(live.load, edit)
    assert live.counts is not None
    assert live.counts.regions == CHOSEN
    assert live.counts.modules["FPMA"].bins.bin_s == 25.0


def test_counts_told_from_two_threads_never_go_back(live: LiveObservation) -> None:
    revisions: list[int] = []
    live.observe(lambda change: revisions.append(change.new.revision), names=["counts"])

    def drag() -> None:
        for step in range(60):
            live.preview(moved(CHOSEN, float(step % 9)))

    run_together(drag, drag)
    assert revisions == sorted(set(revisions))
    assert live.counts is not None
    assert live.counts.revision == revisions[-1]


def test_drags_and_edits_from_two_threads_end_with_the_counts_of_the_last(
    live: LiveObservation, session: Session
) -> None:
    def drag() -> None:
        for step in range(40):
            live.preview(moved(CHOSEN, float(step)))

    def edit() -> None:
        for step in range(20):
            session.edit("bins", bin_s=10.0 + step)
            session.edit("move", regions=moved(CHOSEN, float(step)))

    run_together(drag, edit)
    live.show_session()
    shared = counts_of(live)
    fresh = Session(**session.snapshot())
    again = LiveObservation.of(fresh)
    again.load()
    assert counts_of(again) == shared


def test_an_observer_that_raises_does_not_keep_the_news_from_coming(
    live: LiveObservation,
) -> None:
    def broken(_: Any) -> None:
        live.unobserve(broken, names=["counts"])
        live.preview(moved(CHOSEN, 9.0))  # news that come while observers are being told
        raise RuntimeError("a panel's own mistake")

    live.observe(broken, names=["counts"])
    with pytest.raises(RuntimeError, match="a panel's own mistake"):
        live.preview(moved(CHOSEN, 3.0))
    assert live.counts is not None
    assert live.counts.regions == moved(CHOSEN, 9.0)


def unreadable(_: object) -> Any:
    raise MemoryError("no room")


def run_together(*jobs: Any) -> None:
    """Run each in a thread of its own; what one raises is raised here, and none may hang."""
    raised: list[BaseException] = []

    def guarded(job: Any) -> None:
        try:
            job()
        except BaseException as error:
            raised.append(error)

    threads = [threading.Thread(target=guarded, args=(job,), daemon=True) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30.0)
        assert not thread.is_alive(), "two threads wait for each other"
    if raised:
        raise raised[0]


def test_a_session_refuses_what_the_counts_would_trip_over(session: Session) -> None:
    before = session.snapshot()
    for change in ({"bin_s": float("nan")}, {"band_kev": (10.0, 3.0)}):
        with pytest.raises(traitlets.TraitError):
            session.edit("bad", **change)
    assert session.snapshot() == before
