"""The calls both engines are asked to run, and the names of what they make of them."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from nustar_widgets.engines.base import TaskResult
from nustar_widgets.session.taskcall import ParamValue, TaskCall, TextFile
from nustar_widgets.simulate import SimulatedObservation
from tests.engines.test_embedded import region

STEM = "nu00000000001A01"
KINDS = {
    "source spectrum": f"{STEM}_sr.pha",
    "background spectrum": f"{STEM}_bk.pha",
    "source light curve": f"{STEM}_sr.lc",
    "background light curve": f"{STEM}_bk.lc",
    "image": f"{STEM}_sk.img",
}
BIN_S = 50.0
SHORT = {"lcfile": "NONE", "bkglcfile": "NONE", "imagefile": "NONE"}


class Products(NamedTuple):
    """What one engine made of the call all tests are about."""

    folder: Path
    result: TaskResult


def texts(sample: SimulatedObservation) -> dict[str, str]:
    """Return the text of the region files by name."""
    truth = sample.truth.of("FPMA")
    return {
        "src.reg": region(truth.ra_deg, truth.dec_deg, 60.0),
        "bkg.reg": region(truth.ra_deg, truth.dec_deg + 0.06, 75.0),
    }


def nuproducts(sample: SimulatedObservation, **change: ParamValue | None) -> TaskCall:
    """Return a call without a step that needs calibration; ``None`` leaves a parameter out."""
    params: dict[str, ParamValue | None] = {
        "indir": str(sample.path / "event_cl"),
        "instrument": "FPMA",
        "steminputs": "nu00000000001",
        "outdir": ".",
        "srcregionfile": "src.reg",
        "bkgregionfile": "bkg.reg",
        "binsize": BIN_S,
        "correctlc": False,
        "runbackscale": False,
        "runmkarf": False,
        "runmkrmf": False,
        **change,
    }
    return TaskCall(
        task="nuproducts",
        params=tuple((name, value) for name, value in params.items() if value is not None),
        files=tuple(TextFile(name=name, text=text) for name, text in texts(sample).items()),
    )


def ftgrouppha(spectrum: Path, /, **change: ParamValue) -> TaskCall:
    """Return a call that groups a spectrum by its counts."""
    params: dict[str, ParamValue] = {
        "infile": str(spectrum),
        "outfile": "grouped.pha",
        "grouptype": "min",
        "groupscale": 20,
        **change,
    }
    return TaskCall(task="ftgrouppha", params=tuple(params.items()))


def names(folder: Path) -> set[str]:
    """Return the names of all that lies in a folder."""
    return {path.name for path in folder.iterdir()}
