"""Sky images as nuproducts' ``_sk.img``: counts per sky pixel with their WCS."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from astropy.io import fits

from nustar_widgets.spectra.extensions import SkyMap, add_cards, gti_table, primary
from nustar_widgets.spectra.fitsfile import write_whole

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray


def sky_wcs(
    *,
    crpix: tuple[float, float],
    crval_deg: tuple[float, float],
    cdelt_deg: tuple[float, float],
    first_pixel: tuple[float, float] = (1.0, 1.0),
    frame: str = "FK5",
    equinox: float = 2000.0,
) -> dict[str, Any]:
    """WCS keywords of a sky image or of a part of one.

    Parameters
    ----------
    crpix
        Reference pixel in the pixels of the event list, x and y.
    crval_deg
        Right ascension and declination there [deg].
    cdelt_deg
        Pixel size in x and y [deg].
    first_pixel
        Event-list pixel of the image's first pixel: above 1 for a cut-out.
    frame, equinox
        Celestial frame.

    Returns
    -------
    dict
        Celestial WCS, and the linear one (LTV, and WCS "P") back to event-list pixels by which
        DS9 shows physical coordinates.
    """
    cards: dict[str, Any] = {"RADESYS": frame, "EQUINOX": equinox}
    types = ("RA---TAN", "DEC--TAN")
    for axis in (0, 1):
        n = axis + 1
        cards |= {
            f"CTYPE{n}": types[axis],
            f"CRPIX{n}": crpix[axis] - (first_pixel[axis] - 1.0),
            f"CRVAL{n}": crval_deg[axis],
            f"CDELT{n}": cdelt_deg[axis],
            f"CUNIT{n}": "deg",
            f"LTV{n}": -(first_pixel[axis] - 1.0),
            f"LTM{n}_{n}": 1.0,
            f"CTYPE{n}P": "XY"[axis],
            f"CRPIX{n}P": 1.0,
            f"CRVAL{n}P": first_pixel[axis],
            f"CDELT{n}P": 1.0,
        }
    return cards | {"WCSNAMEP": "PHYSICAL"}


def write_sky_image(
    path: str | Path,
    image: NDArray[Any],
    *,
    wcs: Mapping[str, Any],
    header: Mapping[str, Any] | None = None,
    gti: tuple[NDArray[np.float64], NDArray[np.float64]] | None = None,
    overwrite: bool = False,
) -> Path:
    """Write a counts image.

    Parameters
    ----------
    path
        The file to write.
    image
        (ny, nx) counts per sky pixel.
    wcs
        WCS keywords, see `sky_wcs`.
    header
        Further keywords, value or (value, comment).
    gti
        Start and stop of the good time intervals, mission time [s].
    overwrite
        Replace an existing file.

    Raises
    ------
    OutputError
        The file exists or cannot be written.
    """
    counts = image.astype(np.int32) if np.issubdtype(image.dtype, np.integer) else image
    hdu = primary(SkyMap(image=counts, header=wcs), header)
    add_cards(
        hdu.header, {"HDUCLASS": "OGIP", "HDUCLAS1": "IMAGE", "CONTENT": "IMAGE", "BUNIT": "count"}
    )
    hdus = [hdu] if gti is None else [hdu, gti_table(*gti, header)]
    return write_whole(fits.HDUList(hdus), path, overwrite=overwrite)
