"""What a task reads: looked at before it starts, for it would go on for minutes without."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from nustar_widgets.engines.taskspec import TaskSpec
from nustar_widgets.errors import InputFileError
from nustar_widgets.session.taskcall import TaskCall

_ARCHIVE_FOLDERS = ("auxil", "hk", "event_uf")
# Earlier products beside the events are not read, and would be stale at once if they were noted.
_PRODUCTS = frozenset({".pha", ".lc", ".flc", ".img", ".arf", ".rmf", ".gif", ".reg", ".log"})


def refuse_missing_events(call: TaskCall, spec: TaskSpec, *, folder: Path) -> None:
    """Refuse a nuproducts call whose event list is not there: the task would go on without.

    Parameters
    ----------
    call
        Any call, checked already; of other tasks nothing is looked at.
    spec
        What the task accepts.
    folder
        What relative paths mean.

    Raises
    ------
    InputFileError
        There is no such event list.
    """
    if call.task != "nuproducts" or spec.value(call, "infile").upper() != "DEFAULT":
        return
    module = spec.value(call, "instrument")[-1].upper()
    name = f"{spec.value(call, 'steminputs')}{module}01_cl.evt"
    path = folder / spec.value(call, "indir") / name
    if not any(path.with_name(known).is_file() for known in (name, f"{name}.gz")):
        raise InputFileError(
            path, "there is no such event list, plain or .gz", "Check indir and steminputs"
        )


def files_read(call: TaskCall, inputs: Iterable[Path]) -> tuple[Path, ...]:
    """List the files behind the files and folders a call names.

    Of a folder those that lie in it and bear the observation's name; nupipeline reads the folders
    of the archive in it too.

    Parameters
    ----------
    call
        The call.
    inputs
        What its parameters name.
    """
    stem = str(call.get("steminputs") or "")
    below = _ARCHIVE_FOLDERS if call.task == "nupipeline" else ()
    files: list[Path] = []
    for path in inputs:
        for place in (path, *(path / name for name in below)):
            if place.is_dir():
                files += sorted(
                    file
                    for file in place.glob(f"{stem}*")
                    if file.is_file() and file.suffix not in _PRODUCTS
                )
        if path.is_file():
            files.append(path)
    return tuple(dict.fromkeys(files))
