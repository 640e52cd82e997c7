"""What is told while an expression is typed: what is wrong, where, and what could stand there."""

from __future__ import annotations

from dataclasses import dataclass

from nustar_widgets.errors import ModelError, NeedsHeasoftError, NustarWidgetsError
from nustar_widgets.fits.completion import Completions, completions
from nustar_widgets.fits.edits import place_of
from nustar_widgets.fits.outline import outlined
from nustar_widgets.session.values import FitChoice


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """What is told of a text.

    Attributes
    ----------
    problem
        What is wrong, in words; empty where it is a model the engine has.
    position
        Zero-based index of the character at fault; None where it is no single one.
    completions
        What could stand at the cursor.
    """

    problem: str
    position: int | None
    completions: Completions


def judged(choice: FitChoice, text: str, cursor: int | None = None) -> Judgement:
    """Judge a text as the expression of a choice.

    Parameters
    ----------
    choice
        The engine, abundances and cross sections.
    text
        What is typed so far.
    cursor
        Place of the cursor; None: at the end.
    """
    problem, position = problem_of(choice, text)
    found = completions(text, cursor, with_xspec=choice.engine == "xspec")
    return Judgement(problem=problem, position=position, completions=found)


def problem_of(choice: FitChoice, text: str) -> tuple[str, int | None]:
    """Return what is wrong with a text, and at which of its characters.

    Parameters
    ----------
    choice
        The engine, abundances and cross sections.
    text
        The expression.
    """
    led = len(text) - len(text.lstrip())
    try:
        outlined(choice, text)
    except NeedsHeasoftError as error:
        return _needs(error), _behind(led, place_of(error))
    except ModelError as error:
        # The rest of an ExpressionError draws the place, as a terminal needs.
        return str(error).partition("\n")[0], _behind(led, place_of(error))
    except NustarWidgetsError as error:
        return str(error), None
    return "", None


def _behind(led: int, place: int | None) -> int | None:
    """Return a place in the text as typed: what was read has no blanks before it."""
    return None if place is None else place + led


def _needs(error: NeedsHeasoftError) -> str:
    """Say what a model needs; the list of all others is one click away."""
    return (
        f"{error.name} needs XSPEC: the embedded engine does not have it. Choose XSPEC as the "
        "engine, or another model"
    )
