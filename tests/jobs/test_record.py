"""The state of a job, read off its folder and the process table."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from nustar_widgets.engines.base import Product
from nustar_widgets.jobs.record import (
    JobRecord,
    JobSpec,
    JobState,
    Progress,
    Result,
    Step,
    records_in,
)
from nustar_widgets.processes import ProcessId
from nustar_widgets.session.taskcall import GtiFile, TaskCall, TextFile

GONE = replace(ProcessId.own(), started=0.0)  # the number of somebody else now


def spec(**changes: object) -> JobSpec:
    made = JobSpec(
        id="20261126-120000-standin-0a1b2c3d",
        label="standin",
        call=TaskCall(
            task="standin",
            params=(("outfile", "o"), ("seconds", 0.5), ("clobber", True)),
            files=(
                TextFile(name="a.reg", text="fk5\n"),
                GtiFile(name="g", intervals=((1.0, 2.0),)),
            ),
        ),
        engine="heasoft",
        folder="/data/out",
        scratch="/tmp/.nw-0a1b2c3d",
        created=1.0,
        owner=ProcessId.own(),
        links=(("event_cl", "/data/in"),),
        after=("another",),
        responses=(("FPMA", "/a.arf", None),),
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def test_what_is_to_be_run_comes_back_as_it_was(tmp_path: Path) -> None:
    record = JobRecord.create(spec(), jobs_dir=tmp_path)
    assert JobRecord(record.path).spec() == spec()


def test_progress_and_result_come_back_as_they_were(tmp_path: Path) -> None:
    record = JobRecord.create(spec(), jobs_dir=tmp_path)
    progress = Progress(steps=(Step(name="xselect", began=2.5),), expected=9)
    result = Result(
        state=JobState.DONE,
        ended=3.5,
        products=(Product(kind="image", path=Path("/data/out/i.img")),),
        provenance="/data/out/p.json",
        comparison={"parts": []},
    )
    assert record.progress() == Progress()
    assert record.result() is None
    record.write_progress(progress)
    record.write_result(result)
    assert record.progress() == progress
    assert record.result() == result


@pytest.mark.parametrize(
    ("process", "owner", "is_cancelled", "result", "state"),
    [
        (None, ProcessId.own(), False, None, JobState.WAITING),
        (None, GONE, False, None, JobState.NOT_STARTED),
        (None, ProcessId.own(), True, None, JobState.CANCELLED),
        (ProcessId.own(), GONE, False, None, JobState.RUNNING),
        (ProcessId.own(), GONE, True, None, JobState.RUNNING),  # asked to end, but not over
        (GONE, ProcessId.own(), False, None, JobState.DIED),
        (GONE, ProcessId.own(), True, None, JobState.CANCELLED),
        (GONE, GONE, True, JobState.DONE, JobState.DONE),  # the request came too late
        (ProcessId.own(), GONE, False, JobState.FAILED, JobState.FAILED),
    ],
)
def test_the_state_follows_from_what_is_there(
    tmp_path: Path,
    process: ProcessId | None,
    owner: ProcessId,
    is_cancelled: bool,
    result: JobState | None,
    state: JobState,
) -> None:
    record = JobRecord.create(spec(owner=owner), jobs_dir=tmp_path)
    if process is not None:
        assert record.claim(process)
    if is_cancelled:
        record.ask_to_cancel()
    if result is not None:
        record.write_result(Result(state=result, ended=1.0))
    assert record.state() is state
    assert record.state().is_over is (state not in (JobState.WAITING, JobState.RUNNING))


def test_a_job_is_given_to_one_process_only(tmp_path: Path) -> None:
    record = JobRecord.create(spec(), jobs_dir=tmp_path)
    assert record.claim(GONE)
    assert not record.claim(ProcessId.own())
    assert record.process() == GONE
    assert sorted(path.name for path in record.path.iterdir()) == ["job.json", "process.json"]


def test_a_process_of_another_machine_counts_while_it_is_heard_of(tmp_path: Path) -> None:
    record = JobRecord.create(spec(), jobs_dir=tmp_path)
    assert record.claim(replace(ProcessId.own(), host="elsewhere"))
    assert record.state() is JobState.RUNNING
    long_ago = time.time() - 3600
    for path in record.path.iterdir():
        os.utime(path, (long_ago, long_ago))
    assert record.state() is JobState.DIED


def test_folders_that_are_no_jobs_are_passed_over(tmp_path: Path) -> None:
    assert list(records_in(tmp_path / "none")) == []
    (tmp_path / "unfinished").mkdir()
    record = JobRecord.create(spec(), jobs_dir=tmp_path)
    assert list(records_in(tmp_path)) == [record]


def test_reading_records_imports_nothing_heavy() -> None:
    code = (
        "import sys, nustar_widgets.jobs.worker, nustar_widgets.jobs.runner\n"
        "print({'numpy', 'astropy', 'scipy', 'heasoftpy', 'ipywidgets'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
