"""Code to read and to copy."""

from __future__ import annotations

import html
from pathlib import Path
from typing import Final

import ipywidgets as widgets
import traitlets

from nustar_widgets.panels.page import PageView, joined

_FRONT: Final = Path(__file__).with_name("front")


class CodeView(PageView):
    """Code with a button that copies it."""

    _esm = joined(_FRONT, ("codeview.js",))
    _css = (_FRONT / "codeview.css").read_text(encoding="utf-8")

    code = traitlets.Unicode(help="The code").tag(sync=True)
    label = traitlets.Unicode("code", help="What it is, as the button says it").tag(sync=True)
    rows = traitlets.Int(14, help="Lines that are seen at once").tag(sync=True)


class CodeBox(widgets.VBox):
    """Code, also in a page that has no view for it.

    Parameters
    ----------
    rows
        Lines that are seen at once.
    """

    def __init__(self, *, rows: int = 14) -> None:
        super().__init__()
        self.view = CodeView(rows=rows)
        self.plain: widgets.HTML | None = None
        self.add_class("nw-code-box")
        self.children = (self.view,)

    @property
    def code(self) -> str:
        """What is shown."""
        return str(self.view.code)

    def show(self, code: str, *, label: str) -> None:
        """Show code.

        Parameters
        ----------
        code
            The code.
        label
            What it is, as ``Python``.
        """
        with self.view.hold_sync():
            self.view.code, self.view.label = code, label
        self._show_plain()

    def show_plainly(self, *, plain: bool) -> None:
        """Do without the view, or no longer.

        Parameters
        ----------
        plain
            Whether the page lacks the view.
        """
        self.plain = widgets.HTML() if plain else None
        self._show_plain()
        self.children = (self.view,) if self.plain is None else (self.plain,)

    def _show_plain(self) -> None:
        if self.plain is not None:
            height = f"max-height:{self.view.rows * 1.45}em;overflow:auto"
            self.plain.value = f'<pre style="{height}">{html.escape(self.code)}</pre>'
