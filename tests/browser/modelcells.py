"""A cell that shows the model box of a fit, with a few lines of Python in a panel's place."""

from __future__ import annotations

STANDIN = """
import ipywidgets
from nustar_widgets.errors import NustarWidgetsError
from nustar_widgets.fits import edits
from nustar_widgets.fits.templates import applied
from nustar_widgets.panels.base import MessageStrip
from nustar_widgets.panels.fitting.groupingbox import GroupingBox
from nustar_widgets.panels.fitting.modelbox import ModelBox, ModelCalls
from nustar_widgets.session.values import FitChoice
from dataclasses import replace

class Standin:
    '''Keeps a choice and shows what becomes of it.'''

    def __init__(self, **given):
        self.choice, self.heard, self.groupings = FitChoice(**given), [], []
        self.strip = MessageStrip()
        made = lambda what, make: lambda *words: self.change(what, lambda: make(*words))
        field = lambda name: made(name, lambda value: replace(self.choice, **{name: value}))
        calls = ModelCalls(
            expressed=made("expressed", lambda text: edits.with_expression(self.choice, text)),
            templated=made("templated", lambda item: applied(self.choice, item)),
            guess=lambda: self.heard.append("guess"),
            statistic=field("statistic"), abundance=field("abundance"),
            cross_section=field("cross_section"),
            added=made("added", lambda *words: edits.with_component(self.choice, *words)),
            removed=made("removed", lambda name: edits.without_component(self.choice, name)))
        self.box = ModelBox(calls, guarded=self.guarded)
        self.grouping = GroupingBox(grouped=self.grouped, guarded=self.guarded)
        self.box.show(self.choice)

    def guarded(self, callback):
        def call(*arguments):
            try:
                callback(*arguments)
            except Exception as error:
                self.strip.fail(error)
        return call

    def change(self, what, make):
        self.heard.append(what)
        try:
            self.choice = make()
        except NustarWidgetsError as error:
            self.box.show(self.choice, str(error))
        else:
            self.box.show(self.choice)

    def grouped(self, choice):
        self.groupings.append(choice)
        self.grouping.show(choice)
"""
SHOW = """
standin = Standin({given})
ipywidgets.VBox(
    [standin.box, standin.grouping, standin.strip], layout=ipywidgets.Layout(width="460px"))
"""
