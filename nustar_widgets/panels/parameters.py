"""The parameters of the tasks: few at first, all findable, with the calls they stand for."""

from __future__ import annotations

import html
import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar, Final

import ipywidgets as widgets

from nustar_widgets.calls.choices import entered, is_run, reset, switched
from nustar_widgets.calls.current import TaskHere, calls_now, tasks_here
from nustar_widgets.calls.links import Edit
from nustar_widgets.calls.lookahead import region_findings
from nustar_widgets.calls.preflight import Remedy, preflight
from nustar_widgets.calls.presets import Preset
from nustar_widgets.calls.presets import changes as changes_for
from nustar_widgets.calls.rows import RowState, rows_of
from nustar_widgets.calls.states import states_of
from nustar_widgets.errors import ParameterError
from nustar_widgets.live.observation import LiveObservation
from nustar_widgets.panels.background import Background, Starter, on_a_thread
from nustar_widgets.panels.base import Panel
from nustar_widgets.panels.checklist import CheckList
from nustar_widgets.panels.forms.callbox import CallBox
from nustar_widgets.panels.forms.formview import FormView
from nustar_widgets.panels.forms.plainform import PlainForm
from nustar_widgets.panels.forms.presetbar import PresetBar
from nustar_widgets.panels.forms.taskbar import TaskBar
from nustar_widgets.panels.page import PageWatch, lacking
from nustar_widgets.panels.stills.choices import titled
from nustar_widgets.panels.stills.still import Still
from nustar_widgets.session.session import Session

_LACKING: Final = lacking("the form", "one parameter at a time")
_WIDTH: Final = "772px"  # most of the form: what is beside it has the rest


class ParameterPanel(Panel):
    """Parameters of nupipeline, nuproducts and ftgrouppha, and the calls they stand for.

    Parameters
    ----------
    session
        The session. A value entered goes where the choice lives; see `nustar_widgets.calls`.
    presets
        Folder of the user's own presets; the one for configuration by default.
    start
        How slow work is started.
    has_page
        Whether a page is to show the panel; asked of IPython where ``None``.

    Examples
    --------
    >>> panel = ParameterPanel(Session())  # doctest: +SKIP
    """

    FIELDS: ClassVar[tuple[str, ...]] = (
        "target", "obsid", "data_dir", "inputs", "modules", "work_dir", "regions", "band_kev",
        "bin_s", "user_gti", "pipeline", "products", "grouping", "layout", "engine",
    )  # fmt: skip

    def __init__(
        self,
        session: Session,
        *,
        presets: Path | None = None,
        start: Starter = on_a_thread,
        has_page: bool | None = None,
    ) -> None:
        self.live = LiveObservation.of(session)
        self.here: dict[str, TaskHere] = {}
        """Who does each task."""
        self._folder, self._has_page, self._loading = presets, has_page, Background(start)
        self._calling = threading.Lock()
        self._refused: dict[str, str] = {}  # why, by the parameter that was entered
        self._put_off: tuple[tuple[str, Any], ...] | None = None  # nupipeline's, while it is off
        super().__init__(session)
        self.follow(self.live, self._on_regenerated, ["generation"])

    def _build(self) -> Sequence[widgets.Widget]:
        self.add_class("nw-parameter-panel")
        self.bar = TaskBar(
            chosen=self.guarded(self._task_chosen),
            wished=self.guarded(self._engine_wished),
            switched=self.guarded(self._switched),
        )
        self.presets = PresetBar(
            self.session, applied=self._preset_chosen, told=self.strip.say,
            clicked=self.clicked, folder=self._folder,
        )  # fmt: skip
        self.form = FormView(
            edited=self._edited, reset=self._reset, folder=self._work_dir, guarded=self.guarded
        )
        self.plain: PlainForm | None = None
        self._page = PageWatch(self.form, self.guarded(self._page_told), has_page=self._has_page)
        self.call = CallBox(chosen=self.guarded(self._show_code))
        self.checks = CheckList(
            mend=self._mend, clicked=self.clicked, look=self._look,
            good="Nothing stands in the way of a run.",
        )  # fmt: skip
        self.told = widgets.HTML()
        self.place = widgets.VBox(
            layout=widgets.Layout(flex="100 1 400px", max_width=_WIDTH, min_width="0")
        )
        beside = widgets.VBox(
            (self.call, self.checks),
            layout=widgets.Layout(flex="1 1 380px", min_width="0"),
        )
        below = widgets.HBox((self.place, beside), layout=widgets.Layout(width="100%"))
        return (self.presets, self.bar, below)

    def close(self) -> None:
        """Let go of session, counts and front end."""
        self._page.close()
        super().close()

    def stills(self) -> Sequence[Still]:
        """Return the call that is shown, and what stands in its way."""
        title = titled(f"Parameters of {self.task}", self.session)
        words = tuple(check.text for check in self.checks.checks or ())
        return (Still(title=title, words=words, code=self.call.code.code),)

    # -- the session changes --------------------------------------------------------------

    def _show(self, fields: Sequence[str]) -> None:
        if "engine" in fields:
            self.here = tasks_here(self.session.engine)
            self._show_form()
        if "inputs" in fields and not self.live.is_loaded and self._has_events():
            self._loading.run(
                lambda _: self.live.load(), done=lambda _: None, failed=lambda _: None
            )
        self.bar.show(self.session, self.here)
        self._show_states()
        self._show_calls()

    def _has_events(self) -> bool:
        return any(item.events for item in self.session.inputs)

    @property
    def task(self) -> str:
        """The task whose form is shown."""
        return self.bar.task

    def _show_form(self) -> None:
        """Show the form of another task, or of another engine's."""
        self._refused.clear()
        spec = self.here[self.task].spec
        if spec is not None:
            for form in self._forms():
                form.show_form(self.task, rows_of(spec))
        self._show_place()

    def _forms(self) -> tuple[FormView | PlainForm, ...]:
        return (self.form,) if self.plain is None else (self.form, self.plain)

    def _show_place(self) -> None:
        here = self.here[self.task]
        if here.spec is None:
            self.told.value = _missing(here)
            self.place.children = (self.told,)
        elif self.plain is not None:
            self.told.value = f"<small>{_LACKING}</small>"
            self.place.children = (self.told, self.plain)
        else:
            self.place.children = (self.form,)

    def _page_told(self) -> None:
        """Do without a view of our own where the page has none."""
        self.call.code.show_plainly(plain=self._page.lacks_the_view)
        self.plain = None
        if self._page.lacks_the_view:
            self.plain = PlainForm(edited=self._edited, reset=self._reset, guarded=self.guarded)
        self._show_form()
        self._show_states()

    def _show_states(self) -> None:
        asked = self._asked_for()
        now = calls_now(asked, self.here)
        states = states_of(asked, self.task, self.bar.module, here=self.here, now=now)
        shown = {name: self._with_refusal(name, state) for name, state in states.items()}
        for form in self._forms():
            form.show_states(shown)

    def _asked_for(self) -> Session:
        """Return the session as it would be if the task were run: its form is never empty."""
        changes = {}
        if not is_run(self.session, self.task):
            changes = switched(self.session, self.task, on=True)
        return Session(**{**self.session.snapshot(), **changes})

    def _with_refusal(self, name: str, state: RowState) -> RowState:
        return replace(state, problem=self._refused[name]) if name in self._refused else state

    def _show_calls(self) -> None:
        # The event lists are read on another thread, and what was looked at last is to be seen
        # last. Under this lock nothing waits for that of the session.
        with self._calling:
            now = calls_now(self.session, self.here)
            self.call.show(now, self.task, self.bar.module, about=self._about())
            found = region_findings(self.session, now)
            self.checks.show(preflight(self.session, here=self.here, now=now, findings=found))

    def _show_code(self) -> None:
        now = calls_now(self.session, self.here)
        self.call.show(now, self.task, self.bar.module, about=self._about())

    def _about(self) -> str:
        target = self.session.target
        return target.name if target is not None else ""

    def _on_regenerated(self, _: Any) -> None:
        self.guarded(self._show_calls)()

    # -- the user -------------------------------------------------------------------------

    def _task_chosen(self) -> None:
        self._show_form()
        self.bar.show(self.session, self.here)
        self._show_states()
        self._show_code()

    def _engine_wished(self, wish: str) -> None:
        self.commit(f"run with {wish}", engine=wish)

    def _switched(self, on: bool) -> None:
        changes = switched(self.session, self.task, on=on)
        if self.task == "nupipeline":
            changes = self._remembered(changes)
        if changes:
            self.commit(f"{'run' if on else 'do not run'} {self.task}", **changes)

    def _remembered(self, changes: Mapping[str, Any]) -> dict[str, Any]:
        """Give nupipeline its parameters back when it is switched on again."""
        if "pipeline" not in changes:
            return {}
        put_off, self._put_off = self._put_off, self.session.pipeline
        return {"pipeline": put_off or () if changes["pipeline"] is not None else None}

    def _edited(self, name: str, text: str) -> None:
        spec = self.here[self.task].spec
        if spec is None:
            return
        try:
            edit = Edit(name=name, value=text, module=self.bar.module)
            changes = entered(self.session, spec, edit)
        except ParameterError as refused:
            self._refused[name] = refused.problem
            self._show_states()
            return
        self._refused.pop(name, None)
        was_run = is_run(self.session, self.task)
        self.commit(f"set {name}={text}", **changes)
        if not was_run and is_run(self.session, self.task):
            self.strip.say(f"{self.task} will be run: one of its parameters was set")
        self._show_states()  # also where nothing has changed: a refusal goes

    def _reset(self, names: tuple[str, ...]) -> None:
        for name in names:
            self._refused.pop(name, None)
        what = names[0] if len(names) == 1 else f"{len(names)} parameters of {self.task}"
        self.commit(f"reset {what}", **reset(self.session, self.task, names))
        self._show_states()

    def _preset_chosen(self, preset: Preset) -> None:
        if self.commit(f"preset {preset.name}", **changes_for(self.session, preset)):
            self.strip.say(f"{preset.name}: {preset.about}")

    def _mend(self, remedy: Remedy) -> None:
        self.commit(remedy.label, **remedy.changes)

    def _look(self, task: str, name: str) -> None:
        if task != self.task:
            self.bar.task = task
        for form in self._forms():
            form.show_parameter(name)

    def _work_dir(self) -> Path:
        return Path(self.session.work_dir).absolute()


def _missing(here: TaskHere) -> str:
    """Say what a task needs that is not here, and how to get it."""
    return (
        f'<div style="line-height:1.5;padding:8px"><b>{here.task} cannot be run here.</b><br>'
        f"{html.escape(here.note[:1].upper() + here.note[1:])}.<br>Where HEASoft is not installed, "
        "<code>nustar_widgets.doctor()</code> writes the lines that install it.</div>"
    )
