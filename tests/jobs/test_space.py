"""Estimates of disk and time before anything runs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from nustar_widgets.engines.embedded import EmbeddedEngine
from nustar_widgets.errors import OutputError
from nustar_widgets.jobs.estimate import duration_words, expected_time
from nustar_widgets.jobs.plan import PlannedJob, plan, submit
from nustar_widgets.jobs.runner import Runner
from nustar_widgets.jobs.space import (
    Room,
    Space,
    existing,
    read_bytes,
    refuse_unwritable,
    rooms,
    size_words,
    space_of,
)
from nustar_widgets.session.taskcall import TaskCall
from nustar_widgets.simulate import SimulatedObservation
from tests.jobs.conftest import standin_call
from tests.jobs.test_plan import session


def planned(task: str, engine: str = "heasoft", **params: Any) -> PlannedJob:
    call = TaskCall(task=task, params=tuple(params.items()))
    return PlannedJob(call=call, engine=engine, folder=Path("/w"))


def observation(folder: Path, size: int) -> Path:
    for name in ("event_uf/nu1A_uf.evt", "event_uf/nu1B_uf.evt", "hk/nu1_obeb.hk"):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as stream:
            stream.truncate(size)
    return folder


@pytest.mark.parametrize("bin_s", [100.0, 1.0])
def test_what_the_embedded_engine_writes_is_estimated_within_a_quarter(
    sample: SimulatedObservation, runner: Runner, bin_s: float
) -> None:
    chosen = session(sample, runner.work_dir, modules=("FPMA",), bin_s=bin_s, products=())
    steps = plan(chosen, EmbeddedEngine())
    space = space_of(steps[0])
    assert space is not None
    (job, _) = runner.wait(*submit(runner, steps), timeout_s=120)
    written = sum(product.path.stat().st_size for product in job.products)
    assert space.kept_bytes == pytest.approx(written, rel=0.25)
    assert space.scratch_bytes == 0


def test_nupipeline_takes_what_it_reads_and_nine_tenths_more_meanwhile(tmp_path: Path) -> None:
    folder = observation(tmp_path / "1", 100_000_000)
    both = planned("nupipeline", indir=str(folder), steminputs="nu1", instrument="ALL")
    one = planned("nupipeline", indir=str(folder), steminputs="nu1", instrument="FPMA")
    assert space_of(both) == Space(kept_bytes=3e8, scratch_bytes=2.7e8)
    assert space_of(one) == Space(kept_bytes=2e8, scratch_bytes=1.8e8)
    assert read_bytes(one.call) == 200_000_000
    assert read_bytes(replace(one.call, params=(("indir", "nowhere"),))) is None


def test_a_time_is_only_told_from_earlier_runs_but_for_nupipeline(
    tmp_path: Path, runner: Runner
) -> None:
    assert expected_time((), like=planned("nuproducts"), input_bytes=5) is None
    assert expected_time((), like=planned("nupipeline")) is None
    guess = expected_time((), like=planned("nupipeline"), input_bytes=202_000_000)
    assert guess is not None
    assert guess.words() == "about 13 to 22 min, elsewhere"
    half = expected_time((), like=planned("nupipeline"), input_bytes=10_100_000)
    assert half is not None
    assert half.words() == "about 39 to 66 s, elsewhere"
    ids = [runner.submit(standin_call(), folder=runner.work_dir / str(n)) for n in range(3)]
    jobs = runner.wait(*ids, timeout_s=60)
    told = expected_time(jobs, like=planned("standin"))
    assert told is not None
    assert told.n_runs == 3
    took = sorted(job.elapsed_s for job in jobs)
    assert told.low_s == told.high_s == pytest.approx(took[1])
    assert "elsewhere" not in told.words()
    assert expected_time(jobs, like=planned("standin", engine="embedded")) is None


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.0, "0.1 s"), (0.42, "0.4 s"), (40.2, "40 s"), (780.0, "13 min"), (9000.0, "2.5 h")],
)
def test_durations_are_told_as_people_say_them(seconds: float, words: str) -> None:
    assert duration_words(seconds) == words


@pytest.mark.parametrize(
    ("n_bytes", "words"),
    [(17, "17 B"), (1000, "1.0 kB"), (84_000, "84 kB"), (4.01e6, "4.0 MB"), (78e9, "78 GB")],
)
def test_sizes_are_told_as_people_say_them(n_bytes: float, words: str) -> None:
    assert size_words(n_bytes) == words


def test_what_does_not_fit_is_said(tmp_path: Path) -> None:
    steps = [(planned("nupipeline"), Space(kept_bytes=1e18, scratch_bytes=1e18))]
    (room,) = rooms(steps, tmp_path / "not" / "there")
    assert room.folder == tmp_path
    assert room.needed_bytes == 2e18
    assert room.problem.startswith(f"{tmp_path}: about 2000000000 GB are needed, ")
    assert "Choose another work folder, or make room" in room.problem
    assert Room(folder=tmp_path, needed_bytes=5.0, free_bytes=5.0).problem == ""


def test_a_work_folder_that_cannot_be_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    refuse_unwritable(tmp_path / "a" / "b")
    assert existing(tmp_path / "a" / "b") == tmp_path
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match=r"file is a file, not a folder. Choose a work folder"):
        refuse_unwritable(tmp_path / "file" / "x")
    with pytest.raises(OutputError, match="cannot be written"):
        refuse_unwritable("/proc/nowhere")
