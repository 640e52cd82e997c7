"""Small fields anywhere on the sky, both modules, as event lists on disk."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from nustar_widgets.events.skygrid import SkyGrid
from nustar_widgets.instrument import MODULES, SKY_PIXEL_DEG
from nustar_widgets.session.session import Session
from nustar_widgets.session.values import ModuleInputs
from tests.events.builders import write_event_file

SIZE = 120
GTI = ((0.0, 300.0), (310.5, 600.0), (700.0, 1000.0))
# Columns X and Y of the official layout.
_X, _Y = 13, 14


def grid_at(ra_deg: float, dec_deg: float, module: str = "FPMA") -> SkyGrid:
    """Sky plane of a small field; those of the two modules are a few pixels apart."""
    shift = 0.0 if module == "FPMA" else 3.25
    return SkyGrid(
        nx=SIZE,
        ny=SIZE,
        crpix_x=(SIZE + 1) / 2 + shift,
        crpix_y=(SIZE + 1) / 2 - shift,
        crval_ra_deg=ra_deg,
        crval_dec_deg=dec_deg,
        cdelt_x_deg=-SKY_PIXEL_DEG,
        cdelt_y_deg=SKY_PIXEL_DEG,
    )


def write_small_field(
    folder: Path,
    module: str,
    *,
    ra_deg: float = 187.2779,
    dec_deg: float = -36.5213,
    n_events: int = 6000,
    **given: Any,
) -> Path:
    """Write a source on a flat field, with nulls, unsorted times and times outside the intervals.

    Parameters
    ----------
    folder
        Where to.
    module
        FPMA or FPMB.
    ra_deg, dec_deg
        Tangent point [deg].
    n_events
        How many.
    given
        As `write_event_file` takes; columns and keywords given here win.
    """
    rng = np.random.default_rng([n_events, ord(module[-1])])
    place = rng.normal(SIZE / 2, 5.0, (2, n_events)).round()
    flat = n_events // 2
    place[:, :flat] = rng.integers(1, SIZE + 1, (2, flat))
    place[:, : n_events // 50] = -1  # null positions
    pi = rng.integers(0, 4096, n_events)
    pi[::40] = -4095
    grid = grid_at(ra_deg, dec_deg, module)
    keywords = {f"TCRVL{_X}": ra_deg, f"TCRVL{_Y}": dec_deg}
    keywords |= {f"TCRPX{_X}": grid.crpix_x, f"TCRPX{_Y}": grid.crpix_y}
    columns = {"time": rng.uniform(-5.0, 1005.0, n_events), "x": place[0], "y": place[1], "pi": pi}
    return write_event_file(
        folder / f"nu90000000199{module[-1]}01_cl.evt",
        module=module,
        size=SIZE,
        **{**columns, "gti": GTI, **given, "keywords": {**keywords, **given.get("keywords", {})}},
    )


def session_of(folder: Path, **given: Any) -> Session:
    """Write both modules of a small field; a session that names them."""
    folder.mkdir(parents=True, exist_ok=True)
    inputs = tuple(
        ModuleInputs(module=module, events=str(write_small_field(folder, module, **given)))
        for module in MODULES
    )
    return Session(inputs=inputs)
