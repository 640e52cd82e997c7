"""A cleaned NuSTAR event list in memory.

Only what counting needs is kept: sky pixel, energy channel, time, and the detector for chip maps.
Values stay as the file has them, nulls included: a null position (-1) or channel (-4095) lies
outside every grid and so outside every selection, by itself.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from nustar_widgets.errors import InputFileError
from nustar_widgets.events.fitsheader import real
from nustar_widgets.events.gti import Gti, GtiCandidates
from nustar_widgets.events.skygrid import SkyGrid
from nustar_widgets.events.tablestream import TableStream, walk
from nustar_widgets.instrument import (
    MJDREFF,
    MJDREFI,
    MODULES,
    OBSERVING_MODES,
    TELESCOP,
)

if TYPE_CHECKING:
    from astropy.io import fits
    from numpy.typing import NDArray

_MERGED_PIXEL_FORMS: Final = ("J", "1J")
# File names of the archive: nu + obsid + module + mode, e.g. nu90410111001A06_cl.evt.
_MODE_IN_NAME: Final = re.compile(r"nu\d{11}[AB](0[1-6])")
SCIENCE: Final = "01"


@dataclass(frozen=True, eq=False, kw_only=True)
class EventList:
    """Events of one module and one observing mode.

    Parameters
    ----------
    path
        The file they came from.
    obsid
        Observation, 11 digits.
    module
        FPMA or FPMB.
    mode
        Observing mode, 01 (SCIENCE) to 06 (SCIENCE_SC).
    object_name
        OBJECT keyword.
    x, y
        (n,) sky pixel, counted from TLMIN; null is -1.
    pi
        (n,) energy channel 0-4095; null is -4095.
    time
        (n,) [s since MJDREF], TIMEZERO added; not necessarily ascending.
    det_id
        (n,) detector 0-3; None when the file has none.
    gti
        Good time intervals of the file.
    grid
        The sky plane of x and y.
    ontime_s, livetime_s, exposure_s, deadc
        Header values [s], [s], [s] and live fraction.
    mjdref
        Reference of the times [MJD].
    header
        Header of the EVENTS extension.
    messages
        What is unusual about the file, for the user to read.
    """

    path: Path
    obsid: str
    module: str
    mode: str
    object_name: str
    x: NDArray[np.int16] | NDArray[np.int32]
    y: NDArray[np.int16] | NDArray[np.int32]
    pi: NDArray[np.int16]
    time: NDArray[np.float64]
    det_id: NDArray[np.uint8] | None
    gti: Gti
    grid: SkyGrid
    ontime_s: float
    livetime_s: float
    exposure_s: float
    deadc: float
    mjdref: float
    header: fits.Header
    messages: tuple[str, ...] = ()

    @classmethod
    def read(cls, path: str | Path) -> EventList:
        """Read a cleaned event list, plain or .gz.

        Parameters
        ----------
        path
            File such as ``nu90410111001A06_cl.evt.gz``.

        Raises
        ------
        InputFileError
            The file is not a NuSTAR event list, is damaged, or holds no events.
        """
        path = Path(path)
        events: _EventTable | None = None
        intervals = GtiCandidates()
        for extension in walk(path):
            if extension.name == "EVENTS" and events is None:
                events = _EventTable.read(extension)
            else:
                intervals.look_at(extension)
        if events is None:
            raise InputFileError(
                path, "no extension EVENTS", "Expected a cleaned event list (nu*_cl.evt)"
            )
        _, gti = intervals.best(path, events.module)
        return events.to_event_list(path, gti)

    def __len__(self) -> int:
        return int(self.time.size)


@dataclass(frozen=True, eq=False)
class _EventTable:
    """The EVENTS extension, before the rest of the file is known."""

    path: Path
    header: fits.Header
    module: str
    grid: SkyGrid
    columns: dict[str, NDArray[Any]]

    @classmethod
    def read(cls, extension: TableStream) -> _EventTable:
        header, path = extension.header, extension.path
        _check_origin(path, header)
        if extension.n_rows == 0:
            raise InputFileError(
                path, "EVENTS holds no events", "Expected an event list with at least one row"
            )
        columns = extension.read(_wanted(extension))
        x_column, y_column = extension.column_number("X"), extension.column_number("Y")
        assert x_column is not None  # the columns have just been read
        assert y_column is not None
        grid = SkyGrid.from_header(header, x_column, y_column, path=path)
        return cls(path, header, str(header["INSTRUME"]).strip().upper(), grid, columns)

    def to_event_list(self, path: Path, gti: Gti) -> EventList:
        time = self.columns["TIME"]
        if zero := self._number("TIMEZERO", 0.0):
            time += zero
        ontime = self._number("ONTIME", gti.duration_s)
        deadc = self._number("DEADC", 1.0)
        return EventList(
            path=path,
            obsid=str(self.header.get("OBS_ID", "")).strip(),
            module=self.module,
            mode=_mode(path, self.header),
            object_name=str(self.header.get("OBJECT", "")).strip(),
            x=self.columns["X"],
            y=self.columns["Y"],
            pi=self.columns["PI"],
            time=time,
            det_id=self.columns.get("DET_ID"),
            gti=gti,
            grid=self.grid,
            ontime_s=ontime,
            livetime_s=self._number("LIVETIME", ontime * deadc),
            exposure_s=self._number("EXPOSURE", ontime * deadc),
            deadc=deadc,
            mjdref=self._number("MJDREFI", MJDREFI) + self._number("MJDREFF", MJDREFF),
            header=self.header,
            messages=self._messages(),
        )

    def _number(self, keyword: str, default: float) -> float:
        return real(self.path, self.header, keyword, default)

    def _messages(self) -> tuple[str, ...]:
        if "DEADC" in self.header:
            return ()
        return ("DEADC is missing: exposures are not corrected for dead time (as in HEASoft)",)


def _wanted(extension: TableStream) -> dict[str, type[np.generic]]:
    """Columns to read, each in the smallest type that holds what such a file can hold."""
    number = extension.column_number("X")
    merged = str(extension.header.get(f"TFORM{number}")).strip() in _MERGED_PIXEL_FORMS
    pixel: type[np.generic] = np.int32 if merged else np.int16
    wanted: dict[str, type[np.generic]] = {
        "TIME": np.float64, "PI": np.int16, "X": pixel, "Y": pixel,
    }  # fmt: skip
    if extension.column_number("DET_ID") is not None:
        wanted["DET_ID"] = np.uint8
    return wanted


def _check_origin(path: Path, header: fits.Header) -> None:
    telescope = str(header.get("TELESCOP", "")).strip()
    if telescope.upper() != TELESCOP.upper():
        raise InputFileError(
            path, f"EVENTS: TELESCOP = {telescope!r}", f"Expected {TELESCOP!r}: not a NuSTAR file"
        )
    module = str(header.get("INSTRUME", "")).strip()
    if module.upper() not in MODULES:
        raise InputFileError(
            path, f"EVENTS: INSTRUME = {module!r}", f"Expected {' or '.join(MODULES)}"
        )


def _mode(path: Path, header: fits.Header) -> str:
    """Observing mode: from the archive's file name, else OBS_MODE, else science.

    The name first, because OBS_MODE is missing from many files (seen: both real ones at hand).
    """
    if match := _MODE_IN_NAME.search(path.name):
        return match[1]
    named = str(header.get("OBS_MODE", "")).strip().upper()
    codes = {name: code for code, name in OBSERVING_MODES.items()}
    return codes.get(named, SCIENCE)
