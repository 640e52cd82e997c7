"""The job panel as a person uses it: run, watch, look, change, cancel, retry, come back."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Locator, expect

from nustar_widgets.simulate import SimulatedObservation
from tests.browser.notebook import Notebook
from tests.standins.here import Here

OPEN = """
import os
os.environ.update({environ!r})
from nustar_widgets.events.regions import *
from nustar_widgets.opening import open_in
from nustar_widgets.panels.jobs import JobsPanel
from nustar_widgets.session.session import Session
from nustar_widgets.session.taskcall import TaskCall
from nustar_widgets.session.values import ModuleRegions, Regions
session = Session(work_dir={work!r}, engine={engine!r})
open_in(session, {path!r})
def regions(radius):
    one = ModuleRegions(source=SkyRegion((SkyCircle(321.9367, 56.9444, radius),)),
        background=SkyRegion((SkyCircle(322.05, 56.88, 90.0),)))
    return Regions(fpma=one, fpmb=one)
bare = tuple((name, False) for name in ("correctlc", "runbackscale", "runmkarf", "runmkrmf"))
session.edit("draw", regions=regions(60.0), products=bare)
panel = JobsPanel(session)
"""
SUBMIT = """
def submit(name, after=(), **params):
    call = TaskCall(task="standin", params=tuple({"outfile": "out.json", **params}.items()))
    return panel.runner.submit(call, folder=session.work_dir + "/" + name, label=name, after=after)
"""
PATIENCE_MS = 60_000


def open_panel(
    notebook: Notebook,
    sample: SimulatedObservation,
    work: Path,
    heasoft: Here | None = None,
) -> None:
    environ = {}
    if heasoft is not None:
        environ = {n: heasoft.environ[n] for n in ("HEADAS", "PYTHONPATH") if n in heasoft.environ}
    cell = OPEN.format(
        environ=environ, work=str(work), path=str(sample.path),
        engine="embedded" if heasoft is None else "heasoft",
    )  # fmt: skip
    notebook.run(cell, "panel")
    notebook.widget(".nw-jobs").evaluate("list => list.closest('.nw-panel').scrollIntoView()")
    expect(notebook.widget(".nw-plan")).to_be_visible()


def button(notebook: Notebook, name: str) -> Locator:
    return notebook.widget("button").get_by_text(name, exact=True)


def row(notebook: Notebook, label: str) -> Locator:
    return notebook.widget(f".nw-job:has(.nw-job-label:text-is('{label}'))").first


def press_run(notebook: Notebook, name: str) -> None:
    run = notebook.widget(".nw-plan-box button").get_by_text(name, exact=True)
    expect(run).to_be_enabled()
    run.click()


def test_run_watch_look_and_see_what_a_change_makes_stale(
    notebook: Notebook, sample: SimulatedObservation, tmp_path: Path
) -> None:
    open_panel(notebook, sample, tmp_path / "w")
    plan = notebook.widget(".nw-plan")
    expect(plan).to_contain_text("will run: not made yet")
    press_run(notebook, "Run 4 steps")
    expect(notebook.widget(".nw-job[data-state=done]")).to_have_count(4, timeout=PATIENCE_MS)
    expect(notebook.widget(".nw-plan-note").last).to_contain_text("nothing to run")
    expect(notebook.widget(".nw-badge")).to_have_text("current")

    row(notebook, "nuproducts FPMA").click()
    look = notebook.widget(".nw-product button").get_by_text("Look", exact=True)
    expect(look.first).to_be_visible()
    notebook.widget("button[aria-label='Look: source spectrum']").click()
    expect(notebook.widget(".nw-spectrum-look")).to_contain_text("counts / s / keV")
    assert len(notebook.widget(".nw-spectrum-look path.line").first.get_attribute("d") or "") > 200
    notebook.widget("button[aria-label='Look: source light curve']").click()
    expect(notebook.widget(".nw-curve-look")).to_contain_text("Time since start [s]")
    expect(notebook.widget(".nw-spectrum-look")).to_have_count(0)
    notebook.widget("button[aria-label='Look: image']").click()
    image = notebook.widget(".nw-image-look img")
    expect(image).to_be_visible()
    assert image.evaluate("image => image.naturalWidth") > 50

    button(notebook, "Details").click()
    expect(notebook.widget(".nw-facts-of-job")).to_contain_text("embedded engine")
    expect(notebook.widget(".nw-provenance")).to_contain_text("heasoftpy.nuproducts(")

    notebook.py("session.edit('bin', bin_s=256.0)")
    expect(plan).to_contain_text("will run: binsize was 100, is now 256")
    expect(notebook.widget(".nw-badge")).to_have_text("stale: binsize was 100, is now 256")
    expect(row(notebook, "nuproducts FPMA")).to_contain_text("stale: binsize was 100")
    press_run(notebook, "Run 4 steps")
    expect(notebook.widget(".nw-job[data-state=done]")).to_have_count(8, timeout=PATIENCE_MS)


def test_with_new_regions_nupipeline_is_not_run_again(
    notebook: Notebook, sample: SimulatedObservation, tmp_path: Path, standin: Here
) -> None:
    open_panel(notebook, sample, tmp_path / "w", standin)
    notebook.py("session.edit('one module, reprocessed', modules=('FPMA',), pipeline=())")
    expect(notebook.widget(".nw-plan")).to_contain_text("elsewhere")  # its time
    press_run(notebook, "Run 3 steps")
    expect(notebook.widget(".nw-job[data-state=done]")).to_have_count(3, timeout=PATIENCE_MS)
    expect(notebook.widget(".nw-plan-note").last).to_contain_text("nothing to run")
    notebook.py("session.edit('smaller', regions=regions(45.0))")
    rows = notebook.widget(".nw-plan tr")
    expect(rows.nth(1)).to_contain_text("current: not run again")
    expect(rows.nth(2)).to_contain_text("will run: the source region has changed")
    press_run(notebook, "Run 2 steps")
    expect(notebook.widget(".nw-job[data-state=done]")).to_have_count(5, timeout=PATIENCE_MS)


def test_by_keyboard_a_job_is_chosen_cancelled_and_retried(
    notebook: Notebook, sample: SimulatedObservation, tmp_path: Path, standin: Here
) -> None:
    open_panel(notebook, sample, tmp_path / "w", standin)
    notebook.py(SUBMIT)
    notebook.py("submit('early'); slow = submit('slow', how='hang'); submit('after', after=[slow])")
    expect(row(notebook, "slow")).to_contain_text("step 1")
    jobs = notebook.widget(".nw-jobs-rows")
    jobs.focus()
    for key in ("Home", "ArrowDown"):
        notebook.page.keyboard.press(key)
    expect(notebook.widget(".nw-job-active")).to_contain_text("slow")
    notebook.page.keyboard.press("Enter")
    expect(notebook.widget(".nw-chosen-job")).to_contain_text("slow")
    expect(notebook.widget(".nw-chosen-job")).to_contain_text("running")
    notebook.page.keyboard.press("Tab")
    notebook.page.keyboard.press("Enter")  # the button of the row: Cancel
    expect(row(notebook, "slow")).to_have_attribute("data-state", "cancelled")
    expect(row(notebook, "after")).to_have_attribute("data-state", "skipped")
    expect(notebook.widget(".nw-why-not")).to_have_text("stopped on request")
    row(notebook, "slow").get_by_text("Retry from here", exact=True).click()
    notebook.until("[job.spec.label for job in panel.runner.jobs][3:]", "['slow', 'after']")
    expect(notebook.widget(".nw-job[data-state=running]")).to_have_count(1)
    button(notebook, "Cancel all").click()
    notebook.until("all(job.state.is_over for job in panel.runner.jobs)", "True")
    notebook.widget("[data-filter=failed]").click()
    expect(notebook.widget(".nw-job")).to_have_count(1)
    notebook.widget("[data-filter=all]").click()
    button(notebook, "Forget those over").click()
    expect(notebook.widget(".nw-jobs-empty")).to_contain_text("No jobs yet")


def test_a_running_job_is_found_again_by_the_next_kernel(
    notebook: Notebook, sample: SimulatedObservation, tmp_path: Path, standin: Here
) -> None:
    open_panel(notebook, sample, tmp_path / "w", standin)
    notebook.py(SUBMIT)
    notebook.py("submit('long', how='hang')")
    expect(row(notebook, "long")).to_contain_text("step 1")
    open_panel(notebook, sample, tmp_path / "w", standin)  # a new kernel; the one before has ended
    expect(row(notebook, "long")).to_have_attribute("data-state", "running")
    expect(notebook.widget(".nw-chosen-job")).to_contain_text("running")
    expect(notebook.widget(".nw-job-box")).to_contain_text("standin_1.0: Info: Running 'first'")
    row(notebook, "long").get_by_text("Cancel", exact=True).click()
    expect(row(notebook, "long")).to_have_attribute("data-state", "cancelled")


MANY = """
from nustar_widgets.jobs.record import JobSpec, JobState, Progress
from nustar_widgets.jobs.job import Job
from nustar_widgets.panels.queue.jobrows import job_rows
from nustar_widgets.processes import ProcessId
def one(number):
    spec = JobSpec(id=f"job-{number}", label=f"<b>{number}</b>", engine="heasoft", folder="/w",
        call=TaskCall(task="standin", params=()), scratch="", created=0.0, owner=ProcessId.own())
    return Job(id=spec.id, spec=spec, state=JobState.DONE, progress=Progress())
many = [one(number) for number in range(3000)]
panel.queue.view.show(job_rows(many, chosen="job-2990"))
"""


def test_of_thousands_of_jobs_the_newest_are_there_and_their_names_are_text(
    notebook: Notebook, sample: SimulatedObservation, tmp_path: Path
) -> None:
    open_panel(notebook, sample, tmp_path / "w")
    notebook.py(MANY)
    expect(notebook.widget(".nw-job")).to_have_count(200)
    expect(notebook.widget(".nw-job").first).to_contain_text("<b>2999</b>")
    expect(notebook.widget(".nw-jobs-older")).to_have_text("Show older (2800)")
    expect(notebook.widget("[data-filter=all]")).to_have_text("All 3000")
    expect(notebook.widget(".nw-job[data-chosen=true]")).to_contain_text("2990")


def test_a_missing_choice_and_a_bad_work_folder_are_told_in_words(
    notebook: Notebook, sample: SimulatedObservation, tmp_path: Path
) -> None:
    open_panel(notebook, sample, tmp_path / "w")
    notebook.py("session.edit('none', regions=Regions())")
    expect(notebook.widget(".nw-plan-warn")).to_contain_text("FPMA: no source region")
    expect(notebook.widget(".nw-plan-box button").first).to_be_disabled()
    folder = notebook.widget(".nw-plan-box input[type=text]")
    folder.fill(str(sample.event_file("FPMA")))
    folder.press("Enter")
    expect(notebook.widget(".nw-strip")).to_contain_text("is a file, not a folder")
    expect(folder).to_have_value(str(tmp_path / "w"))
