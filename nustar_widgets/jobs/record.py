"""A job on disk: all that is known of it stands in its folder, so that it can be found again.

::

    jobs/<id>/
        job.json        what is to be run, and whose queue it waits in; written before anything else
        process.json    the process that runs it; made once, so that no job is run twice
        progress.json   the steps it has come to
        task.log        what the task printed
        cancel          somebody asked for its end
        result.json     how it ended

The state is read off these files and off the process table; there is nothing that could be out of
date. Every file is written whole.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeAlias

from nustar_widgets.atomic import write_text
from nustar_widgets.engines.base import Product
from nustar_widgets.processes import ProcessId
from nustar_widgets.session.taskcall import TaskCall

Work: TypeAlias = tuple[TaskCall, str, str]
"""Call, engine and folder."""

_HEARD_OF_S = 600.0  # a task on another machine that says nothing for so long is taken for gone


class JobState(StrEnum):
    """Where a job is."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    SKIPPED = "skipped"
    """A job it needs did not end well."""
    DIED = "died"
    """Its process has gone without a word: ended from outside, or the machine went down."""
    NOT_STARTED = "not started"
    """The queue it waited in has gone, with the kernel it was in."""

    @property
    def is_over(self) -> bool:
        """Nothing more will happen to it by itself."""
        return self not in (JobState.WAITING, JobState.RUNNING)


@dataclass(frozen=True, kw_only=True)
class JobSpec:
    """What is to be run.

    Attributes
    ----------
    id
        Name of its folder.
    label
        What people call it.
    call
        The task call.
    engine
        ``heasoft`` or ``embedded``.
    folder
        Where the call's relative paths point and its products go; need not exist yet.
    scratch
        Folder for working folders, short and plain.
    links
        (name in the folder, path) of what other jobs make and this one reads by a relative name.
    after
        Jobs that must be done before.
    responses
        (module, ARF, RMF) for the embedded engine, which makes none.
    created
        When it was asked for [s since 1970].
    owner
        The process whose queue it waits in.
    """

    id: str
    label: str
    call: TaskCall
    engine: str
    folder: str
    scratch: str
    created: float
    owner: ProcessId
    links: tuple[tuple[str, str], ...] = ()
    after: tuple[str, ...] = ()
    responses: tuple[tuple[str, str | None, str | None], ...] = ()

    @property
    def staging(self) -> Path:
        """Name a folder has until it is complete."""
        folder = Path(self.folder)
        return folder.with_name(f".{folder.name}.{self.id[-8:]}")

    @property
    def work(self) -> Work:
        """What is made where and by whom."""
        return (self.call, self.engine, self.folder)

    @classmethod
    def from_dict(cls, saved: dict[str, Any]) -> JobSpec:
        """Build it from plain JSON values."""
        return cls(
            **{
                **saved,
                "call": TaskCall.from_dict(saved["call"]),
                "owner": ProcessId(**saved["owner"]),
                "links": tuple((name, path) for name, path in saved["links"]),
                "after": tuple(saved["after"]),
                "responses": tuple((name, arf, rmf) for name, arf, rmf in saved["responses"]),
            }
        )


@dataclass(frozen=True, kw_only=True)
class Step:
    """One sub-task a job came to.

    Attributes
    ----------
    name
        Its name.
    began
        When [s since 1970].
    """

    name: str
    began: float


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far a job is.

    Attributes
    ----------
    steps
        Sub-tasks it has come to, the present one last.
    expected
        How many there will be; 0 where that is not known.
    """

    steps: tuple[Step, ...] = ()
    expected: int = 0

    @classmethod
    def from_dict(cls, saved: dict[str, Any]) -> Progress:
        """Build it from plain JSON values."""
        steps = tuple(Step(**item) for item in saved["steps"])
        return cls(steps=steps, expected=saved["expected"])


@dataclass(frozen=True, kw_only=True)
class Result:
    """How a job ended.

    Attributes
    ----------
    state
        The end it came to.
    ended
        When [s since 1970].
    reason
        Why it failed, in words; empty where it did not.
    products
        What it made.
    provenance
        Path of the record of how.
    comparison
        Official against live, where both were made: see `engines.comparison`.
    """

    state: JobState
    ended: float
    reason: str = ""
    products: tuple[Product, ...] = ()
    provenance: str | None = None
    comparison: dict[str, Any] | None = None

    @classmethod
    def from_dict(cls, saved: dict[str, Any]) -> Result:
        """Build it from plain JSON values."""
        products = tuple(
            Product(kind=item["kind"], path=Path(item["path"])) for item in saved["products"]
        )
        return cls(**{**saved, "state": JobState(saved["state"]), "products": products})


@dataclass(frozen=True)
class JobRecord:
    """The folder of a job.

    Attributes
    ----------
    path
        The folder.
    """

    path: Path
    _known: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def create(cls, spec: JobSpec, *, jobs_dir: Path) -> JobRecord:
        """Make the folder of a new job.

        Raises
        ------
        OutputError
            It cannot be written.
        """
        record = cls(jobs_dir / spec.id)
        record.path.mkdir(parents=True)
        record._write("job.json", asdict(spec))
        return record

    @property
    def log_path(self) -> Path:
        """What the task printed."""
        return self.path / "task.log"

    def spec(self) -> JobSpec | None:
        """Return what is to be run; ``None`` for a folder whose making was never finished."""
        if "spec" not in self._known:  # never changes once written
            saved = self._read("job.json")
            if saved is None:
                return None
            self._known["spec"] = JobSpec.from_dict(saved)
        spec: JobSpec = self._known["spec"]
        return spec

    def process(self) -> ProcessId | None:
        """Return the process that runs or ran it, or ``None`` while there was none."""
        saved = self._read("process.json")
        return None if saved is None else ProcessId(**saved)

    @property
    def began(self) -> float | None:
        """When its process was given to it [s since 1970], or ``None`` while there was none."""
        try:
            return (self.path / "process.json").stat().st_mtime
        except FileNotFoundError:
            return None

    def progress(self) -> Progress:
        """How far it is."""
        saved = self._read("progress.json")
        return Progress() if saved is None else Progress.from_dict(saved)

    def result(self) -> Result | None:
        """How it ended, or ``None`` while nobody has said so."""
        saved = self._read("result.json")
        return None if saved is None else Result.from_dict(saved)

    def state(self) -> JobState:
        """Read the true state off the files and the process table."""
        process = self.process()
        alive = process is not None and (process.is_alive or self._lives_elsewhere(process))
        # Only now: a process that has gone since has written its result before.
        if (result := self.result()) is not None:
            return result.state
        if alive:
            return JobState.RUNNING
        if self.is_cancelled:
            return JobState.CANCELLED
        if process is not None:
            return JobState.DIED
        spec = self.spec()
        waits = spec is not None and spec.owner.is_alive
        return JobState.WAITING if waits else JobState.NOT_STARTED

    def _lives_elsewhere(self, process: ProcessId) -> bool:
        """Whether a process of another machine, which shares this disk, was heard of lately."""
        if not process.is_elsewhere:
            return False
        files = [path for path in self.path.iterdir() if path.is_file()]
        return time.time() - max(path.stat().st_mtime for path in files) < _HEARD_OF_S

    @property
    def is_cancelled(self) -> bool:
        """Whether somebody asked for its end."""
        return (self.path / "cancel").exists()

    def ask_to_cancel(self) -> None:
        """Note that somebody asks for its end."""
        (self.path / "cancel").touch()

    def claim(self, process: ProcessId) -> bool:
        """Note the process that is to run it; ``False`` if another was noted before."""
        part = self.path / f".process.{process.pid}"
        write_text(part, json.dumps(asdict(process)))
        try:
            os.link(part, self.path / "process.json")  # unlike a rename, fails if it exists
        except FileExistsError:
            return False
        finally:
            part.unlink()
        return True

    def write_progress(self, progress: Progress) -> None:
        """Write how far it is."""
        self._write("progress.json", asdict(progress))

    def write_result(self, result: Result) -> None:
        """Write how it ended."""
        saved = asdict(result)
        saved["products"] = [
            {"kind": item.kind, "path": str(item.path)} for item in result.products
        ]
        self._write("result.json", saved)

    def _write(self, name: str, content: dict[str, Any]) -> None:
        write_text(self.path / name, json.dumps(content, indent=1))

    def _read(self, name: str) -> dict[str, Any] | None:
        try:
            saved: dict[str, Any] = json.loads((self.path / name).read_bytes())
        except FileNotFoundError:
            return None
        return saved


def records_in(jobs_dir: Path) -> Iterator[JobRecord]:
    """Yield the jobs of a folder, in the order they were asked for."""
    if jobs_dir.is_dir():
        for path in sorted(jobs_dir.iterdir()):
            record = JobRecord(path)
            if record.spec() is not None:
                yield record
