"""Regions moved on the sky: as far as asked, in one piece, and back again."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nustar_widgets.errors import RegionError
from nustar_widgets.events import regions as r
from nustar_widgets.events.shifting import centre_of, moved_to, shifted
from nustar_widgets.events.skygrid import SkyGrid

DECLINATIONS = st.one_of(st.floats(-89.9, 89.9), st.sampled_from([-89.9, 89.9, 0.0, -60.0, 45.0]))
ASCENSIONS = st.one_of(
    st.floats(0.0, 360.0, exclude_max=True), st.sampled_from([0.0, 1e-9, 359.9999999])
)
WAYS = st.tuples(st.floats(-60.0, 60.0), st.floats(-60.0, 60.0))


def unit(ra_deg: float, dec_deg: float) -> tuple[float, float, float]:
    ra, dec = math.radians(ra_deg), math.radians(dec_deg)
    return math.cos(dec) * math.cos(ra), math.cos(dec) * math.sin(ra), math.sin(dec)


def apart_deg(one: tuple[float, float], other: tuple[float, float]) -> float:
    chord = math.dist(unit(*one), unit(*other))
    return math.degrees(2.0 * math.asin(min(chord / 2.0, 1.0)))


def shapes_at(ra: float, dec: float) -> list[r.SkyShape]:
    """Every kind of shape, around a place."""
    corners = tuple((ra, dec + step) for step in (0.0, 0.01, -0.01))
    return [
        r.SkyCircle(ra, dec, 30.0),
        r.SkyAnnulus(ra, dec, 30.0, 60.0),
        r.SkyEllipse(ra, dec, 30.0, 20.0, 40.0),
        r.SkyEllipticalAnnulus(ra, dec, 10.0, 20.0, 30.0, 40.0, 50.0),
        r.SkyBox(ra, dec, 30.0, 20.0, 10.0),
        r.SkyBoxAnnulus(ra, dec, 10.0, 20.0, 30.0, 40.0, 50.0),
        r.SkyPanda(ra, dec, 10.0, 70.0, 5.0, 60.0),
        r.SkyPoint(ra, dec),
        r.SkyPolygon(corners),
    ]


def places(region: r.SkyRegion) -> list[tuple[float, float]]:
    found: list[tuple[float, float]] = []
    for shape in region.shapes:
        corners = shape.vertices if isinstance(shape, r.SkyPolygon) else [place_of(shape)]
        found.extend(corners)
    return found


def place_of(shape: Any) -> tuple[float, float]:
    return shape.ra_deg, shape.dec_deg


@st.composite
def regions(draw: st.DrawFn) -> r.SkyRegion:
    """A few shapes of one field, anywhere on the sky."""
    ra, dec = draw(ASCENSIONS), draw(DECLINATIONS)
    first = draw(st.sampled_from(shapes_at(ra, dec)))
    field = r.SkyRegion((r.SkyPoint(ra, dec),))
    others = []
    for east, north in draw(st.lists(st.tuples(*[st.floats(-300, 300)] * 2), max_size=3)):
        place = centre_of(shifted(field, east_arcsec=east, north_arcsec=north))
        shape: Any = draw(st.sampled_from(shapes_at(*place)))
        others.append(replace(shape, include=draw(st.booleans())))
    return r.SkyRegion((first, *others))


@given(regions(), WAYS)
def test_moving_there_and_back_restores_every_place(
    region: r.SkyRegion, way: tuple[float, float]
) -> None:
    there = shifted(region, east_arcsec=way[0], north_arcsec=way[1])
    back = shifted(there, east_arcsec=-way[0], north_arcsec=-way[1])
    for before, after in zip(places(region), places(back), strict=True):
        assert apart_deg(before, after) < 1e-9


@given(regions(), WAYS)
def test_a_move_is_as_long_as_asked_and_right_ascension_stays_within_a_turn(
    region: r.SkyRegion, way: tuple[float, float]
) -> None:
    there = shifted(region, east_arcsec=way[0], north_arcsec=way[1])
    moved = apart_deg(centre_of(region), centre_of(there)) * 3600.0
    assert moved == pytest.approx(math.hypot(*way), abs=1e-5)
    assert all(0.0 <= ra < 360.0 and -90.0 <= dec <= 90.0 for ra, dec in places(there))


@given(regions(), WAYS)
def test_all_shapes_keep_their_distances_sizes_and_signs(
    region: r.SkyRegion, way: tuple[float, float]
) -> None:
    there = shifted(region, east_arcsec=way[0], north_arcsec=way[1])
    before, after = places(region), places(there)
    for old, new in zip(before, after, strict=True):
        assert apart_deg(before[0], old) == pytest.approx(apart_deg(after[0], new), abs=1e-7)
    for old_shape, new_shape in zip(region.shapes, there.shapes, strict=True):
        place: dict[str, Any] = (
            {"vertices": new_shape.vertices}
            if isinstance(new_shape, r.SkyPolygon)
            else dict(zip(("ra_deg", "dec_deg"), place_of(new_shape), strict=True))
        )
        assert replace(old_shape, **place) == new_shape  # type: ignore[type-var]


@given(regions())
def test_no_move_gives_the_same_values(region: r.SkyRegion) -> None:
    assert shifted(region, east_arcsec=0.0, north_arcsec=0.0) is region
    assert shifted(region, east_arcsec=-0.0, north_arcsec=0.0) is region


@given(regions(), WAYS)
def test_a_region_moved_to_a_place_has_its_centre_there(
    region: r.SkyRegion, way: tuple[float, float]
) -> None:
    goal = centre_of(shifted(region, east_arcsec=way[0], north_arcsec=way[1]))
    moved = moved_to(region, ra_deg=goal[0], dec_deg=goal[1])
    assert apart_deg(centre_of(moved), goal) < 1e-7


@settings(max_examples=50)
@given(st.floats(-85.0, 85.0), WAYS)
def test_a_small_move_is_one_by_pixels_of_the_image(dec: float, way: tuple[float, float]) -> None:
    pixel = 6.828076e-4
    grid = SkyGrid(
        nx=1000, ny=1000, crpix_x=500.5, crpix_y=500.5, crval_ra_deg=0.0, crval_dec_deg=dec,
        cdelt_x_deg=-pixel, cdelt_y_deg=pixel,
    )  # fmt: skip
    region = r.SkyRegion((r.SkyCircle(0.0, dec, 30.0),))
    x, y = grid.sky_to_pixel(*centre_of(shifted(region, east_arcsec=way[0], north_arcsec=way[1])))
    # East and north are those half way: the image's own turn by the meridians' running together.
    turn = math.radians(way[0] / 7200.0) * math.tan(math.radians(dec))
    tolerance = abs(turn) * math.hypot(*way) / 3600.0 / pixel + 1e-4
    assert x - 500.5 == pytest.approx(-way[0] / 3600.0 / pixel, abs=tolerance)
    assert y - 500.5 == pytest.approx(way[1] / 3600.0 / pixel, abs=tolerance)


def test_a_region_across_the_meridian_stays_in_one_piece() -> None:
    region = r.SkyRegion((r.SkyPolygon(((359.999, 10.0), (0.001, 10.0), (0.0, 10.002))),))
    assert centre_of(region) == pytest.approx((0.0, 10.000667), abs=1e-6)
    moved = shifted(region, east_arcsec=-7.2, north_arcsec=0.0)
    assert [ra for ra, _ in places(moved)] == pytest.approx(
        [359.996969, 359.998969, 359.997969], abs=2e-5
    )


def test_over_the_pole_is_a_place_too() -> None:
    region = r.SkyRegion((r.SkyCircle(10.0, 89.999, 30.0),))
    moved = shifted(region, east_arcsec=0.0, north_arcsec=7.2)
    assert centre_of(moved) == pytest.approx((190.0, 89.999), abs=1e-6)
    pole = r.SkyRegion((r.SkyCircle(10.0, 90.0, 30.0),))
    beside = shifted(pole, east_arcsec=7.2, north_arcsec=0.0)
    assert apart_deg(centre_of(pole), centre_of(beside)) == pytest.approx(0.002, rel=0.1)


def test_an_empty_region_stays_empty_and_has_no_centre() -> None:
    assert shifted(r.SkyRegion(), east_arcsec=1.0, north_arcsec=1.0) == r.SkyRegion()
    with pytest.raises(RegionError, match=r"it is empty and has no centre; draw a shape first"):
        centre_of(r.SkyRegion())


def test_the_centre_is_that_of_the_first_shape_that_includes() -> None:
    hole = r.SkyCircle(10.0, 20.0, 5.0, include=False)
    assert centre_of(r.SkyRegion((hole, r.SkyCircle(370.5, 21.0, 5.0)))) == (10.5, 21.0)
    assert centre_of(r.SkyRegion((hole,))) == (10.0, 20.0)


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_a_way_that_is_no_number_is_refused(bad: float) -> None:
    with pytest.raises(RegionError, match=r"arcsec east and 1\.0 arcsec north: expected two"):
        shifted(r.SkyRegion((r.SkyPoint(1.0, 2.0),)), east_arcsec=bad, north_arcsec=1.0)


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_places_that_are_no_numbers_stay_for_the_writer_to_refuse(bad: float) -> None:
    region = r.SkyRegion((r.SkyCircle(1.0, 2.0, 3.0), r.SkyCircle(bad, 2.0, 3.0)))
    moved = shifted(region, east_arcsec=1.0, north_arcsec=0.0)
    assert moved.shapes[0] != region.shapes[0]
    assert repr(moved.shapes[1]) == repr(region.shapes[1])
    alone = r.SkyRegion((r.SkyCircle(bad, 2.0, 3.0),))
    assert shifted(alone, east_arcsec=1.0, north_arcsec=0.0) is alone
    with pytest.raises(RegionError, match=r"cannot go to RA 5\.0, Dec 2\.0 deg: expected numbers"):
        moved_to(alone, ra_deg=5.0, dec_deg=2.0)


def test_shapes_on_opposite_sides_of_the_sky_are_refused() -> None:
    region = r.SkyRegion((r.SkyCircle(10.0, 20.0, 5.0), r.SkyCircle(190.0, -20.0, 5.0)))
    with pytest.raises(RegionError, match=r"lies 90 degrees or more from the place of the others"):
        shifted(region, east_arcsec=1.0, north_arcsec=0.0)
