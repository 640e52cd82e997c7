"""What the bar above the panels shows, as plain values that travel to the page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from nustar_widgets.app.marks import standings
from nustar_widgets.app.nextstep import NextStep, next_step
from nustar_widgets.app.situation import Situation
from nustar_widgets.app.steps import STEPS
from nustar_widgets.session.session import Session

NOBODY = "no observation yet"
"""What is said where nothing was chosen."""

_SAMPLE = "00000000001"


def bar_state(
    session: Session,
    now: Situation,
    *,
    step: str,
    undo: str,
    redo: str,
    saved: Mapping[str, Any],
    recent: Sequence[Mapping[str, Any]] = (),
    busy: str = "",
) -> dict[str, Any]:
    """Return what the bar shows.

    Parameters
    ----------
    session, now
        The session, and how its analysis stands.
    step
        Key of the step that is open.
    undo, redo
        Labels of the steps that can be taken back and done again; empty for none.
    saved
        ``ok``, ``words`` and ``more``: whether it is saved.
    recent
        ``title``, ``about``, ``path`` and ``current`` of the sessions in the menu.
    busy
        What goes on that is nobody else's to show; it takes the place of what is next.
    """
    title, about = titles(session)
    following = NextStep(f"a moment: {busy}", step, button="") if busy else next_step(now)
    return {
        "title": title,
        "about": about,
        "undo": undo,
        "redo": redo,
        "saved": dict(saved),
        "steps": _steps(now),
        "open": step,
        "next": {
            "words": following.words, "button": following.button, "act": str(following.act),
            "step": following.step,
        },
        "recent": [dict(one) for one in recent],
    }  # fmt: skip


def titles(session: Session) -> tuple[str, str]:
    """Say what is analysed, and what more there is to know of it.

    Parameters
    ----------
    session
        The session.
    """
    obsid = "simulated sample" if session.obsid == _SAMPLE else session.obsid
    name = session.target.name if session.target is not None else ""
    files = _files(session)
    if name:
        return name, ", ".join(filter(None, (obsid, files)))
    if obsid:
        return obsid, files
    if session.spectra:
        return files, ""
    return NOBODY, ""


def _files(session: Session) -> str:
    """Name the modules, or the spectra, that are in use."""
    if session.spectra:
        return ", ".join(Path(item.pha).name for item in session.spectra)
    names = [item.module for item in session.inputs if item.module in session.modules]
    return " and ".join(names)


def _steps(now: Situation) -> list[dict[str, str]]:
    standing = standings(now)
    return [
        {
            "key": step.key, "title": step.title, "mark": standing[step.key].mark.name,
            "sign": standing[step.key].mark.sign, "words": standing[step.key].mark.words,
            "why": standing[step.key].why,
        }
        for step in STEPS
    ]  # fmt: skip
