"""Boxes that are named for those who hear a page, where the eye has the column's title.

ipywidgets gives each box a label, empty unless there is a description, and an empty label wins over
the tooltip as the box's name (measured in Chromium's accessibility tree). So the name is a
description, and the label is kept out of sight.
"""

from __future__ import annotations

from typing import Final, TypeVar

import ipywidgets as widgets

Box = TypeVar("Box", bound=widgets.DOMWidget)

_CLASS: Final = "nw-named"
# Out of sight but read out: "display: none" would silence it.
_STYLE: Final = (
    f"<style>.{_CLASS} > .widget-label {{position: absolute; width: 1px; height: 1px; margin: 0; "
    "padding: 0; overflow: hidden; clip-path: inset(50%); white-space: nowrap}}</style>"
)


def named(box: Box, words: str) -> Box:
    """Name a box without showing the name.

    Parameters
    ----------
    box
        A text box or a list to choose from.
    words
        Its name, with the unit.
    """
    box.description = words
    box.add_class(_CLASS)
    return box


def hidden_names() -> widgets.HTML:
    """Return what keeps names out of sight; one is enough in a panel."""
    return widgets.HTML(_STYLE, layout=widgets.Layout(display="none"))
