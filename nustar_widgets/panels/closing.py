"""Closing a widget and all it is made of.

ipywidgets closes only the widget it is asked to close: children, layouts, styles, marks and scales
stay registered in the kernel, and their models in the page, for as long as both live.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import ipywidgets as widgets


def close_tree(root: widgets.Widget) -> None:
    """Close a widget and every widget it holds, shown or not.

    Parameters
    ----------
    root
        The widget. A part that keeps its panel as an attribute takes the panel with it; such parts
        are closed by their panel.
    """
    for widget in _tree(root):
        if widget is root:
            widgets.Widget.close(widget)  # the root's own close may be what called this
        else:
            widget.close()


def _tree(root: widgets.Widget) -> list[widgets.Widget]:
    """Return a widget and what it holds, each once; holders first, so that nothing is redrawn."""
    found: dict[int, widgets.Widget] = {id(root): root}
    waiting = [root]
    while waiting:
        for held in _held_by(waiting.pop()):
            if id(held) not in found:
                found[id(held)] = held
                waiting.append(held)
    return list(found.values())


def _held_by(widget: widgets.Widget) -> Iterator[widgets.Widget]:
    """Return the widgets in the traits and attributes of a widget.

    Attributes, because a panel keeps parts that it does not show now.
    """
    for name in widget.keys:
        if widget.trait_has_value(name):  # do not make a default only to close it
            yield from _widgets_in(getattr(widget, name))
    for value in vars(widget).values():
        yield from _widgets_in(value)


def _widgets_in(value: Any) -> Iterator[widgets.Widget]:
    if isinstance(value, widgets.Widget):
        yield value
    elif isinstance(value, list | tuple | set | frozenset):
        for item in value:
            yield from _widgets_in(item)
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _widgets_in(item)
