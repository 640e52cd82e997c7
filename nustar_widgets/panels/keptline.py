"""What to know of how a session is kept, with the buttons that do something about it."""

from __future__ import annotations

import html
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import ipywidgets as widgets

from nustar_widgets.panels.background import Background, Starter, on_a_thread
from nustar_widgets.panels.closing import close_tree
from nustar_widgets.session.keeping import Keeping
from nustar_widgets.session.trouble import refuge

TOLD: Final = ("problem", "notice", "earlier", "holder")
"""Traits of a keeping that are shown."""

_INK: Final = {"alert": ("#8b1a1a", "#fdecec"), "status": ("#7a4b00", "#fff4df")}


def has_news(keeping: Keeping) -> bool:
    """Whether there is anything to know."""
    return bool(keeping.problem or keeping.notice)


class KeptLine(widgets.VBox):
    """Shows nothing while all is well.

    Parameters
    ----------
    keeping
        How the session is kept.
    clicked
        Wraps what a button does.
    failed
        Told what a button's work has raised.
    start
        How work that waits for a disk is started.
    """

    def __init__(
        self,
        keeping: Keeping,
        *,
        clicked: Callable[[Callable[[], Any]], Callable[[Any], None]],
        failed: Callable[[Exception], Any],
        start: Starter = on_a_thread,
    ) -> None:
        super().__init__(layout=widgets.Layout(width="100%"))
        self.add_class("nw-kept")
        self.keeping = keeping
        self._clicked, self._failed = clicked, failed
        self._working = Background(start)
        self._shown: tuple[Any, ...] = ()
        self._rows: tuple[widgets.Widget, ...] = ()
        self.folder: widgets.Text | None = None
        """Where to keep a session that cannot be written; there while that is so."""

    def show(self) -> None:
        """Show how things stand; what is there already stays, for there may be a hand on it."""
        keeping = self.keeping
        now = tuple(getattr(keeping, name) for name in TOLD)
        if now == self._shown:
            return
        self._shown, self.folder, old = now, None, self._rows
        rows = (self._problem(keeping), self._notice(keeping))
        self.children = self._rows = tuple(row for row in rows if row is not None)
        self.layout.display = "" if self._rows else "none"
        for row in old:
            close_tree(row)

    def _problem(self, keeping: Keeping) -> widgets.Widget | None:
        if not keeping.problem:
            return None
        self.folder = widgets.Text(
            value=str(refuge(Path(keeping.path))), description="folder",
            style={"description_width": "48px"}, layout=widgets.Layout(width="300px"),
        )  # fmt: skip
        field = self.folder
        return _row(
            "alert", keeping.problem, field,
            self._button("Keep it there", lambda: keeping.move(field.value.strip())),
        )  # fmt: skip

    def _notice(self, keeping: Keeping) -> widgets.Widget | None:
        if not keeping.notice:
            return None
        buttons = []
        if keeping.earlier is not None and keeping.earlier.can_be_read:
            buttons.append(self._button("Continue it", keeping.continue_earlier))
        if keeping.holder is not None:
            buttons.append(self._button("Take over", keeping.take_over))
            buttons.append(self._button("Keep a copy", keeping.keep_copy))
        buttons.append(self._button("Understood", keeping.dismiss))
        return _row("status", keeping.notice, *buttons)

    def _button(self, label: str, act: Callable[[], Any]) -> widgets.Button:
        button = widgets.Button(
            description=label, tooltip=_TOOLTIPS[label], layout=widgets.Layout(width="auto")
        )
        button.on_click(self._clicked(lambda: self._do(act)))
        return button

    def _do(self, act: Callable[[], Any]) -> None:
        def work(_: threading.Event) -> None:
            act()

        self._working.run(work, done=lambda _: None, failed=self._failed)


_TOOLTIPS: Final = {
    "Keep it there": "Write the session to this folder from now on",
    "Continue it": "Turn this session into the earlier one, undo steps included; "
    "what it is now is set aside",
    "Take over": "Write this session there all the same; what is there is set aside",
    "Keep a copy": "Write this session to a file of its own, beside that one",
    "Understood": "Take this message away",
}


def _row(role: str, text: str, *controls: widgets.Widget) -> widgets.Widget:
    ink, paper = _INK[role]
    said = widgets.HTML(
        f'<div role="{role}" style="color:{ink};background:{paper};padding:4px 8px;'
        f'border-radius:3px;line-height:1.4;overflow-wrap:anywhere">{html.escape(text)}</div>',
        layout=widgets.Layout(flex="1 1 360px", min_width="0"),
    )
    beside = widgets.HBox(controls, layout=widgets.Layout(flex="none", align_items="center"))
    row = widgets.Layout(flex_flow="row wrap", align_items="center", width="100%")
    return widgets.HBox((said, beside), layout=row)
