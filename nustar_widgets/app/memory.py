"""Memory that is free goes back to the system: a notebook's kernel lives long beside others."""

from __future__ import annotations

import ctypes
from functools import cache
from typing import Any


def give_back() -> None:
    """Give free memory back, where the C library can (glibc's ``malloc_trim``); takes 1 ms."""
    trim = _trim()
    if trim is not None:
        trim(0)


@cache
def _trim() -> Any:
    try:
        return getattr(ctypes.CDLL(None), "malloc_trim", None)
    except (OSError, TypeError):  # there is no such library
        return None
