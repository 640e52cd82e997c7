"""Which colour and which dashes stand for what in the plot of a fit, and the legend that says so.

Spectra differ by colour, and the models of two spectra that follow each other, as those of FPMA and
FPMB, by dashes too; the components of a model have its colour, each with dashes of its own.
"""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

# Middle tones: they stand out on white and on the dark theme.
COLOURS: Final = (
    "#2a78c2", "#d9572b", "#2f9363", "#a65bb8", "#1b98a6", "#b08a1e", "#7b8794", "#d2457f",
)  # fmt: skip
GREY: Final = "#8a929b"
_TOTALS: Final = ("none", "11 3")
_COMPONENTS: Final = ("5 3", "1.5 2.5", "8 2.5 1.5 2.5", "3 3", "10 2 2 2 2 2")


def colour(number: int) -> str:
    """Colour of a spectrum, by its place from 0."""
    return COLOURS[number % len(COLOURS)]


def total_dash(number: int) -> str:
    """Dashes of the model of a spectrum, as SVG's stroke-dasharray."""
    return _TOTALS[number % 2]


def component_dash(number: int) -> str:
    """Dashes of a component, by its place from 0."""
    return _COMPONENTS[number % len(_COMPONENTS)]


def row_style(root: str, mark: int, rows: Sequence[tuple[str, float]]) -> str:
    """CSS that gives each row of a bqplot mark dashes and a width of its own.

    bqplot styles a mark as a whole; lines of several styles in one mark are sent to the page in
    one message, which is most of what a moving model costs.

    Parameters
    ----------
    root
        CSS of the figure.
    mark
        Place of the mark in it, from 1.
    rows
        Dashes and width [pixel] of each.
    """
    return "\n".join(
        f"{root} .svg-figure > g > g:nth-of-type(1) > g:nth-child({mark}) > "
        f"g.curve:nth-child({place}) > path.line "
        f"{{ stroke-dasharray: {dash} !important; stroke-width: {width}px !important; }}"
        for place, (dash, width) in enumerate(rows, 1)
    )


def legend(names: Sequence[str], components: Sequence[str], *, model: bool) -> str:
    """HTML that says what is what.

    Parameters
    ----------
    names
        The spectra.
    components
        The additive components drawn.
    model
        Whether there is a model.
    """
    keys = []
    for number, name in enumerate(names):
        dash = total_dash(number) if model else "none"
        keys.append(_key(colour(number), dash, 2.0, name))
    if len(components) > 1:
        keys += [
            _key(GREY, component_dash(number), 1.6, name) for number, name in enumerate(components)
        ]
    return (
        "<div class='nw-fit-legend' style='line-height:1.5;font-size:12px;padding:2px 12px 0 70px'>"
        f"{''.join(keys)}</div>"
    )


def _key(ink: str, dash: str, width: float, name: str) -> str:
    return (
        "<span style='white-space:nowrap;margin-right:14px'>"
        "<svg width='30' height='8' aria-hidden='true' style='vertical-align:middle;"
        f"margin-right:5px'><line x1='0' x2='30' y1='4' y2='4' stroke='{ink}' "
        f"stroke-width='{width}' stroke-dasharray='{dash}'/></svg>{html.escape(name)}</span>"
    )
