"""Model and grouping of a fit: what is entered there becomes the session's choice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from nustar_widgets.errors import NustarWidgetsError
from nustar_widgets.fits.carrying import Carried, carried
from nustar_widgets.fits.edits import added, removed
from nustar_widgets.fits.groupingview import grouping_view
from nustar_widgets.fits.guess import with_guess
from nustar_widgets.fits.livefit import LiveFit
from nustar_widgets.fits.newlines import with_lines_begun
from nustar_widgets.fits.templates import Template, put_in_place
from nustar_widgets.panels.fitting.groupingbox import GroupingBox
from nustar_widgets.panels.fitting.modelbox import ModelBox, ModelCalls
from nustar_widgets.session.values import FitChoice, GroupingChoice


class ModelSide:
    """The two boxes, and what they do to a session.

    Parameters
    ----------
    live
        The fit.
    commit
        Makes a choice the session's, given what the user did and the choice.
    told
        Told in words what was lost or could not be done.
    guarded
        Wraps what hears the controls, so that errors are shown.
    has_page
        Whether there is a page to wait for; asked of IPython where ``None``.
    """

    def __init__(
        self,
        live: LiveFit,
        *,
        commit: Callable[[str, FitChoice], Any],
        told: Callable[[str], Any],
        guarded: Callable[[Callable[..., Any]], Callable[..., None]],
        has_page: bool | None = None,
    ) -> None:
        self._live, self._commit, self._told = live, commit, told
        self._guessed: frozenset[str] = frozenset()  # start values that are not the user's own
        calls = ModelCalls(
            expressed=self._expressed, templated=self._templated, guess=self._guess,
            statistic=lambda name: self._set("statistic", name),
            abundance=lambda name: self._set("abundance", name),
            cross_section=lambda name: self._set("cross_section", name),
            added=self._added, removed=self._removed,
        )  # fmt: skip
        self.model = ModelBox(calls, guarded=guarded, has_page=has_page)
        self.grouping = GroupingBox(grouped=self._grouped, guarded=guarded)

    def show(self) -> None:
        """Show the choice of the session, and what came out of it."""
        choice, engine = self._choice, self._live.engine
        self.model.show(choice, "" if engine is not None else self._live.problem)
        view = None if engine is None else grouping_view(engine.datasets, choice.statistic)
        self.grouping.show(choice.grouping, view)

    @property
    def _choice(self) -> FitChoice:
        return self._live.session.fit

    def _expressed(self, text: str) -> None:
        self._take(f"model {text}", self._begun(carried(self._choice, text)))

    def _added(self, name: str, where: str | None) -> None:
        self._take(f"add {name}", self._begun(added(self._choice, name, where)))

    def _begun(self, found: Carried) -> Carried:
        engine = self._live.engine
        begun = with_lines_begun(found, () if engine is None else engine.datasets)
        new = begun.choice.parameters[len(found.choice.parameters) :]
        self._guessed |= {item.name for item in new}
        return begun

    def _removed(self, component: str) -> None:
        self._take(f"remove {component}", removed(self._choice, component))

    def _templated(self, template: Template) -> None:
        mine = {item.name for item in self._choice.parameters} - self._guessed
        found = put_in_place(self._choice, template)
        self._take(f"template {template.name}", replace(found, choice=self._start(found, mine)))

    def _start(self, found: Carried, mine: set[str]) -> FitChoice:
        """Return a choice with start values from the data, where these can be guessed."""
        engine = self._live.engine
        if engine is None:
            return found.choice
        mine &= {item.name for item in found.choice.parameters}
        try:
            choice = with_guess(found.choice, engine.datasets, keep=mine)
        except NustarWidgetsError:  # a model only XSPEC has: its own defaults, then
            return found.choice
        self._guessed = frozenset(item.name for item in choice.parameters) - mine
        return choice

    def _guess(self) -> None:
        engine = self._live.engine
        if engine is None:
            self._told(self._live.problem)
            return
        fixed = {item.name for item in self._choice.parameters if item.frozen or item.link}
        choice = with_guess(self._choice, engine.datasets, keep=fixed)
        self._guessed = frozenset(item.name for item in choice.parameters) - fixed
        self._commit("guess start values", choice)

    def _grouped(self, choice: GroupingChoice | None) -> None:
        what = "as in the files" if choice is None else choice.grouptype
        self._commit(f"group {what}", replace(self._choice, grouping=choice))

    def _set(self, field: str, name: str) -> None:
        changes: dict[str, Any] = {field: name}
        self._commit(f"{field} {name}", replace(self._choice, **changes))

    def _take(self, label: str, found: Carried) -> None:
        self._commit(label, found.choice)
        if found.notes:
            self._told("\n".join(found.notes))
