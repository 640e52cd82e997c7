"""The code of the view in the page, without a page: run by Node."""

from __future__ import annotations

import json
import math
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nustar_widgets.events.regions import SkyCircle, SkyRegion
from nustar_widgets.events.shifting import shifted
from nustar_widgets.events.skygrid import SkyGrid
from nustar_widgets.panels.images.shapewire import to_wire
from nustar_widgets.panels.images.skyview import front_end
from nustar_widgets.session.values import ModuleRegions
from tests.live.smallfields import grid_at
from tests.panels.frontend import evaluated_in, needs_node

pytestmark = needs_node
PLACES = [(187.3, -36.5), (10.0, 60.0), (0.0, 5.0), (359.999, -5.0), (120.0, 89.9), (33.0, -89.9)]


def evaluated(expression: str, folder: Path) -> Any:
    """Value of an expression in the module of the view."""
    return evaluated_in(front_end(), expression, folder)


def wcs(grid: SkyGrid) -> str:
    return json.dumps(
        {
            "crpix": [grid.crpix_x, grid.crpix_y],
            "crval": [grid.crval_ra_deg, grid.crval_dec_deg],
            "cdelt": [grid.cdelt_x_deg, grid.cdelt_y_deg],
            "rotation": grid.rotation_deg,
        }
    )


@pytest.mark.parametrize("place", PLACES)
def test_the_page_finds_the_places_python_finds(place: tuple[float, float], tmp_path: Path) -> None:
    grid = grid_at(*place)
    pixels = np.random.default_rng(7).uniform(-200.0, 900.0, (50, 2)).tolist()
    sky = [grid.pixel_to_sky(x, y) for x, y in pixels]
    there, back = evaluated(
        f"[{json.dumps(pixels)}.map(([x, y]) => pixelToSky({wcs(grid)}, x, y)),"
        f" {json.dumps(sky)}.map(([ra, dec]) => skyToPixel({wcs(grid)}, ra, dec))]",
        tmp_path,
    )
    for (ra, dec), (page_ra, page_dec) in zip(sky, there, strict=True):
        across = math.remainder(page_ra - ra, 360.0) * math.cos(math.radians(dec))
        assert math.hypot(across, page_dec - dec) * 3600 < 0.01  # arcsec
    for (x, y), (page_x, page_y) in zip(pixels, back, strict=True):
        # CFITSIO's own arithmetic, which Python follows, loses some digits beside a pole.
        assert math.hypot(page_x - x, page_y - y) < (0.02 if abs(place[1]) > 89 else 1e-5)


@pytest.mark.parametrize(
    ("degrees", "hours", "digits", "told"),
    [
        (321.9367, True, 2, "21:27:44.81"),
        (359.99999, True, 0, "00:00:00"),
        (-0.5, False, 0, "\u221200:30:00"),
        (56.9444, False, 1, "+56:56:39.8"),
        (-89.99999, False, 0, "\u221290:00:00"),
    ],
)
def test_positions_are_written_as_astronomers_write_them(
    degrees: float, hours: bool, digits: int, told: str, tmp_path: Path
) -> None:
    options = json.dumps({"hours": hours, "digits": digits})
    assert evaluated(f"sexagesimal({degrees}, {options})", tmp_path) == told


@pytest.mark.parametrize("place", PLACES)
def test_ticks_stand_where_their_numbers_say_and_never_on_one_another(
    place: tuple[float, float], tmp_path: Path
) -> None:
    grid = grid_at(*place)
    ticks = evaluated(
        f"edgeTicks(t => pixelToSky({wcs(grid)}, 500 * t, 0)[0],"
        " { hours: true, wanted: 4, gap: 0.15 })",
        tmp_path,
    )
    assert ticks
    at = sorted(tick["t"] for tick in ticks)
    assert all(b - a > 0.15 for a, b in pairwise(at))
    for tick in ticks:
        h, m, s = map(float, tick["text"].split(":"))
        ra, dec = grid.pixel_to_sky(500 * tick["t"], 0.0)
        away = math.remainder(15 * (h + m / 60 + s / 3600) - ra, 360.0)
        assert abs(away) * math.cos(math.radians(dec)) * 3600 < 5.0  # two pixels


@pytest.mark.parametrize("place", PLACES)
def test_what_follows_in_the_page_lies_where_python_puts_it(
    place: tuple[float, float], tmp_path: Path
) -> None:
    grid = grid_at(*place)
    ra, dec = grid.pixel_to_sky(40.0, 75.0)
    circle = SkyRegion((SkyCircle(ra, dec, 30.0),))
    wires = to_wire(ModuleRegions(source=circle), grid)
    (there,) = evaluated(f"followed({json.dumps(wires)}, {wcs(grid)}, [12.5, -7.25])", tmp_path)
    (expected,) = shifted(circle, east_arcsec=12.5, north_arcsec=-7.25).shapes
    assert isinstance(expected, SkyCircle)
    x, y = grid.sky_to_pixel(there["ra"], there["dec"])
    python_x, python_y = grid.sky_to_pixel(expected.ra_deg, expected.dec_deg)
    # Only until the kernel has answered; beside a pole "east" turns between the two places.
    assert math.hypot(x - python_x, y - python_y) < (2.0 if abs(place[1]) > 89 else 0.05)


def test_shapes_grow_turn_and_keep_their_order(tmp_path: Path) -> None:
    grid = wcs(grid_at(10.0, 20.0))
    ring = '{ kind: "annulus", ra: 10, dec: 20, size: [30, 60] }'
    inner, grown_, turned = evaluated(
        f"[withSize({ring}, 0, 90), grown({ring}, {grid}, -45),"
        ' rotated({ kind: "box", size: [1, 2], angle: 355 }, 10)]',
        tmp_path,
    )
    assert inner["size"] == [59.5, 60]  # an inner radius stays inside the outer one
    assert grown_["size"][0] < grown_["size"][1]
    assert turned["angle"] == 5
