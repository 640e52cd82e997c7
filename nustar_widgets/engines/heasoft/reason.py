"""Why a task failed: the one line that says it, found in what the task printed and left."""

from __future__ import annotations

import re
import signal
from collections import deque
from pathlib import Path

_KEPT = 40
_ERROR = re.compile(
    r"\berror\b|\bfatal\b|cannot open|no such file|segmentation fault|caldb environment variable",
    re.IGNORECASE,
)
# The most telling first: what is not set up, what a NuSTAR task says itself, anything else.
_TELLING = (
    re.compile(r"CALDB environment variable.*"),
    re.compile(r"\w+_[\d.]+: Error: .*"),
    re.compile(r".*"),
)
# Lines that only say that something failed, not what.
_EMPTY_WORDS = re.compile(
    r"-+ *\w* *error *-*|.*Error: The run was: .*|.*Error: running '\w+'|.*: Error: running '\w+'"
    r"|.*: Error: *|.*terminating with status -?\d+|.*error:? (?:parsing|checking) input parameters"
    r"|.*: Error: parsing input parameter '\w*'"
    r"|.*Please check ''?xselect\.log' file|.*Please specify parameters with format.*"
    r"|.*: Error: (?:without blanks|Type 'fhelp .*)|.*following error message found.*",
    re.IGNORECASE,
)
# A column grppha lists; what the parameter library prints at the start of any task as root.
_NO_ERROR = re.compile(r".* (?:Statistical|Systematic) Error|ERROR: Operation not permitted")
_STEM = re.compile(r"^\w+_[\d.]+: (?:Error: )?(?:CheckXselectLog: |CalGetFileName: )?")
_PLACE = re.compile(r" \(at \w+\.c: \d+\)$")  # where in its source a task noticed
_STEP = re.compile(r"^(\w+)_[\d.]+: Info: Running '(\w+)'", re.MULTILINE)


class Reasons:
    """Listens to what a task prints and remembers only what may explain a failure."""

    def __init__(self) -> None:
        self._step = ""
        self._errors: deque[str] = deque(maxlen=_KEPT)
        self._last = ""

    def listen(self, text: str) -> None:
        """Take in one or more whole lines."""
        for line in text.splitlines():
            if step := _STEP.match(line):
                self._step = step[2]
                self._errors.clear()  # whatever was said before did not stop the task
            elif _ERROR.search(line) and not _NO_ERROR.fullmatch(line.rstrip()):
                self._errors.append(line.strip())
            if any(map(str.isalnum, line)):  # not a ruler
                self._last = line.strip()

    def explain(self, work: Path, status: int, problems: list[str]) -> str:
        """Say why the task failed, the most telling first.

        Parameters
        ----------
        work
            The folder it ran in, where xselect leaves its log.
        status
            Exit status; negative for the signal that ended it.
        problems
            What is wrong with its outputs.
        """
        during = f" while {self._step} ran" if self._step else ""
        said = self._said() or _xselect_error(work)
        if name := _signal_name(status):
            return f"ended by {name}{during}" + (f": {said}" if said else "")
        if said and (status or problems):
            return said.rstrip(".") + during if during else said
        if problems:
            return "; ".join(problems)
        last = f"; its last line: {self._last}" if self._last else "; it printed nothing"
        return f"exit status {status}{during}{last}"

    def _said(self) -> str:
        told = [line for line in self._errors if not _EMPTY_WORDS.fullmatch(line)]
        for kind in _TELLING:
            for line in told:
                if kind.fullmatch(line):
                    return _without_quotes(_PLACE.sub("", _STEM.sub("", line)))
        return ""


def _xselect_error(work: Path) -> str:
    log = work / "xselect.log"
    if not log.is_file():
        return ""
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    found = next((line.strip() for line in lines if "Error" in line), "")
    return f"xselect: {found}" if found else ""


def _without_quotes(text: str) -> str:
    """Take away the quotes around the whole of a line xselect has said."""
    quoted = re.fullmatch(r"'([^']*)'", text)
    return quoted[1].strip() if quoted else text


def _signal_name(status: int) -> str:
    """Name the signal an exit status tells of, if it does; a shell tells of one as 128 + n."""
    number = -status if status < 0 else status - 128
    try:
        return f"signal {number} ({signal.Signals(number).name})"
    except ValueError:  # 255 is what many tasks end with by themselves
        return f"signal {number}" if status < 0 else ""
