"""Light curves that follow the regions, and the good time that makes them."""

from __future__ import annotations

import operator
import threading
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Final

import ipywidgets as widgets

from nustar_widgets.errors import NustarWidgetsError, SelectionError
from nustar_widgets.events.gti import Gti
from nustar_widgets.events.live import LiveResult
from nustar_widgets.events.suggest import FlareSuggestion
from nustar_widgets.live.counts import LiveCounts, ModuleCounts
from nustar_widgets.live.curveview import Curve, ShownBins, merging_factor
from nustar_widgets.live.goodtime import GoodTime
from nustar_widgets.live.hardness import Hardness
from nustar_widgets.live.observation import LiveObservation
from nustar_widgets.panels.background import Background, Starter, on_a_thread
from nustar_widgets.panels.base import Panel
from nustar_widgets.panels.curves.binlimits import check_band, check_bin
from nustar_widgets.panels.curves.curveform import LEAST_PERCENT, CurveForm
from nustar_widgets.panels.curves.curvepane import Row
from nustar_widgets.panels.curves.curveplot import COLOURS, CurvePlot, fill
from nustar_widgets.panels.curves.curverows import Steps
from nustar_widgets.panels.curves.curvestill import curve_stills
from nustar_widgets.panels.curves.flarebox import FlareBox
from nustar_widgets.panels.curves.intervals import GoodTimeBox
from nustar_widgets.panels.stills.still import Still
from nustar_widgets.session.session import Session

NO_EVENTS: Final = "no event list yet: open an observation, and its light curves appear here"


class LightCurvePanel(Panel):
    """Light curves of source, background and net counts, hardness ratio, and good time.

    Parameters
    ----------
    session
        The session. Bin size, band and the user's good time intervals are edited in it; what is
        drawn is the panel's own.
    start
        How slow work is started.

    Examples
    --------
    >>> panel = LightCurvePanel(Session())  # doctest: +SKIP
    """

    FIELDS: ClassVar[tuple[str, ...]] = (
        "inputs", "modules", "bin_s", "band_kev", "user_gti", "regions", "obsid", "work_dir"
    )  # fmt: skip

    def __init__(self, session: Session, *, start: Starter = on_a_thread) -> None:
        self.live = LiveObservation.of(session)
        self._start = start
        self._loading = Background(start)
        self._steps: dict[str, Steps] = {}
        self._hardness: Hardness | None = None
        self._background: list[LiveResult | None] = []  # what was drawn of it
        self._problem = ""
        self._reading = ""
        self._drawing = threading.RLock()
        self._least = LEAST_PERCENT / 100.0
        super().__init__(session)

    def _build(self) -> Sequence[widgets.Widget]:
        self.add_class("nw-lightcurve")
        self.form = CurveForm(
            on_bin=self.guarded(self.change_bin),
            on_band=self.guarded(self.change_band),
            on_look=self.guarded(self._look_again),
            on_mouse=self.guarded(self._let_mouse),
        )
        self.plot = CurvePlot(self.guarded(self._marked_by_mouse))
        self.times = GoodTimeBox(
            self,
            good_time=lambda: self.good_time,
            on_marked=self.guarded(self.plot.mark),
            on_mouse=self.guarded(lambda is_on: self._let_mouse("mark" if is_on else "")),
            on_flares=self.guarded(self._open_flares),
        )
        self.flares = FlareBox(
            self,
            modules=lambda: self.live.modules,
            good_time=lambda: self.good_time,
            on_found=self.guarded(self._show_flares),
            start=self._start,
        )
        self.follow(
            self.live, self.guarded(lambda _: self._follow()), ("counts", "generation", "problem")
        )
        self.body = widgets.VBox([self.form, self.plot, self.times])
        return (self.body,)

    def close(self) -> None:
        """Stop what goes on, and let go of the session, its counts and of the front end."""
        self._loading.cancel()
        self.flares.cancel()
        super().close()

    def stills(self) -> Sequence[Still]:
        """Return the curves that are drawn, and what they are."""
        counts, good = self.live.counts, self.good_time
        with self._drawing:
            if counts is None or good is None or not self._is_laid_out(counts):
                return super().stills()
            rows, ratios, notes = self._rows(counts), self._ratios(counts), self._notes()
        return curve_stills(
            self.session, rows, ratios, words=notes, span_ks=good.span_s / 1e3,
            error_bars=self.form.bars.value,
        )  # fmt: skip

    # -- the session ----------------------------------------------------------------------

    def _show(self, fields: Sequence[str]) -> None:
        session = self.session
        with self.form.quietly():
            self.form.bin.value = session.bin_s
            self.form.low.value, self.form.high.value = session.band_kev
            for module, toggle in self.form.modules.items():
                toggle.disabled = module not in session.modules
        if {"inputs", "modules"} & set(fields):
            self._load()
        if not {"inputs", "modules", "user_gti"}.isdisjoint(fields):
            self._show_time()
        if "regions" in fields:
            self.flares.events_changed()
        self._follow()
        self.times.show()

    def _load(self) -> None:
        if self.live.is_loaded:
            return
        if not any(item.events for item in self.session.inputs):
            self.strip.say(NO_EVENTS)
            return

        def work(_: threading.Event) -> None:
            self.live.load(self._tell_reading)

        self._loading.run(
            work, done=self.guarded(lambda _: self._loaded()), failed=self.guarded(self._not_loaded)
        )

    def _tell_reading(self, text: str) -> None:
        # Once the curves are there, what the user does with them may be in the strip.
        if self.live.counts is None:
            self._reading = text
            self.strip.say(text)

    def _loaded(self) -> None:
        if self.strip.text == self._reading:
            self.strip.clear()
        self._show_time()
        self._follow()

    def _not_loaded(self, error: Exception) -> None:
        raise error

    @property
    def good_time(self) -> GoodTime | None:
        """Good time of the modules loaded and the user's intervals; ``None`` while none is."""
        own = {name: module.events.gti for name, module in self.live.modules.items()}
        if not own:
            return None
        user = self.session.user_gti
        return GoodTime(own=own, user=None if user is None else Gti.from_pairs(user))

    def _show_time(self) -> None:
        self.plot.show_time(self.good_time)
        self.times.show()

    # -- edits ----------------------------------------------------------------------------

    def change_bin(self) -> None:
        """Take the bin size from its field: one undo step."""
        bin_s, good = self.form.bin.value, self.good_time
        self._edit(lambda: check_bin(bin_s, good), "bin the light curve", bin_s=bin_s)

    def change_band(self) -> None:
        """Take the band from its fields: one undo step."""
        low, high = self.form.low.value, self.form.high.value
        self._edit(lambda: check_band(low, high), "choose a band", band_kev=(low, high))

    def _edit(self, check: Any, label: str, **changes: Any) -> None:
        try:
            check()
        except NustarWidgetsError as error:
            self._show(tuple(changes))
            self.strip.fail(error)
            return
        self.strip.clear()
        self.commit(label, **changes)

    # -- the mouse ------------------------------------------------------------------------

    def _let_mouse(self, kind: str) -> None:
        """Give the mouse one thing to do at a time."""
        if kind == "mark":
            self.form.zoom.value = False
        elif kind == "zoom":
            self.times.mouse.value = False
        if kind or not (self.form.zoom.value or self.times.mouse.value):
            self.plot.interact(kind)

    def _marked_by_mouse(self, start_ks: float, stop_ks: float) -> None:
        self.times.mark(start_ks, stop_ks)

    # -- flares ---------------------------------------------------------------------------

    def _open_flares(self, is_open: bool) -> None:
        parts = (self.form, self.plot, self.times, *((self.flares,) if is_open else ()))
        self.body.children = parts
        self.flares.turn(is_open)
        self._show_panes()

    def _show_flares(self, found: Mapping[str, FlareSuggestion]) -> None:
        good = self.good_time
        zero_s = 0.0 if good is None else good.zero_s
        rows, levels = [], []
        for name, item in found.items():
            shown = ShownBins.of_curve(item.curve)
            colour = COLOURS[name, "net"]
            curve = Curve(rate=item.curve.rate, error=item.curve.error)
            rows.append(Row(name, colour, Steps(shown, zero_s), curve))
            levels.append((item.threshold, colour))
        fill(self.plot.flares, self.flares.flares, zero_s)
        self.plot.background.draw(rows)
        self.plot.background.mark_levels(levels, 0.0 if good is None else good.span_s / 1e3)

    # -- the curves -----------------------------------------------------------------------

    def _follow(self) -> None:
        """Show the newest counts; quick, because regions may be under the hand."""
        counts = self.live.counts
        if counts is not None and not counts.is_turn_of(1):
            return
        with self._drawing:  # counts come from the thread that reads files, too
            self._tell_problem()
            self._show_counts(self.live.counts)

    def _show_counts(self, counts: LiveCounts | None) -> None:
        if counts is None:
            self._steps, self._hardness = {}, None
            self._draw([], [], is_preview=False)
            return
        if not self._is_laid_out(counts):
            self._lay_out(counts)
        self._draw(
            self._rows(counts),
            self._ratios(counts),
            is_preview=counts.is_preview,
            background=self._has_new_background(counts),
        )

    def _tell_problem(self) -> None:
        """Say why there are no counts; take it back where there are."""
        problem, before = self.live.problem, self._problem
        self._problem = problem
        if problem and problem != before:
            self.strip.fail(problem)
        outdated = {before} if not problem else set()
        if self.live.modules:  # perhaps another panel has read them
            outdated.add(NO_EVENTS)
        if self.strip.text and self.strip.text in outdated:
            self.strip.clear()

    def _look_again(self) -> None:
        """Draw other bins or other curves."""
        least = self.form.least.value
        if not 0.0 <= least <= 100.0:
            with self.form.quietly():
                self.form.least.value = 100.0 * self._least
            raise SelectionError(
                f"good time of a bin: {least:g} %: expected 0 to 100 % of the bin; 0 draws all bins"
            )
        self.strip.clear()
        self._show_panes()
        with self._drawing:
            self._steps, self._hardness = {}, None
            self._follow()

    def _show_panes(self) -> None:
        self.plot.show_panes(ratio=self.form.hardness.value, background=self.flares.is_open)

    def _is_laid_out(self, counts: LiveCounts) -> bool:
        laid_out = {name: steps.shown.bins for name, steps in self._steps.items()}
        return laid_out.keys() == counts.modules.keys() and all(
            laid_out[name] is item.bins for name, item in counts.modules.items()
        )

    def _lay_out(self, counts: LiveCounts) -> None:
        """Work out which bins are drawn where: once, not at each step of a drag."""
        good, modules = self.good_time, self.live.modules
        if good is None or counts.modules.keys() - modules.keys():
            return
        self._least = self.form.least.value / 100.0
        factor = merging_factor(item.bins for item in counts.modules.values())
        self._steps = {
            name: Steps(
                ShownBins(bins=item.bins, factor=factor, least_fracexp=self._least), good.zero_s
            )
            for name, item in counts.modules.items()
        }
        self._hardness = self._make_hardness(counts) if self.form.hardness.value else None
        self._show_time()
        self.flares.events_changed()

    def _make_hardness(self, counts: LiveCounts) -> Hardness | None:
        soft, hard = self.form.bands_kev
        try:
            check_band(*soft)
            check_band(*hard)
            return Hardness.of(self.live.modules, counts.modules, soft_kev=soft, hard_kev=hard)
        except NustarWidgetsError as error:  # the other curves are drawn all the same
            self.strip.fail(error)
            return None

    def _rows(self, counts: LiveCounts) -> list[Row]:
        curves = {
            name: self._steps[name].shown.curves(item)
            for name, item in self._wanted(counts).items()
        }
        return [
            Row(
                _WORDS[kind].format(name), COLOURS[name, kind], self._steps[name], found[kind], kind
            )
            for kind in self.form.shown
            for name, found in curves.items()
            if kind in found
        ]

    def _ratios(self, counts: LiveCounts) -> list[Row]:
        if self._hardness is None:
            return []
        rows = []
        for name in self._wanted(counts):
            steps = self._steps[name]
            curve = self._hardness.curve(name, counts.regions, steps.shown)
            if curve is not None:
                rows.append(Row(name, COLOURS[name, "net"], steps, curve))
        return rows

    def _wanted(self, counts: LiveCounts) -> dict[str, ModuleCounts]:
        return {
            name: item
            for name, item in counts.modules.items()
            if self.form.modules[name].value and name in self._steps
        }

    def _has_new_background(self, counts: LiveCounts) -> bool:
        """Whether the background itself was counted anew; its scale may wait for the hand."""
        now = [item.background for item in counts.modules.values()]
        before, self._background = self._background, now
        is_same = len(now) == len(before) and all(map(operator.is_, now, before))
        return not (counts.is_passing and is_same)

    def _draw(
        self, rows: list[Row], ratios: list[Row], *, is_preview: bool, background: bool = True
    ) -> None:
        # They are half of what the page draws: the region under the hand would stumble.
        bars = self.form.bars.value and not is_preview
        self.plot.rates.draw(rows, error_bars=bars, background=background)
        if self.form.hardness.value:
            self.plot.ratio.draw(ratios, error_bars=bars)
        keys = [row for kind in reversed(self.form.shown) for row in rows if row.kind == kind]
        self.plot.explain(keys, self._notes())

    def _notes(self) -> list[str]:
        """Say what the curves are not."""
        counts = self.live.counts
        if counts is None or not self._steps:
            return []
        shown = [steps.shown for steps in self._steps.values()]
        notes = []
        if shown[0].factor > 1:
            notes.append(
                f"Shown in bins of {shown[0].bin_s:g} s: {shown[0].factor} bins of "
                f"{shown[0].bins.bin_s:g} s each."
            )
        if left_out := max(item.n_left_out for item in shown):
            notes.append(
                f"{left_out} bin{'s' if left_out != 1 else ''} with less than "
                f"{100 * self._least:g} % of good time not drawn."
            )
        if all(item.source is None for item in counts.modules.values()):
            notes.append("No source region yet.")
        elif all(item.background is None for item in counts.modules.values()):
            notes.append("No background region yet: only the source curve can be drawn.")
        return notes


_WORDS: Final = {
    "source": "{} source", "net": "{} net", "background": "{} background, scaled"
}  # fmt: skip
