"""Fetching one file: on from where it was left, as long as it gets on, whole in the end."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import BinaryIO, Final

import requests
from urllib3.exceptions import HTTPError

from nustar_widgets.archive.answers import refuse_status, trouble_of
from nustar_widgets.archive.part import Part, write_all
from nustar_widgets.archive.patience import Patience, Stopped, Trouble, pause
from nustar_widgets.archive.progress import Meter
from nustar_widgets.archive.remote import RemoteFile

BLOCK: Final = 1 << 18
# A try that brings this part of the file, or so many bytes, is not counted as a failure: a line
# that breaks every minute still gets there, and one that brings nothing is tried once more.
_PROGRESS: Final = 0.05
_PROGRESS_BYTES: Final = 10_000_000


class OpenAnswers:
    """The answers being read, so that a thread waiting for bytes can be woken."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open: set[requests.Response] = set()

    @contextmanager
    def listed(self, answer: requests.Response, stop: threading.Event) -> Iterator[None]:
        """Keep an answer on the list while it is read; raise Stopped if it is too late.

        Parameters
        ----------
        answer
            The answer.
        stop
            Set when somebody asks to stop.
        """
        with self._lock:
            self._open.add(answer)
        try:
            if stop.is_set():
                raise Stopped
            yield
        finally:
            with self._lock:
                self._open.discard(answer)

    def wake(self) -> None:
        """End the answers, so that whoever waits for bytes of them goes on at once."""
        with self._lock:
            for answer in self._open:
                # urllib3 has it since 2.3; without it the wait ends with its own time limit.
                with suppress(AttributeError, ValueError, RuntimeError, OSError):
                    answer.raw.shutdown()


@dataclass(frozen=True, kw_only=True)
class Transfer:
    """What the files of a download have in common.

    Attributes
    ----------
    patience
        How long to wait for the server.
    meter
        Counts what comes.
    stop
        Set when nothing more is to be fetched.
    answers
        The answers being read.
    """

    patience: Patience
    meter: Meter
    stop: threading.Event = field(default_factory=threading.Event)
    answers: OpenAnswers = field(default_factory=OpenAnswers)

    def fetch(self, http: requests.Session, remote: RemoteFile, part: Part) -> None:
        """Fetch what is missing of a file.

        Parameters
        ----------
        http
            This thread's session.
        remote
            The file at the host.
        part
            The file here.

        Raises
        ------
        Trouble
            It cannot be had; what has come is kept.
        Stopped
            Somebody asked to stop; what has come is kept.
        OSError
            It cannot be written.
        """
        part.final.parent.mkdir(parents=True, exist_ok=True)
        failed = False
        while not part.is_whole:
            before = part.n_bytes
            try:
                self._go_on(http, remote, part)
            except Trouble as trouble:
                brought = part.n_bytes - before
                got_on = brought > min(_PROGRESS * remote.size, _PROGRESS_BYTES)
                if not trouble.may_pass or (failed and not got_on):
                    raise
                failed = not got_on
                pause(self.patience, self.stop)
        self.meter.file_done()

    def _go_on(self, http: requests.Session, remote: RemoteFile, part: Part) -> None:
        if self.stop.is_set():
            raise Stopped
        there = part.n_bytes
        if there == remote.size:  # the process was ended just before the last step, or it is empty
            with part.opened(there):
                part.take_place()
            return
        try:
            with http.get(
                remote.url, headers=_range(there), stream=True, timeout=self.patience.timeout
            ) as answer:
                self._take(answer, remote, part, there)
        except (requests.RequestException, HTTPError) as error:
            if self.stop.is_set():  # it was we who ended the answer
                raise Stopped from error
            raise trouble_of(error) from error

    def _take(self, answer: requests.Response, remote: RemoteFile, part: Part, there: int) -> None:
        start = _start(answer, remote, there)
        with self.answers.listed(answer, self.stop), part.opened(start) as stream:
            self.meter.take_back(there - start)
            self._copy(answer, stream, remote.size - start)
            part.take_place()

    def _copy(self, answer: requests.Response, stream: BinaryIO, missing: int) -> None:
        """Write what comes, as it comes: ``.gz`` files stay packed whatever the server calls it."""
        for block in answer.raw.stream(BLOCK, decode_content=False):
            if self.stop.is_set():
                raise Stopped
            if len(block) > missing:  # then what is here is not the beginning of what was listed
                self.meter.take_back(stream.tell())
                stream.truncate(0)
                raise Trouble("the server sends more than it announced")
            write_all(stream, block)
            missing -= len(block)
            self.meter.add(len(block))
        if missing:
            raise Trouble("the connection broke")


def _range(there: int) -> dict[str, str]:
    return {"Range": f"bytes={there}-"} if there else {}


def _start(answer: requests.Response, remote: RemoteFile, there: int) -> int:
    """Return the byte an answer begins with, or say why it is not the one asked for."""
    refuse_status(answer)
    states = {answer.headers[name] for name in ("ETag", "Last-Modified") if name in answer.headers}
    if remote.version and states and remote.version not in states:
        raise Trouble(
            "it has been changed in the archive since: plan the download again", may_pass=False
        )
    start = there if answer.status_code == HTTPStatus.PARTIAL_CONTENT else 0
    if start and not answer.headers.get("Content-Range", "").startswith(f"bytes {start}-"):
        raise Trouble("the server sends another piece than was asked for")
    announced = answer.headers.get("Content-Length", "")
    if announced.isdigit() and int(announced) != remote.size - start:
        raise Trouble(
            f"the server announces {announced} bytes, where {remote.size - start} are missing"
        )
    return start
