"""Finished products get their final names: all are checked before the first moves."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from nustar_widgets.errors import OutputError

Move = tuple[Path, Path]
"""Where a finished file lies, and the name it is to have."""


def refuse_existing(finals: Sequence[Path], *, overwrite: bool) -> None:
    """Refuse to replace files that are there already.

    Raises
    ------
    OutputError
        One exists and may not be replaced, or is a folder.
    """
    for path in finals:
        if path.is_dir() and not path.is_symlink():
            raise OutputError(path, "is a folder", "Move it away or choose another name")
        if not overwrite and os.path.lexists(path):
            raise OutputError(path, "exists already", "Move it away or set clobber=yes")


def deliver(moves: Sequence[Move], *, overwrite: bool) -> None:
    """Move finished files to their final names, also to another disk.

    Each file is whole under its final name from the first moment; what takes long, copying to
    another disk, is done before the first file gets its name.

    Parameters
    ----------
    moves
        The files.
    overwrite
        Replace existing files.

    Raises
    ------
    OutputError
        A file exists and may not be replaced, or a folder cannot be written; then no file has
        moved.
    """
    refuse_existing([final for _, final in moves], overwrite=overwrite)
    near: list[Move] = []
    try:
        for made, final in moves:
            final.parent.mkdir(parents=True, exist_ok=True)
            near.append((_brought_near(made, final), final))
        for part, final in near:
            part.replace(final)
    except OSError as error:
        raise OutputError(
            error.filename2 or error.filename or moves[0][1],
            f"cannot be written ({error.strerror or error})",
            "Choose a folder that can be written and has room",
        ) from error
    finally:
        for part, final in near:
            if part.parent == final.parent:
                part.unlink(missing_ok=True)


def _brought_near(made: Path, final: Path) -> Path:
    """Return a path on the final file's own disk with the same content."""
    if made.stat().st_dev == final.parent.stat().st_dev:
        return made
    handle, name = tempfile.mkstemp(dir=final.parent, prefix=f".{final.name}.", suffix=".part")
    os.close(handle)
    try:
        shutil.copyfile(made, name)
        shutil.copymode(made, name)
    except OSError:
        with suppress(OSError):
            Path(name).unlink()
        raise
    return Path(name)
