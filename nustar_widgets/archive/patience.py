"""How long servers are waited for, and one more try."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Patience:
    """How long a server is waited for.

    Attributes
    ----------
    connect_s
        Until it takes a connection [s].
    read_s
        Between two pieces of an answer [s].
    backoff_s
        Before the second try [s].
    """

    connect_s: float = 10.0
    read_s: float = 30.0
    backoff_s: float = 1.0

    @property
    def timeout(self) -> tuple[float, float]:
        """The same as ``requests`` wants it."""
        return self.connect_s, self.read_s


USUAL = Patience()
"""What is waited for unless asked otherwise."""


class Stopped(Exception):
    """Somebody asked to stop; only raised and caught in this room."""


class Trouble(Exception):
    """A request that went wrong; only raised and caught in this room.

    Parameters
    ----------
    reason
        What happened, in words.
    may_pass
        Whether trying again may help.
    """

    def __init__(self, reason: str, *, may_pass: bool = True) -> None:
        self.reason = reason
        self.may_pass = may_pass
        super().__init__(reason)


def patiently(step: Callable[[], T], patience: Patience, stop: threading.Event) -> T:
    """Do a step, and once again after a while if it fails in a way that may pass.

    Parameters
    ----------
    step
        What is done.
    patience
        How long to wait before the second try.
    stop
        Set when somebody asks to stop.

    Raises
    ------
    Trouble
        It failed for good.
    Stopped
        Somebody asked to stop.
    """
    try:
        return step()
    except Trouble as trouble:
        if not trouble.may_pass:
            raise
    pause(patience, stop)
    return step()


def pause(patience: Patience, stop: threading.Event) -> None:
    """Wait before the second try; raise Stopped when somebody asks to stop meanwhile."""
    if stop.wait(patience.backoff_s):
        raise Stopped
