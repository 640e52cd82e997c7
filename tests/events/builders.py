"""Small NuSTAR files of the official layout, for tests that need no real data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from astropy.io import fits

from nustar_widgets.events.eventlist import EventList
from nustar_widgets.events.gti import Gti
from nustar_widgets.events.skygrid import SkyGrid
from nustar_widgets.instrument import MJDREFF, MJDREFI, PI_NULL, SKY_PIXEL_DEG

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

# The fourteen columns of a cleaned event list, 35 bytes a row.
OFFICIAL_COLUMNS = {
    "TIME": "D", "DET_ID": "B", "RAWX": "B", "RAWY": "B", "STATUS": "16X", "GRADE": "I",
    "SURRPI": "J", "PI": "J", "DET1X": "I", "DET1Y": "I", "DET2X": "I", "DET2Y": "I",
    "X": "I", "Y": "I",
}  # fmt: skip
OBSID = "90000000199"
Pairs = Iterable[tuple[float, float]]


def write_event_file(
    path: Path,
    *,
    time: ArrayLike,
    x: ArrayLike,
    y: ArrayLike,
    pi: ArrayLike,
    gti: Pairs = ((0.0, 1000.0),),
    module: str = "FPMA",
    size: int = 1000,
    columns: Mapping[str, str] | None = None,
    keywords: Mapping[str, Any] | None = None,
    others: Sequence[fits.BinTableHDU] = (),
) -> Path:
    """Write a cleaned event list; compressed when the name ends in .gz.

    Parameters
    ----------
    path
        The file to make.
    time, x, y, pi
        (n,) columns.
    gti
        Good time intervals [s].
    module
        FPMA or FPMB.
    size
        Width and height of the sky plane [pixel].
    columns
        Names and TFORMs in the order wanted; the official ones when not given.
    keywords
        EVENTS keywords to set; None removes one.
    others
        Extensions to put between EVENTS and GTI.
    """
    forms = columns or OFFICIAL_COLUMNS
    values = {"TIME": time, "X": x, "Y": y, "PI": pi}
    n_rows = np.size(np.asarray(time))
    events = fits.BinTableHDU.from_columns(
        [_column(name, form, values, n_rows) for name, form in forms.items()], name="EVENTS"
    )
    events.header.update(_origin(module))
    for number, name in enumerate(forms, start=1):
        if name in ("X", "Y"):
            events.header.update(_sky_keywords(number, name, size))
    ontime = sum(stop - start for start, stop in gti)
    events.header.update({"ONTIME": ontime, "DEADC": 0.9, "EXPOSURE": 0.9 * ontime})
    for keyword, value in (keywords or {}).items():
        if value is None:
            del events.header[keyword]
        else:
            events.header[keyword] = value
    hdus = [fits.PrimaryHDU(), events, *others, gti_extension(gti, module=module)]
    fits.HDUList(hdus).writeto(path)
    return path


def event_list(
    *,
    time: ArrayLike,
    x: ArrayLike,
    y: ArrayLike,
    pi: ArrayLike,
    gti: Pairs = ((0.0, 1000.0),),
    size: int = 1000,
) -> EventList:
    """Make an event list without a file, for tests that need many.

    Parameters
    ----------
    time, x, y, pi
        (n,) columns.
    gti
        Good time intervals [s].
    size
        Width and height of the sky plane [pixel].
    """
    good = Gti.from_pairs(gti)
    return EventList(
        path=Path("built.evt"),
        obsid=OBSID,
        module="FPMA",
        mode="01",
        object_name="BUILT",
        x=np.asarray(x, np.int16),
        y=np.asarray(y, np.int16),
        pi=np.asarray(pi, np.int16),
        time=np.asarray(time, np.float64),
        det_id=None,
        gti=good,
        grid=SkyGrid(
            nx=size,
            ny=size,
            crpix_x=(size + 1) / 2,
            crpix_y=(size + 1) / 2,
            crval_ra_deg=187.2779,
            crval_dec_deg=-36.5213,
            cdelt_x_deg=-SKY_PIXEL_DEG,
            cdelt_y_deg=SKY_PIXEL_DEG,
        ),
        ontime_s=good.duration_s,
        livetime_s=0.9 * good.duration_s,
        exposure_s=0.9 * good.duration_s,
        deadc=0.9,
        mjdref=MJDREFI + MJDREFF,
        header=fits.Header(),
    )


def gti_extension(gti: Pairs, *, name: str = "GTI", module: str = "FPMA") -> fits.BinTableHDU:
    """Good time intervals as an extension of an event list."""
    table = np.asarray(list(gti), np.float64).reshape(-1, 2)
    extension = fits.BinTableHDU.from_columns(
        [
            fits.Column("START", "D", unit="s", array=table[:, 0]),
            fits.Column("STOP", "D", unit="s", array=table[:, 1]),
        ],
        name=name,
    )
    extension.header.update(_origin(module))
    extension.header["HDUCLAS1"] = "GTI"
    return extension


def write_housekeeping(
    path: Path, *, time: ArrayLike, livetime: ArrayLike, module: str = "FPMA"
) -> Path:
    """Write a housekeeping file with the columns dead time needs.

    Parameters
    ----------
    path
        The file to make.
    time
        (n,) start of each second [s].
    livetime
        (n,) livetime in it [s].
    module
        FPMA or FPMB.
    """
    table = fits.BinTableHDU.from_columns(
        [
            fits.Column("TIME", "D", unit="s", array=np.asarray(time)),
            fits.Column("FRAME24", "J", array=np.arange(np.size(np.asarray(time)))),
            fits.Column("LIVETIME_RAW", "D", unit="s", array=np.asarray(livetime)),
            fits.Column("LIVETIME", "D", unit="s", array=np.asarray(livetime)),
        ],
        name="HK1FPM",
    )
    table.header.update(_origin(module))
    fits.HDUList([fits.PrimaryHDU(), table]).writeto(path)
    return path


def _column(name: str, form: str, values: Mapping[str, ArrayLike], n_rows: int) -> fits.Column:
    null = {"PI": PI_NULL, "X": -1, "Y": -1}.get(name) if form[-1] in "IJ" else None
    if name in values:
        return fits.Column(name, form, null=null, array=np.asarray(values[name]))
    shape = (n_rows, 16) if form == "16X" else (n_rows,)
    return fits.Column(name, form, array=np.zeros(shape, bool if form == "16X" else int))


def _origin(module: str) -> dict[str, Any]:
    return {
        "TELESCOP": "NuSTAR", "INSTRUME": module, "OBS_ID": OBSID, "OBJECT": "BUILT",
        "TIMESYS": "TT", "MJDREFI": MJDREFI, "MJDREFF": MJDREFF, "TIMEUNIT": "s",
        "RADECSYS": "FK5", "EQUINOX": 2000.0,
    }  # fmt: skip


def _sky_keywords(number: int, name: str, size: int) -> dict[str, Any]:
    is_x = name == "X"
    return {
        f"TLMIN{number}": 1,
        f"TLMAX{number}": size,
        f"TCTYP{number}": "RA---TAN" if is_x else "DEC--TAN",
        f"TCRVL{number}": 187.2779 if is_x else -36.5213,
        f"TCRPX{number}": (size + 1) / 2,
        f"TCDLT{number}": -SKY_PIXEL_DEG if is_x else SKY_PIXEL_DEG,
        f"TCUNI{number}": "deg",
    }
