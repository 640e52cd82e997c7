"""Products with nuproducts' names and layout, from what was extracted.

Keywords that claim a correction are set only for corrections that were made: NUBACKSC (BACKSCAL
weighted with the exposure map) and NULCCO (light curve corrected for PSF and vignetting) never are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from nustar_widgets.events import regions
from nustar_widgets.events.eventlist import EventList
from nustar_widgets.events.extract import Exposure, ExtractedSpectrum, extract_image
from nustar_widgets.events.gti import Gti
from nustar_widgets.events.lightcurve import LightCurve
from nustar_widgets.events.pixelmask import PixelMask
from nustar_widgets.instrument import MJDREFI, N_CHANNELS
from nustar_widgets.spectra.extensions import RegionRow, SkyMap
from nustar_widgets.spectra.lightcurvefile import LightCurveTable, write_light_curve
from nustar_widgets.spectra.pha import Spectrum
from nustar_widgets.spectra.phawriter import write_pha
from nustar_widgets.spectra.skyimage import sky_wcs, write_sky_image
from nustar_widgets.version import __version__

if TYPE_CHECKING:
    from numpy.typing import NDArray

_CARRIED = (
    "OBJECT", "RA_OBJ", "DEC_OBJ", "RA_NOM", "DEC_NOM", "RA_PNT", "DEC_PNT", "PA_PNT", "TASSIGN",
    "TIMEREF", "CLOCKAPP", "TIMEUNIT", "DATE-OBS", "DATE-END", "SOFTVER", "CALDBVER", "OBS_MODE",
    "SIMULATD",
)  # fmt: skip


@dataclass(frozen=True, eq=False, kw_only=True)
class Selection:
    """What one region of one event list is, for the files that tell of it.

    Attributes
    ----------
    events
        The event list.
    mask
        Pixels of the region.
    region
        Its shapes; ``None`` where HEASoft ignores the region file and counts the whole field.
    gti
        Intervals that count.
    exposure
        How long they are.
    """

    events: EventList
    mask: PixelMask
    region: regions.PixelRegion | None
    gti: Gti
    exposure: Exposure


def write_spectrum(
    path: Path,
    selection: Selection,
    extracted: ExtractedSpectrum,
    *,
    background: str | None = None,
    arf: str | None = None,
    rmf: str | None = None,
) -> None:
    """Write a spectrum as nuproducts' ``_sr.pha`` and ``_bk.pha``.

    Parameters
    ----------
    path
        The file.
    selection, extracted
        What was counted.
    background, arf, rmf
        Names of the files that belong to it.
    """
    spectrum = Spectrum(
        channel=np.arange(N_CHANNELS, dtype=np.int32),
        counts=extracted.counts,
        exposure_s=extracted.exposure.exposure_s,
        backscal=float(extracted.backscal),
        instrument=selection.events.module,
        background_file=_beside(path, background),
        arf_file=_beside(path, arf),
        rmf_file=_beside(path, rmf),
    )
    write_pha(
        path,
        spectrum,
        header=_cards(selection) | {"NPIXSOU": extracted.n_pixels},
        wmap=_weight_map(selection),
        gti=(selection.gti.start, selection.gti.stop),
        region=_region_rows(selection.region),
    )


def write_curve(
    path: Path,
    selection: Selection,
    curve: LightCurve,
    *,
    original: LightCurve | None = None,
    history: str = "",
) -> None:
    """Write a light curve as nuproducts' ``_sr.lc`` and ``_bk.lc``.

    Parameters
    ----------
    path
        The file.
    selection
        What was counted.
    curve
        Rates to store.
    original
        Rates before the livetime correction, where one was made.
    history
        A line on what the rates are.
    """
    table = LightCurveTable(
        time_s=curve.time_s,
        rate=curve.rate,
        error=curve.error,
        fracexp=curve.fracexp,
        rate_orig=None if original is None else original.rate,
        error_orig=None if original is None else original.error,
        timezero_s=curve.timezero,
        timedel_s=curve.bin_s,
        mjdref=_mjdref(selection.events),
        gti=(selection.gti.start, selection.gti.stop),
    )
    cards = _cards(selection)
    cards["DEADAPP"] = (curve.livetime_corrected, "rates are per second of livetime")
    cards["HISTORY"] = [*cards["HISTORY"], *([history] if history else [])]
    write_light_curve(path, table, header=cards, region=_region_rows(selection.region))


def write_image(path: Path, selection: Selection, image: NDArray[np.int32]) -> None:
    """Write the image of the whole plane as nuproducts' ``_sk.img``."""
    grid = selection.events.grid
    wcs = _wcs(selection.events, (float(grid.x_min), float(grid.y_min)))
    gti = selection.gti.start, selection.gti.stop
    write_sky_image(path, image, wcs=wcs, header=_cards(selection), gti=gti)


def _cards(selection: Selection) -> dict[str, Any]:
    events, exposure = selection.events, selection.exposure
    carried = {key: events.header[key] for key in _CARRIED if key in events.header}
    whole, fraction = _mjdref(events)
    return carried | {
        "TELESCOP": "NuSTAR",
        "INSTRUME": events.module,
        "OBS_ID": events.obsid,
        "RADECSYS": events.grid.frame.upper(),
        "EQUINOX": 2000.0,
        "TIMESYS": "TT",
        "MJDREFI": whole,
        "MJDREFF": fraction,
        "TSTART": (selection.gti.t_start, "[s] start of the good time"),
        "TSTOP": (selection.gti.t_stop, "[s] end of the good time"),
        "ONTIME": (exposure.ontime_s, "[s] good time"),
        "EXPOSURE": (exposure.exposure_s, "[s] good time less dead time"),
        "LIVETIME": (exposure.exposure_s, "[s] good time less dead time"),
        "DEADC": (float(np.float32(exposure.deadc)), "live fraction, in single precision"),
        "DEADAPP": (False, "counts are not corrected for dead time"),
        "DATE": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S"),
        "CREATOR": f"nustar_widgets {__version__}",
        "NUWIDGET": (True, "made by nustar_widgets, not by HEASoft"),
        "HISTORY": [
            f"Extracted by nustar_widgets {__version__} from {events.path.name}",
            "BACKSCAL is the region in pixels over those of the plane: no exposure map",
        ],
    }


def _weight_map(selection: Selection) -> SkyMap:
    """Image of the region's own window, every channel; -1 marks pixels outside the region."""
    grid, mask = selection.events.grid, selection.mask.trimmed()
    if not mask.n_pixels:
        return SkyMap(image=np.full((1, 1), -1, np.int32), header={})
    height, width = mask.inside.shape
    every_channel = (0, N_CHANNELS - 1)
    plane = extract_image(selection.events, band=every_channel, user_gti=selection.gti)
    image = plane[mask.y0 : mask.y0 + height, mask.x0 : mask.x0 + width]
    first = grid.x_min + mask.x0, grid.y_min + mask.y0
    header: dict[str, Any] = _wcs(selection.events, (float(first[0]), float(first[1]))) | {
        "HDUCLASS": "OGIP", "HDUCLAS1": "IMAGE", "HDUCLAS2": "WMAP", "CONTENT": "SPECTRUM",
        "WMREBIN": 1, "SKYBIN": 1, "WMAPFIX": True, "PIXSIZE": abs(grid.cdelt_y_deg),
        "AXLEN1": width, "AXLEN2": height, "X-OFFSET": first[0], "Y-OFFSET": first[1],
    }  # fmt: skip
    return SkyMap(image=np.where(mask.inside, image, -1).astype(np.int32), header=header)


def _wcs(events: EventList, first_pixel: tuple[float, float]) -> dict[str, Any]:
    grid = events.grid
    # Image pixels count from 1 where X and Y count from first_pixel.
    return sky_wcs(
        crpix=(grid.crpix_x, grid.crpix_y),
        crval_deg=(grid.crval_ra_deg, grid.crval_dec_deg),
        cdelt_deg=(grid.cdelt_x_deg, grid.cdelt_y_deg),
        first_pixel=first_pixel,
        frame=grid.frame.upper(),
    )


def _mjdref(events: EventList) -> tuple[int, float]:
    header: Mapping[str, Any] = events.header
    return int(header.get("MJDREFI", MJDREFI)), float(
        header.get("MJDREFF", events.mjdref - MJDREFI)
    )


def _region_rows(region: regions.PixelRegion | None) -> list[RegionRow]:
    """Shapes as the extractor's REG00101 has them; none for a shape that table has no word for."""
    rows, component = [], 0
    for shape in region.shapes if region is not None else ():
        component += shape.include
        row = _region_row(shape, max(component, 1))
        if row is None:
            return []
        rows.append(row)
    return rows


def _region_row(shape: regions.PixelShape, component: int) -> RegionRow | None:
    sign = "" if shape.include else "!"
    sizes: tuple[float, ...]
    match shape:
        case regions.PixelCircle():
            name, sizes, angle = "CIRCLE", (shape.radius,), 0.0
        case regions.PixelAnnulus():
            name, sizes, angle = "ANNULUS", (shape.inner_radius, shape.outer_radius), 0.0
        case regions.PixelEllipse():
            name, sizes, angle = "ELLIPSE", (shape.semi_x, shape.semi_y), shape.angle_deg
        case regions.PixelBox():
            name, sizes, angle = "BOX", (shape.width, shape.height), shape.angle_deg
        case regions.PixelPolygon():
            x, y = zip(*shape.vertices, strict=True)
            return RegionRow(shape=f"{sign}POLYGON", x=x, y=y, component=component)
        case _:
            return None
    return RegionRow(
        shape=f"{sign}{name}", x=(shape.x,), y=(shape.y,), r=sizes, rotation_deg=angle,
        component=component,
    )  # fmt: skip


def _beside(path: Path, name: str | None) -> Path | None:
    return None if name is None else path.parent / name
