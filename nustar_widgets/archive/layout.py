"""What an observation folder holds: plain or packed files, by what they are for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from nustar_widgets.archive.files import (
    ENCRYPTED_SUFFIX,
    FOLDERS,
    ObservationFile,
    Scan,
    scan,
    select,
)
from nustar_widgets.archive.names import Role, obsid_in
from nustar_widgets.archive.paths import is_obsid
from nustar_widgets.archive.steps import Step, possible_steps
from nustar_widgets.errors import InputFileError

_OBSID_LENGTH = 11


@dataclass(frozen=True, kw_only=True)
class ObservationFolder:
    """An observation on disk.

    Attributes
    ----------
    path
        Its folder: as archived, or as nupipeline wrote it.
    obsid
        Observation ID, as the names of folder and files say alike.
    found
        Its files.

    Examples
    --------
    >>> folder = ObservationFolder.open("60001110002")  # doctest: +SKIP
    >>> [step.describe() for step in folder.steps]  # doctest: +SKIP
    """

    path: Path
    obsid: str
    found: Scan

    @classmethod
    def open(cls, path: str | Path) -> ObservationFolder:
        """Look at a folder; nothing but names is read.

        Parameters
        ----------
        path
            The observation's folder, or one of the archive's folders in it, as ``event_cl``.

        Raises
        ------
        InputFileError
            It is no folder, holds no file of an observation, or files of several.
        """
        root = _root(Path(path))
        found = scan(root)
        return cls(path=root, obsid=_obsid(root, found), found=found)

    @property
    def files(self) -> tuple[ObservationFile, ...]:
        """Files known by their names."""
        return self.found.files

    @property
    def steps(self) -> tuple[Step, ...]:
        """Our own extraction, nuproducts and nupipeline: possible or not, and why."""
        return possible_steps(self.files, self.obsid)

    def step(self, name: str) -> Step:
        """Return one of the steps: ``extraction``, ``nuproducts`` or ``nupipeline``."""
        return next(step for step in self.steps if step.name == name)

    def of(
        self, role: Role, *, module: str | None = None, folders: Sequence[str] | None = None
    ) -> tuple[ObservationFile, ...]:
        """Choose files by what they are for.

        Parameters
        ----------
        role
            What they are for.
        module
            ``FPMA``, ``FPMB``, or ``None`` for any.
        folders
            Only in one of these folders, or in none of the archive's; earlier ones first.
        """
        return select(self.files, role, module=module, folders=folders)

    def event_lists(self, module: str) -> tuple[ObservationFile, ...]:
        """List cleaned events of a module by mode, whole ones before those split by star tracker.

        Parameters
        ----------
        module
            ``FPMA`` or ``FPMB``.
        """
        found = self.of(Role.EVENTS, module=module, folders=("event_cl",))
        return tuple(sorted(found, key=lambda file: (file.name.mode or "", file.name.split)))

    def housekeeping(self, module: str) -> Path | None:
        """Return the housekeeping of a module; ``None`` where there is none."""
        found = self.of(Role.HOUSEKEEPING, module=module, folders=("hk", "event_cl"))
        return found[0].path if found else None

    def describe(self) -> str:
        """Say in a few lines what is here and what is possible with it."""
        lines = [f"{self.obsid} in {self.path}: {len(self.files)} files known by their names"]
        if self.found.unfinished:
            lines.append(
                f"a download is not finished: {len(self.found.unfinished)} files are partly here; "
                "start it again to continue"
            )
        return "\n".join([*lines, *(step.describe() for step in self.steps)])


def find_plain_or_gz(folder: str | Path, name: str) -> Path | None:
    """Find a file under its name or, packed, under NAME.gz.

    Parameters
    ----------
    folder
        Where to look.
    name
        File name without ``.gz``.

    Returns
    -------
    Path or None
        The plain file if both are there; ``None`` if neither is.
    """
    for candidate in (Path(folder, name), Path(folder, f"{name}.gz")):
        if candidate.is_file():
            return candidate
    return None


def _root(path: Path) -> Path:
    """Return the observation's folder, also where one of the folders in it was given."""
    if not path.exists():
        raise InputFileError(path, "there is no such folder", "Check the path")
    if not path.is_dir():
        raise InputFileError(path, "is a file, not a folder", "Give the observation's folder")
    path = path.absolute()
    holds_folders = any((path / name).is_dir() for name in FOLDERS)
    return path.parent if path.name in FOLDERS and not holds_folders else path


def _obsid(root: Path, found: Scan) -> str:
    """Return what the names of folder and files say alike."""
    named = {file.name.obsid: file for file in found.files if file.name.obsid}
    if not named:
        raise _nothing_known(root, found)
    if len(named) > 1:
        (one, first), (two, second) = list(named.items())[:2]
        raise InputFileError(
            root,
            f"it holds files of two observations, {one} ({first.path.name}) and {two} "
            f"({second.path.name})",
            "Give each observation a folder of its own",
        )
    obsid, file = next(iter(named.items()))
    if root.name != obsid and is_obsid(_leading(root.name)) and _leading(root.name) != obsid:
        raise InputFileError(
            root,
            f"the folder's name says {_leading(root.name)}, but its files are of {obsid} "
            f"({file.path.name})",
            "Rename the folder, or put the right files into it",
        )
    return obsid


def _leading(name: str) -> str:
    """Eleven digits a folder's name begins with, as of ``60001110002_p``; else nothing."""
    head, rest = name[:_OBSID_LENGTH], name[_OBSID_LENGTH:]
    return head if is_obsid(head) and not rest[:1].isdigit() else ""


def _nothing_known(root: Path, found: Scan) -> InputFileError:
    if found.encrypted:
        return InputFileError(
            root,
            f"its files are encrypted ({found.encrypted[0].name})",
            f"They are proprietary: decrypt them with the key of the principal investigator, or "
            f"wait for their public date and download them again without {ENCRYPTED_SUFFIX}",
        )
    if found.unfinished:
        return InputFileError(
            root, "a download has not finished a single file", "Start it again to continue"
        )
    strays = [path.name for path in found.other if obsid_in(path.name)]
    there = f" (there is {strays[0]})" if strays else ""
    return InputFileError(
        root,
        f"it holds no file of an observation as the archive names them{there}",
        "Give a folder such as 60001110002 with event_cl, hk and auxil in it, or a folder "
        "nupipeline wrote",
    )
