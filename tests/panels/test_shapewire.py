"""Shapes to the page and back: not a bit is lost, and what was not touched stays as it was."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nustar_widgets.errors import RegionError
from nustar_widgets.events.regionfile import format_region
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
)
from nustar_widgets.panels.images.shapewire import from_wire, to_wire
from nustar_widgets.session.values import ModuleRegions, RegionText
from tests.live.smallfields import grid_at

GRID = grid_at(150.0, 30.0)
RA = st.floats(0.0, 359.999)
DEC = st.floats(-89.0, 89.0)
SIZE = st.floats(0.1, 900.0)
ANGLE = st.floats(-360.0, 360.0)
INCLUDE = st.booleans()
SHAPES = st.one_of(
    st.builds(SkyCircle, RA, DEC, SIZE, INCLUDE),
    st.builds(SkyAnnulus, RA, DEC, SIZE, SIZE, INCLUDE),
    st.builds(SkyEllipse, RA, DEC, SIZE, SIZE, ANGLE, INCLUDE),
    st.builds(SkyEllipticalAnnulus, RA, DEC, SIZE, SIZE, SIZE, SIZE, ANGLE, INCLUDE),
    st.builds(SkyBox, RA, DEC, SIZE, SIZE, ANGLE, INCLUDE),
    st.builds(SkyBoxAnnulus, RA, DEC, SIZE, SIZE, SIZE, SIZE, ANGLE, INCLUDE),
    st.builds(SkyPanda, RA, DEC, ANGLE, ANGLE, SIZE, SIZE, INCLUDE),
    st.builds(SkyPoint, RA, DEC, INCLUDE),
    st.builds(SkyPolygon, st.lists(st.tuples(RA, DEC), min_size=3, max_size=7).map(tuple), INCLUDE),
)
REGIONS = st.lists(SHAPES, min_size=1, max_size=4).map(lambda shapes: SkyRegion(tuple(shapes)))


@given(source=REGIONS, background=REGIONS)
def test_every_shape_comes_back_as_it_was(source: SkyRegion, background: SkyRegion) -> None:
    regions = ModuleRegions(source=source, background=background)
    travelled = json.loads(json.dumps(to_wire(regions, GRID)))
    assert from_wire(travelled, regions, GRID) == regions
    redrawn = from_wire(travelled, ModuleRegions(), GRID)
    assert redrawn.source == source.includes_first()
    assert redrawn.background == background.includes_first()


def test_text_that_was_not_touched_stays_word_for_word() -> None:
    ra, dec = GRID.pixel_to_sky(500.0, 500.0)
    text = RegionText(text=f'fk5\ncircle({ra},{dec},60")  # mine\n', origin="mine.reg")
    regions = ModuleRegions(source=text)
    wires = to_wire(regions, GRID)
    added = [*wires, {**wires[0], "role": "background", "size": [90.0]}]
    after = from_wire(added, regions, GRID)
    assert after.source is text
    assert after.background == SkyRegion((SkyCircle(ra, dec, 90.0),))
    moved = [{**wires[0], "size": [61.0]}]
    assert from_wire(moved, regions, GRID).source == SkyRegion((SkyCircle(ra, dec, 61.0),))


def test_an_exclude_is_a_hole_in_all_of_its_role_whatever_was_drawn_first() -> None:
    hole = {
        "kind": "circle",
        "role": "source",
        "include": False,
        "ra": 1.0,
        "dec": 2.0,
        "size": [9],
    }
    whole = {**hole, "include": True, "size": [60]}
    drawn = from_wire([hole, whole], ModuleRegions(), GRID)
    assert drawn.source == SkyRegion((SkyCircle(1.0, 2.0, 60.0), SkyCircle(1.0, 2.0, 9.0, False)))


def test_no_shape_of_a_role_is_no_region() -> None:
    assert from_wire([], ModuleRegions(source=SkyRegion((SkyPoint(1.0, 2.0),))), GRID) == (
        ModuleRegions()
    )


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "squircle"},
        {"size": []},
        {"size": ["wide"]},
        {"ra": None},
        {"kind": "polygon"},
    ],
)
def test_what_is_no_shape_is_refused(wrong: dict[str, object]) -> None:
    good = {"kind": "circle", "role": "source", "include": True, "ra": 1.0, "dec": 2.0, "size": [9]}
    with pytest.raises(RegionError, match="the page sent a shape that is none") as told:
        from_wire([{**good, **wrong}], ModuleRegions(), GRID)
    assert "undo, and draw it anew" in str(told.value)


def test_not_a_number_travels_and_is_refused_where_it_is_written() -> None:
    wire = {"kind": "circle", "role": "source", "include": True, "ra": 1.0, "dec": 2.0}
    drawn = from_wire([{**wire, "size": [math.nan]}], ModuleRegions(), GRID).source
    assert isinstance(drawn, SkyRegion)
    with pytest.raises(RegionError, match="nan cannot be written to a region file"):
        format_region(drawn)
