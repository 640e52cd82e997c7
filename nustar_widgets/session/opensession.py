"""Opening a session where it is kept, and keeping it there."""

from __future__ import annotations

from pathlib import Path

from nustar_widgets.session.custody import FILES, default_file
from nustar_widgets.session.jsonfile import read_bytes
from nustar_widgets.session.keeping import keep_as_read, kept_at
from nustar_widgets.session.keptfile import NAME
from nustar_widgets.session.relocation import relocated
from nustar_widgets.session.session import Session
from nustar_widgets.session.store import understood


def open_session(path: str | Path) -> Session:
    """Open a session where it is kept, or begin one there; it goes on being saved.

    Panels of it show all that was chosen, and its steps can be undone. Opened twice in a kernel, it
    is the same session.

    Parameters
    ----------
    path
        A session file, or the work folder it lies in; neither need exist.

    Raises
    ------
    SessionError
        The file cannot be read, or is not a session this version understands.

    Examples
    --------
    >>> session = open_session("work")  # doctest: +SKIP
    """
    file = session_file(path)
    with FILES:
        session = kept_at(file)
        if session is not None:
            return session
        if not file.exists():
            given = Path(path).expanduser()
            session = Session(work_dir=str(file.parent if given.absolute() == file else given))
            return _kept(session, file, None)
        content = read_bytes(file)
        session = Session()
        session.restore(relocated(understood(content, file), file).state)
        return _kept(session, file, content)


def session_file(path: str | Path) -> Path:
    """Return the session file somebody means by the name of a file or of a work folder."""
    given = Path(path).expanduser().absolute()
    return given if given.suffix == ".json" and not given.is_dir() else given / NAME


def _kept(session: Session, file: Path, content: bytes | None) -> Session:
    is_usual = default_file(session.state()) == file
    keep_as_read(session, None if is_usual else file, content)
    return session
