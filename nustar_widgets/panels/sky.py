"""The sky: both modules' images, regions under the hand, and what they hold while they move."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import ipywidgets as widgets
import numpy as np

from nustar_widgets.errors import NustarWidgetsError
from nustar_widgets.events.regionlint import ProductFlags
from nustar_widgets.instrument import MODULES
from nustar_widgets.live.observation import LiveObservation
from nustar_widgets.panels.background import Background, Starter, on_a_thread
from nustar_widgets.panels.base import Panel
from nustar_widgets.panels.shapewire import Wire, from_wire, to_wire
from nustar_widgets.panels.skynumbers import Findings, SkyNumbers
from nustar_widgets.panels.skyview import SkyView
from nustar_widgets.panels.spectrumplot import SpectrumPlot
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

    Examples
    --------
    >>> panel = SkyPanel(Session())  # doctest: +SKIP
    """

    FIELDS: ClassVar[tuple[str, ...]] = (
        "inputs", "modules", "regions", "band_kev", "user_gti", "target", "products",
    )  # fmt: skip

    def __init__(self, session: Session, *, start: Starter = on_a_thread) -> None:
        self.live = LiveObservation.of(session)
        self._loading = Background(start)
        self._revision = 0  # of the newest state of the page that was answered
        self._problem = ""  # the one the strip was last told
        self._committed = 0  # of the newest finished change that went to the session
        super().__init__(session)
        self.live.observe(self._counted, names=["counts"])
        self.live.observe(self._regenerated, names=["generation"])

    def _build(self) -> Sequence[widgets.Widget]:
        self.add_class("nw-sky-panel")
        self.view = SkyView(image=self._image, command=self._command, guarded=self.guarded)
        self.view.observe(self.guarded(self._dragged), "drag")
        self.view.observe(self.guarded(self._band_chosen), "band_kev")
        self.numbers = SkyNumbers()
        self.findings = Findings()
        self.spectrum = SpectrumPlot()
        self.view.layout = widgets.Layout(flex="1 1 auto", min_width="0")
        beside = widgets.VBox(
            (self.numbers, self.spectrum), layout=widgets.Layout(flex="none", width="352px")
        )
        top = widgets.HBox((self.view, beside), layout=widgets.Layout(width="100%"))
        return (top, self.findings)

    def close(self) -> None:
        """Let go of session, counts and front end."""
        self.live.unobserve(self._counted, names=["counts"])
        self.live.unobserve(self._regenerated, names=["generation"])
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
            self._show_regions()

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
            self.strip.say("no event list yet: search for an observation, or open one")

    def _load(self, _: threading.Event) -> None:
        self.live.load(self.strip.say)

    def _loaded(self, _: None) -> None:
        self.strip.clear()
        self._show_fields()
        self._counted()

    def _show_fields(self) -> None:
        modules = [self.live.modules[name] for name in MODULES if name in self.live.modules]
        if not modules:
            return
        self.view.show_fields(modules)
        self._look_at_the_field()
        self._show_regions()

    def _look_at_the_field(self) -> None:
        module = next(iter(self.live.modules.values()))
        field, grid = module.field, module.grid
        rows, columns = np.flatnonzero(field.inside.any(1)), np.flatnonzero(field.inside.any(0))
        middle = field.to_plane((rows[0] + rows[-1]) / 2.0, (columns[0] + columns[-1]) / 2.0)
        ra_deg, dec_deg = grid.pixel_to_sky(*middle)
        across = 1.06 * max(np.ptp(rows), np.ptp(columns)) * grid.pixel_arcsec
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
        self.view.show_regions(
            shapes, linked=regions.linked, offset_arcsec=regions.offset_arcsec,
            revision=self._committed,
        )  # fmt: skip

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
        if what == "chips":
            return module.field.chip.view("u1")  # outside, -1, travels as 255
        low, high = map(float, what.split("-"))
        field = module.field
        height, width = field.counts.shape
        whole = module.image((low, high))
        return whole[field.y0 : field.y0 + height, field.x0 : field.x0 + width]

    def _command(self, kind: str) -> None:
        if kind == "undo":
            self.session.undo()
        elif kind == "redo":
            self.session.redo()

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
            if commit["revision"] > self._committed:
                self._finished(commit)
        if drag["revision"] <= self._revision:
            return
        self._revision = drag["revision"]
        if drag["shapes"] is not None:
            self.live.preview(self._drawn(drag["module"], drag["shapes"]))
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
        self.spectrum.show(counts)
        if self.live.problem:
            self.strip.fail(self.live.problem)
        elif self.strip.text == self._problem:
            self.strip.clear()
        self._problem = self.live.problem

    def _regenerated(self, _: Any) -> None:
        self.guarded(self._show_fields)()

    @property
    def _flags(self) -> ProductFlags:
        return ProductFlags.from_parameters(dict(self.session.products))
