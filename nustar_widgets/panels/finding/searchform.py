"""What to search for: one box, and conditions a click away."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import ipywidgets as widgets

from nustar_widgets.archive.query import DEFAULT_RADIUS_ARCMIN, MODES, Query

_ANY = "any"
_EXAMPLES = "SWIFT J2127.4+5654, 60001110002, or 21:27:45 +56:56:36"


class SearchForm(widgets.VBox):
    """The form.

    Parameters
    ----------
    on_search
        Called when the user asks for a search, by button or by Enter.
    on_cancel
        Called when the user asks to stop.
    """

    def __init__(self, on_search: Callable[[], Any], on_cancel: Callable[[], Any]) -> None:
        super().__init__()
        self.add_class("nw-search-form")
        wide = {"description_width": "92px"}
        self.text = widgets.Text(
            description="Search for", placeholder=_EXAMPLES, continuous_update=False, style=wide,
            tooltip="Source name, observation ID (11 digits), or coordinates in any usual form",
            layout=widgets.Layout(flex="1 1 auto", width="auto"),
        )  # fmt: skip
        self.radius = widgets.BoundedFloatText(
            value=DEFAULT_RADIUS_ARCMIN, min=0.1, max=10800.0, step=1.0, description="within",
            tooltip="How far a pointing may be from the position [arcmin]",
            style={"description_width": "44px"}, layout=widgets.Layout(width="126px"),
        )  # fmt: skip
        self.search = widgets.Button(
            description="Search", button_style="primary", layout=widgets.Layout(width="88px")
        )
        self.cancel = widgets.Button(
            description="Cancel", disabled=True, layout=widgets.Layout(width="80px")
        )
        self.start = widgets.DatePicker(description="begun from", style=wide)
        self.end = widgets.DatePicker(description="until", style={"description_width": "40px"})
        self.exposure_ks = widgets.BoundedFloatText(
            value=0.0, min=0.0, max=1e4, step=5.0, description="at least [ks]", style=wide,
            tooltip="Least exposure of FPMA [ks]", layout=widgets.Layout(width="190px"),
        )  # fmt: skip
        self.pi = widgets.Text(
            description="PI", placeholder="last name", style={"description_width": "24px"},
            layout=widgets.Layout(width="190px"),
        )  # fmt: skip
        self.mode = widgets.Dropdown(
            options=[_ANY, *MODES], description="mode", style={"description_width": "44px"},
            layout=widgets.Layout(width="180px"),
        )  # fmt: skip
        self.public_only = widgets.Checkbox(description="public data only", indent=False)
        more = widgets.Accordion(
            children=[
                widgets.VBox(
                    [
                        widgets.HBox([self.start, self.end]),
                        widgets.HBox([self.exposure_ks, self.pi, self.mode, self.public_only]),
                    ]
                )
            ],
            titles=("More conditions",),
            selected_index=None,
        )
        first = widgets.HBox(
            [self.text, self.radius, widgets.Label("arcmin"), self.search, self.cancel],
            layout=widgets.Layout(align_items="center"),
        )
        self.children = (first, more)
        self.search.on_click(lambda _: on_search())
        self.cancel.on_click(lambda _: on_cancel())
        self.text.observe(lambda change: change["new"] and on_search(), "value")

    def query(self) -> Query:
        """Return what is asked for.

        Raises
        ------
        QueryError
            Nothing is, or something impossible.
        """
        conditions: dict[str, Any] = {
            "radius_arcmin": self.radius.value,
            "start": self.start.value,
            "end": self.end.value,
            "min_exposure_s": self.exposure_ks.value * 1e3 or None,
            "pi": self.pi.value.strip() or None,
            "mode": None if self.mode.value == _ANY else self.mode.value,
            "public_only": self.public_only.value,
        }
        if not self.text.value.strip():
            return Query(**conditions)
        return replace(Query.from_text(self.text.value), **conditions)

    def show_busy(self, *, busy: bool) -> None:
        """Let the user search, or cancel, but not both."""
        self.search.disabled, self.cancel.disabled = busy, not busy
