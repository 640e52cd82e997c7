"""One queue for each work folder of this process, for all who look at it."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from nustar_widgets.jobs.runner import Runner

_QUEUES: Final[dict[Path, Runner]] = {}
_LOCK: Final = threading.Lock()
_LISTENERS: Final[list[weakref.WeakMethod[Any]]] = []


def queue_in(work_dir: str | Path) -> Runner:
    """Return the queue of a work folder: the same one whoever asks, and however it is named.

    Parameters
    ----------
    work_dir
        The folder; it need not exist yet. The jobs of earlier kernels are found in it.
    """
    folder = Path(work_dir).expanduser().resolve()
    with _LOCK:
        found = _QUEUES.get(folder)
        if found is not None and not found.is_closed:
            return found
        found = _QUEUES[folder] = Runner(folder)
        _LISTENERS[:] = [one for one in _LISTENERS if one() is not None]
        listeners = [one() for one in _LISTENERS]
    for told in listeners:
        if told is not None:
            told(found)
    return found


def known_queue(work_dir: str | Path) -> Runner | None:
    """Return the queue of a work folder if somebody has asked for it before; make none.

    Parameters
    ----------
    work_dir
        The folder.
    """
    with _LOCK:
        found = _QUEUES.get(Path(work_dir).expanduser().resolve())
        return None if found is None or found.is_closed else found


def on_new_queue(told: Callable[[Runner], Any]) -> None:
    """Tell whenever a queue is made in this process.

    Parameters
    ----------
    told
        Told the queue; a method, held weakly.
    """
    with _LOCK:
        _LISTENERS.append(weakref.WeakMethod(told))
