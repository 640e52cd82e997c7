"""The sky as a drawing for a saved notebook: image, regions, right ascension and declination."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final

import numpy as np

from nustar_widgets.errors import NustarWidgetsError
from nustar_widgets.events.skygrid import SkyGrid
from nustar_widgets.instrument import MODULES
from nustar_widgets.live.module import LiveModule, chosen_region, written_region
from nustar_widgets.panels.images.outlines import outlines_of
from nustar_widgets.panels.images.shapewire import ROLES
from nustar_widgets.panels.images.skypng import log_levels, palette_png
from nustar_widgets.panels.images.skyticks import dec_ticks, ra_ticks
from nustar_widgets.panels.stills.still import Picture
from nustar_widgets.panels.stills.svgaxis import Axis
from nustar_widgets.panels.stills.svgplot import document, frame, inset, path, text
from nustar_widgets.session.values import ModuleRegions, Regions

if TYPE_CHECKING:
    from numpy.typing import NDArray

_SIDE_PX: Final = 300
_LEFT_PX, _TOP_PX, _BOTTOM_PX, _RIGHT_PX = 100, 24, 48, 26
_WIDTH_PX: Final = _LEFT_PX + _SIDE_PX + _RIGHT_PX
_MOST_CELLS: Final = 240  # of an image, along a side: as sharp as it is shown
_LINES: Final = {  # colour and dashes of source, background and what is excluded
    "source": ("#35d04f", ""),
    "background": ("#4fc3ff", "6 4"),
    "exclude": ("#ff5a5a", "8 3 2 3"),
}


def sky_picture(
    modules: Mapping[str, LiveModule], regions: Regions, band_kev: tuple[float, float]
) -> Picture | None:
    """Draw the modules side by side, with the outlines of their regions.

    Parameters
    ----------
    modules
        What is loaded, by name.
    regions
        Those of the session.
    band_kev
        Energies of the image [keV].

    Returns
    -------
    Picture
        ``None`` where no event list is loaded.
    """
    shown = [name for name in MODULES if name in modules]
    if not shown:
        return None
    parts = []
    for number, name in enumerate(shown):
        left = _WIDTH_PX * number
        title = f"{name}, {band_kev[0]:g} to {band_kev[1]:g} keV, logarithmic"
        parts.append(text(left + _LEFT_PX, 15, title))
        parts.append(_module(modules[name], regions.of(name), band_kev, left + _LEFT_PX))
    height = _TOP_PX + _SIDE_PX + _BOTTOM_PX
    return Picture(
        svg=document(_WIDTH_PX * len(shown), height, "".join(parts)),
        alt=f"Sky image of {' and '.join(shown)}, {band_kev[0]:g} to {band_kev[1]:g} keV, with "
        "the outlines of source (green), background (blue) and excluded regions (red)",
    )


def _module(
    module: LiveModule, regions: ModuleRegions, band_kev: tuple[float, float], left: float
) -> str:
    grid, window = module.grid, module.surroundings.window
    box = (left, _TOP_PX, _SIDE_PX, _SIDE_PX)
    reach = max(window.width, window.height) / 2.0
    middle_x = window.x0 + grid.x_min + (window.width - 1) / 2.0
    middle_y = window.y0 + grid.y_min + (window.height - 1) / 2.0
    x, y = (middle_x - reach, middle_x + reach), (middle_y - reach, middle_y + reach)
    scale = _SIDE_PX / (2.0 * reach)
    image = _image(window.cut(module.image(band_kev)), scale, reach)
    lines = "".join(
        f"<path d='{path(scale * (line[0] - x[0]), scale * (y[1] - line[1]))}' fill='none' "
        f"stroke='{_LINES[role][0]}' stroke-width='1.6' stroke-dasharray='{_LINES[role][1]}'/>"
        for role, line in _outlines(regions, grid)
    )
    return inset(box, image + lines) + frame(*_axes(grid, x, y), box=box, label_px=_LEFT_PX - 14.0)


def _image(counts: NDArray[np.int64], scale: float, reach: float) -> str:
    """Put the image where its pixels are, in the middle of the square."""
    factor = -(-max(counts.shape) // _MOST_CELLS)
    ny, nx = counts.shape
    padded = np.pad(counts, [(0, -size % factor) for size in counts.shape])
    joined = padded.reshape(padded.shape[0] // factor, factor, -1, factor).sum(axis=(1, 3))
    data = base64.b64encode(palette_png(log_levels(joined))).decode("ascii")
    # What was added to fill the last cells lies to the right and above.
    left, top = scale * (reach - nx / 2.0), scale * (reach + ny / 2.0 - padded.shape[0])
    return (
        "<rect width='100%' height='100%' fill='#000004'/>"
        f"<image x='{left:.1f}' y='{top:.1f}' width='{scale * padded.shape[1]:.1f}' "
        f"height='{scale * padded.shape[0]:.1f}' preserveAspectRatio='none' "
        f"image-rendering='pixelated' href='data:image/png;base64,{data}'/>"
    )


def _outlines(regions: ModuleRegions, grid: SkyGrid) -> Iterator[tuple[str, NDArray[np.float64]]]:
    for role in ROLES:
        region = chosen_region(getattr(regions, role))
        if region is None:
            continue
        try:
            shapes = written_region(region, grid).shapes
            for shape in shapes:
                for line in outlines_of(shape):
                    yield role if shape.include else "exclude", line
        except NustarWidgetsError:  # the panel says why; the image is worth having without it
            continue


def _axes(grid: SkyGrid, x: tuple[float, float], y: tuple[float, float]) -> tuple[Axis, Axis]:
    ra, dec = ra_ticks(grid, x, y[0], most=3), dec_ticks(grid, x[0], y, most=5)
    return (
        Axis(
            label="Right ascension (J2000)" if ra[0] else "X [sky pixel]", low=x[0], high=x[1],
            marks=tuple(zip(*ra, strict=True)) if ra[0] else None,
        ),
        Axis(
            label="Declination (J2000)" if dec[0] else "Y [sky pixel]", low=y[0], high=y[1],
            marks=tuple(zip(*dec, strict=True)) if dec[0] else None,
        ),
    )  # fmt: skip
