"""Which steps the files of an observation allow, and what the others lack.

Sources of what each task reads: NuSTARDAS ``nupipeline`` (``%InFilesDir``, ``%InFilesExt``,
``SetInFiles``) and ``nuproducts`` (``SetInFiles``; it looks for everything in ``indir``).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from nustar_widgets.archive.files import ObservationFile, select
from nustar_widgets.archive.names import Role
from nustar_widgets.instrument import MODULES


@dataclass(frozen=True, kw_only=True)
class Step:
    """A step of the analysis, seen from the files that are there.

    Attributes
    ----------
    name
        ``extraction`` (this package's own engine), ``nuproducts`` or ``nupipeline``.
    modules
        Modules it is possible for.
    missing
        Files it lacks, as the archive names them, for the modules it is not possible for.
    notes
        What is to be known where it is possible.
    """

    name: str
    modules: tuple[str, ...]
    missing: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def is_possible(self) -> bool:
        """Whether it can be done for a module at least."""
        return bool(self.modules)

    def describe(self) -> str:
        """Say in one line whether it is possible and why not."""
        words = f"possible for {' and '.join(self.modules)}" if self.modules else "not possible"
        if self.missing:
            words += f"{' only' if self.modules else ''}: missing {', '.join(self.missing)}"
        return "; ".join((f"{self.name}: {words}", *self.notes))


@dataclass(frozen=True)
class _Need:
    """One file a step reads: what it is for, where it may lie, how its name ends."""

    role: Role
    folders: tuple[str, ...]
    ending: str
    of_module: bool = False


_EVENTS: Final = _Need(Role.EVENTS, ("event_cl",), "01_cl.evt", of_module=True)
_HOUSEKEEPING: Final = _Need(Role.HOUSEKEEPING, ("hk", "event_cl"), "_fpm.hk", of_module=True)
_OBEB: Final = _Need(Role.OBEB, ("hk", "event_cl"), "_obeb.hk")
_NEEDS: Final = {
    "extraction": (_EVENTS,),
    "nuproducts": (
        _EVENTS,
        _HOUSEKEEPING,
        _Need(Role.ATTITUDE, ("event_cl",), "_att.fits"),
        _Need(Role.MAST, ("event_cl",), "_mast.fits"),
        _Need(Role.OPTICAL_AXIS, ("event_cl",), "_oa.fits", of_module=True),
        _Need(Role.DET1, ("event_cl",), "_det1.fits", of_module=True),
    ),
    "nupipeline": (
        _Need(Role.UNFILTERED, ("event_uf",), "_uf.evt", of_module=True),
        _Need(Role.HOUSEKEEPING, ("hk",), "_fpm.hk", of_module=True),
        _Need(Role.DISABLED_PIXELS, ("hk",), "_dspx.fits", of_module=True),
        _Need(Role.CEB, ("hk",), "_ceb.hk"),
        _Need(Role.CHU123, ("hk",), "_chu123.fits"),
        _Need(Role.METROLOGY, ("hk",), "_met.fits"),
        _Need(Role.ATTITUDE, ("auxil",), "_att.fits"),
        _Need(Role.ORBIT, ("auxil",), "_orb.fits"),
        _Need(Role.ORBIT_ELEMENTS, ("auxil",), "NUSTAR_TLE_ARCHIVE.txt.*"),
    ),
}
# What is not read by the oldest versions or only improves the result: (file, what happens without)
_WISHES: Final = {
    "extraction": (
        (_HOUSEKEEPING, "dead time is then the mean of the observation, not second by second"),
    ),
    "nuproducts": ((_OBEB, "NuSTARDAS 2.0 (2020) and later stop without it"),),
    "nupipeline": ((_OBEB, "NuSTARDAS 2.0 (2020) and later stop without it"),),
}


def possible_steps(files: Sequence[ObservationFile], obsid: str) -> tuple[Step, ...]:
    """Say which steps are possible with these files.

    Parameters
    ----------
    files
        Files of one observation.
    obsid
        Its ID.

    Returns
    -------
    tuple of Step
        Our own extraction, nuproducts and nupipeline, in this order.
    """
    return tuple(_step(name, files, obsid) for name in _NEEDS)


def _step(name: str, files: Sequence[ObservationFile], obsid: str) -> Step:
    lacks = {module: list(_lacking(_NEEDS[name], files, obsid, module)) for module in MODULES}
    possible = tuple(module for module in MODULES if not lacks[module])
    wishes = (
        f"{missing} is not there: {without}"
        for need, without in _WISHES[name]
        for module in possible
        for missing in _lacking((need,), files, obsid, module)
    )
    return Step(
        name=name,
        modules=possible,
        missing=tuple(dict.fromkeys(file for lacking in lacks.values() for file in lacking)),
        notes=tuple(dict.fromkeys(wishes)),
    )


def _lacking(
    needs: Sequence[_Need], files: Sequence[ObservationFile], obsid: str, module: str
) -> Iterator[str]:
    for need in needs:
        of_module = module if need.of_module else None
        if not select(files, need.role, module=of_module, folders=need.folders):
            stem = "" if need.role is Role.ORBIT_ELEMENTS else f"nu{obsid}"
            yield f"{need.folders[0]}/{stem}{module[-1] if need.of_module else ''}{need.ending}"
