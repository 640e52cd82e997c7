"""The sky: both modules' images, regions under the hand, and what they hold while they move."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import ipywidgets as widgets

from nustar_widgets.errors import NustarWidgetsError, SelectionError
from nustar_widgets.events.suggest_source import check_pixel_size
from nustar_widgets.instrument import MODULES
from nustar_widgets.live.module import LiveModule
from nustar_widgets.live.observation import LiveObservation
from nustar_widgets.panels.background import Background, Starter, on_a_thread
from nustar_widgets.panels.base import Panel
from nustar_widgets.panels.images.shapewire import ROLES, Wire, clipboard_text, from_wire, to_wire
from nustar_widgets.panels.images.skystill import sky_picture
from nustar_widgets.panels.images.skyview import SkyView
from nustar_widgets.panels.images.staticsky import StaticSky
from nustar_widgets.panels.page import PageWatch, lacking
from nustar_widgets.panels.readings.skynumbers import number_table
from nustar_widgets.panels.readings.skyreadings import SkyReadings
from nustar_widgets.panels.stills.choices import choices_table, titled
from nustar_widgets.panels.stills.still import Still
from nustar_widgets.session.linking import with_module
from nustar_widgets.session.session import Session
from nustar_widgets.session.values import Regions

if TYPE_CHECKING:
    from numpy.typing import NDArray

_CHIPS = "chips"
_LACKING = lacking(
    "the interactive image", "a picture, and the regions by numbers, which edit the same session"
)


class SkyPanel(Panel):
    """Images, regions, and live counts.

    In a page the images come first; what stands around them is made when they are there.

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
        self._loading, self._warming = Background(start), Background(start)
        self._readings: SkyReadings | None = None
        self._revision = 0  # of the newest state of the page that was answered
        self._committed = 0  # of the newest finished change that went to the session
        self._looked_at: tuple[str, ...] = ()
        self._problem = ""  # the one the strip was last told
        self._owed: set[str] = set()  # keys of images the page waits for
        super().__init__(session)
        self.follow(self.live, self._counted, ["counts"])
        self.follow(self.live, self._regenerated, ["generation"])
        if not self._waits_for_images:
            self._get_ready()

    @property
    def readings(self) -> SkyReadings:
        """What stands around the images: numbers, plots, words, suggestions, the table."""
        if self._readings is None:
            self._readings = SkyReadings(self, self.live, self.view)
            self._readings.suggestions.enable(enabled=bool(self.live.modules))
            self._readings.show_counts(self.live.counts, revision=self._revision)
            self.beside.children, self.below.children = self._readings.beside, self._readings.below
        return self._readings

    def _build(self) -> Sequence[widgets.Widget]:
        self.add_class("nw-sky-panel")
        self.view = SkyView(image=self._image, command=self._command, guarded=self.guarded)
        self.view.layout.width = "100%"
        self.view.observe(self.guarded(self._dragged), "drag")
        self.view.observe(self.guarded(self._band_chosen), "band_kev")
        self._page = PageWatch(self.view, self.guarded(self._page_told), has_page=self._has_page)
        self.static: StaticSky | None = None
        # Where there is no room beside the images, the numbers go below them, side by side.
        self.place = widgets.VBox(
            (self.view,), layout=widgets.Layout(flex="100 1 560px", min_width="0")
        )
        self.beside = widgets.HBox(
            layout=widgets.Layout(flex="1 1 350px", min_width="0", align_content="flex-start")
        )
        self.below = widgets.VBox()
        top = widgets.HBox((self.place, self.beside), layout=widgets.Layout(width="100%"))
        return (top, self.below)

    def close(self) -> None:
        """Let go of session, counts and front end."""
        self._page.close()
        super().close()

    def stills(self) -> Sequence[Still]:
        """Return the images with their regions, and the numbers."""
        counts, session = self.live.counts, self.session
        picture = sky_picture(self.live.modules, session.regions, session.band_kev)
        if picture is None:
            return super().stills()
        tables = (choices_table(session), *(() if counts is None else (number_table(counts),)))
        return (Still(title=titled("Sky", session), pictures=(picture,), tables=tables),)

    # -- the session changes --------------------------------------------------------------

    def _show(self, fields: Sequence[str]) -> None:
        if {"inputs", "modules"} & set(fields):
            self._show_inputs()
        if "band_kev" in fields:
            self.view.band_kev = list(self.session.band_kev)
        if "target" in fields:
            self._show_target()
        if {"regions", "inputs", "modules"} & set(fields):
            self._show_regions()
            if self._readings is not None:
                self._readings.show_regions()
        if "products" in fields and self._readings is not None:
            self._readings.show_findings()

    def _show_inputs(self) -> None:
        if self.live.is_loaded:
            self._show_fields()
        elif self._has_event_lists:
            self.strip.say("reading event lists ...")
            self._loading.run(
                self._load, done=self.guarded(self._loaded), failed=self.guarded(self.strip.fail)
            )
        else:
            self._show_fields()
            self.strip.say("no event list yet: search for an observation, or open one")

    @property
    def _has_event_lists(self) -> bool:
        return any(item.events for item in self.session.inputs)

    def _load(self, _: threading.Event) -> None:
        self.live.load(self.strip.say)

    def _loaded(self, _: None) -> None:
        self.strip.clear()
        if notes := [note for module in self.live.modules.values() for note in _notes(module)]:
            self.strip.warn("\n".join(notes))
        self._show_fields()
        if not self._waits_for_images:
            self._get_ready()

    def _show_fields(self) -> None:
        modules = [self.live.modules[name] for name in MODULES if name in self.live.modules]
        if self._readings is not None:
            self._readings.suggestions.enable(enabled=bool(modules))
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
        window, grid = module.surroundings.window, module.grid
        x = grid.x_min + window.x0 + (window.width - 1) / 2.0
        y = grid.y_min + window.y0 + (window.height - 1) / 2.0
        ra_deg, dec_deg = grid.pixel_to_sky(x, y)
        across = 0.92 * max(window.width, window.height) * grid.pixel_arcsec  # less of the margin
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
            name: {role: clipboard_text(getattr(regions.of(name), role)) for role in ROLES}
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

    # -- images first, then the rest ------------------------------------------------------

    @property
    def _waits_for_images(self) -> bool:
        """Whether a page is about to ask for images, which nothing should delay."""
        return self._page.is_awaited and self._has_event_lists and self._readings is None

    def _image(self, key: str) -> NDArray[Any] | None:
        """Return the counts of an image by its key: ``FPMA|stamp|3-10`` or ``FPMA|stamp|chips``."""
        name, _, what = key.split("|")
        module = self.live.modules.get(name)
        if module is None:
            return None
        if what == _CHIPS and not self.live.is_warm:  # asked for after the images: now is the time
            self._owed.add(key)
            self._get_ready()
            return None
        if what == _CHIPS:
            return module.field.chip.view("u1")  # outside, -1, travels as 255
        low, high = map(float, what.split("-"))
        return module.surroundings.window.cut(module.image((low, high)))

    def _get_ready(self) -> None:
        """Make what a drag will ask for, and what stands around the images."""
        if self._warming.is_busy:
            return
        self._warming.run(
            lambda _: self.live.warm(),
            done=self.guarded(self._is_ready),
            failed=self.guarded(self.strip.fail),
        )

    def _is_ready(self, _: None) -> None:
        owed, self._owed = self._owed, set()
        for key in sorted(owed):
            self.view.send_image(key)
        self.readings.show_counts(self.live.counts, revision=self._revision)

    def _page_told(self) -> None:
        if self._readings is None:
            self._get_ready()
        self._show_place()

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
        self.place.children = (widgets.HTML(f"<small>{_LACKING}</small>"), self.static)

    # -- the page -------------------------------------------------------------------------

    def _command(self, asked: dict[str, Any]) -> None:
        match asked.get("kind"):
            case "undo":
                self.session.undo()
            case "redo":
                self.session.redo()
            case "paste":
                self.readings.text.paste(asked["text"], role=asked["role"], module=asked["module"])

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
        if self._readings is not None:
            self._readings.show_counts(self.live.counts, revision=self._revision)
        if self.live.problem:
            self.strip.fail(self.live.problem)
        elif self.strip.text == self._problem:
            self.strip.clear()
        self._problem = self.live.problem

    def _regenerated(self, _: Any) -> None:
        self.guarded(self._show_fields)()


def _notes(module: LiveModule) -> tuple[str, ...]:
    """Tell what to know of an event list before trusting what is shown of it."""
    where, told = module.events.path.name, module.events.messages
    try:
        check_pixel_size(module.grid)
    except SelectionError as problem:
        told = (*told, str(problem))
    return tuple(f"{where}: {text}" for text in told)
