"""What to mend before a run, each with the buttons that mend it."""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from typing import Any, Final

import ipywidgets as widgets

from nustar_widgets.calls.preflight import Check, Level, Remedy
from nustar_widgets.panels.closing import close_tree

_MARKS: Final = {
    Level.STOP: ("&#10006; Stop", "#8b1a1a", "#fdecec"),
    Level.NOTE: ("&#9888; Note", "#7a4b00", "#fff4df"),
}
_GOOD: Final = (
    '<div role="status" style="color:#1d5c2e;background:#eaf6ec;padding:4px 8px;'
    'border-radius:3px">&#10004; {}</div>'
)


class CheckList(widgets.VBox):
    """Checks with their remedies.

    Parameters
    ----------
    mend
        Told the remedy of the button that was pressed.
    clicked
        Wraps what a button does.
    look
        Told task and parameter of a check that is about one; without it nothing leads there.
    good
        Shown where there is no check, as text; empty for nothing.
    """

    def __init__(
        self,
        *,
        mend: Callable[[Remedy], Any],
        clicked: Callable[[Callable[[], Any]], Callable[[Any], None]],
        look: Callable[[str, str], Any] | None = None,
        good: str = "",
    ) -> None:
        super().__init__(layout=widgets.Layout(max_height="300px", overflow="hidden auto"))
        self._mend, self._look, self._clicked, self._good = mend, look, clicked, good
        self._rows: tuple[widgets.Widget, ...] = ()
        self.checks: tuple[Check, ...] | None = None
        """What is shown; ``None`` before anything was."""
        self.add_class("nw-checks")

    def show(self, checks: Sequence[Check]) -> None:
        """Show checks; none is good news.

        Parameters
        ----------
        checks
            As `nustar_widgets.calls.preflight.preflight` returns them.
        """
        if tuple(checks) == self.checks or self.comm is None:  # buttons under the mouse stay
            return
        self.checks, old = tuple(checks), self._rows
        self._rows = tuple(map(self._row, checks)) or self._nothing()
        self.children = self._rows
        for row in old:
            close_tree(row)

    def _nothing(self) -> tuple[widgets.Widget, ...]:
        return (widgets.HTML(_GOOD.format(html.escape(self._good))),) if self._good else ()

    def _row(self, check: Check) -> widgets.Widget:
        mark, ink, paper = _MARKS[check.level]
        text = widgets.HTML(
            f'<div style="color:{ink};background:{paper};padding:4px 8px;border-radius:3px;'
            f'line-height:1.4;overflow-wrap:anywhere"><b>{mark}</b> '
            f"{html.escape(check.text)}</div>",
            layout=widgets.Layout(flex="none"),  # the list scrolls, rows are not squeezed
        )
        buttons = [self._remedy(remedy) for remedy in check.remedies]
        if check.parameter and self._look is not None:
            buttons.append(self._pointer(check, self._look))
        if not buttons:
            return text
        layout = widgets.Layout(flex_flow="row wrap", margin="0 0 4px 0")
        row = (text, widgets.HBox(buttons, layout=layout))
        return widgets.VBox(row, layout=widgets.Layout(flex="none"))

    def _remedy(self, remedy: Remedy) -> widgets.Button:
        button = _button(remedy.label, "mend it so")
        button.on_click(self._clicked(lambda: self._mend(remedy)))
        return button

    def _pointer(self, check: Check, look: Callable[[str, str], Any]) -> widgets.Button:
        button = _button(f"show {check.parameter}", f"show {check.parameter} in the form")
        button.on_click(self._clicked(lambda: look(check.task, check.parameter)))
        return button


def _button(label: str, tooltip: str) -> widgets.Button:
    layout = widgets.Layout(width="auto", height="26px")
    return widgets.Button(description=label, tooltip=tooltip, layout=layout)
