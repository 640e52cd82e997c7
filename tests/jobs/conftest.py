"""A runner on the stand-in HEASoft, and what the tests ask of it."""

from __future__ import annotations

import json
import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from nustar_widgets.jobs.job import Job
from nustar_widgets.jobs.runner import Runner
from nustar_widgets.session.taskcall import TaskCall
from tests.standins.here import Here


def standin_call(**params: Any) -> TaskCall:
    """A call of the stand-in task."""
    return TaskCall(task="standin", params=tuple({"outfile": "out.json", **params}.items()))


def report_of(job: Job) -> dict[str, Any]:
    """What the stand-in task saw, from the one file it made."""
    (product,) = job.products
    saved: dict[str, Any] = json.loads(product.path.read_bytes())
    return saved


def left_running(jobs: tuple[Job, ...], work_dir: Path) -> list[str]:
    """Processes left in the sessions of these jobs' workers, 2 s after they were over."""
    until = time.monotonic() + 2.0
    while (found := _running(jobs, work_dir)) and time.monotonic() < until:
        time.sleep(0.02)
    return found


def _running(jobs: tuple[Job, ...], work_dir: Path) -> list[str]:
    leaders = set()
    for job in jobs:
        path = work_dir / "jobs" / job.id / "process.json"
        if path.exists():
            leaders.add(json.loads(path.read_bytes())["pid"])
    return [
        f"{process.pid} {process.info['cmdline']}"
        for process in psutil.process_iter(["cmdline", "status"])
        if process.info["status"] != psutil.STATUS_ZOMBIE and _session(process.pid) in leaders
    ]


def _session(pid: int) -> int:
    try:
        return os.getsid(pid)
    except ProcessLookupError:
        return -1


def left_lying(jobs: tuple[Job, ...]) -> list[Path]:
    """Working and staging folders of these jobs that are still there."""
    folders = [Path(job.spec.scratch) for job in jobs] + [job.spec.staging for job in jobs]
    names = {f".nw-{job.id[-8:]}" for job in jobs}
    elsewhere = [path for path in Path(tempfile.gettempdir()).glob(".nw-*") if path.name in names]
    return [path for path in (*folders, *elsewhere) if path.exists()]


@pytest.fixture
def on_standin(standin: Here, monkeypatch: pytest.MonkeyPatch) -> Here:
    """Make this process one in which the stand-in HEASoft is set up."""
    for name in ("HEADAS", "PYTHONPATH"):
        if name in standin.environ:
            monkeypatch.setenv(name, standin.environ[name])
    return standin


@pytest.fixture
def runner(on_standin: Here, tmp_path: Path) -> Iterator[Runner]:
    """A queue of four; nothing of it is left when the test ends."""
    made = Runner(tmp_path / "work", limit=4)
    yield made
    made.cancel_all()
    made.wait(timeout_s=30)
    made.close()
    assert left_running(made.jobs, made.work_dir) == []
