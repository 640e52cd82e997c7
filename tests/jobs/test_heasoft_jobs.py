"""nuproducts as a job, on the stand-in and (``-m heasoft``) on the real one."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

from nustar_widgets.events.regionfile import format_region
from nustar_widgets.events.regions import SkyCircle, SkyRegion
from nustar_widgets.jobs.record import JobState
from nustar_widgets.jobs.runner import Runner
from nustar_widgets.session.taskcall import ParamValue, TaskCall, TextFile
from nustar_widgets.simulate import SimulatedObservation
from tests.jobs.conftest import left_lying, left_running
from tests.standins import here

BARE = dict.fromkeys(("correctlc", "runbackscale", "runmkarf", "runmkrmf"), False)
STEM = "nu00000000001"


@pytest.fixture
def queue(heasoft: here.Here, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Runner]:
    for name in ("HEADAS", "PYTHONPATH"):
        if name in heasoft.environ:
            monkeypatch.setenv(name, heasoft.environ[name])
    made = Runner(tmp_path / "work", limit=2)
    yield made
    made.cancel_all()
    made.wait(timeout_s=30)
    made.close()
    assert left_running(made.jobs, made.work_dir) == []
    assert left_lying(made.jobs) == []


def nuproducts(sample: SimulatedObservation, module: str, **changes: ParamValue) -> TaskCall:
    truth = sample.truth.of(module)

    def circle(name: str, dec_deg: float) -> TextFile:
        region = SkyRegion((SkyCircle(truth.ra_deg, dec_deg, 60.0),))
        return TextFile(name=name, text=format_region(region))

    params: dict[str, ParamValue] = {
        "indir": str(sample.path / "event_cl"),
        "instrument": module,
        "steminputs": STEM,
        "outdir": ".",
        "srcregionfile": "src.reg",
        "bkgregionfile": "bkg.reg",
        **BARE,
    }
    return TaskCall(
        task="nuproducts",
        params=tuple((params | changes).items()),
        files=(circle("src.reg", truth.dec_deg), circle("bkg.reg", truth.dec_deg + 0.06)),
    )


def test_both_modules_run_side_by_side_and_count_what_the_live_extraction_counts(
    queue: Runner, sample: SimulatedObservation
) -> None:
    ids = [
        queue.submit(nuproducts(sample, module), folder=queue.work_dir / module)
        for module in ("FPMA", "FPMB")
    ]
    jobs = queue.wait(*ids, timeout_s=120)
    assert [job.reason for job in jobs] == ["", ""]
    (a, b) = jobs
    assert a.began is not None
    assert b.began is not None
    assert a.ended is not None
    assert max(a.began, b.began) < a.ended  # at the same time
    for job, module in zip(jobs, "AB", strict=True):
        assert (queue.work_dir / f"FPM{module}" / f"{STEM}{module}01_sr.pha").is_file()
        assert job.result is not None
        assert job.result.comparison is not None
        parts = job.result.comparison["parts"]
        assert {part["kind"] for part in parts} >= {"source spectrum", "image"}
        assert [part["n_different"] for part in parts] == [0] * len(parts)
        assert [step.name for step in job.progress.steps].count("xselect") == 2


def test_a_cancelled_nuproducts_leaves_neither_process_nor_product(
    queue: Runner, sample: SimulatedObservation
) -> None:
    job_id = queue.submit(nuproducts(sample, "FPMA"), folder=queue.work_dir / "a")
    while not queue.job(job_id).progress.steps:
        time.sleep(0.01)
    queue.cancel(job_id)
    (job,) = queue.wait(job_id, timeout_s=30)
    assert job.state is JobState.CANCELLED
    assert not (queue.work_dir / "a").exists()


def test_a_folder_with_spaces_and_a_long_name_is_read_and_filled(
    queue: Runner, sample: SimulatedObservation, tmp_path: Path
) -> None:
    place = tmp_path / ("a folder with; spaces & $(quotes) " + "and a long name " * 8)
    place.mkdir()
    (place / "event_cl").symlink_to(sample.path / "event_cl")
    call = nuproducts(sample, "FPMB", indir=str(place / "event_cl"))
    (job,) = queue.wait(queue.submit(call, folder=place / "out dir"), timeout_s=120)
    assert job.reason == ""
    assert (place / "out dir" / f"{STEM}B01_sr.pha").is_file()
    assert {path.name for path in tmp_path.iterdir()} == {place.name, "work"}


def real(monkeypatch: pytest.MonkeyPatch) -> None:
    """Use the HEASoft of this environment; these tests are only run with ``-m heasoft``."""
    if here.real() is None:
        pytest.skip("HEADAS is not set")
    monkeypatch.delenv("CALDB", raising=False)


@pytest.mark.heasoft
def test_the_real_task_says_what_calibration_it_lacks(
    sample: SimulatedObservation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real(monkeypatch)
    runner = Runner(tmp_path / "work")
    call = nuproducts(sample, "FPMA", runmkarf=True)
    (job,) = runner.wait(runner.submit(call, folder=tmp_path / "a"), timeout_s=120)
    runner.close()
    assert job.state is JobState.FAILED
    assert job.reason == ("nuproducts: CALDB environment variable not set while numkarf ran")
    assert not (tmp_path / "a").exists()


@pytest.mark.heasoft
def test_any_real_task_can_be_run_by_its_name_and_gets_its_values_exactly(
    sample: SimulatedObservation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real(monkeypatch)
    runner = Runner(tmp_path / "work")
    first = runner.submit(nuproducts(sample, "FPMA"), folder=tmp_path / "a")
    command = "bad 0-34 1910-4095 & group min 30"
    params = (
        ("infile", f"{STEM}A01_sr.pha"),
        ("outfile", "mine.pha"),
        ("comm", command),
        ("tempc", "exit"),
    )
    grouped = runner.submit(
        TaskCall(task="grppha", params=params), folder=tmp_path / "a", after=[first]
    )
    listed = runner.submit(
        TaskCall(
            task="ftcopy",
            params=(("infile", f"{STEM}A01_sr.pha[SPECTRUM][CHANNEL<100]"), ("outfile", "c.fits")),
        ),
        folder=tmp_path / "a",
        after=[first],
    )
    jobs = runner.wait(first, grouped, listed, timeout_s=120)
    runner.close()
    assert [job.reason for job in jobs] == ["", "", ""]
    with fits.open(tmp_path / "a" / "mine.pha") as hdus:
        quality = hdus["SPECTRUM"].data["QUALITY"]
    assert np.all(quality[:35] == 5)
    with fits.open(tmp_path / "a" / "c.fits") as hdus:
        assert len(hdus["SPECTRUM"].data) == 100
