"""RMF files: the probability that a photon of one energy lands in a channel (CAL/GEN/92-002).

A row of the matrix is stored as runs of channels. The NuSTAR matrix has 8 million elements in
174,000 runs of 4096 rows, in variable-length arrays; `Rmf` keeps them as three flat arrays.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from astropy.io import fits

from nustar_widgets.errors import InputFileError
from nustar_widgets.spectra.extensions import add_cards
from nustar_widgets.spectra.fitsfile import (
    column,
    file_bytes,
    number,
    open_bytes,
    table,
    write_whole,
)
from nustar_widgets.spectra.heap import ranges, row_arrays

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray


@dataclass(frozen=True, eq=False, kw_only=True)
class Rmf:
    """Redistribution matrix, its rows one after the other.

    Attributes
    ----------
    energ_lo, energ_hi
        (n_energy,) photon energy bins [keV].
    e_min, e_max
        (n_chan,) nominal energies of the channels [keV].
    row_start
        (n_energy + 1,) where each row begins in the two arrays below.
    channel
        (n_elements,) zero-based channel index of each element.
    probability
        (n_elements,) the elements, single precision as stored.
    first_channel
        Number of channel index 0 (TLMIN of F_CHAN).
    telescope, instrument
        ``NuSTAR`` and ``FPMA`` or ``FPMB``.
    path
        Where it was read from; ``None`` for one that is not a file.
    header
        Header of the MATRIX extension.
    """

    energ_lo: NDArray[np.float64]
    energ_hi: NDArray[np.float64]
    e_min: NDArray[np.float64]
    e_max: NDArray[np.float64]
    row_start: NDArray[np.int64]
    channel: NDArray[np.int32]
    probability: NDArray[np.float32]
    first_channel: int = 0
    telescope: str = "NuSTAR"
    instrument: str = ""
    path: Path | None = None
    header: Any = field(default_factory=fits.Header, repr=False)

    @classmethod
    def from_dense(cls, matrix: NDArray[Any], **fields: Any) -> Rmf:
        """Make an RMF from a dense matrix.

        Parameters
        ----------
        matrix
            (n_energy, n_chan) probabilities; zeros are not stored.
        fields
            The other attributes.
        """
        filled = matrix != 0
        row_start = np.concatenate([[0], np.cumsum(filled.sum(axis=1))]).astype(np.int64)
        return cls(
            row_start=row_start,
            channel=np.nonzero(filled)[1].astype(np.int32),
            probability=matrix[filled].astype(np.float32),
            **fields,
        )

    @property
    def n_channels(self) -> int:
        """Number of channels."""
        return int(self.e_min.size)

    @property
    def edges_kev(self) -> NDArray[np.float64]:
        """(n_energy + 1,) edges of the photon energy bins [keV]."""
        return np.append(self.energ_lo, self.energ_hi[-1])

    @property
    def has_area(self) -> bool:
        """Whether the effective area is in the matrix: OGIP's class FULL, a file named .rsp."""
        header: Any = self.header or {}
        kind = str(header.get("HDUCLAS3", "")).strip().upper()
        named = str(header.get("EXTNAME", "")).strip().upper()
        return kind == "FULL" or (kind == "" and named == "SPECRESP MATRIX")

    def dense(self) -> NDArray[np.float32]:
        """(n_energy, n_chan) matrix; 67 MB for NuSTAR."""
        matrix = np.zeros((self.energ_lo.size, self.n_channels), np.float32)
        rows = np.repeat(np.arange(self.energ_lo.size), np.diff(self.row_start))
        matrix[rows, self.channel] = self.probability
        return matrix


def read_rmf(path: str | Path) -> Rmf:
    """Read an RMF.

    Parameters
    ----------
    path
        The file, plain or gzipped.

    Raises
    ------
    InputFileError
        It is no RMF, or its runs of channels do not fit together.
    """
    path = Path(path)
    raw = file_bytes(path)
    with open_bytes(raw, path) as hdus:
        matrix = table(hdus, path, "MATRIX", "SPECRESP MATRIX", hduclas="RSP_MATRIX")
        bounds = table(hdus, path, "EBOUNDS", hduclas="EBOUNDS")
        row_start, channel, probability = _elements(matrix, raw, path)
        rmf = Rmf(
            energ_lo=column(matrix, path, "ENERG_LO").astype(np.float64),
            energ_hi=column(matrix, path, "ENERG_HI").astype(np.float64),
            e_min=column(bounds, path, "E_MIN").astype(np.float64),
            e_max=column(bounds, path, "E_MAX").astype(np.float64),
            row_start=row_start,
            channel=channel,
            probability=probability,
            first_channel=_first_channel(matrix, path),
            telescope=str(matrix.header.get("TELESCOP", "")).strip(),
            instrument=str(matrix.header.get("INSTRUME", "")).strip(),
            path=path,
            header=matrix.header.copy(),
        )
    if channel.size and (channel.min() < 0 or channel.max() >= rmf.n_channels):
        raise InputFileError(
            path,
            f"F_CHAN and N_CHAN reach outside the {rmf.n_channels} channels of EBOUNDS",
            "Check TLMIN of the F_CHAN column.",
        )
    return rmf


def _first_channel(matrix: Any, path: Path) -> int:
    """TLMIN of F_CHAN; 1 where it is absent, as OGIP says."""
    index = [name.upper() for name in matrix.columns.names].index("F_CHAN") + 1
    return int(number(matrix.header, path, f"TLMIN{index}", 1.0))


def _elements(
    matrix: Any, raw: bytes, path: Path
) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.float32]]:
    """Unroll the runs of channels into one channel index per element."""
    runs = column(matrix, path, "N_GRP").astype(np.int64)
    first = row_arrays(matrix, raw, path, "F_CHAN", wanted=runs).astype(np.int64)
    length = row_arrays(matrix, raw, path, "N_CHAN", wanted=runs).astype(np.int64)
    first -= _first_channel(matrix, path)
    run_row = np.repeat(np.arange(runs.size), runs)
    in_row = np.bincount(run_row, length, minlength=runs.size).astype(np.int64)
    probability = row_arrays(matrix, raw, path, "MATRIX", wanted=in_row).astype(
        np.float32, copy=False
    )
    return (
        np.concatenate([[0], np.cumsum(in_row)]),
        ranges(first, length),
        probability,
    )


def write_rmf(
    path: str | Path, rmf: Rmf, *, header: Mapping[str, Any] | None = None, overwrite: bool = False
) -> Path:
    """Write an RMF that XSPEC reads: one run of channels a row, in variable-length arrays.

    Parameters
    ----------
    path
        The file to write.
    rmf
        Its contents.
    header
        Further keywords of both extensions, value or (value, comment).
    overwrite
        Replace an existing file.

    Raises
    ------
    OutputError
        The file exists or cannot be written.
    """
    cards = {
        "TELESCOP": rmf.telescope,
        "INSTRUME": rmf.instrument,
        "FILTER": "NONE",
        "CHANTYPE": "PI",
        "DETCHANS": rmf.n_channels,
        "HDUCLASS": "OGIP",
        "HDUCLAS1": "RESPONSE",
        "HDUVERS": "1.3.0",
        "RMFVERSN": "1992a",
    }
    matrix, bounds = _matrix_table(rmf), _bounds_table(rmf)
    add_cards(matrix.header, cards | {"HDUCLAS2": "RSP_MATRIX", "HDUCLAS3": "REDIST"})
    add_cards(bounds.header, cards | {"HDUCLAS2": "EBOUNDS"})
    add_cards(matrix.header, header)
    add_cards(bounds.header, header)
    return write_whole(fits.HDUList([fits.PrimaryHDU(), bounds, matrix]), path, overwrite=overwrite)


def _bounds_table(rmf: Rmf) -> Any:
    numbers = np.arange(rmf.n_channels, dtype=np.int32) + rmf.first_channel
    columns = [
        fits.Column("CHANNEL", "J", array=numbers),
        fits.Column("E_MIN", "E", unit="keV", array=rmf.e_min.astype(np.float32)),
        fits.Column("E_MAX", "E", unit="keV", array=rmf.e_max.astype(np.float32)),
    ]
    return fits.BinTableHDU.from_columns(columns, name="EBOUNDS")


def _matrix_table(rmf: Rmf) -> Any:
    """One run a row, zeros inside it included: simpler than many runs, and every reader copes."""
    first, length, values = [], [], []
    for start, stop in zip(rmf.row_start[:-1], rmf.row_start[1:], strict=True):
        channels = rmf.channel[start:stop]
        low = int(channels.min()) if channels.size else 0
        run = np.zeros(int(channels.max()) - low + 1 if channels.size else 0, np.float32)
        run[channels - low] = rmf.probability[start:stop]
        first.append(np.array([low + rmf.first_channel][: channels.size], np.int16))
        length.append(np.array([run.size][: channels.size], np.int16))
        values.append(run)
    columns = [
        fits.Column("ENERG_LO", "E", unit="keV", array=rmf.energ_lo.astype(np.float32)),
        fits.Column("ENERG_HI", "E", unit="keV", array=rmf.energ_hi.astype(np.float32)),
        fits.Column("N_GRP", "I", array=[run.size for run in first]),
        fits.Column("F_CHAN", "PI()", array=_objects(first)),
        fits.Column("N_CHAN", "PI()", array=_objects(length)),
        fits.Column("MATRIX", "PE()", array=_objects(values)),
    ]
    hdu = fits.BinTableHDU.from_columns(columns, name="MATRIX")
    hdu.header["TLMIN4"] = (rmf.first_channel, "Lowest legal channel number")
    hdu.header["TLMAX4"] = (rmf.first_channel + rmf.n_channels - 1, "Highest legal channel number")
    return hdu


def _objects(arrays: list[NDArray[Any]]) -> NDArray[Any]:
    """Pack arrays of different length the way astropy wants a variable-length column."""
    packed = np.empty(len(arrays), dtype=object)
    packed[:] = arrays
    return packed
