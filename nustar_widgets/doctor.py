"""What is here, what is missing, and the line that mends it; looked for when asked, never before.

Whatever could hang, crash or change this process (HEASoft's set-up, ``fversion``, importing
heasoftpy) is asked in a process of its own that has to answer in time.
"""

from __future__ import annotations

import html
import json
import os
import platform
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path
from types import ModuleType
from typing import Any, Final

import psutil

from nustar_widgets.engines.heasoft.installation import Caldb, Installation
from nustar_widgets.processes import end_group
from nustar_widgets.version import __version__

_TIMEOUT_S = 15.0
_GRACE_S = 0.5
_GB: Final = 1e9
# An observation of 33 ks has 0.2 GB; reprocessed, its scratch files and products about as much each.
_WORK_BYTES: Final = 2 * _GB
_TEMPORARY_BYTES: Final = 1 * _GB
_MEMORY_BYTES: Final = 1 * _GB  # ten million events take half of it
_CGROUP_LIMIT = Path("/sys/fs/cgroup/memory.max")

_GET_HEASOFT = (
    "conda install -c https://heasarc.gsfc.nasa.gov/FTP/software/conda -c conda-forge heasoft"
)
_GET_LAB = "pip install 'nustar-widgets[lab]'"
_TOOLS = "https://heasarc.gsfc.nasa.gov/FTP/caldb/software/tools"
_REMOTE_CALDB = f"""\
mkdir -p ~/caldb
curl -o ~/caldb/caldb.config {_TOOLS}/caldb.config
curl -o ~/caldb/alias_config.fits {_TOOLS}/alias_config.fits
export CALDB=https://heasarc.gsfc.nasa.gov/FTP/caldb
export CALDBCONFIG=~/caldb/caldb.config
export CALDBALIAS=~/caldb/alias_config.fits"""
_TASKS = {
    "nupipeline": "calibrating and screening an observation anew",
    "nuproducts": "official spectra, light curves, ARF and RMF",
    "ftgrouppha": "grouping by HEASoft; the embedded engine groups too",
}
_INSTALLATION = (
    "import json, os; from nustar_widgets.engines.heasoft.installation import Installation; "
    "print(json.dumps(Installation.find(os.environ).{}))"
)
_HEASOFTPY = "import json, heasoftpy; print(json.dumps(str(getattr(heasoftpy, '__version__', ''))))"
_XSPEC = (
    "import json; from importlib.util import find_spec; found = find_spec('xspec'); "
    "print(json.dumps(found.origin if found else None))"
)


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that is here or missing.

    Attributes
    ----------
    name
        What was looked for.
    ok
        Whether it is here and usable.
    found
        What was found: version, place, or what is wrong.
    enables
        What it is good for.
    remedy
        Shell lines that mend it; empty where nothing is to be mended.
    for_heasoft
        Runs with HEASoft need it.
    """

    name: str
    ok: bool
    found: str
    enables: str
    remedy: str = ""
    for_heasoft: bool = False


@dataclass(frozen=True, kw_only=True, repr=False)
class Diagnosis:
    """Everything that was looked for.

    Attributes
    ----------
    findings
        In the order they are shown.
    """

    findings: tuple[Finding, ...]

    @property
    def missing(self) -> tuple[Finding, ...]:
        """What is missing or cannot be used."""
        return tuple(item for item in self.findings if not item.ok)

    @property
    def can_run_heasoft(self) -> bool:
        """Whether all that runs with HEASoft need is here."""
        return not any(item.for_heasoft for item in self.missing)

    def find(self, name: str) -> Finding | None:
        """Return the finding of that name, or ``None``."""
        return next((item for item in self.findings if item.name == name), None)

    def verdict(self) -> str:
        """Say in a sentence which engine will do the work."""
        if self.can_run_heasoft:
            return "HEASoft is here and complete."
        names = ", ".join(item.name for item in self.missing if item.for_heasoft)
        return f"HEASoft is not complete ({names}): the embedded engine does the work."

    def summary(self) -> list[str]:
        """Return lines for a terminal; a remedy is shown once, with the first that needs it."""
        lines, shown = [], set()
        for item in self.findings:
            lines.append(f"{'ok' if item.ok else 'missing':9}{item.name:20}{item.found}")
            if item.ok:
                continue
            lines.append(f"{'':11}for: {item.enables}")
            if item.remedy and item.remedy not in shown:
                first, *more = item.remedy.splitlines()
                lines += [f"{'':11}fix: {first}", *(f"{'':16}{line}" for line in more)]
            shown.add(item.remedy)
        return [*lines, self.verdict()]

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return {"can_run_heasoft": self.can_run_heasoft, **asdict(self)}

    def __repr__(self) -> str:
        return "\n".join(self.summary())

    def _repr_html_(self) -> str:
        rows = "".join(_row(item) for item in self.findings)
        return f"<p>{html.escape(self.verdict())}</p><table>{rows}</table>"


def _row(item: Finding) -> str:
    told = html.escape(item.found)
    if not item.ok:
        told += f"<br>for: {html.escape(item.enables)}"
    if item.remedy:
        told += f"<pre>{html.escape(item.remedy)}</pre>"
    mark = "ok" if item.ok else "<b>missing</b>"
    cells = (mark, html.escape(item.name), told)
    return f"<tr>{''.join(f'<td style="text-align: left">{cell}</td>' for cell in cells)}</tr>"


def doctor(
    environ: Mapping[str, str] | None = None, work_dir: str | Path | None = None
) -> Diagnosis:
    """Look for everything this package can use.

    Parameters
    ----------
    environ
        Environment to find HEASoft in; this process's own by default.
    work_dir
        Folder the products will go to; the current one by default.

    Returns
    -------
    Diagnosis
        What is here and what is missing. What is broken is a finding, never an error.
    """
    given = dict(os.environ if environ is None else environ)
    return Diagnosis(
        findings=(
            *_package(),
            *_heasoft(given),
            Finding(
                name="embedded engine",
                ok=True,
                found="always here",
                enables="spectra, light curves and images with HEASoft's counts, grouping and "
                "fits; no ARF, no RMF, no PSF, exposure-map or barycentre corrections",
            ),
            *_front_end(),
            *_machine(Path(work_dir or ".")),
        )
    )


def _package() -> Iterator[Finding]:
    python = f"{platform.python_version()} ({sys.executable})"
    yield Finding(name="Python", ok=True, found=python, enables="everything")
    yield Finding(name="nustar_widgets", ok=True, found=__version__, enables="everything")


def _heasoft(given: dict[str, str]) -> Iterator[Finding]:
    found = Installation.find(given)
    answer = None if found is None else _ask(_INSTALLATION.format("environment"), given)
    environment = given if answer is None or answer.problem else answer.value
    with ThreadPoolExecutor(3) as askers:
        # heasoftpy is imported where the engine would import it, in the environment as given.
        heasoftpy = askers.submit(_ask, _HEASOFTPY, given)
        xspec = askers.submit(_ask, _XSPEC, environment)
        if answer is not None and not answer.problem:
            answer = _ask(_INSTALLATION.format("version"), environment)
    yield _release(found, answer, given)
    yield from (_task(found, name) for name in _TASKS)
    yield _heasoftpy(found, heasoftpy.result())
    yield _caldb(environment)
    yield _pyxspec(xspec.result())


@dataclass(frozen=True, kw_only=True)
class _Answer:
    """What a process of its own answered, or why it did not."""

    value: Any = None
    problem: str = ""


def _ask(code: str, environ: Mapping[str, str]) -> _Answer:
    """Run a few words of Python that print one line of JSON, and end them if they take too long."""
    try:
        # Files and not pipes: something the process leaves behind could hold a pipe open.
        with tempfile.TemporaryFile() as said, tempfile.TemporaryFile() as complained:
            status = _wait(
                subprocess.Popen(
                    [sys.executable, "-c", code],
                    env=dict(environ),
                    stdin=subprocess.DEVNULL,
                    stdout=said,
                    stderr=complained,
                    process_group=0,
                )
            )
            lines, reasons = _lines(said), _lines(complained)
    except (OSError, subprocess.SubprocessError) as error:
        late = isinstance(error, subprocess.TimeoutExpired)
        return _Answer(problem=f"no answer within {_TIMEOUT_S:g} s" if late else str(error))
    try:
        return _Answer(value=json.loads(lines[-1]))
    except (IndexError, ValueError):
        return _Answer(problem=reasons[-1] if reasons else f"ended with status {status}")


def _wait(process: subprocess.Popen[bytes]) -> int:
    try:
        return process.wait(_TIMEOUT_S)
    finally:
        if process.returncode is None:
            end_group(process.pid, grace_s=_GRACE_S)
            process.wait()


def _lines(stream: Any) -> list[str]:
    stream.seek(0)
    return str(stream.read().decode(errors="replace")).strip().splitlines()


def _release(found: Installation | None, answer: _Answer | None, given: dict[str, str]) -> Finding:
    def finding(told: str, remedy: str = "") -> Finding:
        return Finding(
            name="HEASoft",
            ok=not remedy,
            found=told,
            enables="the official tasks, with calibration",
            remedy=remedy,
            for_heasoft=True,
        )

    if found is None and given.get("HEADAS"):
        others = {name: text for name, text in given.items() if name != "HEADAS"}
        install = [] if Installation.find(others) else [_GET_HEASOFT]
        told = f"HEADAS={given['HEADAS']}, but there is no folder syspfiles in it"
        return finding(told, "\n".join(["unset HEADAS", *install]))
    if found is None or answer is None:
        return finding("HEADAS is not set", _GET_HEASOFT)
    if answer.problem:
        remedy = f"export HEADAS={shlex.quote(str(found.headas))}\n. $HEADAS/headas-init.sh\nfversion"
        return finding(f"{found.headas}, but its set-up or fversion fails: {answer.problem}", remedy)
    return finding(f"{answer.value or 'unknown release'} in {found.headas}")


def _task(found: Installation | None, name: str) -> Finding:
    told = "needs HEASoft"
    if found is not None and not found.par_file(name).is_file():
        told = f"no {found.par_file(name)}"
    elif found is not None:
        told = str(found.executable(name) or f"no {found.headas / 'bin' / name}")
    ok = found is not None and found.has(name)
    return Finding(
        name=name,
        ok=ok,
        found=told,
        enables=_TASKS[name],
        remedy="" if ok else _GET_HEASOFT,
        for_heasoft=True,
    )


def _heasoftpy(found: Installation | None, answer: _Answer) -> Finding:
    remedy = ""
    if answer.problem:
        place = None if found is None else found.headas / "lib" / "python"
        there = place is not None and (place / "heasoftpy").is_dir()
        path = f'export PYTHONPATH={shlex.quote(str(place))}:"$PYTHONPATH"'
        remedy = path if there else _GET_HEASOFT
    return Finding(
        name="heasoftpy",
        ok=not answer.problem,
        found=answer.problem or answer.value or "unknown version",
        enables="running HEASoft tasks from here",
        remedy=remedy,
        for_heasoft=True,
    )


def _caldb(environment: Mapping[str, str]) -> Finding:
    caldb = Caldb.find(environment)
    told, remedy = f"remote, {caldb.where}", ""
    if caldb.problem:
        told, remedy = caldb.problem, _REMOTE_CALDB
        script = Path(caldb.where, "software", "tools", "caldbinit.sh")
        if caldb.problem.startswith("CALDB") and caldb.where and script.is_file():
            remedy = f"export CALDB={shlex.quote(caldb.where)}\n. $CALDB/software/tools/caldbinit.sh"
    elif not caldb.is_remote:
        told = f"local, {caldb.where}, NuSTAR index {caldb.version or 'without a version'}"
    return Finding(
        name="CALDB",
        ok=not caldb.problem,
        found=told,
        enables="ARF, RMF, exposure maps, PSF and vignetting corrections, nupipeline",
        remedy=remedy,
        for_heasoft=True,
    )


def _pyxspec(answer: _Answer) -> Finding:
    ok = bool(answer.value)
    return Finding(
        name="PyXspec",
        ok=ok,
        found=str(answer.value) if ok else answer.problem or "no module xspec",
        enables="fits by XSPEC; the embedded fit engine is always here",
        remedy="" if ok else _GET_HEASOFT,
    )


def _front_end() -> Iterator[Finding]:
    yield _installed("ipywidgets", "the panels in a notebook")
    plots, gl = _installed("bqplot", "plots in the panels"), _version("bqplot-gl")
    if plots.ok and gl:
        # Its second copy of d3 takes the mouse events from bqplot's own.
        plots = Finding(
            name="bqplot",
            ok=False,
            found=f"{plots.found}, but bqplot-gl {gl} is installed too: it breaks bqplot's dragging",
            enables=plots.enables,
            remedy="pip uninstall -y bqplot-gl",
        )
    yield plots


def _installed(name: str, enables: str) -> Finding:
    version = _version(name)
    remedy = "" if version else _GET_LAB
    found = version or "not installed"
    return Finding(name=name, ok=bool(version), found=found, enables=enables, remedy=remedy)


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _machine(work_dir: Path) -> Iterator[Finding]:
    yield _disk("working folder", work_dir, _WORK_BYTES, "df -h")
    try:
        temporary = Path(tempfile.gettempdir())
    except OSError as error:
        told, remedy = str(error), "export TMPDIR=$HOME/tmp; mkdir -p $TMPDIR"
        yield Finding(name="temporary folder", ok=False, found=told, enables="", remedy=remedy)
    else:
        yield _disk(
            "temporary folder", temporary, _TEMPORARY_BYTES, "export TMPDIR=/a/folder/with/room"
        )
    yield _memory()
    affinity = getattr(os, "sched_getaffinity", None)
    cores = len(affinity(0)) if affinity else os.cpu_count() or 1
    yield Finding(name="cores", ok=True, found=str(cores), enables="tasks side by side")
