"""What stands above the panels, in the page (``front/appbar.js``)."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import traitlets

from nustar_widgets.panels.page import PageView, joined

_FRONT: Final = Path(__file__).with_name("front")
_PARTS: Final = ("appmenu.js", "apptabs.js", "appbar.js")


def front_end() -> str:
    """Return the source of the bar in the page: one ES module."""
    return joined(_FRONT, _PARTS)


class AppBar(PageView):
    """The bar.

    Parameters
    ----------
    state
        What is shown first, as `nustar_widgets.app.barstate.bar_state` returns it.
    command
        Told what was clicked: ``kind`` is ``open`` with the ``step``; ``next`` with the ``act``
        that was on the button; ``undo``, ``redo``, ``new``, ``sample``; ``recent`` with the
        ``path``; ``menu`` when the menu is opened.
    guarded
        Wraps what hears the page, so that errors are shown.
    """

    _esm = front_end()
    _css = (_FRONT / "appbar.css").read_text(encoding="utf-8")

    uid = traitlets.Unicode().tag(sync=True)
    state = traitlets.Dict(help="What is shown").tag(sync=True)

    def __init__(
        self,
        state: dict[str, Any],
        *,
        command: Callable[[dict[str, Any]], Any],
        guarded: Callable[[Callable[..., Any]], Callable[..., None]],
    ) -> None:
        super().__init__(uid=uuid.uuid4().hex, state=state)
        self.layout.width = "100%"
        self._command = command
        self.on_msg(guarded(self._hear))

    def show(self, state: dict[str, Any]) -> None:
        """Show how things stand.

        Parameters
        ----------
        state
            As for the constructor.
        """
        self.state = state

    def _hear(self, _: Any, content: dict[str, Any], __: Any) -> None:
        self._command(content)
