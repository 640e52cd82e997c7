"""The seam: whatever runs task calls looks like this, and so does what comes back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from nustar_widgets.engines.taskspec import TaskSpec
from nustar_widgets.session.provenance import Provenance
from nustar_widgets.session.taskcall import TaskCall

Progress = Callable[[str], None]
"""Told what a task says as it goes on, one or more whole lines at a time."""


@dataclass(frozen=True, kw_only=True)
class Product:
    """One file a task made.

    Attributes
    ----------
    kind
        ``source spectrum``, ``background light curve``, ``image``, ``arf`` and so on.
    path
        Where it lies.
    """

    kind: str
    path: Path


@dataclass(frozen=True, kw_only=True)
class TaskResult:
    """What a task made.

    Attributes
    ----------
    call
        The call that was run.
    products
        Files made, in the order they were made.
    provenance
        Inputs, engine and what was *not* applied.
    """

    call: TaskCall
    products: tuple[Product, ...]
    provenance: Provenance

    def path(self, kind: str) -> Path | None:
        """Path of the product of one kind, or ``None`` if the task made none."""
        return next((item.path for item in self.products if item.kind == kind), None)


class Engine(Protocol):
    """Runs task calls."""

    @property
    def name(self) -> str:
        """Shown to people and written into products."""
        ...

    def supports(self, task: str) -> bool:
        """Whether this engine has the task at all."""
        ...

    def spec(self, task: str) -> TaskSpec:
        """Return what the engine accepts for a task.

        Raises
        ------
        TaskNotSupported
            It does not have the task.
        """
        ...

    def run(self, call: TaskCall, *, folder: Path, progress: Progress | None = None) -> TaskResult:
        """Run one call in a folder.

        Parameters
        ----------
        call
            The call; its relative paths mean ``folder``.
        folder
            An existing folder.
        progress
            Told what is being done.

        Raises
        ------
        TaskNotSupported
            The engine cannot do what the call asks; nothing was made.
        NustarWidgetsError
            An input or a parameter is wrong, or the task failed; nothing was made.
        """
        ...
