"""An earlier session that lies where another is to be kept, in words."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from nustar_widgets.errors import SessionError
from nustar_widgets.session.history import SessionState
from nustar_widgets.session.store import SavedSession, read


@dataclass(frozen=True, kw_only=True)
class EarlierSession:
    """A session somebody may want to continue.

    Attributes
    ----------
    path
        Its file.
    about
        What it is about: ``Cen A, 60001110002, 23 steps, of 26 Nov 12:03``.
    can_be_read
        Whether it can be continued; else ``about`` says what is wrong with the file.
    """

    path: Path
    about: str
    can_be_read: bool = True


def described(path: Path) -> EarlierSession:
    """Look at a session file.

    Parameters
    ----------
    path
        The file; where it cannot be read, that is said.
    """
    try:
        saved = read(path)
    except SessionError as error:
        return EarlierSession(path=path, about=str(error), can_be_read=False)
    return EarlierSession(path=path, about=about(saved))


def about(saved: SavedSession) -> str:
    """Return what a saved session is about, for people."""
    parts = [*subject(saved.state), _steps(len(saved.state.past)), _moment(saved)]
    return ", ".join(part for part in parts if part)


def subject(state: SessionState) -> tuple[str, str]:
    """Return name of the source and obsid of a session; empty where none was chosen."""
    target = state.values["target"]
    return ("" if target is None else target.name, state.values["obsid"])


def _steps(number: int) -> str:
    return f"{number} step{'s' if number != 1 else ''}" if number else "not edited"


def _moment(saved: SavedSession) -> str:
    return "" if saved.moment is None else f"of {saved.moment.astimezone():%d %b %H:%M}"
