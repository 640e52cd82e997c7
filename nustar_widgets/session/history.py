"""The steps a session has taken, and all that is worth keeping of it at one moment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, eq=False)
class Step:
    """One undo step; equal only to itself, so that what is known of it can be kept beside it.

    Attributes
    ----------
    label
        What the user did, as the undo button names it.
    old, new
        The fields that changed, before and after.
    """

    label: str
    old: Mapping[str, Any]
    new: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True, eq=False)
class SessionState:
    """A session at one moment: frozen values, so that it can be written while the session goes on.

    Attributes
    ----------
    values
        All fields by name.
    past
        Steps that can be taken back, the newest last.
    future
        Steps that were taken back and can be done again, the next one last.
    """

    values: Mapping[str, Any]
    past: tuple[Step, ...] = ()
    future: tuple[Step, ...] = ()

    @property
    def was_edited(self) -> bool:
        """Whether anybody has changed it since it was made."""
        return bool(self.past or self.future)
