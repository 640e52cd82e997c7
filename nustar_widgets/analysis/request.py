"""What a run is asked to do."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from nustar_widgets.session.values import ParameterChoice


@dataclass(frozen=True, kw_only=True)
class Request:
    """A run of the main job. Paths may be given as text.

    Attributes
    ----------
    events
        Cleaned event lists of one observation, one a module.
    out
        Folder to make.
    overwrite
        Replace the folder if it exists.
    source, background
        DS9 region files, for every module; suggested where ``None``.
    radius_arcsec
        Radius of the suggested source circle [arcsec]; ``None`` for the best signal-to-noise.
    housekeeping
        Housekeeping files; looked for in ``../hk``, as in the archive, where there are none.
    gti
        FITS file of good time intervals to keep.
    bin_s
        Light curve bin [s].
    band_kev
        Light curve and image band [keV].
    rmf, arf
        Responses; looked for beside the event lists where there are none.
    fit
        Fit the spectra, if there are responses.
    expression
        Model to fit; ``None`` for an absorbed power law.
    parameters
        Start values and fixed parameters of the model.
    as_heasoft
        Apply a region file as HEASoft does even where that is a trap.
    """

    events: tuple[Path, ...]
    out: Path
    overwrite: bool = False
    source: Path | None = None
    background: Path | None = None
    radius_arcsec: float | None = None
    housekeeping: tuple[Path, ...] = ()
    gti: Path | None = None
    bin_s: float = 100.0
    band_kev: tuple[float, float] = (3.0, 78.0)
    rmf: tuple[Path, ...] = ()
    arf: tuple[Path, ...] = ()
    fit: bool = True
    expression: str | None = None
    parameters: tuple[ParameterChoice, ...] = ()
    as_heasoft: bool = False

    def __post_init__(self) -> None:
        for name in ("out", "source", "background", "gti"):
            value = getattr(self, name)
            object.__setattr__(self, name, None if value is None else Path(value))
        for name in ("events", "housekeeping", "rmf", "arf"):
            object.__setattr__(self, name, tuple(Path(path) for path in getattr(self, name)))
