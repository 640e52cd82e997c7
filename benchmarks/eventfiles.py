"""Event lists to measure on: the official layout, 35 bytes a row, and made up otherwise.

60 % of the events come from a point source whose King-like profile puts 55 % of them within 20
pixels, the rest evenly from the field of view: a source circle of 20 pixels then holds a third of
the whole file, which is the worst case. Twenty-five orbits of 3300 s within 143 ks.
"""

from __future__ import annotations

import gzip
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import numpy as np
from astropy.io import fits

from nustar_widgets.instrument import (
    MJDREFF,
    MJDREFI,
    N_CHANNELS,
    SKY_PIXEL_DEG,
    SKY_SIZE,
    TELESCOP,
)

if TYPE_CHECKING:
    from typing import TypeAlias

    from numpy.typing import NDArray

    Times: TypeAlias = NDArray[np.floating]

RADIUS_PIX = 20.0
CENTRES = {"FPMA": (497.3, 503.7), "FPMB": (501.6, 499.2)}

_FORMS = {
    "TIME": "1D", "DET_ID": "1B", "RAWX": "1B", "RAWY": "1B", "STATUS": "16X", "GRADE": "1I",
    "SURRPI": "1J", "PI": "1J", "DET1X": "1I", "DET1Y": "1I", "DET2X": "1I", "DET2Y": "1I",
    "X": "1I", "Y": "1I",
}  # fmt: skip
_BYTES = {"1D": ">f8", "1B": "u1", "16X": ">u2", "1I": ">i2", "1J": ">i4"}
_ROW = np.dtype([(name, _BYTES[form]) for name, form in _FORMS.items()])

_SOURCE_FRACTION = 0.6
_CORE_PIX = 18.1  # r^2 / (r^2 + core^2) = 0.55 at 20 pixels
_FIELD_HALF_PIX = 230
_T_START, _ORBIT_S, _GOOD_S, _N_ORBITS = 2.0e8, 5800.0, 3300.0, 25
_DEADC = 0.95
_ROWS_PER_WRITE = 1 << 20
_BLOCK = 2880


@dataclass(frozen=True)
class EventFiles:
    """A folder of event lists, each written when it is first asked for.

    Parameters
    ----------
    folder
        Where they lie; the caller removes it.
    """

    folder: Path

    def plain(self, module: str, n_events: int) -> Path:
        """Uncompressed event list of one module."""
        path = self.folder / f"nu90000000001{module[-1]}01_{n_events}_cl.evt"
        if not path.exists():
            _write(path, module, n_events)
        return path

    def compressed(self, module: str, n_events: int) -> Path:
        """Return the same as .gz, at gzip's own level 6."""
        plain = self.plain(module, n_events)
        path = plain.with_name(plain.name + ".gz")
        if not path.exists():
            with plain.open("rb") as source, gzip.open(path, "wb", compresslevel=6) as target:
                shutil.copyfileobj(source, target)
        return path


def _write(path: Path, module: str, n_events: int) -> None:
    starts = _T_START + _ORBIT_S * np.arange(_N_ORBITS)
    rng = np.random.default_rng([n_events, ord(module[-1])])
    live = np.sort(rng.random(n_events)) * _N_ORBITS * _GOOD_S
    orbit = (live // _GOOD_S).astype(np.intp)
    times = starts[orbit] + (live - orbit * _GOOD_S)
    with path.open("wb") as file:
        file.write(fits.PrimaryHDU().header.tostring().encode("ascii"))
        file.write(_event_header(module, n_events).tostring().encode("ascii"))
        for first in range(0, n_events, _ROWS_PER_WRITE):
            _rows(times[first : first + _ROWS_PER_WRITE], CENTRES[module], rng).tofile(file)
        _pad(file)
        _write_gti(file, starts)


def _rows(
    times: Times,
    centre: tuple[float, float],
    rng: np.random.Generator,
) -> NDArray[np.void]:
    n = times.size
    rows = np.zeros(n, _ROW)
    share = 0.99 * rng.random(n)  # of the source's events inside the radius
    radius, angle = _CORE_PIX * np.sqrt(share / (1 - share)), 2 * np.pi * rng.random(n)
    source = rng.random(n) < _SOURCE_FRACTION
    for name, middle, offset in (
        ("X", centre[0], radius * np.cos(angle)),
        ("Y", centre[1], radius * np.sin(angle)),
    ):
        field = SKY_SIZE / 2 + _FIELD_HALF_PIX * (2 * rng.random(n) - 1)
        rows[name] = np.rint(np.where(source, middle + offset, field))
    soft = np.minimum(20 + rng.exponential(200.0, n), N_CHANNELS - 1)
    rows["PI"] = rows["SURRPI"] = soft
    rows["TIME"] = times
    middle = SKY_SIZE / 2
    rows["DET_ID"] = 2 * (rows["Y"] > middle) + (rows["X"] > middle)  # chips are seen as quarters
    rows["RAWX"], rows["RAWY"] = rng.integers(0, 32, (2, n))
    rows["GRADE"] = rng.integers(0, 27, n)
    for plane in ("DET1X", "DET1Y", "DET2X", "DET2Y"):
        rows[plane] = rng.integers(1, 361, n)
    return rows


def _event_header(module: str, n_events: int) -> fits.Header:
    empty = fits.BinTableHDU.from_columns(
        [fits.Column(name, form) for name, form in _FORMS.items()], nrows=0, name="EVENTS"
    )
    header = empty.header
    ontime = _N_ORBITS * _GOOD_S
    header["NAXIS2"] = n_events
    header.update(
        TELESCOP=TELESCOP, INSTRUME=module, OBS_ID="90000000001", OBJECT="benchmark",
        MJDREFI=MJDREFI, MJDREFF=MJDREFF, TIMEZERO=0.0, RADECSYS="FK5", EQUINOX=2000.0,
        ONTIME=ontime, LIVETIME=ontime * _DEADC, EXPOSURE=ontime * _DEADC, DEADC=_DEADC,
    )  # fmt: skip
    for name, kind, value, step in (
        ("X", "RA---TAN", 321.937, -SKY_PIXEL_DEG),
        ("Y", "DEC--TAN", 56.944, SKY_PIXEL_DEG),
    ):
        number = list(_FORMS).index(name) + 1
        cards = {"TCTYP": kind, "TCUNI": "deg", "TCRPX": 500.5, "TCRVL": value, "TCDLT": step}
        cards |= {"TLMIN": 1, "TLMAX": SKY_SIZE, "TNULL": -1}
        header.update({f"{key}{number}": card for key, card in cards.items()})
    return header


def _write_gti(file: BinaryIO, starts: Times) -> None:
    rows = np.empty(starts.size, np.dtype([("START", ">f8"), ("STOP", ">f8")]))
    rows["START"], rows["STOP"] = starts, starts + _GOOD_S
    header = fits.BinTableHDU(rows, name="GTI").header
    file.write(header.tostring().encode("ascii"))
    rows.tofile(file)
    _pad(file)


def _pad(file: BinaryIO) -> None:
    """Fill the last block of 2880 bytes, as FITS wants."""
    file.write(b"\0" * (-file.tell() % _BLOCK))
