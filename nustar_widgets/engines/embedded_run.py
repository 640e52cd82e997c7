"""One run of one call by the embedded engine: its parameters, read and checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from nustar_widgets.engines.base import Product, Progress
from nustar_widgets.engines.taskspec import UNDEFINED, TaskSpec, is_yes
from nustar_widgets.errors import ParameterError, TaskNotSupported
from nustar_widgets.session.taskcall import TaskCall


@dataclass(frozen=True, kw_only=True)
class ResponseFiles:
    """ARF and RMF of one module; relative paths are seen from the run's folder."""

    arf: Path | None = None
    rmf: Path | None = None


@dataclass(frozen=True, kw_only=True)
class Made:
    """What a task made in the staging folder.

    Attributes
    ----------
    products
        The files, in the staging folder.
    inputs
        The files read.
    outdir
        Folder the products go to.
    not_applied
        Corrections that were asked for and not made, in words.
    """

    products: tuple[Product, ...]
    inputs: tuple[Path, ...]
    outdir: Path
    not_applied: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Run:
    """A call with the folders it runs in; parameters are read with the types they must have.

    Attributes
    ----------
    call
        The call.
    spec
        What the engine accepts for its task.
    folder
        What its relative paths mean.
    staging
        Where products are made, and where the call's own small files already lie.
    responses
        Responses by module.
    tell
        Told what is being done.
    """

    call: TaskCall
    spec: TaskSpec
    folder: Path
    staging: Path
    responses: Mapping[str, ResponseFiles]
    tell: Progress

    def check(self) -> None:
        """Refuse what this engine would have to drop in silence, and what no engine would take.

        Raises
        ------
        TaskNotSupported
            The call has a parameter this engine does not have, or a value only HEASoft takes.
        ParameterError
            A value is wrong, missing or does not apply.
        """
        for name, value in self.call.params:
            parameter = self.spec.find(name)
            if parameter is None:
                known = ", ".join(sorted(item.name for item in self.spec.parameters))
                raise TaskNotSupported(
                    self.call.task,
                    f"the embedded engine does not have the parameter {name!r}: check its name, "
                    f"leave it out, or run with HEASoft; it has {known}",
                )
            if parameter.limited and (problem := parameter.problem(value)):
                raise TaskNotSupported(self.call.task, f"{name}={problem}")
        self.spec.check(self.call)

    def text(self, name: str) -> str:
        """Return a parameter as text: the call's or the task's default.

        One of a few choices is spelled as the choice is: tasks compare without regard to case.
        """
        text = self.spec.value(self.call, name)
        choices = self.spec.parameter(name).choices
        return next((choice for choice in choices if choice.lower() == text.lower()), text)

    def number(self, name: str) -> float | None:
        """Return a parameter as a number, or ``None`` where neither call nor task has one."""
        text = self.text(name)
        return None if text.upper() in ("", UNDEFINED) else float(text)

    def whole(self, name: str) -> int:
        """Return a parameter as a whole number.

        Raises
        ------
        ParameterError
            It is INDEF.
        """
        text = self.text(name)
        if text.upper() == UNDEFINED:
            raise ParameterError(name, f"{text!r}: expected a whole number")
        return int(text)

    def flag(self, name: str) -> bool:
        """Return a yes/no parameter."""
        return is_yes(self.text(name))

    def file(self, name: str) -> Path | None:
        """Return a file parameter; ``None`` where it is absent, DEFAULT or NONE.

        A file the call itself brings is found in the staging folder.
        """
        value = self.text(name)
        if value.upper() in ("", "DEFAULT", "NONE"):
            return None
        if value in {file.name for file in self.call.files}:
            return self.staging / value
        return self.folder / value

    @property
    def clobber(self) -> bool:
        """Existing products may be replaced."""
        return self.flag("clobber")
