"""JupyterLab or a page of its own around the application, for the command line."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Final, NamedTuple

from nustar_widgets.app.sessions import WORK
from nustar_widgets.atomic import whole_file
from nustar_widgets.errors import MissingPackageError, OutputError

_PAGES: Final = Path(__file__).with_name("pages")
_LOCAL: Final = "127.0.0.1"  # what runs here is a shell of the user's: for this machine alone

START: Final = "nustar.ipynb"
"""Notebook that is made where there is none."""

THEMES: Final = ("light", "dark")
"""What the page may look like."""


class Server(NamedTuple):
    """What is to be started.

    Attributes
    ----------
    command
        Program and arguments.
    variables
        Further variables of the environment.
    """

    command: tuple[str, ...]
    variables: Mapping[str, str]

    def become(self) -> None:
        """Be that server from now on."""
        sys.stdout.flush()
        os.execve(self.command[0], self.command, {**os.environ, **self.variables})


def lab(
    folder: str | Path | None = None, *, port: int | None = None, browser: bool = True
) -> Server:
    """Return JupyterLab on a folder, with a notebook to start from.

    Parameters
    ----------
    folder
        The folder, made if it is not there; the present one by default. A notebook that is in it
        under the name `START` stays as it is.
    port
        Where it listens; Jupyter's choice by default.
    browser
        Open a browser.

    Raises
    ------
    MissingPackageError
        JupyterLab is not installed.
    OutputError
        The folder cannot be written.
    """
    _need("jupyterlab", "jupyterlab")
    place = _made(Path(folder or "."))
    start = place / START
    if not start.exists():
        with whole_file(start) as part:
            shutil.copyfile(_PAGES / "start.ipynb", part)
    root = ("--allow-root",) if os.name == "posix" and os.getuid() == 0 else ()
    options: tuple[str, ...] = (f"--ServerApp.ip={_LOCAL}", f"--ServerApp.root_dir={place}", *root)
    if port is not None:
        options += (f"--ServerApp.port={port}",)
    if not browser:
        options += ("--no-browser",)
    return Server((sys.executable, "-m", "jupyterlab", *options, str(start)), {})


def page(
    folder: str | Path | None = None,
    *,
    port: int | None = None,
    browser: bool = True,
    theme: str = "light",
) -> Server:
    """Return a server of the application as a page of its own, by Voila.

    Parameters
    ----------
    folder
        The work folder, made if it is not there; ``work`` in the present one by default.
    port
        Where it listens; Voila's choice by default.
    browser
        Open a browser.
    theme
        One of `THEMES`.

    Raises
    ------
    MissingPackageError
        Voila is not installed.
    OutputError
        The folder cannot be written.
    """
    _need("voila", "voila>=0.5.8")
    place = _made(Path(folder or WORK))
    options: tuple[str, ...] = (
        f"--Voila.ip={_LOCAL}",
        "--Voila.auto_token=True",  # others on this machine have no business with it
        "--template=nustar",
        f"--theme={theme}",
        "--show_tracebacks=True",
    )
    if port is not None:
        options += (f"--port={port}",)
    if not browser:
        options += ("--no-browser",)
    templates = [str(_PAGES / "share"), os.environ.get("JUPYTER_PATH", "")]
    variables = {
        "JUPYTER_PATH": os.pathsep.join(filter(None, templates)),
        "NUSTAR_WIDGETS_FOLDER": str(place),
    }
    return Server((sys.executable, "-m", "voila", str(_PAGES / "app.ipynb"), *options), variables)


def _made(folder: Path) -> Path:
    place = folder.expanduser().absolute()
    try:
        place.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(
            place, f"cannot be made ({error.strerror})", "Choose a folder you may write to"
        ) from error
    return place


def _need(package: str, requirement: str) -> None:
    if find_spec(package) is None:
        raise MissingPackageError(package, f"{sys.executable} -m pip install '{requirement}'")
