"""A session on an observation, for the tests of what it stands for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nustar_widgets.calls.current import CallsNow, TaskHere, calls_now
from nustar_widgets.calls.links import Edit
from nustar_widgets.engines.embedded_spec import embedded_specs
from nustar_widgets.engines.taskspec import TaskSpec
from nustar_widgets.events.regions import SkyAnnulus, SkyCircle, SkyRegion
from nustar_widgets.session.session import Session
from nustar_widgets.session.values import ModuleInputs, ModuleRegions, Regions, Target

CIRCLE = SkyCircle(ra_deg=187.3, dec_deg=-36.5, radius_arcsec=60.0)
RING = SkyAnnulus(ra_deg=187.3, dec_deg=-36.5, inner_radius_arcsec=120.0, outer_radius_arcsec=180.0)


def session(folder: Path, **values: Any) -> Session:
    """A session with both modules of an observation below a folder, which need not be there."""
    both = ModuleRegions(source=SkyRegion((CIRCLE,)), background=SkyRegion((RING,)))
    stem = "nu60001110002"
    inputs = tuple(
        ModuleInputs(
            module=f"FPM{letter}",
            events=str(folder / "event_cl" / f"{stem}{letter}01_cl.evt"),
            housekeeping=str(folder / "hk" / f"{stem}{letter}_fpm.hk"),
        )
        for letter in "AB"
    )
    made = {
        "target": Target(name="SWIFT J2127.4+5654", ra_deg=187.3, dec_deg=-36.5),
        "obsid": "60001110002",
        "data_dir": str(folder),
        "inputs": inputs,
        "regions": Regions(fpma=both, fpmb=both),
        "work_dir": str(folder / "work"),
    }
    return Session(**{**made, **values})


def here_with(*specs: TaskSpec, engine: str = "heasoft") -> dict[str, TaskHere]:
    """Who does each task: one engine those given, the embedded one the others it has."""
    own = {
        task: TaskHere(task=task, spec=spec, engine="embedded", note="needs HEASoft")
        for task, spec in embedded_specs().items()
    }
    nobody = TaskHere(task="nupipeline", spec=None, note="needs HEASoft")
    given = {spec.task: TaskHere(task=spec.task, spec=spec, engine=engine) for spec in specs}
    return {"nupipeline": nobody, **own, **given}


def now(session: Session, here: dict[str, TaskHere] | None = None) -> CallsNow:
    """The calls it stands for."""
    return calls_now(session, here or here_with())


def edit(name: str, value: str | float | bool, module: str = "FPMA") -> Edit:
    """A value entered."""
    return Edit(name=name, value=value, module=module)
