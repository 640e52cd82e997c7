"""The code a session stands for, as it stands now: what you see is what runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import ipywidgets as widgets

from nustar_widgets.calls.current import CallsNow
from nustar_widgets.panels.code.codeview import CodeBox
from nustar_widgets.session.script import to_python, to_shell

_PYTHON: Final = "Python"
_SHELL: Final = "Shell"


class CallBox(widgets.VBox):
    """One call, or all of them as a script, as heasoftpy code or as shell commands.

    Parameters
    ----------
    chosen
        Told that something else is to be shown.
    """

    def __init__(self, *, chosen: Callable[[], Any]) -> None:
        self.language = widgets.ToggleButtons(
            options=[_PYTHON, _SHELL],
            tooltips=["a heasoftpy call", "a command for a terminal"],
            style={"button_width": "68px"},
        )
        self.scope = widgets.Dropdown(
            options=[("this call", "call"), ("all calls, as a script", "script")],
            description="Show",
            style={"description_width": "38px"},
            layout=widgets.Layout(width="230px"),
        )
        for choice in (self.language, self.scope):
            choice.observe(lambda _: chosen(), "value")
        self.code = CodeBox(rows=15)
        super().__init__((widgets.HBox((self.language, self.scope)), self.code))
        self.add_class("nw-call")

    def show(self, now: CallsNow, task: str, module: str, *, about: str) -> None:
        """Show the calls a session stands for.

        Parameters
        ----------
        now
            The calls.
        task, module
            The one to show where a single call is asked for.
        about
            One line for the head of a script.
        """
        is_python = self.language.value == _PYTHON
        if now.missing:
            text = f"# {now.missing}"
        elif self.scope.value == "script":
            text = (to_python if is_python else to_shell)(now.calls, about=about)
        else:
            call = now.of(task, module)
            if call is None:
                text = f"# {task} is not run"
            else:
                text = call.to_python() if is_python else call.to_shell(broken=True)
        self.code.show(text, label=self.language.value)
