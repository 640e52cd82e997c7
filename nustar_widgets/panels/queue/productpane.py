"""What a job made: the list, and the one product that is looked at."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import ipywidgets as widgets

from nustar_widgets.engines.base import Product
from nustar_widgets.jobs.space import size_words
from nustar_widgets.panels.background import Background, Starter
from nustar_widgets.panels.closing import close_tree
from nustar_widgets.panels.queue.plainproducts import PlainProducts
from nustar_widgets.panels.queue.productlist import ProductList
from nustar_widgets.panels.queue.productlook import can_look, read_look

_STYLE: Final = """<style>
.nw-look-words { font-size: 11px; line-height: 1.35; padding: 4px 0 0; }
</style>"""

Guard = Callable[[Callable[..., Any]], Callable[..., None]]


class ProductPane(widgets.VBox):
    """Products of a job.

    Parameters
    ----------
    start
        How slow work is started.
    guarded
        Wraps what hears the controls, so that errors are shown.
    failed
        Told what went wrong with reading a product.
    """

    def __init__(
        self, *, start: Starter, guarded: Guard, failed: Callable[[Exception], Any]
    ) -> None:
        super().__init__(layout=widgets.Layout(width="100%"))
        self.add_class("nw-product-pane")
        self._guarded, self._failed = guarded, failed
        self._reading = Background(start)
        self._products: tuple[Product, ...] = ()
        self._open: int | None = None
        self.view = ProductList(look=self.look, guarded=guarded)
        self.plain: PlainProducts | None = None
        self.empty = widgets.HTML()
        style = widgets.HTML(_STYLE)
        self.place = widgets.VBox(layout=widgets.Layout(width="100%"))
        self.children = (self.empty, self.view, self.place, style)

    def show(self, products: Sequence[Product], *, nothing: str) -> None:
        """Show products; what was looked at is closed where they are others.

        Parameters
        ----------
        products
            The products.
        nothing
            What is said where there are none.
        """
        if tuple(products) != self._products:
            self._products = tuple(products)
            self.close_look()
        self.empty.value = "" if products else f"<small>{nothing}</small>"
        self._list()

    def show_plainly(self, *, plain: bool) -> None:
        """Do without a view of our own, or no longer.

        Parameters
        ----------
        plain
            Whether the page lacks the view.
        """
        if plain and self.plain is None:
            self.plain = PlainProducts(look=self.look, guarded=self._guarded)
        listed = self.plain if plain and self.plain is not None else self.view
        self.children = (self.empty, listed, *self.children[2:])
        self._list()

    def look(self, number: int) -> None:
        """Look at a product, or at none where it was looked at already.

        Parameters
        ----------
        number
            Its place among the products.
        """
        if number == self._open:
            self.close_look()
            return
        path = self._products[number].path
        self._open = number
        self._list()

        def work(_: threading.Event) -> Callable[[], widgets.Widget]:
            return read_look(path)

        self._reading.run(work, done=self._guarded(self._read), failed=self._guarded(self._not))

    def close_look(self) -> None:
        """Look at nothing."""
        self._open = None
        self._put(())
        self._list()

    def _read(self, made: Callable[[], widgets.Widget]) -> None:
        if self._open is not None:
            self._put((made(),))

    def _not(self, error: Exception) -> None:
        self.close_look()
        self._failed(error)

    def _put(self, shown: tuple[widgets.Widget, ...]) -> None:
        before, self.place.children = self.place.children, shown
        for widget in before:
            close_tree(widget)

    def _list(self) -> None:
        items = [self._item(number, item) for number, item in enumerate(self._products)]
        self.view.show(items)
        if self.plain is not None:
            self.plain.show(items)

    def _item(self, number: int, product: Product) -> dict[str, Any]:
        there = product.path.is_file()
        return {
            "kind": product.kind,
            "size": _size(product.path) if there else "gone",
            "path": str(product.path),
            "can_look": there and can_look(product.path),
            "is_open": number == self._open,
        }


def _size(path: Path) -> str:
    try:
        return size_words(path.stat().st_size)
    except OSError:
        return "gone"
