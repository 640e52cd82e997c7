"""The files of an observation as they lie on disk."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from nustar_widgets.archive.names import FileName, Role, parse_name
from nustar_widgets.errors import InputFileError

FOLDERS: Final = ("auxil", "event_cl", "event_uf", "hk")
"""Folders of an observation in the archive."""
PART_SUFFIX: Final = ".part"
"""How the names of files end that a download has not finished."""
ENCRYPTED_SUFFIX: Final = ".gpg"
"""How the names of files end that only the principal investigator can read."""


@dataclass(frozen=True, kw_only=True)
class ObservationFile:
    """One file of an observation.

    Attributes
    ----------
    path
        Where it is.
    folder
        The archive's folder it is in; empty for one that is in none.
    name
        What its name says.
    """

    path: Path
    folder: str
    name: FileName


@dataclass(frozen=True, kw_only=True)
class Scan:
    """What a look into a folder found.

    Attributes
    ----------
    files
        Files known by their names; one that is there plain and packed is named once, plain.
    other
        The rest.
    unfinished
        What a download has left half.
    encrypted
        Files nobody but the principal investigator can read.
    """

    files: tuple[ObservationFile, ...] = ()
    other: tuple[Path, ...] = ()
    unfinished: tuple[Path, ...] = ()
    encrypted: tuple[Path, ...] = ()


def scan(root: Path) -> Scan:
    """Look at a folder and at the archive's folders in it.

    Parameters
    ----------
    root
        The folder.

    Raises
    ------
    InputFileError
        It cannot be read.
    """
    files: list[ObservationFile] = []
    other, unfinished, encrypted = [], [], []
    for folder, path in _walk(root):
        name = parse_name(path.name)
        if path.name.endswith(PART_SUFFIX):
            unfinished.append(path)
        elif path.name.endswith(ENCRYPTED_SUFFIX):
            encrypted.append(path)
        elif name is None:
            other.append(path)
        elif not _is_packed_twin(path):
            files.append(ObservationFile(path=path, folder=folder, name=name))
    return Scan(
        files=tuple(files),
        other=tuple(other),
        unfinished=tuple(unfinished),
        encrypted=tuple(encrypted),
    )


def select(
    files: Sequence[ObservationFile],
    role: Role,
    *,
    module: str | None = None,
    folders: Sequence[str] | None = None,
) -> tuple[ObservationFile, ...]:
    """Choose files by what they are for.

    Parameters
    ----------
    files
        To choose from.
    role
        What they are for.
    module
        Only of this module.
    folders
        Only in one of these folders of the archive, or in none of them; earlier ones first.
    """
    chosen = [
        file
        for file in files
        if file.name.role is role
        and (module is None or file.name.module == module)
        and (folders is None or file.folder in ("", *folders))
    ]
    if folders is not None:
        order = (*folders, "")
        chosen.sort(key=lambda file: order.index(file.folder))
    return tuple(chosen)


def _walk(root: Path) -> Iterator[tuple[str, Path]]:
    for folder in ("", *FOLDERS):
        place = root / folder
        try:
            entries = sorted(place.iterdir()) if place.is_dir() else []
        except OSError as error:
            raise InputFileError(
                place, f"cannot be read ({error.strerror or error})", "Check its permissions"
            ) from error
        yield from ((folder, path) for path in entries if path.is_file())


def _is_packed_twin(path: Path) -> bool:
    return path.suffix == ".gz" and path.with_suffix("").is_file()
