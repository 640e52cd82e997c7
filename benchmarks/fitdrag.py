"""A parameter dragged in a real browser: how soon the model follows; plain widgets beside it."""

from __future__ import annotations

import json
import math
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import sleep

from benchmarks import fitplain
from benchmarks.eventfiles import EventFiles
from benchmarks.fitdragrecord import FitDragRecord
from benchmarks.fitdragtables import TITLE, Found, drag_table, shown_table
from benchmarks.rows import Table
from benchmarks.skypage import WINDOW, drag_along, lent, opened
from benchmarks.timing import Timing
from nustar_widgets.analysis import Request
from nustar_widgets.analysis import run as analyse
from nustar_widgets.instrument import MODULES
from nustar_widgets.simulate import simulate_observation
from tests.browser import chromium as browsers
from tests.browser.notebook import Lab, Notebook

STEPS = 120
DRAGS = 8
REACH = 0.3  # of the slider's length, to both sides
PAGES, MORE = 3, 2
FITS = 6

_SCRIPT = Path(__file__).with_name("fitwatch.js").read_text(encoding="utf-8")
_BEFORE = """
import tempfile
import time
import bqplot
import ipywidgets
import numpy as np
from nustar_widgets.engines.fit_embedded import EmbeddedFit
from nustar_widgets.fits.spectra import load_spectra
from nustar_widgets.panels.fit import FitPanel
from nustar_widgets.session.session import Session
from nustar_widgets.session.values import (
    FitChoice, GroupingChoice, ParameterChoice, SpectrumInput)

START = {{"cutoffpl.PhoIndex": 1.7, "cutoffpl.HighECut": 80.0, "cutoffpl.norm": 0.01,
          "gaussian.LineE": 6.4, "gaussian.Sigma": 0.1, "gaussian.norm": 1e-4}}
spectra = tuple(SpectrumInput(pha=path) for path in {spectra!r})
choice = FitChoice(
    expression="constant*tbabs*(cutoffpl+gauss)",
    parameters=tuple(ParameterChoice(name=name, value=value) for name, value in START.items()),
    grouping=GroupingChoice(grouptype="constant", groupscale=6),
    statistic="chi",
)
# Each has a folder of its own, in which no other session has been kept.
session = Session(spectra=spectra, fit=choice, work_dir=tempfile.mkdtemp(dir={folder!r}))

def made_engine():
    return EmbeddedFit(load_spectra(spectra, print).chosen(choice), choice)
"""
_TIMED = """
spent = []
def timed(values, *more, inner=panel.table._dragged):
    start = time.perf_counter()
    inner(values, *more)
    spent.append(time.perf_counter() - start)
panel.table._dragged = timed
"""
_PANEL = "panel = FitPanel(session)\npanel"
_FIT = ".nw-fit-panel button.mod-primary"
_RESULT = ".nw-detail-trace .nw-detail-big"


@dataclass(frozen=True, kw_only=True)
class _Way:
    """One way to show it: its cells, and where its parts are in the page.

    Parameters
    ----------
    cell, timed
        What shows it, and what lets Python note in ``spent`` how long a step takes.
    model, trait
        What the slider moves.
    top, handle, rail
        What is scrolled to; what is pressed; along what it moves.
    plots
        By name.
    lines
        Plots, and the lines each has when it is drawn.
    """

    cell: str
    timed: str
    model: str
    trait: str
    top: str
    handle: str
    rail: str
    plots: dict[str, str]
    lines: list[tuple[str, int]]


_SLIDER = ".nw-partable-row[data-name='cutoffpl.PhoIndex'] input[type=range]"
_OURS = _Way(
    cell=_PANEL,
    timed=_TIMED,
    model="AnyModel",
    trait="hand",
    top=".nw-fit-panel",
    handle=_SLIDER,
    rail=_SLIDER,
    plots={"model": ".nw-fit-data", "residuals": ".nw-fit-residuals"},
    lines=[(".nw-fit-data", 8), (".nw-fit-residuals", 2)],
)
_PLAIN = _Way(
    cell=fitplain.CELL,
    timed="",
    model="FloatSliderModel",
    trait="value",
    top=".widget-slider",
    handle=".widget-slider .noUi-handle",
    rail=".widget-slider .noUi-target",
    plots={"model": ".nw-plain-data", "residuals": ".nw-plain-residuals"},
    lines=[(".nw-plain-data", 4), (".nw-plain-residuals", 2)],
)


def run(files: EventFiles) -> list[Table]:
    """Measure in JupyterLab; without a browser nothing is measured."""
    program = browsers.find()
    if program is None:
        return [Table(title=TITLE, notes=[browsers.MISSING])]
    before = _BEFORE.format(spectra=_spectra(files.folder), folder=str(files.folder))
    with browsers.launched(program) as chromium, opened(chromium, python=sys.executable) as lab:
        plain = _of(lab, before, _PLAIN)
        ours = _of(lab, before, _OURS)
        bins, fits = _fits(lab, before)
    return [drag_table(ours, plain, _setting(bins)), shown_table(ours, plain, fits)]


def _setting(bins: str) -> str:
    return (
        f"JupyterLab in headless Chromium, window {WINDOW['width']} x {WINDOW['height']}: sample "
        f"observation, {' + '.join(bins.split())} bins of 3-79 keV, "
        "`constant*tbabs*(cutoffpl+gauss)`. "
        f"{DRAGS} drags of {STEPS} moves at 60 Hz. From the browser's stamp of the mouse event to "
        "the frame that was painted, with lines of the value of that move or of a newer one."
    )


def _spectra(folder: Path) -> list[str]:
    """Make products of the sample observation and return the paths of their spectra."""
    sample = simulate_observation(folder)
    events = tuple(sample.event_file(module) for module in MODULES)
    analyse(Request(events=events, out=folder / "products", fit=False))
    return [str(path) for path in sorted((folder / "products").rglob("*_sr_grp.pha"))]


def _of(lab: Lab, before: str, way: _Way) -> Found:
    first, again = _shown(lab, before, way)
    with _watched(lab) as notebook:
        notebook.run(before, way.cell)
        _until_shown(notebook, way)
        notebook.py(way.timed)
        drags = [_drag(notebook, way) for _ in range(DRAGS + 1)][1:]
        spent = json.loads(notebook.py("print(spent)"))
        _keep_picture(notebook)
    return Found(
        first=Timing(tuple(first)),
        again=Timing(tuple(again)),
        drags=drags,
        kernel=Timing(tuple(spent)),
    )


@contextmanager
def _watched(lab: Lab) -> Iterator[Notebook]:
    with lent(lab) as notebook:
        notebook.page.evaluate(_SCRIPT)
        yield notebook


def _shown(lab: Lab, before: str, way: _Way) -> tuple[list[float], list[float]]:
    """Time the cell in several pages, and in each again [s]."""
    first: list[float] = []
    again: list[float] = []
    for _ in range(PAGES):
        with _watched(lab) as notebook:
            for repeat in range(1 + MORE):
                notebook.run(before)
                words = [way.cell, way.lines]
                ms = notebook.page.evaluate("words => fitwatch.panel(...words)", words)
                (again if repeat else first).append(ms / 1e3)
    return first, again


def _until_shown(notebook: Notebook, way: _Way) -> None:
    notebook.page.wait_for_function("wanted => fitwatch.areShown(wanted)", arg=way.lines)
    # All of it in sight: what is not seen need not be painted.
    notebook.widget(way.top).evaluate("panel => panel.scrollIntoView()")
    notebook.page.wait_for_timeout(2000)  # all that is drawn but once


def _drag(notebook: Notebook, way: _Way) -> FitDragRecord:
    page = notebook.page
    box = notebook.widget(way.handle).bounding_box()
    rail = notebook.widget(way.rail).bounding_box()
    assert box is not None, "the slider is not on the screen"
    assert rail is not None, "the slider is not on the screen"
    left, y, width = rail["x"], box["y"] + box["height"] / 2, rail["width"]
    middle = left + width / 2
    turns = [3 * math.pi * step / STEPS for step in range(1, STEPS + 1)]
    path = [(middle + REACH * width * math.sin(turn), y) for turn in turns]
    words = {"id": notebook._id, "name": way.model, "key": way.trait, "plots": way.plots}
    page.evaluate("words => fitwatch.begin(words)", words)
    drag_along(notebook, (middle, y), path)
    sleep(1.0)  # until everything has come to rest
    return FitDragRecord.of(page.evaluate("() => fitwatch.end()"))


def _keep_picture(notebook: Notebook) -> None:
    """Leave a screenshot where one is wanted: what was measured should have been in sight."""
    if folder := os.environ.get("NUSTAR_WIDGETS_SCREENSHOTS"):
        notebook.photograph(Path(folder))


def _fits(lab: Lab, before: str) -> tuple[str, list[float]]:
    """Time the button that fits, each time from the same start; also tell the bins."""
    seconds = []
    with _watched(lab) as notebook:
        notebook.run(before, _PANEL)
        _until_shown(notebook, _OURS)
        bins = notebook.py("print(*(data.n_bins for data in panel.live.engine.datasets))")
        for _ in range(FITS + 1):
            notebook.widget(_RESULT).wait_for(state="detached")
            words = [_FIT, _RESULT, "degrees of freedom"]
            seconds.append(notebook.page.evaluate("words => fitwatch.clicked(...words)", words))
            notebook.page.wait_for_timeout(500)
            notebook.py("session.undo()")
    return bins, [ms / 1e3 for ms in seconds[1:]]
