"""The queue for pages that have no view of ours: a list to choose from, and buttons."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ipywidgets as widgets

_ACTIONS = (
    ("cancel", "Cancel"),
    ("retry", "Retry"),
    ("retry_from", "Retry from here"),
    ("forget", "Forget"),
)


class PlainJobs(widgets.VBox):
    """The same as `JobList`, of plain controls.

    Parameters
    ----------
    command
        Told what was clicked, as `JobList` tells it.
    guarded
        Wraps what hears the controls, so that errors are shown.
    """

    def __init__(
        self,
        *,
        command: Callable[[dict[str, Any]], Any],
        guarded: Callable[[Callable[..., Any]], Callable[..., None]],
    ) -> None:
        super().__init__()
        self.add_class("nw-plain-jobs")
        self._command = command
        self._is_showing = False
        self._jobs: list[dict[str, Any]] = []
        self.filter = widgets.ToggleButtons(
            options=[("All", "all"), ("Running", "running"), ("Failed", "failed")],
            style={"button_width": "86px"},
        )
        self.select = widgets.Select(rows=16, layout=widgets.Layout(width="100%"))
        self.older = _button("Show older", "120px")
        self.buttons = {kind: _button(text, "auto") for kind, text in _ACTIONS}
        self.cancel_all = _button("Cancel all", "auto")
        self.forget_over = _button("Forget those over", "auto")
        self.filter.observe(guarded(self._filtered), "value")
        self.select.observe(guarded(self._chosen), "value")
        for kind, button in self.buttons.items():
            button.on_click(guarded(self._clicked(kind)))
        for kind, button in (
            ("older", self.older), ("cancel_all", self.cancel_all),
            ("forget_over", self.forget_over),
        ):  # fmt: skip
            button.on_click(guarded(self._asked(kind)))
        self.children = (
            self.filter,
            self.select,
            widgets.HBox(tuple(self.buttons.values())),
            widgets.HBox((self.older, self.cancel_all, self.forget_over)),
        )

    def show(self, rows: dict[str, Any]) -> None:
        """Show jobs.

        Parameters
        ----------
        rows
            As `job_rows` returns them.
        """
        self._is_showing = True
        try:
            self._jobs = rows["jobs"]
            options = [(_line(job), job["id"]) for job in self._jobs]
            if list(self.select.options) != options:
                self.select.options = options
            known = [job["id"] for job in self._jobs]
            self.select.value = rows["chosen"] if rows["chosen"] in known else None
            self.filter.value = rows["filter"]
        finally:
            self._is_showing = False
        can: list[str] = next((job["can"] for job in self._jobs if job["id"] == rows["chosen"]), [])
        for kind, button in self.buttons.items():
            button.disabled = kind not in can
        self.older.disabled = not rows["older"]
        self.cancel_all.disabled = not rows["counts"]["running"]
        self.forget_over.disabled = not rows["counts"]["over"]

    def _filtered(self, change: Any) -> None:
        if not self._is_showing:
            self._command({"kind": "filter", "filter": change["new"]})

    def _chosen(self, change: Any) -> None:
        if not self._is_showing and change["new"] is not None:
            self._command({"kind": "choose", "id": change["new"]})

    def _clicked(self, kind: str) -> Callable[[Any], None]:
        return lambda _: self._command({"kind": kind, "id": self.select.value})

    def _asked(self, kind: str) -> Callable[[Any], None]:
        return lambda _: self._command({"kind": kind})


def _line(job: dict[str, Any]) -> str:
    words = [job["label"], job["state"]]
    if job["state"] == "running" and job["n_steps"]:
        of = f" of {max(job['expected'], job['n_steps'])}" if job["expected"] else ""
        words.append(f"step {job['n_steps']}{of}: {job['step']}")
    waits = f"for {job['waits_for']}" if job["waits_for"] else ""
    words += [text for text in (waits, job["reason"], job["badge"]) if text]
    return " · ".join(words)


def _button(text: str, width: str) -> widgets.Button:
    return widgets.Button(description=text, layout=widgets.Layout(width=width))
