"""Which task's form is shown, who does it, and whether it is run at all."""

from __future__ import annotations

import html
from collections.abc import Callable, Mapping
from typing import Any, Final

import ipywidgets as widgets

from nustar_widgets.calls.choices import TASKS, is_run
from nustar_widgets.calls.current import TaskHere
from nustar_widgets.session.session import Session

_WISHES: Final = [
    ("best available", "auto"),
    ("HEASoft", "heasoft"),
    ("embedded engine", "embedded"),
]
_SWITCH: Final = {
    "nupipeline": "Reprocess with nupipeline first (off: the cleaned events are used as they are)",
    "ftgrouppha": "Group the spectrum with ftgrouppha",
}
_NAMES: Final = {"heasoft": "HEASoft", "embedded": "the embedded engine"}


class TaskBar(widgets.VBox):
    """The tasks, the engine, and the module whose values are shown.

    Parameters
    ----------
    chosen
        Told that another task or module is to be shown.
    wished
        Told the engine that is wished for.
    switched
        Told whether the task is to be run.
    """

    def __init__(
        self,
        *,
        chosen: Callable[[], Any],
        wished: Callable[[str], Any],
        switched: Callable[[bool], Any],
    ) -> None:
        self._tasks = widgets.ToggleButtons(
            options=[(f"{number} {task}", task) for number, task in enumerate(TASKS, start=1)],
            value="nuproducts",
            style={"button_width": "124px"},
        )
        self._modules = widgets.ToggleButtons(options=["FPMA"], style={"button_width": "64px"})
        self._wish = widgets.Dropdown(
            description="Run with", options=_WISHES, layout=widgets.Layout(width="250px")
        )
        self._switch = widgets.Checkbox(indent=False, layout=widgets.Layout(width="auto"))
        self._about = widgets.HTML()
        self._is_showing = False
        for widget, told in (
            (self._tasks, lambda _: chosen()),
            (self._modules, lambda _: chosen()),
            (self._wish, lambda change: wished(change["new"])),
            (self._switch, lambda change: switched(change["new"])),
        ):
            widget.observe(self._unless_showing(told), "value")
        self._top = widgets.HBox((self._tasks, self._modules, self._wish))
        super().__init__((self._top, self._about))
        self.add_class("nw-task-bar")

    @property
    def task(self) -> str:
        """The task whose form is shown."""
        return str(self._tasks.value)

    @task.setter
    def task(self, task: str) -> None:
        self._tasks.value = task

    @property
    def module(self) -> str:
        """The module whose values are shown."""
        return str(self._modules.value)

    def show(self, session: Session, here: Mapping[str, TaskHere]) -> None:
        """Show how things stand.

        Parameters
        ----------
        session
            The session.
        here
            Who does each task.
        """
        self._is_showing = True
        try:
            if tuple(self._modules.options) != session.modules:
                self._modules.options = session.modules
            self._wish.value = session.engine
            self._switch.value = is_run(session, self.task)
        finally:
            self._is_showing = False
        self._modules.layout.display = None if len(session.modules) > 1 else "none"
        self._switch.description = _SWITCH.get(self.task, "")
        self._about.value = _about(here[self.task])
        parts = (self._switch, self._about) if self.task in _SWITCH else (self._about,)
        self.children = (self._top, *parts)

    def _unless_showing(self, told: Callable[[Any], Any]) -> Callable[[Any], None]:
        def call(change: Any) -> None:
            if not self._is_showing:
                told(change)

        return call


def _about(here: TaskHere) -> str:
    if here.spec is None:
        return ""
    who = f"Done by {_NAMES[here.engine]}"
    if here.engine == "heasoft":
        who += f" ({here.spec.source})"
    note = f" <details><summary>Why not by HEASoft?</summary>{html.escape(here.note)}</details>"
    return (
        f'<div style="line-height:1.4">{html.escape(here.spec.about)} '
        f"<i>{html.escape(who)}.</i>{note if here.note else ''}</div>"
    )
