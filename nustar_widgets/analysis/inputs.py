"""Find the files of each module and make sure they belong together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from nustar_widgets.analysis.request import Request
from nustar_widgets.errors import InputFileError
from nustar_widgets.events.eventlist import EventList
from nustar_widgets.events.gti import Gti
from nustar_widgets.events.livetime import Housekeeping
from nustar_widgets.instrument import N_CHANNELS
from nustar_widgets.session.values import ModuleInputs
from nustar_widgets.spectra.arf import read_arf
from nustar_widgets.spectra.loading import read_rmf_once
from nustar_widgets.spectra.response import Response


@dataclass(frozen=True, eq=False, kw_only=True)
class Inputs:
    """The files of a run, opened or named.

    Attributes
    ----------
    events
        Event list by module, FPMA first.
    files
        The same for the session.
    user_gti
        Intervals to keep, or ``None``.
    """

    events: dict[str, EventList]
    files: tuple[ModuleInputs, ...]
    user_gti: Gti | None

    @property
    def obsid(self) -> str:
        """Observation ID."""
        return next(iter(self.events.values())).obsid


def open_inputs(request: Request, progress: Callable[[str], None]) -> Inputs:
    """Read the event lists and find what belongs to them.

    Raises
    ------
    InputFileError
        A file is missing, damaged, of another observation or of the other module.
    """
    lists = []
    for path in request.events:
        progress(f"reading {path.name}")
        lists.append(EventList.read(path))
    _check_together(lists)
    events = {item.module: item for item in sorted(lists, key=lambda item: item.module)}
    housekeeping = _by_module(request.housekeeping, events, lambda p: Housekeeping.read(p).module)
    arf = _by_module(request.arf, events, lambda path: read_arf(path).instrument)
    rmf = _matrices(request.rmf, events)
    files = tuple(
        ModuleInputs(
            module=module,
            events=str(item.path),
            mode=item.mode,
            housekeeping=_text(housekeeping.get(module) or _find_housekeeping(item)),
            arf=_text(arf.get(module) or _find_response(item, "arf")),
            rmf=_text(rmf.get(module) or _find_response(item, "rmf")),
        )
        for module, item in events.items()
    )
    for item in files:
        _check_response(item, progress)
    return Inputs(
        events=events, files=files, user_gti=None if request.gti is None else Gti.read(request.gti)
    )


def _check_together(lists: Sequence[EventList]) -> None:
    first = lists[0]
    if len(first.obsid) != 11 or not first.obsid.isdigit():
        raise InputFileError(
            first.path, f"EVENTS: OBS_ID = {first.obsid!r}", "Expected eleven digits"
        )
    for other in lists[1:]:
        if other.obsid != first.obsid:
            raise InputFileError(
                other.path,
                f"EVENTS: OBS_ID = {other.obsid!r}, but {first.path.name} is of {first.obsid!r}",
                "Give the event lists of one observation",
            )
    modules = [item.module for item in lists]
    for number, item in enumerate(lists):
        if item.module in modules[:number]:
            raise InputFileError(
                item.path,
                f"EVENTS: INSTRUME = {item.module!r}, as of an event list before it",
                "Give one event list of FPMA and one of FPMB, or one alone",
            )


def _by_module(
    paths: Sequence[Path], events: dict[str, EventList], module_of: Callable[[Path], str]
) -> dict[str, Path]:
    """Sort files by the module their header names."""
    found: dict[str, Path] = {}
    for path in paths:
        module = module_of(path)
        if module not in events:
            raise InputFileError(
                path,
                f"INSTRUME = {module!r}, but the event lists are of {', '.join(events)}",
                f"Give the file of {' and '.join(events)}",
            )
        if module in found:
            raise InputFileError(
                path, f"INSTRUME = {module!r}, as of {found[module].name}", "Give one a module"
            )
        found[module] = path
    return found


def _matrices(paths: Sequence[Path], events: dict[str, EventList]) -> dict[str, Path]:
    """One RMF may stand in for both modules: those of one detector are alike."""
    if len(paths) == 1:
        return dict.fromkeys(events, paths[0])
    return _by_module(paths, events, lambda path: read_rmf_once(path).instrument)


def _check_response(files: ModuleInputs, progress: Callable[[str], None]) -> None:
    """Refuse responses that fit neither each other nor the channels, before anything is made."""
    if files.arf is None or files.rmf is None:
        return
    progress(f"{files.module}: reading the response")
    arf, rmf = read_arf(files.arf), read_rmf_once(Path(files.rmf))
    if arf.instrument and arf.instrument != files.module:
        raise InputFileError(
            files.arf, f"INSTRUME = {arf.instrument!r}", f"Give the ARF of {files.module}"
        )
    if rmf.n_channels != N_CHANNELS:
        raise InputFileError(
            files.rmf,
            f"it has {rmf.n_channels} channels, but NuSTAR event lists have {N_CHANNELS}",
            "Give an RMF of NuSTAR",
        )
    Response(rmf, arf)  # refuses energy bins that differ


def _find_housekeeping(events: EventList) -> Path | None:
    """Look where the archive has it; one that merely lies beside the events may be another's."""
    name = f"nu{events.obsid}{events.module[-1]}_fpm.hk"
    return _first_there(events.path.parent.parent / "hk", name=name)


def _find_response(events: EventList, kind: str) -> Path | None:
    name = f"nu{events.obsid}{events.module[-1]}{events.mode}_sr.{kind}"
    return _first_there(events.path.parent, name=name)


def _first_there(*folders: Path, name: str) -> Path | None:
    for folder in folders:
        for candidate in (folder / name, folder / f"{name}.gz"):
            if candidate.is_file():
                return candidate
    return None


def _text(path: Path | None) -> str | None:
    return None if path is None else str(path)
