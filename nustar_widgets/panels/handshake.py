"""A handshake with the page: what it is, and which kinds of widgets it can really show.

One small widget of each kind is put into the page, unseen. Code of our own looks which of them the
page could make, and what the page is. It comes with a widget of our own, or where there is no
anywidget as a script that writes into a plain text field. Where neither runs, ipywidgets counts the
views of a model whose ``_view_count`` is a number: an error in a widget's place counts, too.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import ipywidgets as widgets
import traitlets

from nustar_widgets.panels.closing import close_tree
from nustar_widgets.panels.page import PageView, joined

_FRONT: Final = Path(__file__).with_name("front")
_UNSEEN: Final = {"height": "0", "overflow": "hidden", "visibility": "hidden"}
_MADE_OF: Final = {"ipywidgets": "input", "bqplot": ".svg-figure", "itables": "table"}
_LOOKS: Final = 100  # for the text field, one each tenth of a second


class PageProbe(PageView):
    """The widget of our own: tells what the page is."""

    _esm = joined(_FRONT, ("handshake.js", "handshakeview.js"))

    name = traitlets.Unicode(help="Class of the widgets to look at").tag(sync=True)
    kinds = traitlets.Dict(help="CSS of what each kind is made of").tag(sync=True)
    facts = traitlets.Dict(help="What the page is; empty until it has answered").tag(sync=True)


class Handshake(widgets.VBox):
    """The widgets that are put into the page.

    Parameters
    ----------
    told
        Told that something has answered; on the thread that heard it.
    board
        Whether there is to be a widget that shows HTML, too.
    """

    def __init__(self, told: Callable[[], Any], *, board: bool = False) -> None:
        super().__init__(layout=widgets.Layout(**_UNSEEN))
        self._told = told
        self.board = widgets.HTML() if board else None
        """Shows HTML; ``None`` where it was not wanted."""
        self._facts: dict[str, Any] = {}
        self._name = f"nw-handshake-{uuid.uuid4().hex}"
        self.plain = widgets.Text(layout=widgets.Layout(**_UNSEEN), tabbable=False)
        self.plain.observe(self._written, "value")
        self._kinds = {"ipywidgets": self.plain, **_others()}
        self._made = {name: _MADE_OF[name] for name in self._kinds}
        self.probe = PageProbe(name=self._name, kinds=self._made)
        self.probe.observe(lambda _: self._told(), ["ready", "facts"])
        for name, widget in self._kinds.items():
            widget.add_class(f"{self._name}-{name}")
            widget._view_count = 0  # from now on the page counts its views
            widget.observe(lambda _: self._told(), "_view_count")
        self.children = (*self._kinds.values(), self.probe)
        self.shown = self if self.board is None else widgets.VBox((self.board, self))
        """What is put into the page."""

    @property
    def kinds(self) -> tuple[str, ...]:
        """Packages whose widgets were put into the page."""
        return (*self._kinds, "anywidget")

    @property
    def seen(self) -> frozenset[str]:
        """Those whose widgets the page could show, so far."""
        shown = self.facts.get("shown")
        if isinstance(shown, Mapping):
            found = {name for name in self._kinds if shown.get(name) is True}
        else:
            found = {name for name, widget in self._kinds.items() if widget._view_count}
        return frozenset(found | ({"anywidget"} if self.probe.ready else set()))

    @property
    def facts(self) -> Mapping[str, Any]:
        """What the page is; empty until it has said so."""
        return dict(self.probe.facts or self._facts)

    @property
    def script(self) -> str:
        """HTML whose script lets a page without anywidget say what it is."""
        code = (_FRONT / "handshake.js").read_text(encoding="utf-8")
        return f"""<script>(() => {{
{code}
let looks = {_LOOKS};
const look = (facts) => {{
  const field = document.querySelector(".{self._name}-ipywidgets input");
  if (field) {{
    field.value = JSON.stringify(facts);
    for (const kind of ["input", "change"]) field.dispatchEvent(new Event(kind, {{bubbles: true}}));
  }} else if (looks--) setTimeout(look, 100, facts);
}};
pageFacts({json.dumps(self._name)}, {json.dumps(self._made)}).then(look);
}})();</script>"""

    def close(self) -> None:
        """Take what asks out of the page; the board stays."""
        for widget in self._kinds.values():
            widget._view_count = None  # or the page would report the end of a view to nobody
        for part in (*self._kinds.values(), self.probe):
            close_tree(part)
        super().close()

    def _written(self, change: Any) -> None:
        try:
            facts = json.loads(change["new"])
        except ValueError:
            return
        if isinstance(facts, dict):
            self._facts = facts
            self._told()


def _others() -> dict[str, widgets.Widget]:
    """Make a small plot and a small table; none where the kernel has no such package."""
    found: dict[str, widgets.Widget] = {}
    try:
        import bqplot  # noqa: PLC0415  # what is missing is to be told, not to stop us

        scales = {"x": bqplot.LinearScale(min=0.0, max=1.0), "y": bqplot.LinearScale()}
        line = bqplot.Lines(x=[0.0, 1.0], y=[0.0, 1.0], scales=scales)
        size = widgets.Layout(width="120px", height="120px")
        found["bqplot"] = bqplot.Figure(marks=[line], layout=size, animation_duration=0)
    except ImportError:
        pass
    try:
        import pandas as pd  # noqa: PLC0415
        from itables.widget import ITable  # noqa: PLC0415

        found["itables"] = ITable(pd.DataFrame({"name": ["a"]}))
    except ImportError:
        pass
    return found
