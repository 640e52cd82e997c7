"""Suggestions, one click each: shown over the image with their reason, then taken or not."""

from __future__ import annotations

import html
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

import ipywidgets as widgets

from nustar_widgets.events.detection import Detection
from nustar_widgets.live.module import LiveModule
from nustar_widgets.live.observation import LiveObservation
from nustar_widgets.live.suggestions import (
    Proposal,
    best_radius,
    centred,
    found_sources,
    suggested_background,
)
from nustar_widgets.panels.base import Panel
from nustar_widgets.panels.images.shapewire import to_wire
from nustar_widgets.panels.images.skyview import SkyView
from nustar_widgets.session.linking import with_module
from nustar_widgets.session.values import ModuleRegions, Regions

Suggest = Callable[[LiveModule, ModuleRegions], Proposal]

_SUGGESTIONS: Final[tuple[tuple[str, str, Suggest], ...]] = (
    ("Centre on nearest", "Move the source region onto the source nearest to it",
     partial(centred, on="nearest")),
    ("Centre on brightest", "Move the source region onto the brightest source of the field",
     partial(centred, on="brightest")),
    ("Best radius", "The smallest radius that is as good as the best signal-to-noise", best_radius),
    ("Background", "The largest clean circle on the chip of the source", suggested_background),
)  # fmt: skip


class SuggestionBox(widgets.VBox):
    """Buttons that propose regions, and what is proposed.

    Parameters
    ----------
    panel
        The panel it belongs to.
    live
        The events.
    view
        Shows what is proposed.
    """

    def __init__(self, panel: Panel, live: LiveObservation, view: SkyView) -> None:
        super().__init__()
        self.add_class("nw-suggestions")
        self._panel, self._live, self._view = panel, live, view
        self._proposed: tuple[str, Regions] | None = None
        self.find = _button("Find sources", "Mark every point source of the field")
        self.find.on_click(panel.clicked(self.mark_sources))
        self.buttons = [self.find]
        for words, told, suggest in _SUGGESTIONS:
            button = _button(words, told)
            button.on_click(panel.clicked(partial(self.propose, suggest)))
            self.buttons.append(button)
        self.take = _button("Take it", "Make it so: one step that can be undone")
        self.take.button_style = "primary"
        self.take.on_click(panel.clicked(self.accept))
        self.leave = _button("Leave it", "Go on without it")
        self.leave.on_click(lambda _: self.clear())
        self.reason = widgets.HTML(layout=widgets.Layout(flex="1 1 auto"))
        self.proposal = widgets.HBox(
            (self.take, self.leave, self.reason), layout=widgets.Layout(display="none")
        )
        label = widgets.HTML("<small>Suggest:</small>")
        self.children = (widgets.HBox((label, *self.buttons)), self.proposal)

    def enable(self, *, enabled: bool) -> None:
        """Let suggestions be asked for, or not."""
        for button in self.buttons:
            button.disabled = not enabled

    def mark_sources(self) -> None:
        """Mark the sources of the first module, and say how many."""
        name, module = next(iter(self._live.modules.items()))
        sources = found_sources(module)
        self._view.sources = [
            {"ra": item.ra_deg, "dec": item.dec_deg, "label": _label(number, item)}
            for number, item in enumerate(sources, start=1)
        ]
        told = "; ".join(_label(number, item) for number, item in enumerate(sources[:6], start=1))
        more = f"; and {len(sources) - 6} more" if len(sources) > 6 else ""
        self._panel.strip.say(f"{name}, 3-78 keV: {told}{more}")

    def propose(self, suggest: Suggest) -> None:
        """Show what a suggestion would make of the regions.

        Parameters
        ----------
        suggest
            Makes the proposal for one module.
        """
        self.clear()
        regions = self._panel.session.regions
        modules = self._live.modules
        if regions.linked:  # one place on the sky for both: the first module tells it
            modules = dict(list(modules.items())[:1])
        made = {name: suggest(module, regions.of(name)) for name, module in modules.items()}
        for name, proposal in made.items():
            regions = with_module(regions, name, proposal.regions)
        self._proposed = next(iter(made.values())).label, regions
        self._view.proposal = self._ghosts(regions)
        self.reason.value = _words(made)
        self.proposal.layout.display = "flex"

    def accept(self) -> None:
        """Put what is proposed into the session."""
        if self._proposed is not None:
            (label, regions), self._proposed = self._proposed, None
            self._panel.commit(label, regions=regions)
        self.clear()

    def clear(self) -> None:
        """Take the proposal away: it was left, or the regions have changed."""
        if self._proposed is None and self.proposal.layout.display == "none":
            return
        self._proposed = None
        self._view.proposal = {}
        self.proposal.layout.display = "none"

    def _ghosts(self, proposed: Regions) -> dict[str, list[dict[str, Any]]]:
        """Shapes that would be new, by module."""
        ghosts = {}
        for name, module in self._live.modules.items():
            now = to_wire(self._panel.session.regions.of(name), module.grid)
            after = to_wire(proposed.of(name), module.grid)
            ghosts[name] = [shape for shape in after if shape not in now]
        return ghosts


def _words(made: Mapping[str, Proposal]) -> str:
    told: list[str] = []
    for name, proposal in made.items():
        where = f"{name}: " if len(made) > 1 else ""
        told.append(f"<div>{html.escape(where + proposal.reason)}</div>")
        told += [
            f"<div style='color:var(--nw-warn)'>&#9888; {html.escape(caution)}</div>"
            for caution in proposal.cautions
        ]
    return f"<div style='font-size:12px;line-height:1.35'>{''.join(told)}</div>"


def _label(number: int, source: Detection) -> str:
    return f"{number}: {source.net_counts:.0f} net counts, {source.significance:.1f} sigma"


def _button(words: str, told: str) -> widgets.Button:
    layout = widgets.Layout(width="auto", flex="none")
    return widgets.Button(description=words, tooltip=told, layout=layout)
