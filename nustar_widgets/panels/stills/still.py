"""A picture and numbers without anything that runs: what is seen where no kernel is."""

from __future__ import annotations

import base64
import html
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

MOST_BYTES: Final = 150_000
"""How much a saved notebook may grow by what one cell leaves [bytes]."""

_TABLE: Final = "border-collapse:collapse;margin:4px 0;font-size:12px"
_CELL: Final = "text-align:left;padding:1px 14px 1px 0;vertical-align:top"
_CODE: Final = "font-size:12px;line-height:1.35;margin:4px 0"


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A drawing.

    Attributes
    ----------
    svg
        The drawing as SVG; texts in it are escaped by whoever drew it.
    alt
        What is to be seen, for those who do not see it.
    """

    svg: str
    alt: str


@dataclass(frozen=True, kw_only=True)
class Table:
    """Numbers and words in rows, as text.

    Attributes
    ----------
    rows
        The rows, cell by cell.
    head
        Names of the columns; none for rows that name themselves in their first cell.
    """

    rows: tuple[tuple[str, ...], ...]
    head: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Still:
    """The last state of a panel.

    Attributes
    ----------
    title
        What it is of.
    words
        Sentences, as text.
    pictures
        Drawings.
    tables
        Numbers.
    code
        Code, as text.
    """

    title: str
    words: tuple[str, ...] = ()
    pictures: tuple[Picture, ...] = ()
    tables: tuple[Table, ...] = ()
    code: str = ""

    def to_html(self, *, pictures: bool = True) -> str:
        """Return it as HTML without scripts; all that is text is escaped.

        Parameters
        ----------
        pictures
            Whether drawings are wanted too.
        """
        parts = [f"<b>{html.escape(self.title)}</b>"]
        if pictures:
            parts += [_image(picture) for picture in self.pictures]
        parts += [_table(table) for table in self.tables if table.rows]
        parts += [f'<div style="font-size:12px">{html.escape(line)}</div>' for line in self.words]
        if self.code:
            parts.append(f'<pre style="{_CODE}">{html.escape(self.code)}</pre>')
        return f'<div style="margin:0 0 8px">{"".join(parts)}</div>'

    def to_text(self) -> str:
        """Return it as lines of text."""
        lines = [self.title]
        lines += [f"[picture: {picture.alt}]" for picture in self.pictures]
        for table in self.tables:
            lines += ["  ".join(row) for row in (table.head, *table.rows) if row]
        return "\n".join([*lines, *self.words, *filter(None, [self.code])])


def whole_html(stills: Sequence[Still], most_bytes: int = MOST_BYTES) -> str:
    """Return several as HTML; where that is too much, the later ones go without pictures.

    Parameters
    ----------
    stills
        What to show, the most important first.
    most_bytes
        How much it may be [bytes].
    """
    parts, left = [], most_bytes
    for still in stills:
        part = still.to_html()
        if len(part.encode()) > left:
            part = still.to_html(pictures=False)
        if len(part.encode()) > left:
            part = Still(title=f"{still.title}: too much to be kept here").to_html()
        parts.append(part)
        left -= len(part.encode())
    return "".join(parts)


def _image(picture: Picture) -> str:
    data = base64.b64encode(picture.svg.encode()).decode("ascii")
    return (
        f'<div><img src="data:image/svg+xml;base64,{data}" alt="{html.escape(picture.alt)}" '
        'style="max-width:100%"></div>'
    )


def _table(table: Table) -> str:
    head = "".join(f'<th style="{_CELL}">{html.escape(cell)}</th>' for cell in table.head)
    rows = "".join(
        "<tr>" + "".join(f'<td style="{_CELL}">{html.escape(cell)}</td>' for cell in row) + "</tr>"
        for row in table.rows
    )
    return f'<table style="{_TABLE}">{f"<tr>{head}</tr>" if head else ""}{rows}</table>'
