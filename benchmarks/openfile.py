"""From an event file to its first spectrum, once, in a process of its own; prints JSON.

``python -m benchmarks.openfile ours|astropy FILE``. Imports are done before the clock starts; the
peak of memory is that of the whole process, Python and imports included.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from time import perf_counter, process_time

import numpy as np

from benchmarks.eventfiles import CENTRES, RADIUS_PIX
from benchmarks.fresh import peak_memory_mb

CENTRE = CENTRES["FPMA"]


def main(reader: str, path: str) -> None:
    first_spectrum = {"ours": _ours, "astropy": _astropy}[reader]()
    start, cpu_start = perf_counter(), process_time()
    counts = first_spectrum(path)
    cpu_seconds, seconds = process_time() - cpu_start, perf_counter() - start
    found = {
        "seconds": seconds,
        "cpu_seconds": cpu_seconds,
        "counts": counts,
        "peak_mb": peak_memory_mb(),
    }
    print(json.dumps(found))


def _ours() -> Callable[[str], int]:
    from nustar_widgets.events.eventlist import EventList  # noqa: PLC0415 - only what is measured
    from nustar_widgets.events.live import LiveExtractor  # noqa: PLC0415
    from nustar_widgets.events.regions import PixelCircle, PixelRegion  # noqa: PLC0415

    def first_spectrum(path: str) -> int:
        events = EventList.read(path)
        extractor = LiveExtractor.of(events)
        mask = PixelRegion((PixelCircle(*CENTRE, RADIUS_PIX),)).mask(events.grid)
        return int(extractor.move(mask).spectrum.sum())

    return first_spectrum


def _astropy() -> Callable[[str], int]:
    from astropy.table import Table  # noqa: PLC0415

    def first_spectrum(path: str) -> int:
        events = Table.read(path, hdu="EVENTS")
        x, y = np.asarray(events["X"], float), np.asarray(events["Y"], float)
        inside = np.hypot(x - CENTRE[0], y - CENTRE[1]) <= RADIUS_PIX
        spectrum, _ = np.histogram(events["PI"][inside], bins=4096, range=(0, 4096))
        return int(spectrum.sum())

    return first_spectrum


if __name__ == "__main__":
    main(*sys.argv[1:])
