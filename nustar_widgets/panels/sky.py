"""The sky: both modules' images, regions under the hand, and what they hold while they move."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, cast

import ipywidgets as widgets
import numpy as np

from nustar_widgets.errors import NustarWidgetsError
from nustar_widgets.events.regionlint import ProductFlags
from nustar_widgets.instrument import MODULES
from nustar_widgets.live.checks import check_regions
from nustar_widgets.live.counts import LiveCounts
from nustar_widgets.live.observation import LiveObservation
from nustar_widgets.panels.background import Background, Starter, on_a_thread
from nustar_widgets.panels.base import Panel
from nustar_widgets.panels.pagewatch import LACKING, PageWatch
from nustar_widgets.panels.shapewire import ROLES, Wire, from_wire, region_text, to_wire
from nustar_widgets.panels.skydetails import SkyDetails
from nustar_widgets.panels.skynumbers import Findings, SkyNumbers
from nustar_widgets.panels.skyview import SkyView
from nustar_widgets.panels.spectrumplot import SpectrumPlot
from nustar_widgets.panels.staticsky import StaticSky
from nustar_widgets.panels.suggestionbox import SuggestionBox
from nustar_widgets.session.linking import with_module
from nustar_widgets.session.session import Session
from nustar_widgets.session.values import Regions

if TYPE_CHECKING:
    from numpy.typing import NDArray


class SkyPanel(Panel):
    """Images, regions, and live counts.

    Parameters
    ----------
    session
        The session: its event lists are shown, its regions are edited.
    start
        How slow work is started.
    has_page
        Whether a page is to show the panel; asked of IPython where ``None``.

    Examples
    --------
    >>> panel = SkyPanel(Session())  # doctest: +SKIP
    """

    FIELDS: ClassVar[tuple[str, ...]] = (
        "inputs", "modules", "regions", "band_kev", "user_gti", "target", "products",
    )  # fmt: skip

    def __init__(
        self, session: Session, *, start: Starter = on_a_thread, has_page: bool | None = None
    ) -> None:
        self.live = LiveObservation.of(session)
        self._has_page = has_page
        self._details: SkyDetails | None = None
        self._waited_for: set[str] = set()  # images the page has got
        self._loading = Background(start)
        self._revision = 0  # of the newest state of the page that was answered
        self._looked_at: tuple[str, ...] = ()
        self._problem = ""  # the one the strip was last told
        self._committed = 0  # of the newest finished change that went to the session
        super().__init__(session)
        self.follow(self.live, self._counted, ["counts"])
        self.follow(self.live, self._regenerated, ["generation"])
        self.follow(session, self._history, ["can_undo", "can_redo"])
        self._history()
        if not (self._page.is_awaited and any(item.events for item in session.inputs)):
            self._fill_in()

    @property
    def details(self) -> SkyDetails:
        """Profile, numbers and text below the images."""
        self._fill_in()
        return cast("SkyDetails", self._details)

    def _build(self) -> Sequence[widgets.Widget]:
        self.add_class("nw-sky-panel")
        self.view = SkyView(image=self._image, command=self._command, guarded=self.guarded)
        self.view.observe(self.guarded(self._dragged), "drag")
        self.view.observe(self.guarded(self._band_chosen), "band_kev")
        self._page = PageWatch(self.view, self.guarded(self._page_told), has_page=self._has_page)
        self.static: StaticSky | None = None
        self.below = widgets.VBox()  # details, when the images are there: they take a while
        self.numbers = SkyNumbers()
        self.findings = Findings()
        self.spectrum = SpectrumPlot()
        self.suggestions = SuggestionBox(self, self.live, self.view)
        self.undo = _step_button("Undo", self.guarded(self.session.undo))
        self.redo = _step_button("Redo", self.guarded(self.session.redo))
        self.view.layout.width = "100%"
        self.place = widgets.VBox(
            (self.view,), layout=widgets.Layout(flex="1 1 auto", min_width="0")
        )
        beside = widgets.VBox(
            (self.numbers, self.spectrum), layout=widgets.Layout(flex="none", width="352px")
        )
        row = widgets.Layout(width="100%")
        return (
            widgets.HBox((self.place, beside), layout=row),
            widgets.HBox((self.undo, self.redo, self.suggestions), layout=row),
            self.findings,
            self.below,
        )

    def close(self) -> None:
        """Let go of session, counts and front end."""
        self._page.close()
        super().close()

    # -- the session changes --------------------------------------------------------------

    def _show(self, fields: Sequence[str]) -> None:
        if {"inputs", "modules"} & set(fields):
            self._show_inputs()
        if "band_kev" in fields:
            self.view.band_kev = list(self.session.band_kev)
        if "target" in fields:
            self._show_target()
        if {"regions", "inputs", "modules"} & set(fields):
            self.suggestions.clear()
            self._show_regions()
            if self._details is not None:
                self._details.show_regions()
        if "products" in fields:
            self._show_findings()

    def _show_inputs(self) -> None:
        if self.live.is_loaded:
            self._show_fields()
        elif any(item.events for item in self.session.inputs):
            self.strip.say("reading event lists ...")
            self._loading.run(
                self._load, done=self.guarded(self._loaded), failed=self.guarded(self.strip.fail)
            )
        else:
            self.view.fields = {}
            self.suggestions.enable(enabled=False)
            self.strip.say("no event list yet: search for an observation, or open one")

    def _load(self, _: threading.Event) -> None:
        self.live.load(self.strip.say)

    def _loaded(self, _: None) -> None:
        self.strip.clear()
        self._show_fields()
        self._counted()

    def _show_fields(self) -> None:
        modules = [self.live.modules[name] for name in MODULES if name in self.live.modules]
        self.suggestions.enable(enabled=bool(modules))
        self.view.show_fields(modules)
        if not modules:
            return
        seen = tuple(str(module.events.path) for module in modules)
        if seen != self._looked_at:  # another band does not move the view
            self._looked_at = seen
            self._look_at_the_field()
        self._show_regions()
        self._show_place()

    def _look_at_the_field(self) -> None:
        module = next(iter(self.live.modules.values()))
        field, grid = module.field, module.grid
        seen = field.everything > 0  # the outline proper takes longer
        rows, columns = np.flatnonzero(seen.any(1)), np.flatnonzero(seen.any(0))
        row, column = float(rows[0] + rows[-1]) / 2.0, float(columns[0] + columns[-1]) / 2.0
        ra_deg, dec_deg = grid.pixel_to_sky(*field.to_plane(row, column))
        across = 1.06 * float(max(np.ptp(rows), np.ptp(columns))) * grid.pixel_arcsec
        self.view.looking_at = {"ra": ra_deg, "dec": dec_deg, "arcsec": across}

    def _show_target(self) -> None:
        target = self.session.target
        placed = target is not None and target.ra_deg is not None
        self.view.target = (
            {"name": target.name, "ra": target.ra_deg, "dec": target.dec_deg}
            if target is not None and placed
            else {}
        )

    def _show_regions(self) -> None:
        regions = self.session.regions
        shapes = {name: self._wires(regions, name) for name in self.live.modules}
        texts = {
            name: {role: region_text(getattr(regions.of(name), role)) for role in ROLES}
            for name in shapes
        }
        self.view.show_regions(
            shapes, texts=texts, linked=regions.linked, offset_arcsec=regions.offset_arcsec,
            revision=self._committed,
        )  # fmt: skip
        if self.static is not None:
            self.static.show_regions(regions)

    def _wires(self, regions: Regions, module: str) -> list[Wire]:
        try:
            return to_wire(regions.of(module), self.live.modules[module].grid)
        except NustarWidgetsError as problem:
            self.strip.warn(f"{module}: the region cannot be drawn: {problem}")
            return []

    # -- the page -------------------------------------------------------------------------

    def _image(self, key: str) -> NDArray[Any] | None:
        """Return the counts of an image by its key: ``FPMA|stamp|3-10`` or ``FPMA|stamp|chips``."""
        name, _, what = key.split("|")
        module = self.live.modules.get(name)
        if module is None:
            return None
        if what == "chips":  # asked for after the images: now there is time
            if self._waited_for >= set(self.live.modules):
                self._fill_in()
            return module.field.chip.view("u1")  # outside, -1, travels as 255
        self._waited_for.add(name)
        low, high = map(float, what.split("-"))
        field = module.field
        height, width = field.counts.shape
        whole = module.image((low, high))
        return whole[field.y0 : field.y0 + height, field.x0 : field.x0 + width]

    def _command(self, asked: dict[str, Any]) -> None:
        match asked.get("kind"):
            case "undo":
                self.session.undo()
            case "redo":
                self.session.redo()
            case "paste":
                self.details.text.paste(asked["text"], role=asked["role"], module=asked["module"])

    def _band_chosen(self, change: Any) -> None:
        low, high = change["new"]
        if (low, high) != self.session.band_kev and not self.commit(
            f"band {low:g}-{high:g} keV", band_kev=(low, high)
        ):
            self.view.band_kev = list(self.session.band_kev)

    def _dragged(self, change: Any) -> None:
        """Take what the page has drawn: finished changes into the session, others to count."""
        drag = change["new"]
        for commit in drag["commits"]:
            if commit["revision"] > self._committed and commit["module"] in self.live.modules:
                self._finished(commit)
        if drag["revision"] <= self._revision:
            return
        self._revision = drag["revision"]
        if drag["shapes"] is not None and drag["module"] in self.live.modules:
            drawn = self._drawn(drag["module"], drag["shapes"])
            self.live.preview(drawn, is_passing=not drag.get("resting", True))
            if self.strip.is_error:  # of an earlier step
                self.strip.clear()
        elif not drag["module"]:  # given up
            self._committed = self._revision
            self.live.show_session()
            self._show_regions()

    def _finished(self, commit: dict[str, Any]) -> None:
        self._committed = commit["revision"]
        self._revision = max(self._revision, self._committed)
        try:
            regions = self._drawn(commit["module"], commit["shapes"])
            self.commit(commit["label"], regions=regions)
        finally:
            self._show_regions()  # also where nothing changed: the page waits for its answer

    def _drawn(self, module: str, wires: list[Wire]) -> Regions:
        regions = self.session.regions
        grid = self.live.modules[module].grid
        return with_module(regions, module, from_wire(wires, regions.of(module), grid))

    # -- the counts change ----------------------------------------------------------------

    def _counted(self, _: Any = None) -> None:
        self.guarded(self._show_counts)()

    def _show_counts(self) -> None:
        counts = self.live.counts
        self.numbers.show(counts, revision=self._revision)
        time.sleep(0)  # lets the thread that writes to the page have them at once
        if counts is None or counts.is_turn_of(0):
            self.spectrum.show(counts)
        if not self._loading.is_busy:  # else what these need is still being made
            self._show_slower(counts)
        if self.live.problem:
            self.strip.fail(self.live.problem)
        elif self.strip.text == self._problem:
            self.strip.clear()
        self._problem = self.live.problem

    def _show_slower(self, counts: LiveCounts | None) -> None:
        if counts is None or counts.is_turn_of(0, of=6):  # text that changes moves what is below
            self._show_findings()
        if self._details is not None and (counts is None or not counts.is_preview):
            self._details.show_profile()

    def _regenerated(self, _: Any) -> None:
        self.guarded(self._show_fields)()

    def _history(self, _: Any = None) -> None:
        for button, able, label in (
            (self.undo, self.session.can_undo, self.session.undo_label),
            (self.redo, self.session.can_redo, self.session.redo_label),
        ):
            button.disabled = not able
            button.tooltip = f"{button.description} {label}" if label else button.description

    def _show_findings(self) -> None:
        counts = self.live.counts
        regions = self.session.regions if counts is None else counts.regions
        flags = ProductFlags.from_parameters(dict(self.session.products))
        self.findings.show(
            {
                name: check_regions(module, regions.of(name), flags=flags)
                for name, module in self.live.modules.items()
            }
        )

    # -- where things are -----------------------------------------------------------------

    def _fill_in(self) -> None:
        """Make what is below the images."""
        if self._details is None:
            self._details = SkyDetails(self, self.live, self._middle)
            self._details.show_regions()
            if not self._loading.is_busy:
                self._details.show_profile()
            self.below.children = (self._details,)

    def _page_told(self) -> None:
        self._fill_in()
        self._show_place()

    def _middle(self) -> tuple[float, float]:
        """Right ascension and declination of the middle of the view [deg]."""
        return self.view.looking_at["ra"], self.view.looking_at["dec"]

    def _show_place(self) -> None:
        """Show the view, or where the page cannot, a picture without a hand."""
        if not self._page.lacks_the_view:
            self.place.children = (self.view,)
            return
        if self.static is None:
            self.static = StaticSky()
        for name, module in self.live.modules.items():
            field, grid = module.field, module.grid
            self.static.show_image(
                name, field.counts, grid=grid, x0=field.x0 + grid.x_min, y0=field.y0 + grid.y_min
            )
        self.static.show_regions(self.session.regions)
        self.place.children = (widgets.HTML(f"<small>{LACKING}</small>"), self.static)


def _step_button(words: str, act: Callable[[], Any]) -> widgets.Button:
    button = widgets.Button(
        description=words, tooltip=words, disabled=True, layout=widgets.Layout(width="60px")
    )
    button.on_click(lambda _: act())
    return button
