"""What a job made, as a list in the page (``front/productlist.js``)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import traitlets

from nustar_widgets.panels.page import PageView, joined

_FRONT: Final = Path(__file__).with_name("front")


class ProductList(PageView):
    """The list.

    Parameters
    ----------
    look
        Told the number of the product somebody wants to look at.
    guarded
        Wraps what hears the page, so that errors are shown.
    """

    _esm = joined(_FRONT, ("productlist.js",))
    _css = (_FRONT / "productlist.css").read_text(encoding="utf-8")

    products: traitlets.List[dict[str, Any]] = traitlets.List(
        help="Of each: kind, size, path, can_look, is_open"
    ).tag(sync=True)

    def __init__(
        self,
        *,
        look: Callable[[int], Any],
        guarded: Callable[[Callable[..., Any]], Callable[..., None]],
    ) -> None:
        super().__init__()
        self.layout.width = "100%"
        self._look = look
        self.on_msg(guarded(self._hear))

    def show(self, products: list[dict[str, Any]]) -> None:
        """Show products.

        Parameters
        ----------
        products
            Of each: kind, size, path, can_look, is_open.
        """
        self.products = products

    def _hear(self, _: Any, content: dict[str, Any], __: Any) -> None:
        if content.get("kind") == "look" and 0 <= content["number"] < len(self.products):
            self._look(content["number"])
