"""A cell that shows the form of a task, with a few lines of Python in a session's place."""

from __future__ import annotations

STANDIN = """
from pathlib import Path
import ipywidgets
from nustar_widgets.calls.rows import RowState, rows_of
from nustar_widgets.engines.embedded_spec import embedded_specs
from nustar_widgets.engines.parfile import read_par_file
from nustar_widgets.panels.base import MessageStrip
from nustar_widgets.panels.forms.formview import FormView
from nustar_widgets.panels.forms.plainform import PlainForm
from nustar_widgets.session.taskcall import TaskCall

class Standin:
    '''Keeps what was entered and takes what a specification allows.'''

    def __init__(self, spec, kind=FormView, linked={}, brought=()):
        self.brought = brought
        self.values, self.linked, self.heard, self.problems = {}, linked, [], {}
        self.strip = MessageStrip()
        calls = {"edited": self.edited, "reset": self.reset, "guarded": self.guarded}
        more = {} if kind is PlainForm else {"folder": Path.cwd}
        self.form = kind(**calls, **more)
        self.show(spec)

    def show(self, spec):
        self.spec, self.rows = spec, rows_of(spec)
        self.form.show_form(spec.task, self.rows)
        self.tell()

    def guarded(self, callback):
        def call(*arguments):
            try:
                callback(*arguments)
            except Exception as error:
                self.strip.fail(error)
        return call

    def edited(self, name, text):
        self.heard.append((name, text))
        problem = self.spec.parameter(name).problem(text)
        self.problems.pop(name, None)
        if problem:
            self.problems[name] = problem
        else:
            self.values[name] = text
        self.tell()

    def reset(self, names):
        self.heard.append(("reset", names))
        for name in names:
            self.values.pop(name, None), self.problems.pop(name, None)
        self.tell()

    def state(self, parameter):
        name = parameter.name
        given = {**{one: value for one, (value, _) in self.linked.items()}, **self.values}
        plain, origin = self.linked.get(name, (parameter.default, ""))
        value = self.values.get(name, plain)
        return RowState(
            value=value, usual=plain, is_changed=value != plain,
            origin="" if name in self.values else origin,
            is_brought=name in self.brought and name not in self.values,
            why_not=self.spec.why_inapplicable(name, given) or "",
            problem=self.problems.get(name, ""))

    def tell(self):
        self.form.show_states({one.name: self.state(one) for one in self.spec.parameters})
"""
PRODUCTS = """
standin = Standin(embedded_specs()["nuproducts"], linked={
    "srcregionfile": ("src.reg", "from the regions drawn"), "binsize": ("10", "from the curve")})
outer = ipywidgets.VBox([standin.form, standin.strip])
outer
"""
XSS_ROWS = """
from nustar_widgets.calls.rows import Control, Row
BAD = "<img src=x onerror=document.title='hacked'>"
said = {"help": BAD, "manual": BAD, "prompt": BAD, "unit": BAD, "applies": BAD, "group": BAD}
rows = (
    Row(name="text", control=Control.TEXT, default=BAD, **said),
    Row(name="file", control=Control.FILE, default="x", **said),
    Row(name="choice", control=Control.CHOICE, choices=(BAD, "b"), **said),
)
form = FormView(
    edited=print, reset=print, folder=Path.cwd, guarded=lambda call: call)
form.show_form(BAD, rows)
form.show_states({
    "file": RowState(value=BAD, problem=BAD, origin=BAD),
    "choice": RowState(value=BAD, why_not=BAD)})
form
"""
