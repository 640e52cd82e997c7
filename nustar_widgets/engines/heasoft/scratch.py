"""The private working folder of one task, and the call as it is said there.

HEASoft tasks join paths into command lines without quotes and cut them at 128 to 160 letters, leave
their litter in the folder they run in, and share parameter files. So each task runs in a folder of
its own with a short, plain path; an input whose path is not plain is reached through a link; an
output is made inside and gets its real name afterwards.
"""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from nustar_widgets.engines.taskspec import UNDEFINED, Kind, Parameter, TaskSpec, as_text, is_yes
from nustar_widgets.errors import InputFileError, OutputError, ParameterError
from nustar_widgets.session.taskcall import TaskCall

PLAIN = re.compile(r"[A-Za-z0-9_.,:/+=@%-]*")
"""What passes through a shell unchanged, quoted or not."""

_QUOTED = re.compile(r"[^\"$`\\]*")  # what stays as it is between double quotes
_LONGEST_PATH = 100  # leaves room for what tasks append; ftools cut at 128 (xselect) and 160
_LONGEST_ROOT = 60
_WORDS = frozenset({"", "DEFAULT", "NONE", "CALDB"})
_SPECIAL = "!@"  # a leading ! replaces a file, a leading @ names a list of files


@dataclass(frozen=True)
class Scratch:
    """The folders of one run.

    Attributes
    ----------
    root
        Holds the others; goes with all it holds when the run ends.
    """

    root: Path

    @property
    def work(self) -> Path:
        """The folder the task runs in."""
        return self.root / "w"

    @property
    def pfiles(self) -> Path:
        """Fresh parameter files."""
        return self.root / "p"


@contextmanager
def scratch_in(*places: Path) -> Iterator[Scratch]:
    """Make a scratch folder in the first place whose path is short and plain enough.

    Parameters
    ----------
    places
        Existing folders, the best first; the folder for temporary files comes last by itself.

    Raises
    ------
    OutputError
        None has a path HEASoft can read, or the one that has cannot be written.
    """
    known = [path.resolve() for path in (*places, Path(tempfile.gettempdir()))]
    base = next((path for path in known if is_short_and_plain(path)), None)
    if base is None:
        raise OutputError(
            known[0],
            f"HEASoft needs a folder whose path has at most {_LONGEST_ROOT} letters and no spaces",
            "Set TMPDIR to such a folder",
        )
    try:
        scratch = Scratch(Path(tempfile.mkdtemp(prefix=".nw-", dir=base)))
        scratch.work.mkdir()
        scratch.pfiles.mkdir()
    except OSError as error:
        raise OutputError(
            base, f"cannot be written ({error.strerror})", "Choose a folder that has room"
        ) from error
    try:
        yield scratch
    finally:
        shutil.rmtree(scratch.root, ignore_errors=True)


@dataclass(frozen=True, kw_only=True)
class Staged:
    """A call as it is said in a scratch folder.

    Attributes
    ----------
    params
        (name, text) pairs to send.
    inputs
        Files and folders outside that the call reads.
    outputs
        Final place of what is made under a name in the working folder, by that name; a folder
        stands for all that is made in it.
    """

    params: tuple[tuple[str, str], ...]
    inputs: tuple[Path, ...]
    outputs: dict[str, Path] = field(default_factory=dict)


def stage(call: TaskCall, spec: TaskSpec, *, folder: Path, work: Path) -> Staged:
    """Say a call in the terms of a working folder, linking what it reads.

    Parameters
    ----------
    call
        The call, checked already.
    spec
        What the task accepts.
    folder
        What the call's relative paths mean.
    work
        The working folder, in which the call's own small files lie already.

    Raises
    ------
    InputFileError
        A file or folder to read is missing.
    ParameterError
        A value holds something a shell would take for more than letters.
    """
    stager = _Stager(spec=spec, folder=folder.resolve(), work=work)
    own = {file.name for file in call.files}
    params = tuple(
        (name, stager.said(spec.parameter(name), as_text(value), own))
        for name, value in call.params
    )
    for name, text in params:
        refuse_unsafe(spec, spec.parameter(name), text)
    return Staged(params=params, inputs=tuple(dict.fromkeys(stager.inputs)), outputs=stager.outputs)


class _Stager:
    """Says one value after another."""

    def __init__(self, *, spec: TaskSpec, folder: Path, work: Path) -> None:
        self.spec = spec
        self.folder = folder
        self.work = work
        self.inputs: list[Path] = []
        self.outputs: dict[str, Path] = {}

    def said(self, parameter: Parameter, text: str, own: set[str]) -> str:
        """Return what to send for a value."""
        if parameter.kind is Kind.YES_NO:  # heasoftpy takes t for no
            return "yes" if is_yes(text) else "no"
        if parameter.kind in (Kind.NUMBER, Kind.WHOLE):
            return text.upper() if text.upper() == UNDEFINED else text
        if not may_be_path(parameter, text) or text.upper() in _WORDS or text in own:
            return text
        if parameter.role == "output":
            return self._output(parameter, text)
        mark = text[0] if text[0] in _SPECIAL else ""
        named = text.removeprefix(mark)
        path, rest = (named, "") if _exists(self.folder / named) else _without_filter(named)
        there = self.folder / path
        # Only a file can have a filter behind it.
        if not path or not _exists(there) or (rest and there.is_dir()):
            if parameter.role == "input":
                raise InputFileError(
                    self.folder / named,
                    "there is no such file or folder",
                    f"Check {parameter.name}",
                )
            return text
        self.inputs.append(there.resolve())  # what is read, not a link that may go
        return f"{mark}{self._reached(there)}{rest}"

    def _output(self, parameter: Parameter, text: str) -> str:
        mark = "!" if text.startswith("!") else ""
        path = Path(text.removeprefix(mark))
        final = self.folder / path
        plain = not path.is_absolute() and ".." not in path.parts and _is_plain(str(path))
        local = str(path) if plain else f"o{len(self.outputs)}/{_plain_name(path)}"
        is_moved = parameter.name != "outdir" and self.spec.find("outdir") is not None
        if is_moved and Path(local).name != path.name:  # its files name each other, too
            raise ParameterError(
                parameter.name,
                f"{text!r}: {self.spec.task} writes it into outdir under its own name, which must "
                "therefore be of at most 40 letters, digits and _ . + = -",
            )
        (self.work / local).parent.mkdir(parents=True, exist_ok=True)
        self.outputs[local] = final
        return mark + local

    def _reached(self, there: Path) -> str:
        """Return a name by which an input is reached from the working folder."""
        if _is_plain(str(there)):
            return str(there)
        link = self.work / f"i{len(self.inputs)}" / _plain_name(there)
        link.parent.mkdir()
        link.symlink_to(there)
        return str(link.relative_to(self.work))


def refuse_unsafe(spec: TaskSpec, parameter: Parameter, text: str) -> None:
    """Refuse what would reach a shell as something other than itself.

    Parameters
    ----------
    spec
        What the task accepts.
    parameter
        One of its parameters.
    text
        What is to be sent for it; of a file, the name by which the task is to reach it.

    Raises
    ------
    ParameterError
        A letter does not stand for itself; the message names it.
    """
    if not spec.joins_unquoted:
        return
    allowed = _QUOTED if parameter.quoted else PLAIN
    if not allowed.fullmatch(text):
        first = next(letter for letter in text if not allowed.fullmatch(letter))
        raise ParameterError(
            parameter.name,
            f"{text!r}: {spec.task} hands its values to a shell, in which {first!r} does not stand "
            "for itself; use letters, digits and _ . , : / + = @ % -",
        )


def may_be_path(parameter: Parameter, text: str) -> bool:
    """Whether a value may name a file or folder.

    Parameters
    ----------
    parameter
        The parameter.
    text
        Its value.
    """
    if parameter.role or parameter.kind is Kind.FILE:
        return True
    # Many tasks declare a file name as plain text; a bare word is never taken for one.
    return parameter.kind is Kind.TEXT and ("/" in text or "." in text)


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:  # too long to be a path at all
        return False


def _without_filter(text: str) -> tuple[str, str]:
    """Split ``file.fits[EVENTS]`` or ``file.fits+1`` into the file and the rest."""
    found = re.fullmatch(r"(.*?)(\[.*|\+\d+)?", text)
    assert found is not None  # every line matches, and line breaks were refused before
    return found[1], found[2] or ""


def _is_plain(path: str) -> bool:
    return PLAIN.fullmatch(path) is not None and len(path) <= _LONGEST_PATH


def _plain_name(path: Path) -> str:
    """Return a short, plain file name that ends as the file's own."""
    return re.sub(r"[^A-Za-z0-9_.+=-]", "_", path.name)[-40:].lstrip("-.") or "file"


def is_short_and_plain(path: Path) -> bool:
    """Whether HEASoft tasks can run in a folder: they append to its path and cut or split it."""
    is_plain = PLAIN.fullmatch(str(path)) is not None and ":" not in str(path)  # PFILES has colons
    return is_plain and len(str(path)) <= _LONGEST_ROOT
