"""The fit of a session: its spectra, its engine and what was found, shared by all that show it.

Results hang beside the session: derived, observable, never undone. What the user chose (model,
values, ranges) is in the session alone; values a fit finds become choices by one edit, so that they
can be undone like any other. A slider under the hand moves a model of its own (`shown`), so that
the engine that fits is never touched from two sides.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import Any, ClassVar

import traitlets

from nustar_widgets.engines.fit_comparison import FitComparison, compare_fits
from nustar_widgets.engines.fitting import (
    NOT_FITTED,
    Contour,
    FitEngine,
    FitResult,
    FitStep,
    FitTable,
)
from nustar_widgets.errors import FitError, NustarWidgetsError
from nustar_widgets.fits.making import (
    MakeEngine,
    Start,
    fitted_apart,
    frame_of,
    make_engine,
    on_a_thread,
    table_of,
)
from nustar_widgets.fits.records import FitRecord, noted, recorded
from nustar_widgets.fits.settings import with_values
from nustar_widgets.fits.sources import Sources, sources_of
from nustar_widgets.fits.spectra import LoadedSpectra, load_spectra
from nustar_widgets.session.measures import FluxWishes
from nustar_widgets.session.session import Session
from nustar_widgets.session.values import FIT_ENGINES, FitChoice

Progress = Callable[[str], Any]


class LiveFit(traitlets.HasTraits):
    """The fit of a session.

    Use `of`: there is one for each session. `load` and everything that fits takes long and is to be
    called on a thread of its own, one at a time; `preview` is quick. Observers are called on the
    thread that changed something.
    """

    generation = traitlets.Int(0, help="Grows with other spectra, bins, model or engine")
    moved = traitlets.Int(0, help="Grows when values of parameters change, also under the hand")
    activity = traitlets.Unicode("", help="What goes on, in words; empty while nothing does")
    problem = traitlets.Unicode("", help="Why there is no fit; empty where there is one")
    step = traitlets.Instance(FitStep, allow_none=True, help="How far the fit that goes on is")
    result = traitlets.Instance(
        FitResult, allow_none=True, help="What was fitted; None once anything was changed since"
    )
    contour = traitlets.Instance(Contour, allow_none=True, help="The newest contour, or part of it")
    wishes = traitlets.Instance(FluxWishes, allow_none=True, help="Fluxes that were measured last")
    history = traitlets.Tuple(help="FitRecord of every fit, the newest last")

    _all: ClassVar[weakref.WeakKeyDictionary[Session, LiveFit]] = weakref.WeakKeyDictionary()
    _making = threading.Lock()

    def __init__(
        self, session: Session, *, make: MakeEngine = make_engine, start: Start = on_a_thread
    ) -> None:
        super().__init__()
        self._start = start
        self._session = weakref.ref(session)
        self._make = make
        self._lock, self._reading = threading.RLock(), threading.RLock()
        self._stop = threading.Event()
        self.sources = Sources()
        """Where the spectra come from."""
        self.loaded: LoadedSpectra | None = None
        """The spectra as they were read, every bin of them."""
        self.engine: FitEngine | None = None
        """Who fits; ``None`` while there are no spectra or no model."""
        self.shown: FitEngine | None = None
        """The model that is drawn, at the values under the hand."""
        session.observe(self._fit_changed, "fit")

    @classmethod
    def of(cls, session: Session) -> LiveFit:
        """Return the fit of a session, the same for all who ask."""
        with cls._making:
            if session not in cls._all:
                cls._all[session] = cls(session)
            return cls._all[session]

    @property
    def session(self) -> Session:
        """The session it is of."""
        found = self._session()
        assert found is not None  # whoever asks holds it
        return found

    # -- spectra --------------------------------------------------------------------------

    def load(self, progress: Progress | None = None) -> None:
        """Read the spectra a session fits, if they are others than before; slow.

        What was loaded stays where there are none now: a product that is about to be made anew.

        Parameters
        ----------
        progress
            Told what is being read.
        """
        with self._reading:  # two panels may ask at once
            sources = sources_of(self.session)
            if not sources.spectra and self.loaded is not None:
                self.sources = replace(self.sources, notes=(sources.missing,))
                return
            self.sources = sources
            if not sources.spectra:
                self._fail(sources.missing)
                return
            if self.loaded is not None and self.loaded.is_of(sources.spectra):
                return
            try:
                loaded = load_spectra(sources.spectra, progress or (lambda _: None))
            except NustarWidgetsError as problem:
                if self.loaded is None or self.loaded.inputs != sources.spectra:
                    self._fail(str(problem))
                else:  # the same files, damaged or gone since
                    self.sources = replace(sources, notes=(f"{problem} What was read is kept.",))
                return
            self.take(loaded)

    def take(self, loaded: LoadedSpectra) -> None:
        """Take spectra that were read."""
        with self._lock:
            self.loaded = loaded
        self._rebuild(self.session.fit)

    def _fit_changed(self, change: Any) -> None:
        """Follow a choice: values are moved to, anything else makes a new engine."""
        old, new = change["old"], change["new"]
        engine = self.engine
        table = None if engine is None else table_of(engine, new)
        same = replace(new, parameters=()) == replace(old, parameters=())
        if engine is None or table is None or not same or frame_of(table) != frame_of(engine.table):
            self._rebuild(new)
        else:
            self._move(engine, table)

    def _rebuild(self, choice: FitChoice) -> None:
        if self.loaded is None:
            return
        if choice.engine == "xspec":  # it takes seconds to start
            self.activity = "starting XSPEC"
            self._start(lambda: self._make_anew(choice))
        else:
            self._make_anew(choice)

    def _make_anew(self, choice: FitChoice) -> None:
        """Make the engine of a choice, if that is still the session's."""
        assert self.loaded is not None  # the caller has looked
        if choice != self.session.fit:  # the newest choice makes its own
            return
        with self._lock:
            old, self.engine, self.shown = self.engine, None, None
        if old is not None:
            old.close()
        try:
            datasets = self.loaded.chosen(choice)
            engine = self._make(datasets, choice)
            shown = self._make(datasets, choice) if choice.engine == "embedded" else engine
        except NustarWidgetsError as problem:
            self._fail(str(problem))
            return
        if choice != self.session.fit:
            engine.close()
            return
        with self._lock:
            self.engine, self.shown = engine, shown
        self.problem, self.result, self.activity = "", None, ""
        self.generation += 1

    def _fail(self, problem: str) -> None:
        with self._lock:
            self.engine = self.shown = None
        self.problem, self.result, self.activity = problem, None, ""
        self.generation += 1

    def _move(self, engine: FitEngine, table: FitTable) -> None:
        """Take the engine to the values of a table; a fit's own are where it is already."""
        wanted = {row.name: row.value for row in table.rows if row.link is None}
        present = engine.values
        others = {name: value for name, value in wanted.items() if value != present[name]}
        if others:
            engine.set(others)
            self.result = None
        self.preview(wanted)

    # -- under the hand -------------------------------------------------------------------

    def preview(self, values: Mapping[str, float]) -> None:
        """Draw the model at values that are not chosen yet; quick.

        Parameters
        ----------
        values
            By full name.

        Raises
        ------
        ParameterError
            A value is outside its limits, or of a linked parameter.
        """
        with self._lock:
            shown = self.shown
            if shown is None:
                return
            present = shown.values
            others = {name: value for name, value in values.items() if present.get(name) != value}
            if others:
                shown.set(others)
        self.moved += 1

    @contextmanager
    def glimpse(self, values: Mapping[str, float]) -> Iterator[FitEngine]:
        """Lend the model that is drawn at other values; it is back at its own afterwards.

        Parameters
        ----------
        values
            As for `preview`, which also says what is refused.
        """
        with self._lock:
            shown = self.shown
            assert shown is not None  # somebody draws it
            before = {name: shown.values[name] for name in values}
            try:
                shown.set(values)
                yield shown
            finally:
                shown.set(before)

    # -- what takes long ------------------------------------------------------------------

    def stop(self) -> None:
        """Ask what goes on to end; a fit keeps the best so far."""
        self._stop.set()

    def fit(self) -> FitResult:
        """Fit; the values found become the session's, in one undo step.

        Raises
        ------
        FitError
            There is nothing to fit, or the engine failed.
        """
        with self._doing("fitting") as engine:
            result = engine.fit(stop=self._stop.is_set, watch=self._stepped)
            self._found(result, "fit")
        return result

    def errors(self, names: Sequence[str] | None = None, *, delta: float = 2.706) -> FitResult:
        """Search confidence ranges, of all free parameters by default.

        Parameters
        ----------
        names
            Full names.
        delta
            Rise of the statistic: 1.0 for 1 sigma, 2.706 for 90 %.

        Raises
        ------
        FitError
            There is nothing to fit, or the engine failed.
        """
        told, shown = partial(self.set_trait, "activity"), partial(setattr, self, "result")
        with self._doing("searching ranges") as engine:
            result = engine.errors(
                names, delta=delta, stop=self._stop.is_set, watch=shown,
                progress=lambda name: told(f"searching the range of {name}"),
            )  # fmt: skip
            self._found(result, "fit with errors")
        return result

    def map(self, name_x: str, name_y: str, *, x: Sequence[float], y: Sequence[float]) -> Contour:
        """Map the statistic over two parameters; the picture fills in as it goes.

        Parameters
        ----------
        name_x, name_y
            Full names.
        x, y
            Their values.

        Raises
        ------
        FitError
            There is nothing to fit, or the engine failed.
        """
        with self._doing(f"mapping {name_x} and {name_y}") as engine:
            self._fit_first(engine)
            self.contour = engine.contour(
                name_x, name_y, x=x, y=y, stop=self._stop.is_set,
                watch=partial(setattr, self, "contour"),
            )  # fmt: skip
        return self.contour

    def measure(self, words: str, ask: Callable[[FitEngine, Callable[[], bool]], Any]) -> Any:
        """Ask the engine for something that takes long: a chain, goodness, fluxes.

        Parameters
        ----------
        words
            What is being done.
        ask
            Given the engine, and what says whether to stop.

        Raises
        ------
        FitError
            There is nothing to fit, or the engine failed.
        """
        with self._doing(words) as engine:
            self._fit_first(engine)
            return ask(engine, self._stop.is_set)

    def _fit_first(self, engine: FitEngine) -> None:
        """Fit, if that was not done since the last change: what is measured is the best fit."""
        if self.result is None or engine.result().status == NOT_FITTED:
            result = engine.fit(stop=self._stop.is_set, watch=self._stepped)
            self._found(result, "fit")

    def check(self) -> FitComparison:
        """Fit the same with the other engine, and compare; nothing of the session changes.

        Raises
        ------
        FitError
            There is nothing to fit, or an engine failed.
        NustarWidgetsError
            The other engine is not here, or lacks a model.
        """
        choice = self.session.fit
        name = next(name for name in FIT_ENGINES if name != choice.engine)
        with self._doing(f"checking with {name}") as engine:
            # An own engine: that of the session stays where the user has put it.
            fitted = partial(fitted_apart, self._make, engine.datasets, stop=self._stop.is_set)
            mine = self.result or fitted(choice)
            theirs = fitted(replace(choice, engine=name))
        return compare_fits(mine, theirs, names=(choice.engine, name))

    def restore(self, record: FitRecord) -> None:
        """Go back to an earlier fit, one of the history: one undo step."""
        self.session.edit(f"restore fit {record.number}", fit=record.choice)
        if self.engine is not None and record.fits(self.engine):
            self.result = record.result

    def note(self, record: FitRecord, text: str) -> None:
        """Write a note to an earlier fit, one of the history."""
        self.history = noted(self.history, record, text)

    @contextmanager
    def _doing(self, words: str) -> Iterator[FitEngine]:
        """Do one thing at a time, named while it goes on."""
        with self._lock:
            engine = self.engine
            if engine is None:
                raise FitError(self.problem or "there is nothing to fit yet: load spectra first")
            if self.activity:
                raise FitError(f"{self.activity} goes on: stop it first")
            self._stop.clear()
            self.step, self.activity = None, words
        try:
            yield engine
        finally:
            self.activity = ""

    def _stepped(self, step: FitStep) -> None:
        self.step = step
        shown = self.shown
        if shown is not None and shown is not self.engine:
            own = {row.name for row in shown.table.rows if row.link is None}
            self.preview({name: value for name, value in step.values.items() if name in own})

    def _found(self, result: FitResult, label: str) -> None:
        """Make what a fit found the session's choice, and keep it."""
        assert self.engine is not None
        values = {item.name: item.value for item in result.parameters if item.free}
        choice = with_values(self.session.fit, values)
        self.session.edit(label, fit=choice)
        self.result = result
        self.history = recorded(self.history, choice, result, self.engine)
