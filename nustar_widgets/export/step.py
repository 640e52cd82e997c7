"""One step of an analysis as people read it: what is done and why, and the code that does it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step.

    Attributes
    ----------
    key
        Short name, the same for the same step of every session: letters and hyphens.
    title
        What is done; empty where a step goes on with what the one before began.
    words
        Why and how, in our own words.
    notes
        What to know of this session's files; text from outside is in them.
    code
        Python.
    imports
        Import lines the code needs.
    is_picture
        It only shows something: for notebooks.
    """

    key: str
    title: str = ""
    words: str = ""
    notes: tuple[str, ...] = ()
    code: str = ""
    imports: tuple[str, ...] = ()
    is_picture: bool = False
