"""The plain way to let a slider move a model: a FloatSlider, two bqplot figures, a callback."""

from __future__ import annotations

CELL = """
np.seterr(all="ignore")  # bins without counts
engine = made_engine()
engine.set(START)
x = bqplot.LogScale(min=3.0, max=79.0)
y, z = bqplot.LogScale(min=1e-5, max=1.0), bqplot.LinearScale(min=-6.0, max=6.0)
colours = ["#1f5f8b", "#c2410c"]

def crosses(middle, low, high):
    gap = np.full(middle.size, np.nan)
    return np.stack([middle, middle, gap], 1).ravel(), np.stack([low, high, gap], 1).ravel()

def rate(data, counts):
    return counts / data.source_exposure / (data.hi_kev - data.lo_kev)

def lines(scale, rows, **more):
    pairs = [np.stack(each) for each in zip(*rows)]
    return bqplot.Lines(x=pairs[0], y=pairs[1], scales={"x": x, "y": scale}, colors=colours, **more)

def points():
    for data in engine.datasets:
        error = np.sqrt(data.variance())
        ends = [np.maximum(rate(data, data.net_counts + side * error), 1e-9) for side in (-1, 1)]
        yield crosses((data.lo_kev + data.hi_kev) / 2, *ends)

def models():
    counts = engine.counts()
    return [(d.lo_kev, rate(d, each)) for d, each in zip(engine.datasets, counts)]

def residuals():
    for data, counts in zip(engine.datasets, engine.counts()):
        off = (data.net_counts - counts) / np.sqrt(data.variance())
        yield crosses((data.lo_kev + data.hi_kev) / 2, off - 1, off + 1)

def figure(scale, label, *marks):
    axes = [bqplot.Axis(scale=x, label="Energy [keV]"),
            bqplot.Axis(scale=scale, side="left", label=label)]
    return bqplot.Figure(marks=list(marks), axes=axes, animation_duration=0)

model = lines(y, models(), interpolation="step-after")
left = lines(z, residuals())
data_figure = figure(y, "counts / s / keV", lines(y, points()), model)
residual_figure = figure(z, "(data - model) / error", left)
data_figure.add_class("nw-plain-data")
residual_figure.add_class("nw-plain-residuals")
data_figure.layout.height, residual_figure.layout.height = "300px", "190px"
data_figure.layout.width = residual_figure.layout.width = "900px"
slider = ipywidgets.FloatSlider(
    value=START["cutoffpl.PhoIndex"], min=0.5, max=3.5, step=0.001,
    layout=ipywidgets.Layout(width="480px"))

spent = []

def moved(change):
    start = time.perf_counter()
    engine.set({"cutoffpl.PhoIndex": change["new"]})
    model.y = np.stack([each for _, each in models()])
    left.y = np.stack([each for _, each in residuals()])
    spent.append(time.perf_counter() - start)

slider.observe(moved, "value")
ipywidgets.VBox([slider, data_figure, residual_figure])
"""
"""A cell that shows it; needs ``made_engine``, ``START``, time, NumPy, bqplot and ipywidgets."""
