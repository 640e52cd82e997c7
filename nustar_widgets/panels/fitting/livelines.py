"""Lines that follow the hand: drawn on a canvas over bqplot's figures while it moves.

bqplot makes every line anew from text, which costs it frames; a canvas paints them in a millisecond
or two. The page draws them where bqplot would: places, scales, colours and dashes are read off
bqplot's own lines, which are hidden meanwhile and get the last values once the hand rests.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import bqplot
import ipywidgets as widgets
import traitlets

from nustar_widgets.fits.plotpaths import stacked
from nustar_widgets.panels.page import PageView, joined

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    Single = NDArray[np.float32]

_FRONT: Final = Path(__file__).with_name("front")
_PARTS: Final = ("linepath.js", "linecanvas.js", "livelines.js")


def front_end() -> str:
    """Return the source of the view in the page: one ES module."""
    return joined(_FRONT, _PARTS)


class LiveLines(PageView):
    """Nothing to see by itself: it draws over the figures of the plot it is shown in."""

    _esm = front_end()

    marks: traitlets.List[bqplot.Lines] = traitlets.List(
        traitlets.Instance(bqplot.Lines), help="Whose lines are drawn here; none at rest"
    ).tag(sync=True, **widgets.widget_serialization)
    heights = traitlets.Bytes(
        help="float32, all rows of the first mark, then of the next; empty at rest"
    ).tag(sync=True)
    has_lines = traitlets.Bool(True, help="Page: whether it found bqplot's lines to draw").tag(
        sync=True
    )

    def __init__(self) -> None:
        super().__init__()
        self._taken: dict[bqplot.Lines, bytes] = {}

    def take(self, mark: bqplot.Lines, rows: Sequence[Single]) -> bool:
        """Take new heights of lines that are on the screen.

        Parameters
        ----------
        mark
            bqplot's.
        rows
            As many as the mark has, and as long as they were made for it.

        Returns
        -------
        bool
            Whether they will be drawn: a page may lack what it takes.
        """
        if not (self.ready and self.has_lines):
            return False
        self._taken[mark] = stacked(rows).astype("<f4", copy=False).tobytes()
        return True

    def show(self) -> None:
        """Draw what was taken since the last time; bqplot's own lines where nothing was."""
        taken, self._taken = self._taken, {}
        with self.hold_sync():
            self.marks = list(taken)
            self.heights = b"".join(taken.values())
