"""What people are told of how a session is kept."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from nustar_widgets.session.earlier import EarlierSession
from nustar_widgets.session.sessionlock import Holder


@dataclass(frozen=True, kw_only=True)
class Told:
    """How a session is kept at one moment.

    Attributes
    ----------
    saved
        Whether every edit is on disk.
    problem
        Why it cannot be written now; empty where it can.
    notice
        What else to know.
    path
        The file; empty while the session has no work folder.
    earlier
        A session that was there before, to be continued.
    holder
        Who else keeps the file this session belongs in.
    """

    saved: bool = True
    problem: str = ""
    notice: str = ""
    path: str = ""
    earlier: EarlierSession | None = None
    holder: Holder | None = None


def there_before(earlier: EarlierSession) -> str:
    """Tell that an earlier session lies where this one is to be kept."""
    if not earlier.can_be_read:
        return f"{earlier.about}. With the first change made here, that file is set aside."
    return (
        f"This folder holds an earlier session ({earlier.about}). Continue it, or go on: with the "
        "first change made here it is set aside, and stays in this folder."
    )


def set_aside_as(earlier: EarlierSession) -> str:
    """Tell where an earlier session has gone."""
    if not earlier.can_be_read:
        return f"What was in its place could not be read, and was set aside: {earlier.about}"
    return (
        f"The session that was here ({earlier.about}) was set aside. To continue it: "
        f"{opening(earlier.path)}"
    )


def in_use(path: Path, holder: Holder) -> str:
    """Tell that somebody else keeps the file."""
    return (
        f"{path} is open in {holder.words()}. What you change here goes to a file of its own "
        "beside it, unless you take it over."
    )


def kept_beside(path: Path, holder: Holder, copy: Path) -> str:
    """Tell that a session goes on in another file, because somebody else keeps its own."""
    return f"{path} is open in {holder.words()}: this session goes on in {copy}."


def taken_over(path: Path, holder: Holder) -> str:
    """Tell that somebody else has taken the file."""
    return (
        f"{path} was taken over by {holder.words()}. What you change here from now on goes to a "
        "file of its own beside it."
    )


def made_way(path: Path, copy: Path) -> str:
    """Tell that another session of this kernel has taken the file."""
    return f"{path} now holds another session of this kernel: this one goes on in {copy}."


def kept_in(path: Path) -> str:
    """Tell where a session is kept."""
    return f"This session is kept in {path}."


def opening(path: Path) -> str:
    """Return the code that opens a session."""
    return f"nw.open_session({str(path)!r})"
