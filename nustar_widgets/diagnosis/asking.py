"""Questions that could hang, crash or change this process, asked in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from typing import IO, Any

from nustar_widgets.processes import end_group

TIMEOUT_S = 15.0
"""How long an answer may take [s]; heasoftpy on a slow disk takes some seconds."""

_GRACE_S = 0.5


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a process of its own answered, or why it did not."""

    value: Any = None
    problem: str = ""


def ask(code: str, environ: Mapping[str, str], python: str = sys.executable) -> Answer:
    """Run a few words of Python that print one line of JSON, and end them if they take too long.

    Parameters
    ----------
    code
        The words.
    environ
        Environment to run them in.
    python
        Who runs them; this process's own Python by default.
    """
    try:
        # Files and not pipes: something the process leaves behind could hold a pipe open.
        with tempfile.TemporaryFile() as said, tempfile.TemporaryFile() as complained:
            status = _wait(
                subprocess.Popen(
                    [python, "-c", code],
                    env=dict(environ),
                    stdin=subprocess.DEVNULL,
                    stdout=said,
                    stderr=complained,
                    process_group=0,
                )
            )
            lines, reasons = _lines(said), _lines(complained)
    except (OSError, subprocess.SubprocessError) as error:
        late = isinstance(error, subprocess.TimeoutExpired)
        return Answer(problem=f"no answer within {TIMEOUT_S:g} s" if late else str(error))
    try:
        return Answer(value=json.loads(lines[-1]))
    except (IndexError, ValueError):
        return Answer(problem=reasons[-1] if reasons else f"ended with status {status}")


def _wait(process: subprocess.Popen[bytes]) -> int:
    try:
        return process.wait(TIMEOUT_S)
    finally:
        if process.returncode is None:
            end_group(process.pid, grace_s=_GRACE_S)
            process.wait()


def _lines(stream: IO[bytes]) -> list[str]:
    stream.seek(0)
    return stream.read().decode(errors="replace").strip().splitlines()
