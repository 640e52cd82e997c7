"""Our calls in the tutorial's layout against those the tutorial's own cells make.

``golden/tutorial_calls.json`` holds what the cells of HEASARC's tutorial did when they were run
with stand-ins that record, and every difference of ours with its reason.
"""

from __future__ import annotations

import json
import os
import re
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any
from unittest.mock import MagicMock

import numpy as np
import pytest
from astropy.coordinates import SkyCoord
from astropy.io import fits

from nustar_widgets.calls.presets import BUILT_IN, changes
from nustar_widgets.engines.taskspec import as_text
from nustar_widgets.events.heasoftreading import read_as_heasoft
from nustar_widgets.events.regions import SkyAnnulus, SkyCircle, SkyRegion
from nustar_widgets.events.skygrid import SkyGrid
from nustar_widgets.session.recipe import recipe
from nustar_widgets.session.session import Session
from nustar_widgets.session.taskcall import ParamValue, TaskCall, TextFile
from nustar_widgets.session.values import ModuleInputs, ModuleRegions, Regions, Target

GOLDEN: dict[str, Any] = json.loads(
    (Path(__file__).parents[1] / "golden" / "tutorial_calls.json").read_text(encoding="utf-8")
)
RA_DEG, DEC_DEG = GOLDEN["position_deg"]

# How a task is called, not what it is told (heasoftpy/core.py).
ARGUMENTS = frozenset({"noprompt", "verbose", "logfile", "allow_failure", "stderr"})
PATHS = frozenset(
    {"indir", "outdir", "infile", "outfile", "respfile", "backfile"}
    | {"srcregionfile", "bkgregionfile"}
)


def session() -> Session:
    position = (RA_DEG, DEC_DEG)
    both = ModuleRegions(
        source=SkyRegion((SkyCircle(*position, 150.0),)),
        background=SkyRegion((SkyAnnulus(*position, 180.0, 300.0),)),
    )
    return Session(
        target=Target(name="SWIFT J2127.4+5654", ra_deg=RA_DEG, dec_deg=DEC_DEG),
        obsid="60001110002",
        data_dir="60001110002",
        inputs=tuple(
            ModuleInputs(
                module=module,
                events=f"60001110002/event_cl/nu60001110002{module[-1]}01_cl.evt.gz",
                housekeeping=f"60001110002/hk/nu60001110002{module[-1]}_fpm.hk.gz",
            )
            for module in ("FPMA", "FPMB")
        ),
        regions=Regions(fpma=both, fpmb=both),
    )


def our_calls() -> tuple[TaskCall, ...]:
    """What the two presets stand for, one after the other; nupipeline is the same in both."""
    calls: list[TaskCall] = []
    for name in ("Tutorial: light curve", "Tutorial: spectrum"):
        chosen = session()
        preset = next(item for item in BUILT_IN if item.name == name)
        chosen.edit(f"preset {name}", **changes(chosen, preset))
        calls += recipe(chosen)
    return tuple(dict.fromkeys(calls))


def as_read(params: dict[str, ParamValue], folder: str = ".") -> dict[str, str | float]:
    """Parameters as a task reads them: paths from where it stands, yes and no, plain numbers."""

    def value(name: str, given: ParamValue) -> str | float:
        if name in PATHS:
            return os.path.normpath(Path(folder, str(given)))
        text = as_text(given)
        try:
            return float(text)
        except ValueError:
            return text.upper() if text.upper() in ("NONE", "DEFAULT", "CALDB") else text

    return {name: value(name, given) for name, given in params.items()}


class Heasoftpy(ModuleType):
    """Records what it is asked to run, and from where."""

    Config = SimpleNamespace(allow_failure=None)

    def __init__(self, root: Path) -> None:
        super().__init__("heasoftpy")
        self.root = root
        self.seen: list[dict[str, Any]] = []

    def __getattr__(self, task: str) -> Any:
        if task.startswith("_"):
            raise AttributeError(task)

        def run(params: dict[str, ParamValue] | None = None, **more: Any) -> SimpleNamespace:
            given = {**(params or {}), **more}
            told = {name: value for name, value in given.items() if name not in ARGUMENTS}
            folder = str(Path.cwd().relative_to(self.root))
            self.seen.append({"task": task, "folder": folder, "params": told})
            return SimpleNamespace(returncode=0)

        return run


@pytest.fixture
def recorded(shared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Heasoftpy:
    """Run the tutorial's own cells; everything outside is a stand-in that does nothing."""
    text = (shared / "reference" / "tutorial.md").read_text(encoding="utf-8")
    heasoftpy = Heasoftpy(tmp_path.resolve())
    stand_ins = {
        "heasoftpy": heasoftpy,
        "xspec": MagicMock(),
        "matplotlib": (matplotlib := MagicMock()),
        "matplotlib.pyplot": matplotlib.pyplot,
        "astroquery": MagicMock(),
        "astroquery.heasarc": MagicMock(),
    }
    matplotlib.pyplot.subplots.return_value = (MagicMock(), MagicMock())
    for name, module in stand_ins.items():
        monkeypatch.setitem(sys.modules, name, module)
    monkeypatch.setattr(
        SkyCoord, "from_name", lambda _: SkyCoord(RA_DEG, DEC_DEG, unit="deg", frame="icrs")
    )
    curve = light_curve()
    monkeypatch.setattr(fits, "open", lambda _: curve)
    monkeypatch.chdir(tmp_path)
    change = os.chdir

    def into(folder: str) -> None:  # the tasks that would have made it did not run
        Path(folder).mkdir(parents=True, exist_ok=True)
        change(folder)

    monkeypatch.setattr(os, "chdir", into)
    monkeypatch.setattr(os, "system", lambda _: 0)
    names: dict[str, Any] = {}
    for cell in re.findall(r"^```\{code-cell\} python\n(.*?)^```", text, re.DOTALL | re.MULTILINE):
        code = "".join(line for line in cell.splitlines(True) if not line.startswith((":", "%")))
        exec(code, names)
    return heasoftpy


def light_curve() -> fits.HDUList:
    columns = [
        fits.Column(name, "1D", array=np.ones(3)) for name in ("TIME", "RATE1", "ERROR1", "FRACEXP")
    ]
    return fits.HDUList([fits.PrimaryHDU(), fits.BinTableHDU.from_columns(columns, name="RATE")])


def test_the_golden_calls_are_those_the_tutorials_own_cells_make(recorded: Heasoftpy) -> None:
    assert recorded.seen == GOLDEN["calls"]
    written = {name: (recorded.root / name).read_text() for name in GOLDEN["regions"]}
    assert written == GOLDEN["regions"]


def test_our_calls_are_the_tutorials_but_for_the_differences_that_are_listed() -> None:
    ours = our_calls()
    assert [call.task for call in ours] == [item["task"] for item in GOLDEN["calls"]]
    found = []
    for number, (call, item) in enumerate(zip(ours, GOLDEN["calls"], strict=True)):
        made = as_read(dict(call.params))
        theirs = as_read(item["params"], item["folder"])
        found += [
            {
                "call": number,
                "parameter": name,
                "tutorial": theirs.get(name),
                "ours": made.get(name),
            }
            for name in {**made, **theirs}
            if made.get(name) != theirs.get(name)
        ]
    listed = [{k: v for k, v in item.items() if k != "why"} for item in GOLDEN["differences"]]
    assert found == listed
    assert all(len(item["why"]) > 20 for item in GOLDEN["differences"])


def test_our_region_files_have_the_tutorials_names_and_select_the_same_pixels() -> None:
    grid = SkyGrid(
        nx=1000, ny=1000, crpix_x=500.5, crpix_y=500.5,
        crval_ra_deg=RA_DEG + 0.03, crval_dec_deg=DEC_DEG - 0.02,
        cdelt_x_deg=-6.828076e-4, cdelt_y_deg=6.828076e-4,
    )  # fmt: skip
    for call in our_calls():
        if call.task == "nuproducts":
            files = {file.name: file for file in call.files}
            assert set(files) == set(GOLDEN["regions"])
            for name, theirs in GOLDEN["regions"].items():
                file = files[name]
                assert isinstance(file, TextFile)
                ours = read_as_heasoft(file.text, grid).mask(grid)
                tutorials = read_as_heasoft(theirs, grid).mask(grid)
                assert ours.n_pixels == tutorials.n_pixels > 10_000
                assert ours.same_pixels(tutorials)


def test_parameters_stand_in_the_tutorials_order_where_it_has_one_order() -> None:
    nupipeline = our_calls()[0]
    assert [name for name, _ in nupipeline.params] == list(GOLDEN["calls"][0]["params"])
