"""Binary tables of a FITS file, read forwards in blocks of rows.

An event list of ten million rows is 350 MB on disk and the live display needs four of its fourteen
columns. So the file is walked once, front to back: headers by ``astropy.io.fits``, rows in blocks
seen through a structured dtype that names only the columns wanted. The walk never seeks, so a
compressed file (as the archive delivers them) is read the same way without being unpacked first.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from nustar_widgets.errors import InputFileError
from nustar_widgets.events.bytesource import DOWNLOAD_AGAIN, ByteSource, opened
from nustar_widgets.events.fitsheader import data_size, integer, next_header

if TYPE_CHECKING:
    from astropy.io import fits
    from numpy.typing import NDArray

ROWS_PER_READ: Final = 65536

# FITS standard 4.0, table 18. Bits (X) are packed eight to a byte; P and Q are descriptors.
_FORMATS: Final = {
    "L": "S1", "B": "u1", "I": ">i2", "J": ">i4", "K": ">i8", "A": "S1",
    "E": ">f4", "D": ">f8", "C": ">c8", "M": ">c16", "P": ">i8", "Q": ">i8",
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class TableStream:
    """One extension of a file being walked.

    Parameters
    ----------
    path
        The file.
    header
        Header of the extension.
    """

    path: Path
    header: fits.Header
    _source: ByteSource

    @property
    def name(self) -> str:
        """EXTNAME in upper case; empty when there is none."""
        return str(self.header.get("EXTNAME", "")).strip().upper()

    @property
    def is_table(self) -> bool:
        """Whether the extension is a binary table."""
        return str(self.header.get("XTENSION", "")).strip() == "BINTABLE"

    @property
    def n_rows(self) -> int:
        """Number of rows."""
        return integer(self.path, self.header, "NAXIS2")

    @property
    def n_columns(self) -> int:
        """Number of columns."""
        return integer(self.path, self.header, "TFIELDS")

    def column_number(self, name: str) -> int | None:
        """One-based number of a column, whatever its case; None when it is not there."""
        for number in range(1, self.n_columns + 1):
            if str(self.header.get(f"TTYPE{number}", "")).strip().upper() == name:
                return number
        return None

    def read(self, formats: Mapping[str, type[np.generic]]) -> dict[str, NDArray[Any]]:
        """Read whole columns.

        Parameters
        ----------
        formats
            Column names in upper case and the NumPy type each is stored as in memory.

        Returns
        -------
        dict
            One array (n_rows,) per column.

        Raises
        ------
        InputFileError
            A column is missing or not scalar, does not fit its type, or the file ends early.
        """
        layout = self._layout(tuple(formats))
        columns = {name: np.empty(self.n_rows, kind) for name, kind in formats.items()}
        for first in range(0, self.n_rows, ROWS_PER_READ):
            rows = self._rows(layout, min(ROWS_PER_READ, self.n_rows - first))
            for name, column in columns.items():
                column[first : first + len(rows)] = self._checked(name, rows[name], column.dtype)
        return {name: self._scaled(name, column) for name, column in columns.items()}

    def _rows(self, layout: np.dtype[np.void], count: int) -> NDArray[np.void]:
        data = self._source.take(count * layout.itemsize)
        if len(data) < count * layout.itemsize:
            raise InputFileError(
                self.path,
                f"extension {self.name or '(unnamed)'} promises {self.n_rows} rows of "
                f"{layout.itemsize} bytes, but the file ends inside them",
                DOWNLOAD_AGAIN,
            )
        return np.frombuffer(data, layout)

    def _layout(self, names: Sequence[str]) -> np.dtype[np.void]:
        """Dtype of one row that shows the wanted columns only."""
        found: dict[str, tuple[str, int]] = {}
        offset = 0
        for number in range(1, self.n_columns + 1):
            repeat, code = self._form(number)
            name = str(self.header.get(f"TTYPE{number}", "")).strip().upper()
            size = -(-repeat // 8) if code == "X" else repeat * np.dtype(_FORMATS[code]).itemsize
            if name in names and name not in found:
                if repeat != 1 or code not in "BIJKED":
                    raise self._wrong_form(name, number)
                found[name] = (_FORMATS[code], offset)
            offset += size
        self._check_layout(names, found, offset)
        return np.dtype(
            {
                "names": list(found),
                "formats": [form for form, _ in found.values()],
                "offsets": [start for _, start in found.values()],
                "itemsize": offset,
            }
        )

    def _check_layout(self, names: Sequence[str], found: Container[str], width: int) -> None:
        if missing := [name for name in names if name not in found]:
            raise InputFileError(
                self.path,
                f"extension {self.name} has no column {', '.join(missing)}",
                f"Expected the columns {', '.join(names)} of a NuSTAR file",
            )
        if width != integer(self.path, self.header, "NAXIS1"):
            raise InputFileError(
                self.path,
                f"extension {self.name}: NAXIS1 = {self.header['NAXIS1']}, but the columns take "
                f"{width} bytes",
                "Expected a table whose TFORMn add up to NAXIS1; the file is damaged",
            )

    def _form(self, number: int) -> tuple[int, str]:
        """Repeat count and type letter of TFORMn."""
        text = str(self.header.get(f"TFORM{number}", "")).strip()
        match = re.match(r"(\d*)([LXBIJKAEDCMPQ])", text)
        if match is None:
            raise InputFileError(
                self.path,
                f"extension {self.name}: TFORM{number} = {text!r}",
                "Expected a binary-table format such as 1D, J or 16X",
            )
        return int(match[1] or 1), match[2]

    def _wrong_form(self, name: str, number: int) -> InputFileError:
        return InputFileError(
            self.path,
            f"extension {self.name}: column {name} has TFORM{number} = "
            f"{self.header[f'TFORM{number}']!r}",
            "Expected one number a row (B, I, J, K, E or D)",
        )

    def _checked(self, name: str, values: NDArray[Any], kind: np.dtype[Any]) -> NDArray[Any]:
        """Refuse values that would change when stored in ``kind``."""
        if kind.kind == "f" or np.can_cast(values.dtype, kind):
            return values
        if values.dtype.kind == "f":
            raise InputFileError(
                self.path,
                f"extension {self.name}: column {name} holds real numbers",
                "Expected whole pixel or channel numbers, as NuSTAR files hold",
            )
        limits = np.iinfo(kind)
        low, high = int(values.min()), int(values.max())
        if low < limits.min or high > limits.max:
            raise InputFileError(
                self.path,
                f"extension {self.name}: column {name} runs from {low} to {high}",
                f"Expected values within {limits.min} and {limits.max}",
            )
        return values

    def _scaled(self, name: str, column: NDArray[Any]) -> NDArray[Any]:
        """Apply TSCALn and TZEROn; absent from every NuSTAR file seen, but legal."""
        number = self.column_number(name)
        scale = self.header.get(f"TSCAL{number}", 1)
        zero = self.header.get(f"TZERO{number}", 0)
        if scale == 1 and zero == 0:
            return column
        physical: NDArray[np.float64] = column * np.float64(scale) + zero
        return physical if column.dtype.kind == "f" else physical.round().astype(np.int32)


def walk(path: str | Path) -> Iterator[TableStream]:
    """Extensions of a FITS file, in order; the primary header comes first.

    Parameters
    ----------
    path
        A FITS file, plain or gzip-compressed (told by its first bytes, not by its name).

    Yields
    ------
    TableStream
        Read its rows before asking for the next one.

    Raises
    ------
    InputFileError
        The file is missing, empty, not FITS, damaged, or ends early.
    """
    path = Path(path)
    with opened(path) as source:
        while (header := next_header(source)) is not None:
            end = source.position + data_size(path, header)
            yield TableStream(path, header, source)
            if not source.skip_to(end):
                raise InputFileError(
                    path,
                    f"the data of extension {header.get('EXTNAME', 'PRIMARY')} end at byte "
                    f"{source.position} of {end}",
                    DOWNLOAD_AGAIN,
                )
