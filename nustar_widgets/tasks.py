"""NuSTAR tasks as functions, without HEASoft: for scripts.

The functions have the names and parameters of the HEASoft tasks, so that a script reads the same
with either: ``tasks.nuproducts(...)`` here, ``heasoftpy.nuproducts(...)`` there. They run in the
present folder and count as HEASoft counts; what needs calibration files is not done and listed in
``made.provenance.not_applied``.

Examples
--------
>>> from nustar_widgets import tasks
>>> made = tasks.nuproducts(  # doctest: +SKIP
...     indir="60001110002/event_cl",
...     instrument="FPMA",
...     steminputs="nu60001110002",
...     srcregionfile="src.reg",
...     bkgregionfile="bkg.reg",
...     outdir="spec",
... )
>>> made.path("source spectrum")  # doctest: +SKIP
PosixPath('/home/me/work/spec/nu60001110002A01_sr.pha')
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from nustar_widgets.atomic import write_text
from nustar_widgets.engines.base import TaskResult
from nustar_widgets.engines.embedded import EmbeddedEngine
from nustar_widgets.engines.embedded_run import ResponseFiles
from nustar_widgets.events.gti import Gti
from nustar_widgets.jobs.place import record_name
from nustar_widgets.session.taskcall import ParamValue, TaskCall

__all__ = ["ftgrouppha", "nuproducts", "write_gti"]


def nuproducts(
    *, arf: str | Path | None = None, rmf: str | Path | None = None, **parameters: ParamValue | Path
) -> TaskResult:
    """Make spectra, light curves and an image of one module.

    Parameters
    ----------
    arf, rmf
        Responses to put beside the spectra; making them needs HEASoft. Without any, the spectra
        are counts only and cannot be fitted.
    **parameters
        Those of nuproducts, by its own names; ``instrument`` is FPMA or FPMB.

    Returns
    -------
    TaskResult
        The products, and what was not applied.

    Raises
    ------
    TaskNotSupported
        Something that is asked for needs HEASoft.
    NustarWidgetsError
        An input or a parameter is wrong, or a product is there already and ``clobber`` is no;
        nothing was made.
    """
    given = ResponseFiles(arf=_path(arf), rmf=_path(rmf))
    engine = EmbeddedEngine(responses={str(parameters.get("instrument")): given})
    return _run(_call("nuproducts", parameters), engine)


def ftgrouppha(**parameters: ParamValue | Path) -> TaskResult:
    """Group the channels of a spectrum.

    Parameters
    ----------
    **parameters
        Those of ftgrouppha, by its own names.

    Returns
    -------
    TaskResult
        The grouped spectrum.

    Raises
    ------
    NustarWidgetsError
        An input or a parameter is wrong; nothing was made.
    """
    return _run(_call("ftgrouppha", parameters), EmbeddedEngine())


def write_gti(path: str | Path, intervals: Iterable[tuple[float, float]]) -> None:
    """Write good time intervals as a file that nuproducts takes as ``usrgtifile``.

    Parameters
    ----------
    path
        The file; an older one is replaced.
    intervals
        (start, stop) of each [s, mission time: TT since 2010-01-01 UTC].

    Raises
    ------
    OutputError
        It cannot be written.
    """
    Gti.from_pairs(tuple(intervals)).write(path, overwrite=True)


def _call(task: str, parameters: dict[str, ParamValue | Path]) -> TaskCall:
    plain = {
        name: str(value) if isinstance(value, Path) else value for name, value in parameters.items()
    }
    return TaskCall(task=task, params=tuple(plain.items()))


def _run(call: TaskCall, engine: EmbeddedEngine) -> TaskResult:
    """Run a call in the present folder, and write beside its products how they were made."""
    made = engine.run(call, folder=Path.cwd())
    beside = made.products[0].path.parent
    text = json.dumps(made.provenance.to_dict(), indent=1) + "\n"
    write_text(beside / f"{record_name(call)}_provenance.json", text)
    return made


def _path(path: str | Path | None) -> Path | None:
    return None if path is None else Path(path)
