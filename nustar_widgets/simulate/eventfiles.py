"""Writing what one module brings home: event list, good time intervals, housekeeping.

The event list has the columns of a cleaned one, in its order, 35 bytes a row, and the keywords
nupipeline sets. Its EXPOSURE follows from the housekeeping by nulivetime's rule: the live time of
the good seconds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from nustar_widgets.instrument import N_CHANNELS, PI_NULL, SKY_PIXEL_DEG, SKY_SIZE
from nustar_widgets.simulate.cards import table, write_file
from nustar_widgets.simulate.modules import CENTRE_PIXEL, POINTING_DEC_DEG, POINTING_RA_DEG
from nustar_widgets.simulate.timeline import good_fraction

if TYPE_CHECKING:
    from pathlib import Path

    from astropy.io import fits

    from nustar_widgets.simulate.draw import Housekeeping, ModuleRecord
    from nustar_widgets.simulate.modules import Module
    from nustar_widgets.simulate.timeline import Timeline

_DETECTOR_PLANES = {"DET1X": 360, "DET1Y": 360, "DET2X": 600, "DET2Y": 600}
_DETECTOR_PIXEL_MM = 0.12096


def exposure_cards(housekeeping: Housekeeping, timeline: Timeline) -> dict[str, Any]:
    """ONTIME, DEADC and the exposures that follow from them.

    Parameters
    ----------
    housekeeping
        Live time of every second.
    timeline
        The good time.
    """
    good = good_fraction(timeline)
    deadc = float(housekeeping.live_s @ good / good.sum())
    live = timeline.good_s * deadc
    return {
        "ONTIME": (timeline.good_s, "On-source time"),
        "LIVETIME": (live, "On-source time corrected for dead time"),
        "EXPOSURE": (live, "Exposure time"),
        "DEADC": (deadc, "Deadtime correction"),
        "DEADAPP": (False, "Has DEADC been applied to data"),
        "OBS_MODE": ("SCIENCE", "Observing mode"),
        "OBSMODE": ("SCIENCE", "Observing mode selection"),
        "TIMEZERO": (0.0, "Time Zero"),
    }


def write_events(path: Path, module: Module, record: ModuleRecord, timeline: Timeline) -> None:
    """Write the cleaned event list.

    Parameters
    ----------
    path
        The file.
    module
        The module.
    record
        Its events and housekeeping.
    timeline
        When it looked.
    """
    tables = [_event_table(record), gti_table(timeline, "GTI")]
    cards = exposure_cards(record.housekeeping, timeline)
    cards["PA_PNT"] = (module.plane.roll_deg, "[deg] Position angle (roll)")
    write_file(path, tables, timeline=timeline, instrument=module.name, cards=cards)


def write_gti(path: Path, module: Module, record: ModuleRecord, timeline: Timeline) -> None:
    """Write the good time intervals as a file of their own; parameters as ``write_events``."""
    write_file(
        path,
        [gti_table(timeline, "STDGTI")],
        timeline=timeline,
        instrument=module.name,
        cards=exposure_cards(record.housekeeping, timeline),
    )


def write_housekeeping(
    path: Path, module: Module, record: ModuleRecord, timeline: Timeline
) -> None:
    """Write the detector's housekeeping, a row per second; parameters as ``write_events``."""
    rows = record.housekeeping
    frame = (rows.time - rows.time[0]).astype(np.int32)
    accepted = np.histogram(record.events.time, np.append(rows.time, rows.time[-1] + 1.0))[0]
    write_file(
        path,
        [
            table(
                "HK1FPM",
                [
                    ("TIME", "D", "s", rows.time),
                    ("FRAME24", "J", "s", frame),
                    ("LIVETIME_RAW", "D", "s", rows.live_s),
                    ("LIVETIME", "D", "s", rows.live_s),
                    ("NEV", "J", "ct/s", rows.processed),
                    ("NACCEPT", "J", "ct/s", accepted),
                    ("NREJECT", "J", "ct/s", np.maximum(rows.processed - accepted, 0)),
                ],
                {
                    "HDUCLASS": "OGIP",
                    "HDUCLAS1": "TEMPORALDATA",
                    "HDUCLAS2": "HKP",
                    "TIMEPIXR": (0.0, "TIME is the start of the second"),
                },
            )
        ],
        timeline=timeline,
        instrument=module.name,
    )


def gti_table(timeline: Timeline, name: str) -> fits.BinTableHDU:
    """Good time intervals as an OGIP extension.

    Parameters
    ----------
    timeline
        When the telescope looks.
    name
        EXTNAME: ``GTI`` inside an event list, ``STDGTI`` in a file of its own.
    """
    columns = [("START", "D", "s", timeline.start), ("STOP", "D", "s", timeline.stop)]
    return table(name, columns, {"HDUCLASS": "OGIP", "HDUCLAS1": "GTI", "HDUCLAS2": "STANDARD"})


def _event_table(record: ModuleRecord) -> fits.BinTableHDU:
    events = record.events
    pixels = [
        (f"{plane}{axis}", "I", "pixel", values[:, index])
        for plane, values in (("DET1", events.det1), ("DET2", events.det2), ("", events.sky))
        for index, axis in enumerate("XY")
    ]
    columns = [
        ("TIME", "D", "s", events.time),
        ("DET_ID", "B", "NA", events.det_id),
        ("RAWX", "B", "NA", events.raw[:, 0]),
        ("RAWY", "B", "NA", events.raw[:, 1]),
        ("STATUS", "16X", None, np.zeros((len(events), 16), dtype=np.bool_)),
        ("GRADE", "I", None, record.grade),
        ("SURRPI", "J", None, record.surrpi),
        ("PI", "J", "chan", events.pi),
        *pixels,
    ]
    hdu = table(
        "EVENTS",
        columns,
        {"HDUCLASS": "OGIP", "HDUCLAS1": "EVENTS", "HDUCLAS2": "ALL", "DEPTHCUT": "NOMINAL"},
    )
    hdu.header.update(_column_cards([name for name, *_ in columns]))
    return hdu


def _column_cards(names: list[str]) -> dict[str, Any]:
    """Limits, null values and coordinates of the event columns."""
    number = {name: index for index, name in enumerate(names, start=1)}
    cards: dict[str, Any] = {}
    limits = {"DET_ID": (0, 3), "RAWX": (0, 31), "RAWY": (0, 31), "GRADE": (0, 32)}
    limits |= {"PI": (0, N_CHANNELS - 1), "X": (1, SKY_SIZE), "Y": (1, SKY_SIZE)}
    limits |= {name: (1, size) for name, size in _DETECTOR_PLANES.items()}
    for name, (low, high) in limits.items():
        cards |= {f"TLMIN{number[name]}": low, f"TLMAX{number[name]}": high}
    for name in _DETECTOR_PLANES:
        n = number[name]
        cards |= {f"TNULL{n}": PI_NULL, f"TCDLT{n}": _DETECTOR_PIXEL_MM}
        cards |= {f"TCTYP{n}": name, f"TCUNI{n}": "mm"}
    cards[f"TNULL{number['PI']}"] = PI_NULL
    for name, kind, centre, step in (
        ("X", "RA---TAN", POINTING_RA_DEG, -SKY_PIXEL_DEG),
        ("Y", "DEC--TAN", POINTING_DEC_DEG, SKY_PIXEL_DEG),
    ):
        n = number[name]
        cards |= {f"TNULL{n}": -1, f"TCTYP{n}": kind, f"TCUNI{n}": "deg"}
        cards |= {f"TCRPX{n}": CENTRE_PIXEL, f"TCRVL{n}": centre, f"TCDLT{n}": step}
    return cards
