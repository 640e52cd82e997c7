"""Find the files that belong to a spectrum and make it ready to fit."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from nustar_widgets.errors import InputFileError
from nustar_widgets.spectra.arf import read_arf
from nustar_widgets.spectra.folding import SpectralData
from nustar_widgets.spectra.pha import Spectrum, read_pha
from nustar_widgets.spectra.response import Response
from nustar_widgets.spectra.rmf import Rmf, read_rmf


def load(
    pha: str | Path,
    *,
    background: str | Path | None = None,
    arf: str | Path | None = None,
    rmf: str | Path | None = None,
    number: int = 1,
) -> SpectralData:
    """Load a spectrum with its background and response.

    Parameters
    ----------
    pha
        Source spectrum.
    background, arf, rmf
        Files to use; ``None`` takes the one that BACKFILE, ANCRFILE or RESPFILE names, beside
        the spectrum. A spectrum whose BACKFILE is "none" has no background; a matrix with the area
        in it needs no ARF.
    number
        Number of the spectrum in a joint fit, from 1.

    Returns
    -------
    SpectralData
        Every bin in use, bad ones too, as after XSPEC's ``data``.

    Raises
    ------
    InputFileError
        A file is missing or cannot be read, or the files do not belong together.
    """
    spectrum = read_pha(pha)
    rmf_path = _required(spectrum, spectrum.rmf_file if rmf is None else rmf, "RESPFILE", "rmf")
    matrix = read_rmf_once(rmf_path)
    named = spectrum.arf_file if arf is None else arf
    without = named is None and matrix.has_area  # as the .rsp files of other missions
    arf_path = None if without else _required(spectrum, named, "ANCRFILE", "arf")
    background_path = spectrum.background_file if background is None else background
    response = Response(matrix, None if arf_path is None else read_arf(arf_path))
    _refuse_other_module(spectrum, response)
    return SpectralData(
        spectrum=spectrum,
        response=response,
        background=None
        if background_path is None
        else read_pha(_required(spectrum, background_path, "BACKFILE", "background")),
        number=number,
        notes=tuple(_stand_ins(spectrum, response.rmf)),
    )


def _required(spectrum: Spectrum, path: str | Path | None, keyword: str, argument: str) -> Path:
    """Check that a file is there, or say which keyword or argument is at fault."""
    where = spectrum.path or "spectrum"
    if path is None:
        raise InputFileError(
            where, f"keyword {keyword} names no file", f"Name one with {argument}=..."
        )
    if not Path(path).is_file():
        raise InputFileError(
            where,
            f"the file {path}, from keyword {keyword} or argument {argument}, is not there",
            f"Put it there, or name another with {argument}=...",
        )
    return Path(path)


def _refuse_other_module(spectrum: Spectrum, response: Response) -> None:
    arf = response.arf
    if arf is None or not arf.instrument or not spectrum.instrument:
        return
    if arf.instrument != spectrum.instrument:
        raise InputFileError(
            arf.path or "ARF",
            f"INSTRUME = {arf.instrument}, but {spectrum.name} is of {spectrum.instrument}",
            f"Name the ARF of {spectrum.instrument} with arf=...",
        )


def _stand_ins(spectrum: Spectrum, rmf: Rmf) -> list[str]:
    """One CALDB matrix may serve both modules, so another module's RMF is told, not refused."""
    if not rmf.instrument or not spectrum.instrument or rmf.instrument == spectrum.instrument:
        return []
    name = rmf.path.name if rmf.path else "RMF"
    return [
        f"{spectrum.name} ({spectrum.instrument}) is folded with the RMF {name} of {rmf.instrument}"
    ]


def read_rmf_once(path: Path) -> Rmf:
    """Read an RMF unless the very same file was read before: A and B often share one.

    Parameters
    ----------
    path
        The file.

    Raises
    ------
    InputFileError
        It is missing or no RMF.
    """
    if not path.is_file():
        return read_rmf(path)  # says what is wrong
    state = path.stat()
    return _cached_rmf(path.resolve(), state.st_mtime_ns, state.st_size)


@lru_cache(maxsize=2)
def _cached_rmf(path: Path, _mtime_ns: int, _size: int) -> Rmf:
    return read_rmf(path)
