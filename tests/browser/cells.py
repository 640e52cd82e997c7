"""Cells that show one widget of each kind the panels are made of, and where they are drawn."""

from __future__ import annotations

SLIDER = """
import ipywidgets
slider, told = ipywidgets.IntSlider(), ipywidgets.Label("none")
slider.observe(lambda change: setattr(told, "value", f"at {change['new']}"), "value")
ipywidgets.VBox([slider, told])
"""
FIGURE = """
import bqplot
scales = {"x": bqplot.LinearScale(), "y": bqplot.LinearScale()}
line = bqplot.Lines(x=[1, 2, 3], y=[1, 4, 9], scales=scales)
axes = [bqplot.Axis(scale=scales["x"]), bqplot.Axis(scale=scales["y"], orientation="vertical")]
figure = bqplot.Figure(marks=[line], axes=axes, animation_duration=0)
figure
"""
TABLE = """
import itables.widget, pandas
rows = pandas.DataFrame({"name": ["b", "c", "a"], "exposure": [20, 30, 10]})
table = itables.widget.ITable(rows, select="single", maxBytes=0)
table
"""
PAN_ZOOM = "figure.interaction = bqplot.PanZoom(scales={'x': [scales['x']]})"
FAST_INTERVAL = """
picked = figure.interaction = bqplot.interacts.FastIntervalSelector(scale=scales["x"], size=100)
"""
BRUSH_INTERVAL = """
picked = figure.interaction = bqplot.interacts.BrushIntervalSelector(scale=scales["x"])
"""

PLOT = ".bqplot .plotarea_events"
LINE = ".bqplot path.line"
# What each interaction puts over the plot: once it is there, the mouse is heard.
PAN_ZOOM_READY = ".bqplot .svg-figure rect[style*='move']"
FAST_INTERVAL_READY = ".bqplot .selectormouse"
BRUSH_INTERVAL_READY = ".bqplot .brushintsel .overlay"
