"""Looks at a session, its jobs and its fit, and tells how the analysis stands when that changes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from nustar_widgets.app.memory import give_back
from nustar_widgets.app.situation import Data, FitNow, JobsNow, Situation, data_of, jobs_now
from nustar_widgets.app.soon import Soon
from nustar_widgets.calls.lookahead import look_ahead
from nustar_widgets.calls.preflight import Level
from nustar_widgets.engines.fitting import NOT_FITTED
from nustar_widgets.engines.taskspec import as_text, is_yes
from nustar_widgets.errors import NustarWidgetsError
from nustar_widgets.jobs.outlook import outlook
from nustar_widgets.jobs.queues import queue_in
from nustar_widgets.jobs.runner import Runner
from nustar_widgets.live.observation import LiveObservation
from nustar_widgets.panels.background import Starter, on_a_thread
from nustar_widgets.session.session import Session
from nustar_widgets.session.values import FitChoice

if TYPE_CHECKING:
    import traitlets

    from nustar_widgets.fits.livefit import LiveFit

AFTER_S: Final = 0.08
"""How long after a change it is looked at [s]."""

_NOT_RUN: Final = ("target", "spectra", "fit")  # fields that no step of a plan is made from
_OF_FIT: Final = ("activity", "result", "problem", "generation")


class Lookout:
    """Watches one session.

    Parameters
    ----------
    session
        The session.
    told
        Told the situation whenever it was looked at, on another thread.
    start
        How slow work is started.
    after_s
        How long after a change it is looked at [s].
    """

    def __init__(
        self,
        session: Session,
        *,
        told: Callable[[Situation], Any],
        start: Starter = on_a_thread,
        after_s: float = AFTER_S,
    ) -> None:
        self.session = session
        self.situation = Situation()
        """How the analysis stood when it was last looked at."""
        self.undo = self.redo = ""
        """Labels of the steps that can be taken back and done again; empty for none."""
        self._told = told
        self._soon = Soon(self.look, after_s=after_s, start=start)
        self._followed: list[tuple[traitlets.HasTraits, tuple[str, ...]]] = []
        self._runner: Runner | None = None
        self._fit: LiveFit | None = None
        self._seen: tuple[Any, ...] = ()  # what the plan was made from
        self._is_fit_current = False
        self.follow(session, ("revision",))

    def ask(self) -> None:
        """Look, in a moment."""
        self._soon.ask()

    def close(self) -> None:
        """Look no more."""
        self._soon.close()
        followed, self._followed = self._followed, []
        for source, names in followed:
            source.unobserve(self._on_change, names=list(names))

    def follow_fit(self, live: LiveFit) -> None:
        """Look at a fit, too: its code takes a while to import, and is not wanted before.

        Parameters
        ----------
        live
            The fit of the session.
        """
        if self._fit is None:
            self._fit = live
            self.follow(live, _OF_FIT)
            self.ask()

    def glance(self) -> None:
        """Look now at what is known at once, and tell nobody."""
        self.situation = self._near(self._session_now())

    def look(self) -> None:
        """Look now: first at what is known at once, then at what is on disk."""
        values = self._session_now()
        self._tell(self._near(values))
        if self._is_to_be_planned(self.situation):
            self._look_at_disk(values)
        else:
            self._seen = ()
            self._tell(replace(self.situation, jobs=None, stops=(), no_plan=""))
        give_back()  # what reading files and looking for sources has left

    def _session_now(self) -> Mapping[str, Any]:
        """Return the fields of the session, and note its steps; waits for an edit that goes on."""
        state = self.session.state()
        self.undo = state.past[-1].label if state.past else ""
        self.redo = state.future[-1].label if state.future else ""
        return state.values

    # -- what is known at once ------------------------------------------------------------

    def _near(self, values: Mapping[str, Any]) -> Situation:
        session, before = self.session, self.situation
        return replace(
            before,
            data=data_of(session),
            obsid=session.obsid,
            without_source=_without(session, "source"),
            without_background=_without(session, "background"),
            has_good_time=values["user_gti"] is not None,
            trouble=self._trouble(),
            fit=self._fit_now(),
            expression=session.fit.expression,
            has_fit_choices=session.fit != FitChoice(),
        )

    def _trouble(self) -> str:
        if data_of(self.session) is not Data.EVENTS:
            return ""
        live = LiveObservation.of(self.session)
        self.follow(live, ("problem", "generation"))
        return live.problem

    def _fit_now(self) -> FitNow:
        live = self._fit
        if live is None:
            return FitNow()
        result = live.result
        is_fitted = result is not None and result.status != NOT_FITTED and self._is_fit_current
        return FitNow(
            activity=live.activity,
            # Without spectra there is no problem: they are to be read first.
            problem=live.problem if live.loaded is not None else "",
            is_fitted=is_fitted,
            was_fitted=bool(live.history),
            has_ranges=is_fitted and result is not None and result.delta is not None,
            note=_note(result.status) if is_fitted and result is not None else "",
        )

    # -- what is on disk ------------------------------------------------------------------

    @staticmethod
    def _is_to_be_planned(now: Situation) -> bool:
        if now.data is Data.SPECTRA:
            return True
        return now.data in (Data.EVENTS, Data.RAW) and not now.without_source

    def _look_at_disk(self, values: Mapping[str, Any]) -> None:
        if self.situation.data is not Data.SPECTRA:
            self._plan(values)
        if self._fit is not None:
            self._look_at_spectra(self._fit)

    def _plan(self, values: Mapping[str, Any]) -> None:
        runner = self._queue()
        jobs = runner.jobs
        seen = (
            *(values[name] for name in Session.FIELDS if name not in _NOT_RUN),
            *((job.id, job.state, len(job.progress.steps)) for job in jobs),
            LiveObservation.of(self.session).generation,
        )
        if seen == self._seen:
            return
        try:
            ahead = outlook(self.session, jobs)
            found = jobs_now(ahead, jobs)
            changes: dict[str, Any] = {
                "jobs": found, "stops": self._stops(found), "no_plan": ""
            }  # fmt: skip
        except NustarWidgetsError as problem:
            changes = {"jobs": None, "stops": (), "no_plan": str(problem)}
        self._seen = seen
        self._tell(replace(self.situation, **changes))

    def _stops(self, jobs: JobsNow) -> tuple[str, ...]:
        if not jobs.n_to_run:
            return ()
        return tuple(check.text for check in look_ahead(self.session) if check.level is Level.STOP)

    def _queue(self) -> Runner:
        """Return the queue of the work folder, and watch it instead of another."""
        runner = queue_in(self.session.work_dir)
        if runner is not self._runner:
            if self._runner is not None:
                self._runner.unobserve(self._on_change, names=["jobs"])
                self._followed.remove((self._runner, ("jobs",)))
            self._runner = runner
            self.follow(runner, ("jobs",))
        return runner

    def _look_at_spectra(self, live: LiveFit) -> None:
        """Tell whether what was fitted is what there is now."""
        from nustar_widgets.fits.sources import sources_of  # noqa: PLC0415 - only with a fit

        wanted = sources_of(self.session).spectra
        self._is_fit_current = live.loaded is not None and live.loaded.is_of(wanted)
        self._tell(replace(self.situation, fit=self._fit_now()))

    # -- telling --------------------------------------------------------------------------

    def _tell(self, situation: Situation) -> None:
        self.situation = situation
        self._told(situation)

    def follow(self, source: traitlets.HasTraits, names: tuple[str, ...]) -> None:
        """Look whenever traits change.

        Parameters
        ----------
        source
            What has them.
        names
            The traits.
        """
        if (source, names) not in self._followed:
            self._followed.append((source, names))
            source.observe(self._on_change, names=list(names))

    def _on_change(self, _: Any) -> None:
        self._soon.ask()


def _without(session: Session, kind: str) -> tuple[str, ...]:
    """Return the modules that lack a region nuproducts is to use."""
    given = dict(session.products)
    if kind == "background" and not is_yes(as_text(given.get("bkgextract", True))):
        return ()
    if {"source": "srcregionfile", "background": "bkgregionfile"}[kind] in given:
        return ()
    regions = session.regions
    return tuple(name for name in session.modules if getattr(regions.of(name), kind) is None)


def _note(status: str) -> str:
    """Say how a fit ended that did not end well."""
    return {"converged": "", "stopped": "it was stopped"}.get(status, f"it is {status}")
