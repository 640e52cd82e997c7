"""Binary tables of a FITS file, read forwards in blocks of rows.

An event list of ten million rows is 350 MB on disk and the live display needs four of its fourteen
columns. So the file is walked once, front to back: headers by ``astropy.io.fits``, rows in blocks
seen through a structured dtype that names only the columns wanted. The walk never seeks, so a
compressed file (as the archive delivers them) is read the same way without being unpacked first.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final, Protocol

import numpy as np
from astropy.io import fits

from nustar_widgets.errors import InputFileError

if TYPE_CHECKING:
    from numpy.typing import NDArray

BLOCK: Final = 2880  # FITS standard 4.0, section 3.1
ROWS_PER_READ: Final = 65536
GZIP_MAGIC: Final = b"\x1f\x8b"
COMPRESSED_READ: Final = 1 << 18
DOWNLOAD_AGAIN: Final = "The file is cut short: download or copy it again"

# FITS standard 4.0, table 18. Bits (X) are packed eight to a byte; P and Q are descriptors.
_FORMATS: Final = {
    "L": "S1", "B": "u1", "I": ">i2", "J": ">i4", "K": ">i8", "A": "S1",
    "E": ">f4", "D": ">f8", "C": ">c8", "M": ">c16", "P": ">i8", "Q": ">i8",
}  # fmt: skip


class ByteSource(Protocol):
    """Bytes read forwards."""

    def read(self, size: int = -1, /) -> bytes:
        """At most ``size`` bytes; fewer only at the end."""


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
    _source: _Counted

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
        return int(self.header["NAXIS2"])

    def column_number(self, name: str) -> int | None:
        """One-based number of a column, whatever its case; None when it is not there."""
        for number in range(1, int(self.header.get("TFIELDS", 0)) + 1):
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
        width = int(self.header["NAXIS1"])
        found: dict[str, tuple[str, int]] = {}
        offset = 0
        for number in range(1, int(self.header["TFIELDS"]) + 1):
            repeat, code = self._form(number)
            name = str(self.header.get(f"TTYPE{number}", "")).strip().upper()
            size = -(-repeat // 8) if code == "X" else repeat * np.dtype(_FORMATS[code]).itemsize
            if name in names and name not in found:
                if repeat != 1 or code not in "BIJKED":
                    raise self._wrong_form(name, number)
                found[name] = (_FORMATS[code], offset)
            offset += size
        missing = [name for name in names if name not in found]
        if missing:
            raise InputFileError(
                self.path,
                f"extension {self.name} has no column {', '.join(missing)}",
                f"Expected the columns {', '.join(names)} of a NuSTAR file",
            )
        if offset != width:
            raise InputFileError(
                self.path,
                f"extension {self.name}: NAXIS1 = {width}, but the columns take {offset} bytes",
                "Expected a table whose TFORMn add up to NAXIS1; the file is damaged",
            )
        return np.dtype(
            {
                "names": list(found),
                "formats": [form for form, _ in found.values()],
                "offsets": [start for _, start in found.values()],
                "itemsize": width,
            }
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
        return np.asarray(column * scale + zero, np.float64 if column.dtype.kind == "f" else "i4")


@dataclass(eq=False)
class _Counted:
    """A byte source that knows where it is."""

    source: ByteSource
    position: int = 0

    def take(self, size: int) -> bytes:
        """Exactly ``size`` bytes, fewer only at the end of the file."""
        data = self.source.read(size)
        self.position += len(data)
        return data

    def skip_to(self, position: int) -> bool:
        """Go forwards to a position; False when the file ends before it."""
        while self.position < position:
            if not self.take(min(position - self.position, 1 << 22)):
                return False
        return True


class _Inflater:
    """Decompressed bytes of a gzip file.

    Not ``gzip.open``: it inflates in small steps, twice as slow on an event list.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._zlib = zlib.decompressobj(wbits=31)
        self._ready = bytearray()

    def read(self, size: int = -1, /) -> bytes:
        while len(self._ready) < size and self._refill():
            pass
        data = bytes(memoryview(self._ready)[:size])
        del self._ready[:size]
        return data

    def _refill(self) -> bool:
        if self._zlib.eof:
            self._zlib, rest = zlib.decompressobj(wbits=31), self._zlib.unused_data.lstrip(b"\0")
        else:
            rest = b""
        packed = rest or self._file.read(COMPRESSED_READ)
        self._ready += self._zlib.decompress(packed)
        return bool(packed)


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
    with _opened(path) as source:
        while (header := _next_header(path, source)) is not None:
            end = source.position + _data_size(header)
            yield TableStream(path, header, source)
            if not source.skip_to(end):
                raise InputFileError(
                    path,
                    f"the data of extension {header.get('EXTNAME', 'PRIMARY')} end at byte "
                    f"{source.position} of {end}",
                    DOWNLOAD_AGAIN,
                )


@contextmanager
def _opened(path: Path) -> Iterator[_Counted]:
    try:
        with path.open("rb") as file:
            magic = file.read(2)
            file.seek(0)
            yield _Counted(_Inflater(file) if magic == GZIP_MAGIC else file)
    except FileNotFoundError as error:
        raise InputFileError(path, "there is no such file", "Check the path") from error
    except OSError as error:
        raise InputFileError(
            path, f"cannot be read ({error.strerror or error})", "Check the file's permissions"
        ) from error
    except zlib.error as error:
        raise InputFileError(
            path, f"the compressed data are damaged ({error})", DOWNLOAD_AGAIN
        ) from error


def _next_header(path: Path, source: _Counted) -> fits.Header | None:
    start = source.position
    first = source.take(BLOCK)
    if not first.strip(b"\0 "):
        if start == 0:
            raise InputFileError(path, "the file is empty", "Expected a NuSTAR FITS file")
        return None
    if start > 0 and not first.startswith(b"XTENSION"):
        return None  # special records after the last extension: legal, and nobody's data
    if start == 0 and not first.startswith(b"SIMPLE  ="):
        raise InputFileError(path, "this is not a FITS file", "Expected a FITS file, plain or .gz")
    text = first
    while not _has_end(text):
        more = source.take(BLOCK)
        if len(more) < BLOCK:
            raise InputFileError(
                path, f"a header that starts at byte {start} has no END", DOWNLOAD_AGAIN
            )
        text += more
    return fits.Header.fromstring(text.decode("latin-1"))


def _has_end(text: bytes) -> bool:
    """Whether the last block of a header holds the END card."""
    last = text[-BLOCK:]
    return any(last[i : i + 80].rstrip() == b"END" for i in range(0, len(last), 80))


def _data_size(header: fits.Header) -> int:
    """Bytes of data that follow a header, padded to whole blocks (FITS standard 4.0, eq. 2)."""
    axes = [int(header[f"NAXIS{i}"]) for i in range(1, int(header["NAXIS"]) + 1)]
    if not axes:
        return 0
    cells = int(np.prod(axes, dtype=np.int64)) + int(header.get("PCOUNT", 0))
    size = abs(int(header["BITPIX"])) // 8 * int(header.get("GCOUNT", 1)) * cells
    return -(-size // BLOCK) * BLOCK
