"""One shape of a region by its numbers: a row of the region table.

Each box has a name that is heard, not seen: ``Source 1: right ascension``.
"""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from typing import Any, Final, Protocol

import ipywidgets as widgets

from nustar_widgets.events.regionlint import kind_of
from nustar_widgets.events.regions import SkyPolygon, SkyShape
from nustar_widgets.panels.regions.named import named
from nustar_widgets.panels.regions.shapefields import (
    ShapeField,
    corners_text,
    fields_of,
    number_text,
    with_corners,
    with_dec,
    with_number,
    with_ra,
)
from nustar_widgets.panels.regions.shapelist import Entry
from nustar_widgets.panels.regions.skytext import dec_text, ra_text
from nustar_widgets.session.values import RegionText

Typed = Callable[[Any], SkyShape]

ROLE_WIDTH, USE_WIDTH, KIND_WIDTH = "108px", "92px", "76px"
PLACE_WIDTH, SIZES_WIDTH, ANGLE_WIDTH = "112px", "236px", "84px"
COPY_WIDTH, DELETE_WIDTH = "86px", "66px"
_CORNERS_WIDTH = "464px"  # place and sizes together
_NUMBER_WIDTH, _CAPTION_WIDTH = "68px", "42px"
_CORNERS_SHOWN: Final = (3, 6)
_ROLES = [("Source", "source"), ("Background", "background")]
_USES = [("include", True), ("exclude", False)]


class RowEdits(Protocol):
    """What a row asks for; the table does it."""

    def type(self, entry: Entry, words: str, typed: Typed) -> None:
        """Change a number of the shape."""

    def use(self, entry: Entry, include: bool) -> None:
        """Let the shape add its pixels, or take them away."""

    def move(self, entry: Entry, role: str) -> None:
        """Let the shape belong to source or background."""

    def copy(self, entry: Entry) -> None:
        """Put a copy beside the shape."""

    def delete(self, entry: Entry) -> None:
        """Take the shape away."""

    def make_editable(self, entry: Entry, *, whatever_heasoft_reads: bool) -> None:
        """Read a region kept word for word as shapes."""


class ShapeRow(widgets.HBox):
    """The row of a shape.

    Parameters
    ----------
    entry
        The shape; later ones of the same kind are shown in the same boxes.
    edits
        Told what the user does.
    """

    def __init__(self, entry: Entry, edits: RowEdits) -> None:
        super().__init__(layout=widgets.Layout(align_items="center", flex_flow="row nowrap"))
        self.add_class("nw-shape")
        self._entry = entry
        self._edits = edits
        self._is_showing = False
        self.boxes: dict[str, widgets.Text | widgets.Textarea] = {}
        self._words: dict[str, str] = {}
        self.role = named(widgets.Dropdown(options=_ROLES, layout=_wide(ROLE_WIDTH)), "for")
        self.use = named(widgets.Dropdown(options=_USES, layout=_wide(USE_WIDTH)), "use")
        self.kind = widgets.HTML(layout=_wide(KIND_WIDTH))
        self.copy = widgets.Button(
            description="Duplicate", layout=_wide(COPY_WIDTH), style={"font_size": "12px"}
        )
        self.delete = widgets.Button(
            description="Delete", layout=_wide(DELETE_WIDTH), style={"font_size": "12px"}
        )
        self.children = (
            self.role, self.use, self.kind, *self._numbers(entry.what), self.copy, self.delete,
        )  # fmt: skip
        self.role.observe(self._role_chosen, "value")
        self.use.observe(self._use_chosen, "value")
        self.copy.on_click(lambda _: self._edits.copy(self._entry))
        self.delete.on_click(lambda _: self._edits.delete(self._entry))
        self.show(entry)

    @property
    def entry(self) -> Entry:
        """The shape that is shown."""
        return self._entry

    def can_show(self, entry: Entry) -> bool:
        """Whether a shape fits the boxes of this row."""
        return type(entry.what) is type(self._entry.what)

    def show(self, entry: Entry) -> None:
        """Show a shape of the same kind in the boxes that are there."""
        self._entry, self._is_showing = entry, True
        try:
            shape: Any = entry.what
            self.role.value, self.use.value = entry.role, shape.include
            for name, text in _texts(shape).items():
                self.boxes[name].value = text
                self.boxes[name].description = f"{entry.words.capitalize()}: {self._words[name]}"
            self._name_parts(entry, shape)
        finally:
            self._is_showing = False

    def _name_parts(self, entry: Entry, shape: SkyShape) -> None:
        kind = kind_of(shape)
        if isinstance(shape, SkyPolygon):
            count = len(shape.vertices)
            kind = f"{kind}<br>{count} corners"
            self.boxes["vertices"].rows = min(max(count, _CORNERS_SHOWN[0]), _CORNERS_SHOWN[1])
        self.kind.value = f"<div style='line-height:1.3'>{kind}</div>"
        self.role.description = f"What {entry.words} is for"
        self.use.description = f"Whether {entry.words} adds its pixels or takes them away"
        self.copy.tooltip = f"Put a copy beside {entry.words}"
        self.delete.tooltip = f"Take {entry.words} away"

    # -- boxes ----------------------------------------------------------------------------

    def _numbers(self, shape: Any) -> Sequence[widgets.Widget]:
        """Make the boxes of a kind of shape: place, sizes, angles."""
        if isinstance(shape, SkyPolygon):
            corners = self._box(
                "vertices", "corners (right ascension, declination; one a line)", with_corners,
                widgets.Textarea(continuous_update=False, rows=3, layout=_wide(_CORNERS_WIDTH)),
            )  # fmt: skip
            return (corners, widgets.HBox(layout=_wide(ANGLE_WIDTH)))
        fields = fields_of(shape)
        sizes = [part for field in fields if field.short for part in self._captioned(field)]
        angles = [part for field in fields if not field.short for part in self._captioned(field)]
        return (
            self._box("ra_deg", "right ascension", with_ra, _text(PLACE_WIDTH)),
            self._box("dec_deg", "declination", with_dec, _text(PLACE_WIDTH)),
            _cell(sizes, SIZES_WIDTH),
            _cell(angles, ANGLE_WIDTH),
        )

    def _captioned(self, field: ShapeField) -> Sequence[widgets.Widget]:
        """Make a box with what stands before it."""

        def typed(shape: SkyShape, text: str) -> SkyShape:
            return with_number(shape, field, text)

        box = self._box(field.name, field.words, typed, _text(_NUMBER_WIDTH))
        self._words[field.name] = field.meaning
        if not field.short:
            return (box,)
        caption = widgets.HTML(
            f'<div style="text-align:right;white-space:nowrap" title="{html.escape(field.meaning)}"'
            f">{field.short}</div>",
            layout=_wide(_CAPTION_WIDTH),
        )
        return (caption, box)

    def _box(
        self, name: str, words: str, typed: Callable[[Any, str], SkyShape], box: widgets.Text
    ) -> widgets.Text:
        self.boxes[name] = named(box, words)
        self._words[name] = words
        plain = words.partition(" (")[0]

        def changed(change: dict[str, Any]) -> None:
            if not self._is_showing:
                self._edits.type(self._entry, plain, lambda shape: typed(shape, change["new"]))

        box.observe(changed, "value")
        return box

    def _role_chosen(self, change: dict[str, Any]) -> None:
        if not self._is_showing:
            self._edits.move(self._entry, change["new"])

    def _use_chosen(self, change: dict[str, Any]) -> None:
        if not self._is_showing:
            self._edits.use(self._entry, change["new"])


class TextRow(widgets.HBox):
    """The row of a region that is kept word for word.

    Parameters
    ----------
    entry
        The text.
    edits
        Told what the user does.
    """

    def __init__(self, entry: Entry, edits: RowEdits) -> None:
        super().__init__(layout=widgets.Layout(align_items="center", flex_flow="row nowrap"))
        self.add_class("nw-shape-text")
        self._entry = entry
        self.words = widgets.HTML(layout=widgets.Layout(flex="1 1 auto", max_width="560px"))
        self.edit = widgets.Button(
            description="Make it editable", layout=_wide("130px"),
            tooltip="Read the file as shapes; it will be written anew",
        )  # fmt: skip
        self.anyway = widgets.Button(
            description="Use what the file says", layout=_wide("170px"),
            tooltip="Take the shapes as their author meant them, not as HEASoft reads the file",
        )  # fmt: skip
        self.anyway.layout.display = "none"
        self.delete = widgets.Button(description="Delete", layout=_wide(DELETE_WIDTH))
        self.children = (self.words, self.edit, self.anyway, self.delete)
        self.edit.on_click(lambda _: edits.make_editable(self._entry, whatever_heasoft_reads=False))
        self.anyway.on_click(
            lambda _: edits.make_editable(self._entry, whatever_heasoft_reads=True)
        )
        self.delete.on_click(lambda _: edits.delete(self._entry))
        self.show(entry)

    @property
    def entry(self) -> Entry:
        """The text that is shown."""
        return self._entry

    def can_show(self, entry: Entry) -> bool:
        """Whether this row can show it: another text has other traps."""
        return entry.what == self._entry.what

    def show(self, entry: Entry) -> None:
        """Show a text."""
        self._entry = entry
        origin = entry.what.origin if isinstance(entry.what, RegionText) else ""
        self.words.value = (
            f"<b>{entry.role.capitalize()}</b>: kept word for word from "
            f"{html.escape(origin or 'a region file')}"
        )

    def offer_anyway(self) -> None:
        """Offer what the file says, as HEASoft reads something else."""
        self.anyway.layout.display = None


Row = ShapeRow | TextRow


def row_of(entry: Entry, edits: RowEdits) -> Row:
    """Make the row of a shape or of a text."""
    return (TextRow if isinstance(entry.what, RegionText) else ShapeRow)(entry, edits)


def header() -> widgets.HBox:
    """Return the titles of the columns."""
    titles = (
        ("For", "Source or background", ROLE_WIDTH),
        ("Use", "Whether the shape adds its pixels or takes them away", USE_WIDTH),
        ("Shape", "Kind of shape", KIND_WIDTH),
        ("RA (J2000)", "Right ascension, in hours or degrees; or both coordinates", PLACE_WIDTH),
        ("Dec (J2000)", "Declination, in degrees", PLACE_WIDTH),
        ("Size [arcsec]", "Sizes; 1.5' is taken for 90", SIZES_WIDTH),
        ("Angle [deg]", "From west towards north, as in DS9", ANGLE_WIDTH),
    )
    return widgets.HBox(
        [_title(*title) for title in titles], layout=widgets.Layout(flex_flow="row nowrap")
    )


def _title(title: str, meaning: str, width: str) -> widgets.HTML:
    bold = f'<b style="white-space:nowrap" title="{html.escape(meaning)}">{title}</b>'
    return widgets.HTML(bold, layout=_wide(width))


def _texts(shape: Any) -> dict[str, str]:
    """Return what stands in the boxes of a shape."""
    if isinstance(shape, SkyPolygon):
        return {"vertices": corners_text(shape)}
    numbers = {field.name: number_text(getattr(shape, field.name)) for field in fields_of(shape)}
    return {"ra_deg": ra_text(shape.ra_deg), "dec_deg": dec_text(shape.dec_deg), **numbers}


def _wide(width: str) -> widgets.Layout:
    return widgets.Layout(width=width, flex="0 0 auto")


def _text(width: str) -> widgets.Text:
    return widgets.Text(continuous_update=False, layout=_wide(width))


def _cell(parts: Sequence[widgets.Widget], width: str) -> widgets.HBox:
    return widgets.HBox(
        parts, layout=widgets.Layout(width=width, flex="0 0 auto", flex_flow="row wrap")
    )
