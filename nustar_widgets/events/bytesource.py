"""Bytes of a file read forwards, compressed or not."""

from __future__ import annotations

import zlib
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Final, Protocol

from nustar_widgets.errors import InputFileError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DOWNLOAD_AGAIN: Final = "The file is cut short or damaged: download or copy it again"
_GZIP_MAGIC: Final = b"\x1f\x8b"
_COMPRESSED_READ: Final = 1 << 18
_SKIP: Final = 1 << 22


class _Readable(Protocol):
    def read(self, size: int = -1, /) -> bytes: ...


class ByteSource:
    """Bytes of a file, front to back, and how many have been read.

    Parameters
    ----------
    path
        The file, for messages.
    stream
        Where the bytes come from.
    """

    def __init__(self, path: Path, stream: _Readable) -> None:
        self.path = path
        self.position = 0
        self._stream = stream

    def take(self, size: int) -> bytes:
        """Read ``size`` bytes; fewer only at the end of the file.

        Parameters
        ----------
        size
            Number of bytes.

        Raises
        ------
        InputFileError
            The file cannot be read, or its compressed data are damaged.
        """
        try:
            data = self._stream.read(size)
        except zlib.error as error:
            raise InputFileError(
                self.path, f"the compressed data are damaged ({error})", DOWNLOAD_AGAIN
            ) from error
        except OSError as error:
            raise _unreadable(self.path, error) from error
        self.position += len(data)
        return data

    def skip_to(self, position: int) -> bool:
        """Go forwards; False when the file ends before.

        Parameters
        ----------
        position
            Number of bytes from the beginning.
        """
        while self.position < position:
            if not self.take(min(position - self.position, _SKIP)):
                return False
        return True


@contextmanager
def opened(path: Path) -> Iterator[ByteSource]:
    """Open a file; whether it is compressed is told by its first bytes, not by its name.

    Parameters
    ----------
    path
        The file.

    Raises
    ------
    InputFileError
        The file is missing or cannot be read.
    """
    try:
        file = path.open("rb")
    except FileNotFoundError as error:
        raise InputFileError(path, "there is no such file", "Check the path") from error
    except OSError as error:
        raise _unreadable(path, error) from error
    with file:
        magic = file.read(2)
        file.seek(0)
        yield ByteSource(path, _Inflater(file) if magic == _GZIP_MAGIC else file)


def _unreadable(path: Path, error: OSError) -> InputFileError:
    return InputFileError(
        path, f"cannot be read ({error.strerror or error})", "Check the file's permissions"
    )


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
        """Inflate some more; a file may be several compressed pieces, one after the other."""
        rest = b""
        if self._zlib.eof:
            rest = self._zlib.unused_data.lstrip(b"\0")
            self._zlib = zlib.decompressobj(wbits=31)
        packed = rest or self._file.read(_COMPRESSED_READ)
        self._ready += self._zlib.decompress(packed)
        return bool(packed)
