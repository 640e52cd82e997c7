"""Curves on axes as SVG text: small, sharp, made in milliseconds, and nothing in it runs."""

from __future__ import annotations

import html
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from nustar_widgets.panels.stills.svgaxis import Axis

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

LEFT_PX: Final = 74.0
_RIGHT_PX, _TOP_PX, _BOTTOM_PX, _GAP_PX = 16, 8, 42, 10
_KEY_PX: Final = 18  # height of a line of the legend
_LETTER_PX: Final = 6.4  # about how wide a letter is
_TEXT: Final = "font-family='sans-serif' font-size='11' fill='#222'"


@dataclass(frozen=True, kw_only=True, eq=False)
class Line:
    """A line; nan breaks it.

    Attributes
    ----------
    x, y
        (n,) its points.
    colour
        As in CSS.
    name
        What the legend calls it; empty for nothing.
    width_px
        Its width [pixel].
    dashes
        As SVG's stroke-dasharray; empty for none.
    opacity
        0 to 1.
    """

    x: ArrayLike
    y: ArrayLike
    colour: str
    name: str = ""
    width_px: float = 1.2
    dashes: str = ""
    opacity: float = 1.0


@dataclass(frozen=True, kw_only=True, eq=False)
class Pane:
    """Lines over one vertical axis.

    Attributes
    ----------
    axis
        The vertical axis.
    lines
        What is drawn, the first at the bottom.
    height_px
        Height of the axis [pixel].
    """

    axis: Axis
    lines: Sequence[Line]
    height_px: int = 230


def plot_svg(x: Axis, panes: Sequence[Pane], *, width_px: int = 760) -> str:
    """Draw panes below each other over one horizontal axis, with a legend above.

    Parameters
    ----------
    x
        The horizontal axis.
    panes
        The panes, from the top.
    width_px
        Width of the drawing [pixel].
    """
    inner = width_px - LEFT_PX - _RIGHT_PX
    legend, top = _legend([line for pane in panes for line in pane.lines], width_px)
    parts, at = [legend], top + _TOP_PX
    for number, pane in enumerate(panes):
        is_last = number == len(panes) - 1
        parts.append(
            frame(x, pane.axis, box=(LEFT_PX, at, inner, pane.height_px), labels=is_last)
            + inset((LEFT_PX, at, inner, pane.height_px), _drawn(x, pane, inner))
        )
        at += pane.height_px + (_BOTTOM_PX if is_last else _GAP_PX)
    return document(width_px, round(at), "".join(parts))


def document(width_px: int, height_px: int, content: str) -> str:
    """Return a whole drawing, on white.

    Parameters
    ----------
    width_px, height_px
        Its size [pixel].
    content
        What is in it, as SVG.
    """
    return (
        f"<svg xmlns='http://www.w3.org/2000/svg' width='{width_px}' height='{height_px}' "
        f"viewBox='0 0 {width_px} {height_px}'><rect width='100%' height='100%' fill='#fff'/>"
        f"{content}</svg>"
    )


def inset(box: tuple[float, float, float, float], content: str) -> str:
    """Put a drawing into a frame; what reaches beyond is not seen.

    Parameters
    ----------
    box
        Left, top, width, height [pixel].
    content
        The drawing.
    """
    left, top, width, height = box
    return f"<svg x='{left}' y='{top}' width='{width}' height='{height}'>{content}</svg>"


def path(x_px: NDArray[np.float64], y_px: NDArray[np.float64]) -> str:
    """Return the ``d`` of a path; nan breaks it.

    Parameters
    ----------
    x_px, y_px
        (n,) its points [pixel].
    """
    words, is_down = [], False
    for x, y in zip(x_px.tolist(), y_px.tolist(), strict=True):
        if math.isnan(x) or math.isnan(y):
            is_down = False
            continue
        words.append(f"{'L' if is_down else 'M'}{x:.1f} {y:.1f}")
        is_down = True
    return "".join(words)


def frame(
    x: Axis,
    y: Axis,
    *,
    box: tuple[float, float, float, float],
    labels: bool = True,
    label_px: float = LEFT_PX - 14.0,
) -> str:
    """Draw both axes around a box.

    Parameters
    ----------
    x, y
        The axes.
    box
        Left, top, width, height [pixel].
    labels
        Whether the horizontal axis is labelled.
    label_px
        How far to the left of the box the vertical axis says what it shows [pixel].
    """
    left, top, width, height = box
    bottom = top + height
    parts = [
        f"<rect x='{left}' y='{top}' width='{width}' height='{height}' fill='none' stroke='#444'/>"
    ]
    for at, label in zip(
        x.fractions([p for p, _ in x.ticks]), [t for _, t in x.ticks], strict=True
    ):
        place = left + width * at
        parts.append(_stroke(place, bottom, place, bottom - 5))
        if labels:
            parts.append(text(place, bottom + 15, label, anchor="middle"))
    for at, label in zip(
        y.fractions([p for p, _ in y.ticks]), [t for _, t in y.ticks], strict=True
    ):
        place = bottom - height * at
        parts.append(_stroke(left, place, left + 5, place))
        parts.append(text(left - 5, place + 4, label, anchor="end"))
    if labels:
        parts.append(text(left + width / 2, bottom + 33, x.label, anchor="middle"))
    parts.append(text(left - label_px, top + height / 2, y.label, anchor="middle", turned=True))
    return "".join(parts)


def text(x: float, y: float, words: str, *, anchor: str = "start", turned: bool = False) -> str:
    """Write words, as text.

    Parameters
    ----------
    x, y
        Where [pixel].
    words
        What is written.
    anchor
        start, middle or end of the words is there.
    turned
        Whether they run upwards.
    """
    turn = f" transform='rotate(-90 {x:.1f} {y:.1f})'" if turned else ""
    return (
        f"<text x='{x:.1f}' y='{y:.1f}' text-anchor='{anchor}' {_TEXT}{turn}>"
        f"{html.escape(words)}</text>"
    )


def _drawn(x: Axis, pane: Pane, width: float) -> str:
    parts = []
    for line in pane.lines:
        x_px = width * x.fractions(line.x)
        y_px = pane.height_px * (1.0 - pane.axis.fractions(line.y))
        dashes = f" stroke-dasharray='{line.dashes}'" if line.dashes else ""
        parts.append(
            f"<path d='{path(x_px, y_px)}' fill='none' stroke='{line.colour}' "
            f"stroke-width='{line.width_px}' opacity='{line.opacity}'{dashes}/>"
        )
    return "".join(parts)


def _legend(lines: Sequence[Line], width_px: int) -> tuple[str, int]:
    """Draw the keys of what has a name, row by row; return them and their height [pixel]."""
    parts, left, row = [], float(LEFT_PX), 0
    for line in lines:
        if not line.name:
            continue
        length = 34 + _LETTER_PX * len(line.name) + 14
        if left + length > width_px and left > LEFT_PX:
            left, row = float(LEFT_PX), row + 1
        y = _KEY_PX * row + 14
        dashes = f" stroke-dasharray='{line.dashes}'" if line.dashes else ""
        parts.append(
            f"<line x1='{left}' x2='{left + 28}' y1='{y - 4}' y2='{y - 4}' stroke='{line.colour}' "
            f"stroke-width='2'{dashes}/>" + text(left + 34, y, line.name)
        )
        left += length
    return "".join(parts), _KEY_PX * (row + 1) if parts else 0


def _stroke(x1: float, y1: float, x2: float, y2: float) -> str:
    return f"<line x1='{x1:.1f}' y1='{y1:.1f}' x2='{x2:.1f}' y2='{y2:.1f}' stroke='#444'/>"
