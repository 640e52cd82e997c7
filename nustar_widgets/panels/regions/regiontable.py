"""The regions by numbers: one row a shape, one list of both modules where they are linked."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, cast

import ipywidgets as widgets

from nustar_widgets.errors import RegionError, RegionTrapError
from nustar_widgets.events.regionfile import RegionFile
from nustar_widgets.events.regionlint import kind_of
from nustar_widgets.events.skygrid import SkyGrid
from nustar_widgets.panels.base import Panel
from nustar_widgets.panels.closing import close_tree
from nustar_widgets.panels.regions.linkbar import LinkBar
from nustar_widgets.panels.regions.named import hidden_names, named
from nustar_widgets.panels.regions.regionreading import editable, told_of
from nustar_widgets.panels.regions.shapelist import (
    NEW_SIZE_ARCSEC,
    Entry,
    entries,
    new_shape,
    with_added,
    with_copy,
    with_region,
    with_role,
    with_shape,
    without,
)
from nustar_widgets.panels.regions.shaperow import Row, TextRow, Typed, header, row_of
from nustar_widgets.session.linking import with_module
from nustar_widgets.session.values import ModuleRegions, Regions, RegionText

_ADDED_AS: Final = {
    "source": ("source", True),
    "background": ("background", True),
    "exclude from source": ("source", False),
    "exclude from background": ("background", False),
}


class RegionTable(widgets.VBox):
    """Shows and edits the regions of a panel's session.

    Parameters
    ----------
    panel
        The panel it belongs to: its session and its message strip.
    place
        Asked where a new shape is to lie: right ascension and declination [deg], as the middle of
        what is seen.
    grid
        Asked for the sky plane of a module; ``None`` while no event list is open.
    size_arcsec
        How far a new shape of each kind reaches [arcsec].
    """

    def __init__(
        self,
        panel: Panel,
        *,
        place: Callable[[], tuple[float, float]],
        grid: Callable[[str], SkyGrid | None],
        size_arcsec: Mapping[str, float] = NEW_SIZE_ARCSEC,
    ) -> None:
        super().__init__()
        self.add_class("nw-regions")
        self._panel = panel
        self._place = place
        self._grid = grid
        self._size_arcsec = size_arcsec
        self._edits = _Edits(self)
        self.rows: tuple[Row, ...] = ()
        self.links = LinkBar(panel, self.refresh)
        self.nothing = widgets.HTML("<i>No region yet: add one, or take a suggestion.</i>")
        self.list = widgets.VBox()
        self.kind = named(
            widgets.Dropdown(options=list(NEW_SIZE_ARCSEC), layout=widgets.Layout(width="110px")),
            "Shape to add",
        )
        self.role = named(
            widgets.Dropdown(options=list(_ADDED_AS), layout=widgets.Layout(width="200px")),
            "What the new shape is for",
        )
        self.add_button = widgets.Button(
            description="Add", tooltip="Add a shape in the middle of the view",
            layout=widgets.Layout(width="70px"),
        )  # fmt: skip
        self._header = header()
        self.children = (
            hidden_names(),
            self.links,
            widgets.VBox((self._header, self.list), layout=widgets.Layout(overflow="auto")),
            widgets.HBox([self.add_button, self.kind, widgets.Label("as"), self.role]),
        )
        self.add_button.on_click(lambda _: self.guarded(self._add_chosen))
        self.refresh()

    @property
    def module(self) -> str:
        """The module whose shapes are listed; where the modules are linked, for both."""
        return str(self.links.module)

    def refresh(self) -> None:
        """Show the regions of the session."""
        self.show(self._panel.session.regions)

    def show(self, regions: Regions) -> None:
        """Show regions; boxes that can stay do, so that none loses the keyboard.

        Parameters
        ----------
        regions
            Those of the session, or those under the hand.
        """
        self.links.show(regions, self._panel.session.modules)
        self._list(entries(regions.of(self.module)))

    def _list(self, wanted: Sequence[Entry]) -> None:
        """Show shapes in the rows that fit, and make the others anew."""
        old = dict(enumerate(self.rows))
        rows: list[Row] = []
        for place, entry in enumerate(wanted):
            row = old.get(place)
            if row is not None and row.can_show(entry):
                row.show(entry)
                rows.append(old.pop(place))
            else:
                rows.append(row_of(entry, self._edits))
        if tuple(rows) != self.rows or not rows:
            self.rows = tuple(rows)
            self.list.children = self.rows or (self.nothing,)
            self._header.layout.display = None if rows else "none"
        for row in old.values():
            close_tree(row)

    def add(self, kind: str, role: str, *, include: bool = True) -> None:
        """Add a shape in the middle of the view.

        Parameters
        ----------
        kind
            One of ``NEW_SIZE_ARCSEC``.
        role
            ``source`` or ``background``.
        include
            Adds its pixels, or takes them away.

        Raises
        ------
        RegionError
            There is no such kind, or the region of this role is kept word for word.
        """
        shape = new_shape(kind, self._place(), self._size_arcsec.get(kind, 60.0), include=include)
        words = f"add {kind} to {role}" if include else f"exclude {kind} from {role}"
        self.commit(words, with_added(self.regions, role, shape))

    def _add_chosen(self) -> None:
        role, include = _ADDED_AS[self.role.value]
        self.add(self.kind.value, role, include=include)

    # -- what rows ask for ----------------------------------------------------------------

    @property
    def regions(self) -> ModuleRegions:
        """Regions of the module that is listed, as the session holds them."""
        regions: Regions = self._panel.session.regions
        return regions.of(self.module)

    def commit(self, label: str, changed: ModuleRegions) -> None:
        """Edit the session; the other module follows where they are linked."""
        self._panel.strip.clear()
        regions = with_module(self._panel.session.regions, self.module, changed)
        self._panel.commit(label, regions=regions)
        self.refresh()

    def guarded(self, act: Callable[[], None]) -> None:
        """Do what a row asks for; where that fails, say so and show what the session holds."""
        self._panel.guarded(act)()
        self.refresh()

    def make_editable(self, entry: Entry, *, whatever_heasoft_reads: bool) -> None:
        """Read a region kept word for word as shapes.

        Parameters
        ----------
        entry
            The text.
        whatever_heasoft_reads
            Also where HEASoft reads something else than the file says.

        Raises
        ------
        RegionError
            The file cannot be read, or HEASoft reads something else.
        """
        text = cast("RegionText", entry.what)
        file = RegionFile.from_text(text.text, text.origin or "region file")
        grid = self._grid(self.module)
        region = editable(
            file, grid, module=self.module, whatever_heasoft_reads=whatever_heasoft_reads
        )
        self.commit(f"make {entry.role} editable", with_region(self.regions, entry.role, region))
        self._panel.strip.say(told_of(file, region, cast("SkyGrid", grid)))

    def offer_anyway(self, entry: Entry) -> None:
        """Offer what a text says where HEASoft reads something else."""
        for row in self.rows:
            if isinstance(row, TextRow) and row.entry == entry:
                row.offer_anyway()


class _Edits:
    """What the rows ask for, done through a table."""

    def __init__(self, table: RegionTable) -> None:
        self._table = table

    def type(self, entry: Entry, words: str, typed: Typed) -> None:
        def changed(regions: ModuleRegions) -> ModuleRegions:
            try:
                shape = typed(entry.what)
            except RegionError as error:
                raise RegionError(f"{words} of {entry.words}: {error}") from None
            return with_shape(regions, entry, shape)

        self._do(f"set {words} of {entry.role}", changed)

    def use(self, entry: Entry, include: bool) -> None:
        shape: Any = entry.what
        kind = kind_of(shape)
        words = (
            f"include {kind} in {entry.role}" if include else f"exclude {kind} from {entry.role}"
        )
        changed = replace(shape, include=include)
        self._do(words, lambda regions: with_shape(regions, entry, changed))

    def move(self, entry: Entry, role: str) -> None:
        words = f"make {_kind(entry)} {role}"
        self._do(words, lambda regions: with_role(regions, entry, role))

    def copy(self, entry: Entry) -> None:
        words = f"duplicate {_kind(entry)} of {entry.role}"
        self._do(words, lambda regions: with_copy(regions, entry))

    def delete(self, entry: Entry) -> None:
        words = f"delete {_kind(entry)} of {entry.role}"
        self._do(words, lambda regions: without(regions, entry))

    def make_editable(self, entry: Entry, *, whatever_heasoft_reads: bool) -> None:
        table = self._table

        def act() -> None:
            try:
                table.make_editable(entry, whatever_heasoft_reads=whatever_heasoft_reads)
            except RegionTrapError:
                table.offer_anyway(entry)
                raise

        table.guarded(act)

    def _do(self, words: str, changed: Callable[[ModuleRegions], ModuleRegions]) -> None:
        table = self._table
        table.guarded(lambda: table.commit(words, changed(table.regions)))


def _kind(entry: Entry) -> str:
    return "region" if isinstance(entry.what, RegionText) else kind_of(entry.what)
