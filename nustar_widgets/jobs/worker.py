"""The process that runs one job: of its own session, so that it outlives the kernel it came from.

    python -m nustar_widgets.jobs.worker heasoft

Started early, it gets ready and waits for the folder of a job on standard input; when that is
closed without one, it goes. Asked to end (SIGTERM), it ends the task and says so in the result.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
import time
import traceback
from dataclasses import replace
from pathlib import Path
from typing import IO, Any

from nustar_widgets.engines.base import Engine, TaskResult
from nustar_widgets.engines.heasoft.engine import HeasoftEngine
from nustar_widgets.engines.heasoft.steps import expected_steps, steps_in
from nustar_widgets.engines.heasoft.taskprocess import TaskProcess
from nustar_widgets.errors import NustarWidgetsError
from nustar_widgets.jobs.place import placed, uninterrupted, write_records
from nustar_widgets.jobs.record import JobRecord, JobSpec, JobState, Progress, Result, Step
from nustar_widgets.processes import ProcessId


class _StoppedError(Exception):
    """Asked to end, and at a place where that can be done."""


def main() -> None:
    """Get ready, wait for a job, run it."""
    prepared = TaskProcess(os.environ) if sys.argv[1] == "heasoft" else None
    try:
        folder = sys.stdin.readline().rstrip("\n")
        if folder:
            _Worker(JobRecord(Path(folder)), prepared).work()
    finally:
        if prepared is not None:
            prepared.close()


class _Worker:
    """Runs one job."""

    def __init__(self, record: JobRecord, prepared: TaskProcess | None) -> None:
        spec = record.spec()
        assert spec is not None  # whoever names a folder has written it
        self.record = record
        self.spec: JobSpec = spec
        self.progress = Progress()
        self.is_stopped = False
        self.engine = _engine(spec, prepared)
        signal.signal(signal.SIGTERM, self._stop)

    def work(self) -> None:
        """Run the job, if it was given to this process, and write how it ended."""
        if self.record.process() != ProcessId.own():
            return
        with self.record.log_path.open("ab") as log:
            _redirect_all(log)
            result = self._result(log)
        with uninterrupted():
            self.record.write_result(result)

    def _stop(self, *_: object) -> None:
        self.is_stopped = True
        if isinstance(self.engine, HeasoftEngine):
            self.engine.stop()

    def _result(self, log: IO[bytes]) -> Result:
        try:
            return self._run(log)
        except (NustarWidgetsError, _StoppedError) as problem:
            reason = str(problem)
        except Exception as problem:  # a mistake of ours: the job must not vanish over it
            log.write(traceback.format_exc().encode())
            reason = f"{type(problem).__name__}: {problem} (more in the log)"
        if self.is_stopped:
            state, reason = JobState.CANCELLED, "stopped on request"
        else:
            state = JobState.FAILED
        log.write(f"{self.spec.label} {state}: {reason}\n".encode())
        return Result(state=state, ended=time.time(), reason=reason)

    def _run(self, log: IO[bytes]) -> Result:
        call = self.spec.call
        spec = self.engine.spec(call.task)
        known = isinstance(self.engine, HeasoftEngine)
        self.progress = Progress(expected=len(expected_steps(call, spec)) if known else 0)
        scratch = Path(self.spec.scratch)
        scratch.mkdir(parents=True, exist_ok=True)

        def tell(text: str) -> None:
            self._told(log, text)

        try:
            with placed(self.spec) as place:
                made = self.engine.run(call, folder=place, progress=tell)
                comparison = _compared(made, place, log)
                log.flush()
                provenance = write_records(made, log=self.record.log_path, place=place)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)

        def settled(path: Path) -> Path:
            """Name a file as it is named now that the folder is."""
            inside = path.is_relative_to(place)
            return Path(self.spec.folder, path.relative_to(place)) if inside else path

        return Result(
            state=JobState.DONE,
            ended=time.time(),
            products=tuple(replace(item, path=settled(item.path)) for item in made.products),
            provenance=str(settled(provenance)),
            comparison=comparison,
        )

    def _told(self, log: IO[bytes], text: str) -> None:
        """Keep what the task prints, and note the steps it comes to."""
        if self.is_stopped:
            raise _StoppedError
        log.write(text.encode() if text.endswith("\n") else f"{text}\n".encode())
        log.flush()
        if isinstance(self.engine, HeasoftEngine):
            names = list(steps_in(text, self.spec.call.task))
        else:
            names = text.splitlines()  # it says nothing but its steps
        if names:
            steps = tuple(Step(name=name, began=time.time()) for name in names)
            self.progress = replace(self.progress, steps=self.progress.steps + steps)
            self.record.write_progress(self.progress)


def _engine(spec: JobSpec, prepared: TaskProcess | None) -> Engine:
    if spec.engine == "heasoft":
        return HeasoftEngine(scratch=Path(spec.scratch), process=prepared)
    # Only where it is wanted: it brings NumPy and astropy, which take longer than many a task.
    from nustar_widgets.engines.embedded import EmbeddedEngine  # noqa: PLC0415
    from nustar_widgets.engines.embedded_run import ResponseFiles  # noqa: PLC0415

    return EmbeddedEngine(
        responses={
            module: ResponseFiles(arf=Path(arf) if arf else None, rmf=Path(rmf) if rmf else None)
            for module, arf, rmf in spec.responses
        }
    )


def _compared(made: TaskResult, place: Path, log: IO[bytes]) -> dict[str, Any] | None:
    """Compare official products with the embedded engine's; what prevents it is only noted."""
    if made.call.task != "nuproducts" or made.provenance.exit_status is None:
        return None
    try:
        from nustar_widgets.engines.comparison import compare  # noqa: PLC0415  # as in _engine

        comparison = compare(made, folder=place)
    except Exception:  # the official products are there, whatever this check ran into
        log.write(f"Not compared with the live extraction:\n{traceback.format_exc()}".encode())
        return None
    log.write("".join(f"{line}\n" for line in comparison.summary()).encode())
    return comparison.to_dict()


def _redirect_all(log: IO[bytes]) -> None:
    """Let go of whoever started this process: no input from there, no output to there."""
    with open(os.devnull) as nothing:  # noqa: PTH123
        os.dup2(nothing.fileno(), 0)
    os.dup2(log.fileno(), 1)
    os.dup2(log.fileno(), 2)


if __name__ == "__main__":
    main()
