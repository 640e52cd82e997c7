"""Tasks as functions: they run in the present folder and leave their record beside the products."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from nustar_widgets import tasks
from nustar_widgets.engines.base import TaskResult
from nustar_widgets.errors import OutputError, ParameterError, TaskNotSupported
from nustar_widgets.events.gti import Gti
from nustar_widgets.simulate import SimulatedObservation


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "src.reg").write_text('fk5\ncircle(321.9373,56.9444,60")\n')
    return tmp_path


def extracted(sample: SimulatedObservation, **more: Any) -> TaskResult:
    return tasks.nuproducts(
        indir=sample.path / "event_cl", instrument="FPMA", steminputs=f"nu{sample.obsid}",
        srcregionfile="src.reg", bkgextract=False, outdir="spec",
        arf=sample.event_file("FPMA").with_name(f"nu{sample.obsid}A01_sr.arf"), **more,
    )  # fmt: skip


def test_products_are_made_below_the_present_folder_with_their_record(
    sample: SimulatedObservation, folder: Path
) -> None:
    made = extracted(sample)
    spectrum = folder / "spec" / f"nu{sample.obsid}A01_sr.pha"
    assert made.path("source spectrum") == spectrum
    assert made.path("arf") == spectrum.with_suffix(".arf")
    record = json.loads((folder / "spec" / "nuproducts_FPMA_provenance.json").read_text())
    assert dict(record["call"]["params"])["srcregionfile"] == "src.reg"
    assert any("no RMF" in text for text in made.provenance.not_applied)
    grouped = tasks.ftgrouppha(
        infile=spectrum, outfile="spec/grouped.pha", grouptype="min", groupscale=20
    )
    assert grouped.path("grouped spectrum") == folder / "spec" / "grouped.pha"


def test_what_cannot_be_done_is_refused_and_nothing_is_made(
    sample: SimulatedObservation, folder: Path
) -> None:
    with pytest.raises(TaskNotSupported, match="barycorr=yes needs HEASoft"):
        extracted(sample, barycorr=True)
    with pytest.raises(TaskNotSupported, match="does not have the parameter 'binsise'"):
        extracted(sample, binsise="3")
    with pytest.raises(ParameterError, match="grouptype"):
        tasks.ftgrouppha(infile="a.pha", outfile="b.pha", grouptype="wrong")
    assert [path.name for path in folder.iterdir()] == ["src.reg"]
    extracted(sample)
    with pytest.raises(OutputError, match="exists already"):
        extracted(sample)


def test_good_time_is_written_and_an_older_file_replaced(folder: Path) -> None:
    tasks.write_gti("good.fits", [(0.0, 1.0)])
    tasks.write_gti(folder / "good.fits", [(10.0, 20.0), (30.0, 40.5)])
    read = Gti.read("good.fits")
    assert (read.start.tolist(), read.stop.tolist()) == ([10.0, 30.0], [20.0, 40.5])
