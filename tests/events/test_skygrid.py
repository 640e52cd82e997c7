"""The sky pixel plane: keywords, and the arithmetic of the projection."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from astropy.io import fits
from astropy.wcs import WCS
from hypothesis import given
from hypothesis import strategies as st

from nustar_widgets.errors import InputFileError, RegionError
from nustar_widgets.events.pixelmask import PixelMask
from nustar_widgets.events.skygrid import SkyGrid

if TYPE_CHECKING:
    from pathlib import Path

NUSTAR = SkyGrid(
    nx=1000,
    ny=1000,
    crpix_x=500.5,
    crpix_y=500.5,
    crval_ra_deg=187.2779,
    crval_dec_deg=-36.5213,
    cdelt_x_deg=-6.828076e-4,
    cdelt_y_deg=6.828076e-4,
)
HEADER: dict[str, Any] = {
    "TLMIN3": 1,
    "TLMAX3": 1000,
    "TCTYP3": "RA---TAN",
    "TCRVL3": 187.2779,
    "TCRPX3": 500.5,
    "TCDLT3": -6.828076e-4,
    "TLMIN4": 1,
    "TLMAX4": 1000,
    "TCTYP4": "DEC--TAN",
    "TCRVL4": -36.5213,
    "TCRPX4": 500.5,
    "TCDLT4": 6.828076e-4,
    "RADECSYS": "FK5",
}


def grid_at(ra_deg: float, dec_deg: float, rotation_deg: float = 0.0) -> SkyGrid:
    return SkyGrid(
        nx=1000,
        ny=1000,
        crpix_x=500.5,
        crpix_y=500.5,
        crval_ra_deg=ra_deg,
        crval_dec_deg=dec_deg,
        cdelt_x_deg=-6.828076e-4,
        cdelt_y_deg=6.828076e-4,
        rotation_deg=rotation_deg,
    )


def astropy_wcs(grid: SkyGrid) -> WCS:
    wcs = WCS(naxis=2)
    wcs.wcs.ctype = ["RA---TAN", "DEC--TAN"]
    wcs.wcs.crval = [grid.crval_ra_deg, grid.crval_dec_deg]
    wcs.wcs.crpix = [grid.crpix_x, grid.crpix_y]
    wcs.wcs.cdelt = [grid.cdelt_x_deg, grid.cdelt_y_deg]
    wcs.wcs.crota = [0.0, grid.rotation_deg]
    return wcs


def test_a_header_gives_the_plane() -> None:
    assert SkyGrid.from_header(HEADER, 3, 4) == NUSTAR


def test_a_reference_value_written_as_text_is_a_number() -> None:
    grid = SkyGrid.from_header(HEADER | {"TCRVL3": "187.2779"}, 3, 4)
    assert grid.crval_ra_deg == 187.2779


def test_a_plane_need_not_begin_at_one_nor_be_square() -> None:
    grid = SkyGrid.from_header(HEADER | {"TLMIN3": 11, "TLMAX3": 160, "TLMAX4": 90}, 3, 4)
    assert (grid.x_min, grid.nx, grid.shape) == (11, 150, (90, 150))


def test_the_rotation_is_that_of_the_y_column() -> None:
    assert SkyGrid.from_header(HEADER | {"TCROT4": 30.0}, 3, 4).rotation_deg == 30.0


@pytest.mark.parametrize("keyword", ["TLMAX3", "TCRVL4", "TCRPX3", "TCDLT4", "TCTYP3"])
def test_a_missing_keyword_is_named(keyword: str) -> None:
    header = {name: value for name, value in HEADER.items() if name != keyword}
    with pytest.raises(InputFileError, match=f"a.evt: EVENTS: keyword {keyword} is missing"):
        SkyGrid.from_header(header, 3, 4, path="a.evt")


def test_a_keyword_that_is_no_number_is_shown() -> None:
    with pytest.raises(InputFileError, match=r"TCRPX3 is 'middle'.*Expected a number"):
        SkyGrid.from_header(HEADER | {"TCRPX3": "middle"}, 3, 4)


def test_another_projection_is_refused() -> None:
    with pytest.raises(InputFileError, match=r"TCTYP3 is 'RA---SIN'.*Expected 'RA---TAN'"):
        SkyGrid.from_header(HEADER | {"TCTYP3": "RA---SIN"}, 3, 4)


def test_the_tangent_point_is_the_reference_pixel() -> None:
    x, y = NUSTAR.sky_to_pixel(187.2779, -36.5213)
    assert (x, y) == pytest.approx((500.5, 500.5), abs=1e-9)


@given(
    ra=st.floats(0, 360),
    dec=st.floats(-89.9, 89.9),
    rotation=st.sampled_from([0.0, 27.5, -120.0]),
    x=st.floats(1, 1000),
    y=st.floats(1, 1000),
)
def test_pixels_survive_the_way_to_the_sky_and_back(
    ra: float, dec: float, rotation: float, x: float, y: float
) -> None:
    grid = grid_at(ra, dec, rotation)
    # The last digits of the constant cost up to 1e-6 pixel at the poles.
    assert grid.sky_to_pixel(*grid.pixel_to_sky(x, y)) == pytest.approx((x, y), abs=1e-5)


@given(
    ra=st.floats(0.1, 359.9),
    dec=st.floats(-85, 85),
    rotation=st.sampled_from([0.0, 27.5]),
    x=st.floats(1, 1000),
    y=st.floats(1, 1000),
)
def test_positions_agree_with_astropy_to_a_thousandth_of_a_pixel(
    ra: float, dec: float, rotation: float, x: float, y: float
) -> None:
    grid = grid_at(ra, dec, rotation)
    sky = astropy_wcs(grid).wcs_pix2world([[x, y]], 1)[0]
    assert grid.sky_to_pixel(*sky) == pytest.approx((x, y), abs=1e-3)


def test_right_ascension_runs_through_the_meridian() -> None:
    grid = grid_at(0.001, 10.0)
    east, west = grid.sky_to_pixel(0.05, 10.0)[0], grid.sky_to_pixel(359.95, 10.0)[0]
    assert east < 500.5 < west
    assert grid.pixel_to_sky(west, 500.5)[0] == pytest.approx(359.95)


def test_a_position_on_the_other_side_of_the_sky_is_refused() -> None:
    with pytest.raises(RegionError, match="expected within 90 deg of the field centre"):
        NUSTAR.sky_to_pixel(7.2779, 36.5213)


def test_the_pixel_size_is_known_in_arcsec() -> None:
    assert NUSTAR.pixel_arcsec == pytest.approx(2.4581, abs=1e-4)


def test_a_mask_knows_its_pixels_and_its_plane() -> None:
    mask = PixelMask(2, 3, np.array([[True, False], [True, True]]))
    full = mask.full(NUSTAR)
    assert mask.n_pixels == 3
    assert sorted(zip(*np.nonzero(full), strict=True)) == [(2, 3), (3, 3), (3, 4)]


def test_masks_are_the_same_if_their_pixels_are_whatever_the_window() -> None:
    small = PixelMask(2, 3, np.array([[True]]))
    large = PixelMask(1, 1, np.array([[False] * 4, [False, False, True, False]]))
    assert small.same_pixels(large)
    assert not small.same_pixels(PixelMask(2, 4, np.array([[True]])))
    assert PixelMask.nothing().same_pixels(PixelMask(5, 5, np.zeros((2, 2), dtype=np.bool_)))


def test_everything_is_the_whole_plane() -> None:
    assert PixelMask.everything(NUSTAR).n_pixels == 1_000_000


def test_the_plane_of_a_real_solar_event_list_is_read(shared: Path) -> None:
    found = sorted((shared / "data").rglob("*_sunpos.evt"))
    with fits.open(found[0]) as file:
        grid = SkyGrid.from_header(file["EVENTS"].header, 13, 14, path=found[0])
    assert (grid.nx, grid.ny, grid.crval_ra_deg, grid.crval_dec_deg) == (3000, 3000, 0.0, 0.0)
