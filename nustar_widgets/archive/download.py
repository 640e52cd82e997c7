"""Download of an observation: file by file, in parallel, interrupted and continued at will.

Source of the traps: astroquery keeps a whole tar in memory, lists one page of a bucket, and calls
an empty listing a success; there are no checksums in the archive, but lengths are exact.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from nustar_widgets.archive.answers import session
from nustar_widgets.archive.part import remove_stale
from nustar_widgets.archive.patience import USUAL, Patience, Stopped, Trouble
from nustar_widgets.archive.plan import OTHER_HOST, DownloadPlan
from nustar_widgets.archive.progress import DownloadProgress, Meter
from nustar_widgets.archive.remote import RemoteFile
from nustar_widgets.archive.tarball import fetch_packed
from nustar_widgets.archive.transfer import Transfer
from nustar_widgets.errors import DownloadCancelled, DownloadError, OutputError

Tell = Callable[[DownloadProgress], None]

_TELL_S: Final = 0.2  # how often progress is told
_GIVE_UP: Final = 4  # files that cannot be had; one keeps no other away, several mean the host
_LAST_WAIT_S: Final = 2.0  # how long threads are waited for that hang in the network


def download(
    plan: DownloadPlan,
    *,
    progress: Tell | None = None,
    cancelled: threading.Event | None = None,
    parallel: int = 4,
    patience: Patience = USUAL,
) -> Path:
    """Fetch what is missing of an observation.

    What is there whole is not fetched again, an unfinished file is continued. A file has its name
    only when it is whole.

    Parameters
    ----------
    plan
        What to do, from `plan_download`; a plan may be used again after an interruption.
    progress
        Told how far it is, some five times a second, in the calling thread.
    cancelled
        Set it from another thread to stop.
    parallel
        Files fetched at once.
    patience
        How long to wait for the server.

    Returns
    -------
    Path
        The observation's folder.

    Raises
    ------
    DownloadError
        Some files cannot be had; the others are there, and what has come is kept.
    DownloadCancelled
        Somebody asked to stop; what has come is kept.
    OutputError
        The disk is too small, or full, or cannot be written.
    """
    if plan.is_in_place:
        return plan.folder
    plan.check_space()
    work = _Work(plan, patience, progress or _silent)
    try:
        work.run(cancelled or threading.Event(), parallel)
    except Stopped:
        raise DownloadCancelled(
            str(plan.folder), "the download was stopped", "Start it again to go on from there"
        ) from None
    return plan.folder


@dataclass
class _Work:
    """One download while it runs; its threads share nothing but this."""

    plan: DownloadPlan
    patience: Patience
    tell: Tell
    failed: list[tuple[str, str]] = field(default_factory=list)
    broken: list[Exception] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.parts = [self.plan.part(file.remote) for file in self.plan.files]
        meter = Meter(
            files_total=self.plan.files_total,
            bytes_total=self.plan.bytes_total,
            bytes_before=sum(part.n_bytes for part in self.parts),
        )
        self.transfer = Transfer(patience=self.patience, meter=meter)
        self.waiting: queue.SimpleQueue[RemoteFile] = queue.SimpleQueue()
        for file in sorted(self.plan.files, key=lambda file: -file.remote.size):
            self.waiting.put(file.remote)
        self.ended = threading.Semaphore(0)

    def run(self, cancelled: threading.Event, parallel: int) -> None:
        """Start the threads, watch them, and say how it ended."""
        remove_stale(self.parts)
        step = self._fetch_packed if self.plan.is_packed else self._fetch_files
        count = 1 if self.plan.is_packed else max(1, min(parallel, len(self.plan.files)))
        threads = [
            threading.Thread(target=self._guarded, args=(step,), name="download", daemon=True)
            for _ in range(count)
        ]
        for thread in threads:
            thread.start()
        try:
            self._watch(count, cancelled)
        finally:
            self._end(threads)
        self._raise_failures()
        self.tell(self.transfer.meter.now())

    def _watch(self, running: int, cancelled: threading.Event) -> None:
        """Tell how far it is until every thread has ended; raise Stopped when asked to."""
        told = time.monotonic()
        while running:
            if cancelled.is_set():
                raise Stopped
            if self.ended.acquire(timeout=_TELL_S):
                running -= 1
            if time.monotonic() - told >= _TELL_S:
                self.tell(self.transfer.meter.now())
                told = time.monotonic()

    def _end(self, threads: list[threading.Thread]) -> None:
        """End the threads; one that hangs in the network ends by itself and writes nothing more."""
        self.transfer.stop.set()
        self.transfer.answers.wake()
        until = time.monotonic() + _LAST_WAIT_S
        for thread in threads:
            thread.join(max(0.0, until - time.monotonic()))

    def _guarded(self, step: Callable[[], None]) -> None:
        """Run a thread's work; what ends it is told to the calling thread."""
        try:
            step()
        except Stopped:
            return
        except Exception as error:  # raised again in the calling thread
            self.broken.append(error)
            self.transfer.stop.set()
        finally:
            self.ended.release()

    def _fetch_files(self) -> None:
        with session() as http:
            while True:
                try:
                    remote = self.waiting.get_nowait()
                except queue.Empty:
                    return
                part = self.plan.part(remote)
                try:
                    self.transfer.fetch(http, remote, part)
                except Trouble as trouble:
                    self._note(remote, trouble)
                except OSError as error:
                    raise _unwritable(part.final, error) from error

    def _fetch_packed(self) -> None:
        try:
            fetch_packed(self.plan, self.transfer)
        except Trouble as trouble:
            raise DownloadError(self.plan.source, trouble.reason, OTHER_HOST) from trouble
        except OSError as error:
            raise _unwritable(self.plan.folder, error) from error

    def _note(self, remote: RemoteFile, trouble: Trouble) -> None:
        self.failed.append((remote.relative, trouble.reason))
        if len(self.failed) >= _GIVE_UP:
            self.transfer.stop.set()

    def _raise_failures(self) -> None:
        if self.broken:
            raise self.broken[0]
        if self.failed:
            name, reason = self.failed[0]
            more = f" (and {len(self.failed) - 1} more files)" if len(self.failed) > 1 else ""
            raise DownloadError(
                self.plan.source,
                f"{name}{more} could not be fetched: {reason}",
                f"What has come is kept. {OTHER_HOST}",
            )


def _unwritable(path: Path, error: OSError) -> OutputError:
    return OutputError(
        path,
        f"cannot be written ({error.strerror or error})",
        "Make room or choose another folder, and start again: what has come is kept",
    )


def _silent(_progress: DownloadProgress) -> None:
    """Stand in for an absent progress callback."""
