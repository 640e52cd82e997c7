"""How soon the application's first panel is on the screen, what it takes of memory; and Imviz."""

from __future__ import annotations

import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from benchmarks import skypeer
from benchmarks.rows import Row, SizeRow, Table
from benchmarks.skydrag import sky_image
from benchmarks.skypage import Images, images, lent, opened
from nustar_widgets.simulate import simulate_observation
from tests.browser import chromium as browsers
from tests.browser.chromium import Chromium
from tests.browser.notebook import Notebook

FASTER = 3.0
MOST_MB = 350.0

_IMPORTS = """
import tempfile
import nustar_widgets as nw
from nustar_widgets.app.application import App
from nustar_widgets.panels.sky import SkyPanel
"""
_OPEN = """
session = nw.Session(work_dir=tempfile.mkdtemp())
nw.open_in(session, {sample!r})
"""
_SHOW = "app = App(session)\napp"
_CANVAS = ".nw-sky-pane canvas"
_MODULES = 2
_ACT = ".nw-app-act"
_WAIT_MS = 300_000
_LATER = ("Light curve", "Parameters", "Code", "Observation", "Regions")


@dataclass(frozen=True)
class Memory:
    """Resident size of the kernel [MB of 1e6 bytes]."""

    sample_mb: float
    everything_mb: float


def run() -> list[Table]:
    """Measure in JupyterLab; without a browser nothing is measured."""
    program = browsers.find()
    if program is None:
        return [Table(title="The application", notes=[browsers.MISSING])]
    with (
        tempfile.TemporaryDirectory(prefix="nw_bench_app_") as folder,
        browsers.launched(program) as chromium,
    ):
        sample = simulate_observation(folder)
        image = sky_image(sample.event_file("FPMA"), Path(folder) / "sky.fits")
        shown, whole, memory = _ours(chromium, str(sample.path))
        peer = skypeer.image_alone(chromium, image)
    return [_table(shown, whole, memory, peer)]


def _ours(chromium: Chromium, sample: str) -> tuple[Images, Images, Memory]:
    prepared = _IMPORTS + _OPEN.format(sample=sample)
    with opened(chromium, python=sys.executable) as lab:
        shown = images(
            lab, imports=prepared, cell=_SHOW, css=_CANVAS, count=_MODULES, pages=3, more=2
        )
        whole = images(
            lab, imports="pass", cell=prepared + _SHOW, css=_CANVAS, count=_MODULES, pages=2, more=1
        )
        with lent(lab) as notebook:
            notebook.run(prepared, _SHOW)
            memory = _memory(notebook)
    return shown, whole, memory


def _memory(notebook: Notebook) -> Memory:
    """Open the sample, then go the whole way and see every panel."""
    notebook.widget(_CANVAS).first.wait_for()
    notebook.widget(".nw-numbers table").wait_for()
    notebook.page.wait_for_timeout(5000)  # what is made after the images
    sample_mb = skypeer.resident_mb(notebook)
    for words in ("Take the suggestion", "Run 4 steps", "Fit", "90 % ranges"):
        button = notebook.widget(f"{_ACT}:has-text('{words}')")
        button.click(timeout=_WAIT_MS)
    notebook.widget(f"{_ACT}:has-text('Show the code')").wait_for(timeout=_WAIT_MS)
    for name in _LATER:
        notebook.widget(".nw-app-tab").filter(has_text=name).click()
        notebook.page.wait_for_timeout(3000)
    return Memory(sample_mb, skypeer.resident_mb(notebook))


def _table(shown: Images, whole: Images, memory: Memory, peer: skypeer.ImageAlone | None) -> Table:
    timed = (
        ("App(session) -> both sky images on the screen, fresh page", shown.first),
        ("again, new kernel", shown.again),
        ("imports, opening the sample, App -> images, fresh page", whole.first),
    )
    peers = (None,) * 3 if peer is None else (peer.shown.first, peer.shown.again, peer.whole.first)
    rows: list[Row | SizeRow] = [
        Row(what=what, timing=timing, peer=other, faster_at_least=FASTER)
        for (what, timing), other in zip(timed, peers, strict=True)
    ]
    rows += [
        SizeRow(
            what="kernel with the sample open",
            megabytes=memory.sample_mb,
            at_most_mb=MOST_MB,
            peer_mb=None if peer is None else peer.resident_mb,
        ),
        SizeRow(
            what="kernel after suggestion, run, fit and ranges, every panel opened",
            megabytes=memory.everything_mb,
        ),
    ]
    about = (
        skypeer.MISSING
        if peer is None
        else f"Peer: Imviz of jdaviz {peer.version} with the FPMA image of the same events."
    )
    return Table(
        title="The application: first panel and memory",
        rows=rows,
        notes=[
            "The simulated sample, 62,545 events a module. From the start of the cell, by the "
            "page's own clock, until the images are painted.",
            about,
        ],
    )
