"""The job panel without a browser: clicks are sent as the page sends them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from nustar_widgets.engines.heasoft import installation
from nustar_widgets.jobs.job import Job
from nustar_widgets.jobs.queues import queue_in
from nustar_widgets.jobs.record import JobState
from nustar_widgets.jobs.runner import Runner
from nustar_widgets.panels.jobs import JobsPanel
from nustar_widgets.panels.queue.curvelook import CurveLook
from nustar_widgets.panels.queue.imagelook import ImageLook
from nustar_widgets.panels.queue.spectrumlook import SpectrumLook
from nustar_widgets.session.session import Session
from nustar_widgets.session.values import GroupingChoice, Regions
from nustar_widgets.simulate import SimulatedObservation
from tests.jobs.conftest import on_standin, runner, standin_call  # noqa: F401  # fixtures
from tests.jobs.test_plan import session as session_on
from tests.panels.conftest import at_once
from tests.standins.here import Here

HOSTILE = "<script>alert(1)</script>"


@pytest.fixture
def session(sample: SimulatedObservation, runner: Runner) -> Session:  # noqa: F811
    return session_on(sample, runner.work_dir, modules=("FPMA",), engine="embedded", products=())


@pytest.fixture
def panel(session: Session, runner: Runner) -> Iterator[JobsPanel]:  # noqa: F811
    made = JobsPanel(session, runner=runner, start=at_once, has_page=False, between_s=0.0)
    yield made
    made.close()


def ask(panel: JobsPanel, kind: str, job_id: str = "", **more: str) -> None:
    """Click, as the page tells it."""
    panel.queue.view._handle_custom_msg({"kind": kind, "id": job_id, **more}, [])


def rows(panel: JobsPanel) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = panel.queue.view.rows["jobs"]
    return found


def until(test: Callable[[], Any]) -> None:
    """Wait for what happens on the thread of the queue."""
    waited = 0
    while not test():
        waited += 1
        assert waited < 6000
        time.sleep(0.01)


def run(panel: JobsPanel) -> tuple[Job, ...]:
    """Press Run and wait for the end, and until the panel has heard of it."""
    panel.plan.run.click()
    assert panel.runner is not None
    jobs = panel.runner.wait(timeout_s=120)
    settled(panel)
    return jobs


def settled(panel: JobsPanel) -> None:
    """Wait until what the panel shows is what the queue holds."""
    until(lambda: is_settled(panel))


def is_settled(panel: JobsPanel) -> bool:
    assert panel.runner is not None
    if [row["state"] for row in rows(panel)] != states(panel):
        return False
    if not panel.plan.table.value:  # there is no plan
        return True
    ended = [job.ended for job in panel.runner.jobs if job.ended is not None]
    found = panel.outlook
    if found is None or any(moment > found.looked_at for moment in ended):
        return False
    chosen = panel.queue.job
    is_judged = chosen is None or chosen.state is not JobState.DONE or "nw-badge-" in head(panel)
    is_told = all(row["badge"] for row in rows(panel) if row["state"] == "done")
    return is_judged and is_told and "looking at what is there" not in panel.plan.note.value


def head(panel: JobsPanel) -> str:
    return str(panel.job.head.value).split("</style>")[1]


def states(panel: JobsPanel) -> list[str]:
    assert panel.runner is not None
    return [str(job.state) for job in panel.runner.jobs][::-1]


# -- what will run ---------------------------------------------------------------------------


def test_the_plan_says_what_runs_and_why_and_run_makes_it(panel: JobsPanel) -> None:
    table = panel.plan.table.value
    assert "nuproducts FPMA" in table
    assert "embedded engine" in table
    assert "will run: not made yet" in table
    assert "will run: nuproducts FPMA is to be run" in table
    assert "not known yet" in table
    assert panel.plan.run.description == "Run 2 steps"
    assert "needs about" in panel.plan.disk.value
    assert "free" in panel.plan.disk.value
    jobs = run(panel)
    assert [job.state for job in jobs] == [JobState.DONE] * 2
    assert panel.plan.run.disabled
    assert "nothing to run: all products are there and current" in panel.plan.note.value
    assert panel.plan.table.value.count("current: not run again") == 2
    assert panel.queue.chosen_id == jobs[0].id
    assert panel.job.tabs.value == "Products"
    assert "nw-badge-current" in panel.job.head.value


def test_what_changed_is_run_again_and_says_why(panel: JobsPanel, session: Session) -> None:
    run(panel)
    session.edit("bin", bin_s=256.0)
    assert "will run: binsize was 100, is now 256" in panel.plan.table.value
    assert "about 0." in panel.plan.table.value or " s</td>" in panel.plan.table.value
    assert "stale: binsize was 100, is now 256" in panel.job.head.value
    assert rows(panel)[1]["badge"] == "stale: binsize was 100, is now 256"
    session.undo()
    session.edit("groups", grouping=GroupingChoice(grouptype="min", groupscale=50.0))
    assert panel.plan.run.description == "Run 1 step"
    assert "1 of 2 steps need not be run" in panel.plan.note.value
    assert rows(panel)[1]["badge"] == "current"


def test_all_is_run_again_only_when_that_is_asked_for(panel: JobsPanel) -> None:
    first = run(panel)
    panel.plan.everything.value = True
    assert "will run: asked for" in panel.plan.table.value
    assert panel.plan.run.description == "Run 2 steps"
    jobs = run(panel)
    assert len(jobs) == 2 * len(first)
    assert not panel.plan.everything.value
    assert panel.plan.run.disabled


def test_a_missing_choice_is_told_in_words_and_nothing_can_be_run(
    panel: JobsPanel, session: Session
) -> None:
    session.edit("none", regions=Regions())
    assert "FPMA: no source region; draw one or take the suggestion" in panel.plan.note.value
    assert panel.plan.run.disabled
    panel.run()
    assert panel.runner is not None
    assert panel.runner.jobs == ()
    session.undo()
    assert not panel.plan.run.disabled


def test_a_task_nobody_here_has_is_told_with_how_to_get_it(
    panel: JobsPanel, session: Session, sample: SimulatedObservation, monkeypatch: Any
) -> None:
    monkeypatch.delenv("HEADAS")
    monkeypatch.setattr(installation.Installation, "find", staticmethod(lambda *_, **__: None))
    session.edit("reprocess", pipeline=(), data_dir=str(sample.path), engine="auto")
    assert "nupipeline: " in panel.plan.note.value
    assert "HEASoft" in panel.plan.note.value
    assert panel.plan.run.disabled


def test_files_that_were_written_are_found_by_looking_again(panel: JobsPanel) -> None:
    jobs = run(panel)
    for product in jobs[0].products:
        product.path.unlink()
    Path(jobs[0].result.provenance or "").unlink()  # type: ignore[union-attr]
    panel.plan.refresh.click()
    assert "will run: what it made is gone" in panel.plan.table.value


# -- the queue -------------------------------------------------------------------------------


@pytest.fixture
def queue(tmp_path: Path, on_standin: Here) -> Iterator[Runner]:  # noqa: F811
    """A queue that starts nothing."""
    made = Runner(tmp_path / "work", limit=0)
    yield made
    made.cancel_all()
    made.wait(timeout_s=30)
    made.close()


@pytest.fixture
def still(sample: SimulatedObservation, queue: Runner) -> Iterator[JobsPanel]:
    """A panel on a queue that starts nothing; nupipeline comes first."""
    chosen = session_on(
        sample, queue.work_dir, modules=("FPMA",), engine="heasoft", pipeline=(),
        data_dir=str(sample.path),
    )  # fmt: skip
    made = JobsPanel(chosen, runner=queue, start=at_once, has_page=False, between_s=0.0)
    yield made
    made.close()


def test_what_is_in_the_queue_is_not_put_in_twice(still: JobsPanel) -> None:
    still.plan.run.click()
    still.run()
    settled(still)
    assert still.runner is not None
    assert len(rows(still)) == 3
    assert still.plan.table.value.count("in the queue: waiting") == 3
    assert still.plan.run.disabled
    assert "nothing to add: what is to be run is in the queue" in still.plan.note.value
    assert [row["waits_for"] for row in rows(still)] == ["nuproducts FPMA", "nupipeline FPMA", ""]
    still.session.edit("bin", bin_s=256.0)
    assert still.plan.run.description == "Run 2 steps"
    still.plan.run.click()
    assert len(rows(still)) == 5
    assert still.runner.jobs[3].spec.after == (still.runner.jobs[0].id,)


def test_jobs_are_cancelled_retried_and_forgotten_by_their_buttons(still: JobsPanel) -> None:
    still.plan.run.click()
    first, second, third = (row["id"] for row in reversed(rows(still)))
    assert rows(still)[0]["can"] == ["cancel"]
    ask(still, "cancel", first)
    until(lambda: [row["state"] for row in rows(still)] == ["skipped", "skipped", "cancelled"])
    ask(still, "choose", first)
    assert rows(still)[2]["can"] == ["retry", "retry_from", "forget"]
    ask(still, "retry_from", first)
    assert [row["label"] for row in rows(still)[:3]] == [
        "ftgrouppha nu00000000001A01_sr_grp",
        "nuproducts FPMA",
        "nupipeline FPMA",
    ]
    assert still.queue.chosen_id == rows(still)[2]["id"]
    for job_id in (first, second, third):
        ask(still, "forget", job_id)
    assert len(rows(still)) == 3
    ask(still, "cancel_all")
    until(lambda: still.queue.view.rows["counts"]["running"] == 0)
    ask(still, "forget_over")
    assert rows(still) == []
    assert "No job is chosen" in still.job.head.value


def test_a_click_on_a_job_that_is_gone_is_told_and_does_no_harm(still: JobsPanel) -> None:
    ask(still, "cancel", "nobody")
    assert "nobody: no such job in" in still.strip.text
    ask(still, "nonsense", "nobody")
    ask(still, "filter", filter="nonsense")
    assert still.queue.view.rows["filter"] == "all"


def test_of_many_jobs_the_newest_are_sent_and_older_ones_are_asked_for(still: JobsPanel) -> None:
    assert still.runner is not None
    with still.runner.hold_trait_notifications():
        for number in range(230):
            still.runner.submit(standin_call(value=str(number)), folder=still.runner.work_dir / "x")
    assert len(rows(still)) == 200
    assert still.queue.view.rows["older"] == 30
    assert rows(still)[0]["id"] == still.runner.jobs[-1].id
    ask(still, "older")
    assert len(rows(still)) == 230
    ask(still, "filter", filter="failed")
    assert rows(still) == []
    assert still.queue.view.rows["counts"] == {"all": 230, "running": 230, "failed": 0, "over": 0}


def test_what_went_wrong_comes_first_and_is_shown_as_text(panel: JobsPanel) -> None:
    assert panel.runner is not None
    job_id = panel.runner.submit(
        standin_call(how="fail"), folder=panel.runner.work_dir / "a", label=HOSTILE
    )
    panel.runner.wait(job_id, timeout_s=60)
    settled(panel)
    ask(panel, "choose", job_id)
    until(lambda: "failed" in panel.job.head.value)
    assert "the flux capacitor is empty" in panel.job.head.value
    assert HOSTILE not in panel.job.head.value
    assert "&lt;script&gt;" in panel.job.head.value
    assert panel.job.tabs.value == "Log"
    assert not panel.job.ticker.is_ticking
    ask(panel, "filter", filter="failed")
    assert [row["id"] for row in rows(panel)] == [job_id]
    assert rows(panel)[0]["reason"].startswith("standin: the flux capacitor")


# -- the work folder -------------------------------------------------------------------------


def test_another_work_folder_has_its_own_queue_which_panels_share(
    panel: JobsPanel, session: Session, tmp_path: Path
) -> None:
    panel.plan.folder.value = str(tmp_path / "elsewhere")
    assert session.work_dir == str(tmp_path / "elsewhere")
    assert session.undo_label == f"work in {tmp_path / 'elsewhere'}"
    shared = queue_in(tmp_path / "elsewhere")
    assert panel.runner is shared
    other = JobsPanel(session, start=at_once, has_page=False, between_s=0.0)
    try:
        assert other.runner is shared
        run(panel)
        settled(other)
        assert [row["state"] for row in rows(other)] == ["done", "done"]
        assert "nothing to run" in other.plan.note.value
    finally:
        other.close()
        session.undo()
        shared.close()
    assert panel.plan.folder.value == session.work_dir


def test_a_work_folder_that_cannot_be_written_is_refused(
    panel: JobsPanel, session: Session, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    before = session.work_dir
    panel.plan.folder.value = str(tmp_path / "file")
    assert "is a file, not a folder. Choose a work folder that can be written" in panel.strip.text
    assert panel.plan.folder.value == session.work_dir == before


def test_a_panel_that_is_closed_lets_go_of_session_and_queue(
    panel: JobsPanel,
    session: Session,
    runner: Runner,  # noqa: F811
) -> None:
    other = JobsPanel(session, runner=runner, start=at_once, has_page=False, between_s=0.0)
    other.close()
    shown = other.plan.table.value
    session.edit("bin", bin_s=17.0)
    assert other.plan.table.value == shown
    assert other.runner is None
    run(panel)
    assert other.queue.view.rows.get("jobs") == []


# -- what was made ---------------------------------------------------------------------------


def look(panel: JobsPanel, kind: str) -> Any:
    products = panel.job.products
    number = [item["kind"] for item in products.view.products].index(kind)
    products.view._handle_custom_msg({"kind": "look", "number": number}, [])
    (shown,) = products.place.children or (None,)
    return shown


def test_products_are_listed_with_where_they_lie_and_one_is_looked_at(panel: JobsPanel) -> None:
    jobs = run(panel)
    listed = panel.job.products.view.products
    assert [Path(item["path"]) for item in listed] == [item.path for item in jobs[0].products]
    assert all(Path(item["path"]).is_file() for item in listed)
    assert {item["kind"]: item["size"] for item in listed}["image"] == "4.0 MB"
    assert {item["kind"] for item in listed if not item["can_look"]} <= {"arf", "rmf"}
    spectrum = look(panel, "source spectrum")
    assert isinstance(spectrum, SpectrumLook)
    assert [axis.label for axis in spectrum.figure.axes] == ["Energy [keV]", "counts / s / keV"]
    curve = look(panel, "source light curve")
    assert isinstance(curve, CurveLook)
    assert [axis.label for axis in curve.figure.axes] == ["Time since start [s]", "Rate [count/s]"]
    assert isinstance(look(panel, "image"), ImageLook)
    assert spectrum.comm is None  # only one is open at a time
    assert [item["kind"] for item in panel.job.products.view.products if item["is_open"]] == [
        "image"
    ]
    assert look(panel, "image") is None  # a second click closes it


def test_a_product_that_is_damaged_or_gone_is_told(panel: JobsPanel) -> None:
    jobs = run(panel)
    path = {item.kind: item.path for item in jobs[0].products}
    path["source spectrum"].write_bytes(b"SIMPLE  = nonsense")
    assert look(panel, "source spectrum") is None
    assert str(path["source spectrum"]) in panel.strip.text
    path["image"].unlink()
    assert look(panel, "image") is None
    assert panel.strip.is_error
    listed = {item["kind"]: item for item in panel.job.products.view.products}
    assert listed["image"]["size"] == "gone"
    assert not listed["image"]["can_look"]


def test_details_tell_how_it_was_made_and_the_call_to_copy(panel: JobsPanel) -> None:
    jobs = run(panel)
    told = panel.job.details.facts.value
    assert "embedded engine" in told
    assert "_cl.evt (" in told
    assert "not applied" in told
    assert "BACKSCAL is not weighted with the exposure map" in told
    assert panel.job.details.python.code == jobs[0].spec.call.to_python()
    assert panel.job.details.shell.code == jobs[0].spec.call.to_shell()


def test_official_products_are_told_beside_the_live_ones(
    panel: JobsPanel, session: Session
) -> None:
    bare = tuple((name, False) for name in ("correctlc", "runbackscale", "runmkarf", "runmkrmf"))
    session.edit("official", engine="heasoft", products=bare)
    run(panel)
    told = panel.job.details.facts.value
    assert "official against live" in told
    assert "counts are equal in every place" in told


# -- without a view of our own ---------------------------------------------------------------


def test_plain_controls_do_the_same(panel: JobsPanel) -> None:
    panel._page.lacks_the_view = True
    panel._page_told()
    jobs = run(panel)
    plain = panel.queue.plain
    assert plain is not None
    assert panel.queue.children == (plain,)
    assert plain.select.value == jobs[0].id
    assert "nuproducts FPMA · done" in plain.select.options[1][0]
    plain.select.value = jobs[1].id
    assert panel.queue.chosen_id == jobs[1].id
    assert not plain.buttons["forget"].disabled
    assert plain.buttons["cancel"].disabled
    plain.buttons["forget"].click()
    assert len(rows(panel)) == 1
    products = panel.job.products.plain
    assert products is not None
    products.choice.value = next(n for name, n in products.choice.options if name == "image")
    products.look.click()
    assert isinstance(panel.job.products.place.children[0], ImageLook)
    panel.job.tabs.value = "Log"
    assert panel.job.pane.children == (panel.job.plain_log,)
    plain.filter.value = "failed"
    assert rows(panel) == []
    panel._page.lacks_the_view = False
    panel._page_told()
    assert panel.queue.children == (panel.queue.view,)


def test_why_the_embedded_engine_steps_in_is_said(panel: JobsPanel, session: Session) -> None:
    assert "steps in for HEASoft" not in panel.plan.table.value
    session.edit("whoever can", engine="auto")  # the stand-in HEASoft has no CALDB
    assert "The embedded engine steps in for HEASoft: CALDB is not set" in panel.plan.table.value


def test_what_would_stop_a_run_is_said_before_it_and_mended_with_a_click(
    panel: JobsPanel, session: Session
) -> None:
    assert not panel.stops.children
    session.edit("no spectrum", products=(("phafile", "NONE"),))
    (row,) = panel.stops.children
    assert "phafile=NONE makes no spectrum to group" in row.children[0].value
    row.children[1].children[0].click()
    assert session.undo_label == "set phafile=DEFAULT"
    assert not panel.stops.children
