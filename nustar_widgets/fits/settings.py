"""What a user sets for one parameter of a model, put into a choice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from nustar_widgets.engines.fitting import FitTable
from nustar_widgets.session.values import FitChoice, ParameterChoice


def with_values(choice: FitChoice, values: Mapping[str, float]) -> FitChoice:
    """Return a choice with values of parameters put in place.

    Parameters
    ----------
    choice
        The choice.
    values
        By full name.
    """
    known = {item.name: item for item in choice.parameters}
    for name, value in values.items():
        known[name] = replace(known.get(name, ParameterChoice(name=name)), value=float(value))
    return replace(choice, parameters=tuple(known.values()))


def with_setting(
    choice: FitChoice, name: str, what: str, value: Any, *, table: FitTable, now: float
) -> FitChoice:
    """Return a choice with one thing of one parameter set.

    Parameters
    ----------
    choice
        The choice.
    name
        Full name of the parameter.
    what
        ``value``, ``frozen``, ``min``, ``max``, ``link`` or ``reset``.
    value
        What it is set to; a limit of ``None`` is the model's own, an empty link unlinks.
    table
        The parameters as the choice has them.
    now
        Present value: one that is unlinked, or frozen, stays where it is.
    """
    known = {item.name: item for item in choice.parameters}
    if what == "reset":
        known.pop(name, None)
        return replace(choice, parameters=tuple(known.values()))
    item = known.get(name, ParameterChoice(name=name))
    match what:
        case "link" if value:
            item = ParameterChoice(name=name, link=str(value))
        case "link":
            row = next(row for row in table.rows if row.name == name)
            item = replace(item, link=None, value=now if row.link else item.value, frozen=False)
        case "frozen":
            item = replace(item, frozen=bool(value), value=now)
        case _:
            item = replace(item, **{what: value})
    return replace(choice, parameters=tuple({**known, name: item}.values()))
