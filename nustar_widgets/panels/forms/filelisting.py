"""What is in a folder beside the kernel, for choosing a file: folders first, errors in words."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

MOST_ENTRIES: Final = 2000


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A file or a folder.

    Attributes
    ----------
    name
        Its name.
    is_folder
        Whether there is something to open; so is a link to a folder.
    size_bytes
        Of a file [byte]; ``None`` of a folder, and where it cannot be told.
    """

    name: str
    is_folder: bool
    size_bytes: int | None = None


@dataclass(frozen=True, kw_only=True)
class Listing:
    """What is in a folder.

    Attributes
    ----------
    folder
        The folder's whole path.
    shown
        How a value names it: from the work folder where it is below, else the whole path.
    parent
        The whole path of the folder it is in; empty at the root.
    entries
        Folders, then files, each by name.
    note
        What is not in the list, in words; empty where all is.
    problem
        Why it cannot be read and what to do, in words; empty where it can.
    """

    folder: str
    shown: str
    parent: str = ""
    entries: tuple[Entry, ...] = ()
    note: str = ""
    problem: str = ""


def listing(folder: Path, *, work: Path, hidden: bool = False) -> Listing:
    """List a folder.

    Parameters
    ----------
    folder
        The folder, from the work folder or whole.
    work
        The folder that values without a whole path are meant from.
    hidden
        Also what begins with a dot.
    """
    whole = _whole(folder, work)
    parent = "" if whole.parent == whole else str(whole.parent)
    shown = _shown(whole, work)
    try:
        entries, note = _entries(whole, hidden=hidden)
    except OSError as error:
        problem = _in_words(whole, error)
        return Listing(folder=str(whole), shown=shown, parent=parent, problem=problem)
    return Listing(folder=str(whole), shown=shown, parent=parent, entries=entries, note=note)


def nearest_folder(value: str, *, work: Path) -> Path:
    """Return the folder in which to look for another value: the nearest there is.

    Parameters
    ----------
    value
        What a parameter has now: a path, a word as ``DEFAULT``, or nothing.
    work
        The folder that values without a whole path are meant from.
    """
    whole = _whole(Path(value), work)
    return next((path for path in (whole, *whole.parents) if _is_folder(path)), work)


def _whole(path: Path, work: Path) -> Path:
    """Return a whole path without ``..``; links stay, so that people see the names they know."""
    with suppress(RuntimeError):  # nobody's home
        path = path.expanduser()
    return Path(os.path.abspath(work / path))  # noqa: PTH100 - resolve() would follow links


def _shown(whole: Path, work: Path) -> str:
    base = _whole(work, work)
    return str(whole.relative_to(base)) if whole.is_relative_to(base) else str(whole)


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except (OSError, ValueError):  # a folder on the way is closed to us, or no path at all
        return False


def _entries(folder: Path, *, hidden: bool) -> tuple[tuple[Entry, ...], str]:
    with os.scandir(folder) as found:
        every = [one for one in found if hidden or not one.name.startswith(".")]
    readable = [one for one in every if _is_text(one.name)]
    ordered = sorted(
        ((not _opens(one), one.name.casefold(), one.name), one) for one in readable
    )  # fmt: skip
    kept = tuple(_entry(one, is_folder=not key[0]) for key, one in ordered[:MOST_ENTRIES])
    return kept, " ".join(_left_out(len(every), len(readable)))


def _left_out(every: int, readable: int) -> list[str]:
    told = []
    if readable > MOST_ENTRIES:
        told.append(f"The first {MOST_ENTRIES} of {readable} are listed; type the name of another.")
    if every > readable:
        told.append(f"{every - readable} with names that are not text are left out.")
    return told


def _is_text(name: str) -> bool:
    """Whether a name can travel to the page and stand in a call."""
    return name.isprintable() and not any("\ud800" <= letter <= "\udfff" for letter in name)


def _opens(found: os.DirEntry[str]) -> bool:
    try:
        return found.is_dir()
    except OSError:  # a link that leads to itself, or where we may not look
        return False


def _entry(found: os.DirEntry[str], *, is_folder: bool) -> Entry:
    if is_folder:
        return Entry(name=found.name, is_folder=True)
    try:
        size = found.stat().st_size
    except OSError:
        return Entry(name=found.name, is_folder=False)
    return Entry(name=found.name, is_folder=False, size_bytes=size)


def _in_words(folder: Path, error: OSError) -> str:
    match error:
        case FileNotFoundError():
            return f"{folder}: there is no such folder; go up, or choose another"
        case NotADirectoryError():
            return f"{folder}: is a file, not a folder; go up to choose it"
        case PermissionError():
            return f"{folder}: you are not allowed to look into it; go up, or choose another"
    return f"{folder}: cannot be read ({error.strerror}); go up, or choose another"
