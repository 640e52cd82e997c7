"""Lines that follow the hand: drawn on a canvas over bqplot's figures while it moves.

bqplot makes every line anew from text, which costs it frames; a canvas paints them in a millisecond
or two. The page draws them where bqplot would: places, scales, colours and dashes are read off
bqplot's own lines, which are hidden meanwhile and get the last values once the hand rests.

Lines for a slider's next values are sent ahead (``ladder.py``). The page draws from them as long as
they are where the kernel's own are for each value it is told, to a quarter of a hundredth of the
axis: less than a pixel. Elsewhere it draws what the kernel sends.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import bqplot
import ipywidgets as widgets
import numpy as np
import traitlets

from nustar_widgets.fits.plotpaths import stacked
from nustar_widgets.panels.fitting.ladder import Hold, Ladder, Ladders
from nustar_widgets.panels.page import PageView, joined

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    Array = NDArray[np.float64]
    Single = NDArray[np.float32]
    Rows = Sequence[tuple[bqplot.Lines, Sequence[Single]]]
    Lines = dict[bqplot.Lines, Single]

_FRONT: Final = Path(__file__).with_name("front")
_PARTS: Final = ("linepath.js", "linecanvas.js", "ladder.js", "livelines.js")
_CLOSE: Final = 1 / 400  # of the axis: three quarters of a pixel of the taller pane


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
        help="float32, on their axes: all rows of the first mark, then of the next; or rungs serve"
    ).tag(sync=True)
    revision = traitlets.Int(0, help="Of which message of the table they are").tag(sync=True)
    ladder: traitlets.Dict[str, Any] = traitlets.Dict(
        help="The slider lines are sent ahead for, and its id; empty for none"
    ).tag(sync=True)
    table = traitlets.Unicode(help="uid of the table whose sliders are followed").tag(sync=True)
    has_lines = traitlets.Bool(True, help="Page: whether it found bqplot's lines to draw").tag(
        sync=True
    )

    def __init__(self) -> None:
        super().__init__()
        self._taken: Lines = {}
        self._ladders = Ladders()

    @property
    def can_draw(self) -> bool:
        """Whether a page has what it takes."""
        return bool(self.ready and self.has_lines)

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
        if self.can_draw:
            self._taken[mark] = stacked(rows)
        return self.can_draw

    def show(self, hold: Hold | None = None) -> None:
        """Draw what was taken since the last time; bqplot's own lines where nothing was.

        Parameters
        ----------
        hold
            The slider that moved, if one did.
        """
        taken, self._taken = self._taken, {}
        if not taken:
            self._ladders.forget()
        serves = hold is not None and self._serves(hold, taken)
        with self.hold_sync():
            self.marks = list(taken)
            self.heights = b"" if serves else _sent(_scaled(taken))
            if not serves:  # one message less of those a page has to read while it draws
                self.revision = 0 if hold is None else hold.revision
            if self._ladders.now is None:
                self.ladder = {}

    def look_ahead(self, hold: Hold, now: Callable[[], Rows], at: Callable[[float], Rows]) -> None:
        """Send lines for values a slider may come to next.

        Parameters
        ----------
        hold
            The slider.
        now
            Makes marks and rows at its value.
        at
            Makes them for another value.
        """
        ladder = self._ladders.of(hold) if self.can_draw else None
        if ladder is None:
            return
        made = {
            number: _scaled(_by_mark(at(ladder.value(number))))
            for number in ladder.wanted(hold.value)
        }
        if not made:
            return
        ladder.rungs.update(made)
        lines = _by_mark(now())
        if self._serves(hold, lines) is not None:
            self._send_ahead(ladder, made, lines)

    def _serves(self, hold: Hold, lines: Lines) -> bool | None:
        """Whether rungs stand for these lines; ``None`` where they do not, and are given up."""
        ladder = self._ladders.of(hold)
        heights = None if ladder is None else ladder.heights(hold.value)
        if heights is None:
            return False
        if _agree(heights, lines):
            return True
        self._ladders.refuse()
        return None

    def _send_ahead(self, ladder: Ladder, rungs: Mapping[int, Single], lines: Lines) -> None:
        if self.ladder.get("id") != ladder.id:
            self.ladder = ladder.told
        if not self.marks:
            self.marks = list(lines)
        self.send({"id": ladder.id, "numbers": list(rungs)}, [_sent(r) for r in rungs.values()])


def _by_mark(rows: Rows) -> Lines:
    return {mark: stacked(each) for mark, each in rows}


def _scaled(lines: Lines) -> Single:
    """All rows of the first mark, then of the next, as they stand on their axes.

    Those of a logarithmic one are logarithms: between rungs they are smooth, while what falls by
    decades is not.
    """
    with np.errstate(all="ignore"):
        rows = (np.log10(rows) if _is_log(mark) else rows for mark, rows in lines.items())
        return np.concatenate([np.zeros(0, np.float32), *(each.ravel() for each in rows)])


def _sent(scaled: Single) -> bytes:
    return scaled.astype("<f4", copy=False).tobytes()


def _is_log(mark: bqplot.Lines) -> bool:
    return isinstance(mark.scales["y"], bqplot.LogScale)


def _agree(scaled: Single, lines: Lines) -> bool:
    """Whether heights draw these lines, as far as can be seen."""
    ends = np.cumsum([rows.size for rows in lines.values()])[:-1]
    exact, guess = (np.split(each, ends) for each in (_scaled(lines), scaled))
    return all(map(_is_close, lines, exact, guess))


def _is_close(mark: bqplot.Lines, exact: Single, guess: Single) -> bool:
    known = np.isfinite(exact)
    drawn = np.nan_to_num(_on_axis(mark, guess[known]))  # what is far below is left out
    return bool(np.all(np.abs(drawn - _on_axis(mark, exact[known])) < _CLOSE))


def _on_axis(mark: bqplot.Lines, scaled: Single) -> Array:
    """Where heights are on their axis, from 0 to 1; what is beyond is not seen."""
    scale = mark.scales["y"]
    low, high = float(scale.min), float(scale.max)
    if _is_log(mark):
        low, high = math.log10(low), math.log10(high)
    return np.clip((scaled.astype(np.float64) - low) / (high - low), 0.0, 1.0)
