"""What a check looks at, and what an exercise is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from nustar_widgets.engines.fitting import FitResult
from nustar_widgets.errors import FitError, SelectionError
from nustar_widgets.fits.livefit import LiveFit
from nustar_widgets.live.counts import ModuleCounts
from nustar_widgets.live.module import LiveModule
from nustar_widgets.live.observation import LiveObservation
from nustar_widgets.session.session import Session

MODULE: Final = "FPMA"
"""The module the exercises on regions are about."""


@dataclass(frozen=True, kw_only=True)
class Bench:
    """A session on the bench, and an answer where one is asked for.

    Attributes
    ----------
    session
        The session.
    answer
        A number or a text; ``None`` where none was given.
    """

    session: Session
    answer: Any = None

    def require_data(self) -> None:
        """Make sure that something is open.

        Raises
        ------
        SelectionError
            Saying what to do.
        """
        if not any(item.events for item in self.session.inputs):
            raise SelectionError(
                "there is no event list. Run the cell that opens the simulated sample, at the top "
                "of the notebook"
            )

    @property
    def module(self) -> LiveModule:
        """Events of the module that is looked at.

        Raises
        ------
        SelectionError
            There are none.
        """
        self.require_data()
        live = LiveObservation.of(self.session)
        live.load()
        if MODULE not in live.modules:
            raise SelectionError(live.problem or f"{MODULE} is not in use: choose both modules")
        return live.modules[MODULE]

    @property
    def counts(self) -> ModuleCounts:
        """Counts of that module.

        Raises
        ------
        SelectionError
            There are none.
        """
        _ = self.module
        live = LiveObservation.of(self.session)
        if live.counts is None:
            raise SelectionError(live.problem or "nothing has been counted yet")
        return live.counts.modules[MODULE]

    @property
    def result(self) -> FitResult:
        """The fit of the session.

        Raises
        ------
        FitError
            Nothing was fitted since the last change.
        """
        result = LiveFit.of(self.session).result
        if result is None:
            raise FitError(
                "there is no fit, or something was changed since. Press Fit in the fit panel (it "
                "needs the products of exercise 7)"
            )
        return result


@dataclass(frozen=True, kw_only=True)
class Exercise:
    """One exercise.

    Attributes
    ----------
    title
        What is to be done, in a few words.
    problems
        Says what is wrong and how to go on, the first thing first; nothing where all is right. May
        raise a NustarWidgetsError that says so.
    praise
        Says what came out; asked only where nothing is wrong.
    """

    title: str
    problems: Callable[[Bench], Iterator[str]]
    praise: Callable[[Bench], str]
