"""What was clicked, as code and files: to read, to copy, to write into the work folder."""

from __future__ import annotations

import html
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Final

import ipywidgets as widgets

from nustar_widgets.errors import NustarWidgetsError
from nustar_widgets.export.kinds import KINDS, Files, Kind
from nustar_widgets.export.outfile import OutFile
from nustar_widgets.fits.livefit import LiveFit
from nustar_widgets.panels.background import Background, Starter, on_a_thread
from nustar_widgets.panels.base import Panel
from nustar_widgets.panels.code.codeview import CodeBox
from nustar_widgets.panels.page import PageWatch
from nustar_widgets.session.session import Session

_ENGINES: Final = (
    ("as it would run here now", "auto"),
    ("heasoftpy and PyXspec", "heasoft"),
    ("nustar_widgets alone", "embedded"),
)
_STYLE: Final = """<style>
.nw-export-kinds .widget-toggle-button { text-align: left; }
.nw-export-about { font-size: 12px; line-height: 1.45; overflow-wrap: anywhere; }
.nw-export-about .widget-html-content { line-height: 1.45; }
.nw-export-lacks { color: #7a4b00; background: #fff4df; padding: 2px 6px; border-radius: 3px; }
</style>"""


@dataclass(frozen=True, kw_only=True)
class _Made:
    """What was made of a kind, or why it cannot be."""

    files: Files = ()
    missing: str = ""


class ExportPanel(Panel):
    """The session as Python, notebook, shell script, fit scripts, regions, good time, session file.

    Parameters
    ----------
    session
        The session. What is shown follows every edit.
    start
        How slow work is started.
    has_page
        Whether a page is to show the panel; asked of IPython where ``None``.

    Examples
    --------
    >>> panel = ExportPanel(Session())  # doctest: +SKIP
    """

    FIELDS: ClassVar[tuple[str, ...]] = Session.FIELDS

    def __init__(
        self, session: Session, *, start: Starter = on_a_thread, has_page: bool | None = None
    ) -> None:
        self.live = LiveFit.of(session)
        self.made = _Made()
        """What is shown."""
        self._pending: Files = ()  # what waits for a word that it may be written over
        self._has_page = has_page
        self._making, self._writing = Background(start), Background(start)
        super().__init__(session)
        # A fit tells also what it has measured, which no field of the session holds.
        self.follow(self.live, self.clicked(self._make), ["generation", "result", "wishes"])

    def _build(self) -> Sequence[widgets.Widget]:
        self.add_class("nw-export-panel")
        self.kinds = widgets.ToggleButtons(
            options=[(kind.label, kind) for kind in KINDS],
            style={"button_width": "150px"},
            layout=widgets.Layout(flex="1 1 164px", width="auto"),
        )
        self.kinds.add_class("nw-export-kinds")
        self.kinds.observe(self.clicked(self._kind_chosen), "value")
        self.engine = widgets.Dropdown(
            options=_ENGINES, description="Runs with", style={"description_width": "66px"},
            layout=widgets.Layout(width="290px"),
        )  # fmt: skip
        self.engine.observe(self.clicked(self._make), "value")
        self.about = widgets.HTML(layout=widgets.Layout(flex="1 1 240px", min_width="0"))
        self.about.add_class("nw-export-about")
        self.code = CodeBox(rows=20)
        self.code.layout.width = "100%"
        self._page = PageWatch(
            self.code.view, self.guarded(self._page_told), has_page=self._has_page
        )
        right = widgets.VBox(
            (_row(self.engine, self.about), self._buttons(), self.code),
            layout=widgets.Layout(flex="100 1 420px", min_width="0"),
        )
        self.body = widgets.HBox((self.kinds, right), layout=widgets.Layout(width="100%"))
        # What is said is read where the buttons are, above code of any length.
        return (self.strip, self.body, widgets.HTML(_STYLE))

    def _buttons(self) -> widgets.Widget:
        self.write = _button("Write", "into the work folder", style="primary")
        self.write_all = _button("Write all", "everything that can be written, at once")
        self.replace = _button("Replace", "write over what is there", style="warning")
        self.replace.layout.display = "none"
        self.write.on_click(self.clicked(self._write))
        self.write_all.on_click(self.clicked(self._write_all))
        self.replace.on_click(self.clicked(self._replace))
        self.folder = widgets.HTML(layout=widgets.Layout(flex="1 1 240px", min_width="0"))
        self.folder.add_class("nw-export-about")
        return _row(self.write, self.write_all, self.replace, self.folder)

    def close(self) -> None:
        """Let go of session, fit and front end."""
        self._page.close()
        self._making.cancel()
        super().close()

    @property
    def kind(self) -> Kind:
        """The kind that is shown."""
        kind = self.kinds.value
        assert isinstance(kind, Kind)  # of its options
        return kind

    # -- what is shown --------------------------------------------------------------------

    def _show(self, fields: Sequence[str]) -> None:
        if "work_dir" in fields:
            self.folder.value = f"into {html.escape(str(self._place()))}"
        self._make()

    def _kind_chosen(self) -> None:
        self.strip.clear()
        self._make()

    def _make(self) -> None:
        """Make what is shown of the session as it is now."""
        self._ask_no_more()
        kind, engine = self.kind, str(self.engine.value)
        self.engine.layout.display = None if kind.has_engine else "none"

        def work(_: threading.Event) -> _Made:
            return _made(kind, self.session, engine)

        self._making.run(
            work,
            done=self.guarded(lambda made: self._put(kind, made)),
            failed=self.guarded(self.strip.fail),
        )

    def _put(self, kind: Kind, made: _Made) -> None:
        self.made = made
        names = ", ".join(file.name for file in made.files)
        self.write.disabled = not made.files
        self.write.description = f"Write {names}" if len(made.files) == 1 else "Write"
        lacks = f"<div class='nw-export-lacks'>{html.escape(made.missing)}</div>"
        self.about.value = html.escape(kind.about) + (lacks if made.missing else "")
        self.code.layout.display = None if made.files else "none"
        self.code.show(_shown(made), label=kind.copied or kind.label)

    def _page_told(self) -> None:
        """Do without a view of our own where the page has none."""
        self.code.show_plainly(plain=self._page.lacks_the_view)

    # -- writing --------------------------------------------------------------------------

    def _place(self) -> Path:
        return Path(self.session.work_dir).expanduser().absolute()

    def _write(self) -> None:
        self._put_down(self.made.files, "")

    def _write_all(self) -> None:
        """Write every kind that can be made, and say why the others cannot."""
        engine = str(self.engine.value)

        def work(_: threading.Event) -> list[tuple[Kind, _Made]]:
            return [(kind, _made(kind, self.session, engine)) for kind in KINDS]

        def done(found: list[tuple[Kind, _Made]]) -> None:
            files = {file.name: file for _, made in found for file in made.files}
            missing = [f"{kind.label}: {made.missing}" for kind, made in found if made.missing]
            self._put_down(files.values(), "".join(f"\nNot written: {text}" for text in missing))

        self._writing.run(work, done=self.guarded(done), failed=self.guarded(self.strip.fail))

    def _put_down(self, files: Iterable[OutFile], more: str) -> None:
        """Write files; what is in the way of one waits for a word."""
        folder = self._place()
        waiting = tuple(file for file in files if file.is_in_the_way(folder))
        written = [file for file in files if file not in waiting]
        for file in written:
            file.write(folder)
        words = [f"Written into {folder}: {_names(written)}."] if written else []
        if waiting:
            words.append(
                f"There already, with another content: {_names(waiting)}. Press Replace to write "
                "over it."
            )
        self._ask(waiting)
        tell = self.strip.warn if waiting or more else self.strip.say
        tell(" ".join(words) + more)

    def _replace(self) -> None:
        folder, files = self._place(), self._pending
        self._ask_no_more()
        for file in files:
            file.write(folder, overwrite=True)
        self.strip.say(f"Replaced in {folder}: {_names(files)}.")

    def _ask(self, waiting: Files) -> None:
        self._pending = waiting
        self.replace.layout.display = None if waiting else "none"
        self.replace.description = f"Replace {_names(waiting)}" if len(waiting) == 1 else "Replace"

    def _ask_no_more(self) -> None:
        self._ask(())


def _made(kind: Kind, session: Session, engine: str) -> _Made:
    try:
        return _Made(files=kind.make(session, engine))
    except NustarWidgetsError as missing:
        return _Made(missing=str(missing))


def _shown(made: _Made) -> str:
    """Return what people see of files: that of one, or each under its name."""
    if len(made.files) == 1:
        return made.files[0].preview
    return "\n".join(f"# {file.name}\n{file.preview}" for file in made.files)


def _names(files: Iterable[OutFile]) -> str:
    return ", ".join(file.name for file in files)


def _button(label: str, tooltip: str, *, style: str = "") -> widgets.Button:
    layout = widgets.Layout(width="auto")
    return widgets.Button(description=label, tooltip=tooltip, button_style=style, layout=layout)


def _row(*parts: widgets.Widget) -> widgets.HBox:
    return widgets.HBox(parts, layout=widgets.Layout(width="100%", align_items="center"))
