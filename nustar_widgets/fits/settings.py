"""What a user sets for one parameter of a model, put into a choice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from nustar_widgets.fits.edits import (
    chosen,
    with_frozen,
    with_limits,
    with_link,
    with_value,
    without,
)
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


def with_setting(choice: FitChoice, name: str, what: str, value: Any, *, now: float) -> FitChoice:
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
    now
        Present value: one that is unlinked, or frozen, stays where it is.

    Raises
    ------
    NustarWidgetsError
        The model does not take it.
    """
    match what:
        case "reset":
            return without(choice, name)
        case "link" if value:
            return with_link(choice, name, str(value))
        case "link":
            return with_value(with_link(choice, name, None), name, now)
        case "frozen":
            return with_frozen(with_value(choice, name, now), name, bool(value))
        case "value":
            return with_value(choice, name, value)
    limits = chosen(choice, name)
    low, high = (value, limits.max) if what == "min" else (limits.min, value)
    return with_limits(choice, name, low, high)
