"""From a source name to a fitted NuSTAR spectrum without leaving one notebook page.

The names below are the front door; each is imported when it is first used, so importing the
package costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from nustar_widgets.version import __version__

if TYPE_CHECKING:
    from nustar_widgets.analysis import Outcome, Request, demo, run
    from nustar_widgets.app.application import App
    from nustar_widgets.diagnosis import doctor
    from nustar_widgets.export.notebook import to_notebook
    from nustar_widgets.export.python import to_python
    from nustar_widgets.export.shell import to_shell
    from nustar_widgets.fits.spectralfit import SpectralFit
    from nustar_widgets.jobs.plan import plan, submit
    from nustar_widgets.jobs.runner import Runner
    from nustar_widgets.opening import open_in, open_sample
    from nustar_widgets.panels.export import ExportPanel
    from nustar_widgets.panels.fit import FitPanel
    from nustar_widgets.panels.jobs import JobsPanel
    from nustar_widgets.panels.lightcurve import LightCurvePanel
    from nustar_widgets.panels.parameters import ParameterPanel
    from nustar_widgets.panels.search import SearchPanel
    from nustar_widgets.panels.sky import SkyPanel
    from nustar_widgets.session.opensession import open_session
    from nustar_widgets.session.recipe import recipe
    from nustar_widgets.session.session import Session
    from nustar_widgets.simulate import simulate_observation

__all__ = [
    "App",
    "ExportPanel",
    "FitPanel",
    "JobsPanel",
    "LightCurvePanel",
    "Outcome",
    "ParameterPanel",
    "Request",
    "Runner",
    "SearchPanel",
    "Session",
    "SkyPanel",
    "SpectralFit",
    "__version__",
    "demo",
    "doctor",
    "open_in",
    "open_sample",
    "open_session",
    "plan",
    "recipe",
    "run",
    "simulate_observation",
    "submit",
    "to_notebook",
    "to_python",
    "to_shell",
]

_HOMES = {
    "App": ("nustar_widgets.app.application", "App"),
    "ExportPanel": ("nustar_widgets.panels.export", "ExportPanel"),
    "FitPanel": ("nustar_widgets.panels.fit", "FitPanel"),
    "JobsPanel": ("nustar_widgets.panels.jobs", "JobsPanel"),
    "LightCurvePanel": ("nustar_widgets.panels.lightcurve", "LightCurvePanel"),
    "Outcome": ("nustar_widgets.analysis", "Outcome"),
    "ParameterPanel": ("nustar_widgets.panels.parameters", "ParameterPanel"),
    "Request": ("nustar_widgets.analysis", "Request"),
    "Runner": ("nustar_widgets.jobs.runner", "Runner"),
    "SearchPanel": ("nustar_widgets.panels.search", "SearchPanel"),
    "Session": ("nustar_widgets.session.session", "Session"),
    "SkyPanel": ("nustar_widgets.panels.sky", "SkyPanel"),
    "SpectralFit": ("nustar_widgets.fits.spectralfit", "SpectralFit"),
    "demo": ("nustar_widgets.analysis", "demo"),
    "doctor": ("nustar_widgets.diagnosis", "doctor"),
    "open_in": ("nustar_widgets.opening", "open_in"),
    "open_sample": ("nustar_widgets.opening", "open_sample"),
    "open_session": ("nustar_widgets.session.opensession", "open_session"),
    "plan": ("nustar_widgets.jobs.plan", "plan"),
    "recipe": ("nustar_widgets.session.recipe", "recipe"),
    "run": ("nustar_widgets.analysis", "run"),
    "simulate_observation": ("nustar_widgets.simulate", "simulate_observation"),
    "submit": ("nustar_widgets.jobs.plan", "submit"),
    "to_notebook": ("nustar_widgets.export.notebook", "to_notebook"),
    "to_python": ("nustar_widgets.export.python", "to_python"),
    "to_shell": ("nustar_widgets.export.shell", "to_shell"),
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module, attribute = _HOMES[name]
    value = getattr(import_module(module), attribute)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
