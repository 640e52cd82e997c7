"""A world whose every word from outside would run a script, were it taken for HTML anywhere."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from astropy.io import fits

from nustar_widgets.simulate import SimulatedObservation
from tests.standins import headas

TEXT = '<img src=x onerror="window.pwned=1"></script><b>bold</b>'
"""Text that is not tame anywhere."""

NAME = "<img src=x onerror=window.pwned=1>"
"""The same as the name of a file: without a slash, and short enough."""

CELL = """
import os
os.environ.update({environ!r})
import time
from datetime import UTC, datetime
from pathlib import Path
import nustar_widgets as nw
from nustar_widgets.archive.catalog import Catalog
from nustar_widgets.archive.observation import Observation
from nustar_widgets.archive.query import Query
from nustar_widgets.archive.result import SearchResult
from nustar_widgets.calls.preset import Preset
from nustar_widgets.calls.presets import save_preset
from nustar_widgets.events.regions import SkyCircle, SkyRegion
from nustar_widgets.jobs.record import JobRecord, JobSpec, JobState, Progress, Result, Step
from nustar_widgets.panels.parameters import ParameterPanel
from nustar_widgets.panels.search import SearchPanel, _facts
from nustar_widgets.processes import ProcessId
from nustar_widgets.session.taskcall import TaskCall
from nustar_widgets.session.values import *

TEXT, NAME = {text!r}, {name!r}
work = Path({work!r})
circle = SkyRegion((SkyCircle(321.9367, 56.9444, 60.0),))
told = RegionText(text="# " + TEXT + chr(10) + "fk5;circle(322.05,56.88,90\\")", origin=TEXT)
regions = ModuleRegions(source=circle, background=told)
session = nw.Session(
    work_dir=str(work), target=Target(name=TEXT, ra_deg=321.9367, dec_deg=56.9444),
    inputs=tuple(ModuleInputs(module=m, events=e) for m, e in {events!r}),
    spectra=tuple(SpectrumInput(pha=path) for path in {spectra!r}),
    regions=Regions(fpma=regions, fpmb=regions), engine="heasoft",
)
session.edit(TEXT, bin_s=200.0)

me = ProcessId.of(os.getpid())
call = TaskCall(task="nuproducts", params=(("infile", NAME), ("title", TEXT)))
spec = JobSpec(id="hostile-00000001", label=TEXT, call=call, engine="heasoft",
    folder=str(work / NAME), scratch=str(work), created=time.time(), owner=me)
record = JobRecord.create(spec, jobs_dir=work / "jobs")
record.claim(me)
record.write_progress(Progress(steps=(Step(name=TEXT, began=time.time()),)))
record.log_path.write_text("Error: " + TEXT + chr(10) + TEXT + chr(10))
record.write_result(Result(state=JobState.FAILED, ended=time.time(), reason=TEXT))

save_preset(Preset(name=TEXT, about=TEXT, notes=(TEXT,), nuproducts=()), work / "presets")
found = tuple(
    Observation(obsid=obsid, name=TEXT, ra_deg=321.9, dec_deg=56.9, start_mjd=56000.0,
        exposure_a_s=1e3, status="archived", public_mjd=56100.0, mode=TEXT, comments=TEXT,
        pi_lname=TEXT, title=TEXT, category=TEXT, coordinated=TEXT, solar_activity=TEXT,
        has_issue=True)
    for obsid in (TEXT, "60000000001"))
"""
PANELS = (
    """
search = SearchPanel(session, catalog=Catalog(vo_url="http://127.0.0.1:9/"))
search._searched(SearchResult(query=Query(pi=TEXT), position=None, observations=found,
    fetched=datetime.now(UTC)))
search
""",
    "sky = nw.SkyPanel(session)\nsky",
    "curves = nw.LightCurvePanel(session)\ncurves",
    "form = ParameterPanel(session, presets=work / 'presets')\nform",
    "jobs = nw.JobsPanel(session)\njobs",
    "fit = nw.FitPanel(session)\nfit",
    "code = nw.ExportPanel(session)\ncode",
    "app = nw.App(session)\napp",
)


@dataclass(frozen=True)
class Hostile:
    """Where it lies.

    Attributes
    ----------
    folder
        The folder that holds everything.
    cell
        Python that opens it.
    events, spectra
        Files with such names.
    """

    folder: Path
    cell: str
    events: tuple[tuple[str, str], ...]
    spectra: tuple[str, ...]


def make(place: Path, sample: SimulatedObservation, spectra: Sequence[Path]) -> Hostile:
    """Lay out files and folders with such names, headers and helps.

    Parameters
    ----------
    place
        An empty folder.
    sample
        Whose event lists are copied.
    spectra
        Grouped spectra of both modules, copied with what lies beside them.
    """
    folder, work = place / NAME, place / f"work {NAME}"
    folder.mkdir(parents=True)
    work.mkdir()
    events = []
    for module in ("FPMA", "FPMB"):
        path = folder / f"{NAME}{module}_cl.evt"
        shutil.copy(sample.event_file(module), path)
        for extension in (0, 1):
            fits.setval(path, "OBJECT", value=TEXT, comment="", ext=extension)
        events.append((module, str(path)))
    shutil.copytree(spectra[0].parent, folder / "products")
    renamed = []
    for spectrum in spectra:
        path = folder / "products" / f"{NAME}{spectrum.name}"
        (folder / "products" / spectrum.name).rename(path)
        for extension in (0, 1):
            fits.setval(path, "OBJECT", value=TEXT, comment="", ext=extension)
        renamed.append(str(path))
    built = headas.build(place / "headas")
    par = built / "syspfiles" / "nuproducts.par"
    par.write_text(par.read_text().replace('"The ', f'"{NAME} The '))
    page = built / "help" / "nuproducts.html"
    shown = TEXT.replace("<", "&lt;").replace(">", "&gt;")
    page.write_text(page.read_text().replace("Input Directory", f"{shown} Input Directory"))
    cell = CELL.format(
        environ={"HEADAS": str(built), "PYTHONPATH": str(headas.HEASOFTPY)}, text=TEXT, name=NAME,
        work=str(work), events=events, spectra=renamed,
    )  # fmt: skip
    return Hostile(folder, cell, tuple(events), tuple(renamed))
