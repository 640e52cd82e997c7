"""What a form shows for a task: one row for each parameter, and how each stands now."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from nustar_widgets.engines.taskhelp import GROUPS
from nustar_widgets.engines.taskspec import Kind, Parameter, TaskSpec

_KEYWORDS = ("DEFAULT", "NONE", "CALDB")


class Control(StrEnum):
    """How the value of a parameter is entered."""

    CHOICE = "choice"
    YES_NO = "yes/no"
    NUMBER = "number"
    WHOLE = "whole"
    FILE = "file"
    TEXT = "text"


_CONTROLS = {
    Kind.YES_NO: Control.YES_NO,
    Kind.NUMBER: Control.NUMBER,
    Kind.WHOLE: Control.WHOLE,
    Kind.FILE: Control.FILE,
    Kind.TEXT: Control.TEXT,
}


@dataclass(frozen=True, kw_only=True)
class Row:
    """One parameter as a form shows it, whatever its value.

    Attributes
    ----------
    name
        Its name.
    control
        How its value is entered.
    group
        One of `GROUPS`.
    first
        One of the few that matter first.
    required
        The task cannot do without it.
    default
        What the task takes where nothing is said, as text; may be empty.
    choices
        The only values allowed; empty where any is.
    minimum, maximum
        Limits of a number, both included, or ``None``.
    unit
        Of a number; may be empty.
    keywords
        For a file: words that stand for one, ``DEFAULT``, ``NONE`` or ``CALDB``.
    is_output
        It names a file or folder that is made.
    prompt
        The task's own words.
    help
        Ours: what it means, and when to change it.
    manual
        HEASoft's help on it, where that says more than the prompt.
    applies
        When it applies, in words; empty where always.
    """

    name: str
    control: Control
    group: str
    first: bool = False
    required: bool = False
    default: str = ""
    choices: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    unit: str = ""
    keywords: tuple[str, ...] = ()
    is_output: bool = False
    prompt: str = ""
    help: str = ""
    manual: str = ""
    applies: str = ""


@dataclass(frozen=True, kw_only=True)
class RowState:
    """How a row stands now.

    Attributes
    ----------
    value
        What the task will take, as text.
    usual
        What it would be had nothing been set by hand, which a reset goes back to: the session's or
        the task's own default.
    is_changed
        It was set by hand and differs from what it would be without.
    origin
        Where a value comes from that was not entered here, in words, as ``from the regions
        drawn``; empty for the task's own default and for what was entered here.
    is_brought
        The value has an origin and is not meant to be entered here: a form may fold the row away.
    why_not
        Why it does not apply now, in words; empty where it does. It is then left out of the call.
    problem
        What is wrong with the value and what to do; empty where nothing is.
    """

    value: str
    usual: str = ""
    is_changed: bool = False
    origin: str = ""
    is_brought: bool = False
    why_not: str = ""
    problem: str = ""


def rows_of(spec: TaskSpec) -> tuple[Row, ...]:
    """Return the rows of a task's form: by group, those that matter first before the others.

    Parameters
    ----------
    spec
        What the task accepts.
    """
    rows = [_row(parameter) for parameter in spec.parameters]
    return tuple(sorted(rows, key=lambda row: (GROUPS.index(row.group), not row.first)))


def _row(parameter: Parameter) -> Row:
    return Row(
        name=parameter.name,
        control=_control(parameter),
        group=parameter.group or GROUPS[-1],
        first=parameter.first,
        required=parameter.required,
        default=parameter.default,
        choices=parameter.choices,
        minimum=parameter.minimum,
        maximum=parameter.maximum,
        unit=parameter.unit,
        keywords=_keywords(parameter),
        is_output=parameter.role == "output",
        prompt=parameter.prompt,
        help=_help(parameter),
        manual=_manual(parameter),
        applies=", or with ".join(
            " and ".join(str(condition) for condition in group) for group in parameter.conditions
        ),
    )


def _help(parameter: Parameter) -> str:
    if not parameter.limited:
        return parameter.help
    return f"{parameter.help} Only {' or '.join(parameter.choices)} here: {parameter.limited}."


def _manual(parameter: Parameter) -> str:
    said = parameter.manual
    return "" if _letters(said) == _letters(parameter.prompt) else said


def _letters(text: str) -> str:
    return "".join(letter for letter in text.lower() if letter.isalnum())


def _control(parameter: Parameter) -> Control:
    if parameter.choices:
        return Control.CHOICE
    return Control.FILE if parameter.role else _CONTROLS[parameter.kind]


def _keywords(parameter: Parameter) -> tuple[str, ...]:
    if _control(parameter) is not Control.FILE:
        return ()
    known = parameter.default.upper()
    if known not in _KEYWORDS:
        return ()
    # What a task makes under a name of its own it can also leave unmade.
    return (known, "NONE") if parameter.role == "output" and known == "DEFAULT" else (known,)
