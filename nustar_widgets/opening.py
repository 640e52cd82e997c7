"""Data on disk become choices: one edit of a session for whatever somebody opens."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from nustar_widgets.archive.ondisk import DataKind, DataOnDisk, open_data
from nustar_widgets.errors import SessionError
from nustar_widgets.session.session import Session
from nustar_widgets.session.values import ModuleInputs, Regions, SpectrumInput
from nustar_widgets.simulate import simulate_observation


def open_in(session: Session, path: str | Path) -> DataOnDisk:
    """Open an observation folder, an event list, or spectra in a session: one undo step.

    Parameters
    ----------
    session
        The session. What belonged to another observation (regions, intervals) is cleared.
    path
        What to open.

    Returns
    -------
    DataOnDisk
        What it is, with notes the user should read.

    Raises
    ------
    InputFileError
        It is none of these, or damaged; the session is as it was.
    """
    data = open_data(path)
    session.edit(f"open {data.path.name}", **changes_for(session, data))
    return data


def open_sample(
    session: Session, folder: str | Path, *, progress: Callable[[str], None] | None = None
) -> DataOnDisk:
    """Open the simulated observation, making it in a folder if it is not there.

    Parameters
    ----------
    session
        The session.
    folder
        Where the observation's folder is or is to be.
    progress
        Told what is being made.

    Raises
    ------
    OutputError
        The folder cannot be written.
    """
    place = Path(folder) / "00000000001"
    if not place.exists():
        simulate_observation(folder, progress=progress)
    return open_in(session, place)


def changes_for(session: Session, data: DataOnDisk) -> dict[str, Any]:
    """Return the fields of a session that change with data, and what they become.

    Raises
    ------
    SessionError
        There is nothing in the data to work on yet.
    """
    if data.kind is DataKind.SPECTRA:
        spectra = tuple(
            SpectrumInput(pha=item.pha, background=item.background, arf=item.arf, rmf=item.rmf)
            for item in data.spectra
        )
        return {"spectra": spectra, "inputs": (), **of_observation(session, data.obsid)}
    inputs = tuple(ModuleInputs(**asdict(item)) for item in data.inputs) or _raw(data)
    if not inputs:
        raise SessionError(f"{data.path}: {'; '.join(data.notes) or 'no event list'}")
    changes = {
        "inputs": inputs,
        "modules": tuple(item.module for item in inputs),
        "spectra": (),
        "data_dir": "" if data.folder is None else str(data.path),
        **of_observation(session, data.obsid),
    }
    if not data.inputs:  # nupipeline makes the event lists first
        changes["pipeline"] = session.pipeline or ()
    return changes


def _raw(data: DataOnDisk) -> tuple[ModuleInputs, ...]:
    """Return the modules of an observation that has only raw data, without event lists."""
    step = None if data.folder is None else data.folder.step("nupipeline")
    return tuple(ModuleInputs(module=module, events="") for module in step.modules) if step else ()


def of_observation(session: Session, obsid: str) -> dict[str, Any]:
    """Return the fields of a session that belong to one observation, cleared if it is another.

    Parameters
    ----------
    session
        The session.
    obsid
        The observation it turns to; nothing changes where that is not known.
    """
    if not obsid or obsid == session.obsid:
        return {}
    return {"obsid": obsid, "regions": Regions(), "user_gti": None}
