"""One call of a HEASoft task as a value: the unit that is run, printed and replayed.

A call is complete: beside the parameters it carries the small files (regions, good time intervals)
that are made from the session and have to lie in the run's folder before the task starts. All
paths of products and of those files are relative to that folder, so a run can be staged and moved.
"""

from __future__ import annotations

import hashlib
import json
import shlex
from dataclasses import asdict, dataclass
from typing import Any, TypeAlias

from nustar_widgets.session import literals

ParamValue: TypeAlias = str | int | float | bool


@dataclass(frozen=True, kw_only=True)
class TextFile:
    """A text file a call needs, such as a region file.

    Attributes
    ----------
    name
        File name in the run's folder.
    text
        Its whole content.
    """

    name: str
    text: str


@dataclass(frozen=True, kw_only=True)
class GtiFile:
    """A FITS file of good time intervals a call needs (``usrgtifile``).

    Attributes
    ----------
    name
        File name in the run's folder.
    intervals
        (start, stop) pairs [s, mission time: TT since 2010-01-01], both ends included.
    """

    name: str
    intervals: tuple[tuple[float, float], ...]


@dataclass(frozen=True, kw_only=True)
class TaskCall:
    """One call of one task.

    Attributes
    ----------
    task
        Name of the HEASoft task.
    params
        (name, value) pairs in the order they are printed; only what departs from the task's own
        defaults, because nuproducts aborts on a parameter that does not apply.
    files
        Files to write into the run's folder before the call.

    Examples
    --------
    >>> call = TaskCall(task="nuproducts", params=(("instrument", "FPMA"), ("binsize", 256)))
    >>> call.to_shell()
    'nuproducts instrument=FPMA binsize=256'
    >>> print(call.to_python())
    heasoftpy.nuproducts(
        instrument='FPMA',
        binsize=256,
        noprompt=True,
        allow_failure=False,
    )
    """

    task: str
    params: tuple[tuple[str, ParamValue], ...]
    files: tuple[TextFile | GtiFile, ...] = ()

    def get(self, name: str) -> ParamValue | None:
        """Value of a parameter, or ``None`` where the call leaves it to the task."""
        return dict(self.params).get(name)

    def to_shell(self, *, broken: bool = False) -> str:
        """Return the call as one shell command.

        Parameters
        ----------
        broken
            Over several lines, one for each parameter.
        """
        words = [f"{name}={_shell_value(value)}" for name, value in self.params]
        return (" \\\n  " if broken else " ").join(map(shlex.quote, [self.task, *words]))

    def to_python(self) -> str:
        """Return the call as heasoftpy code, without the files it needs."""
        # noprompt and allow_failure are explicit: the defaults of heasoftpy send every parameter
        # and hide failures.
        settings = (*self.params, ("noprompt", True), ("allow_failure", False))
        return literals.call(literals.member("heasoftpy", self.task), settings)

    @classmethod
    def from_dict(cls, saved: dict[str, Any]) -> TaskCall:
        """Build a call from plain JSON values, as `dataclasses.asdict` gives them."""
        return cls(
            task=saved["task"],
            params=tuple((name, value) for name, value in saved["params"]),
            files=tuple(_file(item) for item in saved["files"]),
        )

    def fingerprint(self) -> str:
        """SHA-256 over task, parameters and files: equal calls, equal fingerprints."""
        text = json.dumps(asdict(self), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()


def _shell_value(value: ParamValue) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def _file(saved: dict[str, Any]) -> TextFile | GtiFile:
    if "text" in saved:
        return TextFile(**saved)
    intervals = tuple((start, stop) for start, stop in saved["intervals"])
    return GtiFile(name=saved["name"], intervals=intervals)
