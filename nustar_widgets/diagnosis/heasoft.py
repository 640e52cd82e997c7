"""HEASoft, its tasks, heasoftpy, the calibration database and PyXspec."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from nustar_widgets.diagnosis.asking import Answer, ask
from nustar_widgets.diagnosis.findings import Finding
from nustar_widgets.engines.heasoft.installation import Caldb, Installation

GROUP = "HEASoft"

_GET_HEASOFT = (
    "conda install -c https://heasarc.gsfc.nasa.gov/FTP/software/conda -c conda-forge heasoft"
)
_TOOLS = "https://heasarc.gsfc.nasa.gov/FTP/caldb/software/tools"
_REMOTE_CALDB = f"""\
mkdir -p $HOME/caldb
curl -o $HOME/caldb/caldb.config {_TOOLS}/caldb.config
curl -o $HOME/caldb/alias_config.fits {_TOOLS}/alias_config.fits
export CALDB=https://heasarc.gsfc.nasa.gov/FTP/caldb
export CALDBCONFIG=$HOME/caldb/caldb.config
export CALDBALIAS=$HOME/caldb/alias_config.fits"""
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


def heasoft_findings(given: Mapping[str, str]) -> Iterator[Finding]:
    """Look for HEASoft and what comes with it in an environment."""
    found = _installation(given)
    answer = None if found is None else ask(_INSTALLATION.format("environment"), given)
    environment = given if answer is None or answer.problem else answer.value
    with ThreadPoolExecutor(3) as askers:
        # heasoftpy is imported where the engine would import it, in the environment as given.
        heasoftpy = askers.submit(ask, _HEASOFTPY, given)
        xspec = askers.submit(ask, _XSPEC, environment)
        if answer is not None and not answer.problem:
            answer = ask(_INSTALLATION.format("version"), environment)
    yield _release(found, answer, given)
    yield from (_task(found, name) for name in _TASKS)
    yield _heasoftpy(found, heasoftpy.result())
    yield _caldb(environment)
    yield _pyxspec(xspec.result())


def _installation(environ: Mapping[str, str]) -> Installation | None:
    try:
        return Installation.find(environ)
    except OSError:  # a folder of somebody else's
        return None


def _release(
    found: Installation | None, answer: Answer | None, given: Mapping[str, str]
) -> Finding:
    def finding(told: str, remedy: str = "") -> Finding:
        return Finding(
            group=GROUP,
            name="HEASoft",
            ok=not remedy,
            found=told,
            enables="the official tasks, with calibration",
            remedy=remedy,
            for_heasoft=True,
        )

    if found is None and given.get("HEADAS"):
        others = {name: text for name, text in given.items() if name != "HEADAS"}
        install = [] if _installation(others) else [_GET_HEASOFT]
        told = f"HEADAS={given['HEADAS']}, but no folder syspfiles can be seen there"
        return finding(told, "\n".join(["unset HEADAS", *install]))
    if found is None or answer is None:
        return finding("HEADAS is not set", _GET_HEASOFT)
    if answer.problem:
        remedy = (
            f"export HEADAS={shlex.quote(str(found.headas))}\n. $HEADAS/headas-init.sh\nfversion"
        )
        return finding(
            f"{found.headas}, but its set-up or fversion fails: {answer.problem}", remedy
        )
    return finding(f"{answer.value or 'unknown release'} in {found.headas}")


def _task(found: Installation | None, name: str) -> Finding:
    try:
        ok, told = _installed(found, name)
    except OSError as error:
        ok, told = False, str(error)
    return Finding(
        group=GROUP,
        name=name,
        ok=ok,
        found=told,
        enables=_TASKS[name],
        remedy="" if ok else _GET_HEASOFT,
        for_heasoft=True,
    )


def _installed(found: Installation | None, name: str) -> tuple[bool, str]:
    if found is None:
        return False, "needs HEASoft"
    if not found.par_file(name).is_file():
        return False, f"no {found.par_file(name)}"
    program = found.executable(name)
    return program is not None, str(program or f"no {found.headas / 'bin' / name}")


def _heasoftpy(found: Installation | None, answer: Answer) -> Finding:
    remedy = ""
    if answer.problem:
        place = None if found is None else found.headas / "lib" / "python"
        there = place is not None and (place / "heasoftpy").is_dir()
        path = f'export PYTHONPATH={shlex.quote(str(place))}:"$PYTHONPATH"'
        remedy = path if there else _GET_HEASOFT
    return Finding(
        group=GROUP,
        name="heasoftpy",
        ok=not answer.problem,
        found=answer.problem or answer.value or "unknown version",
        enables="running HEASoft tasks from here",
        remedy=remedy,
        for_heasoft=True,
    )


def _caldb(environment: Mapping[str, str]) -> Finding:
    try:
        caldb = Caldb.find(environment)
    except OSError as error:
        caldb = Caldb(where=environment.get("CALDB", ""), problem=str(error))
    told, remedy = f"remote, {caldb.where}", ""
    if caldb.problem:
        told, remedy = caldb.problem, _REMOTE_CALDB
        script = Path(caldb.where, "software", "tools", "caldbinit.sh")
        if caldb.problem.startswith("CALDB") and caldb.where and script.is_file():
            remedy = (
                f"export CALDB={shlex.quote(caldb.where)}\n. $CALDB/software/tools/caldbinit.sh"
            )
    elif not caldb.is_remote:
        told = f"local, {caldb.where}, NuSTAR index {caldb.version or 'without a version'}"
    return Finding(
        group=GROUP,
        name="CALDB",
        ok=not caldb.problem,
        found=told,
        enables="ARF, RMF, exposure maps, PSF and vignetting corrections, nupipeline",
        remedy=remedy,
        for_heasoft=True,
    )


def _pyxspec(answer: Answer) -> Finding:
    ok = bool(answer.value)
    return Finding(
        group=GROUP,
        name="PyXspec",
        ok=ok,
        found=str(answer.value) if ok else answer.problem or "no module xspec",
        enables="fits by XSPEC; the embedded fit engine is always here",
        remedy="" if ok else _GET_HEASOFT,
    )
