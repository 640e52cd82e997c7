"""The components of an expression as the engine that fits knows them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from nustar_widgets.errors import NustarWidgetsError
from nustar_widgets.fits.xspecmodels import find_any
from nustar_widgets.session.values import FitChoice
from nustar_widgets.spectra.expression import Component, Node, parse
from nustar_widgets.spectra.models import Model

PARAMETER: Final = re.compile(r"([A-Za-z_]\w*)\.(\w+)(?:\s*\[\s*(\d+)\s*\])?")
"""A full name of a parameter: component, parameter and, of later spectra, the number."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Outline:
    """An expression that was read.

    Attributes
    ----------
    expression
        The text.
    tree
        Its structure.
    components
        In the order of the text. One without parameters is of XSPEC alone: any name may be a
        parameter of it.
    """

    expression: str
    tree: Node
    components: tuple[Component, ...]

    @property
    def is_known(self) -> bool:
        """Whether the embedded engine has every component."""
        return all(component.spec.parameters for component in self.components)

    def component(self, name: str) -> Component | None:
        """Return the component of a name in any letter case; with its number it may always be."""
        wanted = name.lower()
        for component in self.components:
            numbered = f"{component.spec.name}_{component.number}".lower()
            if wanted in (component.name.lower(), numbered):
                return component
        return None

    def parameter(self, name: str) -> tuple[Component, str, int] | None:
        """Return what a full name stands for.

        Parameters
        ----------
        name
            As ``gaussian_4.LineE`` or ``constant.factor[2]``.

        Returns
        -------
        Component, the parameter's own name and the number of the spectrum; None where the
        expression has no such parameter.
        """
        match = PARAMETER.fullmatch(name.strip())
        component = self.component(match[1]) if match else None
        if match is None or component is None:
            return None
        own = own_name(component, match[2])
        return None if own is None else (component, own, int(match[3] or 1))


def own_name(component: Component, name: str) -> str | None:
    """Return how a component spells a parameter; None if it has none like it."""
    if not component.spec.parameters:
        return name
    spelt = {spec.name.lower(): spec.name for spec in component.spec.parameters}
    return spelt.get(name.lower())


def full_parameter_name(component: Component, own: str, group: int = 1) -> str:
    """Return the full name of a parameter.

    Parameters
    ----------
    component
        The component.
    own
        The parameter's own name.
    group
        Number of the spectrum.
    """
    return f"{component.name}.{own}" + (f"[{group}]" if group > 1 else "")


def outlined(choice: FitChoice, text: str | None = None) -> Outline:
    """Read an expression with the models of the engine a choice asks for.

    Parameters
    ----------
    choice
        The engine, and the expression where there is no other text.
    text
        The expression.

    Raises
    ------
    ModelError
        It is no model, or names one the engine lacks; ``position`` says where.
    """
    expression = (choice.expression if text is None else text).strip()
    if choice.engine != "xspec":
        Model.parse(
            expression, abundance=choice.abundance, cross_section=choice.cross_section
        )  # says what needs XSPEC, and whether the tables are known
    return outline(expression)


def outline(expression: str) -> Outline:
    """Read an expression with the models of all engines.

    Parameters
    ----------
    expression
        The text.

    Raises
    ------
    ExpressionError
        It is no model.
    InputFileError
        The file of a table model cannot be used.
    """
    if "{" in expression:  # its file may change
        return _read(expression)
    return _read_once(expression)


def outline_or_none(expression: str) -> Outline | None:
    """Read an expression; None where it cannot be."""
    try:
        return outline(expression)
    except NustarWidgetsError:
        return None


def _read(expression: str) -> Outline:
    tree, components = parse(expression, find=find_any)
    return Outline(expression=expression, tree=tree, components=components)


_read_once = lru_cache(maxsize=64)(_read)
