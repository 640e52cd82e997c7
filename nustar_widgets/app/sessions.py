"""Which session is shown: the one that is kept in a folder, a recent one, a new one."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Final

from nustar_widgets.errors import SessionError
from nustar_widgets.session.keeping import Keeping, keep
from nustar_widgets.session.opensession import open_session
from nustar_widgets.session.recents import RecentSession, recent
from nustar_widgets.session.session import Session

WORK: Final = "work"
"""The folder an application works in where none is named."""

_MOST: Final = 8  # recent sessions in the menu


def session_at(wanted: Session | str | Path) -> tuple[Session, Keeping]:
    """Return a session and what keeps it on disk.

    Parameters
    ----------
    wanted
        A session; a session file or a work folder.

    Raises
    ------
    SessionError
        What is kept there cannot be read.
    """
    session = wanted if isinstance(wanted, Session) else open_session(wanted)
    return session, keep(session)


def session_or_new(folder: str | Path) -> tuple[Session, Keeping, str]:
    """Return the session of a folder; where that cannot be read, a new one beside it, and why.

    Parameters
    ----------
    folder
        A work folder.
    """
    try:
        return (*session_at(folder), "")
    except SessionError as error:
        beside = new_folder(Path(folder))
        told = f"{error}. It was left as it is; a new session was begun in {beside}."
        return (*session_at(beside), told)


def new_folder(present: Path) -> Path:
    """Return a folder for a new session beside that of another: ``work-2`` beside ``work``.

    Parameters
    ----------
    present
        Folder of the other one.
    """
    name = re.sub(r"-\d+$", "", present.name) or WORK
    number, folder = 1, present.with_name(name)
    while folder.exists() or folder == present:
        number += 1
        folder = present.with_name(f"{name}-{number}")
    return folder


def recent_rows(keeping: Keeping) -> list[dict[str, Any]]:
    """Return the recent sessions as the menu shows them.

    Parameters
    ----------
    keeping
        What keeps the one that is open now.
    """
    return [
        {
            "title": ", ".join(filter(None, (item.target, item.obsid))) or "no observation yet",
            "about": _about(item),
            "path": str(item.path),
            "current": str(item.path) == keeping.path,
        }
        for item in recent()[:_MOST]
    ]


def saved_words(keeping: Keeping) -> dict[str, Any]:
    """Say whether a session is saved.

    Parameters
    ----------
    keeping
        What keeps it.
    """
    if keeping.problem:
        return {"ok": False, "words": "not saved", "more": keeping.problem}
    if not keeping.path:
        more = "it has no work folder: choose one in the step Jobs"
        return {"ok": False, "words": "not saved", "more": more}
    return {
        "ok": True,
        "words": "saved" if keeping.saved else "saving \u2026",
        "more": f"in {keeping.path}",
    }


def _about(item: RecentSession) -> str:
    return f"{item.path.parent}, {item.when.astimezone():%d %b %Y %H:%M}"
