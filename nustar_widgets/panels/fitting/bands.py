"""Energy bands as people type them."""

from __future__ import annotations

import math
import re
from typing import Final

from nustar_widgets.errors import ParameterError

_FIELD: Final = "bands [keV]"
_MOST: Final = 50
_NUMBER: Final = r"(\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+)"
_BAND: Final = re.compile(rf"\s*{_NUMBER}\s*(?:-|\u2013|:|to|\s)\s*{_NUMBER}\s*(?:keV)?\s*", re.I)


def bands_of(text: str) -> tuple[tuple[float, float], ...]:
    """Read bands.

    Parameters
    ----------
    text
        As ``3-10, 10-30`` [keV].

    Returns
    -------
    (low, high) of each [keV].

    Raises
    ------
    ParameterError
        It is no list of bands.
    """
    parts = [part for part in re.split(r"[,;\n]", text) if part.strip()]
    if not parts:
        raise ParameterError(_FIELD, "expected one or more bands, as 3-10, 10-30")
    if len(parts) > _MOST:
        raise ParameterError(_FIELD, f"{len(parts)} bands: expected at most {_MOST}")
    return tuple(map(_band, parts))


def _band(part: str) -> tuple[float, float]:
    found = _BAND.fullmatch(part)
    if found is None:
        raise ParameterError(_FIELD, f"{part.strip()!r}: expected low-high in keV, as 3-10")
    low, high = map(float, found.groups())
    if not (low < high and math.isfinite(high)):
        raise ParameterError(_FIELD, f"{part.strip()!r}: expected the lower energy first, as 3-10")
    return low, high
