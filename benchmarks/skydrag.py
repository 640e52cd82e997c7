"""A region dragged in a real browser: what follows the hand, how soon; and jdaviz beside it."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from time import sleep

import numpy as np
from astropy.io import fits

from benchmarks import skypeer
from benchmarks.dragrecord import DragRecord
from benchmarks.eventfiles import CENTRES, EventFiles
from benchmarks.rows import Row, Table
from benchmarks.skypage import WINDOW, Images, drag, images, lent, opened
from benchmarks.skypeer import Peer
from benchmarks.timing import Timing
from nustar_widgets.instrument import MODULES, SKY_PIXEL_DEG, SKY_SIZE
from tests.browser import chromium as browsers
from tests.browser.chromium import Chromium
from tests.browser.notebook import Notebook

N_EVENTS = 1_000_000
STEPS = 120
REACH_PX = 24.0  # stays clear of the background around it
DRAGS = 8
RADIUS_PIX = 20.0

_BEFORE = """
import ipywidgets
from nustar_widgets.events.regions import SkyAnnulus, SkyCircle, SkyRegion
from nustar_widgets.panels.lightcurve import LightCurvePanel
from nustar_widgets.panels.sky import SkyPanel
from nustar_widgets.session.session import Session
from nustar_widgets.session.values import ModuleInputs, ModuleRegions, Regions
regions = ModuleRegions(
    source=SkyRegion((SkyCircle(321.937, 56.944, {radius}),)),
    background=SkyRegion((SkyAnnulus(321.937, 56.944, {inner}, {outer}),)),
)
session = Session(
    inputs=tuple(ModuleInputs(module=name, events=path) for name, path in {events!r}.items()),
    regions=Regions(fpma=regions, fpmb=regions),
)
"""
_SKY = "sky = SkyPanel(session)\nsky"
_BOTH = """
sky, curves = SkyPanel(session), LightCurvePanel(session)
ipywidgets.VBox([curves, sky])
"""
# In the thread that hears the page: JupyterLab gives widgets one of their own, so that a busy cell
# would only take half the processor.
_BUSY = """
import time
def work(_):
    end = time.perf_counter() + 0.3
    while time.perf_counter() < end:
        pass
sky.view.observe(work, "drag")
"""

_CANVAS = ".nw-sky-pane canvas"
_PLOTS = {"spectrum": ".nw-spectrum .bqplot", "light curve": ".nw-lightcurve .bqplot"}
_WATCHED = {
    "root": ".nw-sky",
    "numbers": ".nw-numbers",
    "outline": ".nw-outline",
    "plots": _PLOTS,
}
_SOURCE = ".nw-sky-pane[data-module=FPMA] g.nw-region.nw-source .nw-outline"
_ANSWERED = """
() => Number(document.querySelector('.nw-numbers [data-revision]').dataset.revision)
    >= Number(document.querySelector('.nw-sky').dataset.revision)
"""


def run(files: EventFiles) -> list[Table]:
    """Measure in JupyterLab; without a browser nothing is measured."""
    program = browsers.find()
    if program is None:
        return [Table(title="Sky panel in the browser", notes=[browsers.MISSING])]
    events = {name: files.plain(name, N_EVENTS) for name in MODULES}
    image = sky_image(events["FPMA"], files.folder / "sky.fits")
    x, y = CENTRES["FPMA"]
    with browsers.launched(program) as chromium:
        free, busy, shown = _ours(chromium, events)
        peer = skypeer.measured(chromium, image, circle=(x - 1.0, y - 1.0, 3 * RADIUS_PIX))
    return [_drag_table(free, busy, peer), _image_table(shown, peer), _peer_table(peer)]


def sky_image(events: Path, path: Path) -> Path:
    """Write what our panel shows as an image for the peer.

    Parameters
    ----------
    events
        Event list.
    path
        Where to.
    """
    with fits.open(events) as hdus:
        rows, header = hdus["EVENTS"].data, hdus["EVENTS"].header
        edges = np.arange(SKY_SIZE + 1) + 0.5
        counts, _, _ = np.histogram2d(rows["Y"], rows["X"], bins=(edges, edges))
    number = list(rows.columns.names).index("X") + 1
    wcs = fits.Header()
    for axis, (kind, step) in enumerate((("RA---TAN", -1), ("DEC--TAN", 1))):
        wcs[f"CTYPE{axis + 1}"], wcs[f"CUNIT{axis + 1}"] = kind, "deg"
        wcs[f"CRPIX{axis + 1}"] = header[f"TCRPX{number + axis}"]
        wcs[f"CRVAL{axis + 1}"] = header[f"TCRVL{number + axis}"]
        wcs[f"CDELT{axis + 1}"] = step * SKY_PIXEL_DEG
    fits.writeto(path, counts.astype(np.float32), wcs, overwrite=True)
    return path


def _ours(
    chromium: Chromium, events: dict[str, Path]
) -> tuple[list[DragRecord], list[DragRecord], dict[str, Images]]:
    arcsec = SKY_PIXEL_DEG * 3600.0
    before = _BEFORE.format(
        radius=RADIUS_PIX * arcsec,
        inner=50 * arcsec,
        outer=80 * arcsec,
        events={name: str(path) for name, path in events.items()},
    )
    with opened(chromium, python=sys.executable) as lab:
        shown = {
            cell: images(
                lab, imports=before, cell=cell, css=_CANVAS, count=len(events), pages=3, more=2
            )
            for cell in (_SKY, _BOTH)
        }
        with lent(lab) as notebook:
            notebook.run(before, _BOTH)
            notebook.widget(_SOURCE).wait_for()
            # Curves above images: so all that follows the hand is in sight at once.
            notebook.widget(".nw-lightcurve").evaluate("panel => panel.scrollIntoView()")
            notebook.page.wait_for_timeout(2000)  # all that is drawn but once
            free = _drags(notebook)
            notebook.py(_BUSY)
            busy = _drags(notebook)
            _keep_picture(notebook)
    return free, busy, shown


def _keep_picture(notebook: Notebook) -> None:
    """Leave a screenshot where one is wanted: what was measured should have been in sight."""
    if folder := os.environ.get("NUSTAR_WIDGETS_SCREENSHOTS"):
        notebook.photograph(Path(folder))


def _drags(notebook: Notebook) -> list[DragRecord]:
    return [_drag(notebook, REACH_PX * (-1) ** n) for n in range(DRAGS + 1)][1:]


def _drag(notebook: Notebook, reach_px: float) -> DragRecord:
    page = notebook.page
    box = notebook.widget(_SOURCE).bounding_box()
    assert box is not None, "the source region is not on the screen"
    at = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.evaluate("watched => skywatch.begin(watched)", _WATCHED)
    drag(notebook, at, steps=STEPS, reach_px=reach_px)
    page.wait_for_function(_ANSWERED)
    sleep(0.4)  # the plots come after the numbers
    return DragRecord.of(page.evaluate("() => skywatch.end()"))


# -- tables -------------------------------------------------------------------------------


def _pooled(records: Sequence[DragRecord], delays: Callable[[DragRecord], list[float]]) -> Timing:
    return Timing(tuple(delay for record in records for delay in delays(record)))


def _drag_table(free: Sequence[DragRecord], busy: Sequence[DragRecord], peer: Peer | None) -> Table:
    return Table(
        title="Sky panel: a circle dragged, 1 million events a module",
        rows=[
            Row(what="frame to frame", timing=_pooled(free, _frames), p95_at_most_s=0.020),
            Row(
                what="frame to frame, kernel busy for 300 ms at each step",
                timing=_pooled(busy, _frames),
                p95_at_most_s=0.020,
            ),
            Row(
                what="mouse moved: outline drawn",
                timing=_pooled(free, _outlines),
                peer=None if peer is None else peer.outline,
            ),
            Row(
                what="mouse moved: outline drawn, kernel busy for 300 ms at each step",
                timing=_pooled(busy, _outlines),
            ),
            Row(
                what="mouse moved: counts and S/N of it drawn",
                timing=_pooled(free, lambda record: record.number_delays_s),
                p95_at_most_s=0.100,
                peer=None if peer is None else peer.photometry,
                faster_at_least=5.0,
            ),
            Row(
                what="every move: counts and S/N as new drawn",
                timing=_pooled(free, lambda record: record.every_number_delay_s),
                p95_at_most_s=0.100,
            ),
            *(_plot_row(free, plot) for plot in _PLOTS),
        ],
        notes=_drag_notes(free, busy),
    )


def _frames(record: DragRecord) -> list[float]:
    return record.frame_intervals_s


def _outlines(record: DragRecord) -> list[float]:
    return record.outline_delays_s


def _plot_row(records: Sequence[DragRecord], plot: str) -> Row:
    return Row(
        what=f"mouse moved: {plot} of it drawn",
        timing=_pooled(records, lambda record: record.plot_delays_s(plot)),
        p95_at_most_s=0.150,
    )


def _drag_notes(free: Sequence[DragRecord], busy: Sequence[DragRecord]) -> list[str]:
    records = [*free, *busy]
    moves = sum(len(record.moves) for record in free)
    answers = sum(len(record.number_delays_s) for record in free)
    sent = sum(record.sent for record in free)
    return [
        f"JupyterLab in headless Chromium, window {WINDOW['width']} x {WINDOW['height']}: sky "
        f"panel and light-curve panel in one cell. {DRAGS} drags of {STEPS} moves at 60 Hz, free "
        "and busy. From the browser's stamp of the mouse event to the frame that was painted.",
        f"{moves} moves were drawn, {answers} of them answered by the kernel before a newer one "
        'took their place. "Of it" counts those that were answered; "every move" all, until the '
        "numbers of the move or of a newer one were there. A plot's time is that of its first "
        "change with or after the numbers.",
        f"Drag messages the kernel had not finished at one time: at most "
        f"{max(record.in_flight for record in records)} (target 1). {sent} messages of "
        f"{_mean(free, 'sent_bytes', sent) / 1e3:.2f} kB for {moves} moves; "
        f"{_mean(free, 'received_bytes', sent) / 1e3:.1f} kB come back for each.",
        f"Older states seen after newer ones: {sum(record.went_back for record in records)} "
        "(target 0).",
        'Peer of the outline: the copy jdaviz lets one drag. Peer of the counts: from "Calculate" '
        "to the new sum, see below.",
    ]


def _mean(records: Sequence[DragRecord], name: str, number: int) -> float:
    return float(sum(getattr(record, name) for record in records)) / max(number, 1)


def _image_table(shown: Mapping[str, Images], peer: Peer | None) -> Table:
    return Table(
        title="Sky panel: from the call to the image",
        rows=[*_image_rows("sky panel", shown[_SKY], peer), *_image_rows("both", shown[_BOTH])],
        notes=[
            "From starting the cell, everything imported before, until the pixels of all its "
            "images are not blank; first in a page, and again with a new kernel. Ours reads two "
            "event lists of a million events and shows both modules, regions, numbers and plots; "
            "the peer reads one image of 1000 x 1000 pixels from FITS: `Imviz()`, "
            '`load(..., format="Image")`, `show()`. "Both": with the light-curve panel below.',
            f"{_times(shown[_SKY])} ours"
            + ("." if peer is None else f", {_times(peer.image)} the peer's."),
        ],
    )


def _image_rows(what: str, shown: Images, peer: Peer | None = None) -> list[Row]:
    first, again = (None, None) if peer is None else (peer.image.first, peer.image.again)
    return [
        Row(what=f"{what}, first in a page", timing=shown.first, peer=first, faster_at_least=5.0),
        Row(what=f"{what}, again", timing=shown.again, peer=again, faster_at_least=5.0),
    ]


def _times(shown: Images) -> str:
    return f"{len(shown.first.seconds)} and {len(shown.again.seconds)} times"


def _peer_table(peer: Peer | None) -> Table:
    title = "The peer: jdaviz"
    if peer is None:
        return Table(title=title, notes=[skypeer.MISSING])
    return Table(
        title=f"{title} {peer.version}",
        rows=[
            Row(what="`from jdaviz import Imviz`", timing=peer.import_s),
            Row(what="circle pressed: it can be dragged", timing=peer.grasped),
            Row(what="mouse moved: dragged copy of the circle drawn", timing=peer.outline),
            Row(what="let go: the circle itself redrawn", timing=peer.subset),
            Row(what='"Calculate" clicked: new sum drawn', timing=peer.photometry),
        ],
        notes=[
            "While a circle is dragged nothing else follows it: no number, no plot (the selection "
            "is taken when the mouse button is let go). A number needs a click in Aperture "
            "Photometry after that; the hand's way there is not counted.",
            "The copy under the hand is drawn in the page, as ours is: a frame is the least "
            "either can need, and no one can be five times faster there. The peer's time is to the "
            "first change after a move, which may belong to the move before: it flatters the peer; "
            "ours is to the very state of the move.",
        ],
    )
