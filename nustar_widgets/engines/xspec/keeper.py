"""An XSPEC that is always there: what was asked of one process is asked again of the next."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import RLock
from typing import NoReturn

from nustar_widgets.engines.xspec.frames import Frame
from nustar_widgets.engines.xspec.messages import Configure, Define, Load, Request, SetValues
from nustar_widgets.engines.xspec.process import (
    Patience,
    Stop,
    Told,
    WorkerLost,
    WorkerRefused,
    WorkerStopped,
    XspecProcess,
)
from nustar_widgets.errors import FitError

_ORDER: tuple[type[Request], ...] = (Load, Define, Configure, SetValues)


class RefusedError(FitError):
    """XSPEC could not do what was asked; it goes on as before.

    Parameters
    ----------
    problem
        What it said.
    told
        Its last lines.
    """

    def __init__(self, problem: str, told: str = "") -> None:
        self.problem = problem
        super().__init__(f"XSPEC: {problem}{told}")


class StoppedError(FitError):
    """What was asked was stopped; XSPEC itself was ended where it did not hear of it."""


@dataclass(frozen=True)
class _Pending:
    """What a new process was asked to bring it where the old one was."""

    number: int
    request: Request


class Keeper:
    """Keeps one XSPEC process for one fit after another.

    Requests that make up the state (data, model, parameters, values) are remembered once XSPEC has
    answered them. When a process is lost, another is started at once and told all of them; the
    next request only waits for what is not done yet. Requests are taken one at a time.

    Parameters
    ----------
    environ
        Environment in which PyXspec can be imported.
    patience
        How long XSPEC is waited for.
    """

    def __init__(self, environ: Mapping[str, str], patience: Patience | None = None) -> None:
        self.environ = dict(environ)
        self.patience = patience or Patience()
        self.folder = Path(tempfile.mkdtemp(prefix="nustar_xspec_"))
        self._state: dict[type[Request], Request] = {}
        self._process: XspecProcess | None = None
        self._pending: list[_Pending] = []
        self._closed = False
        self._asking = RLock()

    @property
    def process(self) -> XspecProcess | None:
        """The present process, if there is one."""
        return self._process

    @property
    def is_idle(self) -> bool:
        """Whether the process runs and nothing is left for it to answer."""
        process = self._process
        return process is not None and process.is_alive and not self._pending

    def start(self) -> None:
        """Start the process without waiting for it.

        Raises
        ------
        FitError
            It cannot be started.
        """
        with self._asking:
            if self._closed:
                raise FitError("XSPEC: this fit was closed; make a new one")
            try:
                self._process = XspecProcess(self.environ, self.folder, self.patience)
                self._pending = [
                    _Pending(self._process.send(request), request)
                    for kind in _ORDER
                    if (request := self._state.get(kind)) is not None
                ]
            except (OSError, WorkerLost) as error:
                self._process = None
                raise FitError(f"XSPEC cannot be started: {error}") from error

    def ready(self, *, stop: Stop | None = None) -> str:
        """Wait until XSPEC is where it was; return its version.

        Raises
        ------
        FitError
            It cannot be brought there.
        """
        with self._asking:
            if self._process is None or not self._process.is_alive:
                self._let_go()
                self.start()
            process = self._process
            assert process is not None
            try:
                if process.version is None:
                    _wait(process, stop)
                version = process.ready()
                while self._pending:
                    _wait(process, stop)
                    waits = self._pending[0]
                    process.receive(waits.number, waits.request)
                    self._pending.pop(0)
            except WorkerRefused as refused:
                told = process.told_last()
                self._let_go()
                raise RefusedError(str(refused), told) from refused
            except WorkerLost as lost:
                self._let_go()
                raise FitError(str(lost)) from lost
            return version

    def ask(self, request: Request, *, stop: Stop | None = None, told: Told | None = None) -> Frame:
        """Ask XSPEC and wait for its answer.

        Parameters
        ----------
        request
            What to do.
        stop
            True asks XSPEC to answer soon, and ends it where it does not.
        told
            Told of progress.

        Raises
        ------
        RefusedError
            XSPEC could not do it and goes on as before.
        StoppedError
            It was ended because it did not stop; another is being started.
        FitError
            It crashed, hung or talked nonsense; another is being started.
        """
        with self._asking:
            self.ready(stop=stop)
            process = self._process
            assert process is not None
            try:
                number = process.send(request)
                frame = process.receive(number, request, stop=stop, told=told)
            except WorkerRefused as refused:
                raise RefusedError(str(refused), process.told_last()) from refused
            except WorkerLost as lost:
                self._lost(lost)
            self.remember(request)
            return frame

    def bring(self, request: Request) -> None:
        """Tell a process that is just starting something more to begin with, without waiting.

        Parameters
        ----------
        request
            Part of the state.
        """
        with self._asking:
            self.remember(request)
            if self._process is not None:
                with suppress(WorkerLost):  # the next that asks finds out, and starts another
                    number = self._process.send(request)
                    self._pending.append(_Pending(number, request))

    def remember(self, request: Request) -> None:
        """Tell the next process this too; data forget the model, a model its parameters."""
        kind = type(request)
        if kind in _ORDER:
            for later in _ORDER[_ORDER.index(kind) :]:
                self._state.pop(later, None)
            self._state[kind] = request

    def _lost(self, lost: WorkerLost) -> NoReturn:
        self._let_go()
        stopped = isinstance(lost, WorkerStopped)
        what = (
            "XSPEC is being started again with spectra, model and values as they were; "
            "this step is lost, the session is not."
        )
        if self._closed:
            raise FitError(f"{lost}") from lost
        try:
            self.start()
        except FitError as error:
            what = f"It could not be started again: {error}"
        raise (StoppedError if stopped else FitError)(f"{lost}\n{what}") from lost

    def _let_go(self) -> None:
        self._pending = []
        if self._process is not None:
            self._process.close()
            self._process = None

    def use(self, patience: Patience) -> None:
        """Take another patience for the present process and those after it."""
        self.patience = patience
        if self._process is not None:
            self._process.patience = patience

    def forget(self) -> None:
        """Forget the state: what comes next loads its own data."""
        with self._asking:
            self._state.clear()

    def close(self) -> None:
        """End the process and delete its folder; a request that waits ends with an error."""
        self._closed = True
        process = self._process
        if process is not None:
            process.close()
        with self._asking:
            self._let_go()
        shutil.rmtree(self.folder, ignore_errors=True)


def _wait(process: XspecProcess, stop: Stop | None) -> None:
    if not process.speaks(stop):
        raise StoppedError("XSPEC was still starting when it was asked to stop")
