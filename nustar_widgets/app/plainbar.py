"""The bar above the panels where the page lacks our view: plain controls, the same commands."""

from __future__ import annotations

import html
from collections.abc import Callable
from typing import Any

import ipywidgets as widgets


class PlainBar(widgets.VBox):
    """The bar, plainly.

    Parameters
    ----------
    command
        Told what was clicked, as that of `AppBar`.
    guarded
        Wraps what hears the controls, so that errors are shown.
    told
        Why it is here, in HTML.
    """

    def __init__(
        self,
        *,
        command: Callable[[dict[str, Any]], Any],
        guarded: Callable[[Callable[..., Any]], Callable[..., None]],
        told: str,
    ) -> None:
        super().__init__()
        self.add_class("nw-plain-bar")
        self._command, self._act, self._is_showing = command, "", False
        self._guarded = guarded
        self.title = widgets.HTML(layout=widgets.Layout(flex="1 1 240px"))
        self.undo = self._button("Undo", {"kind": "undo"})
        self.redo = self._button("Redo", {"kind": "redo"})
        self.recent = widgets.Dropdown(description="Sessions", options=[("", "")])
        self.recent.observe(guarded(self._recent_chosen), "value")
        self.new = self._button("New session", {"kind": "new"})
        self.sample = self._button("Simulated sample", {"kind": "sample"})
        self.steps = widgets.ToggleButtons(style={"button_width": "auto"})
        self.steps.observe(guarded(self._step_chosen), "value")
        self.words = widgets.HTML(layout=widgets.Layout(flex="1 1 auto", min_width="0"))
        self.next = self._button("", {"kind": "next"})
        self.next.button_style = "primary"
        row = widgets.Layout(flex_flow="row wrap", align_items="center", width="100%")
        self.children = (
            widgets.HTML(f"<small>{told}</small>"),
            widgets.HBox((self.title, self.undo, self.redo), layout=row),
            widgets.HBox((self.recent, self.new, self.sample), layout=row),
            self.steps,
            widgets.HBox((self.next, self.words), layout=row),
        )

    def show(self, state: dict[str, Any]) -> None:
        """Show how things stand.

        Parameters
        ----------
        state
            As `bar_state` returns it.
        """
        self._is_showing = True
        try:
            saved, following = state["saved"], state["next"]
            told = ", ".join(filter(None, (state["about"], saved["words"], saved["more"])))
            self.title.value = f"<b>{html.escape(state['title'])}</b> {html.escape(told)}"
            for button, name in ((self.undo, "undo"), (self.redo, "redo")):
                button.disabled, button.tooltip = not state[name], state[name]
            self._show_steps(state["steps"], state["open"])
            self.words.value = f"Next: {html.escape(following['words'])}"
            self._act, self.next.description = following["act"], following["button"]
            self.next.layout.display = "" if following["button"] else "none"
            self._show_recent(state["recent"])
        finally:
            self._is_showing = False

    def _show_steps(self, steps: list[dict[str, Any]], chosen: str) -> None:
        options = tuple((f"{step['sign']} {step['title']}", step["key"]) for step in steps)
        if options != self.steps.options:
            self.steps.options = options
        self.steps.value = chosen

    def _show_recent(self, recent: list[dict[str, Any]]) -> None:
        rows = [(f"{one['title']}, {one['about']}", one["path"]) for one in recent]
        options = (("recent ones", ""), *dict(rows).items())
        if options != tuple(self.recent.options):
            self.recent.options = options
        self.recent.value = ""

    def _button(self, label: str, message: dict[str, Any]) -> widgets.Button:
        button = widgets.Button(description=label, layout=widgets.Layout(width="auto"))

        def clicked(_: Any) -> None:
            self._command({"act": self._act, **message})

        button.on_click(self._guarded(clicked))
        return button

    def _step_chosen(self, change: Any) -> None:
        if not self._is_showing and change["new"] is not None:
            self._command({"kind": "open", "step": change["new"]})

    def _recent_chosen(self, change: Any) -> None:
        if not self._is_showing and change["new"]:
            self._command({"kind": "recent", "path": change["new"]})
