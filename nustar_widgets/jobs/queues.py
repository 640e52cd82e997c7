"""One queue for each work folder of this process, for all who look at it."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Final

from nustar_widgets.jobs.runner import Runner

_QUEUES: Final[dict[Path, Runner]] = {}
_LOCK: Final = threading.Lock()


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
        if found is None or found.is_closed:
            found = _QUEUES[folder] = Runner(folder)
        return found
