"""Which Jupyter server shows the notebook, and the Python it runs in.

That need not be the kernel's: a hub has one environment for its server and others for kernels, and
what a page can show is what the *server's* environment holds.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psutil

_PARENT: Final = "JPY_PARENT_PID"
_MOST: Final = 3  # servers that are looked at, where no kernel says which one it is of
# What decides where a Python and Jupyter look for things; a server's other variables are its own.
_KEPT: Final = (
    "PATH", "HOME", "LANG", "VIRTUAL_ENV", "CONDA_PREFIX", "PYTHONPATH", "PYTHONUSERBASE",
    "JUPYTER_PATH", "JUPYTER_CONFIG_PATH", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR",
    "JUPYTER_PREFER_ENV_PATH", "JUPYTER_PLATFORM_DIRS", "XDG_DATA_HOME", "XDG_CONFIG_HOME",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Server:
    """A process that serves notebooks, or that started this kernel.

    Attributes
    ----------
    pid
        Its number.
    python
        The Python it runs in; empty where it is none, or it cannot be told.
    environ
        What decides where that Python looks for things.
    command
        Its program, in short, for people.
    """

    pid: int
    python: str
    environ: Mapping[str, str]
    command: str


def server_of_kernel(environ: Mapping[str, str]) -> Server | None:
    """Return the process that started this kernel; ``None`` where this is none, or it has gone.

    Parameters
    ----------
    environ
        Environment of the kernel.
    """
    told = environ.get(_PARENT, "")
    return _server(int(told)) if told.isdecimal() and int(told) > 1 else None


def running_servers(runtime_dir: Path | None = None) -> tuple[Server, ...]:
    """Return the Jupyter servers that run here, the newest first.

    Parameters
    ----------
    runtime_dir
        Where they leave their files; Jupyter's own folder by default.
    """
    try:
        folder = runtime_dir or _runtime_dir()
        files = sorted(folder.glob("jpserver-*.json"), key=_changed, reverse=True)
    except (ImportError, OSError):
        return ()
    found = (_server(pid) for pid in _pids(files))
    return tuple(server for server in found if server is not None)[:_MOST]


def own_python(environ: Mapping[str, str]) -> Server:
    """Return this process's own Python, as if it were a server.

    Parameters
    ----------
    environ
        Its environment.
    """
    return Server(pid=os.getpid(), python=sys.executable, environ=environ, command="this Python")


def _runtime_dir() -> Path:
    from jupyter_core.paths import jupyter_runtime_dir  # noqa: PLC0415  # only where Jupyter is

    return Path(jupyter_runtime_dir())


def _changed(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def _pids(files: list[Path]) -> Iterator[int]:
    """Yield the processes the files tell of; of all they hold nothing else is looked at."""
    for path in files:
        try:
            told = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            continue
        pid = told.get("pid") if isinstance(told, dict) else None
        if isinstance(pid, int) and pid > 1:
            yield pid


def _server(pid: int) -> Server | None:
    try:
        process = psutil.Process(pid)
        words = process.cmdline()
        if not words or process.status() == psutil.STATUS_ZOMBIE:
            return None
        environ = {name: text for name, text in process.environ().items() if name in _KEPT}
        folder = process.cwd()
    except (psutil.Error, OSError):
        return None
    return Server(
        pid=pid, python=_python(words[0], environ, folder), environ=environ,
        command=_in_short(words),
    )  # fmt: skip


def _python(program: str, environ: Mapping[str, str], folder: str) -> str:
    """Return a server's Python by the name it was started under: a link tells its environment."""
    if "python" not in Path(program).name.lower():
        return ""
    if os.sep in program:
        path = str(Path(folder, program))
    else:
        path = shutil.which(program, path=environ.get("PATH")) or ""
    return path if os.access(path, os.X_OK) else ""


def _in_short(words: list[str]) -> str:
    names = [Path(word).name for word in words[:3] if not word.startswith("-")]
    return " ".join(names[1:2] or names)
