"""What a part of the fit panel gets from the panel it stands in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import traitlets

Work = Callable[[], Any]
Follow = Callable[[traitlets.HasTraits, Callable[[Any], None], Sequence[str]], Any]


@dataclass(frozen=True, kw_only=True)
class DetailHost:
    """The ways of a panel.

    Attributes
    ----------
    run
        Starts slow work beside the kernel; what it raises is shown.
    guarded
        Wraps a callback so that what it raises is shown.
    clicked
        Wraps what a button does, likewise.
    follow
        Observes traits until the panel is closed.
    """

    run: Callable[[Work], Any]
    guarded: Callable[[Callable[..., Any]], Callable[..., None]]
    clicked: Callable[[Work], Callable[[Any], None]]
    follow: Follow
