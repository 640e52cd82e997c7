"""Print the tables of docs/performance.md: ``python -m benchmarks [part ...]``."""

from __future__ import annotations

import argparse
import os
import platform
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

# One thread: the matrices are small, and so every BLAS is compared alike. Before NumPy is imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from benchmarks.eventfiles import EventFiles
from benchmarks.rows import Table


def _extraction(files: EventFiles) -> list[Table]:
    from benchmarks import extraction  # noqa: PLC0415 - one part may lack what another needs

    return extraction.run(files)


def _reading(files: EventFiles) -> list[Table]:
    from benchmarks import reading  # noqa: PLC0415

    return reading.run(files)


def _fitting(_: EventFiles) -> list[Table]:
    from benchmarks import fitting  # noqa: PLC0415

    return fitting.run()


def _imports(_: EventFiles) -> list[Table]:
    from benchmarks import imports  # noqa: PLC0415

    return imports.run()


def _jobs(_: EventFiles) -> list[Table]:
    from benchmarks import jobs  # noqa: PLC0415

    return jobs.run()


def _download(_: EventFiles) -> list[Table]:
    from benchmarks import download  # noqa: PLC0415

    return download.run()


def _searchtable(_: EventFiles) -> list[Table]:
    from benchmarks import searchtable  # noqa: PLC0415

    return searchtable.run()


def _skydrag(files: EventFiles) -> list[Table]:
    from benchmarks import skydrag  # noqa: PLC0415

    return skydrag.run(files)


def _fitdrag(files: EventFiles) -> list[Table]:
    from benchmarks import fitdrag  # noqa: PLC0415

    return fitdrag.run(files)


def _joblog(_: EventFiles) -> list[Table]:
    from benchmarks import joblog  # noqa: PLC0415

    return joblog.run()


def _app(_: EventFiles) -> list[Table]:
    from benchmarks import app  # noqa: PLC0415

    return app.run()


def _taskform(_: EventFiles) -> list[Table]:
    from benchmarks import taskform  # noqa: PLC0415

    return taskform.run()


PARTS: dict[str, Callable[[EventFiles], list[Table]]] = {
    "imports": _imports,
    "reading": _reading,
    "extraction": _extraction,
    "fitting": _fitting,
    "jobs": _jobs,
    "searchtable": _searchtable,
    "skydrag": _skydrag,
    "app": _app,
    "taskform": _taskform,
    "fitdrag": _fitdrag,
    "joblog": _joblog,
    "download": _download,
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="part", help=f"one of {', '.join(PARTS)}")
    chosen = parser.parse_args().parts or list(PARTS)
    if unknown := [part for part in chosen if part not in PARTS]:
        parser.error(f"unknown part {unknown[0]}: expected {', '.join(PARTS)}")
    print(_machine())
    with tempfile.TemporaryDirectory(prefix="nustar_widgets_bench_") as folder:
        files = EventFiles(Path(folder))
        for part in chosen:
            load = _load()
            for table in PARTS[part](files):
                print(f"\n{table.markdown()}")
                print(f"- Load average {load} before this part, {_load()} after.", flush=True)


def _machine() -> str:
    import astropy  # noqa: PLC0415 - versions only
    import numpy  # noqa: PLC0415
    import scipy  # noqa: PLC0415

    return (
        f"{datetime.now(UTC):%Y-%m-%d}, {_processor()}, {os.cpu_count()} cores, "
        f"{platform.system()}; Python {platform.python_version()}, NumPy {numpy.__version__}, "
        f"SciPy {scipy.__version__}, astropy {astropy.__version__}; "
        f"OPENBLAS_NUM_THREADS={os.environ['OPENBLAS_NUM_THREADS']}"
    )


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _load() -> str:
    return f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"


if __name__ == "__main__":
    main()
