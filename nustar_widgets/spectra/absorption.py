"""Photoelectric absorption: the cross sections XSPEC uses, as a table of our own.

Physics packages that can be installed with pip do not reproduce XSPEC's ``tbabs`` above 20 keV,
so the numbers themselves are shipped (``data/absorption.npz``, 147 kB). They were obtained by
running XSPEC 12.9.1 (HEASoft 6.20) and thinned so that log-log interpolation returns every original
point to 2e-5; the file holds its origin as text, see :func:`table_origin`.

``wabs`` needs no table: it is the published polynomial of Morrison & McCammon 1983, ApJ 270, 119,
and lives with the other multiplicative models.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from io import BytesIO
from typing import TYPE_CHECKING, Final

import numpy as np

from nustar_widgets.errors import NeedsHeasoftError, ParameterError

if TYPE_CHECKING:
    from numpy.typing import NDArray

ABUNDANCES: Final = {
    "wilm": "Wilms, Allen & McCray 2000, ApJ 542, 914: the interstellar medium",
    "angr": "Anders & Grevesse 1989, GeCoA 53, 197: XSPEC's own default",
    "aspl": "Asplund et al. 2009, ARA&A 47, 481",
    "lodd": "Lodders 2003, ApJ 591, 1220",
    "feld": "Feldman 1992, Phys. Scripta 46, 202",
    "aneb": "Anders & Ebihara 1982, GeCoA 46, 2363",
    "grsa": "Grevesse & Sauval 1998, Space Sci. Rev. 85, 161",
}
"""Abundance tables by XSPEC's ``abund`` name, each with its source."""

CROSS_SECTIONS: Final = {
    "vern": "Verner et al. 1996, ApJ 465, 487",
    "bcmc": "Balucinska-Church & McCammon 1992, ApJ 400, 699",
}
"""Cross sections by XSPEC's ``xsect`` name, each with its source."""

TABLE_END_KEV: Final = 100.0
"""XSPEC computes no absorption above this energy."""


@dataclass(frozen=True, kw_only=True)
class AbsorptionChoice:
    """Which abundances and cross sections the absorption models use.

    Attributes
    ----------
    abundance
        A key of :data:`ABUNDANCES`; ``wilm`` goes with ``tbabs``.
    cross_section
        A key of :data:`CROSS_SECTIONS`. It concerns ``phabs`` and its kin only: ``tbabs`` always
        has its own, as in XSPEC.
    """

    abundance: str = "wilm"
    cross_section: str = "vern"

    def __post_init__(self) -> None:
        _require("abundance", self.abundance, ABUNDANCES)
        _require("cross_section", self.cross_section, CROSS_SECTIONS)


def _require(field: str, value: str, allowed: dict[str, str]) -> None:
    if value not in allowed:
        raise ParameterError(field, f"{value!r} is not known: expected one of {', '.join(allowed)}")


@dataclass(frozen=True, eq=False, kw_only=True)
class CrossSection:
    """A tabulated cross section.

    Attributes
    ----------
    log_energy
        (n,) natural logarithm of the energy [keV], rising.
    log_sigma
        (n,) natural logarithm of the cross section per hydrogen atom [1e-22 cm^2].
    at_middle
        XSPEC evaluates ``bcmc`` at the middle of a bin; everything else is the mean of both ends.
    """

    log_energy: NDArray[np.float64]
    log_sigma: NDArray[np.float64]
    at_middle: bool = False

    def at(self, energy_kev: NDArray[np.float64]) -> NDArray[np.float64]:
        """Cross section by log-log interpolation.

        Parameters
        ----------
        energy_kev
            (n,) energies [keV]. Below the first point (0.5 keV) and above the last (99.99 keV)
            the outermost segment is continued.

        Returns
        -------
        (n,) cross section per hydrogen atom [1e-22 cm^2].
        """
        x = np.log(energy_kev)
        knots, values = self.log_energy, self.log_sigma
        segment = np.clip(np.searchsorted(knots, x) - 1, 0, knots.size - 2)
        slope = (values[segment + 1] - values[segment]) / (knots[segment + 1] - knots[segment])
        return np.exp(values[segment] + slope * (x - knots[segment]))

    def bin_mean(self, edges_kev: NDArray[np.float64]) -> NDArray[np.float64]:
        """Cross section of energy bins, XSPEC's way: the mean of the two bin ends.

        In the bin that holds an edge this differs by a third from the value at mid-bin. There
        is none above 100 keV. (For ``bcmc`` XSPEC averages the logarithm of an element's
        cross section over the bin of its edge; here such a bin too takes its value at mid-bin.)

        Parameters
        ----------
        edges_kev
            (n + 1,) bin edges [keV].

        Returns
        -------
        (n,) mean cross section [1e-22 cm^2].
        """
        if self.at_middle:
            middle = 0.5 * (edges_kev[:-1] + edges_kev[1:])
            return np.where(edges_kev[:-1] > TABLE_END_KEV, 0.0, self.at(middle))
        sigma = np.where(edges_kev > TABLE_END_KEV, 0.0, self.at(edges_kev))
        return np.asarray(0.5 * (sigma[:-1] + sigma[1:]))


@lru_cache(maxsize=32)
def cross_section(model: str, choice: AbsorptionChoice) -> CrossSection:
    """Tabulated cross section of an absorption model.

    Parameters
    ----------
    model
        ``tbabs`` (gas, molecules and dust), ``ztbabs`` (without dust) or ``phabs`` (neutral gas).
    choice
        Abundances and cross sections.

    Raises
    ------
    NeedsHeasoftError
        If this combination is not in the table.
    """
    bcmc = model == "phabs" and choice.cross_section == "bcmc"
    key = f"{model}_{choice.abundance}{'_bcmc' if bcmc else ''}"
    tables = _tables()
    if key not in tables:
        raise NeedsHeasoftError(
            f"{model} with abundances {choice.abundance} and cross sections {choice.cross_section}",
            "Use cross sections vern, or abundances wilm or angr.",
        )
    energy, sigma = np.log(tables[key].astype(np.float64))
    return CrossSection(log_energy=energy, log_sigma=sigma, at_middle=bcmc)


def table_origin() -> str:
    """Where the shipped numbers come from, as written in the data file."""
    return str(_tables()["origin"])


@lru_cache(maxsize=1)
def _tables() -> dict[str, NDArray[np.float32]]:
    content = (files(__package__) / "data" / "absorption.npz").read_bytes()
    with np.load(BytesIO(content)) as archive:
        return {name: archive[name] for name in archive.files}
