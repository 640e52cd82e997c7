"""Table models: ``atable{file}``, ``mtable{file}``, ``etable{file}``.

A table holds spectra on a grid of parameter values; between them XSPEC interpolates linearly in
every parameter (in its logarithm where METHOD says so). Format: OGIP Memo OGIP/92-009.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np
from astropy.io import fits

from nustar_widgets.errors import InputFileError
from nustar_widgets.spectra.modelspec import NORM, REDSHIFT, Kind, ModelSpec, ParameterSpec

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from nustar_widgets.spectra.modelgrid import ModelGrid

    Array: TypeAlias = NDArray[np.float64]

TABLE_KINDS: Final = ("atable", "mtable", "etable")
"""Additive, multiplicative, and exponential (factor exp(-value)) tables."""

_MAX_PARAMETERS: Final = 12


def table_model(kind: str, path: str) -> ModelSpec:
    """Make a model of a table file.

    Parameters
    ----------
    kind
        One of :data:`TABLE_KINDS`.
    path
        The FITS file.

    Raises
    ------
    InputFileError
        If the file cannot be read or is not such a table.
    """
    file = Path(path).expanduser()
    if not file.is_file():
        raise InputFileError(file, "no such table model", "Give the path of an OGIP 92-009 file.")
    return _model_of_file(kind, file, file.stat().st_mtime_ns)


@lru_cache(maxsize=8)
def _model_of_file(kind: str, path: Path, _modified_ns: int) -> ModelSpec:
    try:
        with fits.open(path) as hdus:
            table = _Table.from_hdus(path, hdus)
            name = str(hdus[0].header.get("MODLNAME", path.stem)).strip() or path.stem
            redshifted = bool(hdus[0].header.get("REDSHIFT", False))
            parameters = _parameters(hdus["PARAMETERS"].data, table.n_interpolated)
    except (OSError, KeyError, ValueError) as problem:
        raise InputFileError(
            path, f"not a table model ({problem})", "Expected an OGIP 92-009 file."
        ) from problem
    if redshifted:
        parameters = (*parameters, REDSHIFT)
    if kind == "atable":
        parameters = (*parameters, NORM)
    return ModelSpec(
        name=name,
        kind=Kind.ADDITIVE if kind == "atable" else Kind.MULTIPLICATIVE,
        meaning=f"table model of {path.name}",
        formula="interpolated linearly in every parameter",
        source="OGIP/92-009",
        parameters=parameters,
        evaluate=_Evaluate(table=table, kind=kind, redshifted=redshifted),
    )


@dataclass(frozen=True, eq=False, kw_only=True)
class _Table:
    """Spectra on a grid of parameters.

    Attributes
    ----------
    edges
        (n + 1,) energies [keV].
    axes
        Tabulated values of every interpolated parameter, as logarithms where METHOD is 1.
    logarithmic
        Whether each axis holds logarithms.
    spectra
        (points..., 1 + n_additional, n) the spectra, and after the first the additions of every
        additional parameter.
    """

    edges: Array
    axes: tuple[Array, ...]
    logarithmic: tuple[bool, ...]
    spectra: Array

    @property
    def n_interpolated(self) -> int:
        return len(self.axes)

    @classmethod
    def from_hdus(cls, path: Path, hdus: Any) -> _Table:
        header = hdus["PARAMETERS"].header
        n_interpolated, n_added = int(header["NINTPARM"]), int(header["NADDPARM"])
        if not 0 < n_interpolated <= _MAX_PARAMETERS:
            raise InputFileError(
                path, f"NINTPARM = {n_interpolated}", f"Expected 1 to {_MAX_PARAMETERS}."
            )
        rows = hdus["PARAMETERS"].data[:n_interpolated]
        values = [_row_values(row) for row in rows]
        logarithmic = tuple(bool(row["METHOD"]) for row in rows)
        spectra = _spectra(hdus["SPECTRA"].data, n_added)
        energies = hdus["ENERGIES"].data
        edges = np.append(energies["ENERG_LO"], energies["ENERG_HI"][-1]).astype(np.float64)
        shape = (*(v.size for v in values), 1 + n_added, edges.size - 1)
        order = np.lexsort(hdus["SPECTRA"].data["PARAMVAL"].reshape(len(spectra), -1).T[::-1])
        return cls(
            edges=edges,
            axes=tuple(np.log(v) if log else v for v, log in zip(values, logarithmic, strict=True)),
            logarithmic=logarithmic,
            spectra=spectra[order].reshape(shape),
        )

    def at(self, values: Sequence[float]) -> Array:
        """(n,) spectrum at parameter values, held at the ends of every axis."""
        block = self.spectra
        for value, axis, log in zip(values, self.axes, self.logarithmic, strict=False):
            x = min(max(np.log(value) if log else value, axis[0]), axis[-1])
            i = min(max(int(np.searchsorted(axis, x)) - 1, 0), max(axis.size - 2, 0))
            if axis.size == 1:
                block = block[0]
                continue
            part = (x - axis[i]) / (axis[i + 1] - axis[i])
            block = (1.0 - part) * block[i] + part * block[i + 1]
        added = np.asarray(values[self.n_interpolated :])
        return np.asarray(block[0] + added @ block[1:] if added.size else block[0])


@dataclass(frozen=True, eq=False, kw_only=True)
class _Evaluate:
    """The table on other bins: photons are shared out by overlap, factors averaged by width."""

    table: _Table
    kind: str
    redshifted: bool

    def __call__(self, grid: ModelGrid, values: Sequence[float]) -> Array:
        redshift = values[-1] if self.redshifted else 0.0
        spectrum = self.table.at(values[:-1] if self.redshifted else values)
        target = grid.redshifted(redshift)
        edges = self.table.edges
        if self.kind == "atable":
            summed = np.concatenate(([0.0], np.cumsum(spectrum)))
            return np.diff(np.interp(target.edges, edges, summed)) / (1.0 + redshift)
        summed = np.concatenate(([0.0], np.cumsum(spectrum * np.diff(edges))))
        covered = np.diff(np.clip(target.edges, edges[0], edges[-1]))
        mean = np.diff(np.interp(target.edges, edges, summed)) / np.maximum(covered, 1e-30)
        if self.kind == "etable":
            mean = np.exp(-mean)
        return np.where(covered > 0.0, mean, 1.0)


def _row_values(row: Any) -> Array:
    values = np.atleast_1d(np.asarray(row["VALUE"], dtype=np.float64))
    return values[: int(row["NUMBVALS"])]


def _spectra(data: Any, n_added: int) -> Array:
    columns = ["INTPSPEC", *(f"ADDSP{i + 1:03d}" for i in range(n_added))]
    return np.stack([np.asarray(data[name], dtype=np.float64) for name in columns], axis=1)


def _parameters(rows: Any, n_interpolated: int) -> tuple[ParameterSpec, ...]:
    return tuple(
        ParameterSpec(
            name=str(row["NAME"]).strip(),
            unit=str(row["UNITS"]).strip() if "UNITS" in rows.names else "",
            default=float(row["INITIAL"]),
            delta=abs(float(row["DELTA"])),
            hard_min=float(row["MINIMUM"]),
            soft_min=float(row["BOTTOM"]),
            soft_max=float(row["TOP"]),
            hard_max=float(row["MAXIMUM"]),
            frozen=float(row["DELTA"]) < 0.0,
            meaning="interpolated" if number < n_interpolated else "scales an added spectrum",
        )
        for number, row in enumerate(rows)
    )
