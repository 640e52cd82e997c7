"""Data that are already there: told apart, and put into the words a session is made of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from nustar_widgets.archive.files import ENCRYPTED_SUFFIX, ObservationFile, scan
from nustar_widgets.archive.layout import ObservationFolder, find_plain_or_gz
from nustar_widgets.archive.paths import is_obsid
from nustar_widgets.archive.spectrumfiles import SpectrumFiles, open_spectra, spectrum_paths
from nustar_widgets.errors import InputFileError
from nustar_widgets.events.eventlist import EventList
from nustar_widgets.events.tablestream import walk
from nustar_widgets.instrument import MODULES

_PREFERRED_MODES: Final = ("01", "06")  # science, and science without the optics' star tracker
_SIMULATED: Final = ("simulated: not an observation",)
_ARCHIVES: Final = (".tar", ".tgz", ".zip", ".tar.gz")


class DataKind(StrEnum):
    """What was opened."""

    OBSERVATION = "observation folder"
    SAMPLE = "simulated sample"
    EVENTS = "event list"
    SPECTRA = "spectra"


@dataclass(frozen=True, kw_only=True)
class ModuleFiles:
    """The files of one module; the fields of a session's ``ModuleInputs``, by the same names.

    Attributes
    ----------
    module
        ``FPMA`` or ``FPMB``.
    events
        Cleaned event list.
    mode
        Observing mode, ``01`` to ``06``.
    housekeeping
        ``nu<obsid>A_fpm.hk``, or ``None``.
    arf, rmf
        Responses that lie beside the event list, or ``None``.
    """

    module: str
    events: str
    mode: str
    housekeeping: str | None = None
    arf: str | None = None
    rmf: str | None = None


@dataclass(frozen=True, kw_only=True)
class DataOnDisk:
    """What lies at a path.

    Attributes
    ----------
    kind
        What it is.
    path
        Where: the observation's folder, or the file or folder that was given.
    obsid
        Observation ID; empty where it is not known, or the spectra are of several.
    inputs
        Files by module, for extraction: ``ModuleInputs(**asdict(item))``.
    spectra
        Spectra somebody has made, with the files that belong to them.
    folder
        Everything an observation folder holds; ``None`` for the other kinds.
    notes
        What the user should read.

    Examples
    --------
    >>> data = open_data("60001110002")  # doctest: +SKIP
    >>> [item.events for item in data.inputs]  # doctest: +SKIP
    """

    kind: DataKind
    path: Path
    obsid: str = ""
    inputs: tuple[ModuleFiles, ...] = ()
    spectra: tuple[SpectrumFiles, ...] = ()
    folder: ObservationFolder | None = None
    notes: tuple[str, ...] = ()

    def __repr__(self) -> str:
        """Tell what it is, in a few lines: it is often the last value of a cell."""
        lines = [f"{self.kind} {self.path}"]
        lines += [f"  {item.module}: {Path(item.events).name}" for item in self.inputs]
        lines += [f"  {Path(item.pha).name}" for item in self.spectra]
        return "\n".join((*lines, *(f"  {note}" for note in self.notes)))


def open_data(path: str | Path) -> DataOnDisk:
    """Tell what somebody gives: an observation, an event list, spectra, or the simulated sample.

    Parameters
    ----------
    path
        An observation folder (or a folder with one in it), a folder of products, an event list,
        or a PHA file.

    Raises
    ------
    InputFileError
        It is none of them, is damaged, encrypted or of another telescope.
    """
    path = Path(path).absolute()
    if path.is_dir():
        return _open_folder(path)
    if not path.exists():
        raise InputFileError(path, "there is nothing here", "Check the path")
    _refuse_packed(path)
    return _open_spectra(path) if _holds(path) == "SPECTRUM" else _open_events(path)


def _open_folder(path: Path) -> DataOnDisk:
    if scan(path).files:
        return _open_observation(ObservationFolder.open(path))
    if spectrum_paths(path):
        return _open_spectra(path)
    inside = [entry for entry in path.iterdir() if is_obsid(entry.name) and entry.is_dir()]
    if len(inside) > 1:
        raise InputFileError(
            path,
            f"it holds {len(inside)} observations ({', '.join(sorted(p.name for p in inside))})",
            "Give the folder of one",
        )
    return _open_observation(ObservationFolder.open(inside[0] if inside else path))


def _open_observation(folder: ObservationFolder) -> DataOnDisk:
    chosen = [file for module in MODULES if (file := _chosen(folder, module)) is not None]
    is_simulated = any(_is_simulated(file.path) for file in chosen)
    return DataOnDisk(
        kind=DataKind.SAMPLE if is_simulated else DataKind.OBSERVATION,
        path=folder.path,
        obsid=folder.obsid,
        inputs=tuple(_module_files(folder, file) for file in chosen),
        folder=folder,
        notes=(*_observation_notes(folder, chosen), *(_SIMULATED if is_simulated else ())),
    )


def _chosen(folder: ObservationFolder, module: str) -> ObservationFile | None:
    """Return the event list to begin with: pointed observation first, whole before split."""
    lists = folder.event_lists(module)
    for mode in _PREFERRED_MODES:
        for file in lists:
            if file.name.mode == mode:
                return file
    return lists[0] if lists else None


def _module_files(folder: ObservationFolder, file: ObservationFile) -> ModuleFiles:
    module, mode = file.name.module, file.name.mode
    assert module is not None  # the name of every event list says both
    assert mode is not None
    stem = file.path.name.removesuffix(".gz").removesuffix("_cl.evt")
    return ModuleFiles(
        module=module,
        events=str(file.path),
        mode=mode,
        housekeeping=_text(folder.housekeeping(module)),
        arf=_text(find_plain_or_gz(file.path.parent, f"{stem}_sr.arf")),
        rmf=_text(find_plain_or_gz(file.path.parent, f"{stem}_sr.rmf")),
    )


def _observation_notes(folder: ObservationFolder, chosen: list[ObservationFile]) -> Iterator[str]:
    if folder.found.unfinished:
        yield (
            f"a download is not finished ({len(folder.found.unfinished)} files are partly here): "
            "start it again to continue"
        )
    if not chosen:
        yield f"no cleaned event list: {folder.step('nupipeline').describe()}"
    for file in chosen:
        others = [other for other in folder.event_lists(file.name.module or "") if other != file]
        if file.name.mode != _PREFERRED_MODES[0]:
            yield f"{file.name.module}: no event list of mode 01; {file.path.name} is taken"
        elif any(other.name.mode == _PREFERRED_MODES[1] for other in others):
            yield f"{file.name.module}: there is an event list of mode 06 (SCIENCE_SC) too"
    missing = set(MODULES) - {file.name.module for file in chosen}
    if chosen and missing:
        yield f"no cleaned event list of {' and '.join(sorted(missing))}"


def _open_events(path: Path) -> DataOnDisk:
    events = EventList.read(path)
    letter, stem = events.module[-1], f"nu{events.obsid}{events.module[-1]}{events.mode}"
    housekeeping = find_plain_or_gz(path.parent.parent / "hk", f"nu{events.obsid}{letter}_fpm.hk")
    inputs = ModuleFiles(
        module=events.module,
        events=str(path),
        mode=events.mode,
        housekeeping=_text(housekeeping),
        arf=_text(find_plain_or_gz(path.parent, f"{stem}_sr.arf")),
        rmf=_text(find_plain_or_gz(path.parent, f"{stem}_sr.rmf")),
    )
    return DataOnDisk(
        kind=DataKind.EVENTS,
        path=path,
        obsid=events.obsid,
        inputs=(inputs,),
        notes=tuple(_event_notes(events, housekeeping)),
    )


def _event_notes(events: EventList, housekeeping: Path | None) -> Iterator[str]:
    yield from events.messages
    if housekeeping is None:
        yield "no housekeeping in ../hk: dead time is the mean of the observation"
    if events.header.get("SIMULATD", False):
        yield from _SIMULATED


def _open_spectra(path: Path) -> DataOnDisk:
    spectra, notes = open_spectra(path)
    obsids = sorted({item.obsid for item in spectra})
    if len(obsids) > 1:
        notes = (*notes, f"spectra of several observations: {', '.join(obsids)}")
    return DataOnDisk(
        kind=DataKind.SPECTRA,
        path=path,
        obsid=obsids[0] if len(obsids) == 1 else "",
        spectra=spectra,
        notes=notes,
    )


def _refuse_packed(path: Path) -> None:
    if path.name.endswith(ENCRYPTED_SUFFIX):
        raise InputFileError(
            path,
            "the file is encrypted: the data are proprietary",
            "Decrypt it with the key of the principal investigator, or wait for the public date",
        )
    if path.name.endswith(_ARCHIVES):
        raise InputFileError(
            path, "this is a packed folder", "Unpack it and give the folder that comes out"
        )


def _holds(path: Path) -> str:
    """Return the name of the first extension that tells what the file is."""
    names = []
    for extension in walk(path):
        if "SPECTRUM" in (extension.name, extension.header.get("HDUCLAS1")):
            return "SPECTRUM"
        if extension.name == "EVENTS":
            return "EVENTS"
        names.append(extension.name or "(no name)")
    raise InputFileError(
        path,
        f"neither an event list nor a spectrum: its extensions are {', '.join(names)}",
        "Give a cleaned event list (nu*_cl.evt) or a spectrum (*.pha); an ARF, RMF or region is "
        "found through the spectrum",
    )


def _is_simulated(path: Path) -> bool:
    return bool(next(walk(path)).header.get("SIMULATD", False))


def _text(path: Path | None) -> str | None:
    return None if path is None else str(path)
