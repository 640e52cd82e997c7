"""From a source name to a position, through astropy's Sesame (SIMBAD, NED, VizieR)."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.client import HTTPException
from typing import Final

from nustar_widgets.archive.coordinates import Position
from nustar_widgets.archive.transport import reason
from nustar_widgets.errors import NameNotFound, NoNetwork, SearchCancelled, ServerNonsense

KNOWN: Final = "M31"
"""A name every name service knows: who does not is none."""

_INSTEAD: Final = "or type coordinates or an obsid"

# astropy keeps the addresses and the time limit in global state.
_ALONE: Final = threading.Lock()


def resolve(
    name: str,
    *,
    urls: Sequence[str] | None = None,
    timeout_s: float = 10.0,
    cancelled: threading.Event | None = None,
) -> Position:
    """Ask Sesame where a source is.

    Parameters
    ----------
    name
        Source name.
    urls
        Sesame's addresses, asked in turn; ``None`` for astropy's.
    timeout_s
        How long each may be silent [s].
    cancelled
        Set it to stop before the next request.

    Raises
    ------
    NameNotFound
        The name is not known.
    NoNetwork
        None of the addresses answers.
    ServerNonsense
        What answers is no name service, as the page of a network that wants a login first.
    SearchCancelled
        Somebody asked to stop.
    """
    with _settings(urls, timeout_s, cancelled) as asked:
        found = _ask(name, asked)
        if found is not None:
            return found
        _check(cancelled)
        if _ask(KNOWN, asked) is not None:
            raise NameNotFound(name)
    raise ServerNonsense(
        asked[0], f"does not answer as a name service does. Try again later, {_INSTEAD}"
    )


def _ask(name: str, asked: Sequence[str]) -> Position | None:
    from astropy.coordinates.name_resolve import (  # noqa: PLC0415  (0.5 s)
        NameResolveError,
        get_icrs_coordinates,
    )

    try:
        found = get_icrs_coordinates(name)
    except NameResolveError as error:
        if str(error).startswith("Unable to find"):  # the only mark astropy gives
            return None
        raise _no_answer(asked, str(error).rpartition(": ")[2]) from error
    except (OSError, HTTPException) as error:
        raise _no_answer(asked, reason(error)) from error
    except ValueError:  # bytes that are no text, or numbers that are no position
        return None
    return Position(ra_deg=float(found.ra.deg), dec_deg=float(found.dec.deg))


def _no_answer(asked: Sequence[str], why: str) -> NoNetwork:
    return NoNetwork(asked[0], f"no answer ({why}). Check the network and try again, {_INSTEAD}")


@contextmanager
def _settings(
    urls: Sequence[str] | None, timeout_s: float, cancelled: threading.Event | None
) -> Iterator[list[str]]:
    """Set astropy's global settings, one thread at a time; give the addresses asked."""
    from astropy.coordinates.name_resolve import sesame_url  # noqa: PLC0415
    from astropy.utils.data import conf  # noqa: PLC0415

    _check(cancelled)
    while not _ALONE.acquire(timeout=0.1):
        _check(cancelled)
    try:
        asked = list(urls or sesame_url.get())
        with sesame_url.set(asked), conf.set_temp("remote_timeout", timeout_s):
            yield asked
    finally:
        _ALONE.release()


def _check(cancelled: threading.Event | None) -> None:
    if cancelled is not None and cancelled.is_set():
        raise SearchCancelled
