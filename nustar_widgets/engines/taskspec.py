"""What a task accepts, as values: read from an installed ``.par`` file or declared by an engine.

heasoftpy checks none of this: it drops a misspelt parameter, takes any number and sends parameters
that do not apply, which nuproducts answers by aborting. Here every name, type, range, choice and
condition is checked before anything starts, and a parameter that does not apply is left out.
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from nustar_widgets.errors import ParameterError
from nustar_widgets.session.taskcall import ParamValue, TaskCall

_YES, _NO = frozenset({"yes", "y", "true", "t"}), frozenset({"no", "n", "false", "f"})
UNDEFINED = "INDEF"
"""How HEASoft writes a number that is not set."""


class Kind(StrEnum):
    """Type of a parameter."""

    TEXT = "text"
    FILE = "file"
    NUMBER = "number"
    WHOLE = "whole number"
    YES_NO = "yes or no"


_WORDS = {Kind.NUMBER: "a number", Kind.WHOLE: "a whole number", Kind.YES_NO: "yes or no"}


@dataclass(frozen=True, kw_only=True)
class Condition:
    """Another parameter decides whether a parameter applies.

    Attributes
    ----------
    parameter
        The one that decides.
    values
        Its values, compared without regard to case.
    negated
        It must have none of the values.
    """

    parameter: str
    values: tuple[str, ...]
    negated: bool = False

    @classmethod
    def from_text(cls, parameter: str, text: str) -> Condition:
        """Read ``yes``, ``opt|optmin`` or ``!NONE``."""
        return cls(
            parameter=parameter,
            values=tuple(text.removeprefix("!").split("|")),
            negated=text.startswith("!"),
        )

    def holds(self, value: str) -> bool:
        """Whether the deciding parameter's value lets the other apply."""
        return (_folded(value) in {_folded(known) for known in self.values}) is not self.negated

    def __str__(self) -> str:
        alternatives = " or ".join(self.values)
        return f"{self.parameter} {'other than' if self.negated else '='} {alternatives}"


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """One parameter of a task.

    Attributes
    ----------
    name
        Its name.
    kind
        Its type.
    default
        What the task takes where the call is silent, as text; empty where there is nothing.
    required
        The task cannot do without it (where it applies).
    minimum, maximum
        Limits of a number, both included; ``None`` where there is none.
    choices
        The only values allowed; empty where any is.
    prompt
        The task's own one-line description.
    manual
        What HEASoft's own help says of it, as plain words; empty where it says nothing.
    help, group, unit
        Our own words: what it means, where a form shows it, the unit of its value.
    first
        One of the few that matter first.
    role
        ``input`` or ``output`` where it names a file or folder; else empty.
    conditions
        All of one group must hold, or the parameter does not apply and must be left out; without
        any group it always applies.
    quoted
        The task itself quotes the value where it passes it on to a shell.
    limited
        Why an engine takes fewer values than the task; empty where it takes all.
    """

    name: str
    kind: Kind = Kind.TEXT
    default: str = ""
    required: bool = False
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[str, ...] = ()
    prompt: str = ""
    manual: str = ""
    help: str = ""
    group: str = ""
    unit: str = ""
    first: bool = False
    role: str = ""
    conditions: tuple[tuple[Condition, ...], ...] = ()
    quoted: bool = False
    limited: str = ""

    def problem(self, value: ParamValue) -> str | None:
        """Say what is wrong with a value, or ``None``; conditions are not looked at."""
        text = as_text(value)
        if any(ord(letter) < ord(" ") or ord(letter) == 127 for letter in text):
            return f"{text!r}: has a line break or another control character; take it out"
        if not text:
            return "is empty; leave it out to have the task's default"
        if self.choices and not any(same_text(text, choice) for choice in self.choices):
            expected = f"{value!r}: expected one of {', '.join(self.choices)}"
            return f"{text} needs HEASoft: {self.limited}" if self.limited else expected
        if not self._is_of_kind(text):
            return f"{value!r}: expected {_WORDS[self.kind]}"
        if self._is_number(text) and not self._is_in_range(float(text)):
            return f"{value!r}: expected {self._range()}"
        return None

    def _is_of_kind(self, text: str) -> bool:
        if self.kind is Kind.YES_NO:
            return text.lower() in _YES | _NO
        if self._is_number(text):
            try:
                number = float(text) if self.kind is Kind.NUMBER else int(text)
                return math.isfinite(number) and "_" not in text  # 1_000 is Python's alone
            except (ValueError, OverflowError):
                return False
        return True

    def _is_number(self, text: str) -> bool:
        return self.kind in (Kind.NUMBER, Kind.WHOLE) and text.upper() != UNDEFINED

    def _is_in_range(self, number: float) -> bool:
        low, high = self.minimum, self.maximum
        return (low is None or number >= low) and (high is None or number <= high)

    def _range(self) -> str:
        unit = f" {self.unit}" if self.unit else ""
        if self.minimum is None:
            return f"at most {self.maximum:g}{unit}"
        if self.maximum is None:
            return f"at least {self.minimum:g}{unit}"
        return f"{self.minimum:g} to {self.maximum:g}{unit}"


@dataclass(frozen=True, kw_only=True)
class TaskSpec:
    """What a task accepts.

    Attributes
    ----------
    task
        Name of the task.
    parameters
        Its parameters in the task's own order.
    source
        Where this comes from: the path of a ``.par`` file, or the name of an engine.
    about
        One sentence on what the task does.
    joins_unquoted
        The task joins values into shell commands without quotes, so that only harmless characters
        may reach it.
    """

    task: str
    parameters: tuple[Parameter, ...]
    source: str
    about: str = ""
    joins_unquoted: bool = False

    def find(self, name: str) -> Parameter | None:
        """Return the parameter of that name, or ``None``."""
        return next((item for item in self.parameters if item.name == name), None)

    def parameter(self, name: str) -> Parameter:
        """Return the parameter of that name.

        Raises
        ------
        ParameterError
            The task has none; the message names the nearest.
        """
        found = self.find(name)
        if found is None:
            raise ParameterError(name, self._unknown(name))
        return found

    def value(self, call: TaskCall, name: str) -> str:
        """Return the value the task will take, as text: the call's or the default."""
        given = call.get(name)
        return self.parameter(name).default if given is None else as_text(given)

    def why_inapplicable(self, name: str, values: Mapping[str, ParamValue]) -> str | None:
        """Say why a parameter does not apply beside other values, or ``None`` if it does.

        Parameters
        ----------
        name
            The parameter.
        values
            The call's parameters; where it is silent the task's default decides.
        """
        groups = self.parameter(name).conditions
        failing = [self._failing(group, values) for group in groups]
        if not groups or None in failing:
            return None
        return f"applies only with {', or with '.join(str(condition) for condition in failing)}"

    def _failing(
        self, group: tuple[Condition, ...], values: Mapping[str, ParamValue]
    ) -> Condition | None:
        """Return the first condition of a group that does not hold, or ``None``."""
        for condition in group:
            deciding = self.find(condition.parameter)
            if deciding is None:  # another version of the task: it decides nothing there
                continue
            value = values.get(condition.parameter)
            if not condition.holds(deciding.default if value is None else as_text(value)):
                return condition
        return None

    def problems(self, call: TaskCall) -> Iterator[tuple[str, str]]:
        """Yield (parameter, what is wrong and what to do) for everything wrong with a call."""
        values = dict(call.params)
        for name, value in call.params:
            known = self.find(name)
            if known is None:
                yield name, self._unknown(name)
            elif problem := known.problem(value):
                yield name, problem
            elif reason := self.why_inapplicable(name, values):
                yield name, f"{reason}: leave it out, {self.task} may abort on it"
        for item in self.parameters:
            wanted = item.required and item.name not in values
            if wanted and self.why_inapplicable(item.name, values) is None:
                prompt = f" ({item.prompt})" if item.prompt else ""
                yield item.name, f"{self.task} needs it{prompt}; give a value"

    def check(self, call: TaskCall) -> None:
        """Refuse a call the task would not take, or would silently misunderstand.

        Raises
        ------
        ParameterError
            The first parameter that is unknown, wrong, out of range, missing or does not apply.
        """
        for name, problem in self.problems(call):
            raise ParameterError(name, problem)

    def without_inapplicable(self, call: TaskCall) -> TaskCall:
        """Return the call without parameters that do not apply; unknown ones stay to be refused."""
        kept = call.params
        while True:  # leaving one out may change what applies to another
            values = dict(kept)
            shorter = tuple(
                (name, value)
                for name, value in kept
                if self.find(name) is None or self.why_inapplicable(name, values) is None
            )
            if shorter == kept:
                return replace(call, params=kept)
            kept = shorter

    def _unknown(self, name: str) -> str:
        names = [item.name for item in self.parameters]
        near = difflib.get_close_matches(name.lower(), names, n=1)
        hint = f"; did you mean {near[0]}?" if near else f"; it has {', '.join(names)}"
        return f"{self.task} has no such parameter{hint}"


def as_text(value: ParamValue) -> str:
    """Return a value as HEASoft tasks read it: ``yes`` and ``no``, plain numbers, text as it is."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def is_yes(text: str) -> bool:
    """Whether a yes/no value says yes."""
    return text.lower() in _YES


def same_text(one: str, other: str) -> bool:
    """Whether two values mean the same to a task: case and ways to say yes do not matter."""
    return _folded(one) == _folded(other)


def _folded(text: str) -> str:
    """One spelling for values that mean the same to a task."""
    lower = text.lower()
    if lower in _YES | _NO:
        return "yes" if lower in _YES else "no"
    return lower
