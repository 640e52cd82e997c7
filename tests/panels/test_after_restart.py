"""A kernel is killed while a job runs: what was chosen and what runs is there in the next one."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from nustar_widgets.jobs.queues import queue_in
from nustar_widgets.jobs.record import JobState
from nustar_widgets.panels.jobs import JobsPanel
from nustar_widgets.panels.lightcurve import LightCurvePanel
from nustar_widgets.session.opensession import open_session
from tests.jobs.conftest import on_standin  # noqa: F401  # a fixture
from tests.panels.conftest import at_once
from tests.standins.here import Here

ROOT = Path(__file__).resolve().parents[2]
KERNEL = """
import sys, time
from nustar_widgets.jobs.queues import queue_in
from nustar_widgets.panels.lightcurve import LightCurvePanel
from nustar_widgets.session.session import Session
from tests.jobs.conftest import standin_call

session = Session(work_dir=sys.argv[1])
panel = LightCurvePanel(session)
session.edit("bin the light curve", bin_s=256.0)
session.edit("work with the embedded engine", engine="embedded")
session.undo()
runner = queue_in(sys.argv[1])
job = runner.submit(standin_call(how="well", seconds=600), folder=sys.argv[1] + "/made")
while not (panel.keeping.saved and str(runner.job(job).state) == "running"):
    time.sleep(0.01)
print(job, flush=True)
time.sleep(600)
"""


def until(is_so: Callable[[], object]) -> None:
    """Wait for what happens on another thread."""
    give_up = time.monotonic() + 120.0
    while not is_so():
        assert time.monotonic() < give_up, "it does not happen"
        time.sleep(0.01)


def test_choices_undo_steps_and_running_jobs_are_found_again(
    tmp_path: Path,
    on_standin: Here,  # noqa: F811
) -> None:
    work = tmp_path / "work"
    with subprocess.Popen(
        [sys.executable, "-c", KERNEL, str(work)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as kernel:
        assert kernel.stdout is not None
        job = kernel.stdout.readline().strip()
        kernel.kill()
    session = open_session(work)
    curve = LightCurvePanel(session, start=at_once)
    jobs = JobsPanel(session, start=at_once, has_page=False, between_s=0.0)
    try:
        assert curve.form.bin.value == 256.0
        assert (session.undo_label, session.redo_label) == (
            "bin the light curve",
            "work with the embedded engine",
        )
        assert jobs.plan.folder.value == str(work)
        (row,) = jobs.queue.view.rows["jobs"]
        assert (row["id"], row["state"]) == (job, "running")
        assert jobs.runner is queue_in(work)
        jobs.runner.cancel(job)
        until(lambda: jobs.queue.view.rows["jobs"][0]["state"] == "cancelled")
        assert jobs.runner.job(job).state is JobState.CANCELLED
        session.undo()
        assert curve.form.bin.value == 100.0
        assert (curve.kept, jobs.kept) == (None, None)  # nothing to say: all is well
    finally:
        jobs.close()
        curve.close()
        queue_in(work).close()
