"""Good time intervals: when the instrument was looking.

Both ends of an interval belong to it, as in HEASoft: an event exactly on START or STOP counts.
A ``Gti`` is always in order: sorted, overlapping and touching intervals merged, empty ones gone;
every operation keeps it so. Sums run in the order HEASoft runs them, because an exposure printed
to fifteen digits shows the rounding of each addition (extractor's ``times.f``, HEADAS
``gti_lib.c``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from astropy.io import fits

from nustar_widgets.atomic import whole_file
from nustar_widgets.errors import InputFileError
from nustar_widgets.events.fitsheader import real
from nustar_widgets.events.tablestream import TableStream, walk
from nustar_widgets.instrument import MJDREFF, MJDREFI, TELESCOP

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

SECONDS_PER_DAY: Final = 86400.0
# MJDREFF is written with 7 to 15 digits; a real difference is a leap second or another mission.
MJDREF_TOLERANCE_S: Final = 1e-3
_NAMES: Final = ("GTI", "STDGTI")


@dataclass(frozen=True, eq=False)
class Gti:
    """Good time intervals, in order.

    Parameters
    ----------
    start, stop
        (n,) ends of the intervals [s since MJDREF], both included, start < stop < next start.
        Use ``Gti.of`` for intervals that may be in any order.
    """

    start: NDArray[np.float64]
    stop: NDArray[np.float64]

    @classmethod
    def of(cls, start: ArrayLike, stop: ArrayLike) -> Gti:
        """Put intervals in order.

        Parameters
        ----------
        start, stop
            (n,) ends of the intervals [s], in any order; those of no length, turned round or not
            finite are dropped, overlapping and touching ones merged.
        """
        begin = np.atleast_1d(np.asarray(start, np.float64))
        end = np.atleast_1d(np.asarray(stop, np.float64))
        real = (end > begin) & np.isfinite(begin) & np.isfinite(end)
        begin, end = begin[real], end[real]
        order = np.argsort(begin, kind="stable")
        begin, end = begin[order], np.maximum.accumulate(end[order])
        opens = np.ones(begin.size, np.bool_)
        opens[1:] = begin[1:] > end[:-1]
        closes = np.ones(begin.size, np.bool_)
        closes[:-1] = opens[1:]
        return cls(_frozen(begin[opens]), _frozen(end[closes]))

    @classmethod
    def from_pairs(cls, pairs: Iterable[tuple[float, float]]) -> Gti:
        """Put (start, stop) pairs [s] in order."""
        table = np.asarray(list(pairs), np.float64).reshape(-1, 2)
        return cls.of(table[:, 0], table[:, 1])

    @classmethod
    def read(cls, path: str | Path) -> Gti:
        """Read good time intervals from a GTI file, an event list or a spectrum.

        The extension is chosen as xselect chooses it: one named GTI, else STDGTI, else one with
        HDUCLAS1 = GTI, else the first table with START and STOP.

        Parameters
        ----------
        path
            A FITS file, plain or .gz; its TIMEZERO is added.

        Raises
        ------
        InputFileError
            The file cannot be read, holds no intervals, or counts time from another MJDREF.
        """
        candidates = GtiCandidates()
        for extension in walk(path):
            candidates.look_at(extension)
        header, gti = candidates.best(Path(path))
        _check_mjdref(Path(path), header)
        return gti

    def write(self, path: str | Path, *, overwrite: bool = False) -> None:
        """Write a file that nuproducts takes as ``usrgtifile`` and xselect as a time filter.

        Parameters
        ----------
        path
            The file to make.
        overwrite
            Whether a file of that name may be replaced.

        Raises
        ------
        OutputError
            The file exists or its folder cannot be written.
        """
        with whole_file(path, overwrite=overwrite) as part:
            self.to_hdus().writeto(part, overwrite=True)

    def to_hdus(self, *, name: str = "STDGTI") -> fits.HDUList:
        """Primary header and one table of intervals (OGIP/93-003 time keywords)."""
        return fits.HDUList([fits.PrimaryHDU(), self.to_hdu(name=name)])

    def to_hdu(self, *, name: str = "STDGTI") -> fits.BinTableHDU:
        """One table of intervals; STDGTI is the name user files carry, GTI that of products."""
        table = fits.BinTableHDU.from_columns(
            [
                fits.Column("START", "D", unit="s", array=self.start),
                fits.Column("STOP", "D", unit="s", array=self.stop),
            ],
            name=name,
        )
        table.header.update(
            {
                "HDUCLASS": "OGIP",
                "HDUCLAS1": "GTI",
                "HDUCLAS2": "STANDARD",
                "TELESCOP": TELESCOP,
                "TIMESYS": "TT",
                "TIMEREF": "LOCAL",
                "MJDREFI": MJDREFI,
                "MJDREFF": MJDREFF,
                "TIMEUNIT": "s",
                "TIMEZERO": 0.0,
                "ONTIME": self.duration_s,
            }
        )
        if len(self):
            table.header["TSTART"], table.header["TSTOP"] = self.t_start, self.t_stop
        return table

    @property
    def duration_s(self) -> float:
        """Total length [s], added up as the extractor does: (sum + stop) - start, in order."""
        ends = np.empty(2 * len(self))
        ends[0::2], ends[1::2] = self.stop, -self.start
        return _sum_in_order(ends)

    @property
    def t_start(self) -> float:
        """First good time [s]."""
        return float(self.start[0])

    @property
    def t_stop(self) -> float:
        """Last good time [s]."""
        return float(self.stop[-1])

    def __len__(self) -> int:
        return int(self.start.size)

    def __iter__(self) -> Iterator[tuple[float, float]]:
        return zip(self.start.tolist(), self.stop.tolist(), strict=True)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Gti):
            return NotImplemented
        return np.array_equal(self.start, other.start) and np.array_equal(self.stop, other.stop)

    def __hash__(self) -> int:
        return hash((self.start.tobytes(), self.stop.tobytes()))

    def __and__(self, other: Gti) -> Gti:
        """Keep the times in both."""
        first = np.searchsorted(other.stop, self.start, "left")
        last = np.searchsorted(other.start, self.stop, "right")
        counts = np.maximum(last - first, 0)
        mine = np.repeat(np.arange(len(self)), counts)
        theirs = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
        theirs += np.repeat(first, counts)
        return Gti.of(
            np.maximum(self.start[mine], other.start[theirs]),
            np.minimum(self.stop[mine], other.stop[theirs]),
        )

    def __or__(self, other: Gti) -> Gti:
        """Join the times of both."""
        return Gti.of(
            np.concatenate([self.start, other.start]), np.concatenate([self.stop, other.stop])
        )

    def __sub__(self, other: Gti) -> Gti:
        """Remove the inside of the other; shared ends stay, they have no length."""
        if not len(self):
            return self
        return self & other.complement(self.t_start, self.t_stop)

    def complement(self, t_start: float, t_stop: float) -> Gti:
        """Return what lies between these intervals, from ``t_start`` to ``t_stop`` [s]."""
        inside = self & Gti.of(t_start, t_stop)
        return Gti.of(np.append(t_start, inside.stop), np.append(inside.start, t_stop))

    def contains(self, times: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Whether each time (n,) [s], in any order, lies in an interval, ends included."""
        if _ascending(times):
            return self._contains_sorted(times)
        return self._contains_any(times)

    def _contains_sorted(self, times: NDArray[np.float64]) -> NDArray[np.bool_]:
        inside = np.zeros(times.size, np.bool_)
        first = np.searchsorted(times, self.start, "left")
        last = np.searchsorted(times, self.stop, "right")
        for begin, end in zip(first.tolist(), last.tolist(), strict=True):
            inside[begin:end] = True
        return inside

    def _contains_any(self, times: NDArray[np.float64]) -> NDArray[np.bool_]:
        if not len(self):
            return np.zeros(times.size, np.bool_)
        index = np.searchsorted(self.start, times, "right") - 1
        return (index >= 0) & (times <= self.stop[index])

    def overlap_s(
        self, begin: NDArray[np.float64], end: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Good time inside each of many bins.

        Parameters
        ----------
        begin, end
            (n,) ends of the bins [s], ascending.

        Returns
        -------
        ndarray
            (n,) [s]; each is the sum HEADAS ``HDgti_exp`` makes, in its order.
        """
        total = np.zeros(begin.size)
        first = np.searchsorted(end, self.start, "right")
        last = np.searchsorted(begin, self.stop, "left")
        for i, (start, stop) in enumerate(self):
            touched = slice(int(first[i]), int(last[i]))
            total[touched] += np.minimum(end[touched], stop) - np.maximum(begin[touched], start)
        return total


class GtiCandidates:
    """The tables of a file that may be its good time intervals, and which one it is.

    Event lists carry other tables with times (BADPIX, housekeeping, intervals of single
    detectors). The one that counts is named GTI; STDGTI and HDUCLAS1 = GTI come next. Of several
    that are equal by name, one whose INSTRUME is this module wins, then the first in the file.
    """

    def __init__(self) -> None:
        self._found: list[tuple[int, fits.Header, Gti]] = []

    def look_at(self, extension: TableStream) -> None:
        """Read an extension's intervals if it has any."""
        if not extension.is_table or None in map(extension.column_number, ("START", "STOP")):
            return
        columns = extension.read({"START": np.float64, "STOP": np.float64})
        zero = real(extension.path, extension.header, "TIMEZERO", 0.0)
        gti = Gti.of(columns["START"] + zero, columns["STOP"] + zero)
        self._found.append((_rank(extension), extension.header, gti))

    def best(self, path: Path, module: str | None = None) -> tuple[fits.Header, Gti]:
        """Header and intervals of the right table.

        Parameters
        ----------
        path
            The file, for the message.
        module
            FPMA or FPMB, to tell tables of the same name apart.

        Raises
        ------
        InputFileError
            There is none, or it is empty.
        """
        if not self._found:
            raise InputFileError(
                path,
                "no good time intervals",
                "Expected an extension GTI or STDGTI with columns START and STOP",
            )
        _, header, gti = min(self._found, key=lambda found: (found[0], _foreign(found[1], module)))
        if not len(gti):
            raise InputFileError(
                path,
                f"extension {header.get('EXTNAME', '')} holds no interval with STOP after START",
                "Expected at least one good time interval",
            )
        return header, gti


def _rank(extension: TableStream) -> int:
    if extension.name in _NAMES:
        return _NAMES.index(extension.name)
    is_gti = str(extension.header.get("HDUCLAS1", "")).strip().upper() == "GTI"
    return len(_NAMES) if is_gti else len(_NAMES) + 1


def _foreign(header: fits.Header, module: str | None) -> bool:
    return module is not None and str(header.get("INSTRUME", module)).strip().upper() != module


def _check_mjdref(path: Path, header: fits.Header) -> None:
    if "MJDREFI" not in header:
        return
    days = real(path, header, "MJDREFI", MJDREFI) - MJDREFI
    days += real(path, header, "MJDREFF", MJDREFF) - MJDREFF
    if abs(days) * SECONDS_PER_DAY > MJDREF_TOLERANCE_S:
        raise InputFileError(
            path,
            f"times count from MJD {header['MJDREFI']} + {header.get('MJDREFF', MJDREFF)}",
            f"Expected NuSTAR's MJDREF, {MJDREFI} + {MJDREFF}: convert the times first",
        )


def _ascending(values: NDArray[np.float64]) -> bool:
    return bool(np.all(values[1:] >= values[:-1]))


def _sum_in_order(values: NDArray[np.float64]) -> float:
    """Sum one after the other; ``np.sum`` adds in pairs and rounds differently."""
    return float(np.cumsum(values)[-1]) if values.size else 0.0


def _frozen(values: NDArray[np.float64]) -> NDArray[np.float64]:
    values.flags.writeable = False
    return values
