"""The list of jobs: what the page is sent, what it makes of it, and how often."""

from __future__ import annotations

import json
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from nustar_widgets.jobs.job import Job
from nustar_widgets.jobs.record import JobState, Progress, Step
from nustar_widgets.panels.queue.joblist import front_end
from nustar_widgets.panels.queue.jobrows import job_rows
from nustar_widgets.panels.queue.pace import Pace
from nustar_widgets.panels.queue.ticker import Ticker
from tests.jobs.test_repetition import job
from tests.panels.frontend import evaluated_in, needs_node


def running(number: int, *names: str, expected: int = 0) -> Job:
    made = job(number, JobState.RUNNING, [])
    steps = tuple(Step(name=name, began=1.0) for name in names)
    progress = Progress(steps=steps, expected=expected)
    return Job(id=made.id, spec=made.spec, state=made.state, progress=progress, began=0.5)


def test_the_newest_come_first_with_what_can_be_done_with_them() -> None:
    jobs = [
        job(0, JobState.FAILED, []),
        job(1, JobState.SKIPPED, [0]),
        running(2, "first", "second", expected=5),
        job(3, JobState.WAITING, [2]),
    ]
    told = job_rows(jobs, chosen="0")
    assert [row["id"] for row in told["jobs"]] == ["3", "2", "1", "0"]
    assert [row["can"] for row in told["jobs"]] == [
        ["cancel"],
        ["cancel"],
        ["retry", "forget"],
        ["retry", "retry_from", "forget"],
    ]
    assert told["jobs"][0]["waits_for"] == "job 2"
    row = told["jobs"][1]
    assert (row["step"], row["n_steps"], row["expected"]) == ("second", 2, 5)
    assert told["counts"] == {"all": 4, "running": 2, "failed": 2, "over": 2}
    assert [row["id"] for row in job_rows(jobs, wanted="failed")["jobs"]] == ["1", "0"]
    few = job_rows(jobs, most=1)
    assert ([row["id"] for row in few["jobs"]], few["older"]) == (["3"], 3)


def test_steps_that_are_not_known_beforehand_are_told_from_earlier_runs() -> None:
    done = running(0, "a", "b", "c")
    ended = Job(id="0", spec=done.spec, state=JobState.DONE, progress=done.progress)
    now = running(1, "a")
    assert job_rows([ended, now])["jobs"][0]["expected"] == 3


def evaluated(expression: str, folder: Path) -> Any:
    """Value of an expression in the module of the view."""
    return evaluated_in(front_end(), expression, folder)


@needs_node
def test_the_page_tells_times_and_steps_as_people_do(tmp_path: Path) -> None:
    row = job_rows([running(1, "xselect", expected=3)])["jobs"][0] | {"began": 100.0, "at": 160.0}
    times = evaluated("[0, 8.9, 65, 7620].map(elapsedText)", tmp_path)
    assert times == ["0 s", "8 s", "1 min 05 s", "2 h 07 min"]
    told = evaluated(
        f"[stepText({json.dumps(row)}), timeText({json.dumps(row)}, 165),"
        f" timeText({json.dumps(row | {'remaining': 40.0})}, 165),"
        f" timeText({json.dumps(row | {'remaining': 2.0})}, 165),"
        f" timeText({json.dumps(row | {'ended': 100.4})}, 165), partDone({json.dumps(row)}),"
        f" partDone({json.dumps(row | {'n_steps': 9})}),"
        f" partDone({json.dumps(row | {'expected': 0})})]",
        tmp_path,
    )
    assert told == [
        "step 1 of 3: xselect", "1 min 05 s", "1 min 05 s, about 35 s left",
        "1 min 05 s, nearly done", "took 0.4 s", 0, pytest.approx(8 / 9), None,
    ]  # fmt: skip


@needs_node
def test_every_state_a_job_can_be_in_has_its_sign_and_its_word(tmp_path: Path) -> None:
    looks = evaluated("LOOKS", tmp_path)
    assert set(looks) == {str(state) for state in JobState}
    assert all(sign and word == state for state, (sign, _, word) in looks.items())


def test_however_often_it_is_asked_it_is_done_seldom_and_once_more_at_the_end() -> None:
    done: list[int] = []
    state = 0
    pace = Pace(lambda: done.append(state), every_s=0.2)
    for number in range(1, 2000):
        state = number
        pace.ask()
    while not done or done[-1] != 1999:
        time.sleep(0.01)
    assert done[0] == 1
    assert len(done) < 50
    pace.close()
    pace.ask()
    assert done[-1] == 1999


def test_a_ticker_ticks_while_it_is_wanted() -> None:
    ticked = threading.Event()
    ticker = Ticker(ticked.set, every_s=0.01)
    assert not ticker.is_ticking
    ticker.want(wanted=True)
    ticker.want(wanted=True)
    assert ticked.wait(10.0)
    ticker.want(wanted=False)
    assert not ticker.is_ticking
