"""The extensions that HEASoft's extractor puts beside a spectrum or light curve."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from astropy.io import fits

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray


@dataclass(frozen=True, kw_only=True)
class RegionRow:
    """One shape of a REG00101 extension, in sky pixels.

    Attributes
    ----------
    shape
        ``CIRCLE``, ``ANNULUS``, ``ELLIPSE``, ``BOX``, ``POLYGON``; a leading ``!`` excludes.
    x, y
        Centre, or the corners of a polygon [pixel].
    r
        Radii or sides [pixel].
    rotation_deg
        Rotation angle, counter-clockwise [deg].
    component
        Number of the group of shapes this one belongs to, from 1.
    """

    shape: str
    x: tuple[float, ...]
    y: tuple[float, ...]
    r: tuple[float, ...] = ()
    rotation_deg: float = 0.0
    component: int = 1


@dataclass(frozen=True, eq=False, kw_only=True)
class SkyMap:
    """An image with its header, as the primary extension of a product.

    Attributes
    ----------
    image
        (ny, nx) pixel values; in a WMAP -1 marks pixels outside the region.
    header
        Keywords of the image, WCS included: value or (value, comment).
    """

    image: NDArray[Any]
    header: Mapping[str, Any]


def add_cards(header: Any, cards: Mapping[str, Any] | None) -> None:
    """Set keywords; HISTORY and COMMENT take a list of lines and are added.

    Parameters
    ----------
    header
        FITS header to change.
    cards
        Keyword to value or (value, comment).
    """
    for key, value in (cards or {}).items():
        if key in ("HISTORY", "COMMENT"):
            for line in [value] if isinstance(value, str) else value:
                header.add_history(line) if key == "HISTORY" else header.add_comment(line)
        else:
            header[key] = value


def primary(sky_map: SkyMap | None, cards: Mapping[str, Any] | None) -> Any:
    """Primary extension: a WMAP, or empty.

    Parameters
    ----------
    sky_map
        The image, or ``None``.
    cards
        Keywords that every extension of the product shares.
    """
    hdu = fits.PrimaryHDU(None if sky_map is None else sky_map.image)
    add_cards(hdu.header, cards)
    if sky_map is not None:
        add_cards(hdu.header, sky_map.header)
    return hdu


def gti_table(
    start_s: NDArray[np.float64], stop_s: NDArray[np.float64], cards: Mapping[str, Any] | None
) -> Any:
    """GTI extension: good time intervals, as OGIP's standard GTI.

    Parameters
    ----------
    start_s, stop_s
        (n,) start and stop, mission time [s].
    cards
        Further keywords.
    """
    columns = [
        fits.Column("START", "D", unit="s", array=start_s),
        fits.Column("STOP", "D", unit="s", array=stop_s),
    ]
    hdu = fits.BinTableHDU.from_columns(columns, name="GTI")
    add_cards(hdu.header, {"HDUCLASS": "OGIP", "HDUCLAS1": "GTI", "HDUCLAS2": "STANDARD"})
    add_cards(hdu.header, cards)
    return hdu


def region_table(rows: Sequence[RegionRow], cards: Mapping[str, Any] | None) -> Any:
    """REG00101 extension: the region the counts come from (ASC-FITS-REGION-1.0).

    Parameters
    ----------
    rows
        The shapes; shorter coordinate lists are filled with zeros.
    cards
        Further keywords, such as the WCS of X and Y.
    """
    columns = [
        _vector("X", [row.x for row in rows], "pixel"),
        _vector("Y", [row.y for row in rows], "pixel"),
        fits.Column("SHAPE", "16A", array=[row.shape for row in rows]),
        _vector("R", [row.r or (0.0,) for row in rows], "pixel"),
        fits.Column("ROTANG", "D", unit="degree", array=[row.rotation_deg for row in rows]),
        fits.Column("COMPONENT", "I", array=[row.component for row in rows]),
    ]
    hdu = fits.BinTableHDU.from_columns(columns, name="REG00101")
    fixed = {
        "HDUNAME": "REGION",
        "HDUCLASS": "ASC",
        "HDUCLAS1": "REGION",
        "HDUCLAS2": "STANDARD",
        "HDUVERS": "1.0.0",
        "HDUDOC": "ASC-FITS-REGION-1.0: McDowell, Rots: FITS REGION Binary Table Design",
        "CONTENT": "REGION",
        "MTYPE1": "pos",
        "MFORM1": "X,Y",
    }
    add_cards(hdu.header, fixed)
    add_cards(hdu.header, cards)
    return hdu


def _vector(name: str, values: Sequence[tuple[float, ...]], unit: str) -> Any:
    length = max(len(value) for value in values)
    filled = np.zeros((len(values), length))
    for row, value in zip(filled, values, strict=True):
        row[: len(value)] = value
    array = filled[:, 0] if length == 1 else filled
    return fits.Column(name, f"{length}D" if length > 1 else "D", unit=unit, array=array)
