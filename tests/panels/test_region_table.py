"""The regions by numbers, without a browser: boxes are set, the session is looked at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ipywidgets.widgets import widget as registry

from nustar_widgets.errors import RegionError
from nustar_widgets.events.regionlint import kind_of
from nustar_widgets.events.regions import (
    SkyAnnulus,
    SkyBox,
    SkyBoxAnnulus,
    SkyCircle,
    SkyEllipse,
    SkyEllipticalAnnulus,
    SkyPanda,
    SkyPoint,
    SkyPolygon,
    SkyRegion,
    SkyShape,
)
from nustar_widgets.events.shifting import shifted
from nustar_widgets.events.skygrid import SkyGrid
from nustar_widgets.panels.regions.regiontable import RegionTable
from nustar_widgets.panels.regions.shapefields import fields_of, number_text
from nustar_widgets.panels.regions.shapelist import NEW_SIZE_ARCSEC, entries, new_shape, with_added
from nustar_widgets.panels.regions.shaperow import ShapeRow, TextRow
from nustar_widgets.panels.regions.skytext import dec_text, ra_text, read_both, read_dec, read_ra
from nustar_widgets.session.session import Session
from nustar_widgets.session.values import ModuleRegions, Regions, RegionText
from tests.panels.regionpanels import MIDDLE, PartPanel, both, plane, region

THIRD = 100.0 / 3.0
CIRCLE = SkyCircle(321.93753, 56.943329, THIRD)
BOX = SkyBox(321.8, 56.9, 100.0, 50.0, 30.0)
CORNERS = ((321.9, 56.900001), (321.8, 56.900002), (321.8, 57.000003))
KINDS: tuple[SkyShape, ...] = (
    CIRCLE,
    SkyAnnulus(*MIDDLE, 50.0, 100.0),
    SkyEllipse(*MIDDLE, 50.0, 25.0, 30.0),
    SkyEllipticalAnnulus(*MIDDLE, 20.0, 10.0, 50.0, 25.0, 30.0),
    BOX,
    SkyBoxAnnulus(*MIDDLE, 20.0, 10.0, 50.0, 25.0, 30.0),
    SkyPanda(*MIDDLE, 10.0, 100.0, 50.0, 100.0),
    SkyPoint(*MIDDLE),
    SkyPolygon(CORNERS),
)


class Bench:
    """A session with its table."""

    def __init__(
        self, regions: Regions, grid: Callable[[str], SkyGrid | None] = lambda _: plane()
    ) -> None:
        self.session = Session(regions=regions)
        self.panel = PartPanel(
            self.session, lambda panel: RegionTable(panel, place=lambda: MIDDLE, grid=grid)
        )

    @property
    def table(self) -> RegionTable:
        table: RegionTable = self.panel.part
        return table

    def row(self, at: int) -> ShapeRow:
        row = self.table.rows[at]
        assert isinstance(row, ShapeRow)
        return row

    def text_row(self) -> TextRow:
        (row,) = (row for row in self.table.rows if isinstance(row, TextRow))
        return row

    def type(self, at: int, name: str, text: str) -> None:
        self.row(at).boxes[name].value = text

    def shapes(self, role: str = "source", module: str = "FPMA") -> tuple[SkyShape, ...]:
        found = getattr(self.session.regions.of(module), role)
        return () if found is None else found.shapes

    @property
    def says(self) -> str:
        return self.panel.strip.text


def bench(*source: SkyShape, background: tuple[SkyShape, ...] = (), **how: Any) -> Bench:
    return Bench(both(region(*source), region(*background), **how))


# -- what is shown ------------------------------------------------------------------------


def test_each_kind_of_shape_has_a_box_for_each_of_its_numbers() -> None:
    made = bench(*KINDS)
    for row, shape in zip(made.table.rows, KINDS, strict=True):
        assert isinstance(row, ShapeRow)
        numbers = {name for name in shape.__dataclass_fields__ if name != "include"}  # type: ignore[attr-defined]
        assert set(row.boxes) == numbers
        assert kind_of(shape) in row.kind.value


def test_a_polygon_tells_how_many_corners_it_has() -> None:
    assert "3 corners" in bench(SkyPolygon(CORNERS)).row(0).kind.value


def test_positions_are_sexagesimal_to_a_hundredth_of_a_second_and_a_tenth_of_an_arcsec() -> None:
    boxes = bench(CIRCLE).row(0).boxes
    assert (boxes["ra_deg"].value, boxes["dec_deg"].value) == ("21:27:45.01", "+56:56:36.0")


def test_every_box_names_its_number_and_unit_for_those_who_cannot_see_the_column() -> None:
    row = bench(BOX).row(0)
    told = {name: box.description for name, box in row.boxes.items()}
    assert told["ra_deg"] == "Source 1: right ascension"
    assert told["width_arcsec"] == (
        "Source 1: width along west before it is turned by the angle [arcsec]"
    )
    assert told["angle_deg"] == "Source 1: angle, turned from west towards north [deg], as in DS9"


def test_without_regions_the_table_says_what_to_do() -> None:
    table = bench().table
    assert table.list.children == (table.nothing,)


@pytest.mark.parametrize(
    ("ra_deg", "dec_deg", "shown"),
    [
        (0.0, 0.0, ("00:00:00.00", "+00:00:00.0")),
        (359.99999999, -0.00001, ("00:00:00.00", "-00:00:00.0")),
        (187.5, -12.9999999, ("12:30:00.00", "-13:00:00.0")),
        (15.0, 90.0, ("01:00:00.00", "+90:00:00.0")),
    ],
)
def test_seconds_are_never_sixty(ra_deg: float, dec_deg: float, shown: tuple[str, str]) -> None:
    assert (ra_text(ra_deg), dec_text(dec_deg)) == shown


@given(st.floats(0.0, 359.999), st.floats(-90.0, 90.0))
def test_a_position_that_is_shown_is_read_back_to_its_last_digit(ra: float, dec: float) -> None:
    # 0.01 s of time is 0.15 arcsec; half of the last digit, and rounding.
    assert abs(read_ra(ra_text(ra)) - ra) * 3600.0 <= 0.0751
    assert abs(read_dec(dec_text(dec)) - dec) * 3600.0 <= 0.0501


# -- typing -------------------------------------------------------------------------------


def test_a_number_typed_is_one_step_of_both_modules_and_can_be_taken_back() -> None:
    made = bench(CIRCLE)
    made.type(0, "radius_arcsec", "45")
    for module in ("FPMA", "FPMB"):
        assert made.shapes(module=module) == (replace(CIRCLE, radius_arcsec=45.0),)
    assert made.session.undo() == "set radius of source"
    assert made.row(0).boxes["radius_arcsec"].value == number_text(THIRD)
    assert not made.session.can_undo


@pytest.mark.parametrize(
    ("typed", "ra_deg"),
    [
        ("21:27:30", 321.875),
        ("21h27m30.0s", 321.875),
        ("21 27 30", 321.875),
        ("321.875", 321.875),
        ("321.875d", 321.875),
        ("21.5h", 322.5),
    ],
)
def test_right_ascension_may_be_typed_in_any_usual_form(typed: str, ra_deg: float) -> None:
    made = bench(CIRCLE)
    made.type(0, "ra_deg", typed)
    shape: Any = made.shapes()[0]
    assert shape == replace(CIRCLE, ra_deg=shape.ra_deg)
    assert shape.ra_deg == pytest.approx(ra_deg, abs=1e-12)
    assert made.row(0).boxes["ra_deg"].value == ra_text(ra_deg)


@pytest.mark.parametrize(
    ("typed", "dec_deg"),
    [("+57:00:00", 57.0), ("57d00m36s", 57.01), ("-12 30 00", -12.5), ("−5.25", -5.25)],
)
def test_declination_may_be_typed_in_any_usual_form(typed: str, dec_deg: float) -> None:
    made = bench(CIRCLE)
    made.type(0, "dec_deg", typed)
    shape: Any = made.shapes()[0]
    assert shape == replace(CIRCLE, dec_deg=shape.dec_deg)
    assert shape.dec_deg == pytest.approx(dec_deg, abs=1e-12)


def test_a_whole_position_pasted_into_one_box_is_taken_whole() -> None:
    made = bench(CIRCLE)
    made.type(0, "ra_deg", "21:27:30.0 -56:00:00")
    assert made.shapes() == (SkyCircle(321.875, -56.0, THIRD),)


@pytest.mark.parametrize(
    ("typed", "arcsec"), [("45", 45.0), ('45"', 45.0), ("1.5'", 90.0), ("0.01d", 36.0)]
)
def test_sizes_may_have_a_unit(typed: str, arcsec: float) -> None:
    made = bench(CIRCLE)
    made.type(0, "radius_arcsec", typed)
    shape: Any = made.shapes()[0]
    assert shape == replace(CIRCLE, radius_arcsec=shape.radius_arcsec)
    assert shape.radius_arcsec == pytest.approx(arcsec)


def test_what_was_not_touched_keeps_every_digit() -> None:
    polygon = SkyPolygon(CORNERS)
    made = bench(CIRCLE, polygon)
    made.type(0, "dec_deg", "57")
    made.type(1, "vertices", made.row(1).boxes["vertices"].value + "\n21:27:00 +57:00:00")
    circle, changed = made.shapes()
    assert circle == replace(CIRCLE, dec_deg=57.0)
    assert isinstance(changed, SkyPolygon)
    assert changed.vertices[:3] == CORNERS
    assert changed.vertices[3] == pytest.approx((321.75, 57.0))


@pytest.mark.parametrize(
    ("name", "typed"),
    [("radius_arcsec", '33.3333"'), ("ra_deg", "21h27m45.01s"), ("dec_deg", "56 56 36.0")],
)
def test_what_is_shown_typed_again_changes_nothing(name: str, typed: str) -> None:
    made = bench(CIRCLE)
    shown = made.row(0).boxes[name].value
    made.type(0, name, typed)
    assert made.shapes() == (CIRCLE,)
    assert not made.session.can_undo
    assert made.row(0).boxes[name].value == shown


@settings(max_examples=40)
@given(st.floats(0.01, 3000.0), st.floats(0.0, 359.999), st.floats(-89.0, 89.0))
def test_typing_what_is_shown_never_changes_a_shape(radius: float, ra: float, dec: float) -> None:
    circle = SkyCircle(ra, dec, radius)
    made = bench(circle)
    for name in ("ra_deg", "dec_deg", "radius_arcsec"):
        made.type(0, name, f" {made.row(0).boxes[name].value} ")
    assert made.shapes() == (circle,)
    made.panel.close()


# -- what cannot be typed -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("shape", "name", "typed", "says"),
    [
        (CIRCLE, "radius_arcsec", "wide",
         "radius of source 1: 'wide': expected a size above 0 up to 3600 arcsec, as 60 or 1.5'"),
        (CIRCLE, "radius_arcsec", "0", "radius of source 1: '0': expected a size above 0"),
        (CIRCLE, "radius_arcsec", "-5", "radius of source 1: '-5': expected a size above 0"),
        (CIRCLE, "radius_arcsec", "nan", "radius of source 1: 'nan': expected a size above 0"),
        (CIRCLE, "radius_arcsec", "20p", "radius of source 1: '20p': expected a size above 0"),
        (CIRCLE, "radius_arcsec", "1e9", "up to 3600 arcsec"),
        (CIRCLE, "ra_deg", "25:00:00",
         "right ascension of source 1: '25:00:00': expected right ascension as 21:27:45.00 or "
         "21h27m45s, or in degrees from 0 to below 360, as 321.94"),
        (CIRCLE, "ra_deg", "", "right ascension of source 1: '': expected right ascension as"),
        (CIRCLE, "ra_deg", "nan", "right ascension of source 1: 'nan': expected"),
        (CIRCLE, "dec_deg", "91",
         "declination of source 1: '91': expected declination as +56:56:36.0 or +56d56m36s, or in "
         "degrees from -90 to 90, as 56.94"),
        (CIRCLE, "ra_deg", "21:27:45 +91:00:00", "expected right ascension and declination, as"),
        (BOX, "angle_deg", "steep",
         "angle of source 1: 'steep': expected degrees from -360 to 360, as 30"),
        (BOX, "angle_deg", "inf", "angle of source 1: 'inf': expected degrees from -360 to 360"),
        (KINDS[1], "inner_radius_arcsec", "100",
         "inner radius of source 1: 100: expected less than the outer one, 100 arcsec"),
        (KINDS[1], "outer_radius_arcsec", "40",
         "outer radius of source 1: 40: expected more than the inner one, 50 arcsec"),
        (SkyPolygon(CORNERS), "vertices", "21:27:45 +56:56:36",
         "corners of source 1: 1 given: expected three or more, one a line"),
        (SkyPolygon(CORNERS), "vertices", "321.9,56.9\n321.8,56.9\nhere",
         "corners of source 1: line 3: 'here': expected right ascension and declination"),
    ],
)  # fmt: skip
def test_a_number_that_is_none_is_told_and_the_box_goes_back(
    shape: SkyShape, name: str, typed: str, says: str
) -> None:
    made = bench(shape)
    box = made.row(0).boxes[name]
    shown = box.value
    box.value = typed
    assert says in made.says
    assert 'role="alert"' in made.panel.strip.value
    assert box.value == shown
    assert made.shapes() == (shape,)
    assert not made.session.can_undo


def test_a_good_number_takes_the_complaint_away() -> None:
    made = bench(CIRCLE)
    made.type(0, "radius_arcsec", "wide")
    made.type(0, "radius_arcsec", "50")
    assert made.says == ""


def test_the_inner_edge_of_a_ring_may_be_nothing() -> None:
    made = bench(SkyAnnulus(*MIDDLE, 50.0, 100.0))
    made.type(0, "inner_radius_arcsec", "0")
    assert made.shapes() == (SkyAnnulus(*MIDDLE, 0.0, 100.0),)


def test_hostile_text_is_shown_as_text() -> None:
    made = bench(CIRCLE)
    made.type(0, "ra_deg", "<script>alert(1)</script>")
    assert "<script" not in made.panel.strip.value
    text = RegionText(text="fk5\n", origin="<script>alert(1)</script>")
    assert "<script" not in Bench(both(text)).text_row().words.value


# -- shapes come, go and change their part ------------------------------------------------


@pytest.mark.parametrize("kind", NEW_SIZE_ARCSEC)
def test_a_shape_is_added_in_the_middle_of_the_view(kind: str) -> None:
    made = bench()
    made.table.kind.value = kind
    made.table.add_button.click()
    (shape,) = made.shapes()
    assert kind_of(shape) == kind
    centre = plane().sky_to_pixel(*MIDDLE)
    pixels = SkyRegion((shape,)).to_pixel(plane()).mask(plane())
    rows, columns = pixels.full(plane()).nonzero()
    assert (columns.mean() + 1.0, rows.mean() + 1.0) == pytest.approx(centre, abs=0.6)
    assert made.session.undo_label == f"add {kind} to source"


def test_an_exclude_is_added_as_such() -> None:
    made = bench(CIRCLE)
    made.table.role.value = "exclude from source"
    made.table.add_button.click()
    assert [shape.include for shape in made.shapes()] == [True, False]
    assert made.session.undo_label == "exclude circle from source"


def test_the_table_tells_kinds_it_cannot_make() -> None:
    with pytest.raises(RegionError, match="kind 'star': expected one of circle, annulus, ellipse"):
        new_shape("star", MIDDLE, 60.0)


def test_an_include_goes_before_the_excludes_so_that_they_act_on_it() -> None:
    hole = replace(CIRCLE, include=False)
    regions = ModuleRegions(source=SkyRegion((CIRCLE, hole)))
    added = with_added(regions, "source", BOX).source
    assert isinstance(added, SkyRegion)
    assert added.shapes == (CIRCLE, BOX, hole)


def test_a_shape_is_deleted_and_with_the_last_one_the_region() -> None:
    made = bench(CIRCLE, BOX)
    made.row(0).delete.click()
    assert made.shapes() == (BOX,)
    assert made.session.undo_label == "delete circle of source"
    made.row(0).delete.click()
    assert made.session.regions.fpma.source is None
    assert made.session.regions.fpmb.source is None


def test_a_copy_lies_beside_its_shape() -> None:
    made = bench(BOX)
    made.row(0).copy.click()
    old, new = made.shapes()
    assert old == BOX
    moved = shifted(SkyRegion((BOX,)), east_arcsec=-20.0, north_arcsec=-20.0)
    assert (new,) == moved.shapes
    assert made.session.undo_label == "duplicate box of source"


def test_a_shape_becomes_background_and_source_again() -> None:
    made = bench(CIRCLE, BOX)
    made.row(1).role.value = "background"
    assert (made.shapes(), made.shapes("background")) == ((CIRCLE,), (BOX,))
    assert made.session.undo_label == "make box background"
    assert [row.entry.words for row in made.table.rows] == ["source 1", "background 1"]
    made.row(1).role.value = "source"
    assert (made.shapes(), made.shapes("background")) == ((CIRCLE, BOX), ())


def test_a_shape_excludes_and_includes_again() -> None:
    made = bench(CIRCLE, BOX)
    made.row(0).use.value = False
    assert made.shapes() == (BOX, replace(CIRCLE, include=False))
    assert made.session.undo_label == "exclude circle from source"
    made.row(1).use.value = True
    assert made.shapes() == (BOX, CIRCLE)
    assert made.session.undo_label == "include circle in source"


# -- rows stay ----------------------------------------------------------------------------


def test_rows_stay_while_only_numbers_change() -> None:
    made = bench(CIRCLE, BOX, background=(SkyPolygon(CORNERS),))
    rows, shown = made.table.rows, made.table.list.children
    moved = SkyPolygon((*CORNERS, (321.9, 57.1)))
    made.session.edit("elsewhere", regions=both(region(CIRCLE, BOX), region(moved)))
    made.type(0, "radius_arcsec", "50")
    assert made.table.rows == rows
    assert made.table.list.children is shown
    assert made.row(2).boxes["vertices"].value.count("\n") == 3


def test_rows_above_a_new_shape_stay() -> None:
    made = bench(CIRCLE, BOX)
    rows = made.table.rows
    made.table.add("circle", "background")
    assert made.table.rows[:2] == rows


def test_rows_that_are_not_needed_any_more_leave_nothing_behind() -> None:
    made = bench(CIRCLE)
    before = set(registry._instances)
    for kind in NEW_SIZE_ARCSEC:
        made.table.add(kind, "background")
    while len(made.table.rows) > 1:
        made.row(1).delete.click()
    assert set(registry._instances) == before


def test_regions_under_the_hand_are_shown_and_change_nothing() -> None:
    made = bench(CIRCLE)
    made.table.show(both(region(replace(CIRCLE, radius_arcsec=77.0))))
    assert made.row(0).boxes["radius_arcsec"].value == "77"
    assert not made.session.can_undo


# -- modules ------------------------------------------------------------------------------


def test_linked_modules_have_one_list_and_the_other_follows_by_the_offset() -> None:
    made = bench(CIRCLE)
    links = made.table.links
    assert links.which.layout.display == "none"
    links.east.value = "5"
    assert made.session.undo_label == "set offset east"
    assert made.session.regions.offset_arcsec == (5.0, 0.0)
    beside = shifted(SkyRegion((CIRCLE,)), east_arcsec=5.0, north_arcsec=0.0)
    assert made.shapes(module="FPMB") == beside.shapes
    assert made.shapes() == (CIRCLE,)
    made.type(0, "radius_arcsec", "50")
    moved: Any = beside.shapes[0]
    assert made.shapes(module="FPMB") == (replace(moved, radius_arcsec=50.0),)


EDITS: dict[str, Callable[[Bench, int], None]] = {
    "ra": lambda made, at: made.type(at, "ra_deg", f"321.{at + 5}"),
    "dec": lambda made, at: made.type(at, "dec_deg", f"56.{at + 85}"),
    "use": lambda made, at: setattr(made.row(at).use, "value", not made.row(at).use.value),
    "role": lambda made, at: setattr(made.row(at).role, "value", "background"),
    "copy": lambda made, at: made.row(at).copy.click(),
    "delete": lambda made, at: made.row(at).delete.click(),
    "add": lambda made, _: made.table.add("annulus", "source"),
    "offset": lambda made, at: setattr(made.table.links.east, "value", f"{at + 0.5}"),
}


@settings(max_examples=20)  # each makes a table of widgets
@given(st.lists(st.tuples(st.sampled_from(sorted(EDITS)), st.integers(0, 9)), max_size=8))
def test_whatever_is_edited_linked_modules_agree_and_undo_restores_every_bit(
    edits: list[tuple[str, int]],
) -> None:
    start = both(region(CIRCLE, BOX), region(KINDS[1]))
    made = Bench(start)
    for name, at in edits:
        if made.table.rows:
            EDITS[name](made, at % len(made.table.rows))
    regions = made.session.regions
    east, north = regions.offset_arcsec
    for role in ("source", "background"):
        mine, theirs = getattr(regions.fpma, role), getattr(regions.fpmb, role)
        moved = None if mine is None else shifted(mine, east_arcsec=east, north_arcsec=north)
        assert theirs == moved
    while made.session.undo():
        pass
    assert made.session.regions == start
    made.panel.close()


def test_an_offset_that_is_none_is_told_and_the_box_goes_back() -> None:
    made = bench(CIRCLE, offset_arcsec=(3.0, -2.0))
    links = made.table.links
    links.north.value = "up"
    assert made.says == "offset north: 'up': expected arcsec from -300 to 300, as 4.5"
    assert (links.east.value, links.north.value) == ("3", "-2")
    links.east.value = "1e5"
    assert "offset east: '1e5': expected arcsec" in made.says
    assert made.session.regions.offset_arcsec == (3.0, -2.0)


def test_unlinked_modules_have_a_list_each() -> None:
    made = bench(CIRCLE)
    made.table.links.linked.value = False
    assert made.session.undo_label == "unlink the modules"
    assert made.table.links.which.layout.display is None
    made.table.links.which.value = "FPMB"
    made.type(0, "radius_arcsec", "50")
    assert made.shapes() == (CIRCLE,)
    assert made.shapes(module="FPMB") == (replace(CIRCLE, radius_arcsec=50.0),)


def test_linking_again_takes_the_listed_module_for_both() -> None:
    made = Bench(
        Regions(
            fpma=ModuleRegions(source=region(CIRCLE)),
            fpmb=ModuleRegions(source=region(BOX)),
            linked=False,
        )
    )
    made.table.links.which.value = "FPMB"
    made.table.links.linked.value = True
    assert made.session.undo_label == "link the modules"
    assert made.shapes() == made.shapes(module="FPMB") == (BOX,)


def test_with_one_module_in_use_its_list_is_shown_without_a_switch() -> None:
    made = bench(CIRCLE)
    made.session.edit("one module", modules=("FPMB",))
    made.table.refresh()
    assert made.table.module == "FPMB"
    assert made.table.links.linked.layout.display == "none"


# -- regions kept word for word -----------------------------------------------------------

SOUND = 'fk5\ncircle(321.9375,56.9433,60")\n'
TRAP = 'circle(321.9375,56.9433,60")\n'  # no frame: degrees are pixels to HEASoft


def test_a_text_is_named_by_its_origin_and_made_editable_by_a_button() -> None:
    made = Bench(both(RegionText(text=SOUND, origin="old.reg")))
    row = made.text_row()
    assert row.words.value == "<b>Source</b>: kept word for word from old.reg"
    row.edit.click()
    assert made.shapes() == made.shapes(module="FPMB") == (SkyCircle(*MIDDLE, 60.0),)
    assert made.session.undo_label == "make source editable"
    assert "old.reg: read as 1 shape, " in made.says
    assert made.says.endswith("sky pixels, those HEASoft selects with the file")


def test_a_text_heasoft_reads_otherwise_is_refused_with_the_reason_and_an_offer() -> None:
    made = Bench(both(RegionText(text=TRAP, origin="old.reg")))
    row = made.text_row()
    assert row.anyway.layout.display == "none"
    row.edit.click()
    assert "there is no fk5 line, so HEASoft takes the degrees as sky pixels" in made.says
    assert "Put a line fk5 before the shapes" in made.says
    assert not made.session.can_undo
    assert row.anyway.layout.display is None
    row.anyway.click()
    assert made.shapes() == (SkyCircle(*MIDDLE, 60.0),)
    assert "with the file HEASoft selects" in made.says


def test_a_text_that_cannot_be_read_is_told_with_its_line_and_stays() -> None:
    text = RegionText(text="fk5\ncircle(1,2)\n", origin="old.reg")
    made = Bench(both(text))
    made.text_row().edit.click()
    assert "region file, line 2: 'circle(1,2)': circle cannot have 2 parameters" in made.says
    assert made.session.regions.fpma.source == text


def test_without_an_event_list_a_text_cannot_be_read() -> None:
    made = Bench(both(RegionText(text=SOUND)), grid=lambda _: None)
    made.text_row().edit.click()
    assert made.says == (
        "FPMA: expected an open event list, because a region file is read on its sky plane; open "
        "an observation first"
    )


def test_nothing_is_added_to_a_text_unless_it_is_made_editable() -> None:
    made = Bench(both(RegionText(text=SOUND)))
    made.table.add_button.click()
    assert made.says == (
        "source: this region is kept word for word: expected one drawn here; make it editable "
        "first, or remove it"
    )
    made.text_row().delete.click()
    assert made.session.regions.fpma.source is None
    assert made.session.undo_label == "delete region of source"


# -- the pieces ---------------------------------------------------------------------------


def test_the_list_of_a_module_begins_with_its_sources() -> None:
    found = entries(ModuleRegions(source=region(CIRCLE, BOX), background=region(BOX)))
    assert [entry.words for entry in found] == ["source 1", "source 2", "background 1"]


def test_every_number_of_every_shape_can_be_typed() -> None:
    for shape in KINDS:
        named = {field.name for field in fields_of(shape)}
        numbers = {
            name
            for name in shape.__dataclass_fields__  # type: ignore[attr-defined]
            if name.endswith(("_arcsec", "_deg")) and name not in ("ra_deg", "dec_deg")
        }
        assert named == numbers


@pytest.mark.parametrize("text", ["21:27:45", "321.9", "-5.5", "21h27m45s", "1e-3", "+56d56m36s"])
def test_one_coordinate_is_not_taken_for_two(text: str) -> None:
    assert read_both(text) is None
