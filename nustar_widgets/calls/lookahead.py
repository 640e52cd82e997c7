"""Everything a run of a session would stumble over, looked up for whoever asks."""

from __future__ import annotations

from nustar_widgets.calls.current import CallsNow, calls_now, tasks_here
from nustar_widgets.calls.preflight import Check, Findings, preflight
from nustar_widgets.events.regionlint import ProductFlags
from nustar_widgets.live.checks import check_regions
from nustar_widgets.live.observation import LiveObservation
from nustar_widgets.session.session import Session


def look_ahead(session: Session) -> tuple[Check, ...]:
    """Look at everything a run would stumble over.

    Parameters
    ----------
    session
        The session.

    Returns
    -------
    tuple of Check
        What would fail first.
    """
    here = tasks_here(session.engine)
    now = calls_now(session, here)
    found = region_findings(session, now)
    return preflight(session, here=here, now=now, findings=found)


def region_findings(session: Session, now: CallsNow) -> Findings | None:
    """Say what to watch out for in the regions, by module; ``None`` while events were not read.

    Parameters
    ----------
    session
        The session.
    now
        The calls it stands for: what they ask of nuproducts decides which shapes it takes.
    """
    modules = LiveObservation.of(session).modules
    if not set(session.modules) <= set(modules):
        return None
    return {
        name: check_regions(
            modules[name],
            session.regions.of(name),
            flags=ProductFlags.from_parameters(dict(call.params)),
        )
        for name in session.modules
        if (call := now.of("nuproducts", name)) is not None
    }
