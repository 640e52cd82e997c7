"""What the button of the next step does; each may take a while."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from nustar_widgets.app.suggesting import suggested
from nustar_widgets.errors import SessionError
from nustar_widgets.jobs.outlook import outlook
from nustar_widgets.jobs.plan import submit
from nustar_widgets.jobs.queues import queue_in
from nustar_widgets.jobs.space import refuse_unwritable
from nustar_widgets.session.session import Session

if TYPE_CHECKING:
    from nustar_widgets.fits.livefit import LiveFit


def take_suggestion(session: Session, tell: Callable[[str], object]) -> tuple[str, ...]:
    """Choose the suggested regions where there are none, in one undo step; return the reasons.

    Parameters
    ----------
    session
        The session.
    tell
        Told what is being done.

    Raises
    ------
    InputFileError, SelectionError
        An event list cannot be read, or there is nothing to suggest.
    SessionError
        Regions were drawn meanwhile; they stay.
    """
    before = session.regions
    found = suggested(session, tell)
    if session.regions != before:
        raise SessionError("regions were drawn meanwhile, so the suggestion was not taken")
    session.edit("take the suggested regions", regions=found.regions)
    return found.words


def run(session: Session) -> tuple[str, ...]:
    """Put what a session asks for, and is not there, into the queue; return the ids of the jobs.

    Parameters
    ----------
    session
        The session.

    Raises
    ------
    OutputError
        The work folder cannot be written.
    SessionError
        A choice is still missing.
    """
    refuse_unwritable(session.work_dir)
    runner = queue_in(session.work_dir)
    return submit(runner, outlook(session, runner.jobs).wanted)


def fit(live: LiveFit, *, ranges: bool) -> None:
    """Fit, or search the 90 % ranges.

    Parameters
    ----------
    live
        The fit; its spectra are read if that was not done yet.
    ranges
        Search the ranges.

    Raises
    ------
    FitError
        There is nothing to fit, or the engine failed.
    """
    live.load()
    if ranges:
        live.errors()
    else:
        live.fit()
