"""Whether the page can show the sky view: some servers lack the code anywidget needs there."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, Final

from nustar_widgets.panels.cells import current_run
from nustar_widgets.panels.images.skyview import SkyView

# The view's code says that it runs as soon as its model is made, shown or not. A page answers
# within a second; one that opens later, as Voila's does, is believed when it does.
PATIENCE_S: Final = 6.0
LACKING: Final = (
    "This Jupyter server has no anywidget, which the interactive image needs. Shown instead: a "
    "picture, and the regions by numbers, which edit the same session. Remedy: "
    "<code>pip install anywidget</code> in the environment of the Jupyter <i>server</i>, then "
    "reload the page."
)


class PageWatch:
    """Waits for the page to say that it has the view.

    Parameters
    ----------
    view
        The view.
    changed
        Told when the time is over, and when ``lacks_the_view`` changes.
    has_page
        Whether there is a page to wait for; ``None`` asks whether a notebook's cell runs.
    """

    def __init__(
        self, view: SkyView, changed: Callable[[], Any], *, has_page: bool | None = None
    ) -> None:
        self._view, self._changed = view, changed
        self.lacks_the_view = False
        """Whether the page was waited for in vain, so far."""
        view.observe(self._answered, "ready")
        self._timer = threading.Timer(PATIENCE_S, self._waited)
        self._timer.daemon = True
        self.is_awaited = current_run() is not None if has_page is None else has_page
        """Whether there is a page that may yet ask for images."""
        if self.is_awaited:
            self._timer.start()

    def close(self) -> None:
        """Wait no longer."""
        self._timer.cancel()

    def _waited(self) -> None:
        self.lacks_the_view = not self._view.ready
        self._changed()

    def _answered(self, _: Any) -> None:
        if self.lacks_the_view:
            self.lacks_the_view = False
            self._changed()
