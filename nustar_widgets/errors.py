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
    ├── ArchiveError          the archive was not asked, or gave no answer that can be used
    │   ├── QueryError        what was typed cannot be searched for      (.given)
    │   ├── NameNotFound      the name service does not know this name   (.name)
    │   ├── ServiceError      a server did not do its part               (.url)
    │   │   ├── NoNetwork     it cannot be reached, or stopped answering
    │   │   ├── ServerRefused it said no                                 (.status)
    │   │   └── ServerNonsense its answer cannot be read
    │   ├── SearchCancelled   somebody asked to stop
    │   └── DownloadError     files were not fetched                     (.what)
    │       ├── ProprietaryData    they are encrypted until their public date
    │       └── DownloadCancelled  somebody asked to stop
    ├── SessionError          a saved session cannot be read, or an edit is impossible
    ├── PresetError           a preset cannot be read, or does not fit
    └── MissingPackageError   a package that is only needed for this is not installed  (.package)

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


_WIDEST = 160


def _window(text: str, position: int) -> tuple[str, int]:
    """Return a line of a text around a position, and where the position is in it."""
    if len(text) <= _WIDEST:
        return text, position
    start = max(0, min(position - _WIDEST // 2, len(text) - _WIDEST))
    before, after = "..." * (start > 0), "..." * (start + _WIDEST < len(text))
    return before + text[start : start + _WIDEST] + after, position - start + len(before)


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
        text, pointer = _window(expression, position)
        super().__init__(f"{problem}\n  {text}\n  {' ' * pointer}^")


class NeedsHeasoftError(ModelError):
    """A model, statistic or step that only HEASoft/XSPEC has; never approximated in silence.

    Parameters
    ----------
    name
        What was asked for.
    remedy
        What to use instead, if anything.

    Attributes
    ----------
    position
        Zero-based index of its first character in an expression; None where there is none.
    """

    def __init__(self, name: str, remedy: str = "") -> None:
        self.name = name
        self.position: int | None = None
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
        self.problem = problem
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
        self.problem = problem
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


class ArchiveError(NustarWidgetsError):
    """The archive was not asked, or gave no answer that can be used."""


class QueryError(ArchiveError):
    """What was typed or chosen cannot be searched for.

    Parameters
    ----------
    given
        What was given, as typed.
    problem
        What is wrong with it, what was expected and what to do.
    """

    def __init__(self, given: object, problem: str) -> None:
        self.given = given
        self.problem = problem
        super().__init__(f"{given!r}: {problem}")


class NameNotFound(ArchiveError):
    """The name service does not know this source name.

    Parameters
    ----------
    name
        The name, as typed.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(
            f"{name!r}: no source of this name is known to SIMBAD, NED or VizieR. Check the "
            "spelling, or give coordinates or an obsid (11 digits) instead"
        )


class ServiceError(ArchiveError):
    """A server did not do its part; asking again later may help.

    Parameters
    ----------
    url
        What was asked.
    problem
        What happened and what to do.
    """

    def __init__(self, url: str, problem: str) -> None:
        self.url = url
        super().__init__(f"{url}: {problem}")


class NoNetwork(ServiceError):
    """A server cannot be reached, or stopped answering half way."""


class ServerRefused(ServiceError):
    """A server was reached and said no.

    Parameters
    ----------
    url
        What was asked.
    problem
        Its reason, and what to do.
    status
        The HTTP status; ``None`` where the refusal was written in the answer.
    """

    def __init__(self, url: str, problem: str, status: int | None = None) -> None:
        self.status = status
        super().__init__(url, problem)


class ServerNonsense(ServiceError):
    """A server's answer cannot be read: cut off, a web page, or something else."""


class SearchCancelled(ArchiveError):
    """Somebody asked to stop; nothing is wrong."""

    def __init__(self, message: str = "cancelled") -> None:
        super().__init__(message)


class DownloadError(ArchiveError):
    """Files were not fetched; what had come is kept, and the next download goes on from there.

    Parameters
    ----------
    what
        The file, folder or host.
    problem
        What happened.
    remedy
        What to do.
    """

    def __init__(self, what: str, problem: str, remedy: str) -> None:
        self.what = what
        super().__init__(f"{what}: {problem}. {remedy}")


class ProprietaryData(DownloadError):
    """The files are encrypted: only the principal investigator can read them yet."""


class DownloadCancelled(DownloadError):
    """Somebody asked to stop; nothing is wrong."""


class SessionError(NustarWidgetsError):
    """A saved session cannot be read, or an edit is impossible."""


class PresetError(NustarWidgetsError):
    """A preset cannot be read, or holds what no task takes; nothing was changed."""


class MissingPackageError(NustarWidgetsError):
    """A package that is only needed for this is not installed.

    Parameters
    ----------
    package
        What it is called.
    remedy
        The line that installs it.
    """

    def __init__(self, package: str, remedy: str) -> None:
        self.package = package
        super().__init__(f"{package} is needed for this and is not installed here. Do: {remedy}")
