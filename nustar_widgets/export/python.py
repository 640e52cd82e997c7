"""A session as one Python script."""

from __future__ import annotations

import textwrap

from nustar_widgets.export.analysis import analysis_of
from nustar_widgets.export.step import Step
from nustar_widgets.export.steps import steps_of
from nustar_widgets.session.literals import docstring, one_line
from nustar_widgets.session.session import Session
from nustar_widgets.version import __version__


def to_python(session: Session, engine: str = "auto") -> str:
    """Return a Python script that does the whole analysis of a session again.

    Parameters
    ----------
    session
        The session.
    engine
        Who is to run it: ``heasoft`` (heasoftpy and PyXspec), ``embedded`` (this package, without
        HEASoft), or ``auto``: whom the session would use here and now.

    Returns
    -------
    str
        The script: data, tasks, fit, and what was measured of the fit; each step with a word of
        explanation. It makes one folder, beside where it is started, and works in it.

    Raises
    ------
    SessionError
        A choice is still missing; the message names it.
    TaskNotSupported
        The embedded engine is asked for and lacks a task.
    """
    analysis = analysis_of(session, engine)
    blocks, number = [], 0
    for step in steps_of(analysis, pictures=False):
        number += bool(step.title)
        blocks.append(_block(step, number))
    head = docstring(f"{analysis.title}.", f"Written by nustar_widgets {__version__}.")
    return "\n\n".join([head, *blocks]) + "\n"


def _block(step: Step, number: int) -> str:
    heading = f"\n# {number}. {step.title}" if step.title else ""
    comments = [line for text in (step.words, *step.notes) for line in _comment(text)]
    rule = "# " + "-" * (len(heading) - 3) if heading else ""
    return "\n".join(part for part in (heading, rule, *comments, step.code) if part)


def _comment(text: str) -> list[str]:
    lines = textwrap.wrap(one_line(text), 96, break_long_words=False, break_on_hyphens=False)
    return [f"# {line}" for line in lines]
