"""What was put into a simulated observation, so that an analysis can be held against it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

OBSID: Final = "00000000001"
OBJECT: Final = "SIMULATED SWIFT J2127.4+5654"

# Position of the real galaxy, ICRS.
SOURCE_RA_DEG: Final = 321.93730
SOURCE_DEC_DEG: Final = 56.94440

# Continuum: photon index and cutoff energy of Marinucci et al. 2014, MNRAS 440, 2347; column
# density through the Galaxy 7.65e21 cm-2. The iron line is a Gaussian at 6.4 keV seen from
# z = 0.0144, in place of the relativistic profile found there. Line strength and normalisation are
# chosen here: an equivalent width near 0.15 keV and 3e-11 erg/cm2/s unabsorbed in 2-10 keV.
EXPRESSION: Final = "tbabs*(cutoffpl + gaussian)"
PARAMETERS: Final = (
    ("TBabs.nH", 0.765),  # 1e22 cm-2
    ("cutoffpl.PhoIndex", 2.08),
    ("cutoffpl.HighECut", 108.0),  # keV
    ("cutoffpl.norm", 0.0137),  # photons/keV/cm2/s at 1 keV
    ("gaussian.LineE", 6.31),  # keV
    ("gaussian.Sigma", 0.25),  # keV
    ("gaussian.norm", 4.2e-5),  # photons/cm2/s
)

#: Radius of the circle the simulated ARFs are made for, unless asked otherwise [arcsec].
EXTRACTION_RADIUS_ARCSEC: Final = 100.0


@dataclass(frozen=True, kw_only=True)
class ModuleTruth:
    """What was put into one module.

    Attributes
    ----------
    module
        ``FPMA`` or ``FPMB``.
    factor
        Flux scale of the module: the ``constant`` a joint fit should find.
    ra_deg, dec_deg
        Where the source appears in this module [deg]; some arcsec from its true position.
    captured_fraction
        Part of the source's light within the circle of the ARF and on a chip.
    source_events, background_events
        Events of each kind in the event list, flares included in the background.
    source_rate
        Source counts per live second if chips filled the whole plane [1/s].
    chip_background
        Background level of DET_ID 0 to 3 over their mean.
    """

    module: str
    factor: float
    ra_deg: float
    dec_deg: float
    captured_fraction: float
    source_events: int
    background_events: int
    source_rate: float
    chip_background: tuple[float, float, float, float]


@dataclass(frozen=True, kw_only=True)
class Truth:
    """What was put into the observation.

    Attributes
    ----------
    expression
        The spectral model, as XSPEC writes it, with ``wilm`` abundances and ``vern`` cross
        sections.
    parameters
        (name, value) of every parameter, in XSPEC's units.
    brightness
        Factor on every normalisation of the model.
    ra_deg, dec_deg
        True position, ICRS [deg].
    arf_radius_arcsec
        Radius of the circle the ARFs are made for [arcsec].
    variability_rms
        Fractional root mean square of the source's red noise.
    flares
        (start, stop) of the stretches of good time whose background is more than twice the
        quiet level, mission time [s].
    modules
        One entry per module.
    seed
        Seed of the random numbers.
    """

    expression: str
    parameters: tuple[tuple[str, float], ...]
    brightness: float
    ra_deg: float
    dec_deg: float
    arf_radius_arcsec: float
    variability_rms: float
    flares: tuple[tuple[float, float], ...]
    modules: tuple[ModuleTruth, ...]
    seed: int

    def of(self, module: str) -> ModuleTruth:
        """Return the entry of one module.

        Parameters
        ----------
        module
            ``FPMA`` or ``FPMB``.
        """
        return next(entry for entry in self.modules if entry.module == module)
