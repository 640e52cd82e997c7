"""HEASoft underneath: any of its tasks, run by heasoftpy in a process of its own."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from nustar_widgets.engines.base import Product, Progress, TaskResult
from nustar_widgets.engines.callfiles import write_files
from nustar_widgets.engines.delivery import deliver, refuse_existing
from nustar_widgets.engines.heasoft.installation import SET_HEADAS, Caldb, Installation
from nustar_widgets.engines.heasoft.outputs import Expected, collect, expected
from nustar_widgets.engines.heasoft.preflight import files_read, refuse_missing_events
from nustar_widgets.engines.heasoft.reason import Reasons
from nustar_widgets.engines.heasoft.scratch import Scratch, Staged, scratch_in, stage
from nustar_widgets.engines.heasoft.taskprocess import TaskProcess
from nustar_widgets.engines.taskspec import TaskSpec, is_yes
from nustar_widgets.errors import TaskFailed, TaskNotSupported
from nustar_widgets.session.provenance import Fingerprint, Provenance, fingerprints, regions_of
from nustar_widgets.session.taskcall import TaskCall
from nustar_widgets.version import __version__

GET_HEASOFTPY = (
    "It comes with HEASoft, not from the package index: start Jupyter from the environment HEASoft "
    "is in, or add $HEADAS/lib/python to PYTHONPATH"
)


class HeasoftEngine:
    """Runs HEASoft tasks.

    Parameters
    ----------
    environ
        Environment to find HEASoft in; this process's own by default.
    scratch
        Existing folder to make working folders in, if its path is short and plain; by default
        they are made in the run's own folder or the one for temporary files.
    process
        A process for the first run that was started before, so that it need not wait for it.
    """

    name = "heasoft"

    def __init__(
        self,
        environ: Mapping[str, str] | None = None,
        *,
        scratch: Path | None = None,
        process: TaskProcess | None = None,
    ) -> None:
        self._environ = environ
        self._scratch = scratch
        self._found: Installation | None = None
        self._process = process
        self._is_stopped = False

    def supports(self, task: str) -> bool:
        """Whether the task is installed."""
        installation = self._installation()
        return installation is not None and installation.has(task)

    def spec(self, task: str) -> TaskSpec:
        """Read what a task accepts from its installed parameter file.

        Raises
        ------
        TaskNotSupported
            There is no HEASoft here, or it does not have the task.
        """
        return self._needed(task).spec(task)

    def stop(self) -> None:
        """End the task that runs, from another thread or a signal handler.

        `run` then raises TaskFailed, unless the task had ended and its products are being moved.
        """
        self._is_stopped = True
        if self._process is not None:
            self._process.stop()

    def run(self, call: TaskCall, *, folder: Path, progress: Progress | None = None) -> TaskResult:
        """Run one call in a folder; see :class:`~nustar_widgets.engines.base.Engine`.

        ``progress`` is told what the task prints, whole lines at a time.

        Raises
        ------
        TaskNotSupported
            There is no HEASoft or heasoftpy here, or it does not have the task.
        ParameterError
            A parameter is wrong, or cannot be passed on safely.
        InputFileError
            A file the call names is missing.
        OutputError
            A product exists already or cannot be written.
        TaskFailed
            The task ended without what it was to make. In all cases no product was left.
        """
        installation = self._needed(call.task)
        spec = installation.spec(call.task)
        spec.check(call)
        folder = folder.resolve()
        refuse_missing_events(call, spec, folder=folder)
        places = (folder,) if self._scratch is None else (self._scratch, folder)
        with scratch_in(*places) as scratch:
            write_files(call, scratch.work)
            run = _Run(
                call=call,
                spec=spec,
                staged=stage(call, spec, folder=folder, work=scratch.work),
                scratch=scratch,
                folder=folder,
                installation=installation,
            )
            run.refuse_existing()
            with self._own_process() as process:
                return run.result(process, progress or (lambda _: None))

    @contextmanager
    def _own_process(self) -> Iterator[TaskProcess]:
        environ = os.environ if self._environ is None else self._environ
        self._process = self._process or TaskProcess(environ)
        try:
            if self._is_stopped:  # before there was anything to stop
                self._process.stop()
            yield self._process
        finally:
            process, self._process = self._process, None
            process.close()

    def _installation(self) -> Installation | None:
        if self._found is None:  # looked for again until it is there: it may be set up meanwhile
            self._found = Installation.find(self._environ)
        return self._found

    def _needed(self, task: str) -> Installation:
        found = self._installation()
        if found is None:
            raise TaskNotSupported(task, f"needs HEASoft, which is not set up here. {SET_HEADAS}")
        return found


@dataclass(frozen=True, kw_only=True)
class _Run:
    """One call in its scratch folder."""

    call: TaskCall
    spec: TaskSpec
    staged: Staged
    scratch: Scratch
    folder: Path
    installation: Installation

    def refuse_existing(self) -> None:
        """Refuse now what could not be delivered after the task has run for an hour."""
        for item in self._wanted:
            final = self._final(Path(item.pattern))
            there = final.parent.glob(final.name) if "*" in final.name else [final]
            refuse_existing(list(there), overwrite=self._may_replace(item.pattern))

    def result(self, process: TaskProcess, tell: Progress) -> TaskResult:
        """Run the task and hand over what it made."""
        work, reasons = self.scratch.work, Reasons()
        _ = self.installation.environment  # once, before two threads ask for it
        before = set(work.rglob("*"))
        with ThreadPoolExecutor(1) as reader:  # inputs are read while the task runs
            inputs = reader.submit(fingerprints, files_read(self.call, self.staged.inputs))
            versions = reader.submit(self._versions)
            report = self._execute(process, _both(tell, reasons.listen))
            read, known = inputs.result(), versions.result()
        if "missing" in report:
            raise TaskNotSupported(self.call.task, f"{report['missing']}. {GET_HEASOFTPY}")
        if "problem" in report:
            raise TaskFailed(self.call.task, str(report["problem"]), None)
        own = {file.name for file in self.call.files}
        products, problems = collect(self._wanted, self.staged, work=work, own=own, before=before)
        status = int(str(report["status"]))
        if status or problems:
            raise TaskFailed(self.call.task, reasons.explain(work, status, problems), status)
        known += (("heasoftpy", str(report.get("version", ""))),)
        return TaskResult(
            call=self.call,
            products=self._delivered(products),
            provenance=self._provenance(read, known),
        )

    @property
    def _wanted(self) -> tuple[Expected, ...]:
        return expected(self.call, self.spec, self.staged)

    def _may_replace(self, local: str) -> bool:
        """Whether what is made under a name may replace a file: CFITSIO's word for it is ``!``."""
        known = self.spec.find("clobber")
        clobber = known is not None and is_yes(self.spec.value(self.call, "clobber"))
        return clobber or f"!{local}" in dict(self.staged.params).values()

    def _execute(self, process: TaskProcess, tell: Progress) -> dict[str, object]:
        pfiles, headas = self.scratch.pfiles, self.installation.headas
        # The Perl scripts among the tasks only look into the first folder of PFILES.
        for path in (headas / "syspfiles").glob("nu*.par"):
            shutil.copyfile(path, pfiles / path.name)
        environ = {
            **self.installation.environment,
            "HEADAS": str(headas),
            "HEADASNOQUERY": "",
            "HEADASPROMPT": "/dev/null",
            "PFILES": f"{pfiles};{headas / 'syspfiles'}",
        }
        request = {
            "task": self.call.task,
            "params": self.staged.params,
            "folder": str(self.scratch.work),
            "environ": environ,
            "report": str(self.scratch.root / "report.json"),
        }
        return process.execute(request, tell)

    def _final(self, path: Path) -> Path:
        """Return the final place of a file, given its path seen from the working folder."""
        around = [local for local in self.staged.outputs if path.is_relative_to(local)]
        if not around:
            return self.folder / path
        nearest = max(around, key=lambda local: len(Path(local).parts))
        return self.staged.outputs[nearest] / path.relative_to(nearest)

    def _delivered(self, products: list[Product]) -> tuple[Product, ...]:
        work = self.scratch.work
        locals_ = [item.path.relative_to(work) for item in products]
        finals = tuple(
            Product(kind=item.kind, path=self._final(local))
            for item, local in zip(products, locals_, strict=True)
        )
        for local, final in zip(locals_, finals, strict=True):  # more than was asked for may come
            refuse_existing([final.path], overwrite=self._may_replace(str(local)))
        moves = [(made.path, final.path) for made, final in zip(products, finals, strict=True)]
        moves += [(work / file.name, self.folder / file.name) for file in self.call.files]
        deliver(moves, overwrite=True)
        return finals

    def _versions(self) -> tuple[tuple[str, str], ...]:
        caldb = Caldb.find(self.installation.environment)
        return (
            ("nustar_widgets", __version__),
            ("HEASoft", self.installation.version),
            ("CALDB", caldb.version or caldb.where),
        )

    def _provenance(
        self, inputs: tuple[Fingerprint, ...], versions: tuple[tuple[str, str], ...]
    ) -> Provenance:
        known = dict(versions)
        return Provenance(
            call=self.call,
            inputs=tuple(item.seen_from(self.folder) for item in inputs),
            engine=f"HEASoft {known['HEASoft']} through heasoftpy {known['heasoftpy']}",
            made_at=datetime.now(UTC).isoformat(timespec="seconds"),
            versions=versions,
            exit_status=0,
            regions=regions_of(self.call, self.folder),
        )


def _both(one: Progress, other: Callable[[str], None]) -> Progress:
    def tell(text: str) -> None:
        one(text)
        other(text)

    return tell
