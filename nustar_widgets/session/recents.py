"""Sessions somebody worked on lately: where they are kept, and what they are about.

The list is a convenience: where it cannot be read or written, or what it names has gone, nothing
is said, and sessions are kept all the same.
"""

from __future__ import annotations

import fcntl
import json
import logging
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from nustar_widgets.atomic import write_text
from nustar_widgets.errors import NustarWidgetsError
from nustar_widgets.session.jsonfile import parsed, read_bytes

_LOG = logging.getLogger(__name__)

MOST: Final = 40
"""Most sessions that are remembered."""

_PATIENCE_S: Final = 2.0  # with another kernel, which needs milliseconds
_LOOK_S: Final = 0.02


@dataclass(frozen=True, kw_only=True)
class RecentSession:
    """A session that was worked on.

    Attributes
    ----------
    path
        Its file.
    target
        Name of the source; empty while none was chosen.
    obsid
        The observation; empty while none was chosen.
    when
        When it was last written, in UTC.
    """

    path: Path
    target: str
    obsid: str
    when: datetime

    def words(self) -> str:
        """Return it for people: ``Cen A, 60001110002, 26 Nov 12:03``."""
        when = f"{self.when.astimezone():%d %b %Y %H:%M}"
        return ", ".join(part for part in (self.target, self.obsid, when) if part)


def recent() -> tuple[RecentSession, ...]:
    """Return the sessions worked on lately that are still there, the newest first."""
    found = sorted(_known(), key=lambda item: item.when, reverse=True)
    return tuple(item for item in found if _is_there(item.path))


def remember(session: RecentSession) -> None:
    """Put a session on the list, or further up.

    Parameters
    ----------
    session
        The session as it was just written.
    """
    try:
        with _alone():
            others = [item for item in _known() if item.path != session.path]
            _write(sorted([session, *others], key=lambda item: item.when, reverse=True)[:MOST])
    except (OSError, NustarWidgetsError) as error:
        _LOG.debug("the list of recent sessions was not written: %s", error)


def forget(path: Path) -> None:
    """Take a session off the list; its file stays.

    Parameters
    ----------
    path
        Its file.
    """
    try:
        with _alone():
            _write([item for item in _known() if item.path != path])
    except (OSError, NustarWidgetsError) as error:
        _LOG.debug("the list of recent sessions was not written: %s", error)


def list_file() -> Path:
    """Return the file the list is in."""
    import platformdirs  # noqa: PLC0415 - only where sessions are kept

    return platformdirs.user_state_path("nustar_widgets", appauthor=False) / "recent.json"


def _known() -> list[RecentSession]:
    """Return what the list says; what cannot be read of it is left out."""
    path = list_file()
    try:
        saved = parsed(read_bytes(path), path)
    except NustarWidgetsError:
        return []
    items = saved.get("sessions") if isinstance(saved, dict) else None
    found = [_item(item) for item in items] if isinstance(items, list) else []
    return [item for item in found if item is not None]


def _item(saved: Any) -> RecentSession | None:
    if not isinstance(saved, dict):
        return None
    words = [saved.get(name) for name in ("path", "target", "obsid", "when")]
    try:
        path, target, obsid, when = (word for word in words if isinstance(word, str))
        moment = datetime.fromisoformat(when).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return RecentSession(path=Path(path), target=target, obsid=obsid, when=moment)


def _write(items: Sequence[RecentSession]) -> None:
    saved = [
        {
            "path": str(item.path),
            "target": item.target,
            "obsid": item.obsid,
            "when": item.when.isoformat(timespec="seconds"),
        }
        for item in items
    ]
    write_text(list_file(), json.dumps({"format": 1, "sessions": saved}, indent=1) + "\n")


@contextmanager
def _alone() -> Iterator[None]:
    """Keep other kernels from changing the list meanwhile, where the disk knows locks."""
    folder = list_file().parent
    folder.mkdir(parents=True, exist_ok=True)
    handle = os.open(folder / ".recent.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        until = time.monotonic() + _PATIENCE_S
        while not _locked(handle) and time.monotonic() < until:
            time.sleep(_LOOK_S)
        yield
    finally:
        os.close(handle)


def _locked(handle: int) -> bool:
    """Keep others out; where the disk knows no locks, the last to write is believed."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError as error:
        _LOG.debug("no locks for the list of recent sessions: %s", error)
    return True


def _is_there(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False
