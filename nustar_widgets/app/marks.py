"""How each step stands, as its tab shows it: a sign, and the same in words."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final

from nustar_widgets.app import steps
from nustar_widgets.app.situation import Data, Situation


class Mark(Enum):
    """How a step stands: (sign, words)."""

    DONE = ("\u2713", "done")
    NEEDS = ("!", "needs something")
    BUSY = ("\u2026", "at work")
    STALE = ("\u21bb", "out of date")
    LATER = ("\u25cb", "later")
    AS_IT_IS = ("\u00b7", "nothing needed")

    @property
    def sign(self) -> str:
        """One character."""
        return self.value[0]

    @property
    def words(self) -> str:
        """The same for those who cannot see it."""
        return self.value[1]


@dataclass(frozen=True)
class Standing:
    """How one step stands.

    Attributes
    ----------
    mark
        In short.
    why
        In words.
    """

    mark: Mark
    why: str


_NO_EVENTS: Final = Standing(Mark.LATER, "an event list comes first")
_SPECTRA_GONE: Final = Standing(Mark.STALE, "the spectra are to be made anew")
_NOT_FOR_SPECTRA: Final = Standing(Mark.AS_IT_IS, "not needed: spectra made elsewhere are fitted")


def standings(now: Situation) -> dict[str, Standing]:
    """Tell how every step stands.

    Parameters
    ----------
    now
        How the analysis stands.

    Returns
    -------
    dict
        By the key of the step.
    """
    return {
        steps.OBSERVATION: _observation(now),
        steps.REGIONS: _regions(now),
        steps.LIGHT_CURVE: _light_curve(now),
        steps.PARAMETERS: _parameters(now),
        steps.JOBS: _jobs(now),
        steps.FIT: _fit(now),
        steps.CODE: Standing(Mark.AS_IT_IS, "what was chosen, as code"),
    }


def _observation(now: Situation) -> Standing:
    if now.data is Data.NONE:
        return Standing(Mark.NEEDS, "no observation yet")
    if now.data is Data.CHOSEN:
        return Standing(Mark.NEEDS, f"the files of {now.obsid} are not here yet")
    if now.trouble:
        return Standing(Mark.NEEDS, now.trouble)
    return Standing(Mark.DONE, now.data.value)


def _regions(now: Situation) -> Standing:
    if now.data is Data.SPECTRA:
        return _NOT_FOR_SPECTRA
    if not now.has_events:
        return _NO_EVENTS
    for kind, missing in (("source", now.without_source), ("background", now.without_background)):
        if missing:
            return Standing(Mark.NEEDS, f"no {kind} region yet for {' and '.join(missing)}")
    return Standing(Mark.DONE, "source and background are chosen")


def _light_curve(now: Situation) -> Standing:
    if now.data is Data.SPECTRA:
        return _NOT_FOR_SPECTRA
    if not now.has_events:
        return _NO_EVENTS
    if now.has_good_time:
        return Standing(Mark.DONE, "good time intervals are chosen")
    return Standing(Mark.AS_IT_IS, "all good time is used")


def _parameters(now: Situation) -> Standing:
    if now.data is Data.SPECTRA:
        return _NOT_FOR_SPECTRA
    if now.data in (Data.NONE, Data.CHOSEN):
        return Standing(Mark.LATER, "an observation comes first")
    if now.stops:
        return Standing(Mark.NEEDS, now.stops[0])
    if now.no_plan or now.without_source:
        return Standing(Mark.LATER, now.no_plan or "a source region comes first")
    return Standing(Mark.DONE, "nothing stands in the way of a run")


def _jobs(now: Situation) -> Standing:
    if now.data is Data.SPECTRA:
        return _NOT_FOR_SPECTRA
    jobs = now.jobs
    if jobs is None:
        return Standing(Mark.LATER, now.no_plan or "source regions come first")
    if jobs.running:
        return Standing(Mark.BUSY, jobs.running)
    if jobs.failed:
        return Standing(Mark.NEEDS, f"failed: {jobs.failed}")
    if jobs.n_to_run:
        mark = Mark.STALE if jobs.is_made else Mark.NEEDS
        return Standing(mark, f"{_number(jobs.n_to_run)} to run: {jobs.why}")
    return Standing(Mark.DONE, "all products are there and current")


def _fit(now: Situation) -> Standing:
    fit = now.fit
    if fit.activity:
        return Standing(Mark.BUSY, fit.activity)
    if not now.has_products:
        return _SPECTRA_GONE if fit.was_fitted else Standing(Mark.LATER, "spectra come first")
    if fit.problem or fit.note:
        return Standing(Mark.NEEDS, fit.problem or fit.note)
    if fit.is_fitted:
        return Standing(Mark.DONE, "fitted")
    if not fit.was_fitted:
        return Standing(Mark.NEEDS, "not fitted yet")
    return Standing(Mark.STALE, "something has changed since the last fit")


def _number(count: int) -> str:
    return f"{count} step{'s' if count != 1 else ''}"
