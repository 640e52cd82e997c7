"""One simulated observation: made whole in a hidden folder, then renamed into place."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from nustar_widgets.atomic import whole_folder
from nustar_widgets.errors import ParameterError
from nustar_widgets.simulate import eventfiles, responsefiles
from nustar_widgets.simulate.draw import ModuleRecord, observe
from nustar_widgets.simulate.modules import GRID, MODULES, Module
from nustar_widgets.simulate.source import channel_rate
from nustar_widgets.simulate.standins import write_stand_ins
from nustar_widgets.simulate.timeline import Timeline, make_timeline, red_noise
from nustar_widgets.simulate.truth import (
    EXPRESSION,
    EXTRACTION_RADIUS_ARCSEC,
    OBSID,
    PARAMETERS,
    SOURCE_DEC_DEG,
    SOURCE_RA_DEG,
    ModuleTruth,
    Truth,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

DEFAULT_EXPOSURE_S: Final = 30_000.0
# With this seed a joint fit ends about one sigma from the truth, as a typical observation does.
DEFAULT_SEED: Final = 1
VARIABILITY_RMS: Final = 0.17
_FLARE_LEVEL: Final = 1.0  # excess over the quiet level, in units of it
# Independent streams of random numbers, so that one module does not move the other.
_TIMELINE_STREAM: Final = 0
_SOURCE_STREAM: Final = 1
_MODULE_STREAM: Final = 2


@dataclass(frozen=True, kw_only=True)
class SimulatedObservation:
    """A simulated observation on disk.

    Attributes
    ----------
    path
        Its folder, ``<folder>/00000000001``.
    obsid
        ``00000000001``.
    truth
        What was put in.
    """

    path: Path
    obsid: str
    truth: Truth

    def event_file(self, module: str) -> Path:
        """Return the path of the cleaned event list of a module, ``FPMA`` or ``FPMB``."""
        return self.path / "event_cl" / f"nu{self.obsid}{module[-1]}01_cl.evt"

    def housekeeping_file(self, module: str) -> Path:
        """Return the path of the housekeeping of a module, ``FPMA`` or ``FPMB``."""
        return self.path / "hk" / f"nu{self.obsid}{module[-1]}_fpm.hk"

    def arf_file(self, module: str) -> Path:
        """Return the path of the effective area of a module, ``FPMA`` or ``FPMB``."""
        return self.path / "event_cl" / f"nu{self.obsid}{module[-1]}01_sr.arf"

    def rmf_file(self, module: str) -> Path:
        """Return the path of the redistribution matrix of a module, ``FPMA`` or ``FPMB``."""
        return self.arf_file(module).with_suffix(".rmf")


def simulate_observation(
    folder: str | Path,
    *,
    exposure_s: float = DEFAULT_EXPOSURE_S,
    seed: int = DEFAULT_SEED,
    brightness: float = 1.0,
    arf_radius_arcsec: float = EXTRACTION_RADIUS_ARCSEC,
    overwrite: bool = False,
    progress: Callable[[str], None] | None = None,
) -> SimulatedObservation:
    """Write a simulated observation of SWIFT J2127.4+5654 with both modules.

    The same arguments give the same files, bit for bit. Every header of every file says that the
    data are simulated; the dates lie before NuSTAR's launch.

    Parameters
    ----------
    folder
        Where to make the observation folder ``00000000001``; created if absent.
    exposure_s
        Good time [s]. The EXPOSURE keyword comes out some 4 % smaller: dead time.
    seed
        Seed of the random numbers.
    brightness
        Factor on the source's flux; 40 gives a million events per module in 30 ks.
    arf_radius_arcsec
        Radius of the source circle the ARFs are made for [arcsec]; the events do not depend on it.
    overwrite
        Replace an observation that is already there.
    progress
        Called with a line of text at each step.

    Raises
    ------
    OutputError
        The observation exists and ``overwrite`` is off, or the folder cannot be written.
    ParameterError
        ``exposure_s``, ``brightness`` or ``arf_radius_arcsec`` is not a positive number.
    """
    _check_positive("exposure_s", exposure_s)
    _check_positive("brightness", brightness)
    _check_positive("arf_radius_arcsec", arf_radius_arcsec)
    target = Path(folder) / OBSID
    tell = progress or _silent
    plan = _Plan(exposure_s, seed, brightness, arf_radius_arcsec)
    with whole_folder(target, overwrite=overwrite) as scratch:
        truth = _write_observation(scratch, plan, tell)
    tell(f"simulated observation in {target}")
    return SimulatedObservation(path=target, obsid=OBSID, truth=truth)


@dataclass(frozen=True)
class _Plan:
    """What was asked for."""

    exposure_s: float
    seed: int
    brightness: float
    arf_radius_arcsec: float


def _check_positive(name: str, value: float) -> None:
    if not (np.isfinite(value) and value > 0.0):
        raise ParameterError(name, f"{value}: expected a number above 0")


def _silent(_line: str) -> None:
    """Stand in for an absent progress callback."""


def _write_observation(folder: Path, plan: _Plan, tell: Callable[[str], None]) -> Truth:
    for name in ("auxil", "event_cl", "event_uf", "hk"):
        (folder / name).mkdir()
    timeline = make_timeline(np.random.default_rng((plan.seed, _TIMELINE_STREAM)), plan.exposure_s)
    variation = red_noise(
        np.random.default_rng((plan.seed, _SOURCE_STREAM)), timeline, VARIABILITY_RMS
    )
    tell(f"{timeline.good_s:.0f} s of good time in {len(timeline.start)} intervals")
    modules = []
    for stream, module in enumerate(MODULES, start=_MODULE_STREAM):
        channels = plan.brightness * channel_rate(module)
        record = observe(
            np.random.default_rng((plan.seed, stream)),
            module,
            timeline,
            source_channels=channels,
            brightness=variation,
        )
        tell(f"{module.name}: {len(record.events)} events")
        _write_module(folder, module, record, timeline, plan=plan)
        modules.append(_module_truth(module, record, float(channels.sum()), plan=plan))
    tell("housekeeping, attitude and the other files of the folder")
    write_stand_ins(folder, timeline)
    return _truth(plan, timeline, tuple(modules))


def _write_module(
    folder: Path, module: Module, record: ModuleRecord, timeline: Timeline, *, plan: _Plan
) -> None:
    clean = folder / "event_cl" / f"nu{OBSID}{module.letter}01"
    eventfiles.write_events(Path(f"{clean}_cl.evt"), module, record, timeline)
    eventfiles.write_gti(Path(f"{clean}_gti.fits"), module, record, timeline)
    eventfiles.write_housekeeping(
        folder / "hk" / f"nu{OBSID}{module.letter}_fpm.hk", module, record, timeline
    )
    responsefiles.write_arf(
        Path(f"{clean}_sr.arf"), module, timeline, radius_arcsec=plan.arf_radius_arcsec
    )
    responsefiles.write_rmf(Path(f"{clean}_sr.rmf"), module, timeline)


def _truth(plan: _Plan, timeline: Timeline, modules: tuple[ModuleTruth, ...]) -> Truth:
    return Truth(
        expression=EXPRESSION,
        parameters=PARAMETERS,
        brightness=plan.brightness,
        ra_deg=SOURCE_RA_DEG,
        dec_deg=SOURCE_DEC_DEG,
        arf_radius_arcsec=plan.arf_radius_arcsec,
        variability_rms=VARIABILITY_RMS,
        flares=_flares(timeline),
        modules=modules,
        seed=plan.seed,
    )


def _module_truth(
    module: Module, record: ModuleRecord, source_rate: float, *, plan: _Plan
) -> ModuleTruth:
    ra_deg, dec_deg = GRID.pixel_to_sky(*module.source_pixel)
    return ModuleTruth(
        module=module.name,
        factor=module.factor,
        ra_deg=ra_deg,
        dec_deg=dec_deg,
        captured_fraction=module.plane.captured_fraction(plan.arf_radius_arcsec),
        source_events=record.n_source,
        background_events=len(record.events) - record.n_source,
        source_rate=source_rate,
        chip_background=module.chip_background,
    )


def _flares(timeline: Timeline) -> tuple[tuple[float, float], ...]:
    """Stretches of good time with more than twice the quiet background."""
    seconds: NDArray[np.float64] = timeline.seconds()
    good = timeline.good_before(seconds + 1.0) > timeline.good_before(seconds)
    loud = np.concatenate(([False], good & (timeline.flare(seconds) > _FLARE_LEVEL), [False]))
    edges = np.flatnonzero(loud[1:] != loud[:-1])
    return tuple(
        (float(seconds[first]), float(seconds[last - 1] + 1.0))
        for first, last in zip(edges[::2], edges[1::2], strict=True)
    )
