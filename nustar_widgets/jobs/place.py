"""Names and folders of a job: where it runs and leaves its products, complete or not at all."""

from __future__ import annotations

import json
import os
import shutil
import signal
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from nustar_widgets.atomic import write_text
from nustar_widgets.engines.base import TaskResult
from nustar_widgets.engines.heasoft.scratch import is_short_and_plain
from nustar_widgets.errors import OutputError
from nustar_widgets.jobs.record import JobSpec
from nustar_widgets.session.taskcall import TaskCall


@contextmanager
def placed(spec: JobSpec) -> Iterator[Path]:
    """Give the folder to run in: a new one appears under its name when all in it is complete.

    Into a folder that is there already the engine moves each product when all are complete.

    Parameters
    ----------
    spec
        The job.

    Raises
    ------
    OutputError
        The folder cannot be made.
    """
    folder = Path(spec.folder)
    if folder.is_dir():
        with _linked(spec, folder):
            yield folder
        return
    part = spec.staging
    try:
        part.mkdir(parents=True)
        with _linked(spec, part):
            yield part
        with uninterrupted():
            part.rename(folder)
    except OSError as error:
        raise OutputError(
            folder,
            f"cannot be written ({error.strerror or error})",
            "Choose a folder that can be written and has room",
        ) from error
    finally:
        shutil.rmtree(part, ignore_errors=True)


def write_records(made: TaskResult, *, log: Path, place: Path) -> Path:
    """Put log and provenance beside the products and return the path of the provenance.

    Parameters
    ----------
    made
        What the job made.
    log
        What the task printed.
    place
        The folder it ran in.
    """
    beside = made.products[0].path.parent if made.products else place
    name = record_name(made.call)
    copy = beside / f"{name}.log"
    copy.unlink(missing_ok=True)
    try:
        os.link(log, copy)  # it may be long
    except OSError:  # another disk, or one without links
        shutil.copyfile(log, copy)
    path = beside / f"{name}_provenance.json"
    write_text(path, json.dumps(made.provenance.to_dict(), indent=1) + "\n")
    return path


def record_name(call: TaskCall) -> str:
    """Name of the log and the provenance of a call; a folder may hold those of several."""
    return call_label(call).replace(" ", "_")


def call_label(call: TaskCall) -> str:
    """Name a call for people: the task and the module, or else what it makes."""
    made = call.get("outfile")
    of = call.get("instrument") or (made and Path(str(made)).stem)
    return f"{call.task} {of}" if of else call.task


def scratch_of(work_dir: Path, job_id: str) -> Path:
    """Name the folder for a job's working folders: short, or HEASoft cuts its paths."""
    name = f".nw-{job_id[-8:]}"
    near = work_dir / name
    return near if is_short_and_plain(near) else Path(tempfile.gettempdir(), name)


def new_id(call: TaskCall) -> str:
    """Name a new job; names sort in the order jobs were asked for."""
    moment = datetime.now(UTC)
    return f"{moment:%Y%m%d-%H%M%S-%f}-{record_name(call)}-{uuid.uuid4().hex[:8]}"


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Let a request to end wait for the end of the block: what is complete gets its name."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def _linked(spec: JobSpec, place: Path) -> Iterator[None]:
    """Put what other jobs made where the call looks for it, for as long as it runs."""
    made = []
    for name, path in spec.links:
        link = place / name
        if not os.path.lexists(link):
            link.symlink_to(path)
            made.append(link)
    try:
        yield
    finally:
        for link in made:
            link.unlink(missing_ok=True)
