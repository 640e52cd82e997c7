"""Which notebook cell made a panel, so that running the cell again does not pile up panels.

JupyterLab says in each request to run code which cell it comes from. A panel made by a cell takes
the place of those the same cell made when it ran before: nobody sees them any more, but they would
go on following their session. Panels of one run, and of different cells, live side by side. Where
nothing names the cell (scripts, nbclient, Voila) nothing is closed.
"""

from __future__ import annotations

import logging
import sys
import threading
import weakref
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple, Protocol

_LOG = logging.getLogger(__name__)


class Closable(Protocol):
    """What can be closed, as a panel."""

    def close(self) -> None:
        """Let go of everything."""
        ...


class CellRun(NamedTuple):
    """One run of one cell.

    Attributes
    ----------
    cell
        The cell; stays the same when it is edited or moved.
    execution
        The request to run it; another one each time.
    """

    cell: str
    execution: str


@dataclass
class _Made:
    execution: str
    panels: weakref.WeakSet[Any] = field(default_factory=weakref.WeakSet)


class PanelsByCell:
    """Remembers which panels a cell has made."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._made: dict[str, _Made] = {}

    def take_place(self, panel: Closable, run: CellRun | None) -> None:
        """Note a new panel; close those its cell made in earlier runs.

        Parameters
        ----------
        panel
            The panel being made.
        run
            The run that makes it; ``None`` where no cell does.
        """
        if run is None:
            return
        with self._lock:
            made = self._made.get(run.cell)
            earlier: list[Closable] = []
            if made is None or made.execution != run.execution:
                earlier = [] if made is None else list(made.panels)
                made = self._made[run.cell] = _Made(run.execution)
            made.panels.add(panel)
        for old in earlier:
            try:
                old.close()
            except Exception:  # an old panel must not keep the new one from being made
                _LOG.exception("closing a panel of an earlier run of the cell")


BY_CELL: Final = PanelsByCell()
"""Of this process: a kernel is one."""


def current_run() -> CellRun | None:
    """Return the run of a notebook cell that is going on, or ``None`` where there is none."""
    # Who has not imported IPython is not inside it.
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    ask: Callable[[], Any] = getattr(shell, "get_parent", dict)
    parent = ask()
    return run_of(parent) if isinstance(parent, Mapping) else None


def run_of(request: Mapping[str, Any]) -> CellRun | None:
    """Return the run a message to the kernel asks for; ``None`` unless a cell is to be run.

    Parameters
    ----------
    request
        The message, as Jupyter's protocol has it. Messages of widgets name no cell.
    """
    header, metadata = request.get("header") or {}, request.get("metadata") or {}
    cell, execution = metadata.get("cellId"), header.get("msg_id")
    if header.get("msg_type") != "execute_request" or not cell or not execution:
        return None
    return CellRun(str(cell), str(execution))
