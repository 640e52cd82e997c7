"""Whether the modules share their regions, how far apart these lie, and which one is listed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import ipywidgets as widgets

from nustar_widgets.errors import RegionError
from nustar_widgets.instrument import MODULES
from nustar_widgets.panels.base import Panel
from nustar_widgets.panels.regions.named import named
from nustar_widgets.panels.regions.shapefields import number_text
from nustar_widgets.session.linking import with_linked, with_offset
from nustar_widgets.session.values import Regions

LARGEST_OFFSET_ARCSEC: Final = 300.0
"""Largest offset between the modules that can be typed: a third of the field [arcsec]."""


class LinkBar(widgets.HBox):
    """The line above the list of shapes.

    Parameters
    ----------
    panel
        The panel it belongs to.
    on_module
        Called when another module is to be listed.
    """

    def __init__(self, panel: Panel, on_module: Callable[[], Any]) -> None:
        super().__init__(layout=widgets.Layout(align_items="center"))
        self.add_class("nw-links")
        self._panel = panel
        self._on_module = on_module
        self._is_showing = False
        self.linked = widgets.Checkbox(
            description="FPMB follows FPMA", indent=False, layout=widgets.Layout(width="170px"),
            tooltip="An edit of one module is an edit of both",
        )  # fmt: skip
        self.which = widgets.ToggleButtons(
            options=list(MODULES), style={"button_width": "70px"},
            tooltips=[f"List the regions of {module}" for module in MODULES],
        )  # fmt: skip
        self.east, self.north = _offset_box("east"), _offset_box("north")
        self.offset = widgets.HBox(
            [
                widgets.Label("FPMB lies"), self.east, widgets.Label('" east,'),
                self.north, widgets.Label('" north of FPMA'),
            ]
        )  # fmt: skip
        self.children = (self.linked, self.offset, self.which)
        self.linked.observe(self._link, "value")
        self.east.observe(lambda _: self._move("east"), "value")
        self.north.observe(lambda _: self._move("north"), "value")
        self.which.observe(self._choose, "value")

    @property
    def module(self) -> str:
        """The module whose shapes are to be listed."""
        return str(self.which.value)

    def show(self, regions: Regions, modules: Sequence[str]) -> None:
        """Show how the modules hang together.

        Parameters
        ----------
        regions
            The regions.
        modules
            The modules in use.
        """
        self._is_showing = True
        try:
            both = len(modules) > 1
            self.linked.value = regions.linked
            self.linked.layout.display = None if both else "none"
            self.offset.layout.display = None if both and regions.linked else "none"
            self.which.layout.display = None if both and not regions.linked else "none"
            if not both or regions.linked:
                self.which.value = "FPMA" if "FPMA" in modules else modules[0]
            self.east.value, self.north.value = map(number_text, regions.offset_arcsec)
        finally:
            self._is_showing = False

    def _link(self, change: dict[str, Any]) -> None:
        if not self._is_showing:
            words = "link the modules" if change["new"] else "unlink the modules"
            self._commit(words, lambda old: with_linked(old, change["new"], follow=self.module))

    def _move(self, direction: str) -> None:
        if not self._is_showing:
            self._commit(f"set offset {direction}", lambda old: self._with_offset(old, direction))

    def _with_offset(self, old: Regions, direction: str) -> Regions:
        at, box = (0, self.east) if direction == "east" else (1, self.north)
        value = _number(box.value, direction)
        if value == float(number_text(old.offset_arcsec[at])):
            return old
        east, north = old.offset_arcsec
        return with_offset(old, (value, north) if at == 0 else (east, value))

    def _commit(self, words: str, changed: Callable[[Regions], Regions]) -> None:
        """Edit the session; in any case show what it holds then."""
        session = self._panel.session

        def act() -> None:
            self._panel.strip.clear()
            self._panel.commit(words, regions=changed(session.regions))

        self._panel.guarded(act)()
        self.show(session.regions, session.modules)
        self._on_module()

    def _choose(self, _: Any) -> None:
        if not self._is_showing:
            self._on_module()


def _offset_box(direction: str) -> widgets.Text:
    box = widgets.Text(continuous_update=False, layout=widgets.Layout(width="56px"))
    return named(box, f"How far FPMB's shapes lie {direction} of FPMA's [arcsec]")


def _number(text: str, direction: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not abs(value) <= LARGEST_OFFSET_ARCSEC:
        raise RegionError(
            f"offset {direction}: {text.strip()!r}: expected arcsec from "
            f"-{LARGEST_OFFSET_ARCSEC:g} to {LARGEST_OFFSET_ARCSEC:g}, as 4.5"
        )
    return value
