"""How long a fresh Python takes until it can work."""

from __future__ import annotations

import sys

from benchmarks.fresh import wall_clock
from benchmarks.rows import Row, Table
from benchmarks.timing import Timing

REPEATS = 5


def run() -> list[Table]:
    """Measure whole processes, interpreter start included."""
    return [
        Table(
            title="Start-up",
            rows=[
                Row(what="`python -c pass`, for comparison", timing=_python("pass")),
                _import("nustar_widgets", 0.3),
                Row(
                    what="`nustar-widgets --help`",
                    timing=_python("from nustar_widgets.cli import main; main()", "--help"),
                ),
                _import("nustar_widgets.events.live"),
                _import("nustar_widgets.spectra.folding"),
                _import("astropy.io.fits"),
            ],
            notes=[
                f"Whole processes from start to exit, interpreter included; median of {REPEATS}, "
                "files in the page cache.",
                "The front door imports nothing heavy. Extraction pays for NumPy, `scipy.sparse` "
                "and `astropy.io.fits` at first use; the last row is `astropy.io.fits` alone.",
            ],
        )
    ]


def _import(module: str, at_most_s: float | None = None) -> Row:
    return Row(
        what=f"`import {module}`",
        timing=_python(f"import {module}"),
        median_at_most_s=at_most_s,
    )


def _python(code: str, *arguments: str) -> Timing:
    return wall_clock([sys.executable, "-c", code, *arguments], repeats=REPEATS)
