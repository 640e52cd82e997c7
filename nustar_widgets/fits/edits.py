"""Changes of a fit's choice: its model, and what is set for one parameter. Each gives a new choice.

A change is refused, with the place in the text or the name of the parameter, where the choice could
no longer be fitted. One that could not be before may be changed step by step.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace

from nustar_widgets.engines.fit_parameters import ParameterTable
from nustar_widgets.errors import ModelError, NustarWidgetsError, ParameterError
from nustar_widgets.fits.carrying import Carried, carried
from nustar_widgets.fits.outline import Outline, full_parameter_name, outline, outline_or_none
from nustar_widgets.fits.surgery import text_with, text_without
from nustar_widgets.fits.xspecmodels import find_any
from nustar_widgets.session.values import FitChoice, ParameterChoice
from nustar_widgets.spectra.models import Model
from nustar_widgets.spectra.registry import find_model

__all__ = [
    "Carried", "added", "carried", "chosen", "place_of", "removed", "with_component",
    "with_expression", "with_frozen", "with_limits", "with_link", "with_value", "without",
    "without_component",
]  # fmt: skip


def place_of(error: ModelError) -> int | None:
    """Return which character of an expression an error is about; None if none."""
    place = getattr(error, "position", None)
    return place if isinstance(place, int) else None


# -- the model


def with_expression(choice: FitChoice, text: str) -> FitChoice:
    """Give a choice another expression; what was set for components still there goes along.

    Parameters
    ----------
    choice
        The choice.
    text
        The expression. `carried` also says what is lost.

    Raises
    ------
    ModelError
        It is no model, or names one the engine lacks; see `place_of`.
    """
    return carried(choice, text).choice


def added(choice: FitChoice, name: str, where: str | None = None) -> Carried:
    """Add a component, and say what is lost, which is nothing.

    Parameters
    ----------
    choice
        The choice.
    name
        The model, by name or abbreviation.
    where
        Component to add it to, or to multiply with it; None: the usual place.

    Raises
    ------
    ModelError
        There is no such model or place, or the engine lacks it.
    """
    spec = find_any(name) if choice.engine == "xspec" else find_model(name)
    if spec is None:
        raise ModelError(f"no model is called {name!r}")
    text = text_with(outline(choice.expression), spec.name, spec.kind, beside=where)
    return carried(choice, text.text, origins=text.origins)


def with_component(choice: FitChoice, name: str, where: str | None = None) -> FitChoice:
    """Add a component; see `added`."""
    return added(choice, name, where).choice


def removed(choice: FitChoice, component: str) -> Carried:
    """Take a component out, and say what is lost with it.

    Parameters
    ----------
    choice
        The choice.
    component
        Its name, as ``gaussian_4``.

    Raises
    ------
    ModelError
        There is no such component, or nothing would be left that emits.
    """
    text = text_without(outline(choice.expression), component)
    return carried(choice, text.text, origins=text.origins)


def without_component(choice: FitChoice, component: str) -> FitChoice:
    """Take a component out; see `removed`."""
    return removed(choice, component).choice


# -- one parameter


def with_value(choice: FitChoice, name: str, value: float) -> FitChoice:
    """Set the start value of a parameter, in its own unit.

    Parameters
    ----------
    choice
        The choice.
    name
        Full name of the parameter, in any letter case.
    value
        The value.

    Raises
    ------
    ParameterError
        There is no such parameter, it is linked, or the value is outside its limits.
    """
    old = chosen(choice, name)
    if old.link is not None:
        raise ParameterError(old.name, f"it follows {old.link}: unlink it to set it")
    if not math.isfinite(value):
        raise ParameterError(old.name, f"{value} is not a number: expected one, as 1.8")
    return _with(choice, replace(old, value=float(value)))


def with_frozen(choice: FitChoice, name: str, frozen: bool) -> FitChoice:
    """Keep a parameter fixed in a fit, or let it go; see `with_value`."""
    return _with(choice, replace(chosen(choice, name), frozen=frozen))


def with_limits(choice: FitChoice, name: str, low: float | None, high: float | None) -> FitChoice:
    """Set the limits of a parameter; None is the model's own.

    Parameters
    ----------
    choice
        The choice.
    name
        Full name of the parameter.
    low, high
        The limits, in the parameter's own unit.

    Raises
    ------
    ParameterError
        There is no such parameter, its value is outside, or they are crossed.
    """
    for limit in (low, high):
        if limit is not None and math.isnan(limit):
            raise ParameterError(name, "a limit is not a number: expected numbers, or none")
    return _with(choice, replace(chosen(choice, name), min=low, max=high))


def with_link(choice: FitChoice, name: str, link: str | None) -> FitChoice:
    """Let a parameter follow others, or no longer.

    Parameters
    ----------
    choice
        The choice.
    name
        Full name of the parameter.
    link
        Expression over full names, as ``2*gaussian_4.norm``; None or an empty text unties the
        parameter, also one of a later spectrum that follows the first one's.

    Raises
    ------
    ParameterError
        The link cannot be read, names what is not there, or goes round in a circle.
    """
    text = (link or "").strip().removeprefix("=").strip()
    old = chosen(choice, name)
    new = replace(old, link=text or None, frozen=None if text else old.frozen)
    if new == ParameterChoice(name=new.name) and "[" not in new.name:
        return without(choice, new.name)
    return _with(choice, new)


def without(choice: FitChoice, name: str) -> FitChoice:
    """Forget what was set for a parameter: it is as the model has it.

    Parameters
    ----------
    choice
        The choice.
    name
        Full name of the parameter.
    """
    known = _spelt(choice, name)
    left = tuple(item for item in choice.parameters if _spelt(choice, item.name) != known)
    return _still_fits(choice, replace(choice, parameters=left))


def chosen(choice: FitChoice, name: str) -> ParameterChoice:
    """Return what is set for a parameter, under its name as the model spells it.

    Parameters
    ----------
    choice
        The choice.
    name
        Full name of the parameter.

    Raises
    ------
    ParameterError
        There is no such parameter.
    """
    known = _spelt(choice, name)
    for item in choice.parameters:
        if _spelt(choice, item.name) == known:
            return replace(item, name=known)
    _require(choice, known)
    return ParameterChoice(name=known)


def _with(choice: FitChoice, new: ParameterChoice) -> FitChoice:
    """Put what is set for one parameter in its place, or at the end."""
    names = [_spelt(choice, item.name) for item in choice.parameters]
    items = list(choice.parameters)
    if new.name in names:
        items[names.index(new.name)] = new
    else:
        items.append(new)
    return _still_fits(choice, replace(choice, parameters=tuple(items)))


def _spelt(choice: FitChoice, name: str) -> str:
    """Return a full name as the model spells it; as it is where the model has none like it."""
    read = outline_or_none(choice.expression)
    found = None if read is None else read.parameter(name)
    return name.strip() if found is None else full_parameter_name(*found)


def _require(choice: FitChoice, name: str) -> None:
    read = outline_or_none(choice.expression)
    if read is not None and read.parameter(name) is None:
        known = ", ".join(_full_names(read))
        raise ParameterError(
            name, f"{choice.expression} has no such parameter: expected one of {known}"
        )


def _full_names(read: Outline) -> Iterable[str]:
    for component in read.components:
        names = [spec.name for spec in component.spec.parameters] or ["..."]
        yield from (full_parameter_name(component, name) for name in names)


def _still_fits(old: FitChoice, new: FitChoice) -> FitChoice:
    """Refuse a change that makes a choice unusable; one that was unusable may be mended."""
    problem = _problem(new)
    if problem is not None and _problem(old) is None:
        raise problem
    return new


def _problem(choice: FitChoice) -> NustarWidgetsError | None:
    """Return what a fit would refuse; of models only XSPEC has, XSPEC must say."""
    read = outline_or_none(choice.expression)
    if read is None or not read.is_known:
        return None
    groups = [found[2] for item in choice.parameters if (found := read.parameter(item.name))]
    try:
        ParameterTable(Model.parse(read.expression), max(groups, default=1), choice.parameters)
    except NustarWidgetsError as problem:
        return problem
    return None
