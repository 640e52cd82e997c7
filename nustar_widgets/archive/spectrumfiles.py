"""Spectra somebody has made: each with the files its header names."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from nustar_widgets.archive.layout import find_plain_or_gz
from nustar_widgets.errors import InputFileError
from nustar_widgets.instrument import TELESCOP
from nustar_widgets.spectra.pha import Spectrum, read_pha

_ENDINGS: Final = (".pha", ".grp", ".pi")
_UNNAMED: Final = ("", "UNKNOWN")  # as some writers leave TELESCOP
_BACKGROUND: Final = "_bk"  # nuproducts' name of a background spectrum: nu<obsid>A01_bk.pha


@dataclass(frozen=True, kw_only=True)
class SpectrumFiles:
    """One spectrum on disk.

    Attributes
    ----------
    module
        ``FPMA`` or ``FPMB``; empty where the header does not say.
    obsid
        Observation ID; empty where the header does not say.
    pha
        The spectrum.
    background, arf, rmf
        What BACKFILE, ANCRFILE and RESPFILE name, where it is there, plain or ``.gz``; else
        ``None``.
    is_grouped
        Whether it has a GROUPING.
    """

    module: str
    obsid: str
    pha: str
    background: str | None = None
    arf: str | None = None
    rmf: str | None = None
    is_grouped: bool = False


def spectrum_paths(folder: Path) -> tuple[Path, ...]:
    """Return the files of a folder that are spectra by their names, in order.

    Parameters
    ----------
    folder
        Where to look.
    """
    return tuple(
        path
        for path in sorted(folder.iterdir())
        if path.name.removesuffix(".gz").endswith(_ENDINGS) and path.is_file()
    )


def open_spectra(path: Path) -> tuple[tuple[SpectrumFiles, ...], tuple[str, ...]]:
    """Open a spectrum, or those of a folder of products.

    Parameters
    ----------
    path
        A PHA file or a folder that holds some.

    Returns
    -------
    tuple of SpectrumFiles, tuple of str
        Source spectra, or background ones if there are no others; and what the user should read.

    Raises
    ------
    InputFileError
        One is damaged, or none is of NuSTAR.
    """
    paths = (path,) if path.is_file() else spectrum_paths(path)
    read = [read_pha(file) for file in paths]
    spectra = [spectrum for spectrum in read if _is_nustar(spectrum)]
    if not spectra:
        raise InputFileError(
            path,
            f"TELESCOP = {read[0].telescope!r}" if read else "it holds no spectrum",
            f"Expected spectra of {TELESCOP}",
        )
    strangers = [
        f"{spectrum.name} is of {spectrum.telescope!r} and is left out"
        for spectrum in read
        if not _is_nustar(spectrum)
    ]
    sources = _sources(spectra)
    missing = [note for spectrum in sources for note in _missing(spectrum)]
    return tuple(map(_files, sources)), (*strangers, *missing)


def _is_nustar(spectrum: Spectrum) -> bool:
    return spectrum.telescope.upper() in (TELESCOP.upper(), *_UNNAMED)


def _sources(spectra: list[Spectrum]) -> list[Spectrum]:
    """Leave out the backgrounds, unless there is nothing else."""
    backgrounds = {_there(spectrum.background_file) for spectrum in spectra}
    sources = [
        spectrum
        for spectrum in spectra
        if spectrum.path not in backgrounds and not _stem(spectrum).endswith(_BACKGROUND)
    ]
    return sources or spectra


def _stem(spectrum: Spectrum) -> str:
    return spectrum.name.partition(".")[0]


def _files(spectrum: Spectrum) -> SpectrumFiles:
    return SpectrumFiles(
        module=spectrum.instrument,
        obsid=str(spectrum.header.get("OBS_ID", "")).strip(),
        pha=str(spectrum.path),
        background=_text(_there(spectrum.background_file)),
        arf=_text(_there(spectrum.arf_file)),
        rmf=_text(_there(spectrum.rmf_file)),
        is_grouped=spectrum.grouping is not None,
    )


def _missing(spectrum: Spectrum) -> list[str]:
    named = {
        "BACKFILE": spectrum.background_file,
        "ANCRFILE": spectrum.arf_file,
        "RESPFILE": spectrum.rmf_file,
    }
    return [
        f"{spectrum.name}: {keyword} names {path.name}, which is not beside it"
        for keyword, path in named.items()
        if path is not None and _there(path) is None
    ]


def _there(path: Path | None) -> Path | None:
    return None if path is None else find_plain_or_gz(path.parent, path.name)


def _text(path: Path | None) -> str | None:
    return None if path is None else str(path)
