"""Dead time from the housekeeping file.

The detector is busy for some 2.5 ms after each event, so a second of good time holds less than a
second of livetime. Housekeeping has the livetime of every second. Two HEASoft tasks use it, each
in its own way, and both ways are followed here to the last bit: ``nulivetime`` averages it over the
good time intervals (DEADC), ``nulccorr`` over each bin of a light curve.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from nustar_widgets.errors import InputFileError, SelectionError
from nustar_widgets.events.fitsheader import real
from nustar_widgets.events.gti import Gti
from nustar_widgets.events.lightcurve import LightCurve
from nustar_widgets.events.tablestream import TableStream, walk
from nustar_widgets.instrument import MODULES

if TYPE_CHECKING:
    from numpy.typing import NDArray

HOUSEKEEPING_BIN_S: Final = 1.0  # nulccorr.c, ComputeCorrFac: hkbin
_EXTENSION: Final = "HK1FPM"


@dataclass(frozen=True, eq=False)
class Housekeeping:
    """Livetime of every second of an observation, one module.

    Parameters
    ----------
    path
        The file.
    module
        FPMA or FPMB.
    time
        (n,) start of the second [s since MJDREF], ascending.
    livetime
        (n,) livetime in it [s].
    """

    path: Path
    module: str
    time: NDArray[np.float64]
    livetime: NDArray[np.float64]

    @classmethod
    def read(cls, path: str | Path) -> Housekeeping:
        """Read a housekeeping file, plain or .gz.

        Parameters
        ----------
        path
            File such as ``nu90410111001A_fpm.hk.gz``, with extension HK1FPM.

        Raises
        ------
        InputFileError
            The file cannot be read or is not a module's housekeeping.
        """
        for extension in walk(path):
            if extension.name == _EXTENSION:
                return cls._from_extension(extension)
        raise InputFileError(
            path, f"no extension {_EXTENSION}", "Expected a housekeeping file (nu*_fpm.hk)"
        )

    @classmethod
    def _from_extension(cls, extension: TableStream) -> Housekeeping:
        columns = extension.read({"TIME": np.float64, "LIVETIME": np.float64})
        time, path = columns["TIME"], extension.path
        if time.size < 2 or not np.all(time[1:] > time[:-1]):
            raise InputFileError(
                path,
                f"{_EXTENSION} holds {time.size} rows that are not one ascending series in TIME",
                "Expected one row a second",
            )
        module = str(extension.header.get("INSTRUME", "")).strip().upper()
        if module not in MODULES:
            raise InputFileError(
                path, f"{_EXTENSION}: INSTRUME = {module!r}", f"Expected {' or '.join(MODULES)}"
            )
        time += real(path, extension.header, "TIMEZERO", 0.0)
        return cls(path, module, time, columns["LIVETIME"])

    def deadc(self, gti: Gti) -> float:
        """Mean live fraction of the good time, as ``nulivetime`` computes DEADC.

        Each row's livetime counts by the good share of the time to the next row
        (nulivetime.c, ComputeGTILivetime); the last row lasts as long as the one before.

        Parameters
        ----------
        gti
            Good time intervals.

        Raises
        ------
        SelectionError
            No good time lies within the housekeeping.
        """
        start = self.time
        stop = np.append(start[1:], start[-1] + (start[-1] - start[-2]))
        step = np.append(np.diff(start), start[-1] - start[-2])
        live = np.cumsum(self.livetime * (gti.overlap_s(start, stop) / step))[-1]
        good = float(gti.overlap_s(start[:1], stop[-1:])[0])
        if good <= 0:
            raise SelectionError(
                f"{self.path}: no good time between {start[0]:.0f} and {stop[-1]:.0f} s: expected "
                "the housekeeping file of the same observation"
            )
        return float(live) / good


def livetime_corrected(curve: LightCurve, housekeeping: Housekeeping, gti: Gti) -> LightCurve:
    """Rates per second of livetime, as ``nulccorr`` with only its livetime correction.

    Parameters
    ----------
    curve
        Rates per second of good time.
    housekeeping
        Livetimes of the same module and observation.
    gti
        Good time intervals of the event list the curve was made from.

    Returns
    -------
    LightCurve
        RATE and ERROR divided by the mean livetime in the bin; rows without counts as they are.

    Raises
    ------
    SelectionError
        A bin with counts begins before the housekeeping does.
    """
    hit = np.flatnonzero(curve.rate > 0)
    begin = curve.time_s[hit] + curve.timezero - curve.bin_s * 0.5
    if begin.size and begin[0] < housekeeping.time[0]:
        raise SelectionError(
            f"{housekeeping.path}: housekeeping begins at {housekeeping.time[0]:.1f} s, after the "
            f"light curve ({begin[0]:.1f} s): expected the file of the same observation"
        )
    live = _mean_livetime(housekeeping, gti, begin, begin + curve.bin_s)
    factor = np.divide(1.0, live, out=np.zeros_like(live), where=live > 0)
    rate, error = curve.rate.copy(), curve.error.copy()
    rate[hit] = rate[hit] * factor
    error[hit] = error[hit] * factor
    return replace(curve, rate=rate, error=error, livetime_corrected=True)


def _mean_livetime(
    housekeeping: Housekeeping, gti: Gti, begin: NDArray[np.float64], end: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Mean livetime in each light-curve bin (nulccorr.c, ComputeCorrFac).

    Rows are weighted by their overlap with the *bin*, and a row counts if it touches good time at
    all. So in bins partly outside the intervals the result differs from the overlap-weighted mean,
    by up to 4 % in real data; it is what nulccorr writes.
    """
    time, livetime = housekeeping.time, housekeeping.livetime
    touched = gti.overlap_s(time, time + HOUSEKEEPING_BIN_S) > 0
    first = np.searchsorted(time, begin, "right") - 1
    last = np.maximum(np.searchsorted(time, end, "right") - 1, first)
    sum_live, sum_weight = np.zeros(begin.size), np.zeros(begin.size)
    for offset in range(int((last - first).max(initial=-1)) + 1):
        row = np.minimum(first + offset, last)
        weight = np.ones(begin.size)
        weight[row == last] = (end - time[row])[row == last]
        weight[row == first] = (HOUSEKEEPING_BIN_S - (begin - time[row]))[row == first]
        weight[first == last] = 1.0
        weight[(first + offset > last) | ~touched[row]] = 0.0
        sum_live += weight * livetime[row]
        sum_weight += weight
    return np.divide(sum_live, sum_weight, out=np.zeros(begin.size), where=sum_weight > 0)
