"""The queue: starts jobs, watches them, ends them, and finds again what an earlier kernel left.

All that lasts stands in the folders of the jobs (`jobs.record`); this object only looks at them and
holds the order of the queue. One thread does the looking, so nothing blocks the kernel. Observers
of `Runner.jobs` are called on that thread.
"""

from __future__ import annotations

import logging
import shutil
import threading
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import traitlets

from nustar_widgets.errors import JobError
from nustar_widgets.jobs.estimate import history_of, remaining_s
from nustar_widgets.jobs.job import Job, as_on_disk, clear_up
from nustar_widgets.jobs.logfile import LogFile
from nustar_widgets.jobs.place import call_label, new_id, scratch_of
from nustar_widgets.jobs.record import JobRecord, JobSpec, JobState, Result, records_in
from nustar_widgets.jobs.repetition import from_failed, repeated, why_never
from nustar_widgets.jobs.workers import Workers
from nustar_widgets.processes import ProcessId, available_cores, end_session
from nustar_widgets.session.taskcall import TaskCall

_LOG = logging.getLogger(__name__)
_LOOK_S = 0.05  # how often running jobs are looked at
_LOOK_IDLE_S = 1.0  # and waiting ones, which another kernel may have touched
_CANCEL_GRACE_S = 1.2  # how long a job has to end by itself, of the 2 s a cancel may take


class Runner(traitlets.HasTraits):
    """Runs jobs in processes of their own.

    Parameters
    ----------
    work_dir
        Folder the jobs are kept in, below ``jobs/``. Those of earlier kernels are found there.
    limit
        How many run at once; the number of cores by default.

    Examples
    --------
    >>> runner = Runner("work")  # doctest: +SKIP
    >>> job_id = runner.submit(call, folder="work/60001110002/spec")  # doctest: +SKIP
    >>> runner.wait(job_id)  # doctest: +SKIP
    """

    jobs = traitlets.Tuple(help="Every job known, in the order they were asked for: Job values")

    def __init__(self, work_dir: str | Path, *, limit: int | None = None) -> None:
        super().__init__()
        self.work_dir = Path(work_dir).resolve()
        self.limit = available_cores() if limit is None else limit
        self._own = ProcessId.own()
        self._known: dict[str, Job] = {}
        self._records: dict[str, JobRecord] = {}
        self._cancelled: dict[str, float] = {}  # when each was asked to end
        self._looked_at_waiting = 0.0
        self._workers = Workers()
        self._lock = threading.Condition()
        self._publishing = threading.RLock()
        self._is_closed = False
        self._find()
        self._thread = threading.Thread(target=self._watch, name="jobs", daemon=True)
        self._thread.start()

    # -- asking for jobs --------------------------------------------------------------------

    def submit(
        self,
        call: TaskCall,
        *,
        folder: str | Path,
        engine: str = "heasoft",
        after: Sequence[str] = (),
        links: Sequence[tuple[str, str]] = (),
        responses: Sequence[tuple[str, str | None, str | None]] = (),
        label: str = "",
    ) -> str:
        """Put a job into the queue and return its id.

        Parameters
        ----------
        call
            What to run.
        folder
            Where the call's relative paths point and its products go; it is made when the
            products are complete, unless it exists.
        engine
            ``heasoft`` or ``embedded``.
        after
            Ids of jobs that must be done before.
        links
            (name, path): what lies elsewhere and the call looks for under a relative name.
        responses
            (module, ARF, RMF) for the embedded engine.
        label
            What people are to call it; made from the call by default.

        Raises
        ------
        JobError
            A job it is to wait for is not known, or the runner is closed.
        OutputError
            The job's folder cannot be written.
        """
        spec = JobSpec(
            id=new_id(call),
            label=label or call_label(call),
            call=call,
            engine=engine,
            folder=str(Path(folder).resolve()),
            scratch="",
            links=tuple(links),
            after=tuple(after),
            responses=tuple(responses),
            created=time.time(),
            owner=self._own,
        )
        return self._enqueue(spec)

    def retry(self, job_id: str) -> str:
        """Put a job that is over into the queue again, as a new one, and return its id.

        Raises
        ------
        JobError
            It is not known, or not over.
        """
        with self._lock:
            self._over(job_id)
            (spec,) = repeated(self._known, (job_id,), owner=self._own)
        return self._enqueue(spec)

    def retry_from(self, job_id: str) -> tuple[str, ...]:
        """Put a job that is over, and what waited for it in vain, into the queue again.

        What it was skipped for, and what else is needed and has not ended well, goes with it; what
        ended well is not run again. A task begins from its beginning: nupipeline too, whichever of
        its stages it had come to, for its working folder is gone. Returns the ids of the new jobs.

        Raises
        ------
        JobError
            It is not known, or not over.
        """
        with self._lock:
            self._over(job_id)
            names = from_failed(self._known, job_id)
            specs = repeated(self._known, names, owner=self._own)
        return tuple(self._enqueue(spec) for spec in specs)

    def cancel(self, job_id: str) -> None:
        """Ask for the end of a job; a running one has ended with all it started within 2 s.

        Raises
        ------
        JobError
            It is not known.
        """
        with self._lock:
            job = self._job(job_id)
            record = self._records[job_id]
            if job.state.is_over or record.result() is not None:
                return
            record.ask_to_cancel()
            self._cancelled.setdefault(job_id, time.monotonic())
            process = record.process()
            if process is not None:
                process.terminate()
            self._lock.notify_all()

    def cancel_all(self) -> None:
        """Ask for the end of every job that is not over, those that wait first."""
        jobs = [job for job in self.jobs if not job.state.is_over]
        for job in sorted(jobs, key=lambda job: job.state is JobState.RUNNING):
            self.cancel(job.id)

    def forget(self, job_id: str) -> None:
        """Remove what is kept of a job that is over; its products stay.

        Raises
        ------
        JobError
            It is not known, or not over.
        """
        with self._lock:
            job = self._job(job_id)
            if not job.state.is_over:
                raise JobError(job_id, f"is {job.state}: cancel it first")
            shutil.rmtree(self._records.pop(job_id).path, ignore_errors=True)
            del self._known[job_id]
        self._publish()

    # -- looking at jobs --------------------------------------------------------------------

    def job(self, job_id: str) -> Job:
        """Return a job as it was when it was last looked at.

        Raises
        ------
        JobError
            It is not known.
        """
        with self._lock:
            return self._job(job_id)

    def log(self, job_id: str) -> LogFile:
        """Return the log of a job.

        Raises
        ------
        JobError
            It is not known.
        """
        with self._lock:
            self._job(job_id)
            return LogFile(self._records[job_id].log_path)

    def remaining_s(self, job_id: str) -> float | None:
        """Estimate how much longer a job runs [s]; ``None`` where no earlier run tells.

        Raises
        ------
        JobError
            It is not known.
        """
        with self._lock:
            job = self._job(job_id)
            history = history_of(self._known.values(), like=job.spec)
        if job.state.is_over:
            return 0.0
        now = time.time()
        began = now if job.began is None else job.began
        return remaining_s(job.progress, began=began, now=now, history=history)

    def wait(self, *job_ids: str, timeout_s: float | None = None) -> tuple[Job, ...]:
        """Wait until jobs are over, all of the queue by default, and return them.

        For scripts: in a notebook this blocks the cell.

        Raises
        ------
        JobError
            One is not known.
        TimeoutError
            They were not over in time.
        """
        with self._lock:
            names = job_ids or tuple(self._known)
            done = self._lock.wait_for(
                lambda: all(self._job(name).state.is_over for name in names), timeout_s
            )
            if not done:
                raise TimeoutError(f"jobs not over after {timeout_s} s")
            return tuple(self._job(name) for name in names)

    @property
    def is_closed(self) -> bool:
        """Whether it takes no more jobs."""
        return self._is_closed

    def close(self) -> None:
        """Stop looking; running jobs go on, waiting ones will not be started."""
        with self._lock:
            self._is_closed = True
            self._lock.notify_all()
        self._thread.join()
        self._workers.close()

    # -- the thread that looks --------------------------------------------------------------

    def _watch(self) -> None:
        while not self._is_closed:
            try:
                self._look()
            except Exception:  # an observer's mistake, a full disk: the queue must go on
                _LOG.exception("while looking at the jobs")
            with self._lock:
                if not self._is_closed:
                    self._lock.wait(_LOOK_S if self._n_running() else _LOOK_IDLE_S)

    def _look(self) -> None:
        with self._lock:
            changed = self._advance()
            if changed:
                self._lock.notify_all()
            self._workers.keep_ready(busy=self._n_running() > 0)
        if changed:
            self._publish()

    def _advance(self) -> bool:
        """Look at the jobs that are not over, end and start what is due; tell if anything moved."""
        before = dict(self._known)
        self._workers.reap()
        look_at_waiting = time.monotonic() - self._looked_at_waiting > _LOOK_IDLE_S
        if look_at_waiting:
            self._looked_at_waiting = time.monotonic()
        for job_id, job in before.items():
            if job.state is JobState.RUNNING or job_id in self._cancelled or (
                job.state is JobState.WAITING and look_at_waiting
            ):  # fmt: skip
                self._known[job_id] = self._seen(self._records[job_id])
        self._end_overdue()
        self._start_next()
        return self._known != before

    def _seen(self, record: JobRecord) -> Job:
        """Look at a job and, where it has ended without saying so, clear up and say it."""
        job = as_on_disk(record)
        if job.state.is_over:
            self._cancelled.pop(job.id, None)
            if job.result is None:
                clear_up(record, job)
                job = as_on_disk(record)
        return job

    def _end_overdue(self) -> None:
        for job_id, asked in self._cancelled.items():
            process = self._records[job_id].process()
            if process is not None and time.monotonic() - asked > _CANCEL_GRACE_S:
                end_session(process, grace_s=0.0)

    def _start_next(self) -> None:
        running = self._n_running()
        for job in list(self._known.values()):
            if job.state is not JobState.WAITING or job.spec.owner != self._own:
                continue
            record = self._records[job.id]
            if reason := why_never(self._known, job):
                record.write_result(
                    Result(state=JobState.SKIPPED, ended=time.time(), reason=reason)
                )
            elif running < self.limit and self._is_due(job):
                self._start(record, job)
                running += 1
            else:
                continue
            self._known[job.id] = self._seen(record)

    def _start(self, record: JobRecord, job: Job) -> None:
        try:
            self._workers.start(job.spec.engine, record)
        except OSError as error:  # no process, no memory
            reason = f"its process could not be started ({error.strerror or error})"
            record.write_result(Result(state=JobState.FAILED, ended=time.time(), reason=reason))

    def _n_running(self) -> int:
        return sum(job.state is JobState.RUNNING for job in self._known.values())

    def _is_due(self, job: Job) -> bool:
        return all(self._known[name].state is JobState.DONE for name in job.spec.after)

    # -- what is known ----------------------------------------------------------------------

    def _find(self) -> None:
        for record in records_in(self.work_dir / "jobs"):
            self._records[record.path.name] = record
            self._known[record.path.name] = self._seen(record)
        self._publish()

    def _enqueue(self, spec: JobSpec) -> str:
        with self._lock:
            if self._is_closed:
                raise JobError(spec.label, "the queue is closed; make a new Runner")
            for name in spec.after:
                self._job(name)
            spec = replace(spec, scratch=str(scratch_of(self.work_dir, spec.id)))
            record = JobRecord.create(spec, jobs_dir=self.work_dir / "jobs")
            self._records[spec.id] = record
            self._known[spec.id] = as_on_disk(record)
            self._lock.notify_all()
        self._publish()
        return spec.id

    def _publish(self) -> None:
        """Show the jobs to observers: not with the lock, for they may ask for jobs themselves."""
        with self._publishing:  # so that what is older is not shown after what is newer
            with self._lock:
                jobs = tuple(self._known.values())
            self.jobs = jobs

    def _job(self, job_id: str) -> Job:
        if job_id not in self._known:
            raise JobError(job_id, f"no such job in {self.work_dir}")
        return self._known[job_id]

    def _over(self, job_id: str) -> None:
        state = self._job(job_id).state
        if not state.is_over:
            raise JobError(job_id, f"is {state}: only a job that is over can be retried")
