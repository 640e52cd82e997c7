"""What must hold of jobs, many times over: nothing mixed up, lost, left behind or told wrongly."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from nustar_widgets.jobs.job import Job
from nustar_widgets.jobs.record import JobState
from nustar_widgets.jobs.runner import Runner
from tests.jobs.conftest import left_lying, left_running, report_of, standin_call
from tests.standins.here import Here


def test_two_hundred_runs_eight_at_a_time_mix_nothing_up(on_standin: Here, tmp_path: Path) -> None:
    runner = Runner(tmp_path / "work", limit=8)
    values = {
        runner.submit(standin_call(value=f"value {number}"), folder=tmp_path / f"p{number}"): number
        for number in range(200)
    }
    jobs = runner.wait(*values, timeout_s=300)
    runner.close()
    assert {job.state for job in jobs} == {JobState.DONE}
    reports = {job.id: report_of(job) for job in jobs}
    for job in jobs:
        number = values[job.id]
        assert reports[job.id]["value"] == f"value {number}"
        assert reports[job.id]["sent"] == ["outfile=out.json", f"value=value {number}"]
        assert job.products[0].path == tmp_path / f"p{number}" / "out.json"
        assert reports[job.id]["there"] == []  # nobody else's files where it ran
    for key in ("cwd", "pfiles"):
        assert len({report[key] for report in reports.values()}) == 200
    assert left_lying(jobs) == []


def test_a_hundred_cancels_leave_no_process_and_no_half_product_and_the_queue_goes_on(
    on_standin: Here, tmp_path: Path
) -> None:
    chance = random.Random(20261126)
    runner = Runner(tmp_path / "work", limit=6)
    hows = ["hang", "stubborn", "orphan", "well", "well"]
    ids = [
        runner.submit(
            standin_call(how=how, seconds=0.3 if how == "well" else 0, lines=50, value=str(number)),
            folder=tmp_path / f"p{number}",
        )
        for number, how in enumerate(chance.choices(hows, k=100))
    ]
    for job_id in ids:
        while runner.job(job_id).state is JobState.WAITING and chance.random() < 0.98:
            time.sleep(0.01)
        time.sleep(chance.random() * 0.3)
        runner.cancel(job_id)
    jobs = runner.wait(*ids, timeout_s=120)
    after = runner.submit(standin_call(value="after"), folder=tmp_path / "after")
    assert runner.wait(after, timeout_s=60)[0].state is JobState.DONE
    runner.close()
    assert left_running(jobs, runner.work_dir) == []
    assert left_lying(jobs) == []
    states = [job.state for job in jobs]
    assert set(states) == {JobState.CANCELLED, JobState.DONE}
    assert states.count(JobState.CANCELLED) > 50
    for job in jobs:
        _product_is_whole_or_absent(job)


def _product_is_whole_or_absent(job: Job) -> None:
    folder = Path(job.spec.folder)
    if job.state is JobState.DONE:
        assert report_of(job)["value"] == job.spec.call.get("value")
    elif folder.exists():  # it was killed between the name of the folder and its own last word
        report = json.loads((folder / "out.json").read_bytes())
        assert report["value"] == job.spec.call.get("value")
    else:
        assert not job.products


@pytest.mark.parametrize("batch", range(5))
def test_whenever_the_kernel_is_killed_every_job_is_found_in_its_true_state(
    on_standin: Here, tmp_path: Path, batch: int
) -> None:
    """Ten kernels each: fifty in all."""
    with ThreadPoolExecutor(3) as several:
        list(several.map(lambda seed: _kill_and_find(tmp_path / str(seed), seed),
                         range(batch * 10, batch * 10 + 10)))  # fmt: skip


def _kill_and_find(work_dir: Path, seed: int) -> None:
    queued = _queued_until_killed(work_dir, seed)
    runner = Runner(work_dir, limit=2)
    found = {job.id: job for job in runner.jobs}
    for job_id, (how, number) in queued.items():  # no job is lost
        job = found[job_id]
        assert job.spec.call.get("value") == number
        _is_true_now(job, work_dir)
        assert how == job.spec.call.get("how")
    jobs = runner.wait(timeout_s=60)
    runner.close()
    for job in jobs:
        _ended_truly(job)
    assert left_running(jobs, work_dir) == []
    assert left_lying(jobs) == []


def _queued_until_killed(work_dir: Path, seed: int) -> dict[str, tuple[str, str]]:
    """Run a kernel, kill it at a random moment, return the jobs it had queued."""
    kernel = subprocess.Popen(
        [sys.executable, "-m", "tests.jobs.kernel", str(work_dir), str(seed)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
        env={**os.environ, "PYTHONPATH": f"{os.environ.get('PYTHONPATH', '')}:."},
    )
    assert kernel.stdout
    first = kernel.stdout.readline()
    time.sleep(random.Random(seed).random() * 1.5)
    kernel.send_signal(signal.SIGKILL)
    lines = [first, *kernel.stdout.read().splitlines()]
    kernel.wait()
    kernel.stdout.close()
    # A last line that was cut short belongs to a job that is there, but whose end is not known.
    rows = [line.split() for line in lines if len(line.split()) == 3]
    assert rows
    return {job_id: (how, number) for job_id, how, number in rows}


def _is_true_now(job: Job, work_dir: Path) -> None:
    """Hold what was found against the process table, asked in another way."""
    path = work_dir / "jobs" / job.id / "process.json"
    pid = json.loads(path.read_bytes())["pid"] if path.exists() else None
    match job.state:
        case JobState.RUNNING:  # or it has ended since it was looked at
            assert pid is not None
            assert psutil.pid_exists(pid) or path.with_name("result.json").exists()
        case JobState.NOT_STARTED:
            assert pid is None
        case JobState.WAITING:
            pytest.fail("the kernel it waited in is dead")
        case _:
            assert pid is None or not _is_a_worker_with_a_task(pid)


def _is_a_worker_with_a_task(pid: int) -> bool:
    """Whether the worker still has the task's process; it may itself be about to end."""
    try:
        children = psutil.Process(pid).children(recursive=True)
        return any("standin" in " ".join(child.cmdline()) for child in children)
    except psutil.NoSuchProcess:
        return False


def _ended_truly(job: Job) -> None:
    folder, how = Path(job.spec.folder), job.spec.call.get("how")
    if how == "fail" and job.began is not None:
        assert job.state is JobState.FAILED
        assert "the flux capacitor is empty" in job.reason
    elif job.began is not None:
        assert job.state is JobState.DONE
        assert report_of(job)["value"] == job.spec.call.get("value")
    else:
        assert job.state in (JobState.NOT_STARTED, JobState.SKIPPED)
    assert folder.exists() is (job.state is JobState.DONE)


def test_memory_does_not_grow_with_the_log(on_standin: Here, tmp_path: Path) -> None:
    """40 MB are printed; neither this process nor a worker keeps them."""
    runner = Runner(tmp_path / "work", limit=4)
    before = psutil.Process().memory_info().rss
    ids = [
        runner.submit(standin_call(lines=200_000, seconds=1), folder=tmp_path / str(number))
        for number in range(4)
    ]
    most = _most_memory_until_over(runner, ids)
    jobs = runner.wait(*ids, timeout_s=120)
    assert {job.state for job in jobs} == {JobState.DONE}
    assert sum(runner.log(job.id).size for job in jobs) > 40e6
    for job in jobs:
        assert len(runner.log(job.id).tail(500)) == 500
    runner.close()
    assert psutil.Process().memory_info().rss - before < 20e6
    assert most < 120e6


def _most_memory_until_over(runner: Runner, ids: list[str]) -> int:
    """Largest memory of a worker while jobs run [bytes]."""
    most = 0
    while not all(runner.job(job_id).state.is_over for job_id in ids):
        for job_id in ids:
            process = runner._records[job_id].process()
            if process is not None and process.is_alive:
                try:
                    most = max(most, psutil.Process(process.pid).memory_info().rss)
                except psutil.NoSuchProcess:
                    continue
        time.sleep(0.05)
    return most
