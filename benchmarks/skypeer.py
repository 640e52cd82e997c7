"""The same image in jdaviz's Imviz: how soon it is seen, and what a dragged circle brings.

jdaviz lives in an environment of its own, because it and this package want different bqplots.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.skypage import Images, drag, images, lent, opened, timed_after
from benchmarks.timing import Timing
from tests.browser.chromium import Chromium
from tests.browser.notebook import Lab, Notebook

VARIABLE = "NUSTAR_WIDGETS_JDAVIZ"
MISSING = (
    "No peer: make an environment with `pip install jdaviz jupyterlab` and name its Python in "
    f"{VARIABLE}."
)
STEPS = 50
REACH_PX = 60.0
DRAGS = 5

_IMPORTS = "import warnings; warnings.simplefilter('ignore')\nfrom jdaviz import Imviz"
_CELL = """
imviz = Imviz()
imviz.load({path!r}, format="Image", data_label="sky")
imviz.show()
"""
_CANVAS = ".bqplot canvas"
_CIRCLE = """
from regions import CirclePixelRegion, PixCoord
subsets, photometry = imviz.plugins["Subset Tools"], imviz.plugins["Aperture Photometry"]
subsets.import_region(CirclePixelRegion(PixCoord({x}, {y}), {radius}))
photometry.dataset, photometry.aperture = photometry.dataset.choices[0], "Subset 1"
photometry.calculate_photometry()
photometry.open_in_tray()
state = imviz.default_viewer._obj.glue_viewer.state
"""
# The circle under the hand: drawn only once the circle has been clicked on.
_HAND = ".bqplot ellipse[style*='grab']"
_CALCULATE = "button:has-text('Calculate')"
_SUM = """
(() => {
    const rows = () => [...document.querySelectorAll('.row')].filter(
        row => row.children[0]?.textContent.trim() === 'sum').map(row => row.textContent).join();
    const before = rows();
    return () => rows() !== before;
})()
"""


@dataclass(frozen=True, kw_only=True)
class Peer:
    """What was measured of jdaviz.

    Parameters
    ----------
    version
        Of jdaviz.
    import_s
        Importing it in a process of its own [s].
    image
        From the call until the image is on the screen.
    grasped
        From a press on the circle until it can be dragged.
    outline
        From a move of the mouse until the dragged copy of the circle has been redrawn.
    subset
        From letting go until the subset itself has been redrawn.
    photometry
        From a click on "Calculate" until the new sum is on the screen.
    """

    version: str
    import_s: Timing
    image: Images
    grasped: Timing
    outline: Timing
    subset: Timing
    photometry: Timing


def measured(chromium: Chromium, image: Path, *, circle: tuple[float, float, float]) -> Peer | None:
    """Measure on a FITS image; None where there is no jdaviz.

    Parameters
    ----------
    chromium
        The browser.
    image
        Image with a TAN WCS.
    circle
        Centre and radius of what is dragged [pixels, the first is 0].
    """
    python = os.environ.get(VARIABLE)
    if not python:
        return None
    with opened(chromium, python=python) as lab:
        cell = _CELL.format(path=str(image))
        shown = _shown(lab, cell)
        with lent(lab) as notebook:
            notebook.run(_IMPORTS, cell)
            grasped, outline, subset, photometry = _dragged(notebook, circle)
    return Peer(
        version=_version(python),
        import_s=Timing(tuple(float(_told(python, _IMPORT)) for _ in range(3))),
        image=shown,
        grasped=grasped,
        outline=outline,
        subset=subset,
        photometry=photometry,
    )


@dataclass(frozen=True, kw_only=True)
class ImageAlone:
    """What was measured of an image that is only shown.

    Parameters
    ----------
    version
        Of jdaviz.
    shown
        From the call until the image is on the screen.
    whole
        The same with the imports.
    resident_mb
        Resident size of the kernel then [MB of 1e6 bytes].
    """

    version: str
    shown: Images
    whole: Images
    resident_mb: float


def image_alone(chromium: Chromium, image: Path) -> ImageAlone | None:
    """Measure how a FITS image comes to the screen; None where there is no jdaviz.

    Parameters
    ----------
    chromium
        The browser.
    image
        Image with a TAN WCS.
    """
    python = os.environ.get(VARIABLE)
    if not python:
        return None
    cell = _CELL.format(path=str(image))
    with opened(chromium, python=python) as lab:
        shown = _shown(lab, cell)
        whole = images(
            lab, imports="pass", cell=f"{_IMPORTS}\n{cell}", css=_CANVAS, count=1, pages=2, more=1
        )
        with lent(lab) as notebook:
            notebook.run(_IMPORTS, cell)
            notebook.widget(_CANVAS).first.wait_for()
            notebook.page.wait_for_timeout(5000)  # what is made after the image
            size = resident_mb(notebook)
    return ImageAlone(
        version=_version(python),
        shown=shown,
        whole=whole,
        resident_mb=size,
    )


def _shown(lab: Lab, cell: str) -> Images:
    return images(lab, imports=_IMPORTS, cell=cell, css=_CANVAS, count=1, pages=3, more=2)


def _version(python: str) -> str:
    return _told(python, "import jdaviz; print(jdaviz.__version__)")


def resident_mb(notebook: Notebook) -> float:
    """Return the resident size of a notebook's kernel [MB of 1e6 bytes]."""
    return float(notebook.py("import psutil; print(psutil.Process().memory_info().rss / 1e6)"))


_IMPORT = "import time; t = time.time(); from jdaviz import Imviz; print(time.time() - t)"


def _told(python: str, code: str) -> str:
    ran = subprocess.run(
        [python, "-W", "ignore", "-c", code], capture_output=True, text=True, check=True
    )
    return ran.stdout.split()[-1]


def _dragged(notebook: Notebook, circle: tuple[float, float, float]) -> Sequence[Timing]:
    x, y, radius = circle
    notebook.widget(_CANVAS).first.wait_for()
    notebook.py(_CIRCLE.format(x=x, y=y, radius=radius))
    calculate = notebook.widget(_CALCULATE)
    calculate.wait_for()
    at = _on_screen(notebook, x, y)
    told = [
        _drag(notebook, (at[0], at[1] + REACH_PX * (n % 2)), REACH_PX * (-1) ** n)
        for n in range(DRAGS + 1)
    ][1:]
    grasped, outlines, subset, photometry = zip(*told, strict=True)
    return (
        Timing(grasped),
        Timing(tuple(delay for delays in outlines for delay in delays)),
        Timing(subset),
        Timing(photometry),
    )


def _on_screen(notebook: Notebook, x: float, y: float) -> tuple[float, float]:
    """Where a pixel of the image is in the window."""
    limits = notebook.py("print(state.x_min, state.x_max, state.y_min, state.y_max)")
    left, right, bottom, top = map(float, limits.split())
    box = notebook.widget(".bqplot .plotarea_events").first.bounding_box()
    assert box is not None, "the image is not on the screen"
    return (
        box["x"] + (x - left) / (right - left) * box["width"],
        box["y"] + (top - y) / (top - bottom) * box["height"],
    )


def _drag(
    notebook: Notebook, at: tuple[float, float], reach_px: float
) -> tuple[float, Sequence[float], float, float]:
    page = notebook.page
    page.mouse.move(*at)
    here = f"() => document.querySelector({_HAND!r})?.closest('g').style.visibility === 'visible'"
    grasped = timed_after(notebook, "pointerdown", here, lambda: page.mouse.click(*at))
    page.evaluate("css => skywatch.follow(css, 'cx')", _HAND)
    other = f"skywatch.otherPixels({_CANVAS!r})"
    subset = timed_after(
        notebook, "pointerup", other, lambda: drag(notebook, at, steps=STEPS, reach_px=reach_px)
    )
    seen = page.evaluate("() => skywatch.stop()")
    sums = timed_after(notebook, "click", _SUM, lambda: notebook.widget(_CALCULATE).click())
    return grasped, _delays(seen["moves"], seen["changes"]), subset, sums


def _delays(moves: Sequence[float], changes: Sequence[float]) -> list[float]:
    """From each move until the first change painted after it [s]."""
    found = [next((change for change in changes if change > move), None) for move in moves]
    return [
        (change - move) / 1e3
        for change, move in zip(found, moves, strict=True)
        if change is not None
    ]
