"""A process that has imported heasoftpy, or is about to, and runs one task."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from nustar_widgets.engines.base import Progress
from nustar_widgets.processes import end_group

_PIECE = 1 << 16
_LONGEST_LINE = 1 << 16  # a line without an end is passed on in pieces
_GRACE_S = 0.5
_QUIET_S = 0.2  # how long silence is waited for before the process is looked at
_LISTEN_S = 2.0  # how long what is in the pipe when the process ends may take to be read


class TaskProcess:
    """Started early, so that nobody waits for the import; used once.

    Parameters
    ----------
    environ
        Environment to import heasoftpy in.
    """

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "nustar_widgets.engines.heasoft.child"],
            env=dict(environ),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            process_group=0,  # of its own, in the session of whoever runs it: both can be ended
        )

    def execute(self, request: Mapping[str, Any], tell: Progress) -> dict[str, Any]:
        """Run the task of a request and return the report.

        Parameters
        ----------
        request
            ``task``, ``params``, ``folder``, ``environ`` and ``report``, the path to report to.
        tell
            Told what the task prints, whole lines at a time.

        Returns
        -------
        dict
            ``status`` and ``version``; or ``missing``, why there is no heasoftpy; or ``problem``,
            why it did not run the task. Where the process was ended from outside, only the
            ``status`` that tells.
        """
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin
        assert stdout
        with suppress(BrokenPipeError):  # it has ended: the missing report says so
            stdin.write(json.dumps(request).encode())
            stdin.close()
        for text in _lines(self._pieces(stdout.fileno())):
            tell(text)
        status = self._process.wait()
        path = Path(request["report"])
        if not path.is_file():
            return {"status": status or 1}
        return dict(json.loads(path.read_bytes()))

    def stop(self) -> None:
        """End the process and everything it has started; `execute` then returns."""
        end_group(self._process.pid, grace_s=_GRACE_S)

    def close(self) -> None:
        """End the process and everything it has started, and let go of it."""
        self.stop()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            assert stream
            with suppress(BrokenPipeError):
                stream.close()

    def _pieces(self, handle: int) -> Iterator[bytes]:
        """Yield output as it comes, until it ends or the process has.

        What a task has left running may hold the pipe open, silent or not: a moment after the
        process has ended nobody listens any more.
        """
        until = float("inf")
        while time.monotonic() < until:
            ready, _, _ = select.select([handle], [], [], _QUIET_S)
            if ready:
                if not (piece := os.read(handle, _PIECE)):
                    return
                yield piece
            if until == float("inf") and self._process.poll() is not None:
                until = time.monotonic() + (_LISTEN_S if ready else 0.0)


def _lines(pieces: Iterator[bytes]) -> Iterator[str]:
    """Put pieces together to whole lines; what is not UTF-8 is shown as a question mark."""
    rest = b""
    for piece in pieces:
        whole, end, rest = (rest + piece).rpartition(b"\n")
        if whole or end:
            yield (whole + end).decode(errors="replace")
        elif len(rest) > _LONGEST_LINE:
            yield rest.decode(errors="replace") + "\n"
            rest = b""
    if rest:
        yield rest.decode(errors="replace") + "\n"
