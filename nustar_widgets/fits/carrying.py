"""What the user set for parameters, carried from one model to another.

A component that is still there keeps what was set, under the name it has now: ``gaussian_4``
becomes ``gaussian_3`` where a component before it goes. Links are written with the new names. What
has no place any more is dropped and told.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import SequenceMatcher

from nustar_widgets.fits.outline import (
    PARAMETER,
    Outline,
    full_parameter_name,
    outline_or_none,
    outlined,
)
from nustar_widgets.session.values import FitChoice, ParameterChoice
from nustar_widgets.spectra.expression import Component


@dataclass(frozen=True, kw_only=True)
class Carried:
    """A choice with another model.

    Attributes
    ----------
    choice
        The choice.
    notes
        What was set before and has no place in it, in words.
    new
        Components that were not in the model before.
    """

    choice: FitChoice
    notes: tuple[str, ...] = ()
    new: tuple[Component, ...] = field(default=(), compare=False)


def carried(
    choice: FitChoice, text: str, *, origins: Sequence[int | None] | None = None
) -> Carried:
    """Give a choice another expression; what the user set goes along.

    Parameters
    ----------
    choice
        The choice.
    text
        The new expression.
    origins
        Of each component of the new expression the number it had in the old one, None for a new
        one; found by comparison where it is not known.

    Raises
    ------
    ModelError
        The text is no model, or names one the engine lacks; ``position`` says where.
    """
    new = outlined(choice, text)
    old = outline_or_none(choice.expression)
    places = _origins(old or new, new, origins)
    names = _Renaming(old or new, new, places)
    kept: list[ParameterChoice] = []
    notes: list[str] = []
    for parameter in choice.parameters:
        moved, note = names.moved(parameter)
        kept += [] if moved is None else [moved]
        notes += [note] if note else []
    return Carried(
        choice=replace(choice, expression=new.expression, parameters=tuple(kept)),
        notes=tuple(notes),
        new=tuple(item for item in new.components if item not in places.values()),
    )


def _origins(
    old: Outline, new: Outline, known: Sequence[int | None] | None
) -> Mapping[int, Component]:
    """Return the new component of each number in the old expression."""
    if known is not None:
        pairs = zip(known, new.components, strict=True)
        return {number: component for number, component in pairs if number is not None}
    return _compared(old.components, new.components)


def _compared(old: Sequence[Component], new: Sequence[Component]) -> dict[int, Component]:
    """Match runs of equal models first, then models that moved, in their order."""
    before, after = _names(old), _names(new)
    found: dict[int, Component] = {}
    free = set(range(len(new)))
    for block in SequenceMatcher(a=before, b=after, autojunk=False).get_matching_blocks():
        for step in range(block.size):
            found[old[block.a + step].number] = new[block.b + step]
            free.discard(block.b + step)
    moved: dict[str, list[int]] = defaultdict(list)
    for at in sorted(free):
        moved[after[at]].append(at)
    for component, name in zip(old, before, strict=True):
        if component.number not in found and moved[name]:
            found[component.number] = new[moved[name].pop(0)]
    return found


def _names(components: Sequence[Component]) -> list[str]:
    return [component.spec.name for component in components]


class _Renaming:
    """Full names of parameters, from one expression to another."""

    def __init__(self, old: Outline, new: Outline, components: Mapping[int, Component]) -> None:
        self._old, self._new, self._components = old, new, components

    def name(self, name: str) -> str | None:
        """Return the new name of a parameter; None if it has none."""
        found = self._old.parameter(name)
        if found is None:
            return None
        component, own, group = found
        there = self._components.get(component.number)
        return None if there is None else full_parameter_name(there, own, group)

    def moved(self, parameter: ParameterChoice) -> tuple[ParameterChoice | None, str]:
        """Return what was set under its new name, and what is lost, in words."""
        name = self.name(parameter.name)
        if name is None:
            return None, self._gone(parameter)
        if parameter.link is None:
            return replace(parameter, name=name), ""
        link, missing = self._link(parameter.link)
        if not missing:
            return replace(parameter, name=name, link=link), ""
        note = (
            f"{name} was linked to {parameter.link}, but {' and '.join(missing)} is no longer in "
            "the model: the link is dropped"
        )
        bare = replace(parameter, name=name, link=None)
        return (None if bare == ParameterChoice(name=name) else bare), note

    def _link(self, text: str) -> tuple[str, list[str]]:
        """Write a link with the new names; also which it names that are gone."""
        missing = [m[0] for m in PARAMETER.finditer(text) if self.name(m[0]) is None]
        return PARAMETER.sub(lambda match: self.name(match[0]) or match[0], text), missing

    def _gone(self, parameter: ParameterChoice) -> str:
        component = parameter.name.partition(".")[0]
        return f"{parameter.name} ({_set_to(parameter)}): {component} is no longer in the model"


def _set_to(parameter: ParameterChoice) -> str:
    """Say what was set for a parameter."""
    words = [
        None if parameter.value is None else f"{parameter.value:g}",
        None if parameter.link is None else f"linked to {parameter.link}",
        {True: "frozen", False: "free", None: None}[parameter.frozen],
        None if parameter.min is None else f"at least {parameter.min:g}",
        None if parameter.max is None else f"at most {parameter.max:g}",
    ]
    return ", ".join(word for word in words if word) or "set"
