"""Luminosity distances as XSPEC has them, by Pen's formula (1999, ApJS 120, 49)."""

from __future__ import annotations

_AREA = 1.07057e13
"""Measured: 4 pi (c/H0)^2 for H0 = 100 km/s/Mpc, in units of 1e44 cm^2, 0.45 % below the exact."""


def _eta(a: float, omega: float) -> float:
    s3 = (1.0 - omega) / omega
    s = s3 ** (1.0 / 3.0)
    inner = 1.0 / a**4 - 0.1540 * s / a**3 + 0.4304 * s**2 / a**2 + 0.19097 * s3 / a
    return float(2.0 * (s3 + 1.0) ** 0.5 * (inner + 0.066941 * s**4) ** -0.125)


def area(z: float, h0: float, q0: float, lambda0: float) -> float:
    """Area of the sphere around a source of a redshift [1e44 cm^2].

    Parameters
    ----------
    z
        Redshift.
    h0, q0, lambda0
        XSPEC's ``cosmo``.
    """
    if lambda0:
        omega = 1.0 - lambda0
        distance = (1.0 + z) * (_eta(1.0, omega) - _eta(1.0 / (1.0 + z), omega))
    else:
        distance = (q0 * z + (q0 - 1.0) * ((1.0 + 2.0 * q0 * z) ** 0.5 - 1.0)) / q0**2
    return _AREA * distance**2 / (h0 / 100.0) ** 2
