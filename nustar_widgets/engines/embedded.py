"""The engine that is always there: nuproducts and ftgrouppha from the event list alone.

Counts, light curves, images, exposure and the extractor's BACKSCAL are those of HEASoft, to the
last event. What needs calibration (PSF, vignetting, exposure map, making ARF and RMF) is not done
and not guessed: it is listed as *not applied*. What would change which events count, or when they
happened (barycentring), is refused by name.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from nustar_widgets.engines.base import Progress, TaskResult
from nustar_widgets.engines.callfiles import write_files
from nustar_widgets.engines.delivery import Move, deliver, refuse_existing
from nustar_widgets.engines.embedded_ftgrouppha import run_ftgrouppha
from nustar_widgets.engines.embedded_nuproducts import run_nuproducts
from nustar_widgets.engines.embedded_run import Made, ResponseFiles, Run
from nustar_widgets.engines.embedded_spec import embedded_specs
from nustar_widgets.engines.taskspec import TaskSpec
from nustar_widgets.errors import OutputError, TaskNotSupported
from nustar_widgets.session.provenance import Provenance, fingerprints, regions_of
from nustar_widgets.session.taskcall import TaskCall
from nustar_widgets.version import __version__

_TASKS: dict[str, Callable[[Run], Made]] = {
    "nuproducts": run_nuproducts,
    "ftgrouppha": run_ftgrouppha,
}


@dataclass(frozen=True)
class EmbeddedEngine:
    """Runs nuproducts- and ftgrouppha-shaped calls without HEASoft.

    Parameters
    ----------
    responses
        ARF and RMF to put beside the spectra of a module, by the module's name. Without any, a
        spectrum is counts only.
    """

    responses: Mapping[str, ResponseFiles] | None = None
    name: str = "embedded"

    def supports(self, task: str) -> bool:
        """Whether this engine has the task."""
        return task in _TASKS

    def spec(self, task: str) -> TaskSpec:
        """Return what this engine accepts for a task.

        Raises
        ------
        TaskNotSupported
            It does not have the task.
        """
        if task not in _TASKS:
            raise TaskNotSupported(
                task, f"needs HEASoft; the embedded engine has {' and '.join(_TASKS)}"
            )
        return embedded_specs()[task]

    def run(self, call: TaskCall, *, folder: Path, progress: Progress | None = None) -> TaskResult:
        """Run one call in a folder; see :class:`~nustar_widgets.engines.base.Engine`.

        Raises
        ------
        TaskNotSupported
            The task, or something the call asks of it, needs HEASoft.
        NustarWidgetsError
            An input or a parameter is wrong; nothing was made.
        """
        spec = self.spec(call.task)
        with _staging(folder) as staging:
            write_files(call, staging)
            run = Run(
                call=call,
                spec=spec,
                folder=folder,
                staging=staging,
                responses=self.responses or {},
                tell=progress or (lambda _: None),
            )
            run.check()
            made = _TASKS[call.task](run)
            inputs = tuple(item.seen_from(folder) for item in fingerprints(made.inputs))
            finals = [made.outdir / item.path.name for item in made.products]
            refuse_existing(finals, overwrite=run.clobber)
            deliver(_moves(made, call, staging, folder), overwrite=True)
        provenance = Provenance(
            call=call,
            inputs=inputs,
            engine=f"nustar_widgets {__version__} embedded engine",
            made_at=datetime.now(UTC).isoformat(timespec="seconds"),
            not_applied=made.not_applied,
            versions=(("nustar_widgets", __version__),),
            regions=regions_of(call, folder),
        )
        products = tuple(
            replace(item, path=path) for item, path in zip(made.products, finals, strict=True)
        )
        return TaskResult(call=call, products=products, provenance=provenance)


@contextmanager
def _staging(folder: Path) -> Iterator[Path]:
    """Make a hidden folder beside the products-to-be; whatever is left in it goes with it."""
    try:
        path = Path(tempfile.mkdtemp(prefix=".run-", dir=folder))
    except OSError as error:
        remedy = "Choose a folder that exists, can be written and has room"
        raise OutputError(folder, f"cannot be written ({error.strerror})", remedy) from error
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def _moves(made: Made, call: TaskCall, staging: Path, folder: Path) -> list[Move]:
    products = [(item.path, made.outdir / item.path.name) for item in made.products]
    return [*products, *((staging / file.name, folder / file.name) for file in call.files)]
