"""Where XSPEC is found, and one process of it kept warm: PyXspec takes seconds to import."""

from __future__ import annotations

import atexit
import os
from collections.abc import Mapping
from threading import Lock
from typing import Final

from nustar_widgets.engines.heasoft.installation import Installation
from nustar_widgets.engines.xspec import staging
from nustar_widgets.engines.xspec.keeper import Keeper, RefusedError
from nustar_widgets.engines.xspec.process import Patience
from nustar_widgets.errors import FitError, InputFileError

GET_XSPEC: Final = (
    "PyXspec comes with HEASoft: conda install -c "
    "https://heasarc.gsfc.nasa.gov/FTP/software/conda -c conda-forge heasoft; then start Jupyter "
    "where HEASoft is set up"
)
"""What to do where PyXspec is not found."""


def xspec_environment(environ: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the environment in which PyXspec is imported: HEASoft's where it is installed.

    Parameters
    ----------
    environ
        Environment to start from; None for this process's.
    """
    given = dict(os.environ if environ is None else environ)
    try:
        found = Installation.find(given)
        return given if found is None else found.environment
    except (OSError, InputFileError):  # its set-up cannot be run: then as things are
        return given


class XspecHome:
    """Lends XSPEC processes, and keeps one that was given back for the next fit."""

    def __init__(self) -> None:
        self._idle: Keeper | None = None
        self._found: set[frozenset[tuple[str, str]]] = set()
        self._lock = Lock()
        atexit.register(self.close)

    def lend(self, environ: Mapping[str, str], patience: Patience | None = None) -> Keeper:
        """Return an XSPEC, the idle one where it suits; it may still be starting.

        Parameters
        ----------
        environ
            Environment in which PyXspec can be imported.
        patience
            How long XSPEC is waited for.

        Raises
        ------
        FitError
            It cannot be started.
        """
        with self._lock:
            idle, self._idle = self._idle, None
        if idle is not None:
            if idle.is_idle and idle.environ == dict(environ):
                idle.use(patience or Patience())
                return idle
            idle.close()
        keeper = Keeper(environ, patience)
        try:
            keeper.start()
        except FitError:
            keeper.close()
            raise
        return keeper

    def give_back(self, keeper: Keeper) -> None:
        """Keep an XSPEC for the next fit, if it is well and there is none yet."""
        keeper.forget()
        with self._lock:
            keep = keeper.is_idle and self._idle is None
            if keep:
                self._idle = keeper
        if not keep:
            keeper.close()
        else:
            staging.clear(keeper.folder)

    def problem(self, environ: Mapping[str, str] | None = None) -> str:
        """Say why there is no XSPEC and how to get it; empty where it is there.

        The first time it is tried, which takes seconds where XSPEC is there; that XSPEC is kept
        warm.

        Parameters
        ----------
        environ
            Environment to start from; None for this process's.
        """
        given = dict(os.environ if environ is None else environ)
        key = frozenset(given.items())
        if key in self._found:
            return ""
        problem = self._tried(xspec_environment(given))
        if not problem:
            self._found.add(key)
        return problem

    def _tried(self, environ: Mapping[str, str]) -> str:
        try:
            keeper = self.lend(environ)
        except FitError as error:
            return f"{error}. {GET_XSPEC}"
        try:
            keeper.ready()
        except RefusedError as error:
            keeper.close()
            return f"PyXspec cannot be imported here ({error.problem}). {GET_XSPEC}"
        except FitError as error:
            keeper.close()
            return f"{error}\n{GET_XSPEC}"
        self.give_back(keeper)
        return ""

    def close(self) -> None:
        """End the idle process."""
        with self._lock:
            idle, self._idle = self._idle, None
        if idle is not None:
            idle.close()


HOME: Final = XspecHome()
"""The one of this process."""


def xspec_problem(environ: Mapping[str, str] | None = None) -> str:
    """Say why XSPEC cannot fit here and how to get it; empty where it can.

    Parameters
    ----------
    environ
        Environment to start from; None for this process's.
    """
    return HOME.problem(environ)
