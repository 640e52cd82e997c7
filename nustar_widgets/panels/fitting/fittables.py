"""Tables of a fit, for the page and as text to take away."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence


def table(
    head: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    left: Sequence[int] = (0,),
    chosen: int = -1,
) -> str:
    """Write a table in HTML; what is in it is shown as text.

    Parameters
    ----------
    head
        Titles of the columns.
    rows
        The rows.
    left
        Columns that are words.
    chosen
        Number of the row that is chosen.
    """
    marks = [' class="nw-left"' if at in left else "" for at in range(len(head))]
    top = "".join(
        f'<th scope="col"{mark}>{html.escape(item)}</th>'
        for mark, item in zip(marks, head, strict=True)
    )
    body = "".join(
        ("<tr class='nw-chosen'>" if at == chosen else "<tr>")
        + "".join(
            f"<td{mark}>{html.escape(item)}</td>"
            for mark, item in zip(marks, item_row, strict=True)
        )
        + "</tr>"
        for at, item_row in enumerate(rows)
    )
    return (
        f'<table class="nw-detail-table"><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>'
    )


def text_table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Write a table as text, columns parted by tabs.

    Parameters
    ----------
    head
        Titles of the columns.
    rows
        The rows.
    """
    return "\n".join("\t".join(items) for items in (head, *rows))
