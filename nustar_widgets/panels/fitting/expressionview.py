"""The field of a model expression: completed and judged while it is typed.

The text that is being typed travels as a trait, so that only the newest is judged; the answer
carries its number. What is entered comes as a message. What was typed is never taken away: where it
is refused it stays in the field, with what is in use told below.
"""

from __future__ import annotations

import html
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import ipywidgets as widgets
import traitlets

from nustar_widgets.fits.judgement import Judgement
from nustar_widgets.panels.page import PageView, PageWatch, joined, lacking

_FRONT: Final = Path(__file__).with_name("front")
_PARTS: Final = ("completions.js", "expression.js")

Judge = Callable[[str, int | None], Judgement]


def front_end() -> str:
    """Return the source of the view in the page: one ES module."""
    return joined(_FRONT, _PARTS)


class ExpressionView(PageView):
    """The field in the page.

    Parameters
    ----------
    judge
        Judges a text with the cursor at a place.
    entered
        Told a text that is to be the model.
    guarded
        Wraps what hears the page, so that errors are shown.
    """

    _esm = front_end()
    _css = (_FRONT / "expression.css").read_text(encoding="utf-8")

    shown = traitlets.Dict(help="The expression in use, and why an entry is not taken").tag(
        sync=True
    )
    typed = traitlets.Dict(help="What is being typed: page, number, text, cursor").tag(sync=True)
    answer = traitlets.Dict(help="What is told of it").tag(sync=True)

    def __init__(
        self,
        *,
        judge: Judge,
        entered: Callable[[str], Any],
        guarded: Callable[[Callable[..., Any]], Callable[..., None]],
    ) -> None:
        super().__init__(shown={"expression": "", "problem": "", "position": None, "count": 0})
        self._judge, self._entered = judge, entered
        self.observe(guarded(self._on_typed), "typed")
        self.on_msg(guarded(self._hear))

    def show(self, expression: str, problem: str = "", position: int | None = None) -> None:
        """Show what is in use.

        Parameters
        ----------
        expression
            The expression in use.
        problem
            Why what was entered is not taken, or what is in use cannot be.
        position
            The character of the entry at fault.
        """
        self.shown = {
            "expression": expression,
            "problem": problem,
            "position": position,
            "count": self.shown["count"] + 1,  # an unchanged state answers too
        }

    def _on_typed(self, _: Any) -> None:
        said = self.typed
        if not said:
            return
        told = self._judge(str(said["text"]), int(said["cursor"]))
        found = told.completions
        self.answer = {
            "page": said["page"],
            "number": said["number"],
            "problem": told.problem,
            "position": told.position,
            "start": found.start,
            "end": found.end,
            "word": found.word,
            "items": [asdict(item) for item in found.items],
        }

    def _hear(self, _: Any, content: dict[str, Any], __: Any) -> None:
        if content.get("kind") == "enter":
            self._entered(str(content["text"]))


class PlainExpression(widgets.VBox):
    """The field in a page that has no view for it: judged when it is entered.

    Parameters
    ----------
    entered
        Told a text that is to be the model.
    guarded
        Wraps what hears the field.
    """

    def __init__(
        self,
        *,
        entered: Callable[[str], Any],
        guarded: Callable[[Callable[..., Any]], Callable[..., None]],
    ) -> None:
        super().__init__()
        self._is_showing = False
        self._entered = entered
        self.field = widgets.Text(
            description="Model", continuous_update=False,
            style={"description_width": "44px"}, layout=widgets.Layout(width="auto"),
        )  # fmt: skip
        self.said = widgets.HTML()
        about = lacking("completion while typing", "a field that is read when Enter is pressed")
        self.children = (self.field, self.said, widgets.HTML(f"<small>{about}</small>"))
        self.field.observe(guarded(self._changed), "value")

    def show(self, expression: str, problem: str = "", position: int | None = None) -> None:
        """Show what is in use; where an entry is refused, the entry stays; see `ExpressionView`."""
        text = self.field.value
        if not problem:
            self._is_showing = True
            try:
                self.field.value = text = expression
            finally:
                self._is_showing = False
        self.said.value = _drawn(text, problem, position, expression)

    def _changed(self, change: Any) -> None:
        if not self._is_showing:
            self._entered(change["new"].strip())


def _drawn(text: str, problem: str, position: int | None, used: str) -> str:
    """Say what is wrong with a text, with a caret under the letter."""
    if not problem:
        return ""
    drawn = "" if position is None else f"{text}\n{' ' * position}^"
    pre = f"<pre style='margin:0;overflow-x:auto'>{html.escape(drawn)}</pre>" if drawn else ""
    words = html.escape(f"{problem}. Not taken; in use: {used or 'nothing'}")
    return f"<div role='alert' style='color:#b71c1c;line-height:1.35'>{pre}{words}</div>"


class ExpressionBox(widgets.VBox):
    """The field, also in a page without a view for it.

    Parameters
    ----------
    judge
        Judges a text with the cursor at a place.
    entered
        Told a text that is to be the model.
    guarded
        Wraps what hears the field, so that errors are shown.
    has_page
        Whether there is a page to wait for; ``None`` asks whether a notebook's cell runs.
    """

    def __init__(
        self,
        *,
        judge: Judge,
        entered: Callable[[str], Any],
        guarded: Callable[[Callable[..., Any]], Callable[..., None]],
        has_page: bool | None = None,
    ) -> None:
        super().__init__()
        self._judge, self._tell = judge, entered
        self._entry: str | None = None
        self._told: tuple[str, str, int | None] = ("", "", None)
        self.view = ExpressionView(judge=judge, entered=self._entered, guarded=guarded)
        self.plain: PlainExpression | None = None
        self._guarded = guarded
        self.children = (self.view,)
        self._watch = PageWatch(self.view, self._page_changed, has_page=has_page)

    def show(self, expression: str, problem: str = "") -> None:
        """Show what is in use, and why what was entered is not taken.

        Parameters
        ----------
        expression
            The expression in use.
        problem
            In words; empty where all is well.
        """
        position = None
        if problem and self._entry is not None:
            position = self._judge(self._entry, None).position
        self._told = (expression, problem.partition("\n")[0], position)
        for field in (self.view, self.plain):
            if field is not None:
                field.show(*self._told)

    def close(self) -> None:
        """Wait no longer for the page."""
        self._watch.close()
        super().close()

    def _entered(self, text: str) -> None:
        """Refuse at once what is no model: it need not go further."""
        self._entry = text
        told = self._judge(text, None)
        if told.problem:
            self.show(self._told[0], told.problem)
        else:
            self._tell(text)

    def _page_changed(self) -> None:
        if self._watch.lacks_the_view:
            self.plain = PlainExpression(entered=self._entered, guarded=self._guarded)
            self.plain.show(*self._told)
            self.children = (self.plain,)
        else:
            self.plain = None
            self.children = (self.view,)
