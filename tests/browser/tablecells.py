"""Cells that show a parameter table, with a few lines of Python in an engine's place."""

from __future__ import annotations

STANDIN = """
import ipywidgets
from dataclasses import replace
from nustar_widgets.errors import ParameterError
from nustar_widgets.panels.base import MessageStrip
from nustar_widgets.panels.fitting.parameterrow import ParameterRow, RowResult
from nustar_widgets.panels.fitting.parametertable import ParameterTable
from nustar_widgets.panels.fitting.sliderrange import slider_range

def row(name, value, low, high, soft=None, component="powerlaw", group=1, **more):
    label = name.split(".")[1].split("[")[0]
    slider = slider_range(label, value, hard=(low, high), soft=soft)
    return ParameterRow(
        name=name, component=component, label=label, group=group, value=value, min=low, max=high,
        slider_low=slider.low, slider_high=slider.high, log=slider.log, **more)

def model():
    cal = {"component": "constant", "component_meaning": "factor between the modules"}
    absorber = {"component": "tbabs", "component_meaning": "absorption by the Galaxy"}
    cut = {"component": "cutoffpl", "component_meaning": "power law with a cut-off"}
    line = {"component": "gaussian", "component_meaning": "Gaussian line"}
    def both(name, *words, **more):
        return [row(name, *words, **more),
                row(name + "[2]", *words, group=2, link=name, **more)]
    return [*(
        row("constant.factor", 1.0, 0.0, 1e10, frozen=True, meaning="factor", **cal),
        row("constant.factor[2]", 1.0, 0.0, 1e10, group=2, meaning="factor", **cal),
        ),
        *both("tbabs.nH", 1.0, 0.0, 1e6, (0.0, 1e5), unit="10^22",
              meaning="hydrogen column [1e22 cm^-2]", **absorber),
        *both("cutoffpl.PhoIndex", 1.8, -3.0, 10.0, (-2.0, 9.0), meaning="photon index", **cut),
        *both("cutoffpl.HighECut", 60.0, 0.01, 1e6, (1.0, 500.0), unit="keV",
              meaning="e-folding energy", **cut),
        *both("cutoffpl.norm", 2e-3, 0.0, 1e24, (0.0, 1e20), unit="photons/keV/cm^2/s",
              meaning="photons/keV/cm^2/s at 1 keV", **cut),
        *both("gaussian.LineE", 6.4, 0.0, 1e6, (0.0, 1e6), unit="keV", meaning="line energy",
              frozen=True, **line),
        *both("gaussian.norm", 1e-5, 0.0, 1e24, (0.0, 1e20), unit="photons/cm^2/s",
              meaning="photons/cm^2/s in the line", **line),
    ]

class Standin:
    '''Keeps what was set, refuses what is outside the limits.'''

    def __init__(self, rows, kind=ParameterTable):
        self.first = {row.name: row for row in rows}
        self.rows, self.drags, self.heard = dict(self.first), [], []
        self.strip = MessageStrip()
        self.table = kind(dragged=self.dragged, changed=self.changed, guarded=self.guarded)
        self.tell()

    def guarded(self, callback):
        def call(*arguments):
            try:
                callback(*arguments)
            except Exception as error:
                self.strip.fail(error)
        return call

    def values(self):
        values = {name: row.value for name, row in self.rows.items()}
        for name, row in self.rows.items():
            factor, _, lead = row.link.rpartition("*")
            if row.link:
                values[name] = float(factor or 1) * values[lead]
        return values

    def dragged(self, values, hold=None):
        if values:
            self.drags.append(values)
        for name, value in values.items():
            self.rows[name] = replace(self.rows[name], value=value)
        self.table.show_values(self.values())

    def changed(self, name, what, value):
        self.heard.append((name, what, value))
        row = self.rows[name]
        if what == "reset":
            row = self.first[name]
        elif what == "link" and value and value.rpartition("*")[2] not in self.rows:
            raise ParameterError(name, f"link {value!r} names no parameter of this model")
        elif what == "value" and not row.min <= value <= row.max:
            raise ParameterError(name, f"{value:g} is outside {row.min:g} to {row.max:g}")
        else:
            row = replace(row, **{what: value})
        self.rows[name] = row
        self.tell()

    def tell(self):
        values = self.values()
        self.table.show_rows([replace(row, value=values[row.name]) for row in self.rows.values()])
"""
SHOWN = """
standin = Standin(model())
standin.table.layout.width = "520px"
box = ipywidgets.VBox([standin.table, standin.strip])
box
"""
FITTED = """
standin.table.show_results({
    "cutoffpl.PhoIndex": RowResult(value=1.8, error_low=1.752, error_high=1.8513, sigma=0.03),
    "cutoffpl.norm": RowResult(value=2e-3, error_low=1.88e-3, error_high=2.13e-3),
    "tbabs.nH": RowResult(value=1.0, error_high=1.4, warnings=("hit the lower limit",)),
    "cutoffpl.HighECut": RowResult(value=60.0, sigma=4.2),
    "constant.factor[2]": RowResult(value=1.0, sigma=0.011),
    "gaussian.norm": RowResult(value=1e-5, at_limit=True),
}, heading="90 %")
"""
MANY = """
rows = [row(f"gaussian_{i}.{label}", value, 0.0, 1e6, component=f"gaussian_{i}", unit="keV",
            component_meaning="Gaussian line")
        for i in range(1, 35) for label, value in (("LineE", 6.4), ("Sigma", 0.1), ("norm", 1e-4))]
standin = Standin(rows)
standin.table
"""
XSS_ROWS = """
BAD = "<img src=x onerror=document.title='hacked'>"
said = {"component_meaning": BAD, "meaning": BAD, "unit": BAD, "component": BAD}
one = row("a.b", 1.0, 0.0, 2.0, **said, warnings=(BAD,))
two = row("a.c", 1.0, 0.0, 2.0, **{**said, "link": BAD})
table = ParameterTable(dragged=print, changed=print, guarded=lambda call: call)
table.show_rows([one, two])
table.show_results({"a.b": RowResult(value=1.0, sigma=1.0, warnings=(BAD,))}, heading=BAD)
table.show_problem("a.b", BAD)
table
"""
