"""The HEASoft installation of this machine: where it is, its versions, the environment it needs."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from nustar_widgets.engines.heasoft.fhelp import parameter_texts, with_manual
from nustar_widgets.engines.parfile import read_par_file
from nustar_widgets.engines.taskspec import TaskSpec
from nustar_widgets.errors import InputFileError, TaskNotSupported

SET_HEADAS = (
    "Start Jupyter where HEASoft is set up: conda activate heasoft, or "
    "export HEADAS=...; . $HEADAS/headas-init.sh"
)
"""What to do where HEASoft is not found."""

_CONDA_PLACES = ("heasoft", "*-libc*")  # below the prefix: HEASARC's package, bioconda's
_TIMEOUT_S = 20


@dataclass(frozen=True, kw_only=True)
class Installation:
    """One HEASoft installation.

    Attributes
    ----------
    headas
        ``$HEADAS``.
    given
        The environment it was found in.
    """

    headas: Path
    given: Mapping[str, str] = field(repr=False, compare=False)

    @classmethod
    def find(cls, environ: Mapping[str, str] | None = None) -> Installation | None:
        """Find the installation: ``$HEADAS``, else below the prefix of a conda environment."""
        given = dict(os.environ if environ is None else environ)
        for place in _places(given):
            if (place / "syspfiles").is_dir():
                return cls(headas=place, given=given)
        return None

    def has(self, task: str) -> bool:
        """Whether a task is installed: its parameter file and something to execute."""
        return self.par_file(task).is_file() and self.executable(task) is not None

    def par_file(self, task: str) -> Path:
        """Path of the installed parameter file of a task."""
        return self.headas / "syspfiles" / f"{task}.par"

    def executable(self, task: str) -> Path | None:
        """Path of what is executed for a task, or ``None`` where there is none."""
        return next(
            (
                path
                for name in (task, f"{task}.py")
                if (path := self.headas / "bin" / name).is_file()
            ),
            None,
        )

    def spec(self, task: str) -> TaskSpec:
        """Read what a task accepts from its installed parameter file, and the help beside it.

        Raises
        ------
        TaskNotSupported
            The task is not installed.
        InputFileError
            Its parameter file cannot be read.
        """
        if not task.replace("-", "_").isidentifier() or not self.has(task):
            raise TaskNotSupported(
                task, f"is not in this HEASoft ({self.headas}); check its name, or update HEASoft"
            )
        texts = parameter_texts(self.headas / "help", task)
        return with_manual(read_par_file(self.par_file(task)), texts)

    @cached_property
    def environment(self) -> dict[str, str]:
        """Environment of a task: as given where HEASoft is set up in it, else after its set-up.

        Raises
        ------
        InputFileError
            ``headas-init.sh`` cannot be run.
        """
        script = self.headas / "headas-init.sh"
        is_set_up = str(self.headas / "bin") in self.given.get("PATH", "").split(os.pathsep)
        if is_set_up or not script.is_file():
            return {**self.given, "HEADAS": str(self.headas)}
        try:
            done = subprocess.run(
                ["/bin/sh", "-c", '. "$HEADAS/headas-init.sh" >/dev/null 2>&1; env -0'],
                env={**self.given, "HEADAS": str(self.headas)},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=_TIMEOUT_S,
                check=True,
            )
        except subprocess.SubprocessError as error:
            remedy = "Source it in a shell to see why, and start Jupyter from there"
            raise InputFileError(script, "cannot be run", remedy) from error
        pairs = (item.partition("=") for item in done.stdout.decode(errors="replace").split("\0"))
        return {name: value for name, _, value in pairs if name}

    @cached_property
    def version(self) -> str:
        """Release as it names itself, as ``17Nov2016_V6.20``; empty if it does not."""
        program = self.headas / "bin" / "fversion"
        if not program.is_file():
            return ""
        try:
            done = subprocess.run(
                [program],
                env=self.environment,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=_TIMEOUT_S,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired):  # no reason to lose what a task has made
            return ""
        return done.stdout.decode(errors="replace").strip()


@dataclass(frozen=True, kw_only=True)
class Caldb:
    """The calibration database the environment names.

    Attributes
    ----------
    where
        ``$CALDB``: a folder or an address; empty where it is not set.
    version
        Version of the NuSTAR index where it is local and says so, as ``20240812``.
    problem
        What is wrong, or ``None``.
    remedy
        What to do about it.
    """

    where: str
    version: str = ""
    problem: str | None = None
    remedy: str = ""

    @property
    def is_remote(self) -> bool:
        """Files are fetched over the network as a task asks for them."""
        return "://" in self.where

    @classmethod
    def find(cls, environ: Mapping[str, str]) -> Caldb:
        """Look at the three variables HEASoft reads, and at the folder where it is local."""
        where = environ.get("CALDB", "")
        if not where:
            return cls(where="", problem="CALDB is not set", remedy=_SET_CALDB)
        for name in ("CALDBCONFIG", "CALDBALIAS"):
            if not Path(environ.get(name, "")).is_file():
                shown = environ.get(name) or "not set"
                return cls(where=where, problem=f"{name}: {shown}", remedy=_SET_CALDB)
        found = cls(where=where)
        if found.is_remote:
            return found
        index = Path(where) / "data" / "nustar" / "fpm" / "caldb.indx"
        if not index.is_file():
            return cls(
                where=where,
                problem=f"{index} is missing",
                remedy="Install the NuSTAR calibration files there, or use the remote CALDB",
            )
        return cls(where=where, version=index.resolve().name.removeprefix("caldb.indx"))


_SET_CALDB = (
    "Remote CALDB: export CALDB=https://heasarc.gsfc.nasa.gov/FTP/caldb and point CALDBCONFIG and "
    "CALDBALIAS to caldb.config and alias_config.fits from its software/tools folder; local: "
    ". $CALDB/software/tools/caldbinit.sh"
)


def _places(environ: Mapping[str, str]) -> list[Path]:
    if environ.get("HEADAS"):
        return [Path(environ["HEADAS"])]
    prefixes = dict.fromkeys((environ.get("CONDA_PREFIX") or sys.prefix, sys.prefix))
    return [
        place
        for prefix in prefixes
        for pattern in _CONDA_PLACES
        for place in sorted(Path(prefix).glob(pattern))
    ]
