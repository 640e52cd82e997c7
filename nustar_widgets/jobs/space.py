"""How much disk a step will take, about, and whether there is as much."""

from __future__ import annotations

import os
import shutil
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

from nustar_widgets.engines.taskspec import as_text, is_yes
from nustar_widgets.errors import OutputError
from nustar_widgets.jobs.place import scratch_of
from nustar_widgets.jobs.plan import PlannedJob
from nustar_widgets.session.taskcall import TaskCall

# nupipeline: what it leaves is about as large as what it reads, and its working folder holds 90 %
# of that once more while it runs (60001110002, HEASoft 6.20).
_SCRATCH: Final = 0.9
# nuproducts: the image of 1000 x 1000 pixels; spectra with their maps; responses, the RMF from 4096
# energies to 4096 channels. Sizes of files HEASoft has made.
_IMAGE_BYTES: Final = 4.01e6
_SPECTRUM_BYTES: Final = 0.2e6
_ARF_BYTES: Final = 0.07e6
_RMF_BYTES: Final = 34e6
# A light curve: headers, regions and intervals; and seven numbers a bin. The embedded engine adds
# the net curve.
_CURVE_BYTES: Final = 0.02e6
_BIN_BYTES: Final = 28
_DEFAULT_BIN_S: Final = 10.0  # nuproducts' own


@dataclass(frozen=True, kw_only=True)
class Space:
    """Disk a step takes, about.

    Attributes
    ----------
    kept_bytes
        What it leaves.
    scratch_bytes
        What its working folder takes besides, while it runs.
    """

    kept_bytes: float
    scratch_bytes: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Room:
    """What steps take of one disk, and what is free there.

    Attributes
    ----------
    folder
        A folder on that disk.
    needed_bytes, free_bytes
        What is needed at once, and what there is.
    """

    folder: Path
    needed_bytes: float
    free_bytes: float

    @property
    def problem(self) -> str:
        """Say that it does not fit; empty where it does."""
        if self.needed_bytes <= self.free_bytes:
            return ""
        return (
            f"{self.folder}: about {size_words(self.needed_bytes)} are needed, "
            f"{size_words(self.free_bytes)} are free. Choose another work folder, or make room"
        )


def space_of(job: PlannedJob) -> Space | None:
    """Estimate the disk a step takes; ``None`` where nothing is known.

    Parameters
    ----------
    job
        The step. Sizes of its inputs are looked up.
    """
    match job.call.task:
        case "nupipeline":
            read = read_bytes(job.call)
            return None if read is None else Space(kept_bytes=read, scratch_bytes=_SCRATCH * read)
        case "nuproducts":
            return Space(kept_bytes=_products_bytes(job))
        case "ftgrouppha":
            return Space(kept_bytes=_SPECTRUM_BYTES)
    return None


def read_bytes(call: TaskCall) -> int | None:
    """Add up what nupipeline reads of an observation [bytes]; ``None`` where there is nothing.

    Parameters
    ----------
    call
        The call; the other module's files do not count.
    """
    folder, stem = Path(str(call.get("indir") or "")), str(call.get("steminputs") or "")
    others = {"FPMA": "B", "FPMB": "A"}.get(str(call.get("instrument")))
    if not folder.is_absolute() or not folder.is_dir():
        return None
    total = 0
    for place, _, names in os.walk(folder):
        for name in names:
            if others is None or not name.startswith(f"{stem}{others}"):
                with suppress(OSError):
                    total += Path(place, name).stat().st_size
    return total or None


def rooms(steps: list[tuple[PlannedJob, Space]], work_dir: Path) -> tuple[Room, ...]:
    """Add up what steps take of the disks they write to.

    Parameters
    ----------
    steps
        The steps to be run, and what each takes.
    work_dir
        The work folder; it need not exist yet.
    """
    place = existing(work_dir)
    scratch = existing(scratch_of(work_dir.resolve(), "0" * 8).parent)
    kept = sum(space.kept_bytes for _, space in steps)
    working = sum(space.scratch_bytes for _, space in steps)
    if _is_same_disk(place, scratch):
        return (_room(place, kept + working),)
    return (_room(place, kept), _room(scratch, working))


def existing(folder: Path) -> Path:
    """Return the innermost folder of a path that is there.

    Parameters
    ----------
    folder
        The path.
    """
    path = folder.absolute()
    return next((place for place in (path, *path.parents) if place.exists()), Path("/"))


def refuse_unwritable(work_dir: str | Path) -> None:
    """Make sure that a work folder can be made and written, without making it.

    Parameters
    ----------
    work_dir
        The folder.

    Raises
    ------
    OutputError
        It cannot; the message says what is in the way.
    """
    place = existing(Path(work_dir).expanduser())
    remedy = "Choose a work folder that can be written"
    if not place.is_dir():
        raise OutputError(work_dir, f"{place} is a file, not a folder", remedy)
    try:  # what may be written is not always what its mode says
        with tempfile.TemporaryFile(dir=place):
            pass
    except OSError as error:
        raise OutputError(
            work_dir, f"cannot be written ({error.strerror or error})", remedy
        ) from error


def size_words(n_bytes: float) -> str:
    """Return a size for people: ``12 kB``, ``4.0 MB``, ``1.2 GB``.

    Parameters
    ----------
    n_bytes
        The size [bytes].
    """
    for unit, scale in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if n_bytes >= 0.9995 * scale:
            value = n_bytes / scale
            return f"{value:.1f} {unit}" if value < 10 else f"{value:.0f} {unit}"
    return f"{n_bytes:.0f} B"


def _products_bytes(job: PlannedJob) -> float:
    call = job.call
    regions = 1 + _is_on(call, "bkgextract")
    total = regions * _SPECTRUM_BYTES
    if _is_made(call, "imagefile"):
        total += _IMAGE_BYTES
    if _is_made(call, "lcfile"):
        curves = regions + (job.engine == "embedded" and regions == 2)
        total += curves * (_CURVE_BYTES + _BIN_BYTES * _n_bins(call))
    return total + _responses_bytes(job)


def _responses_bytes(job: PlannedJob) -> float:
    if job.engine == "heasoft":
        arf = _is_on(job.call, "runmkarf") * _ARF_BYTES
        return arf + _is_on(job.call, "runmkrmf") * _RMF_BYTES
    named = [files for module, *files in job.responses if module == job.call.get("instrument")]
    return float(sum(_size(path) for files in named for path in files if path))


def _is_made(call: TaskCall, file: str) -> bool:
    return as_text(call.get(file) or "").upper() != "NONE"


def _is_on(call: TaskCall, flag: str) -> bool:
    """Whether a flag of nuproducts that is on by default is on."""
    value = call.get(flag)
    return value is None or is_yes(as_text(value))


def _n_bins(call: TaskCall) -> float:
    """Bins of a light curve: those that hold good time; 0 where that is not known yet."""
    events = call.get("infile")
    if events is None:
        return 0.0
    bin_s = float(call.get("binsize") or _DEFAULT_BIN_S)
    path = Path(str(events))
    try:
        return _ontime_s(str(path), path.stat().st_mtime_ns) / bin_s
    except (OSError, ValueError, KeyError, TypeError):
        return 0.0


@lru_cache(maxsize=16)
def _ontime_s(path: str, _: int) -> float:
    from astropy.io import fits  # noqa: PLC0415  # slow to import, and not always wanted

    header = fits.getheader(path, "EVENTS")
    return float(header.get("ONTIME", header.get("EXPOSURE", 0.0)))


def _size(path: str) -> int:
    try:
        return Path(path).stat().st_size
    except OSError:
        return 0


def _is_same_disk(one: Path, other: Path) -> bool:
    try:
        return one.stat().st_dev == other.stat().st_dev
    except OSError:
        return True


def _room(folder: Path, needed: float) -> Room:
    return Room(folder=folder, needed_bytes=needed, free_bytes=shutil.disk_usage(folder).free)
