"""The fit as code: for XSPEC's prompt, for PyXspec, for Sherpa."""

from __future__ import annotations

import html
from collections.abc import Callable
from typing import Any, Final

import ipywidgets as widgets

from nustar_widgets.errors import NustarWidgetsError
from nustar_widgets.fits.livefit import LiveFit
from nustar_widgets.panels.code.codeview import CodeBox
from nustar_widgets.session.fitparts import ScriptFit
from nustar_widgets.session.fitscript import to_pyxspec, to_sherpa, to_xcm

_XCM: Final = "XSPEC (.xcm)"
_WRITERS: Final[dict[str, Callable[[ScriptFit], str]]] = {
    _XCM: to_xcm,
    "PyXspec": to_pyxspec,
    "Sherpa": to_sherpa,
}
_REGROUPED: Final = (
    "The spectra are grouped here and not in their files. Group the files the same way first: "
    "ftgrouppha grouptype={} groupscale={}."
)


class FitCode(widgets.VBox):
    """The fit of a session as a script.

    Parameters
    ----------
    live
        The fit.
    guarded
        Wraps callbacks, so that errors are shown.
    """

    def __init__(
        self, live: LiveFit, *, guarded: Callable[[Callable[..., Any]], Callable[..., None]]
    ) -> None:
        self._live = live
        self.language = widgets.ToggleButtons(
            options=list(_WRITERS), style={"button_width": "104px"}
        )
        self.language.observe(guarded(lambda _: self.show()), "value")
        self.code = CodeBox(rows=22)
        self.note = widgets.HTML()
        super().__init__((self.language, self.code, self.note))
        self.add_class("nw-fit-code")

    def show(self) -> None:
        """Show the script of the fit as it is now."""
        try:
            text = self._text()
        except NustarWidgetsError as problem:
            text = f"# {problem}"
        self.code.show(text, label=str(self.language.value))
        self.note.value = self._noted()

    def _text(self) -> str:
        engine, loaded = self._live.engine, self._live.loaded
        if engine is None or loaded is None:
            return f"# {self._live.problem}"
        write = _WRITERS[str(self.language.value)]
        return write(
            ScriptFit(
                choice=self._live.session.fit,
                spectra=loaded.inputs,
                parameters=engine.table.rows,
                values=engine.values,
            )
        )

    def _noted(self) -> str:
        grouping = self._live.session.fit.grouping
        if grouping is None:
            return ""
        words = _REGROUPED.format(grouping.grouptype, grouping.groupscale)
        return f'<div style="line-height:1.4">{html.escape(words)}</div>'
