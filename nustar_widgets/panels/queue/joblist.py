"""The queue as a list in the page (``front/joblist.js``)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import traitlets

from nustar_widgets.panels.page import PageView, joined

_FRONT: Final = Path(__file__).with_name("front")
_PARTS: Final = ("jobrow.js", "joblist.js")


def front_end() -> str:
    """Return the source of the list in the page: one ES module."""
    return joined(_FRONT, _PARTS)


class JobList(PageView):
    """The list.

    Parameters
    ----------
    command
        Told what was clicked: ``kind`` is ``choose``, ``cancel``, ``retry``, ``retry_from`` or
        ``forget`` with the ``id`` of a job; ``filter`` with its name; ``older``, ``cancel_all`` or
        ``forget_over``.
    guarded
        Wraps what hears the page, so that errors are shown.
    """

    _esm = front_end()
    _css = (_FRONT / "joblist.css").read_text(encoding="utf-8")

    rows = traitlets.Dict(help="What `jobrows.job_rows` returns").tag(sync=True)

    def __init__(
        self,
        *,
        command: Callable[[dict[str, Any]], Any],
        guarded: Callable[[Callable[..., Any]], Callable[..., None]],
    ) -> None:
        super().__init__()
        self.layout.width = "100%"
        self._command = command
        self.on_msg(guarded(self._hear))

    def show(self, rows: dict[str, Any]) -> None:
        """Show jobs.

        Parameters
        ----------
        rows
            As `job_rows` returns them.
        """
        self.rows = rows

    def _hear(self, _: Any, content: dict[str, Any], __: Any) -> None:
        self._command(content)
