"""How the products of a session stand to what it asks for now, in one line for people."""

from __future__ import annotations

import time
from dataclasses import dataclass
from enum import StrEnum


class Made(StrEnum):
    """How the products of a session stand."""

    NONE = "none yet"
    ELSEWHERE = "made elsewhere"
    RUNNING = "being made"
    CURRENT = "current"
    STALE = "stale"
    PARTLY = "not all made"
    FAILED = "not made"


@dataclass(frozen=True, kw_only=True)
class ProductStep:
    """One step of a plan: what was made by it, and whether that holds.

    Attributes
    ----------
    label
        What people call it: ``nuproducts FPMA``.
    why
        Why it is to be run; ``None`` where what it made is there and current.
    engine
        Who made what is there; empty where nothing is, or nobody knows.
    made_at
        When [s since 1970]; ``None`` where nothing is there, or nobody knows.
    failure
        What became of the newest job of this step, where it did not end well: ``failed (12:03)``.
    is_queued
        Whether it runs now, or waits to.
    """

    label: str
    why: str | None
    engine: str = ""
    made_at: float | None = None
    failure: str = ""
    is_queued: bool = False

    def words(self) -> str:
        """Return it for people: ``current, made by HEASoft at 12:03``."""
        made = ""
        if self.made_at is not None:
            made = f"made by {_ENGINES[self.engine]} at {clock(self.made_at)}"
        if self.is_queued:
            return "in the queue"
        if self.why is None:
            return ", ".join(filter(None, ("current", made)))
        return ", ".join(filter(None, (made, self.why)))


@dataclass(frozen=True, kw_only=True)
class ProductState:
    """How the products of a session stand to what it asks for now.

    Attributes
    ----------
    made
        In one word.
    about
        The rest: what has changed, which step, when; empty where that is all.
    steps
        The steps of the plan; none while there is no plan.
    """

    made: Made = Made.NONE
    about: str = ""
    steps: tuple[ProductStep, ...] = ()

    def words(self) -> str:
        """Return it for people.

        As ``stale: the source region has changed since nuproducts FPMA ran (12:03)``.
        """
        return f"{self.made}: {self.about}" if self.about else str(self.made)


def clock(moment: float) -> str:
    """Return a time of day for people, with the day where that is another.

    Parameters
    ----------
    moment
        The time [s since 1970].
    """
    then, now = time.localtime(moment), time.localtime()
    is_today = (then.tm_year, then.tm_yday) == (now.tm_year, now.tm_yday)
    return time.strftime("%H:%M" if is_today else "%d %b %H:%M", then)


_ENGINES = {"heasoft": "HEASoft", "embedded": "the embedded engine"}
