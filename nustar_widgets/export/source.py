"""How values and calls are written in the code: paths of the observation begin with ``data``."""

from __future__ import annotations

from dataclasses import dataclass

from nustar_widgets.export.written import Written
from nustar_widgets.session import literals

HEASOFT_SETTINGS = (("noprompt", True), ("allow_failure", False))
"""Explicit, because heasoftpy else sends every parameter and hides failures."""


@dataclass(frozen=True, kw_only=True)
class Source:
    """Writes values.

    Attributes
    ----------
    data
        Folder of the observation, which the code has as ``data``; empty where there is none.
    """

    data: str

    def literal(self, value: object) -> str:
        """Return a value as Python source.

        Parameters
        ----------
        value
            The value.
        """
        if not (self.data and isinstance(value, str)):
            return literals.literal(value)
        if value == self.data:
            return "data"
        inside = value.removeprefix(self.data)
        if inside == value or not inside.startswith("/"):
            return literals.literal(value)
        return "f" + literals.literal("{data}" + inside.replace("{", "{{").replace("}", "}}"))

    def call(self, item: Written, *more: tuple[str, object]) -> str:
        """Return the code of a task call.

        Parameters
        ----------
        item
            The call.
        *more
            Further arguments for the embedded engine.
        """
        module, further = "tasks", more
        if item.engine == "heasoft":
            module, further = "heasoftpy", HEASOFT_SETTINGS
        function = literals.member(module, item.call.task)
        return literals.call(function, (*item.call.params, *further), write=self.literal)
