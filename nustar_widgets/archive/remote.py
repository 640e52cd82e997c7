"""A file in the archive, and the check that its name stays inside the folder."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from nustar_widgets.errors import DownloadError

_LONGEST_NAME: Final = 200  # bytes; file systems end at 255, and ours are longer while unfinished


@dataclass(frozen=True, kw_only=True)
class RemoteFile:
    """One file a host has.

    Attributes
    ----------
    relative
        Path in the observation's folder, with ``/``.
    size
        Length [bytes].
    url
        Where it is fetched from.
    version
        What the server calls this state of the file (ETag or Last-Modified); empty where it does
        not say. A half fetched file is only continued with the same.
    """

    relative: str
    size: int
    url: str
    version: str = ""


def checked_relative(relative: str, *, source: str) -> str:
    """Refuse a name that would be written outside the folder or cannot be a file.

    Parameters
    ----------
    relative
        Path in the observation's folder, as a server or an archive file gives it.
    source
        Where the name is from, for messages.

    Raises
    ------
    DownloadError
        It is absolute, climbs with ``..``, holds a character no file of the archive has, or is too
        long.
    """
    parts = relative.split("/")
    is_inside = all(part not in ("", ".", "..") for part in parts)
    is_plain = relative.isprintable() and "\\" not in relative
    is_short = all(len(part.encode(errors="replace")) <= _LONGEST_NAME for part in parts)
    if not (is_inside and is_plain and is_short):
        raise DownloadError(
            source,
            f"it names a file {relative[:_LONGEST_NAME]!r}, which would lie outside the "
            "observation's folder or is no file name",
            "Nothing was written; choose another host, and tell HEASARC's help desk",
        )
    return relative
