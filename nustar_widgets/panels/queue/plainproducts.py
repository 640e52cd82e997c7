"""What a job made, for pages that have no view of ours."""

from __future__ import annotations

import html
from collections.abc import Callable
from typing import Any

import ipywidgets as widgets


class PlainProducts(widgets.VBox):
    """The same as `ProductList`, of plain controls.

    Parameters
    ----------
    look
        Told the number of the product somebody wants to look at.
    guarded
        Wraps what hears the controls, so that errors are shown.
    """

    def __init__(
        self,
        *,
        look: Callable[[int], Any],
        guarded: Callable[[Callable[..., Any]], Callable[..., None]],
    ) -> None:
        super().__init__()
        self._look = look
        self.table = widgets.HTML(layout=widgets.Layout(max_height="190px", overflow="auto"))
        self.choice = widgets.Dropdown(layout=widgets.Layout(width="240px"))
        self.look = widgets.Button(description="Look", layout=widgets.Layout(width="70px"))
        self.look.on_click(guarded(self._clicked))
        self.children = (self.table, widgets.HBox((self.choice, self.look)))

    def show(self, products: list[dict[str, Any]]) -> None:
        """Show products.

        Parameters
        ----------
        products
            Of each: kind, size, path, can_look, is_open.
        """
        rows = "".join(
            f"<tr><td>{html.escape(item['kind'])}</td>"
            f"<td style='white-space:nowrap'>{html.escape(item['size'])}</td>"
            f"<td><code style='user-select:all'>{html.escape(item['path'])}</code></td></tr>"
            for item in products
        )
        style = "font-size:12px;line-height:1.4;overflow-wrap:anywhere"
        self.table.value = f"<table style='{style}'>{rows}</table>"
        options = tuple(
            (item["kind"], number) for number, item in enumerate(products) if item["can_look"]
        )
        if self.choice.options != options:  # the page forgets what is chosen among new ones
            self.choice.options = options
            self.choice.index = 0 if options else None
        self.look.disabled = not options

    def _clicked(self, _: Any) -> None:
        if self.choice.value is not None:
            self._look(self.choice.value)
