"""PHA files: a spectrum as counts per channel (OGIP memo OGIP/92-007)."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from astropy.io import fits

from nustar_widgets.errors import InputFileError
from nustar_widgets.spectra.fitsfile import column, has_column, number, open_fits, table

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, eq=False, kw_only=True)
class Spectrum:
    """Counts per channel of one source or background region.

    Attributes
    ----------
    channel
        (n_chan,) channel numbers as in the file.
    counts
        (n_chan,) counts: integers, or exposure times rate where the file stores rates.
    exposure_s
        Livetime [s].
    backscal
        Area of the region as a fraction of the detector, one number or one per channel.
    areascal
        Fraction of the effective area, one number or one per channel.
    sys_err
        Systematic error as a fraction of the rate, one number or one per channel.
    stat_err
        (n_chan,) error of the counts where the file does not ask for Poisson errors.
    quality
        (n_chan,) 0 good, 1 bad, 2 dubious, 5 set bad by the user; ``None`` where not stored.
    grouping
        (n_chan,) 1 starts a group, -1 continues it, 0 is a channel of its own; ``None`` where not
        stored.
    first_channel
        Lowest legal channel number (TLMIN).
    n_channels
        Number of legal channels (DETCHANS).
    telescope, instrument
        ``NuSTAR`` and ``FPMA`` or ``FPMB``.
    background_file, arf_file, rmf_file
        What BACKFILE, ANCRFILE and RESPFILE name, beside the PHA file; ``None`` for "none".
    path
        Where it was read from; ``None`` for a spectrum that is not a file.
    header
        Header of the SPECTRUM extension.
    """

    channel: NDArray[np.int32]
    counts: NDArray[Any]
    exposure_s: float
    backscal: float | NDArray[np.float64] = 1.0
    areascal: float | NDArray[np.float64] = 1.0
    sys_err: float | NDArray[np.float64] = 0.0
    stat_err: NDArray[np.float64] | None = None
    quality: NDArray[np.int16] | None = None
    grouping: NDArray[np.int16] | None = None
    first_channel: int = 0
    n_channels: int = 4096
    telescope: str = "NuSTAR"
    instrument: str = ""
    background_file: Path | None = None
    arf_file: Path | None = None
    rmf_file: Path | None = None
    path: Path | None = None
    header: Any = field(default_factory=fits.Header, repr=False)

    @property
    def name(self) -> str:
        """File name, for people."""
        return self.path.name if self.path else "spectrum"


def read_pha(path: str | Path) -> Spectrum:
    """Read a PHA file of type I.

    Parameters
    ----------
    path
        The file, plain or gzipped.

    Returns
    -------
    Spectrum
        Its contents; file names in the header are resolved beside the PHA file.

    Raises
    ------
    InputFileError
        It is not a spectrum, lacks a column or keyword, or holds several spectra.
    """
    path = Path(path)
    with open_fits(path) as hdus:
        hdu = table(hdus, path, "SPECTRUM", hduclas="SPECTRUM")
        channel = column(hdu, path, "CHANNEL")
        if channel.ndim > 1:
            raise InputFileError(
                path, "it holds several spectra (PHA type II)", "Expected one spectrum a file."
            )
        if not channel.size:
            raise InputFileError(path, "its SPECTRUM has no rows", "Extract the spectrum again.")
        return _spectrum(hdu, path)


def _spectrum(hdu: Any, path: Path) -> Spectrum:
    header = hdu.header.copy()
    channel = column(hdu, path, "CHANNEL").astype(np.int32)
    exposure_s = number(header, path, "EXPOSURE")
    if not exposure_s > 0:
        raise InputFileError(path, f"EXPOSURE = {exposure_s:g} s", "Expected a positive livetime.")
    # OGIP: channels count from 1 where TLMIN does not say otherwise.
    lowest = float(min(1, channel[0]))
    first = int(number(header, path, f"TLMIN{_index(hdu, 'CHANNEL')}", lowest))
    poisson = bool(header.get("POISSERR", True))
    return Spectrum(
        channel=channel,
        counts=_counts(hdu, path, exposure_s),
        exposure_s=exposure_s,
        backscal=_positive(hdu, path, "BACKSCAL"),
        areascal=_positive(hdu, path, "AREASCAL"),
        sys_err=_scale(hdu, path, "SYS_ERR", 0.0),
        stat_err=None if poisson else _stat_err(hdu, path, exposure_s),
        quality=_flags(hdu, path, "QUALITY"),
        grouping=_flags(hdu, path, "GROUPING"),
        first_channel=first,
        n_channels=int(number(header, path, "DETCHANS", float(channel.size))),
        telescope=str(header.get("TELESCOP", "")).strip(),
        instrument=str(header.get("INSTRUME", "")).strip(),
        background_file=_beside(path, header, "BACKFILE"),
        arf_file=_beside(path, header, "ANCRFILE"),
        rmf_file=_beside(path, header, "RESPFILE"),
        path=path,
        header=header,
    )


def _index(hdu: Any, name: str) -> int:
    return [known.upper() for known in hdu.columns.names].index(name) + 1


def _counts(hdu: Any, path: Path, exposure_s: float) -> NDArray[Any]:
    if has_column(hdu, "RATE") and not has_column(hdu, "COUNTS"):
        return column(hdu, path, "RATE").astype(np.float64) * exposure_s
    counts = column(hdu, path, "COUNTS")
    # Some writers store whole counts as floats; they are whole numbers all the same.
    whole = counts.astype(np.int64)
    return whole if np.array_equal(whole, counts) else counts.astype(np.float64)


def _stat_err(hdu: Any, path: Path, exposure_s: float) -> NDArray[np.float64] | None:
    if not has_column(hdu, "STAT_ERR"):
        return None
    per_count = 1.0 if has_column(hdu, "COUNTS") else exposure_s
    return column(hdu, path, "STAT_ERR").astype(np.float64) * per_count


def _scale(hdu: Any, path: Path, name: str, default: float) -> float | NDArray[np.float64]:
    if has_column(hdu, name):
        return column(hdu, path, name).astype(np.float64)
    return number(hdu.header, path, name, default)


def _positive(hdu: Any, path: Path, name: str) -> float | NDArray[np.float64]:
    value = _scale(hdu, path, name, 1.0)
    if not np.all(np.asarray(value) > 0):
        raise InputFileError(path, f"{name} is not positive", "Expected an area fraction above 0.")
    return value


def _flags(hdu: Any, path: Path, name: str) -> NDArray[np.int16] | None:
    """Read a QUALITY or GROUPING column; a keyword instead of it stands for every channel."""
    if has_column(hdu, name):
        return column(hdu, path, name).astype(np.int16)
    value = int(number(hdu.header, path, name, 0.0))
    return np.full(len(hdu.data), value, np.int16) if value else None


def _beside(path: Path, header: Any, key: str) -> Path | None:
    name = str(header.get(key, "")).strip()
    return None if name.lower() in ("", "none") else path.parent / name
