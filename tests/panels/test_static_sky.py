"""The still picture of the sky, without a browser: image, frame and outlines as they are sent."""

from __future__ import annotations

import struct
import zlib
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ipywidgets.widgets import widget as registry

from nustar_widgets.errors import RegionError
from nustar_widgets.events.regions import (
    PixelBoxPanda,
    SkyAnnulus,
    SkyBox,
    SkyBoxAnnulus,
    SkyCircle,
    SkyEllipse,
    SkyEllipticalAnnulus,
    SkyPanda,
    SkyPoint,
    SkyPolygon,
    SkyShape,
)
from nustar_widgets.panels.closing import close_tree
from nustar_widgets.panels.images.outlines import outlines_of
from nustar_widgets.panels.images.skypng import log_levels, palette_png
from nustar_widgets.panels.images.skyticks import dec_ticks, ra_ticks
from nustar_widgets.panels.images.staticsky import StaticSky
from nustar_widgets.session.values import Regions, RegionText
from tests.panels.regionpanels import MIDDLE, both, plane, region

CIRCLE = SkyCircle(*MIDDLE, 60.0)
HOLE = SkyCircle(*MIDDLE, 10.0, include=False)
CORNERS = ((321.9, 56.9), (321.8, 56.9), (321.8, 57.0))


@pytest.fixture
def sky() -> StaticSky:
    made = StaticSky()
    counts = np.zeros((200, 300), dtype=np.int64)
    counts[99, 199] = 7
    made.show_image("FPMA", counts, grid=plane(), x0=401, y0=301)
    return made


def pixels(png: bytes) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """Return the levels of a palette PNG, upper row first, read by the standard's rules."""
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    at, chunks = 8, {}
    while at < len(png):
        size, name = struct.unpack(">I4s", png[at : at + 8])
        data = png[at + 8 : at + 8 + size]
        (check,) = struct.unpack(">I", png[at + 8 + size : at + 12 + size])
        assert check == zlib.crc32(name + data)
        chunks[name], at = data, at + 12 + size
    width, height, *kind = struct.unpack(">IIBBBBB", chunks[b"IHDR"])
    assert kind == [8, 3, 0, 0, 0]
    assert len(chunks[b"PLTE"]) == 3 * 256
    rows = np.frombuffer(zlib.decompress(chunks[b"IDAT"]), dtype=np.uint8)
    rows = rows.reshape(height, width + 1)
    assert not rows[:, 0].any()
    return rows[:, 1:]


def test_a_picture_is_the_image_with_north_up() -> None:
    levels = np.arange(12, dtype=np.uint8).reshape(3, 4)
    assert np.array_equal(pixels(palette_png(levels)), levels[::-1])


def test_another_reader_sees_the_same_picture() -> None:
    import io

    from PIL import Image

    levels = np.array([[0, 128], [255, 0]], dtype=np.uint8)
    read = np.asarray(Image.open(io.BytesIO(palette_png(levels))).convert("RGB"), dtype=int)
    light = read.sum(axis=2)
    assert light[0, 0] > light[1, 1] > light[0, 1] == light[1, 0]


def test_colours_follow_the_logarithm_of_the_counts() -> None:
    levels = log_levels(np.array([[0, 1], [3, 7], [-2, 0]]))
    assert levels.tolist() == [[0, 85], [170, 255], [0, 0]]
    assert not log_levels(np.zeros((2, 2), dtype=np.int64)).any()
    assert log_levels(np.zeros((0, 0), dtype=np.int64)).size == 0


def test_the_image_lies_where_its_window_lies_on_the_plane(sky: StaticSky) -> None:
    assert sky.image.x.tolist() == [400.5, 700.5]
    assert sky.image.y.tolist() == [300.5, 500.5]
    levels = pixels(bytes(sky.image.image.value))
    assert levels.shape == (200, 300)
    assert np.argwhere(levels == 255).tolist() == [[200 - 1 - 99, 199]]
    assert "brightest pixel: 7 counts" in sky.note.value


def test_the_frame_is_square_and_holds_the_whole_window(sky: StaticSky) -> None:
    scales = sky.image.scales
    x, y = scales["x"], scales["y"]
    assert x.max - x.min == y.max - y.min == 300.0
    assert (x.min, x.max) == (400.5, 700.5)
    assert (y.min, y.max) == (250.5, 550.5)


def test_ticks_stand_at_round_positions_and_are_found_by_their_value(sky: StaticSky) -> None:
    for axis, mark in ((sky.ra_axis, "h"), (sky.dec_axis, "°")):
        assert len(axis.tick_values) >= 2
        # JavaScript writes 412.0 as 412 and 412.25 as 412.25; labels are looked up by that.
        names = [
            str(int(value)) if value == int(value) else repr(float(value))
            for value in axis.tick_values
        ]
        assert list(axis.tick_labels) == names
        assert all(mark in label for label in axis.tick_labels.values())


def test_the_other_module_has_a_picture_of_its_own(sky: StaticSky) -> None:
    sky.module.value = "FPMB"
    assert "FPMB: no image yet; open an observation" in sky.note.value
    assert sky.image not in [mark for figure in sky._place.children for mark in figure.marks]
    sky.show_image("FPMB", np.zeros((10, 10), dtype=np.int64), grid=plane(), x0=1, y0=1)
    assert "FPMB: no event in this image; choose another band" in sky.note.value
    assert sky.image.x.tolist() == [0.5, 10.5]
    sky.module.value = "FPMA"
    assert sky.image.x.tolist() == [400.5, 700.5]


def test_an_empty_image_takes_the_picture_away(sky: StaticSky) -> None:
    sky.show_image("FPMA", np.zeros((0, 0), dtype=np.int64), grid=plane(), x0=1, y0=1)
    assert "no image yet" in sky.note.value
    assert sky._place.children == ()


def lines(sky: StaticSky) -> dict[str, int]:
    """Return how many lines are drawn of each sort."""
    return {
        name: int(np.count_nonzero(np.diff(np.isfinite(mark.x).astype(int)) == -1))
        for name, mark in sky.lines.items()
    }


def test_what_is_no_number_in_an_image_counts_as_nothing(sky: StaticSky) -> None:
    counts = np.array([[np.nan, np.inf], [3.0, -1.0]])
    sky.show_image("FPMA", counts, grid=plane(), x0=1, y0=1)
    assert pixels(bytes(sky.image.image.value)).tolist() == [[255, 0], [0, 0]]
    assert "brightest pixel: 3 counts" in sky.note.value


def test_source_background_and_excludes_are_drawn_apart(sky: StaticSky) -> None:
    background = region(SkyAnnulus(*MIDDLE, 100.0, 150.0), HOLE)
    sky.show_regions(both(region(CIRCLE), background))
    assert lines(sky) == {"source": 1, "background": 2, "exclude": 1}
    sky.show_regions(Regions())
    assert lines(sky) == {"source": 0, "background": 0, "exclude": 0}


def test_a_circle_is_drawn_where_it_is_counted(sky: StaticSky) -> None:
    sky.show_regions(both(region(CIRCLE)))
    mark, pixel = sky.lines["source"], CIRCLE.to_pixel(plane())
    x, y = mark.x[np.isfinite(mark.x)], mark.y[np.isfinite(mark.y)]
    assert np.hypot(x - pixel.x, y - pixel.y) == pytest.approx(pixel.radius)


def test_what_is_kept_word_for_word_is_drawn_as_heasoft_reads_it(sky: StaticSky) -> None:
    sky.show_regions(both(RegionText(text='fk5\ncircle(321.9375,56.9433,60")\n')))
    assert lines(sky)["source"] == 1
    sky.show_regions(both(RegionText(text="nonsense\n")))
    assert lines(sky)["source"] == 0
    assert "source: HEASoft does not read the file; nothing is drawn" in sky.note.value


def test_a_region_on_another_part_of_the_sky_is_told_and_the_others_are_drawn(
    sky: StaticSky,
) -> None:
    sky.show_regions(both(region(SkyCircle(141.9, -56.9, 60.0)), region(CIRCLE)))
    assert lines(sky) == {"source": 0, "background": 1, "exclude": 0}
    assert "source: position RA" in sky.note.value


def test_another_picture_leaves_nothing_of_the_one_before(sky: StaticSky) -> None:
    before = len(registry._instances)
    for level in range(5):
        sky.show_image("FPMA", np.full((9, 9), level), grid=plane(), x0=1, y0=1)
        sky.module.value = "FPMB"
        sky.module.value = "FPMA"
    assert len(registry._instances) == before


def test_closing_leaves_nothing() -> None:
    before = set(registry._instances)
    sky = StaticSky()
    sky.show_image("FPMA", np.ones((9, 9), dtype=np.int64), grid=plane(), x0=1, y0=1)
    close_tree(sky)
    assert set(registry._instances) == before


SHAPES: tuple[SkyShape, ...] = (
    CIRCLE,
    SkyAnnulus(*MIDDLE, 50.0, 100.0),
    SkyEllipse(*MIDDLE, 100.0, 50.0, 30.0),
    SkyEllipticalAnnulus(*MIDDLE, 40.0, 20.0, 100.0, 50.0, 30.0),
    SkyBox(*MIDDLE, 200.0, 100.0, 30.0),
    SkyBoxAnnulus(*MIDDLE, 80.0, 40.0, 200.0, 100.0, 30.0),
    SkyPanda(*MIDDLE, 300.0, 70.0, 50.0, 100.0),
    SkyPolygon(CORNERS),
)


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: type(shape).__name__)
def test_an_outline_parts_the_pixels_inside_from_those_outside(shape: SkyShape) -> None:
    pixel: Any = shape.to_pixel(plane())
    found = outlines_of(pixel)
    for line in found:
        assert line[:, 0] == pytest.approx(line[:, -1])
        for (x0, y0), (x1, y1) in pairwise(line.T):
            middle = np.array([(x0 + x1) / 2.0, (y0 + y1) / 2.0])
            across = np.array([y1 - y0, x0 - x1])
            length = np.hypot(*across)
            if length < 1e-9:
                continue
            # One pixel to either side: exactly one of the two lies inside.
            sides = [middle + sign * across / length for sign in (1.0, -1.0)]
            inside = [bool(pixel.holds(np.array([[x]]), np.array([[y]]))[0, 0]) for x, y in sides]
            assert inside[0] != inside[1]


def test_a_point_is_marked_by_a_cross() -> None:
    found = outlines_of(SkyPoint(*MIDDLE).to_pixel(plane()))
    assert len(found) == 2
    x, y = plane().sky_to_pixel(*MIDDLE)
    assert [line.mean(axis=1) for line in found] == pytest.approx(np.array([[x, y]] * 2))


def test_shapes_that_cannot_be_drawn_are_told() -> None:
    odd = PixelBoxPanda(1.0, 1.0, 0.0, 90.0, 1.0, 1.0, 2.0, 2.0)
    with pytest.raises(RegionError, match="a PixelBoxPanda cannot be drawn; its numbers are in"):
        outlines_of(odd)


@given(
    st.floats(0.0, 359.99), st.floats(-80.0, 80.0), st.floats(5.0, 500.0), st.floats(-180.0, 180.0)
)
def test_ticks_lie_where_the_sky_is_at_their_label(
    ra_deg: float, dec_deg: float, reach: float, rotation_deg: float
) -> None:
    from dataclasses import replace

    from nustar_widgets.panels.regions.skytext import read_dec, read_ra

    grid = replace(plane(ra_deg, dec_deg), rotation_deg=rotation_deg / 18.0)
    side = (500.5 - reach, 500.5 + reach)
    places, labels = ra_ticks(grid, side, side[0])
    assert len(places) <= 5
    for place, label in zip(places, labels, strict=True):
        found = grid.pixel_to_sky(place, side[0])[0]
        assert abs((found - read_ra(label) + 180.0) % 360.0 - 180.0) * 3600.0 < 1.0
    places, labels = dec_ticks(grid, side[0], side)
    assert len(places) <= 7
    for place, label in zip(places, labels, strict=True):
        found = grid.pixel_to_sky(side[0], place)[1]
        assert abs(found - read_dec(label.replace("°", "d"))) * 3600.0 < 0.5


def test_beside_a_pole_where_right_ascension_turns_back_pixels_are_counted(
    sky: StaticSky,
) -> None:
    assert ra_ticks(plane(0.0, 90.0), (400.5, 600.5), 500.5) == ([], [])
    assert dec_ticks(plane(0.0, 90.0), 500.5, (400.5, 600.5)) == ([], [])
    counts = np.ones((200, 200), dtype=np.int64)
    sky.show_image("FPMA", counts, grid=plane(0.0, 90.0), x0=501, y0=500)
    assert sky.ra_axis.label == "X [sky pixel]"
    assert sky.ra_axis.tick_values is None
    sky.show_image("FPMA", counts, grid=plane(), x0=401, y0=401)
    assert sky.ra_axis.label == "Right ascension (J2000)"
