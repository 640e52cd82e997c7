"""Our own words beside a task's parameters: meaning, group, unit and when a parameter applies.

They stand in ``taskhelp.toml`` for the parameters people use. A parameter we have never heard of
keeps its own prompt and lands in the last group.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from nustar_widgets.engines.taskspec import Condition, Parameter, TaskSpec

GROUPS = (
    "inputs",
    "regions",
    "filters",
    "light curve",
    "spectrum and response",
    "background",
    "barycentre",
    "calibration",
    "housekeeping",
    "other",
)
"""Groups of parameters, in the order a form shows them."""


@dataclass(frozen=True)
class TaskHelp:
    """What we know of one task.

    Attributes
    ----------
    about
        One sentence on what it does.
    parameters
        Help by parameter name, as it stands in the file.
    """

    about: str
    parameters: dict[str, dict[str, Any]]

    def added_to(self, spec: TaskSpec) -> TaskSpec:
        """Return a spec with our words and conditions put beside the task's own."""
        return replace(
            spec,
            about=self.about,
            parameters=tuple(self._explained(item) for item in spec.parameters),
            # Every NuSTARDAS task is a script, or is started by one, that builds command lines.
            joins_unquoted=spec.task.startswith("nu"),
        )

    def _explained(self, parameter: Parameter) -> Parameter:
        known = self.parameters.get(parameter.name, {})
        return replace(
            parameter,
            choices=parameter.choices or tuple(known.get("choices", ())),
            help=known.get("help", ""),
            group=known.get("group", GROUPS[-1]),
            unit=known.get("unit", ""),
            first=known.get("first", False),
            role=known.get("role", parameter.role),
            quoted=known.get("quoted", False),
            conditions=_conditions(known.get("applies", [])),
        )


def _conditions(applies: Any) -> tuple[tuple[Condition, ...], ...]:
    groups = applies if isinstance(applies, list) else [applies]
    return tuple(
        tuple(Condition.from_text(name, text) for name, text in group.items()) for group in groups
    )


def help_for(task: str) -> TaskHelp:
    """Return what we know of a task; nothing for one we do not know."""
    known = _all_help().get(task, {})
    return TaskHelp(about=known.get("about", ""), parameters=known.get("parameters", {}))


@cache
def _all_help() -> dict[str, Any]:
    path = Path(__file__).with_name("taskhelp.toml")
    return tomllib.loads(path.read_text(encoding="utf-8"))
