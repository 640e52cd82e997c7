"""Why a session cannot be written, in words, and where else it might be kept."""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from pathlib import Path
from typing import Final

_ENOUGH_BYTES: Final = 20_000_000

_FULL: Final = (errno.ENOSPC, errno.EDQUOT)
_READ_ONLY: Final = (errno.EROFS, errno.EACCES, errno.EPERM)
_GONE: Final = (errno.ENOENT, errno.ENOTDIR, errno.ESTALE, errno.ENODEV, errno.ENOTCONN)


def why_not_written(path: Path, error: Exception) -> str:
    """Say why a session file cannot be written, that nothing is lost, and what to do.

    Parameters
    ----------
    path
        The file.
    error
        What was raised.
    """
    why, remedy = _why(path, error)
    return (
        f"{path} cannot be written: {why}. Nothing is lost: this session stays in memory, and "
        f"writing it is tried again every few seconds. {remedy}"
    )


def refuge(path: Path) -> Path:
    """Return a folder where a session may be kept that cannot be written where it belongs.

    Parameters
    ----------
    path
        The file that cannot be written.
    """
    for folder in (Path.home(), Path(tempfile.gettempdir())):
        if folder != path.parent and _has_room(folder):
            return folder
    return Path.home()


def _why(path: Path, error: Exception) -> tuple[str, str]:
    found = _of_the_system(error)
    number = None if found is None else found.errno
    elsewhere = "keep it in another folder"
    if number in _FULL:
        return "the disk is full", f"Free some space, or {elsewhere}"
    if number in _READ_ONLY:
        return "its folder is read-only", f"Make it writable, or {elsewhere}"
    if number in _GONE or not path.parent.is_dir():
        return (
            "its folder has gone (moved, deleted, or no longer mounted)",
            f"Put it back, or {elsewhere}",
        )
    reason = None if found is None else found.strerror
    return reason or str(error), f"Mend that, or {elsewhere}"


def _of_the_system(error: BaseException | None) -> OSError | None:
    """Return the system's own error, also where another was raised from it."""
    while error is not None and not isinstance(error, OSError):
        error = error.__cause__
    return error


def _has_room(folder: Path) -> bool:
    try:
        return os.access(folder, os.W_OK) and shutil.disk_usage(folder).free > _ENOUGH_BYTES
    except OSError:
        return False
