"""A parameter of the stand-in."""

from __future__ import annotations

import re
from typing import Any

from .xset import always_asked, command, complain

_PROPORTION = 0.01  # steps are this part of the value, whatever step was given


class Parameter:
    """One parameter of one data group."""

    def __init__(self, group: int, index: int, name: str, unit: str, values: Any, frozen: bool):
        self._group, self.index, self.name, self.unit = group, index, name, unit
        self._values, self._frozen, self._link = list(values), frozen, ""
        self.sigma, self.error = 0.0, (0.0, 0.0, "FFFFFFFFF")

    @property
    def values(self) -> list[float]:
        if self._link:
            self._values[0] = models().linked(self)
        value, delta, *limits = self._values
        delta = _PROPORTION * abs(value) or delta
        return [value, -delta if self._frozen else delta, *limits]

    @values.setter
    def values(self, given: Any) -> None:
        command("newpar")
        self.take(given)

    def take(self, given: Any) -> None:
        """Set what `newpar` sets, without a command of its own."""
        if isinstance(given, str):
            if given.strip().startswith("="):
                self._link = given.strip()
                return
            words = zip(given.split(","), self._values, strict=False)
            given = [float(word) if word.strip() else old for word, old in words]
        given = list(given) if isinstance(given, (list, tuple)) else [given]
        new = [float(value) for value in given] + self._values[len(given) :]
        if not new[2] <= new[0] <= new[5]:
            complain(f"***Error: Desired Value {new[0]:g} is outside hard range {new[2]:g} - "
                     f"{new[5]:g}")  # fmt: skip
            always_asked(f" data group {self._group}::{self.name}>")
            return
        if len(given) > 1:
            self._frozen = new[1] < 0
        self._link = ""
        self._values = [new[0], abs(new[1]), *new[2:]]
        models().changed()

    @property
    def frozen(self) -> bool:
        return self._frozen

    @frozen.setter
    def frozen(self, frozen: bool) -> None:
        command("freeze" if frozen else "thaw")
        self._frozen = frozen
        models().changed()

    @property
    def link(self) -> str:
        return self._link

    @link.setter
    def link(self, text: str) -> None:
        command("newpar")
        if text:
            self._follow(text)
        elif self._link:
            self._values, self._link = self.values, ""
        models().changed()

    def _follow(self, text: str) -> None:
        """Take a link, in which a whole number is a parameter too; a bad one is ignored."""
        before = self._link
        self._link = "= " + re.sub(r"(?<![\w.])(\d+)(?![\w.])", r"p\1", text)
        try:
            models().linked(self)
        except Exception:
            complain("***XSPEC Error: Invalid link expression:  - ignored")
            self._link = before

    def untie(self) -> None:
        self.link = ""


def models() -> Any:
    """The models, which are made of parameters."""
    from .model import AllModels

    return AllModels
