"""Widgets that leave their last picture and numbers in a saved notebook."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from nustar_widgets.panels.stills.still import Still
from nustar_widgets.panels.stills.stilloutput import StillOutput, hiding

_VIEW = "application/vnd.jupyter.widget-view+json"


class LeavesStill:
    """Mixed into a widget, before ipywidgets' class: what it shows is kept as plain output.

    The widget tells what `stills` are, holds an ``HTML`` widget with `still_style` somewhere, calls
    `still_changed` when there is something new to see, and `close_still` when it is closed.
    """

    model_id: str
    still_told: Callable[[], Any] | None = None
    """Told that there may be something new to see: by whoever shows this widget inside another."""

    _still_output: StillOutput | None = None

    @property
    def still_output(self) -> StillOutput:
        """What keeps the plain output."""
        if self._still_output is None:
            self._still_output = StillOutput(
                self.model_id, self.stills, is_whole=lambda: self.still_is_whole
            )
        return self._still_output

    @property
    def still_style(self) -> str:
        """HTML by which the widget hides its plain output while it is alive."""
        return hiding(self.model_id)

    def stills(self) -> Sequence[Still]:
        """Return what is to be seen later, the most important first; on a thread of its own."""
        raise NotImplementedError

    @property
    def still_is_whole(self) -> bool:
        """Whether all that `stills` would show is there; not while something is read."""
        return True

    def still_changed(self) -> None:
        """Note that there may be something new to see; costs nothing."""
        self.still_output.changed()
        if self.still_told is not None:
            self.still_told()

    def close_still(self) -> None:
        """Leave the plain output as it is."""
        self.still_output.close()

    def _repr_mimebundle_(self, **named: Any) -> dict[str, Any]:
        shown: dict[str, Any] = super()._repr_mimebundle_(**named)  # type: ignore[misc]
        if _VIEW in shown:
            self.still_output.show()
            # Where it is not alive, its plain output is seen: a second text would say nothing more.
            shown["text/plain"] = f"{type(self).__name__}: alive while its kernel runs"
            shown["text/html"] = ""
        return shown
