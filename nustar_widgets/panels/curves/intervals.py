"""Good time under the user's hands: mark an interval, keep it or cut it out, save the rest."""

from __future__ import annotations

import html
import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import ipywidgets as widgets

from nustar_widgets.errors import OutputError, SelectionError
from nustar_widgets.events.gti import Gti
from nustar_widgets.live.goodtime import GoodTime, Pairs
from nustar_widgets.panels.base import Panel

HOW_TO_MARK = (
    "Click on the upper plot, then move the mouse: sideways moves the interval, up makes it wider. "
    "Click again to keep the width, double-click to leave it where it is."
)


class GoodTimeBox(widgets.VBox):
    """Edits the user's good time intervals for a panel.

    Parameters
    ----------
    panel
        The panel it belongs to: its session and its message strip.
    good_time
        Asked which good time there is; ``None`` while no event list is loaded.
    on_marked
        Told the interval that is marked, (start, stop) [ks], or ``None``.
    on_mouse
        Told whether the mouse is to mark an interval.
    on_flares
        Told whether flares are to be looked for.
    """

    def __init__(
        self,
        panel: Panel,
        *,
        good_time: Callable[[], GoodTime | None],
        on_marked: Callable[[tuple[float, float] | None], Any],
        on_mouse: Callable[[bool], Any],
        on_flares: Callable[[bool], Any],
    ) -> None:
        super().__init__()
        self.add_class("nw-good-time")
        self._panel = panel
        self._good_time = good_time
        self._on_marked = on_marked
        self._quiet = False
        self.start = _field("interval [ks]", 84, "Start of the interval, on the time axis [ks]")
        self.stop = _field("to", 16, "End of the interval, on the time axis [ks]")
        self.mouse = widgets.ToggleButton(
            description="Mark on the plot", layout=_wide(116), tooltip=HOW_TO_MARK
        )
        self.keep = _button("Keep only this", 106, "Good time outside the interval is left out")
        self.cut = _button("Cut this out", 92, "Good time inside the interval is left out")
        self.all = _button("All good time", 102, "Take back every cut")
        self.flares = widgets.ToggleButton(
            description="Flares ...", layout=_wide(72),
            tooltip="Suggest intervals without background flares",
        )  # fmt: skip
        self.path = widgets.Text(
            description="as", style={"description_width": "18px"},
            placeholder="file", continuous_update=False,
            layout=widgets.Layout(flex="1 1 100px", min_width="100px"),
            tooltip="Where to save the good time intervals; empty takes the working folder",
        )  # fmt: skip
        self.save = _button(
            "Save GTI file", 104, "Write a FITS file that nuproducts takes as usrgtifile"
        )
        self.words = widgets.HTML()
        row = widgets.HBox(
            [
                self.start, self.stop, self.mouse, self.keep, self.cut, self.all, self.flares,
                self.path, self.save,
            ],
            layout=widgets.Layout(width="100%", align_items="center", flex_flow="row wrap"),
        )  # fmt: skip
        self.children = (row, self.words)
        for button, act in (
            (self.keep, self.keep_only),
            (self.cut, self.cut_out),
            (self.all, self.take_all),
            (self.save, self.save_file),
        ):
            button.on_click(panel.clicked(act))
        for field in (self.start, self.stop):
            field.observe(lambda _: None if self._quiet else self._tell_marked(), "value")
        self.mouse.observe(lambda change: self._mouse_changed(change["new"], on_mouse), "value")
        self.flares.observe(lambda change: on_flares(change["new"]), "value")

    # -- the interval that is marked ------------------------------------------------------

    def mark(self, start_ks: float, stop_ks: float) -> None:
        """Take an interval marked by mouse; whole seconds, a pixel is more [ks]."""
        self._set(round(start_ks, 3), round(stop_ks, 3))
        self._tell_marked()

    @property
    def marked_ks(self) -> tuple[float, float] | None:
        """The interval in the fields [ks]; ``None`` where they hold none."""
        start, stop = self.start.value, self.stop.value
        usable = math.isfinite(start) and math.isfinite(stop) and start < stop
        return (start, stop) if usable else None

    def _set(self, start_ks: float, stop_ks: float) -> None:
        self._quiet = True
        try:
            self.start.value, self.stop.value = start_ks, stop_ks
        finally:
            self._quiet = False

    def _tell_marked(self) -> None:
        self._on_marked(self.marked_ks)
        self.show()

    def _mouse_changed(self, is_on: bool, on_mouse: Callable[[bool], Any]) -> None:
        on_mouse(is_on)
        self.show()

    # -- edits ----------------------------------------------------------------------------

    def keep_only(self) -> None:
        """Keep only the marked interval, of what is kept now: one undo step."""
        self._edit("keep an interval", GoodTime.keep_only)

    def cut_out(self) -> None:
        """Cut the marked interval out: one undo step."""
        self._edit("cut out an interval", GoodTime.cut_out)

    def take_all(self) -> None:
        """Take back every cut: one undo step."""
        self._panel.strip.clear()
        self._panel.commit("all good time", user_gti=None)

    def _edit(self, label: str, change: Callable[[GoodTime, float, float], Pairs]) -> None:
        good = self._loaded()
        pairs = change(
            good, good.zero_s + 1e3 * self.start.value, good.zero_s + 1e3 * self.stop.value
        )
        self._panel.strip.clear()
        if self._panel.commit(label, user_gti=pairs):
            self._set(0.0, 0.0)
            self.mouse.value = False  # or the next move over the plot would mark again
            self._tell_marked()

    def save_file(self) -> None:
        """Write the good time that is kept to a file."""
        good = self._loaded()
        path = self.file
        if path.exists():
            raise OutputError(path, "exists already", "Choose another name, or delete it first")
        good.kept.write(path)
        self._panel.strip.say(
            f"wrote {path}: {len(good.kept)} intervals, {good.kept.duration_s / 1e3:.2f} ks"
        )

    @property
    def file(self) -> Path:
        """The file good time is saved to: as typed, else in the working folder."""
        session = self._panel.session
        typed = Path(self.path.value.strip()).expanduser()
        if self.path.value.strip() and not typed.is_dir():
            return typed if typed.is_absolute() else Path(session.work_dir or ".") / typed
        folder = typed if self.path.value.strip() else Path(session.work_dir or ".")
        return folder / f"nu{session.obsid}_user_gti.fits"

    def _loaded(self) -> GoodTime:
        good = self._good_time()
        if good is None:
            raise SelectionError(
                "good time: no event list is loaded. Open an observation first; its good time "
                "intervals come with it."
            )
        return good

    # -- words ----------------------------------------------------------------------------

    def show(self) -> None:
        """Say what is kept, and what the marked interval holds."""
        good = self._good_time()
        self.path.placeholder = f"nu{self._panel.session.obsid}_user_gti.fits"
        lines = [] if good is None else [_kept(good)]
        if good is not None and self.marked_ks is not None:
            lines.append(_marked(good, self.marked_ks))
        if self.mouse.value:
            lines.append(HOW_TO_MARK)
        told = "".join(f"<div>{html.escape(line)}</div>" for line in lines)
        self.words.value = f"<div style='font-size:12px;line-height:1.5'>{told}</div>"


def _kept(good: GoodTime) -> str:
    if good.user is None:
        return f"Good time: {_each({m: gti.duration_s for m, gti in good.own.items()})}, all kept."
    before = {module: gti.duration_s for module, gti in good.own.items()}
    after = {module: good.of(module).duration_s for module in good.own}
    return (
        f"Good time: {_each(after)} kept of {_each(before)}; "
        f"{len(good.cut)} interval{'s' if len(good.cut) != 1 else ''} cut out."
    )


def _marked(good: GoodTime, marked_ks: tuple[float, float]) -> str:
    start, stop = (good.zero_s + 1e3 * ks for ks in marked_ks)
    inside = Gti.of(start, stop)
    held = {module: (good.of(module) & inside).duration_s for module in good.own}
    rest = {module: good.of(module).duration_s - held[module] for module in good.own}
    return (
        f"Marked {marked_ks[0]:g} to {marked_ks[1]:g} ks: it holds {_each(held)} of good time; "
        f"without it {_each(rest)} would be left."
    )


def _each(seconds: Mapping[str, float]) -> str:
    return ", ".join(f"{module} {value / 1e3:.2f} ks" for module, value in seconds.items())


def _field(words: str, width_px: int, tip: str) -> widgets.FloatText:
    return widgets.FloatText(
        value=0.0, step=0.1, description=words, tooltip=tip, continuous_update=False,
        style={"description_width": f"{width_px}px"}, layout=_wide(width_px + 76),
    )  # fmt: skip


def _button(words: str, width_px: int, tip: str) -> widgets.Button:
    return widgets.Button(description=words, tooltip=tip, layout=_wide(width_px))


def _wide(width_px: int) -> widgets.Layout:
    return widgets.Layout(width=f"{width_px}px", flex="0 0 auto", padding="0")
