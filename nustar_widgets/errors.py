"""Every error this package raises on purpose, as one tree.

::

    NustarWidgetsError
    ├── InputFileError        a file we were given cannot be used        (.path)
    ├── RegionError           a region that cannot be used as given
    │   └── RegionTrapError   HEASoft would read this region as something else
    ├── SelectionError        a choice that leaves nothing: no events, no exposure, no bins
    ├── ModelError            a spectral model that cannot be built or evaluated
    │   ├── ExpressionError   the text of a model expression is wrong    (.expression, .position)
    │   └── NeedsHeasoftError a model or step only HEASoft/XSPEC has     (.name)
    ├── ParameterError        a task or fit parameter is unknown or out of range (.parameter)
    ├── TaskNotSupported      this engine cannot do what the call asks   (.task)
    ├── TaskFailed        a task ended without what it was to make       (.task, .status)
    ├── JobError          a job that is not known, or not where it must be (.job)
    ├── FitError              a fit that cannot be started or did not converge
    ├── OutputError           a product cannot be written                (.path)
    └── SessionError          a saved session cannot be read, or an edit is impossible

A message says what was given, what was expected and what to do; the text is tested. Catch the root
to catch them all; a leaf to recover from one.
"""

from __future__ import annotations

from pathlib import Path


class NustarWidgetsError(Exception):
    """Root of the tree: something the user can understand and act on."""


class InputFileError(NustarWidgetsError):
    """A file we were given cannot be used.

    Parameters
    ----------
    path
        The file.
    problem
        What is wrong with it, naming the extension, column or keyword.
    remedy
        What was expected or what to do.
    """

    def __init__(self, path: str | Path, problem: str, remedy: str) -> None:
        self.path = Path(path)
        super().__init__(f"{path}: {problem}. {remedy}")


class RegionError(NustarWidgetsError):
    """A region that cannot be used as given."""


class RegionTrapError(RegionError):
    """HEASoft would read this region as something other than what it seems to say."""


class SelectionError(NustarWidgetsError):
    """A choice (region, intervals, band, noticed range) that leaves nothing."""


class ModelError(NustarWidgetsError):
    """A spectral model that cannot be built or evaluated."""


class ExpressionError(ModelError):
    """The text of a model expression is wrong.

    Parameters
    ----------
    expression
        The whole expression.
    position
        Zero-based index of the character at fault.
    problem
        What is wrong there.
    """

    def __init__(self, expression: str, position: int, problem: str) -> None:
        self.expression = expression
        self.position = position
        super().__init__(f"{problem}\n  {expression}\n  {' ' * position}^")


class NeedsHeasoftError(ModelError):
    """A model, statistic or step that only HEASoft/XSPEC has; never approximated in silence.

    Parameters
    ----------
    name
        What was asked for.
    remedy
        What to use instead, if anything.
    """

    def __init__(self, name: str, remedy: str = "") -> None:
        self.name = name
        super().__init__(f"{name} needs HEASoft: this engine does not have it. {remedy}".rstrip())


class ParameterError(NustarWidgetsError):
    """A task or fit parameter is unknown, of the wrong type or out of range.

    Parameters
    ----------
    parameter
        Its name.
    problem
        The value given, what was expected and what to do.
    """

    def __init__(self, parameter: str, problem: str) -> None:
        self.parameter = parameter
        super().__init__(f"{parameter}: {problem}")


class TaskNotSupported(NustarWidgetsError):
    """An engine cannot do what a task call asks.

    Parameters
    ----------
    task
        Name of the task.
    problem
        What it cannot do, and which engine can.
    """

    def __init__(self, task: str, problem: str) -> None:
        self.task = task
        super().__init__(f"{task}: {problem}")


class TaskFailed(NustarWidgetsError):
    """A task ended without what it was to make; no product was left.

    Parameters
    ----------
    task
        Name of the task.
    reason
        Why, in the task's own words where it said so.
    status
        Its exit status, negative for the signal that ended it; ``None`` if it did not start.
    """

    def __init__(self, task: str, reason: str, status: int | None) -> None:
        self.task = task
        self.reason = reason
        self.status = status
        super().__init__(f"{task}: {reason}")


class JobError(NustarWidgetsError):
    """A job is not known, or is not in a state in which that can be done.

    Parameters
    ----------
    job
        Its id or label.
    problem
        What is in the way.
    """

    def __init__(self, job: str, problem: str) -> None:
        self.job = job
        super().__init__(f"{job}: {problem}")


class FitError(NustarWidgetsError):
    """A fit that cannot be started or did not converge."""


class OutputError(NustarWidgetsError):
    """A product cannot be written; nothing half-written is left behind.

    Parameters
    ----------
    path
        The file or folder.
    problem
        Why it cannot be written.
    remedy
        What to do.
    """

    def __init__(self, path: str | Path, problem: str, remedy: str) -> None:
        self.path = Path(path)
        super().__init__(f"{path}: {problem}. {remedy}")


class SessionError(NustarWidgetsError):
    """A saved session cannot be read, or an edit is impossible."""
