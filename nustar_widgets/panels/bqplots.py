"""What bqplot 0.12 and 0.13 want to be told in different words.

0.13 places an axis by its side; 0.12 has to be told as well that it stands upright, a word 0.13
refuses. 0.13 lays a toolbar over a figure unless told otherwise; 0.12 has none.
"""

from __future__ import annotations

from typing import Any, Final

import bqplot


def _known(widget: type[Any], **arguments: Any) -> dict[str, Any]:
    """Return those arguments that a class of widgets knows."""
    traits = widget.class_trait_names()
    return {name: value for name, value in arguments.items() if name in traits}


LEFT: Final = _known(bqplot.Axis, side="left", orientation="vertical")
"""Arguments of a ``bqplot.Axis`` at the left side of a figure."""

RIGHT: Final = _known(bqplot.Axis, side="right", orientation="vertical")
"""Arguments of a ``bqplot.Axis`` at the right side of a figure."""

BARE: Final = _known(bqplot.Figure, display_toolbar=False)
"""Arguments of a ``bqplot.Figure`` without a toolbar."""
