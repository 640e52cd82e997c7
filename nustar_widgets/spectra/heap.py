"""Columns of variable-length arrays, read straight from the heap of a FITS binary table.

The table stores (length, offset) per row and the arrays themselves behind it. Taking them from
the bytes is an order of magnitude faster than building an object per row, which is what a
4096-row NuSTAR response needs.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from nustar_widgets.errors import InputFileError

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

# FITS standard 4.0, tables 18 and 7.3.5: descriptors are 32-bit (P) or 64-bit (Q).
DESCRIPTOR: Final = re.compile(r"\d*([PQ])([BIJKED])")
ELEMENT: Final = {"B": "u1", "I": ">i2", "J": ">i4", "K": ">i8", "E": ">f4", "D": ">f8"}


def row_arrays(
    hdu: Any, raw: bytes, path: Path, name: str, *, wanted: NDArray[np.int64]
) -> NDArray[Any]:
    """Read the first elements of every row's array, one row after the other.

    Parameters
    ----------
    hdu
        The binary table.
    raw
        Bytes of the whole file.
    path
        The file's name, for the error.
    name
        Column of variable-length or fixed-length arrays, or of scalars.
    wanted
        (n_rows,) number of elements to take from each row: arrays may be longer than used.

    Returns
    -------
    NDArray
        (sum of wanted,) elements in the machine's byte order, scaled by TSCAL and TZERO.

    Raises
    ------
    InputFileError
        The column is absent or a row holds fewer elements than wanted.
    """
    names = [known.upper() for known in hdu.columns.names]
    if name not in names:
        raise InputFileError(
            path, f"extension {hdu.name} has no column {name}", f"Its columns are: {names}."
        )
    index = names.index(name)
    variable = DESCRIPTOR.match(str(hdu.columns[index].format))
    flat, available = (
        _fixed(hdu, index) if variable is None else _variable(hdu, raw, index, variable)
    )
    if (available < wanted).any():
        row = int(np.flatnonzero(available < wanted)[0])
        raise InputFileError(
            path,
            f"row {row + 1} of {name} holds {available[row]} numbers, but N_GRP and N_CHAN "
            f"speak of {wanted[row]}",
            "The response is damaged; make it again.",
        )
    if np.array_equal(available, wanted):
        return flat
    return flat[ranges(np.cumsum(available) - available, wanted)]


def ranges(first: NDArray[np.int64], length: NDArray[np.int64]) -> NDArray[np.int32]:
    """Concatenate the integer ranges ``first[i] .. first[i] + length[i] - 1``.

    Parameters
    ----------
    first, length
        (n,) start and number of integers of each range.

    Returns
    -------
    NDArray
        (sum of length,) the integers; 32 bits hold any table of this package and are half the
        memory to walk through.
    """
    begins = np.cumsum(length) - length
    places = np.repeat((first - begins).astype(np.int32), length)
    places += np.arange(places.size, dtype=np.int32)
    return places


def _fixed(hdu: Any, index: int) -> tuple[NDArray[Any], NDArray[np.int64]]:
    values = np.asarray(hdu.data.field(index))
    values = values.reshape(len(values), -1)
    available = np.full(values.shape[0], values.shape[1], np.int64)
    return values.astype(values.dtype.newbyteorder("=")).ravel(), available


def _variable(
    hdu: Any, raw: bytes, index: int, match: re.Match[str]
) -> tuple[NDArray[Any], NDArray[np.int64]]:
    header, table = hdu.header, hdu.columns.dtype
    at = hdu.fileinfo()["datLoc"]
    heap = at + header.get("THEAP", header["NAXIS1"] * header["NAXIS2"])
    descriptor = np.dtype(">i8" if match[1] == "Q" else ">i4")
    described: NDArray[Any] = np.ndarray(
        (header["NAXIS2"], 2),
        descriptor,
        raw,
        at + table.fields[table.names[index]][1],
        (header["NAXIS1"], descriptor.itemsize),
    )
    element = np.dtype(ELEMENT[match[2]])
    pieces = [
        np.frombuffer(raw, element, count, heap + offset)
        for count, offset in described.tolist()
        if count
    ]
    flat = np.concatenate(pieces) if pieces else np.empty(0, element)
    return _scaled(flat, header, index), described[:, 0].astype(np.int64)


def _scaled(flat: NDArray[Any], header: Any, index: int) -> NDArray[Any]:
    native = flat.astype(flat.dtype.newbyteorder("="))
    scale, zero = header.get(f"TSCAL{index + 1}", 1), header.get(f"TZERO{index + 1}", 0)
    return native if (scale, zero) == (1, 0) else native * scale + zero
