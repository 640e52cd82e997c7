"""What comes next: one sentence and one button, told from how the analysis stands."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from nustar_widgets.app import steps
from nustar_widgets.app.situation import Data, JobsNow, Situation


class Act(StrEnum):
    """What the button does."""

    NONE = ""
    OPEN = "open"
    """Goes to the step."""
    SUGGEST = "suggest"
    """Takes the suggested regions."""
    RUN = "run"
    """Puts what is to run into the queue."""
    FIT = "fit"
    """Fits."""
    RANGES = "ranges"
    """Searches the 90 % ranges."""


@dataclass(frozen=True)
class NextStep:
    """What comes next.

    Attributes
    ----------
    words
        What to do, as it follows ``Next:``.
    step
        Key of the step where it is done.
    act
        What the button does.
    button
        What is on it; empty where there is none.
    """

    words: str
    step: str
    act: Act = Act.OPEN
    button: str = "Go there"


_LOOKING: Final = "a moment: looking at what is there and what has changed"

_RAW: Final = (
    "name a region file (srcregionfile), so that nupipeline and nuproducts run in one go; or get "
    "the cleaned event lists, and draw"
)


def next_step(now: Situation) -> NextStep:
    """Tell what comes next.

    Parameters
    ----------
    now
        How the analysis stands.
    """
    if now.fit.activity:
        return NextStep(f"wait: {now.fit.activity}", steps.FIT, button="Look at the fit")
    if now.data is Data.SPECTRA:
        return _fit(now)
    return _data(now) or _regions(now) or _run(now) or _fit(now)


def first_step(now: Situation) -> str:
    """Tell which step is opened first; quick, so that nothing on disk is asked.

    Parameters
    ----------
    now
        How the analysis stands, without its jobs.
    """
    if now.data is Data.SPECTRA:
        return steps.FIT
    following = _data(now) or _regions(now)
    if following is not None:
        return following.step
    return steps.FIT if now.has_fit_choices else steps.JOBS


def _data(now: Situation) -> NextStep | None:
    if now.data is Data.NONE:
        words = "choose an observation: search for a source, open files, or try the sample"
        return NextStep(words, steps.OBSERVATION, button="Choose an observation")
    if now.data is Data.CHOSEN:
        words = f"download {now.obsid}, or open it where it lies on disk"
        return NextStep(words, steps.OBSERVATION, button="Get the files")
    if now.trouble:
        return NextStep(f"mend this: {now.trouble}", steps.OBSERVATION, button="Choose other files")
    return None


def _regions(now: Situation) -> NextStep | None:
    if now.data is Data.RAW and now.without_source:
        return NextStep(_RAW, steps.PARAMETERS, button="Set it")
    if not now.has_events:
        return None
    for kind, missing in (("source", now.without_source), ("background", now.without_background)):
        if missing:
            words = f"draw a {kind} region for {' and '.join(missing)}, or take the suggestion"
            return NextStep(words, steps.REGIONS, Act.SUGGEST, "Take the suggestion")
    return None


def _run(now: Situation) -> NextStep | None:
    jobs = now.jobs
    if jobs is not None and jobs.running:
        return NextStep(f"wait for {jobs.running}", steps.JOBS, button="Look at the jobs")
    if now.stops:
        words = f"mend what would stop the run: {now.stops[0]}"
        return NextStep(words, steps.PARAMETERS, button="Mend it")
    if now.no_plan:
        return NextStep(f"mend this: {now.no_plan}", steps.PARAMETERS, button="Mend it")
    if jobs is None:
        return NextStep(_LOOKING, steps.JOBS, Act.NONE, "")
    if jobs.failed:
        return NextStep(f"see why this failed: {jobs.failed}", steps.JOBS, button="Look at the log")
    return _to_run(jobs) if jobs.n_to_run else None


def _to_run(jobs: JobsNow) -> NextStep:
    number = f"{jobs.n_to_run} step{'s' if jobs.n_to_run != 1 else ''}"
    again = " again" if jobs.is_made else ""
    time = f" ({jobs.time})" if jobs.time else ""
    why = f", because {jobs.why}" if jobs.is_made and jobs.why else ""
    words = f"make the products{again}: {number}{time}{why}"
    return NextStep(words, steps.JOBS, Act.RUN, f"Run {number}")


def _fit(now: Situation) -> NextStep:
    fit = now.fit
    if fit.problem:
        return NextStep(f"mend the fit: {fit.problem}", steps.FIT, button="Look at the fit")
    if not fit.is_fitted:
        again = " again" if fit.was_fitted else ""
        return NextStep(f"fit {now.expression}{again}", steps.FIT, Act.FIT, "Fit")
    if fit.note:
        return NextStep(f"look at the fit: {fit.note}", steps.FIT, button="Look at the fit")
    if not fit.has_ranges:
        words = "search the 90 % ranges of the parameters"
        return NextStep(words, steps.FIT, Act.RANGES, "90 % ranges")
    words = "all is done and current; take the code along"
    return NextStep(words, steps.CODE, button="Show the code")
