"""Presets: ready choices for tasks, built in or the user's own, kept and shared as small files."""

from __future__ import annotations

import html
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import ipywidgets as widgets

from nustar_widgets.calls.presets import (
    BUILT_IN,
    Preset,
    load_preset,
    preset_of,
    save_preset,
    user_presets,
)
from nustar_widgets.session.session import Session

_CHOOSE: Final = "Choose a preset ..."


class PresetBar(widgets.VBox):
    """Chooses, keeps and opens presets.

    Parameters
    ----------
    session
        The session a preset is made of.
    applied
        Told the preset that was chosen.
    told
        Told in words what was kept or opened.
    clicked
        Wraps what a button does.
    folder
        Where the user's own presets are kept; the folder for configuration by default.
    """

    def __init__(
        self,
        session: Session,
        *,
        applied: Callable[[Preset], Any],
        told: Callable[[str], Any],
        clicked: Callable[[Callable[[], Any]], Callable[[Any], None]],
        folder: Path | None = None,
    ) -> None:
        self._session, self._take, self._told, self._folder = session, applied, told, folder
        self.choice = widgets.Dropdown(
            description="Preset", options=[_CHOOSE], layout=widgets.Layout(width="320px")
        )
        self.about = widgets.HTML()
        self.apply = _button("Apply", "put the preset's parameters in place: one undo step")
        self.keep = _button("Save as ...", "keep the parameters set by hand as a preset")
        self.load = _button("Open ...", "open a preset somebody gave you")
        self.name = widgets.Text(
            placeholder="name of the preset, or a path ending in .json",
            layout=widgets.Layout(width="320px"),
        )
        self.done = _button("Save", "keep it")
        self.line = widgets.HBox((self.name, self.done))
        self._is_keeping = True
        self.apply.on_click(clicked(self._applied))
        self.keep.on_click(clicked(lambda: self._ask(keeping=True)))
        self.load.on_click(clicked(lambda: self._ask(keeping=False)))
        self.done.on_click(clicked(self._finished))
        self.choice.observe(lambda _: self._show_about(), "value")
        self.buttons = widgets.HBox((self.choice, self.apply, self.keep, self.load))
        super().__init__((self.buttons,))
        self.add_class("nw-presets")
        self.refresh()

    def refresh(self) -> None:
        """Look again for the user's own presets, and say which files are damaged."""
        own, problems = user_presets(self._folder)
        self._presets: dict[str, Preset] = {preset.name: preset for preset in (*BUILT_IN, *own)}
        self.choice.options = [_CHOOSE, *self._presets]
        if problems:
            self._told("\n".join(problems))

    @property
    def chosen(self) -> Preset | None:
        """The preset that is chosen, or ``None``."""
        return self._presets.get(self.choice.value)

    def _applied(self) -> None:
        if self.chosen is None:
            self._told("choose a preset first")
        else:
            self._take(self.chosen)

    def _show_about(self) -> None:
        preset = self.chosen
        if preset is None:
            self.about.value = ""
        else:
            lines = map(html.escape, (preset.about, *preset.notes))
            self.about.value = f'<div class="nw-preset-about">{"<br>".join(lines)}</div>'
        self._put_away()

    def _ask(self, *, keeping: bool) -> None:
        self._is_keeping = keeping
        self.done.description = "Save" if keeping else "Open"
        self.name.placeholder = (
            "name of the preset, or a path ending in .json" if keeping else "path of a .json file"
        )
        self.children = (self.buttons, self.line)

    def _put_away(self) -> None:
        below = (self.about,) if self.about.value else ()
        self.children = (self.buttons, *below)

    def _finished(self) -> None:
        text = self.name.value.strip()
        if not text:
            self._told("give a name or a path first")
        elif self._is_keeping:
            self._kept(text)
        else:
            self._opened(Path(text).expanduser())

    def _kept(self, text: str) -> None:
        is_path = text.endswith(".json")
        name = Path(text).stem if is_path else text
        preset = preset_of(self._session, name)
        path = save_preset(preset, Path(text).expanduser() if is_path else self._folder)
        self.refresh()
        self._put_away()
        self._told(f"kept as {path}")

    def _opened(self, path: Path) -> None:
        self._take(load_preset(path))
        self._put_away()


def _button(label: str, tooltip: str) -> widgets.Button:
    return widgets.Button(description=label, tooltip=tooltip, layout=widgets.Layout(width="auto"))
