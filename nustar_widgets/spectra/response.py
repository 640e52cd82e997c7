"""RMF times ARF, cut and grouped to one small dense matrix.

A NuSTAR RMF has 8 million elements, but the ARF is zero above 80 keV, the fit uses some hundred
groups, and a group of channels responds as the sum of its channels. What remains is a dense
matrix of some hundred by two thousand numbers, and folding a model is one product with it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from nustar_widgets.errors import InputFileError

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from nustar_widgets.spectra.arf import Arf
    from nustar_widgets.spectra.rmf import Rmf

GRID_TOLERANCE = 0.01
"""Largest difference of ARF and RMF edges, in bins: their single-precision edges differ by 4e-4."""


@dataclass(frozen=True, eq=False)
class Response:
    """One RMF with one ARF, or an RMF that has the area in it.

    Attributes
    ----------
    rmf
        Redistribution matrix; its photon energy bins are the ones a model is evaluated on, as in
        XSPEC. The ARF's own edges differ in the last digits.
    arf
        Effective area, or ``None`` where the matrix includes it.

    Raises
    ------
    InputFileError
        The energy bins of the two are not the same.
    """

    rmf: Rmf
    arf: Arf | None = None

    def __post_init__(self) -> None:
        if self.arf is not None:
            _check_same_grid(self.rmf, self.arf)

    @cached_property
    def area(self) -> NDArray[np.float64]:
        """(n_energy,) effective area, or ones without an ARF [cm2]."""
        return np.ones(self.rmf.energ_lo.size) if self.arf is None else self.arf.specresp

    @cached_property
    def rows(self) -> slice:
        """Photon energy bins from the first to the last with an effective area."""
        seen = np.flatnonzero(self.area > 0)
        if not seen.size:
            path = self.rmf.path if self.arf is None else self.arf.path
            raise InputFileError(
                path or "ARF", "the effective area is zero everywhere", "Make the ARF again."
            )
        return slice(int(seen[0]), int(seen[-1]) + 1)

    @cached_property
    def edges_kev(self) -> NDArray[np.float64]:
        """(n_rows + 1,) photon energies a model is evaluated on [keV]."""
        return self.rmf.edges_kev[self.rows.start : self.rows.stop + 1]

    def grouped(self, bin_of_channel: NDArray[np.int64], n_bins: int) -> NDArray[np.float64]:
        """Sum RMF times ARF over the channels of each bin.

        Parameters
        ----------
        bin_of_channel
            (n_chan,) zero-based bin, -1 for channels in no bin.
        n_bins
            Number of bins.

        Returns
        -------
        NDArray
            (n_bins, n_rows) response [cm2], contiguous along energy.
        """
        n_rows = self.rows.stop - self.rows.start
        row, bins, weight = self._elements(bin_of_channel)
        used = bins >= 0
        place = bins[used] * n_rows + row[used]
        flat = np.bincount(place, weights=weight[used], minlength=n_bins * n_rows)
        return flat.reshape(n_bins, n_rows).astype(np.float64, copy=False)

    def channel_area(self) -> NDArray[np.float64]:
        """(n_chan,) sum of RMF times ARF over photon energies [cm2].

        What XSPEC's ``setplot area`` divides by.
        """
        channels = np.arange(self.rmf.n_channels)
        _, channel, weight = self._elements(channels)
        area = np.bincount(channel, weights=weight, minlength=self.rmf.n_channels)
        return area.astype(np.float64, copy=False)

    def _elements(
        self, bin_of_channel: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
        """Photon energy row, bin and area of every element in the rows that count."""
        starts = self.rmf.row_start[self.rows.start : self.rows.stop + 1]
        row = np.repeat(np.arange(starts.size - 1), np.diff(starts))
        elements = slice(starts[0], starts[-1])
        weight = self.rmf.probability[elements] * self.area[self.rows][row]
        return row, bin_of_channel[self.rmf.channel[elements]], weight


def _check_same_grid(rmf: Rmf, arf: Arf) -> None:
    where = arf.path or "ARF"
    if arf.energ_lo.size != rmf.energ_lo.size:
        raise InputFileError(
            where,
            f"it has {arf.energ_lo.size} energy bins, the RMF {_name(rmf.path)} has "
            f"{rmf.energ_lo.size}",
            "Expected an ARF and an RMF made for each other.",
        )
    width = rmf.energ_hi - rmf.energ_lo
    apart = np.maximum(abs(arf.energ_lo - rmf.energ_lo), abs(arf.energ_hi - rmf.energ_hi)) / width
    if apart.max() > GRID_TOLERANCE:
        worst = int(np.argmax(apart))
        raise InputFileError(
            where,
            f"energy bin {worst + 1} is {arf.energ_lo[worst]:g}-{arf.energ_hi[worst]:g} keV, in "
            f"the RMF {_name(rmf.path)} {rmf.energ_lo[worst]:g}-{rmf.energ_hi[worst]:g} keV",
            "Expected an ARF and an RMF made for each other.",
        )


def _name(path: Path | None) -> str:
    return path.name if path else "in memory"
