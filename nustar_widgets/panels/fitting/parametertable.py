"""The parameters of a fit in the page: value, slider, freeze, limits, link, error.

Sliders are moved in the page (``front/table*.js``), which shows the value under the hand by itself.
The kernel hears of it through one trait, ``hand``: a single message is in flight and it is always
the newest. Finished changes are in a list in it until they are answered by their number.
"""

from __future__ import annotations

import math
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from typing import Any, Final

import traitlets

from nustar_widgets.errors import NustarWidgetsError
from nustar_widgets.panels.fitting.entry import FIELDS, entered
from nustar_widgets.panels.fitting.ladder import Hold
from nustar_widgets.panels.fitting.parameterrow import ParameterRow, RowResult
from nustar_widgets.panels.page import PageView, joined

_FRONT: Final = Path(__file__).with_name("front")
_PARTS: Final = (
    "tablenumbers.js", "tablerange.js", "tableplan.js", "tablehand.js", "tablefields.js",
    "tabledetail.js", "tablerow.js", "tableview.js",
)  # fmt: skip
_RESULT: Final = tuple(field.name for field in fields(RowResult))
_SPEC: Final = tuple(field.name for field in fields(ParameterRow) if field.name not in _RESULT)
_DISMISS: Final = "dismiss"  # the page: what was refused is given up


def front_end() -> str:
    """Return the source of the view in the page: one ES module."""
    return joined(_FRONT, _PARTS)


class ParameterTable(PageView):
    """Parameters of a fit, to look at and to change.

    Parameters
    ----------
    dragged
        Told values by full name while a slider moves, the newest only, and the slider; no value
        when the hand takes it, no slider when the hand gives it up. What it makes of them need not
        be shown; linked values that follow are, by ``show_values``.
    changed
        Told a parameter's name, what was changed and its new value, once it is finished:
        ``value``, ``min`` and ``max`` (numbers; a limit of None is the model's own), ``frozen``
        (yes or no), ``link`` (text; empty unlinks), ``reset`` (None). What it makes of it must be
        shown before it returns, by ``show_rows`` or ``show_problem``; an error of ours that it
        raises is shown as a problem.
    guarded
        Wraps what hears the page, so that errors are shown.
    """

    _esm = front_end()
    _css = (_FRONT / "parametertable.css").read_text(encoding="utf-8")

    uid = traitlets.Unicode().tag(sync=True)
    table: traitlets.List[dict[str, Any]] = traitlets.List(
        help="Rows, without what moves: values and results"
    ).tag(sync=True)
    shown: traitlets.Dict[str, Any] = traitlets.Dict(
        {"values": {}, "answers": {}}, help="Values by name, and what is answered, by page"
    ).tag(sync=True)
    results: traitlets.Dict[str, Any] = traitlets.Dict(
        {"heading": "Error", "rows": {}}, help="What a fit found, by name"
    ).tag(sync=True)
    problems: traitlets.Dict[str, Any] = traitlets.Dict(
        help="By name: what was refused, and why"
    ).tag(sync=True)
    # Not echoed: an echo would be a second message for each step of a drag.
    hand: traitlets.Dict[str, Any] = traitlets.Dict(
        {"page": "", "revision": 0, "values": {}, "slider": None, "commits": []},
        help="What is under the hand",
    ).tag(sync=True, echo_update=False)

    def __init__(
        self,
        *,
        dragged: Callable[[dict[str, float], Hold | None], Any],
        changed: Callable[[str, str, Any], Any],
        guarded: Callable[[Callable[..., Any]], Callable[..., None]],
    ) -> None:
        super().__init__(uid=uuid.uuid4().hex)
        self._dragged, self._changed = dragged, changed
        self._values: dict[str, float] = {}
        self._answers: dict[str, int] = {}
        self._hearing: tuple[str, str] = ("", "")
        self._held = ""  # the slider whose value is being heard: the page knows it
        self._guarded = guarded
        self.observe(guarded(self._heard), "hand")

    # -- to the page

    def show_rows(self, rows: Sequence[ParameterRow]) -> None:
        """Show other rows, or the same ones otherwise frozen, limited or linked.

        Parameters
        ----------
        rows
            All rows, in the order of the model, with their values and results.
        """
        names = {row.name for row in rows}
        self._values = {row.name: row.value for row in rows}
        with self.hold_sync():
            self.table = [_spec(row) for row in rows]
            self.show_results({row.name: row for row in rows}, heading=self.results["heading"])
            self.problems = {name: told for name, told in self.problems.items() if name in names}
            self._tell()

    def show_values(self, values: Mapping[str, float]) -> None:
        """Show values; one that is under the hand stays as it is.

        Parameters
        ----------
        values
            Some or all values by full name.
        """
        self._values = {**self._values, **values}
        self._tell()

    def show_results(self, results: Mapping[str, RowResult], *, heading: str = "Error") -> None:
        """Show what a fit found; values are shown by ``show_values``.

        Parameters
        ----------
        results
            By full name; one that is missing has none.
        heading
            What the ranges are, as ``90 %``: the heading of their column.
        """
        rows = {name: _result(one) for name, one in results.items() if _says_something(one)}
        self.results = {"heading": heading, "rows": rows}

    def show_problem(self, name: str, text: str) -> None:
        """Show why what was entered is not taken; it stays until something else is entered.

        Parameters
        ----------
        name
            The parameter.
        text
            The reason; empty takes it away.
        """
        others = {one: told for one, told in self.problems.items() if one != name}
        heard, what = self._hearing
        told = {"what": what if heard == name else "value", "text": text}
        self.problems = {**others, name: told} if text else others

    def _tell(self) -> None:
        values = {name: _finite(value) for name, value in self._values.items()}
        known = self.shown["values"]
        if self._held in known and {**values, self._held: known[self._held]} == known:
            return  # each message takes the page some ms that drawing needs
        self.shown = {"values": values, "answers": dict(self._answers)}

    # -- from the page

    def _heard(self, change: Any) -> None:
        hand = change["new"]
        page, revision = str(hand["page"]), int(hand["revision"])
        slider = hand.get("slider")
        self._held = str(slider["name"]) if slider and not hand["commits"] else ""
        with self.hold_sync():  # the last of several states is the answer
            for commit in hand["commits"]:
                if commit["revision"] > self._answers.get(page, 0):
                    self._answers[page] = commit["revision"]
                    self._guarded(self._take)(commit)
            if revision > self._answers.get(page, 0):
                self._answers[page] = revision
                self._guarded(self._move)(hand["values"], slider, revision)
            self._tell()
        self._held = ""

    def _move(self, values: dict[str, float], slider: dict[str, Any] | None, revision: int) -> None:
        known = {name: float(value) for name, value in values.items() if name in self._values}
        if slider is not None and not known:
            self._dragged({}, self._hold(slider, revision))
        for name, value in known.items():
            with self._asking(name, "value"):
                self._values[name] = value
                self._dragged({name: value}, self._hold(slider, revision))

    def _hold(self, slider: dict[str, Any] | None, revision: int) -> Hold | None:
        value = None if slider is None else self._values.get(slider["name"])
        if slider is None or value is None:
            return None
        name, *ends = (slider[key] for key in ("name", "low", "high"))
        low, high = (math.nan if end is None else float(end) for end in ends)
        return Hold(str(name), value, low, high, bool(slider["log"]), revision)

    def _take(self, commit: dict[str, Any]) -> None:
        name, what = str(commit["name"]), str(commit["what"])
        if name not in self._values or what not in (*FIELDS, _DISMISS):
            return
        with self._asking(name, what):
            if what == _DISMISS:
                return
            field, value = entered(name, what, commit["value"])
            if field == "value":  # the engine may tell of it later
                self._values[name] = value
            self._changed(name, field, value)

    @contextmanager
    def _asking(self, name: str, what: str) -> Iterator[None]:
        """Hear what comes of an entry: where it is refused, the value before is shown again."""
        before, self._hearing = self._values[name], (name, what)
        self.show_problem(name, "")
        is_taken = False
        try:
            yield
            is_taken = name not in self.problems
        except NustarWidgetsError as error:
            self.show_problem(name, str(error))
        finally:
            self._hearing = ("", "")
            if not is_taken and name in self._values:
                self._values[name] = before


def _spec(row: ParameterRow) -> dict[str, Any]:
    return {name: _finite(getattr(row, name)) for name in _SPEC}


def _result(result: RowResult) -> dict[str, Any]:
    return {name: _finite(getattr(result, name)) for name in _RESULT}


def _says_something(result: RowResult) -> bool:
    found = (result.error_low, result.error_high, result.sigma)
    return result.at_limit or bool(result.warnings) or any(one is not None for one in found)


def _finite(value: Any) -> Any:
    """Return what JSON can hold: no infinity, nothing that is not a number."""
    if isinstance(value, bool | int | str | tuple) or value is None:
        return value
    return float(value) if math.isfinite(value) else None
