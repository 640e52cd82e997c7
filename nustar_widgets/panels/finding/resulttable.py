"""The observations found, as a table that sorts, filters and is chosen from."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ipywidgets as widgets
import pandas as pd

from nustar_widgets.archive.observation import Observation
from nustar_widgets.archive.result import SearchResult
from nustar_widgets.panels.closing import close_tree
from nustar_widgets.panels.finding.quiettable import QuietTable
from nustar_widgets.panels.stills.still import Table

_PAGE = 10
_LONGEST_FLAG = 28
_MOST_KEPT = 25  # rows in a saved notebook


class ResultTable(widgets.VBox):
    """The table; one row can be chosen.

    Parameters
    ----------
    on_choose
        Told the observation whose row was chosen.
    """

    def __init__(self, on_choose: Callable[[Observation], Any]) -> None:
        super().__init__(layout=widgets.Layout(flex="1 1 520px", min_width="0", overflow="auto"))
        self.add_class("nw-results")
        self._on_choose = on_choose
        self._observations: tuple[Observation, ...] = ()
        self._is_showing = False
        self._table: Any = None

    @property
    def chosen(self) -> Observation | None:
        """The observation whose row is chosen."""
        rows: list[int] = [] if self._table is None else self._table.selected_rows
        return self._observations[rows[0]] if rows else None

    def show(self, result: SearchResult) -> None:
        """Show what a search found; nothing is chosen."""
        self._observations = result.observations
        # A new table: one that is updated keeps the old selection and order.
        old, self._table = self._table, self._made(result) if result.observations else None
        self.children = tuple(filter(None, (self._table,)))
        if old is not None:
            close_tree(old)

    def _made(self, result: SearchResult) -> Any:
        table = QuietTable(
            _frame(result),
            select="single",
            showIndex=False,
            maxBytes=0,  # or all but 64 kB of rows are left out
            pageLength=_PAGE,
            lengthMenu=[_PAGE, 25, 100],
            classes="display compact nowrap",
            style="width:100%;font-size:12px",
        )
        table.observe(self._changed, "selected_rows")
        return table

    def choose(self, obsid: str) -> None:
        """Choose the row of an observation, as a click would."""
        if self._table is not None:
            at = [at for at, item in enumerate(self._observations) if item.obsid == obsid]
            self._table.selected_rows = at[:1]

    def mark(self, obsid: str) -> None:
        """Mark the row of an observation without choosing it."""
        self._is_showing = True
        try:
            self.choose(obsid)
        finally:
            self._is_showing = False

    def _changed(self, _: Any) -> None:
        chosen = self.chosen
        if chosen is not None and not self._is_showing:
            self._on_choose(chosen)


def found_table(result: SearchResult) -> Table:
    """Return the first rows as plain text, for a saved notebook.

    Parameters
    ----------
    result
        What a search found.
    """
    columns = _columns(result)
    rows = [
        tuple("" if cell is None else str(cell) for cell in row)
        for row in zip(*columns.values(), strict=True)
    ]
    more = len(rows) - _MOST_KEPT
    kept = [*rows[:_MOST_KEPT], *([(f"and {more} more",)] if more > 0 else [])]
    return Table(head=tuple(columns), rows=tuple(kept))


def _frame(result: SearchResult) -> pd.DataFrame:
    return pd.DataFrame(_columns(result))


def _columns(result: SearchResult) -> dict[str, list[Any]]:
    """Return what people look for first; the rest is told of the chosen one."""
    rows = result.observations
    columns: dict[str, list[Any]] = {
        "Observation": [row.obsid for row in rows],
        "Target": [row.name for row in rows],
        "Begun (UTC)": [row.start.replace("T", " ")[:16] for row in rows],
        "A [ks]": [_kiloseconds(row.exposure_a_s) for row in rows],
    }
    if result.position is not None:
        offsets = [None if value is None else round(value, 1) for value in result.offsets_arcmin]
        columns["Offset [']"] = offsets
    return columns | {
        "Public": ["yes" if row.can_download else (row.public or "no") for row in rows],
        "Remarks": ["; ".join(_short(flag.text) for flag in row.flags) for row in rows],
    }


def _kiloseconds(seconds: float | None) -> float:
    return round(max(seconds or 0.0, 0.0) / 1e3, 1)  # what is only planned has none yet


def _short(text: str) -> str:
    head = text.partition(":")[0]
    return head if len(head) <= _LONGEST_FLAG else f"{head[: _LONGEST_FLAG - 1]}…"
