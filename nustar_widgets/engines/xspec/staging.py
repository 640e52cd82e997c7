"""Files as XSPEC is to read them: plain names in one folder, whatever the user's are called.

XSPEC asks for another name where a file that a spectrum names is missing, and stumbles over blanks
and brackets. So the spectra are written as they are in memory, grouping of the hour included, and
name links that lie beside them.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from nustar_widgets.engines.xspec.messages import Load
from nustar_widgets.errors import InputFileError
from nustar_widgets.spectra.ogip import write_arf, write_pha, write_rmf

if TYPE_CHECKING:
    from nustar_widgets.spectra.folding import SpectralData

_TABLE = re.compile(r"\{([^}]*)\}")


def stage(datasets: Sequence[SpectralData], folder: Path) -> Load:
    """Write the spectra, link their responses, and return the request that loads them.

    Parameters
    ----------
    datasets
        The spectra with their bins in use.
    folder
        Where to; what lies there of an earlier fit is deleted.

    Raises
    ------
    InputFileError
        A response is not there any more.
    OutputError
        A file cannot be written.
    """
    clear(folder)
    for number, (data, rmf) in enumerate(zip(datasets, _matrices(datasets), strict=True), start=1):
        _link_responses(data, folder, number, rmf)
        _write(data, folder, number, rmf, "s")
    return Load(
        files=tuple(f"s{number}.pha" for number in range(1, len(datasets) + 1)),
        ignored=tuple(unused_bins(data) for data in datasets),
    )


def stage_counts(datasets: Sequence[SpectralData], folder: Path) -> tuple[str, ...]:
    """Write spectra with other counts beside those that were staged; return their names.

    Parameters
    ----------
    datasets
        The same spectra with other counts.
    folder
        Where the responses lie.
    """
    for number, (data, rmf) in enumerate(zip(datasets, _matrices(datasets), strict=True), start=1):
        _write(data, folder, number, rmf, "g")
    return tuple(f"g{number}.pha" for number in range(1, len(datasets) + 1))


def _matrices(datasets: Sequence[SpectralData]) -> list[str]:
    """Names of the response matrices; spectra with the same one share it."""
    names: dict[int, str] = {}
    for number, data in enumerate(datasets, start=1):
        names.setdefault(id(data.response.rmf), f"s{number}.rmf")
    return [names[id(data.response.rmf)] for data in datasets]


def clear(folder: Path) -> None:
    """Delete what lies in a folder."""
    for path in folder.iterdir():
        path.unlink()


def _link_responses(data: SpectralData, folder: Path, number: int, matrix: str) -> None:
    arf, rmf = folder / f"s{number}.arf", folder / matrix
    if not rmf.is_symlink() and not rmf.exists():
        _link(data.response.rmf.path, rmf) or write_rmf(rmf, data.response.rmf)
    if data.response.arf is not None:
        _link(data.response.arf.path, arf) or write_arf(arf, data.response.arf)


def _write(data: SpectralData, folder: Path, number: int, matrix: str, prefix: str) -> None:
    background = folder / f"{prefix}{number}_bkg.pha"
    if data.background is not None:
        bare = replace(data.background, background_file=None, arf_file=None, rmf_file=None)
        write_pha(background, bare, overwrite=True)
    named = replace(
        data.spectrum,
        background_file=None if data.background is None else background,
        arf_file=None if data.response.arf is None else folder / f"s{number}.arf",
        rmf_file=folder / matrix,
    )
    write_pha(folder / f"{prefix}{number}.pha", named, overwrite=True)


def _link(source: Path | None, place: Path) -> bool:
    """Link a file that was read; one that never was a file has to be written."""
    if source is None:
        return False
    if not source.is_file():
        raise InputFileError(source, "it is not there any more", "Put it back, or load another.")
    try:
        place.symlink_to(source.resolve())
    except OSError:  # no links here
        shutil.copyfile(source, place)
    return True


def unused_bins(data: SpectralData) -> tuple[tuple[int, int], ...]:
    """Bins out of use: first and last of every run, counted from 1 after grouping, as XSPEC does.

    Parameters
    ----------
    data
        A spectrum.
    """
    unused = np.ones(data.binning.n_bins + 2, dtype=np.int8)
    unused[[0, -1]] = 0
    unused[data.used + 1] = 0
    change = np.diff(unused)
    firsts, lasts = np.flatnonzero(change == 1) + 1, np.flatnonzero(change == -1)
    return tuple((int(first), int(last)) for first, last in zip(firsts, lasts, strict=True))


def stage_tables(expression: str, folder: Path) -> str:
    """Link the files of table models, and name the links in the expression.

    Parameters
    ----------
    expression
        Model expression.
    folder
        Where XSPEC works.

    Raises
    ------
    InputFileError
        There is no such file.
    """

    def linked(found: re.Match[str]) -> str:
        source = Path(found[1].strip()).expanduser()
        if not source.is_file():
            raise InputFileError(source, "no such table model", "Give the path of its file.")
        place = folder / f"t{found.start()}.fits"
        place.unlink(missing_ok=True)
        place.symlink_to(source.resolve())
        return f"{{{place.name}}}"

    return _TABLE.sub(linked, expression)
