"""Shapes, their pixels, and how regions are composed."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nustar_widgets.errors import RegionError
from nustar_widgets.events import regions as r
from nustar_widgets.events.pixeltosky import region_to_sky
from nustar_widgets.events.skygrid import SkyGrid

GRID = SkyGrid(
    nx=200,
    ny=160,
    crpix_x=100.5,
    crpix_y=80.5,
    crval_ra_deg=187.2779,
    crval_dec_deg=-36.5213,
    cdelt_x_deg=-6.828076e-4,
    cdelt_y_deg=6.828076e-4,
)
X, Y = 84, 77


def count(*shapes: r.PixelShape, grid: SkyGrid = GRID) -> int:
    return r.PixelRegion(shapes).mask(grid).n_pixels


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        # Numbers of whole-numbered points, by hand or from Gauss's circle problem.
        (r.PixelCircle(X, Y, 0), 1),
        (r.PixelCircle(X, Y, 1), 5),
        (r.PixelCircle(X, Y, 5), 81),
        (r.PixelCircle(X, Y, 25), 1961),
        (r.PixelAnnulus(X, Y, 5, 5), 12),
        (r.PixelAnnulus(X, Y, 0, 5), 81),
        (r.PixelEllipse(X, Y, 2, 1), 7),
        (r.PixelEllipse(X, Y, 2, 1, 90), 7),
        (r.PixelEllipticalAnnulus(X, Y, 2, 2, 5, 5), 81 - 9),
        (r.PixelBox(X, Y, 20, 20), 441),
        (r.PixelBox(X, Y, 1, 1), 1),
        (r.PixelBoxAnnulus(X, Y, 2, 2, 4, 4), 25 - 9),
        (r.PixelPolygon(((X, Y), (X + 20, Y), (X + 20, Y + 20), (X, Y + 20))), 441),
        (r.PixelPolygon(((X, Y), (X + 4, Y), (X, Y + 4))), 15),
        (r.PixelPoint(X, Y), 1),
        (r.PixelPoint(X + 0.5, Y), 1),
        (r.PixelLine(X, Y, X + 5, Y), 6),
        (r.PixelRectangle(X, Y, X + 3, Y + 2), 12),
        (r.PixelDiamond(X, Y, 4, 4), 13),
        (r.PixelPanda(X, Y, 0, 90, 1, 2), 2 + 1 + 2),
        (r.PixelPanda(X, Y, 0, 360, 0, 2), 3),
    ],
)
def test_edges_belong_to_a_shape(shape: r.PixelShape, expected: int) -> None:
    assert count(shape) == expected


def test_a_concave_polygon_leaves_its_notch_out() -> None:
    notched = r.PixelPolygon(((50, 50), (70, 50), (60, 60), (70, 70), (50, 70)))
    mask = r.PixelRegion((notched,)).mask(GRID).full(GRID)
    assert mask[59, 54]
    assert mask[59, 59]
    assert not mask[59, 61]


def test_a_star_that_crosses_itself_is_hollow() -> None:
    points = [(80 + 30 * math.sin(a), 80 + 30 * math.cos(a)) for a in np.arange(5) * 0.8 * math.pi]
    mask = r.PixelRegion((r.PixelPolygon(tuple(points)),)).mask(GRID).full(GRID)
    assert not mask[79, 79]
    assert mask[79 + 20, 79]


def test_an_exclude_takes_its_pixels_from_the_shapes_before_it() -> None:
    ring = count(r.PixelCircle(X, Y, 10), r.PixelCircle(X, Y, 5, include=False))
    assert ring == count(r.PixelCircle(X, Y, 10)) - 81


def test_an_exclude_does_not_touch_the_shapes_after_it() -> None:
    outer, hole, core = (
        r.PixelCircle(X, Y, 10),
        r.PixelCircle(X, Y, 5, include=False),
        r.PixelCircle(X, Y, 1),
    )
    assert count(outer, hole, core) == count(outer, hole) + 5
    assert count(outer, core, hole) == count(outer, hole)


def test_an_exclude_at_the_start_selects_everything_outside_it() -> None:
    plane = GRID.nx * GRID.ny
    hole = r.PixelCircle(X, Y, 5, include=False)
    assert count(hole) == plane - 81
    assert count(hole, r.PixelCircle(X, Y, 1)) == plane - 81 + 5
    assert count(hole, r.PixelCircle(X, Y, 10)) == plane


def test_what_an_exclude_at_the_start_leaves_is_safe_from_later_excludes() -> None:
    hole = r.PixelCircle(X, Y, 5, include=False)
    later = r.PixelCircle(20, 20, 3, include=False)
    assert count(hole, r.PixelCircle(20, 20, 3), later) == GRID.nx * GRID.ny - 81


def test_shapes_that_overlap_are_counted_once() -> None:
    assert count(r.PixelCircle(X, Y, 5), r.PixelCircle(X, Y, 5)) == 81


def test_shapes_off_the_plane_hold_nothing() -> None:
    assert count(r.PixelCircle(-200, -200, 30)) == 0
    assert count(r.PixelCircle(-200, -200, 30), r.PixelCircle(900, 900, 30)) == 0
    assert count() == 0


def test_shapes_are_cut_at_the_edge_of_the_plane() -> None:
    mask = r.PixelRegion((r.PixelCircle(1, 1, 5),)).mask(GRID)
    assert (mask.y0, mask.x0) == (0, 0)
    assert mask.n_pixels == 5 + 1 + 5 + 15  # the two axes, their crossing, and a quarter


def test_a_mask_is_a_small_window() -> None:
    mask = r.PixelRegion((r.PixelCircle(X, Y, 20),)).mask(GRID)
    assert mask.inside.shape == (41, 41)
    assert (mask.y0, mask.x0) == (Y - 21, X - 21)


def test_a_plane_that_does_not_begin_at_one_shifts_the_window() -> None:
    shifted = dataclasses.replace(GRID, x_min=11, y_min=-4)
    mask = r.PixelRegion((r.PixelCircle(X, Y, 20),)).mask(shifted)
    assert (mask.y0, mask.x0, mask.n_pixels) == (Y - 16, X - 31, count(r.PixelCircle(X, Y, 20)))


def test_a_sky_circle_of_n_pixels_is_n_pixels_wide() -> None:
    ra, dec = GRID.pixel_to_sky(84.3, 77.7)
    circle = r.SkyCircle(ra, dec, 10 * GRID.pixel_arcsec).to_pixel(GRID)
    assert (circle.x, circle.y, circle.radius) == pytest.approx((84.3, 77.7, 10.0), abs=1e-5)


@pytest.mark.parametrize(
    "shape",
    [
        r.SkyEllipse(187.28, -36.52, 60, 30, 20),
        r.SkyBox(187.28, -36.52, 60, 30, 20),
        r.SkyEllipticalAnnulus(187.28, -36.52, 20, 10, 60, 30, 20),
        r.SkyBoxAnnulus(187.28, -36.52, 20, 10, 60, 30, 20),
    ],
)
def test_angles_grow_by_the_rotation_of_the_plane(shape: Any) -> None:
    turned = dataclasses.replace(GRID, rotation_deg=30.0)
    assert shape.to_pixel(turned).angle_deg == pytest.approx(50.0)


def test_the_sign_of_a_shape_goes_with_it_to_pixels() -> None:
    shapes = (
        r.SkyCircle(187.28, -36.52, 30, include=False),
        r.SkyAnnulus(187.28, -36.52, 30, 60, include=False),
        r.SkyPolygon(((187.28, -36.52), (187.3, -36.52), (187.3, -36.5)), include=False),
        r.SkyPoint(187.28, -36.52, include=False),
        r.SkyPanda(187.28, -36.52, 0, 90, 10, 20, include=False),
    )
    assert not any(shape.include for shape in r.SkyRegion(shapes).to_pixel(GRID).shapes)


def test_regions_are_values() -> None:
    region = r.SkyRegion((r.SkyCircle(187.28, -36.52, 30), r.SkyPoint(187.28, -36.52)))
    assert region == r.SkyRegion((r.SkyCircle(187.28, -36.52, 30), r.SkyPoint(187.28, -36.52)))
    assert len({region, region}) == 1
    with pytest.raises(dataclasses.FrozenInstanceError):
        region.shapes = ()  # type: ignore[misc]


def test_a_region_can_be_put_in_order() -> None:
    hole, circle = r.SkyCircle(187.28, -36.52, 5, include=False), r.SkyCircle(187.28, -36.52, 30)
    assert r.SkyRegion((hole, circle)).includes_first() == r.SkyRegion((circle, hole))


halves = st.integers(40, 240).map(lambda n: n / 2)
# Edges lie on pixel centres, or farther off than what the way over the sky moves them (1e-11).
sizes = st.one_of(
    st.integers(1, 40).map(lambda n: n / 2), st.floats(0.1, 20).map(lambda size: round(size, 6))
)
# Not 90 or 180: there the rounding of sine and cosine alone decides about pixels on an edge.
angles = st.sampled_from([0.0, 33.3, -71.9, 128.45])
signs = st.booleans()
pixel_shapes: st.SearchStrategy[r.PixelShape] = st.one_of(
    st.builds(r.PixelCircle, halves, halves, sizes, signs),
    st.builds(r.PixelAnnulus, halves, halves, sizes, sizes, signs),
    st.builds(r.PixelEllipse, halves, halves, sizes, sizes, angles, signs).filter(
        # A turned circle: the rounding of sine and cosine alone decides about pixels on its edge.
        lambda made: made.angle_deg == 0.0 or made.semi_x != made.semi_y
    ),
    st.builds(r.PixelBox, halves, halves, sizes, sizes, angles, signs),
    st.builds(r.PixelBoxAnnulus, halves, halves, sizes, sizes, sizes, sizes, angles, include=signs),
    st.builds(r.PixelPoint, halves.filter(lambda v: v % 1 == 0), halves.map(math.floor), signs),
)


@given(st.lists(pixel_shapes, min_size=1, max_size=4))
def test_pixel_shapes_select_the_same_pixels_from_the_sky(shapes: list[r.PixelShape]) -> None:
    region = r.PixelRegion(tuple(shapes))
    back = region_to_sky(region, GRID).to_pixel(GRID)
    assert back.mask(GRID).same_pixels(region.mask(GRID))


@pytest.mark.parametrize("angle", [0.0, 33.0])
def test_convex_polygons_select_the_same_pixels_from_the_sky(angle: float) -> None:
    turn = math.radians(angle)
    corners = [(X + 10 * math.cos(turn + q), Y + 10 * math.sin(turn + q)) for q in (0, 1.5, 3, 4.5)]
    for vertices in (corners, [(60, 60), (80, 60), (80, 75), (60, 75)]):
        region = r.PixelRegion((r.PixelPolygon(tuple(vertices)),))
        back = region_to_sky(region, GRID).to_pixel(GRID)
        assert back.mask(GRID).same_pixels(region.mask(GRID))


def test_a_shape_without_counterpart_on_the_sky_is_refused() -> None:
    with pytest.raises(RegionError, match="line: this shape has no counterpart on the sky; draw"):
        region_to_sky(r.PixelRegion((r.PixelLine(1, 1, 5, 5),)), GRID)
    twisted = r.PixelEllipticalAnnulus(X, Y, 2, 1, 5, 3, 20.0, 40.0)
    with pytest.raises(RegionError, match="different angles"):
        region_to_sky(r.PixelRegion((twisted,)), GRID)
