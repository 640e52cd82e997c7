from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from astropy.io import fits
from astropy.wcs import WCS

from nustar_widgets.errors import OutputError
from nustar_widgets.spectra.ogip import sky_wcs, write_sky_image

if TYPE_CHECKING:
    from pathlib import Path

CENTRE = (187.28, -36.52)


def sky(first_pixel: tuple[float, float] = (1, 1)) -> dict[str, Any]:
    return sky_wcs(
        crpix=(500.5, 500.5),
        crval_deg=CENTRE,
        cdelt_deg=(-6.8e-4, 6.8e-4),
        first_pixel=first_pixel,
    )


def test_the_image_and_its_sky_are_read_again(tmp_path: Path) -> None:
    image = np.arange(12).reshape(3, 4)
    path = write_sky_image(tmp_path / "a_sk.img", image, wcs=sky())
    with fits.open(path) as hdus:
        assert np.array_equal(hdus[0].data, image)
        assert hdus[0].data.dtype.kind == "i"
        assert (hdus[0].header["HDUCLAS1"], hdus[0].header["BUNIT"]) == ("IMAGE", "count")
        wcs = WCS(hdus[0].header)
    assert wcs.wcs_pix2world([[500.5, 500.5]], 1)[0] == pytest.approx(CENTRE)


def test_a_cut_out_keeps_its_place_on_the_sky_and_among_the_pixels() -> None:
    whole = WCS(fits.Header(sky()))
    header = fits.Header(sky((401, 301)))
    cut = WCS(header)
    there = whole.wcs_pix2world([[410, 320]], 1)
    assert np.allclose(cut.wcs_pix2world([[10, 20]], 1), there, rtol=0, atol=1e-10)
    assert 10 - header["LTV1"] == 410
    assert np.allclose(WCS(header, key="P").wcs_pix2world([[10, 20]], 1), [[410, 320]])


def test_intervals_go_with_the_image_and_an_existing_one_stays(tmp_path: Path) -> None:
    path = tmp_path / "a_sk.img"
    gti = (np.array([1.0]), np.array([2.0]))
    write_sky_image(path, np.ones((2, 2)), wcs=sky(), header={"OBS_ID": "1"}, gti=gti)
    with fits.open(path) as hdus:
        assert [hdu.name for hdu in hdus] == ["PRIMARY", "GTI"]
        assert hdus[1].header["OBS_ID"] == "1"
    with pytest.raises(OutputError, match="exists already"):
        write_sky_image(path, np.ones((2, 2)), wcs=sky())
