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
        self.table = widgets.HTML()
        self.choice = widgets.Dropdown(layout=widgets.Layout(width="240px"))
        self.look = widgets.Button(description="Look", layout=widgets.Layout(width="70px"))
        self.look.on_click(guarded(lambda _: look(self.choice.value)))
        self.children = (self.table, widgets.HBox((self.choice, self.look)))

    def show(self, products: list[dict[str, Any]]) -> None:
        """Show products.

        Parameters
        ----------
        products
            Of each: kind, size, path, can_look, is_open.
        """
        rows = "".join(
            f"<tr><td>{html.escape(item['kind'])}</td><td>{html.escape(item['size'])}</td>"
            f"<td><code style='user-select:all'>{html.escape(item['path'])}</code></td></tr>"
            for item in products
        )
        self.table.value = f"<table style='font-size:12px'>{rows}</table>"
        self.choice.options = [
            (item["kind"], number) for number, item in enumerate(products) if item["can_look"]
        ]
        self.look.disabled = not self.choice.options
