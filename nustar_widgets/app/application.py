"""One application: the panels of an analysis around one session, and what comes next."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Final

import ipywidgets as widgets
import traitlets

from nustar_widgets.app import acting, steps
from nustar_widgets.app.appbar import AppBar
from nustar_widgets.app.barstate import bar_state
from nustar_widgets.app.lookout import Lookout
from nustar_widgets.app.nextstep import Act, first_step, next_step
from nustar_widgets.app.place import Place
from nustar_widgets.app.plainbar import PlainBar
from nustar_widgets.app.sessions import (
    WORK,
    new_folder,
    recent_rows,
    saved_words,
    session_at,
    session_or_new,
)
from nustar_widgets.app.situation import Data, Situation, data_of
from nustar_widgets.opening import open_sample
from nustar_widgets.panels.background import Background, Starter, on_a_thread
from nustar_widgets.panels.base import Panel
from nustar_widgets.panels.cells import current_run
from nustar_widgets.panels.keptline import TOLD, KeptLine
from nustar_widgets.panels.page import PageWatch, lacking
from nustar_widgets.panels.stills.still import Still
from nustar_widgets.session.session import Session

if TYPE_CHECKING:
    from nustar_widgets.session.keeping import Keeping

_OF_KEEPING: Final = ("saved", "problem", "path")
_LACKING: Final = lacking("the bar of the application", "plain buttons")


class App(Panel):
    """The panels around one session, with what comes next.

    It holds nothing but which step is open: what was chosen is in the session, which is kept on
    disk. A step's panel is made when it is first opened, and rests while another one is seen.

    Parameters
    ----------
    session
        A session; a session file or a work folder; by default the session that is kept in ``work``
        in the present folder, or a new one there.
    start
        How slow work is started.
    has_page
        Whether a page is to show it; asked of IPython where ``None``.

    Examples
    --------
    >>> app = App()  # doctest: +SKIP
    >>> app.session.edit("bin the light curve", bin_s=256.0)  # doctest: +SKIP
    """

    PRODUCTS: ClassVar[str] = ""  # its panels say it

    step = traitlets.Unicode("", help="Key of the step that is open")

    def __init__(
        self,
        session: Session | str | Path | None = None,
        *,
        start: Starter = on_a_thread,
        has_page: bool | None = None,
    ) -> None:
        self._start = start
        self._has_page = current_run() is not None if has_page is None else has_page
        self._drawing = threading.Lock()
        self._working = Background(start)
        self._busy = ""
        self._recent: list[dict[str, Any]] = []
        self._places: dict[str, Place] = {}
        self._said_at = 0  # revision of the session when the strip was last written
        found, self.keeping, trouble = (
            session_or_new(Path.cwd() / WORK) if session is None else (*session_at(session), "")
        )
        self.lookout = self._looking_at(found, self.keeping)
        super().__init__(found)
        self._begin()
        if trouble:
            self.strip.fail(trouble)

    def _build(self) -> Sequence[widgets.Widget]:
        self.add_class("nw-app")
        self.bar = AppBar(self._state(), command=self.command, guarded=self.guarded)
        self.plain: PlainBar | None = None
        self._page = PageWatch(self.bar, self.guarded(self._page_told), has_page=self._has_page)
        self.head = widgets.VBox((self.bar, self.strip), layout=widgets.Layout(width="100%"))
        self.panes = widgets.VBox(layout=widgets.Layout(width="100%"))
        self.panes.add_class("nw-app-panes")
        return (self.head, self.panes)

    def _show(self, fields: Sequence[str]) -> None:
        """Show the bar; the panels show the session."""
        self._show_bar()

    def close(self) -> None:
        """Let go of everything; jobs go on, and the session stays kept."""
        self.lookout.close()
        self._page.close()
        self._working.cancel()
        super().close()

    def stills(self) -> Sequence[Still]:
        """Return what the open panel shows."""
        panel = self.panel(self.step)
        return super().stills() if panel is None else tuple(panel.stills())

    @property
    def still_is_whole(self) -> bool:
        """Whether the results of the open panel are there, or cannot be."""
        panel = self.panel(self.step)
        return panel is None or bool(panel.still_is_whole)

    # -- sessions -------------------------------------------------------------------------

    def turn_to(self, session: Session | str | Path) -> None:
        """Show another session instead.

        Parameters
        ----------
        session
            A session; a session file or a work folder.

        Raises
        ------
        SessionError
            What is kept there cannot be read; what was shown stays.
        """
        found, keeping = session_at(session)
        if found is self.session:
            return
        self._working.cancel()
        self.lookout.close()
        places, self._places = self._places, {}
        self.leave_keeping()
        self.session, self.keeping, self._tells_keeping = found, keeping, True
        self.follow(keeping, lambda _: self._show_keeping(), TOLD)
        self.lookout = self._looking_at(found, keeping)
        self.strip.clear()
        self._begin()
        for place in places.values():
            place.close_all()

    def _looking_at(self, session: Session, keeping: Keeping) -> Lookout:
        lookout = Lookout(session, told=self._situated, start=self._start)
        lookout.follow(keeping, _OF_KEEPING)
        lookout.glance()
        return lookout

    def _begin(self) -> None:
        """Open the step where one is."""
        self._recent = recent_rows(self.keeping)
        self._show_keeping()
        self.go_to(first_step(self.lookout.situation))
        self.lookout.ask()

    # -- steps ----------------------------------------------------------------------------

    def go_to(self, step: str) -> None:
        """Open a step.

        Parameters
        ----------
        step
            Its key, as ``regions``.
        """
        if step not in self._places:
            self._places[step] = Place(steps.step_of(step))
        self.step = step
        for key, place in self._places.items():
            if key != step:
                place.hide()
        self._show_bar()
        self._lay_out()
        self._places[step].show(self.session, has_page=self._has_page, start=self._start)
        if (opened := self.panel(step)) is not None:
            opened.still_told = self.still_changed
            self.still_changed()
        if step == steps.FIT and (panel := self.panel(step)) is not None:
            self.lookout.follow_fit(panel.live)

    def panel(self, step: str) -> Any:
        """Return the panel of a step; ``None`` while it was not opened yet.

        Parameters
        ----------
        step
            Its key.
        """
        place = self._places.get(step)
        return None if place is None else place.panel

    def _lay_out(self) -> None:
        """Put everything where it belongs; what stays in its place is not drawn again."""
        with self._placing:
            bar = self.bar if self.plain is None else self.plain
            self.head.children = tuple(part for part in (bar, self.kept, self.strip) if part)
            self.panes.children = tuple(self._places.values())  # as they were opened

    def _place_kept(self, kept: KeptLine) -> None:
        self._lay_out()

    # -- the bar --------------------------------------------------------------------------

    def command(self, asked: dict[str, Any]) -> None:
        """Do what was clicked in the bar.

        Parameters
        ----------
        asked
            As `AppBar` tells it.
        """
        self._has_page = True  # or nobody could have clicked
        self.strip.clear()
        self._said_at = self.session.revision
        match asked.get("kind"):
            case "open":
                self.go_to(str(asked.get("step")))
            case "next":
                self._go_on(str(asked.get("act")))
            case "undo":
                self.session.undo()
            case "redo":
                self.session.redo()
            case "menu":
                self._recent = recent_rows(self.keeping)
                self._show_bar()
            case "recent":
                self.turn_to(str(asked.get("path")))
            case "new":
                self.turn_to(self._new_folder())
            case "sample":
                self.open_sample()

    def _go_on(self, act: str) -> None:
        """Do what comes next, if that is still what the button said."""
        following = next_step(self.lookout.situation)
        if act != following.act:
            self._show_bar()
            return
        self.go_to(following.step)
        match following.act:
            case Act.SUGGEST:
                self.take_suggestion()
            case Act.RUN:
                self.run()
            case Act.FIT | Act.RANGES:
                panel = self.panel(steps.FIT)
                if panel is not None:
                    panel.run(lambda: acting.fit(panel.live, ranges=following.act is Act.RANGES))

    def _situated(self, _: Situation) -> None:
        if self.strip.text and self.session.revision != self._said_at:
            self.strip.clear()  # what was said is of a step before
        self.guarded(self._show_bar)()
        self.still_changed()

    def _show_bar(self) -> None:
        with self._drawing:  # the lookout tells on a thread of its own
            state = self._state()
            self.bar.show(state)
            if self.plain is not None:
                self.plain.show(state)

    def _state(self) -> dict[str, Any]:
        return bar_state(
            self.lookout.session,
            self.lookout.situation,
            step=self.step,
            undo=self.lookout.undo,
            redo=self.lookout.redo,
            saved=saved_words(self.keeping),
            recent=self._recent,
            busy=self._busy,
        )

    def _page_told(self) -> None:
        """Do without a view of our own where the page has none."""
        self.plain = None
        if self._page.lacks_the_view:
            self.plain = PlainBar(command=self.command, guarded=self.guarded, told=_LACKING)
        self._show_bar()
        self._lay_out()

    # -- what the buttons do --------------------------------------------------------------

    def take_suggestion(self) -> None:
        """Take the suggested regions where there are none: one undo step."""
        session = self.session

        def done(words: Sequence[str]) -> None:
            self.strip.say("\n".join(words))

        self._do(
            "looking for the source",
            lambda: acting.take_suggestion(session, self._tell_busy), done,
        )  # fmt: skip

    def run(self) -> None:
        """Put what is to be run into the queue."""
        session = self.session
        self._do("asking for the jobs", lambda: acting.run(session), lambda _: None)

    def open_sample(self) -> None:
        """Open the simulated observation: in this session if it has no data, else in a new one."""
        if data_of(self.session) is not Data.NONE:
            self.turn_to(self._new_folder())
        session = self.session

        def done(_: Any) -> None:
            if self.session is session:
                self.go_to(steps.REGIONS)

        self._do(
            "simulating an observation",
            lambda: open_sample(session, Path.cwd(), progress=self._tell_busy), done,
        )  # fmt: skip

    def _new_folder(self) -> Path:
        path = self.keeping.path
        return new_folder(Path(path).parent if path else Path.cwd() / WORK)

    def _do(self, words: str, work: Callable[[], Any], done: Callable[[Any], Any]) -> None:
        """Do something slow beside the kernel, and say so meanwhile."""
        self._tell_busy(words)

        def finished(act: Callable[[Any], Any]) -> Callable[[Any], None]:
            def call(outcome: Any) -> None:
                self._tell_busy("")
                self.guarded(act)(outcome)
                self._said_at = self.session.revision

            return call

        self._working.run(lambda _: work(), done=finished(done), failed=finished(self.strip.fail))

    def _tell_busy(self, words: str) -> None:
        self._busy = words
        self._show_bar()
