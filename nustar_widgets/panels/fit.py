"""The spectral fit: data and model, parameters under the hand, fits, errors, contours."""

from __future__ import annotations

import html
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, ClassVar, Final

import ipywidgets as widgets

from nustar_widgets.fits.livefit import LiveFit
from nustar_widgets.fits.settings import with_setting
from nustar_widgets.jobs.queues import queue_in
from nustar_widgets.jobs.record import JobState
from nustar_widgets.jobs.runner import Runner
from nustar_widgets.panels.background import Background, Starter, on_a_thread
from nustar_widgets.panels.base import Panel
from nustar_widgets.panels.fitting.fitcode import FitCode
from nustar_widgets.panels.fitting.fitdetails import FitDetails
from nustar_widgets.panels.fitting.fitfigure import FitFigure
from nustar_widgets.panels.fitting.fitrows import range_heading, results_of, rows_of
from nustar_widgets.panels.fitting.fitstill import fit_words, parameter_table
from nustar_widgets.panels.fitting.ladder import Hold
from nustar_widgets.panels.fitting.modelside import ModelSide
from nustar_widgets.panels.fitting.parametertable import ParameterTable
from nustar_widgets.panels.fitting.plaintable import PlainTable
from nustar_widgets.panels.page import PageWatch, lacking
from nustar_widgets.panels.stills.choices import titled
from nustar_widgets.panels.stills.still import Still
from nustar_widgets.session.session import Session
from nustar_widgets.session.values import FitChoice

_ENGINES: Final = [("embedded engine", "embedded"), ("XSPEC", "xspec")]
_SIDES: Final = ("Parameters", "Model", "Grouping", "Code")
_LACKING: Final = lacking("the parameter table", "one parameter at a time")
_WIDTH: Final = "540px"  # most of what stands beside the plot


class FitPanel(Panel):
    """Data, model, residuals; parameters, the fit and what comes of it.

    Parameters
    ----------
    session
        The session. Its spectra, or the products it stands for, are fitted; values found become its
        choices, one undo step a fit.
    start
        How slow work is started.
    has_page
        Whether a page is to show the panel; asked of IPython where ``None``.

    Examples
    --------
    >>> panel = FitPanel(Session())  # doctest: +SKIP
    """

    FIELDS: ClassVar[tuple[str, ...]] = ("fit", "spectra", "obsid", "work_dir")
    PRODUCTS: ClassVar[str] = "Spectra"

    def __init__(
        self, session: Session, *, start: Starter = on_a_thread, has_page: bool | None = None
    ) -> None:
        self.live = LiveFit.of(session)
        self._has_page = has_page
        self._loading, self._working, self._watching = (Background(start) for _ in range(3))
        self._n_done = -1  # jobs that had ended well when they were last counted
        self._drawing = threading.Lock()
        self._is_passing = False  # whether a slider moves the model right now
        self._hold: Hold | None = None  # that slider, where the page tells
        super().__init__(session)
        told = {
            "generation": self._structure, "moved": self._moved, "result": self._resulted,
            "activity": self._busy,
        }  # fmt: skip
        for name, show in told.items():
            self.follow(self.live, self.clicked(show), [name])
        self._show_side()
        self._structure()

    def _build(self) -> Sequence[widgets.Widget]:
        self.add_class("nw-fit-panel")
        self.source = widgets.HTML(layout=widgets.Layout(flex="1 1 400px", min_width="0"))
        self.engine = widgets.Dropdown(
            description="Fit with", options=_ENGINES, layout=widgets.Layout(width="230px")
        )
        self.engine.observe(self.guarded(self._engine_chosen), "value")
        self.figure = FitFigure(
            noticed=self._noticed, choice_changed=lambda _: None, guarded=self.guarded
        )
        self.table = ParameterTable(
            dragged=self._dragged, changed=self._changed, guarded=self.guarded
        )
        self.figure.live.table = self.table.uid
        self.table.layout.width = "100%"
        self.plain: PlainTable | None = None
        self.told = widgets.HTML(f"<small>{_LACKING}</small>")
        self._page = PageWatch(self.table, self.guarded(self._page_told), has_page=self._has_page)
        self.model = ModelSide(
            self.live, commit=self._commit_fit, told=self.strip.warn, guarded=self.guarded,
            has_page=self._has_page,
        )  # fmt: skip
        self.code = FitCode(self.live, guarded=self.guarded)
        self._held = (self.model.model, self.model.grouping)  # closed with the panel, shown or not
        self.sides = widgets.ToggleButtons(options=_SIDES, style={"button_width": "96px"})
        self.sides.observe(lambda _: self._show_side(), "value")
        self.side = widgets.VBox(layout=widgets.Layout(width="100%"))
        self.details = FitDetails(
            self.live, run=self.run, guarded=self.guarded, clicked=self.clicked, follow=self.follow
        )
        beside = widgets.VBox(
            (self.sides, self.side, self._buttons()),
            layout=widgets.Layout(flex="1 1 500px", max_width=_WIDTH, min_width="0"),
        )
        place = widgets.VBox(
            (self.figure,), layout=widgets.Layout(flex="100 1 390px", min_width="0")
        )
        top = widgets.HBox((self.source, self.engine))
        row = widgets.HBox((place, beside), layout=widgets.Layout(width="100%", grid_gap="8px"))
        return (top, row, self.details)

    def _buttons(self) -> widgets.Widget:
        self.fit = _button("Fit", "find the best values", style="primary")
        self.errors = _button("90 % errors", "search the 90 % range of every free parameter")
        self.stop = _button("Stop", "end what goes on; a fit keeps the best so far")
        self.check = _button("Check", "fit the same with the other engine and compare")
        self.fit.on_click(self.clicked(lambda: self.run(self.live.fit)))
        self.errors.on_click(self.clicked(lambda: self.run(self.live.errors)))
        self.stop.on_click(self.clicked(self.live.stop))
        self.check.on_click(self.clicked(lambda: self.run(self._check)))
        return widgets.HBox((self.fit, self.errors, self.stop, self.check))

    def close(self) -> None:
        """Stop what goes on, and let go of the session, the fit and the front end."""
        self.live.stop()
        self._page.close()
        super().close()

    @property
    def still_is_whole(self) -> bool:
        """Whether the plot shows a model, or there is a reason why not."""
        return bool(self.figure.moved) or bool(self.live.problem)

    def stills(self) -> Sequence[Still]:
        """Return the plot, the parameters and how good the fit is."""
        engine, result = self.live.engine, self.live.result
        picture = self.figure.picture()
        if engine is None or picture is None:
            return super().stills()
        return (
            Still(
                title=titled("Spectral fit", self.session),
                words=fit_words(result, self.session.fit.expression),
                pictures=(picture,),
                tables=(parameter_table(engine, result),),
            ),
        )

    def run(self, work: Callable[[], Any]) -> None:
        """Do something slow beside the kernel; what it raises is shown.

        Parameters
        ----------
        work
            What to do.
        """
        self.strip.clear()
        self._working.run(
            lambda _: work(), done=lambda _: None, failed=self.guarded(self.strip.fail)
        )

    # -- the session changes --------------------------------------------------------------

    def _show(self, fields: Sequence[str]) -> None:
        if {"spectra", "obsid", "work_dir"} & set(fields):
            self._load()
        if "work_dir" in fields:
            self._watch_jobs()
        if "fit" in fields:
            self.engine.value = self.session.fit.engine
            other = next(label for label, name in _ENGINES if name != self.engine.value)
            self.check.description = f"Check with {other}"
            self.model.show()

    def _load(self) -> None:
        self._loading.run(
            lambda _: self.live.load(self.strip.say),
            done=self.guarded(self._loaded),
            failed=self.guarded(self.strip.fail),
        )

    def _loaded(self, _: None) -> None:
        if not self.strip.is_error:
            self.strip.clear()
        self._tell()

    def _watch_jobs(self) -> None:
        """Look for spectra whenever a job has made something."""
        folder = self.session.work_dir

        def work(_: threading.Event) -> Runner:
            return queue_in(folder)

        def done(runner: Runner) -> None:
            self.follow(runner, lambda _: self._jobs_moved(runner), ["jobs"])

        self._watching.run(work, done=self.guarded(done), failed=self.guarded(self.strip.fail))

    def _jobs_moved(self, runner: Runner) -> None:
        n_done = sum(job.state is JobState.DONE for job in runner.jobs)
        if n_done != self._n_done:
            self._n_done = n_done
            self.guarded(self._load)()

    # -- the fit changes ------------------------------------------------------------------

    def _structure(self) -> None:
        engine = self.live.engine
        with self._drawing:
            rows = () if engine is None else rows_of(engine, self.live.result)
            for table in self._tables():
                table.show_rows(rows)
            if engine is None:
                self.figure.show_data((), ())
            else:
                names = [data.spectrum.name for data in engine.datasets]
                ranges = self.session.fit.notice_kev
                self.figure.show_data(engine.datasets, names, notice_kev=ranges)
        self.model.show()
        self._tell()
        self._moved()

    def _dragged(self, values: dict[str, float], hold: Hold | None = None) -> None:
        """Draw the model under the hand; one that is taken back to where it was is at rest."""
        engine = self.live.engine
        now = {} if engine is None else engine.values
        self._hold = hold
        self._is_passing = hold is not None or any(
            now.get(name) != value for name, value in values.items()
        )
        try:
            if values:
                self.live.preview(values)
        finally:
            self._is_passing, self._hold = False, None
        if hold is not None and engine is not self.live.shown:  # else a fit would be forgotten
            self.figure.look_ahead(hold, lambda value: self.live.glimpse({hold.name: value}))

    def _moved(self) -> None:
        with self._drawing:  # a fit moves the model on a thread of its own
            shown = self.live.shown
            if self.sides.value == "Code":
                self.code.show()
            if shown is not None:
                self.figure.show_model(shown, passing=self._is_passing, hold=self._hold)
                for table in self._tables():
                    table.show_values(shown.values)

    def _resulted(self) -> None:
        result = self.live.result
        for table in self._tables():
            table.show_results(results_of(result), heading=range_heading(result))

    def _tables(self) -> tuple[ParameterTable | PlainTable, ...]:
        return (self.table,) if self.plain is None else (self.table, self.plain)

    def _check(self) -> None:
        found = self.live.check()
        tell = self.strip.say if found.agrees else self.strip.warn
        tell("\n".join(found.words))

    def _busy(self) -> None:
        is_busy = bool(self.live.activity)
        has_engine = self.live.engine is not None
        for button in (self.fit, self.errors, self.check):
            button.disabled = is_busy or not has_engine
        self.stop.disabled = not is_busy

    def _tell(self) -> None:
        """Say what is fitted, and what to know of it."""
        self.source.value = _source(self.live)
        self._busy()
        if self.live.problem:
            self.strip.fail(self.live.problem)
        elif self.live.sources.notes:
            self.strip.warn("\n".join(self.live.sources.notes))

    # -- the user -------------------------------------------------------------------------

    def _commit_fit(self, label: str, choice: FitChoice) -> None:
        self.commit(label, fit=choice)

    def _changed(self, name: str, what: str, value: Any) -> None:
        """Take what was set for a parameter, if the model takes it."""
        engine = self.live.engine
        if engine is None:
            return
        try:
            choice = with_setting(self.session.fit, name, what, value, now=engine.values[name])
            engine.table.retold(choice.parameters)  # refuses what lies outside limits
            self._commit_fit(f"{what} of {name}", choice)
        finally:
            if self.figure.live.marks:  # let go where it was taken, or refused: at rest too
                self._moved()

    def _noticed(self, ranges: tuple[tuple[float, float], ...]) -> None:
        self._commit_fit("energies to fit", replace(self.session.fit, notice_kev=ranges))

    def _engine_chosen(self, change: Any) -> None:
        if change["new"] != self.session.fit.engine:
            self._commit_fit(
                f"fit with {change['new']}", replace(self.session.fit, engine=change["new"])
            )

    def _show_side(self) -> None:
        match self.sides.value:
            case "Parameters" if self.plain is not None:
                self.side.children = (self.told, self.plain)
            case "Parameters":
                self.side.children = (self.table,)
            case "Model":
                self.side.children = (self.model.model,)
            case "Grouping":
                self.side.children = (self.model.grouping,)
            case _:
                self.code.show()
                self.side.children = (self.code,)

    def _page_told(self) -> None:
        """Do without views of our own where the page has none."""
        lacks = self._page.lacks_the_view
        if lacks == (self.plain is not None):
            return  # drawing all of it again would disturb a hand that moves
        self.plain = None
        if lacks:
            self.plain = PlainTable(
                dragged=self._dragged, changed=self._changed, guarded=self.guarded
            )
        self.details.show_plainly(plain=lacks)
        self.code.code.show_plainly(plain=lacks)
        self._structure()
        self._show_side()


def _button(label: str, tooltip: str, *, style: str = "") -> widgets.Button:
    layout = widgets.Layout(width="auto")
    return widgets.Button(description=label, tooltip=tooltip, button_style=style, layout=layout)


def _source(live: LiveFit) -> str:
    """Say what is fitted: file, module, bins."""
    engine = live.engine
    if engine is None:
        return ""
    told = [
        f"{data.spectrum.name} ({data.spectrum.instrument or 'unknown instrument'}, "
        f"{data.n_bins} bins, {data.spectrum.exposure_s / 1e3:.1f} ks)"
        for data in engine.datasets
    ]
    return f'<div style="line-height:1.4">{html.escape("; ".join(told))}</div>'
