"""Positions of other sky frames in FK5, the frame of NuSTAR's sky plane."""

from __future__ import annotations

from typing import Final

# Names as DS9 and people write them. ICRS and FK5 differ by 0.02 arcsec, a hundredth of a sky
# pixel; HEASoft takes them as one, and so does this package.
SAME_AS_FK5: Final = ("fk5", "icrs", "j2000", "wcs")
OTHER_FRAMES: Final = {
    "fk4": "fk4",
    "b1950": "fk4",
    "galactic": "galactic",
    "ecliptic": "barycentricmeanecliptic",
}


def to_fk5(frame: str, lon_deg: float, lat_deg: float) -> tuple[float, float, float]:
    """Convert a position to FK5.

    Parameters
    ----------
    frame
        One of ``OTHER_FRAMES``.
    lon_deg, lat_deg
        Position in that frame [deg].

    Returns
    -------
    tuple of float
        Right ascension, declination, and the position angle of the frame's own north there, from
        FK5 north through east [deg]: what its angles have to grow by.
    """
    # astropy.coordinates takes a second to import and few files need it.
    from astropy import units as u  # noqa: PLC0415
    from astropy.coordinates import SkyCoord  # noqa: PLC0415

    nudge = 1e-4 if lat_deg < 0 else -1e-4
    lons, lats = [lon_deg, lon_deg], [lat_deg, lat_deg + nudge]
    here, beside = SkyCoord(lons, lats, unit=u.deg, frame=OTHER_FRAMES[frame]).fk5
    towards = here.position_angle(beside).to_value(u.deg)
    north = towards if nudge > 0 else towards - 180.0
    return float(here.ra.deg), float(here.dec.deg), float(north)
