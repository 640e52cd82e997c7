"""What a session holds, as rows of a table."""

from __future__ import annotations

from pathlib import Path

from nustar_widgets.events.regions import SkyRegion
from nustar_widgets.panels.stills.still import Table
from nustar_widgets.session.session import Session
from nustar_widgets.session.values import RegionText


def choices_table(session: Session) -> Table:
    """Tell what was chosen: target, observation, files, regions, model.

    Parameters
    ----------
    session
        The session.
    """
    rows = [
        ("target", _target(session)),
        ("observation", session.obsid),
        ("files", ", ".join(_files(session))),
        *((f"{name} regions", _regions(session, name)) for name in session.modules),
        ("band", "{:g} to {:g} keV".format(*session.band_kev)),
        ("model", session.fit.expression),
        ("work folder", session.work_dir),
    ]
    return Table(rows=tuple(row for row in rows if row[1]))


def titled(what: str, session: Session) -> str:
    """Return a title: what is shown, and of which target and observation.

    Parameters
    ----------
    what
        What is shown.
    session
        The session.
    """
    target = "" if session.target is None else session.target.name
    name = ", ".join(filter(None, (target, session.obsid)))
    return f"{what}: {name}" if name else what


def _target(session: Session) -> str:
    target = session.target
    if target is None or target.ra_deg is None or target.dec_deg is None:
        return "" if target is None else target.name
    return f"{target.name} (RA {target.ra_deg:.5f}, Dec {target.dec_deg:+.5f} deg, J2000)"


def _files(session: Session) -> list[str]:
    names = [item.events for item in session.inputs if item.events]
    return [Path(name).name for name in (*names, *(item.pha for item in session.spectra))]


def _regions(session: Session, module: str) -> str:
    regions = session.regions.of(module)
    told = [
        f"{role}: {_region(region)}"
        for role, region in (("source", regions.source), ("background", regions.background))
        if region is not None
    ]
    return "; ".join(told)


def _region(region: SkyRegion | RegionText) -> str:
    if isinstance(region, RegionText):
        return region.origin or "a region file as it was given"
    return ", ".join(type(shape).__name__.removeprefix("Sky").lower() for shape in region.shapes)
