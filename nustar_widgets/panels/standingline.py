"""One line in every panel: whether what was made is what the session asks for now, and why not."""

from __future__ import annotations

import html
from typing import Final

import ipywidgets as widgets

from nustar_widgets.jobs.liveproducts import LiveProducts
from nustar_widgets.jobs.productstate import Made, ProductState, ProductStep
from nustar_widgets.session.session import Session

_MARKS: Final = {
    Made.NONE: ("", "\u25cb"),
    Made.ELSEWHERE: ("", "\u25cb"),
    Made.RUNNING: ("nw-standing-busy", "\u2026"),
    Made.CURRENT: ("", "\u2713"),
    Made.STALE: ("nw-standing-stale", "\u26a0"),
    Made.PARTLY: ("nw-standing-stale", "\u26a0"),
    Made.FAILED: ("nw-standing-stale", "\u2716"),
}

# Its room is there before its words are: nothing below it moves when they come.
_STYLE: Final = """<style>
.nw-standing { min-height: 20px; line-height: 20px; font-size: 12px;
  color: var(--jp-ui-font-color2, #555); overflow-wrap: anywhere; }
.nw-standing summary { cursor: pointer; }
.nw-standing table { border-collapse: collapse; margin: 0 0 4px 16px; line-height: 1.5; }
.nw-standing td { padding: 0 14px 0 0; vertical-align: top; }
.nw-standing-stale { color: #7a4b00; background: #fff4df; padding: 0 6px; border-radius: 3px; }
.nw-standing-busy { color: #1f5f8b; background: #eaf3fa; padding: 0 6px; border-radius: 3px; }
</style>"""

_EMPTY: Final = f'{_STYLE}<div class="nw-standing"></div>'


class StandingLine(widgets.HTML):
    """Whether products are current; what each step made, when and by whom, is folded away.

    Parameters
    ----------
    session
        The session.
    heading
        What products are called here: ``Products``, ``Spectra``.
    """

    def __init__(self, session: Session, *, heading: str) -> None:
        super().__init__(value=_EMPTY, layout=widgets.Layout(width="100%", margin="0"))
        self.add_class("nw-standing-line")
        self.text = ""
        """What is said."""
        self.session, self._heading = session, heading
        self.products = LiveProducts.of(session)

    def show(self) -> None:
        """Show how the products stand."""
        state = self.products.state
        if state is None:
            self.text, self.value = "", _EMPTY
            return
        self.text = f"{self._heading}: {state.words()}"
        self.value = f'{_STYLE}<div class="nw-standing">{self._said(state)}</div>'

    def _said(self, state: ProductState) -> str:
        kind, mark = _MARKS[state.made]
        said = f'<span class="{kind}" role="status">{mark} {html.escape(self.text)}</span>'
        if not any(step.made_at is not None or step.is_queued for step in state.steps):
            return said
        rows = "".join(map(_row, state.steps))
        return f"<details><summary>{said}</summary><table>{rows}</table></details>"


def _row(step: ProductStep) -> str:
    return f"<tr><td>{html.escape(step.label)}</td><td>{html.escape(step.words())}</td></tr>"
