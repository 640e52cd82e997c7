"""Background flares: suggested, shown, and taken with one click."""

from __future__ import annotations

import html
import threading
from collections.abc import Callable, Mapping
from typing import Any, Final

import ipywidgets as widgets

from nustar_widgets.errors import NustarWidgetsError, SelectionError
from nustar_widgets.events.gti import Gti
from nustar_widgets.events.lightcurve import LightCurve, TimeBins
from nustar_widgets.events.regions import SkyRegion
from nustar_widgets.events.suggest import FlareSuggestion
from nustar_widgets.events.suggest_flares import (
    BIN_S_DEFAULT,
    K_DEFAULT,
    background_curve,
    judge_flares,
)
from nustar_widgets.live.goodtime import GoodTime
from nustar_widgets.live.module import LiveModule
from nustar_widgets.panels.background import Background, Starter
from nustar_widgets.panels.base import Panel

FIELD, REGION = "whole field", "background region"
Curves = Mapping[str, tuple[LightCurve, tuple[str, ...]]]
_ROW: Final = {"width": "100%", "align_items": "center", "flex_flow": "row wrap"}


class FlareBox(widgets.VBox):
    """Suggests good time without flares for a panel.

    Parameters
    ----------
    panel
        The panel it belongs to.
    modules
        Asked for the events of each module.
    good_time
        Asked which good time there is.
    on_found
        Told the suggestions of each module whenever they change; empty for none.
    start
        How slow work is started.
    """

    def __init__(
        self,
        panel: Panel,
        *,
        modules: Callable[[], Mapping[str, LiveModule]],
        good_time: Callable[[], GoodTime | None],
        on_found: Callable[[Mapping[str, FlareSuggestion]], Any],
        start: Starter,
    ) -> None:
        super().__init__()
        self.add_class("nw-flares")
        self._panel = panel
        self._modules = modules
        self._good_time = good_time
        self._on_found = on_found
        self._work = Background(start)
        self._curves: Curves = {}
        self._judged: tuple[Any, ...] = ()
        self.is_open = False
        self.found: Mapping[str, FlareSuggestion] = {}
        """What is suggested, by module."""
        self.place = widgets.Dropdown(
            options=[FIELD, REGION], value=FIELD, description="judge by",
            style={"description_width": "64px"}, layout=widgets.Layout(width="200px"),
        )  # fmt: skip
        self.bin = widgets.FloatText(
            value=BIN_S_DEFAULT, description="bin [s]", continuous_update=False,
            style={"description_width": "44px"}, layout=widgets.Layout(width="118px"),
        )  # fmt: skip
        self.k = widgets.FloatSlider(
            value=K_DEFAULT, min=2.0, max=12.0, step=0.25, description="threshold [sigma]",
            readout_format=".2f", style={"description_width": "130px"},
            layout=widgets.Layout(width="360px"),
        )  # fmt: skip
        self.take = widgets.Button(
            description="Cut the flares out", disabled=True, layout=widgets.Layout(width="136px")
        )
        self.words = widgets.HTML()
        self.children = (
            widgets.HBox([self.place, self.bin, self.k, self.take], layout=widgets.Layout(**_ROW)),
            self.words,
        )
        again = panel.guarded(lambda _: self.look())
        self.place.observe(again, "value")
        self.bin.observe(again, "value")
        self.k.observe(panel.guarded(lambda _: self._judge()), "value")
        self.take.on_click(panel.guarded(lambda _: self.cut_out()))

    def turn(self, is_open: bool) -> None:
        """Begin or end looking for flares."""
        self.is_open = is_open
        if is_open:
            self.look()
        else:
            self.cancel()
            self._tell({}, "")

    def cancel(self) -> None:
        """Drop what is being worked out."""
        self._work.cancel()
        self._judged = ()

    def events_changed(self) -> None:
        """Look again, if what is judged is no longer what is loaded or drawn."""
        if self.is_open and self._judged != self._to_judge():
            self.look()

    def look(self) -> None:
        """Make the background light curves, beside the kernel, and judge them."""
        if not self.is_open:
            return
        modules, bin_s, regions = self._modules(), self.bin.value, self._regions()
        self._judged = self._to_judge()
        if not modules:
            self._tell({}, "Open an observation first.")
            return
        for module in modules.values():
            TimeBins.covering(module.events.gti, bin_s)  # refuses what cannot be used

        def work(_: threading.Event) -> Curves:
            return {
                name: background_curve(module.events, region=regions.get(name), bin_s=bin_s)
                for name, module in modules.items()
            }

        self._work.run(
            work,
            done=self._panel.guarded(self._made),
            failed=self._panel.guarded(self._refuse),
        )

    def _made(self, curves: Curves) -> None:
        self._curves = curves
        self._judge()

    def _judge(self) -> None:
        """Compare the curves with the threshold: quick, so that the slider is followed."""
        if not self.is_open or not self._curves:
            return
        modules = self._modules()
        try:
            found = {
                name: judge_flares(
                    curve, modules[name].events.gti, k=self.k.value, messages=messages
                )
                for name, (curve, messages) in self._curves.items()
                if name in modules
            }
        except NustarWidgetsError as error:
            self._refuse(error)
            return
        self._tell(found, self._said(found))

    def _refuse(self, error: Exception) -> None:
        self._tell({}, "")
        raise error

    def _tell(self, found: Mapping[str, FlareSuggestion], words: str) -> None:
        self.found = found
        good = self._good_time()
        self.take.disabled = good is None or not (good.kept & self.flares).duration_s
        lines = "".join(f"<div>{html.escape(line)}</div>" for line in words.splitlines())
        self.words.value = f"<div style='font-size:12px;line-height:1.5'>{lines}</div>"
        self._on_found(found)

    @property
    def flares(self) -> Gti:
        """Intervals in which the background of any module flares."""
        return _all_flares(self.found)

    def cut_out(self) -> None:
        """Take the suggestion: one undo step."""
        good = self._good_time()
        if good is None or not len(self.flares):
            raise SelectionError(
                "flares: nothing is suggested to be cut out. Lower the threshold or mark an "
                "interval by hand."
            )
        pairs = good.without(self.flares)
        self._panel.strip.clear()
        if self._panel.commit("cut out flares", user_gti=pairs):
            self._tell(self.found, self._said(self.found))

    def _said(self, found: Mapping[str, FlareSuggestion]) -> str:
        lines = [f"{name}: {item.reason}" for name, item in found.items()]
        lines += [f"{name}: {text}" for name, item in found.items() for text in item.messages]
        if self.place.value == REGION and (missing := set(found) - set(self._regions())):
            names = " and ".join(sorted(missing))
            lines.append(f"{names}: no background shape to judge by, so the whole field is judged.")
        flares, good = _all_flares(found), self._good_time()
        if good is not None and len(flares) and not (good.kept & flares).duration_s:
            lines.append("They are cut out already.")
        elif good is not None and len(flares):
            now = {name: good.of(name) for name in good.own}
            lost = ", ".join(
                f"{name} {(gti & flares).duration_s:.0f} s of {gti.duration_s:.0f} s"
                for name, gti in now.items()
            )
            lines.append(f"Cut out of all modules, they take {lost} that are kept now.")
        return "\n".join(lines)

    def _regions(self) -> dict[str, SkyRegion]:
        """Background regions to judge by; the field where there is none that can be used."""
        if self.place.value == FIELD:
            return {}
        chosen = {name: self._panel.session.regions.of(name).background for name in self._modules()}
        return {
            name: region
            for name, region in chosen.items()
            if isinstance(region, SkyRegion) and region.shapes
        }

    def _to_judge(self) -> tuple[Any, ...]:
        """Events and regions: what the curves depend on besides the controls."""
        events = tuple(module.events for module in self._modules().values())
        return (*map(id, events), *self._regions().items())


def _all_flares(found: Mapping[str, FlareSuggestion]) -> Gti:
    flares = Gti.from_pairs(())
    for item in found.values():
        flares = flares | item.flares
    return flares
