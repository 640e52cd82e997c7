"""Models to begin with, by the kind of source."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from nustar_widgets.fits.carrying import Carried, carried
from nustar_widgets.fits.outline import outline
from nustar_widgets.session.values import FitChoice, ParameterChoice


@dataclass(frozen=True, kw_only=True)
class Template:
    """A model to begin with.

    Attributes
    ----------
    name
        What it is called.
    group
        The kind of source.
    about
        When to use it and what to mind.
    expression
        XSPEC model expression.
    parameters
        What is set; the rest is guessed from the data or the model's default.
    abundance
        XSPEC's ``abund``; None keeps the choice's.
    """

    name: str
    group: str
    about: str
    expression: str
    parameters: tuple[ParameterChoice, ...] = ()
    abundance: str | None = None

    @property
    def needs_xspec(self) -> tuple[str, ...]:
        """Models of it that the embedded engine lacks."""
        components = outline(self.expression).components
        return tuple(item.spec.name for item in components if not item.spec.parameters)

    @property
    def is_approximate(self) -> bool:
        """Whether it stands in for a model the embedded engine lacks."""
        return self.about.startswith("APPROXIMATE")


@cache
def templates() -> tuple[Template, ...]:
    """Return all templates, by group."""
    path = Path(__file__).with_name("templates.toml")
    told = tomllib.loads(path.read_text(encoding="utf-8"))
    return tuple(_template(table) for table in told["template"])


def _template(table: dict[str, Any]) -> Template:
    chosen = table.pop("parameters", {})
    return Template(
        **table,
        parameters=tuple(ParameterChoice(name=name, **given) for name, given in chosen.items()),
    )


def put_in_place(choice: FitChoice, template: Template) -> Carried:
    """Give a choice the model of a template, and say what is lost.

    What the template sets wins; what the user set for other parameters of components that are still
    there is kept.

    Parameters
    ----------
    choice
        The choice.
    template
        The template.

    Raises
    ------
    NeedsHeasoftError
        The engine of the choice lacks a model of it.
    """
    if template.abundance is not None:
        choice = replace(choice, abundance=template.abundance)
    moved = carried(choice, template.expression)
    own = {item.name for item in template.parameters}
    kept = tuple(item for item in moved.choice.parameters if item.name not in own)
    return replace(moved, choice=replace(moved.choice, parameters=(*kept, *template.parameters)))


def applied(choice: FitChoice, template: Template) -> FitChoice:
    """Give a choice the model of a template; see `put_in_place`."""
    return put_in_place(choice, template).choice
