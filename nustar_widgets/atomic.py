"""Files and folders that appear whole under their final name, or not at all."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nustar_widgets.errors import OutputError

_REMEDY = "Choose a folder that exists, can be written and has room"


def write_text(path: str | Path, text: str, *, overwrite: bool = True) -> None:
    """Write a UTF-8 text file whole.

    Parameters
    ----------
    path
        The file.
    text
        Its content.
    overwrite
        Replace an existing file.

    Raises
    ------
    OutputError
        The file exists and may not be replaced, or cannot be written.
    """
    with whole_file(path, overwrite=overwrite) as part, part.open("w", encoding="utf-8") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())


@contextmanager
def whole_file(path: str | Path, *, overwrite: bool = False) -> Iterator[Path]:
    """Give a temporary name beside a file; it is renamed when the block ends well.

    Parameters
    ----------
    path
        The file to be.
    overwrite
        Replace an existing file.

    Yields
    ------
    Path
        Where to write.

    Raises
    ------
    OutputError
        The file exists and may not be replaced, or cannot be written; nothing is left behind.
    """
    path = Path(path)
    refuse_existing(path, overwrite=overwrite)
    part: Path | None = None
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
        os.close(handle)
        part = Path(name)
        yield part
        part.chmod(0o666 & ~_umask())
        part.replace(path)
    except OSError as error:
        raise _unwritable(path, error) from error
    finally:
        if part is not None:
            part.unlink(missing_ok=True)


@contextmanager
def whole_folder(path: str | Path, *, overwrite: bool = False) -> Iterator[Path]:
    """Give a temporary folder beside the final one; it is renamed when the block ends well.

    Parameters
    ----------
    path
        The folder to be; may exist if it is empty.
    overwrite
        Replace a folder that holds something.

    Yields
    ------
    Path
        Where to work.

    Raises
    ------
    OutputError
        The folder exists and may not be replaced, or cannot be written; nothing is left behind.
    """
    path = Path(path)
    if path.exists() and not path.is_dir():
        raise OutputError(path, "is a file, not a folder", "Choose another name")
    if path.is_dir() and any(path.iterdir()):
        refuse_existing(path, overwrite=overwrite)
    made = [parent for parent in path.parents if not parent.exists()]
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part = Path(tempfile.mkdtemp(dir=path.parent, prefix=f".{path.name}."))
    except OSError as error:
        _remove_empty(made)
        raise _unwritable(path, error) from error
    try:
        yield part
        part.chmod(0o777 & ~_umask())
        _take_place(part, path)
    except OSError as error:
        raise _unwritable(path, error) from error
    finally:
        shutil.rmtree(part, ignore_errors=True)
        _remove_empty(made)


def refuse_existing(path: Path, *, overwrite: bool) -> None:
    """Raise OutputError if something is in the way and may not be replaced."""
    if path.exists() and not overwrite:
        raise OutputError(path, "exists already", "Choose another name, or ask for overwrite")


def _take_place(part: Path, path: Path) -> None:
    """Rename, moving what was there aside first, so that a failure loses neither."""
    if not path.exists():
        part.replace(path)
        return
    aside = Path(tempfile.mkdtemp(dir=path.parent, prefix=f".{path.name}.old."))
    old = path.replace(aside / "old")
    try:
        part.replace(path)
    except OSError:
        old.replace(path)
        raise
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _remove_empty(folders: list[Path]) -> None:
    """Remove folders made on the way that nothing was put into, innermost first."""
    for folder in folders:
        try:
            folder.rmdir()
        except OSError:  # in use, or never made
            return


def _unwritable(path: Path, error: OSError) -> OutputError:
    return OutputError(path, f"cannot be written ({error.strerror or error})", _REMEDY)


def _umask() -> int:
    """Read the process's file mode mask; the system offers no way but to set it twice."""
    mask = os.umask(0o022)
    os.umask(mask)
    return mask
