"""Light curves as a drawing for a saved notebook."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from nustar_widgets.panels.curves.curvepane import Row
from nustar_widgets.panels.stills.choices import choices_table, titled
from nustar_widgets.panels.stills.still import Picture, Still
from nustar_widgets.panels.stills.svgaxis import Axis, steady_ends
from nustar_widgets.panels.stills.svgplot import Line, Pane, plot_svg
from nustar_widgets.session.session import Session

_MOST_BARS: Final = 600  # error bars that can be told apart, and that do not make it large


def curve_stills(
    session: Session,
    rows: Sequence[Row],
    ratios: Sequence[Row],
    *,
    span_ks: float,
    error_bars: bool,
    words: Sequence[str],
) -> tuple[Still, ...]:
    """Return what is to be seen of light curves later.

    Parameters
    ----------
    session
        The session.
    rows, ratios, span_ks, error_bars
        As of `curve_picture`.
    words
        What the curves are not.
    """
    picture = curve_picture(rows, ratios, span_ks=span_ks, error_bars=error_bars)
    return (
        Still(
            title=titled("Light curves", session),
            pictures=() if picture is None else (picture,),
            tables=(choices_table(session),),
            words=tuple(words),
        ),
    )


def curve_picture(
    rows: Sequence[Row], ratios: Sequence[Row], *, span_ks: float, error_bars: bool
) -> Picture | None:
    """Draw rates over time, and hardness ratios below them.

    Parameters
    ----------
    rows, ratios
        The curves, those of the ratio where it is shown.
    span_ks
        Length of the time axis [ks].
    error_bars
        Whether rates have error bars.

    Returns
    -------
    Picture
        ``None`` where there is no curve.
    """
    rows = [row for row in rows if row.curve.rate.size]
    ends = steady_ends([0.0, *(end for row in rows for end in _ends(row))], log=False)
    if not rows or ends is None:
        return None
    rates = Axis(label="Rate [count/s]", low=ends[0], high=ends[1])
    panes = [Pane(axis=rates, lines=_lines(rows, error_bars=error_bars))]
    if ratios:
        axis = Axis(label="(H - S) / (H + S)", low=-1.1, high=1.1)
        lines = [_unnamed(line) for line in _lines(ratios, error_bars=True)]
        panes.append(Pane(axis=axis, lines=lines, height_px=130))
    time = Axis(label="Time since the first good time [ks]", low=0.0, high=max(span_ks, 1e-3))
    names = ", ".join(row.name for row in rows)
    return Picture(svg=plot_svg(time, panes), alt=f"Light curves over {span_ks:.1f} ks: {names}")


def _ends(row: Row) -> tuple[float, float]:
    rate, error = row.curve.rate, row.curve.error
    with np.errstate(all="ignore"):
        return float(np.nanmin(rate - error)), float(np.nanmax(rate + error))


def _lines(rows: Sequence[Row], *, error_bars: bool) -> list[Line]:
    n_bars = sum(row.curve.rate.size for row in rows)
    lines = [
        Line(x=row.steps.x_ks, y=row.steps.line(row.curve), colour=row.colour, name=row.name)
        for row in rows
    ]
    if not error_bars or n_bars > _MOST_BARS:
        return lines
    bars = [
        Line(x=row.steps.bars_x_ks, y=row.steps.bars(row.curve), colour=row.colour, opacity=0.5)
        for row in rows
    ]
    return [*bars, *lines]


def _unnamed(line: Line) -> Line:
    return Line(x=line.x, y=line.y, colour=line.colour, opacity=line.opacity)
