"""What the panels make of the simulated observation: products, and a fit of them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from nustar_widgets.engines.embedded import EmbeddedEngine
from nustar_widgets.engines.embedded_run import ResponseFiles
from nustar_widgets.events.eventlist import EventList
from nustar_widgets.events.regions import SkyCircle, SkyRegion
from nustar_widgets.fits.livefit import LiveFit
from nustar_widgets.jobs.plan import plan
from nustar_widgets.opening import open_in
from nustar_widgets.session.session import Session
from nustar_widgets.session.values import FitChoice, ModuleRegions, ParameterChoice, Regions
from nustar_widgets.simulate import SimulatedObservation

FIT = FitChoice(parameters=(ParameterChoice(name="TBabs.nH", value=0.04, frozen=True),))


@dataclass(frozen=True, eq=False)
class Made:
    """A session whose products lie on disk.

    Attributes
    ----------
    session
        The session.
    products
        The products, by name.
    """

    session: Session
    products: dict[str, Path]


def drawn(sample: SimulatedObservation, work: Path) -> Session:
    """Open the observation and draw regions."""
    session = Session(work_dir=str(work), engine="embedded")
    open_in(session, sample.path)
    grid = EventList.read(session.inputs[0].events).grid
    ra, dec = grid.crval_ra_deg, grid.crval_dec_deg
    both = ModuleRegions(
        source=SkyRegion((SkyCircle(ra_deg=ra, dec_deg=dec, radius_arcsec=60.0),)),
        background=SkyRegion(
            (SkyCircle(ra_deg=ra + 0.05, dec_deg=dec + 0.05, radius_arcsec=90.0),)
        ),
    )
    session.edit("draw", regions=Regions(fpma=both, fpmb=both), fit=FIT)
    return session


def made(session: Session) -> Made:
    """Run what the job panel would run, where it would run it."""
    products: dict[str, Path] = {}
    for job in plan(session):
        job.folder.mkdir(parents=True, exist_ok=True)
        responses = {
            module: ResponseFiles(arf=Path(str(arf)), rmf=Path(str(rmf)))
            for module, arf, rmf in job.responses
        }
        result = EmbeddedEngine(responses=responses).run(job.call, folder=job.folder)
        products |= {item.path.name: item.path for item in result.products}
        products |= {file.name: job.folder / file.name for file in job.call.files}
    return Made(session, products)


def fitted(session: Session) -> LiveFit:
    """Load what was made, fit it and search ranges, as the fit panel does."""
    live = LiveFit.of(session)
    live.load()
    live.fit()
    live.errors()
    return live
