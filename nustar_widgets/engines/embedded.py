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

from nustar_widgets.engines.base import Product, Progress, TaskResult
from nustar_widgets.engines.embedded_ftgrouppha import run_ftgrouppha
from nustar_widgets.engines.embedded_nuproducts import run_nuproducts
from nustar_widgets.engines.embedded_run import Made, ResponseFiles, Run
from nustar_widgets.errors import OutputError, TaskNotSupported
from nustar_widgets.events.gti import Gti
from nustar_widgets.session.provenance import Fingerprint, Provenance, fingerprint
from nustar_widgets.session.taskcall import GtiFile, TaskCall, TextFile
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

    def run(self, call: TaskCall, *, folder: Path, progress: Progress | None = None) -> TaskResult:
        """Run one call in a folder; see :class:`~nustar_widgets.engines.base.Engine`.

        Raises
        ------
        TaskNotSupported
            The task, or something the call asks of it, needs HEASoft.
        NustarWidgetsError
            An input or a parameter is wrong; nothing was made.
        """
        if call.task not in _TASKS:
            raise TaskNotSupported(
                call.task, f"needs HEASoft; the embedded engine has {' and '.join(_TASKS)}"
            )
        with _staging(folder) as staging:
            _write_files(call, staging)
            run = Run(
                call=call,
                folder=folder,
                staging=staging,
                responses=self.responses or {},
                tell=progress or (lambda _: None),
            )
            made = _TASKS[call.task](run)
            inputs = tuple(_seen_from(folder, path) for path in dict.fromkeys(made.inputs))
            products = _move(made.products, staging, made.outdir, overwrite=run.clobber)
            _move_files(call, staging, folder)
        provenance = Provenance(
            call=call,
            inputs=inputs,
            engine=f"nustar_widgets {__version__} embedded engine",
            made_at=datetime.now(UTC).isoformat(timespec="seconds"),
            not_applied=made.not_applied,
        )
        return TaskResult(call=call, products=products, provenance=provenance)


def _seen_from(folder: Path, path: Path) -> Fingerprint:
    """Fingerprint with a path relative to the run's folder, which may still be moved."""
    made = fingerprint(path)
    if path.is_relative_to(folder):
        return replace(made, path=str(path.relative_to(folder)))
    return made


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


def _write_files(call: TaskCall, staging: Path) -> None:
    for file in call.files:
        match file:
            case TextFile():
                (staging / file.name).write_text(file.text, encoding="utf-8", newline="")
            case GtiFile():
                Gti.from_pairs(file.intervals).write(staging / file.name)


def _move_files(call: TaskCall, staging: Path, folder: Path) -> None:
    for file in call.files:
        (staging / file.name).replace(folder / file.name)


def _move(
    products: tuple[Product, ...], staging: Path, outdir: Path, *, overwrite: bool
) -> tuple[Product, ...]:
    """Give the finished products their final names; all are checked before the first moves."""
    moved = tuple(Product(kind=item.kind, path=outdir / item.path.name) for item in products)
    for item in moved:
        if item.path.exists() and not overwrite:
            raise OutputError(item.path, "exists already", "Move it away or set clobber=yes")
    outdir.mkdir(parents=True, exist_ok=True)
    for made, final in zip(products, moved, strict=True):
        (staging / made.path.name).replace(final.path)
    return moved
