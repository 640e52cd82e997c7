"""A sky image file as a picture."""

from __future__ import annotations

import html
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import ipywidgets as widgets
import numpy as np

from nustar_widgets.errors import InputFileError
from nustar_widgets.panels.images.skypng import log_levels, palette_png
from nustar_widgets.spectra.fitsfile import open_fits

if TYPE_CHECKING:
    from numpy.typing import NDArray

_MARGIN: Final = 6  # pixels around what was seen
_HEIGHT: Final = "340px"


@dataclass(frozen=True, eq=False, kw_only=True)
class SkyPicture:
    """The part of an image that holds counts.

    Attributes
    ----------
    counts
        (ny, nx) counts per pixel.
    words
        What it is, for people.
    """

    counts: NDArray[np.float64]
    words: str


def read_picture(path: Path) -> SkyPicture:
    """Read an image and cut away what is empty around it.

    Parameters
    ----------
    path
        The file.

    Raises
    ------
    InputFileError
        It holds no image.
    """
    with open_fits(path) as hdus:
        found = next((hdu for hdu in hdus if np.ndim(hdu.data) == 2 and hdu.is_image), None)
        if found is None:
            raise InputFileError(path, "it holds no image", "Expected an image of counts.")
        counts, header = np.array(found.data, dtype=np.float64), found.header.copy()
    seen = np.argwhere(counts > 0)
    if seen.size:
        low = np.maximum(seen.min(axis=0) - _MARGIN, 0)
        high = np.minimum(seen.max(axis=0) + _MARGIN + 1, counts.shape)
        counts = counts[low[0] : high[0], low[1] : high[1]]
    total = f"{path.name}: {np.nansum(counts):.0f} counts, logarithmic"
    return SkyPicture(counts=counts, words=f"{total}{_scale(header, counts.shape)}")


class ImageLook(widgets.VBox):
    """The picture.

    Parameters
    ----------
    picture
        What is shown.
    """

    def __init__(self, picture: SkyPicture) -> None:
        super().__init__()
        self.add_class("nw-image-look")
        self.image = widgets.Image(
            value=palette_png(log_levels(picture.counts)), format="png",
            layout=widgets.Layout(height=_HEIGHT, width="auto", object_fit="contain"),
        )  # fmt: skip
        self.image.add_class("nw-pixels")
        style = "<style>.nw-pixels { image-rendering: pixelated; align-self: flex-start; }</style>"
        words = widgets.HTML(
            f"{style}<div class='nw-look-words'>{html.escape(picture.words)}</div>"
        )
        self.children = (words, self.image)


def _scale(header: Any, shape: tuple[int, ...]) -> str:
    get = header.get
    try:
        across, up = float(get("CDELT1", 0.0)), float(get("CDELT2", 0.0))
    except (TypeError, ValueError):
        return ""
    turned = any(float(get(name, 0.0) or 0.0) for name in ("CROTA2", "PC1_2", "CD1_2"))
    if not str(get("CTYPE1", "")).startswith("RA") or turned or not across < 0 < up:
        return ""
    height, width = shape
    return f"; north is up, east is left, {-across * width * 60:.1f}' x {up * height * 60:.1f}'"
