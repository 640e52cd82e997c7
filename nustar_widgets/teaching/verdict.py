"""What a check says."""

from __future__ import annotations

import html
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What a check says of an exercise.

    Attributes
    ----------
    number
        Of the exercise, from 1.
    is_right
        Whether it is solved.
    text
        What came out where it is; else what is wrong and how to go on.
    """

    number: int
    is_right: bool
    text: str

    def __bool__(self) -> bool:
        return self.is_right

    def __repr__(self) -> str:
        return f"{self.number}. {'Right' if self.is_right else 'Not yet'}: {self.text}"

    def _repr_html_(self) -> str:
        colour, mark = ("#1b7837", "&#10003;") if self.is_right else ("#b35806", "&#10007;")
        style = f"border-left:4px solid {colour};padding:4px 10px;line-height:1.5"
        return f'<div style="{style}"><b>{mark}</b> {html.escape(repr(self))}</div>'
