"""Fits that were made, beside each other: notes, going back, comparing two."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import Any, ClassVar, Final

import ipywidgets as widgets

from nustar_widgets.errors import NustarWidgetsError
from nustar_widgets.fits.records import FitRecord
from nustar_widgets.panels.fitting.detailpane import DetailPane, button, quiet, row, words
from nustar_widgets.panels.fitting.fittables import table
from nustar_widgets.panels.fitting.rivalwords import criteria, rival_words

_HEAD: Final = (
    "No.", "Made (UTC)", "Model", "Statistic / dof", "AIC", "BIC", "Engine", "Bins", "Note",
)  # fmt: skip
_NONE: Final = ("(choose)", 0)
_LONGEST_MODEL: Final = 60


class HistoryPane(DetailPane):
    """The history of a session's fit."""

    WATCHED: ClassVar[tuple[str, ...]] = ("history",)

    def _build(self) -> Sequence[widgets.Widget]:
        self.add_class("nw-detail-history")
        self._is_filling, self._newest = False, 0
        self.table = words(overflow="auto", max_height="170px")
        self.fit = _dropdown("Fit", "300px")
        self.note = widgets.Text(
            description="Note", continuous_update=False, placeholder="your own words",
            style={"description_width": "36px"}, layout=widgets.Layout(width="340px", flex="none"),
        )  # fmt: skip
        self.restore = button(
            "Restore", tooltip="Go back to this fit: one step that can be undone", width="90px"
        )
        self.other = _dropdown("Compare with", "360px")
        self.compared = words()
        self.fit.observe(self.host.guarded(self._chosen), "value")
        self.other.observe(self.host.guarded(self._chosen), "value")
        self.note.observe(self.host.guarded(self._noted), "value")
        self.restore.on_click(self.host.clicked(self._restore))
        self.controls = widgets.VBox(
            (row(self.fit, self.note, self.restore), self.other, self.compared),
            layout=widgets.Layout(width="100%"),
        )
        return (self.table, self.controls)

    @property
    def chosen(self) -> FitRecord | None:
        """The fit that is chosen."""
        return self._record(self.fit)

    def _record(self, control: widgets.Dropdown) -> FitRecord | None:
        number = control.value
        return next((item for item in self.live.history if item.number == number), None)

    def _show(self, names: Sequence[str]) -> None:
        if "history" in names:
            self._offer()
        self._show_chosen()

    def _offer(self) -> None:
        history: tuple[FitRecord, ...] = self.live.history
        self.controls.layout.display = None if history else "none"
        offered = [(_label(item), item.number) for item in reversed(history)]
        newest = history[-1].number if history else 0
        # Whoever looks at the newest goes on doing so.
        follow = newest != self._newest and self.fit.value in (0, self._newest)
        self._newest = newest
        self._is_filling = True
        try:
            for control in (self.fit, self.other):
                before, options = control.value, [_NONE, *offered]
                if list(control.options) != options:
                    control.options = options
                    control.value = before if before in (number for _, number in options) else 0
            if follow:
                self.fit.value = newest
        finally:
            self._is_filling = False

    def _show_chosen(self) -> None:
        chosen = self.chosen
        self.table.value = self._rows(chosen)
        self.restore.disabled = chosen is None or bool(self.live.activity)
        self.note.disabled = chosen is None
        self._is_filling = True
        try:
            self.note.value = "" if chosen is None else chosen.note
        finally:
            self._is_filling = False
        self.compared.value = self._comparison(chosen, self._record(self.other))

    def _rows(self, chosen: FitRecord | None) -> str:
        history: tuple[FitRecord, ...] = self.live.history
        if not history:
            return quiet("No fit yet: every fit is kept here.")
        shown = list(reversed(history))
        at = shown.index(chosen) if chosen is not None else -1
        return table(_HEAD, [_row(item) for item in shown], left=(0, 1, 2, 6, 8), chosen=at)

    def _comparison(self, one: FitRecord | None, other: FitRecord | None) -> str:
        if one is None or other is None or one is other:
            return ""
        try:
            found = rival_words(one, other)
        except NustarWidgetsError as problem:
            return f"<div class='nw-detail-warn'>{html.escape(f'Not compared: {problem}')}</div>"
        return "".join(f"<div>{html.escape(text)}</div>" for text in found)

    def _chosen(self, _: Any) -> None:
        if not self._is_filling:
            self._show_safely(())

    def _noted(self, change: Any) -> None:
        chosen = self.chosen
        if not self._is_filling and chosen is not None and chosen.note != change["new"]:
            self.live.note(chosen, str(change["new"]))

    def _restore(self) -> None:
        chosen = self.chosen
        if chosen is not None:
            self.host.run(lambda: self.live.restore(chosen))


def _label(record: FitRecord) -> str:
    return f"{record.number}: {_short(record.result.expression)}"


def _row(record: FitRecord) -> tuple[str, ...]:
    result, known = record.result, criteria(record)
    return (
        str(record.number),
        f"{record.made_at:%Y-%m-%d %H:%M:%S}",
        _short(result.expression),
        f"{result.statistic_name} {result.statistic:.2f} / {result.dof}",
        f"{known.aic:.2f}",
        f"{known.bic:.2f}",
        record.engine,
        " + ".join(str(number) for number in result.n_bins),
        record.note,
    )


def _short(expression: str) -> str:
    return (
        expression
        if len(expression) <= _LONGEST_MODEL
        else f"{expression[: _LONGEST_MODEL - 1]}\u2026"
    )


def _dropdown(label: str, width: str) -> widgets.Dropdown:
    return widgets.Dropdown(
        options=[_NONE], description=label,
        style={"description_width": "28px" if len(label) < 6 else "98px"},
        layout=widgets.Layout(width=width, flex="none"),
    )  # fmt: skip
