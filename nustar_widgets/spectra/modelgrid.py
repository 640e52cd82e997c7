"""The energy bins a model is evaluated on, with everything that depends on the bins alone.

A fit evaluates the same few models thousands of times on the same bins, so logarithms of the
edges, Gauss-Legendre nodes and absorption cross sections are computed once and kept with the bins.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np

from nustar_widgets.errors import ModelError
from nustar_widgets.spectra.absorption import AbsorptionChoice, cross_section

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Array: TypeAlias = NDArray[np.float64]

_N_NODES: Final = 3
_N_KEPT: Final = 8
"""Redshifts kept per grid: a fit that frees one passes through many."""


class ModelGrid:
    """Contiguous energy bins.

    Parameters
    ----------
    edges_kev
        (n + 1,) bin edges [keV], positive and rising.
    absorption
        Abundances and cross sections of the absorption models on this grid.

    Raises
    ------
    ModelError
        If the edges are not positive, rising numbers.
    """

    def __init__(self, edges_kev: Array, absorption: AbsorptionChoice | None = None) -> None:
        edges = np.ascontiguousarray(edges_kev, dtype=np.float64)
        if edges.ndim != 1 or edges.size < 2 or not _rising_from_zero(edges):
            raise ModelError(
                "model energy grid: expected at least two edges [keV], each above zero and above "
                "the one before it; read the energies from the response (RMF) of the spectrum"
            )
        self.edges = edges
        self.low = edges[:-1]
        self.high = edges[1:]
        self.width = np.diff(edges)
        self.absorption = absorption or AbsorptionChoice()
        self._redshifted: dict[float, ModelGrid] = {}
        self._sigma: dict[str, Array] = {}

    @property
    def size(self) -> int:
        """Number of bins."""
        return self.width.size

    @cached_property
    def middle(self) -> Array:
        """(n,) arithmetic middle of the bins [keV]."""
        return np.asarray(0.5 * (self.low + self.high))

    @cached_property
    def log_edges(self) -> Array:
        """(n + 1,) natural logarithm of the edges."""
        return np.asarray(np.log(np.append(self.low, self.high[-1])))

    @cached_property
    def log_low(self) -> Array:
        """(n,) natural logarithm of the lower edges."""
        return np.log(self.low)

    @cached_property
    def log_step(self) -> Array:
        """(n,) natural logarithm of upper over lower edge."""
        return np.log(self.high / self.low)

    @cached_property
    def nodes(self) -> Array:
        """(3, n) Gauss-Legendre nodes of every bin [keV]."""
        points, _ = np.polynomial.legendre.leggauss(_N_NODES)
        return np.asarray(self.middle + 0.5 * self.width * points[:, None])

    @cached_property
    def log_nodes(self) -> Array:
        """(3, n) natural logarithm of the nodes."""
        return np.log(self.nodes)

    def mean_over_nodes(self, values: Array) -> Array:
        """Mean over every bin of a function known at the nodes.

        Parameters
        ----------
        values
            (3, n) the function at :attr:`nodes`.

        Returns
        -------
        (n,) bin means, exact for polynomials of fifth degree.
        """
        return np.asarray(_HALF_WEIGHTS @ values)

    def ends_mean(self, function: Callable[[Array], Array]) -> Array:
        """Mean of the values at both ends of every bin: XSPEC's rule for many factors."""
        values = function(self.edges)
        return 0.5 * (values[:-1] + values[1:])

    def redshifted(self, redshift: float) -> ModelGrid:
        """Return the same bins in the frame of a source at this redshift."""
        if redshift == 0.0:
            return self
        grid = self._redshifted.get(redshift)
        if grid is None:
            if len(self._redshifted) >= _N_KEPT:
                self._redshifted.clear()
            grid = ModelGrid(self.edges * (1.0 + redshift), self.absorption)
            self._redshifted[redshift] = grid
        return grid

    def sigma(self, model: str) -> Array:
        """(n,) bin-mean cross section of ``tbabs``, ``ztbabs`` or ``phabs`` [1e-22 cm^2]."""
        sigma = self._sigma.get(model)
        if sigma is None:
            sigma = cross_section(model, self.absorption).bin_mean(self.edges)
            self._sigma[model] = sigma
        return sigma

    def window(self, low_kev: float, high_kev: float) -> slice:
        """Bins that overlap an energy range."""
        first = int(np.searchsorted(self.edges, low_kev, side="right")) - 1
        last = int(np.searchsorted(self.edges, high_kev, side="left"))
        return slice(min(max(first, 0), self.size), min(max(last, 0), self.size))


def _rising_from_zero(edges: Array) -> bool:
    return bool(edges[0] > 0.0 and np.all(np.isfinite(edges)) and np.all(np.diff(edges) > 0.0))


_HALF_WEIGHTS = 0.5 * np.polynomial.legendre.leggauss(_N_NODES)[1]
