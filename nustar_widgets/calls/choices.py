"""What a session has chosen for a task, by the task's own parameter names, and how that changes.

A value entered goes where the choice lives: a bin size to the session's bin size, a parameter no
other panel knows to the task's own parameters, which hold only what was set by hand. Nothing here
edits a session; functions return the changes for one `Session.edit`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import fields, replace
from typing import Any

from nustar_widgets.calls.links import LINKS, Changes, Edit
from nustar_widgets.engines.heasoft.scratch import may_be_path, refuse_unsafe
from nustar_widgets.engines.taskspec import UNDEFINED, Kind, Parameter, TaskSpec, as_text, is_yes
from nustar_widgets.errors import ParameterError
from nustar_widgets.session.session import Session
from nustar_widgets.session.taskcall import ParamValue
from nustar_widgets.session.values import GroupingChoice

TASKS = ("nupipeline", "nuproducts", "ftgrouppha")
"""The tasks a session stands for, in the order they run."""

GROUPING = ("grouptype", "groupscale", "minchannel", "maxchannel")
"""Parameters of ftgrouppha that are fields of a session's grouping."""


def set_by_hand(session: Session, task: str) -> dict[str, ParamValue]:
    """Return the parameters of a task that were set by hand, by name."""
    match task:
        case "nupipeline":
            return dict(session.pipeline or ())
        case "nuproducts":
            return dict(session.products)
        case _:
            return {**_grouping_by_hand(session.grouping), **dict(session.grouping.others)}


def is_run(session: Session, task: str) -> bool:
    """Whether the session asks for a task at all."""
    match task:
        case "nupipeline":
            return session.reprocesses
        case "ftgrouppha":
            return session.grouping.grouptype != "none"
        case _:
            return True


def switched(session: Session, task: str, *, on: bool) -> Changes:
    """Return the changes that ask for a task, or no longer.

    Parameters
    ----------
    session
        The session.
    task
        ``nupipeline`` or ``ftgrouppha``; nuproducts is always run.
    on
        Whether it is to be run.
    """
    if on is is_run(session, task):
        return {}
    if task == "nupipeline":
        return {"pipeline": () if on else None}
    usual = GroupingChoice()
    return {"grouping": usual if on else replace(session.grouping, grouptype="none")}


def entered(session: Session, spec: TaskSpec, edit: Edit) -> Changes:
    """Return what changes in a session when a value is entered for a parameter.

    Parameters
    ----------
    session
        The session.
    spec
        What the task accepts.
    edit
        What was entered; text is read as the parameter's type.

    Raises
    ------
    ParameterError
        The task has no such parameter, or would not take the value; the message says what it
        expects.
    """
    parameter = spec.parameter(edit.name)
    if problem := parameter.problem(edit.value):
        raise ParameterError(edit.name, problem)
    if not may_be_path(parameter, as_text(edit.value)):  # a file is reached through a plain name
        refuse_unsafe(spec, parameter, as_text(edit.value))
    edit = replace(edit, value=_typed(parameter, edit.value))
    link = LINKS.get(spec.task, {}).get(edit.name)
    if link is not None and link.write is not None:
        written = link.write(session, edit)
        if written is not None:
            return written | reset(session, spec.task, (edit.name,))
    return with_values(session, spec.task, {edit.name: edit.value})


def with_values(session: Session, task: str, values: Mapping[str, ParamValue]) -> Changes:
    """Return the changes that put parameters among those of a task set by hand.

    Parameters
    ----------
    session
        The session.
    task
        The task.
    values
        Values by parameter name.
    """
    if task != "ftgrouppha":
        return _put(task, {**set_by_hand(session, task), **values})
    own: dict[str, Any] = {
        name: None if value == UNDEFINED else value
        for name, value in values.items()
        if name in GROUPING
    }
    others = {**dict(session.grouping.others), **values}
    kept = tuple((name, value) for name, value in others.items() if name not in GROUPING)
    return {"grouping": replace(session.grouping, **own, others=kept)}


def reset(session: Session, task: str, names: Collection[str]) -> Changes:
    """Return the changes that take parameters back to what they are without a hand.

    Parameters
    ----------
    session
        The session.
    task
        The task.
    names
        Parameters; those that were not set by hand stay as they are.
    """
    given = set_by_hand(session, task)
    if not any(name in given for name in names):
        return {}
    if task == "ftgrouppha":
        return {"grouping": _grouping_without(session.grouping, names)}
    return _put(task, {name: value for name, value in given.items() if name not in names})


def _put(task: str, values: Mapping[str, ParamValue]) -> Changes:
    field = "pipeline" if task == "nupipeline" else "products"
    return {field: tuple(values.items())}


def _grouping_by_hand(choice: GroupingChoice) -> dict[str, ParamValue]:
    """Return what differs from the grouping every session begins with."""
    usual = GroupingChoice()
    return {
        name: value
        for name in GROUPING
        if (value := getattr(choice, name)) not in (None, "none", getattr(usual, name))
    }


def _grouping_without(choice: GroupingChoice, names: Collection[str]) -> GroupingChoice:
    usual = GroupingChoice()
    own: dict[str, Any] = {
        item.name: getattr(usual, item.name)
        for item in fields(choice)
        if item.name in names and item.name in GROUPING
    }
    others = tuple(pair for pair in choice.others if pair[0] not in names)
    return replace(choice, **own, others=others)


def _typed(parameter: Parameter, value: ParamValue) -> ParamValue:
    """Return a value as its parameter's type; a number that is not set stays a word."""
    text = as_text(value)
    if parameter.kind is Kind.YES_NO:
        return is_yes(text)
    if parameter.kind in (Kind.NUMBER, Kind.WHOLE):
        if text.upper() == UNDEFINED:
            return UNDEFINED
        number = float(text)
        return int(number) if number.is_integer() else number
    return text.lower() if parameter.name == "grouptype" else text
