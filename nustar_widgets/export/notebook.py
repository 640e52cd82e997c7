"""A session as a notebook that explains its steps."""

from __future__ import annotations

import json
from typing import Any, Final

from nustar_widgets.export.analysis import analysis_of
from nustar_widgets.export.step import Step
from nustar_widgets.export.steps import steps_of
from nustar_widgets.session.literals import one_line
from nustar_widgets.session.session import Session
from nustar_widgets.version import __version__

_MEANING: Final = frozenset("\\`*_{}[]<>&#!|~$:@")  # to Markdown, MathJax or HTML


def to_notebook(session: Session, engine: str = "auto") -> str:
    """Return a notebook that does the whole analysis of a session again, and explains it.

    Parameters
    ----------
    session
        The session.
    engine
        Who is to run it, as of :func:`~nustar_widgets.export.python.to_python`.

    Returns
    -------
    str
        The notebook as JSON text (nbformat 4.5), to be written into a file ``.ipynb``. It has the
        steps of HEASARC's NuSTAR tutorial in their order, and no outputs.

    Raises
    ------
    SessionError
        A choice is still missing; the message names it.
    TaskNotSupported
        The embedded engine is asked for and lacks a task.
    """
    analysis = analysis_of(session, engine)
    made = f"Written by nustar_widgets {__version__}. Run the cells from top to bottom."
    cells = [_markdown("title", f"# {as_markdown(analysis.title)}\n\n{made}")]
    number = 0
    for step in steps_of(analysis, pictures=True):
        number += bool(step.title)
        cells += _cells(step, number)
    kernel = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
    notebook = {
        "cells": cells,
        "metadata": {"kernelspec": kernel, "language_info": {"name": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(notebook, indent=1) + "\n"


def as_markdown(text: str) -> str:
    """Return a text that Markdown shows as it is.

    Parameters
    ----------
    text
        Any text.
    """
    # As numbers, which mean nothing else to any of the three; a backslash is half of MathJax's.
    return "".join(f"&#{ord(c)};" if c in _MEANING else c for c in one_line(text))


def _cells(step: Step, number: int) -> list[dict[str, Any]]:
    heading = f"## {number}. {step.title}" if step.title else ""
    notes = [f"**Note:** {as_markdown(note)}" for note in step.notes]
    words = "\n\n".join(part for part in (heading, step.words, *notes) if part)
    cells = [_markdown(f"{step.key}-words", words)] if words else []
    return cells + ([_code(step.key, step.code)] if step.code else [])


def _markdown(key: str, text: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "id": key, "metadata": {}, "source": _source(text)}


def _code(key: str, text: str) -> dict[str, Any]:
    return {
        "cell_type": "code",
        "execution_count": None,
        "id": key,
        "metadata": {},
        "outputs": [],
        "source": _source(text),
    }


def _source(text: str) -> list[str]:
    return text.splitlines(keepends=True)
