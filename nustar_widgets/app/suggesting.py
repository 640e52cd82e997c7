"""The regions that are missing, as they are suggested: one undo step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from nustar_widgets.errors import SelectionError
from nustar_widgets.live.module import LiveModule
from nustar_widgets.live.observation import LiveObservation
from nustar_widgets.live.suggestions import Proposal, centred, suggested_background
from nustar_widgets.session.linking import with_module
from nustar_widgets.session.session import Session
from nustar_widgets.session.values import ModuleRegions, Regions


@dataclass(frozen=True)
class Suggested:
    """What is suggested.

    Attributes
    ----------
    regions
        The regions as they would be.
    words
        Why, one line for each region.
    """

    regions: Regions
    words: tuple[str, ...]


def suggested(session: Session, tell: Callable[[str], object]) -> Suggested:
    """Suggest the regions a session lacks; those it has stay as they are. Slow.

    Parameters
    ----------
    session
        The session. Its event lists are read where that was not done yet.
    tell
        Told what is being done.

    Raises
    ------
    InputFileError, SelectionError
        An event list cannot be read, or there is nothing to suggest.
    """
    live = LiveObservation.of(session)
    live.load(tell)
    tell("looking for a source and for room for a background")
    regions, words = session.regions, list[str]()
    for name, module in live.modules.items():
        for kind, suggest in _SUGGESTIONS:
            if getattr(regions.of(name), kind) is not None:  # also where it follows FPMA
                continue
            proposal = suggest(module, regions.of(name))
            regions = with_module(regions, name, proposal.regions)
            words += [f"{name}: {text}" for text in (proposal.reason, *proposal.cautions)]
    if not words:
        raise SelectionError("nothing to suggest: every module has its regions")
    return Suggested(regions, tuple(words))


def _source(module: LiveModule, regions: ModuleRegions) -> Proposal:
    return centred(module, regions)  # a circle of the best radius where there is none


_SUGGESTIONS: Final = (("source", _source), ("background", suggested_background))
