"""Jupyter servers of the tests' own: private folders, a free port, nothing left running."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from nustar_widgets.app import serving

START_S = 60.0
END_S = 15.0
PERSONAL = ("JUPYTER", "IPYTHON", "XDG_")
QUIET = {"fetchNews": "false", "checkForUpdates": False}
SETTINGS = ".jupyter/lab/user-settings/@jupyterlab/apputils-extension"


@dataclass(frozen=True)
class Server:
    """A server that listens.

    Attributes
    ----------
    url
        Its address, without a slash at the end.
    root
        The folder it shows.
    process
        Its process; the kernels are children of it.
    """

    url: str
    root: Path
    process: psutil.Popen


@contextmanager
def lab(
    home: Path, environ: Mapping[str, str] | None = None, *, python: str = sys.executable
) -> Iterator[Server]:
    """Run JupyterLab, with further variables for it and its kernels, or that of another Python."""
    settings = home / SETTINGS / "notification.jupyterlab-settings"  # no news pop-up over the page
    settings.parent.mkdir(parents=True)
    settings.write_text(json.dumps(QUIET), encoding="utf-8")
    port, root = _free_port(), home / "root"
    options = [
        *("--no-browser", "--allow-root", "--ServerApp.ip=127.0.0.1"),
        *(f"--ServerApp.port={port}", "--ServerApp.port_retries=0"),
        *("--IdentityProvider.token=", "--ServerApp.disable_check_xsrf=True"),
        *(f"--ServerApp.root_dir={root}", "--LabApp.expose_app_in_browser=True"),
    ]
    with _running(
        "jupyterlab", options, home=home, port=port, environ=environ or {}, python=python
    ) as server:
        yield server


@contextmanager
def voila(home: Path, notebook: Path) -> Iterator[Server]:
    """Run Voila on one notebook."""
    port = _free_port()
    options = [str(notebook), "--no-browser", "--Voila.ip=127.0.0.1", f"--port={port}"]
    with _running("voila", options, home=home, port=port, environ={}) as server:
        yield server


@contextmanager
def notebook7(home: Path) -> Iterator[Server]:
    """Run Notebook 7."""
    port, root = _free_port(), home / "root"
    options = [
        *("--no-browser", "--allow-root", "--ServerApp.ip=127.0.0.1"),
        *(f"--ServerApp.port={port}", "--ServerApp.port_retries=0"),
        *("--IdentityProvider.token=", "--ServerApp.disable_check_xsrf=True"),
        *(f"--ServerApp.root_dir={root}", "--JupyterNotebookApp.expose_app_in_browser=True"),
    ]
    with _running("notebook", options, home=home, port=port, environ={}) as server:
        yield server


@contextmanager
def application(home: Path, folder: Path, *, theme: str) -> Iterator[tuple[Server, str]]:
    """Run what ``nustar-widgets app`` runs; with its address, which has the token."""
    port = _free_port()
    made = serving.page(folder, port=port, browser=False, theme=theme)
    with _running(
        "voila", made.command[3:], home=home, port=port, environ=made.variables
    ) as server:
        log = (home / "voila.log").read_text(encoding="utf-8")
        told = re.search(r"http://\S+token=(\w+)", log)
        assert told is not None, log
        yield server, f"{server.url}/?token={told[1]}"


@contextmanager
def _running(
    module: str,
    options: Sequence[str],
    *,
    home: Path,
    port: int,
    environ: Mapping[str, str],
    python: str = sys.executable,
) -> Iterator[Server]:
    root, log = home / "root", home / f"{module}.log"
    root.mkdir(parents=True, exist_ok=True)
    with log.open("w", encoding="utf-8") as stream:
        process = psutil.Popen(
            [python, "-m", module, *options],
            cwd=root,
            env=_private(home) | dict(environ),
            stdout=stream,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C is for pytest, which then ends the server
        )
    try:
        _wait(process, port=port, log=log)
        yield Server(url=f"http://127.0.0.1:{port}", root=root, process=process)
    finally:
        _end(process)


def _private(home: Path) -> dict[str, str]:
    """Return the environment of a person without settings, extensions or kernels of their own."""
    kept = {name: text for name, text in os.environ.items() if not name.startswith(PERSONAL)}
    return kept | {"HOME": str(home), "JUPYTER_PREFER_ENV_PATH": "1"}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(process: psutil.Popen, *, port: int, log: Path) -> None:
    deadline = time.monotonic() + START_S
    while process.poll() is None and time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1.0).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError(f"the server does not listen; its log:\n{log.read_text(encoding='utf-8')}")


def _end(process: psutil.Popen) -> None:
    """End a server, which ends its kernels; whatever is left after that is killed."""
    if process.poll() is not None:
        return
    family = [process, *process.children(recursive=True)]
    process.terminate()
    _, left = psutil.wait_procs(family, timeout=END_S)
    for one in left:
        one.kill()
    psutil.wait_procs(left, timeout=END_S)
