"""What will run and why, how long it may take and how much disk, and the button that runs it."""

from __future__ import annotations

import html
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import ipywidgets as widgets

from nustar_widgets.jobs.outlook import Outlook, Step
from nustar_widgets.jobs.place import call_label
from nustar_widgets.jobs.space import size_words

ENGINES: Final = {"heasoft": "HEASoft", "embedded": "embedded engine"}
"""Engines by the names people know."""

_STYLE: Final = """<style>
.nw-plan { width: 100%; border-collapse: collapse; font-size: 12px; line-height: 1.5;
  color: var(--jp-ui-font-color1, #222); }
.nw-plan th { text-align: left; font-weight: 600; color: var(--jp-ui-font-color2, #555);
  border-bottom: 1px solid var(--jp-border-color2, #ccc); padding: 0 14px 1px 0; }
.nw-plan td { padding: 0 14px 0 0; vertical-align: top; }
.nw-plan .nw-nowrap { white-space: nowrap; font-variant-numeric: tabular-nums; }
.nw-plan .nw-runs { font-weight: 600; }
.nw-plan .nw-rests { color: var(--jp-ui-font-color2, #666); }
.nw-plan-note { font-size: 12px; line-height: 1.4; color: var(--jp-ui-font-color1, #222); }
.nw-plan-engine { color: var(--jp-ui-font-color2, #666); overflow-wrap: anywhere; }
.nw-plan-warn { color: #7a4b00; background: #fff4df; padding: 1px 6px; border-radius: 3px; }
</style>"""
_LOOKING: Final = "looking at what is there and what has changed ..."


class PlanBox(widgets.VBox):
    """The work folder, the plan, and Run.

    Parameters
    ----------
    run
        Called when the plan is to be run.
    look_again
        Called when the plan is to be made anew.
    folder_typed
        Told the work folder somebody has typed.
    guarded
        Wraps what hears the controls, so that errors are shown.
    """

    def __init__(
        self,
        *,
        run: Callable[[], Any],
        look_again: Callable[[], Any],
        folder_typed: Callable[[str], Any],
        guarded: Callable[[Callable[..., Any]], Callable[..., None]],
    ) -> None:
        super().__init__()
        self.add_class("nw-plan-box")
        self._is_showing = False
        self.folder = widgets.Text(
            description="work folder", continuous_update=False,
            style={"description_width": "76px"}, layout=widgets.Layout(flex="1 1 auto"),
        )  # fmt: skip
        self.disk = widgets.HTML(layout=widgets.Layout(flex="none"))
        self.table = widgets.HTML(layout=widgets.Layout(max_height="240px", overflow="auto"))
        self.run = widgets.Button(
            description="Run", button_style="primary", disabled=True,
            layout=widgets.Layout(width="150px", height="34px", flex="none"),
        )  # fmt: skip
        self.everything = widgets.Checkbox(
            description="run all again", indent=False,
            tooltip="Run also the steps whose products are there and current",
            layout=widgets.Layout(width="120px", flex="none"),
        )  # fmt: skip
        self.refresh = widgets.Button(
            description="Look again", layout=widgets.Layout(width="96px", flex="none"),
            tooltip="Compare the files on disk with the session once more",
        )  # fmt: skip
        self.note = widgets.HTML(layout=widgets.Layout(flex="1 1 auto", min_width="0"))
        row = widgets.Layout(align_items="center", width="100%")
        self.children = (
            widgets.HBox((self.folder, self.disk), layout=row),
            self.table,
            widgets.HBox((self.run, self.everything, self.refresh, self.note), layout=row),
        )
        self.run.on_click(guarded(lambda _: run()))
        self.refresh.on_click(guarded(lambda _: look_again()))
        self.everything.observe(guarded(lambda _: look_again()), "value")
        self.folder.observe(guarded(self._typed), "value")
        self._folder_typed = folder_typed

    def show_folder(self, folder: str) -> None:
        """Show the session's work folder; the present one where it names none."""
        self._is_showing = True
        try:
            self.folder.value = folder or str(Path.cwd())
        finally:
            self._is_showing = False

    def show_busy(self) -> None:
        """Tell that the plan is being made: what is shown may be out of date, so Run waits."""
        self.run.disabled = True
        self._tell(_LOOKING)

    def show_problem(self, problem: str) -> None:
        """Tell why there is no plan."""
        self.run.disabled, self.run.description = True, "Run"
        self.table.value = self.disk.value = ""
        self._tell(problem, warn=True)

    def show(self, outlook: Outlook) -> None:
        """Show a plan."""
        number = outlook.n_to_run
        self.table.value = _STYLE + _table(outlook)
        self.disk.value = _free(outlook)
        self.run.disabled = number == 0
        self.run.description = f"Run {number} step{'s' if number != 1 else ''}" if number else "Run"
        problems = [room.problem for room in outlook.rooms if room.problem]
        self._tell("\n".join(problems) or _summary(outlook), warn=bool(problems))

    def _tell(self, text: str, *, warn: bool = False) -> None:
        kind = "nw-plan-note nw-plan-warn" if warn else "nw-plan-note"
        self.note.value = f"{_STYLE}<div class='{kind}' role='status'>{html.escape(text)}</div>"

    def _typed(self, change: Any) -> None:
        if not self._is_showing:
            self._folder_typed(change["new"].strip())


def _summary(outlook: Outlook) -> str:
    """Say what happens when Run is pressed, or why nothing would."""
    if outlook.n_to_run:
        rest = len(outlook.steps) - outlook.n_to_run
        return f"{rest} of {len(outlook.steps)} steps need not be run" if rest else ""
    if any(step.job is not None for step in outlook.steps):
        return "nothing to add: what is to be run is in the queue"
    return "nothing to run: all products are there and current"


def _free(outlook: Outlook) -> str:
    told = []
    for room in outlook.rooms:
        needs = f"needs about {size_words(room.needed_bytes)}, " if room.needed_bytes else ""
        told.append(f"{needs}{size_words(room.free_bytes)} free")
    return f"{_STYLE}<span class='nw-plan-note'>{html.escape('; '.join(told))}</span>"


def _table(outlook: Outlook) -> str:
    rows = "".join(_row(number, step) for number, step in enumerate(outlook.steps, start=1))
    heads = "".join(f"<th scope='col'>{name}</th>" for name in _HEADS)
    notes = "".join(_note(note) for note in outlook.notes)
    return f"<table class='nw-plan'><tr>{heads}</tr>{rows}</table>{notes}"


def _note(note: str) -> str:
    """Say why the embedded engine steps in."""
    text = html.escape(f"The embedded engine steps in for HEASoft: {note}")
    return f"<div class='nw-plan-note nw-plan-engine'>{text}</div>"


_HEADS: Final = ("No.", "Step", "By", "Will it run?", "Time", "Disk")


def _row(number: int, step: Step) -> str:
    planned = step.planned
    kind, words = _verdict(step)
    cells = (
        ("nw-nowrap", str(number)),
        ("nw-nowrap", call_label(planned.call)),
        ("nw-nowrap", ENGINES[planned.engine]),
        (kind, words),
        ("nw-nowrap", _time(step)),
        ("nw-nowrap", _space(step)),
    )
    return "<tr>" + "".join(f"<td class='{c}'>{html.escape(t)}</td>" for c, t in cells) + "</tr>"


def _verdict(step: Step) -> tuple[str, str]:
    if step.job is not None:
        return "nw-rests", f"\u2026 in the queue: {step.job.state}"
    if step.why is None:
        return "nw-rests", "\u2713 current: not run again"
    return "nw-runs", f"\u25b6 will run: {step.why}"


def _time(step: Step) -> str:
    if not step.is_to_run:
        return ""
    return "not known yet" if step.time is None else step.time.words()


def _space(step: Step) -> str:
    if not step.is_to_run or step.space is None:
        return ""
    scratch = step.space.scratch_bytes
    meanwhile = f" (+ {size_words(scratch)} meanwhile)" if scratch else ""
    return f"about {size_words(step.space.kept_bytes)}{meanwhile}"
