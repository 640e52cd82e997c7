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
    from nustar_widgets.session.recipe import recipe
    from nustar_widgets.session.session import Session
    from nustar_widgets.session.store import load as open_session
    from nustar_widgets.simulate import simulate_observation

__all__ = [
    "Outcome",
    "Request",
    "Session",
    "__version__",
    "demo",
    "open_session",
    "recipe",
    "run",
    "simulate_observation",
]

_HOMES = {
    "Outcome": ("nustar_widgets.analysis", "Outcome"),
    "Request": ("nustar_widgets.analysis", "Request"),
    "Session": ("nustar_widgets.session.session", "Session"),
    "demo": ("nustar_widgets.analysis", "demo"),
    "open_session": ("nustar_widgets.session.store", "load"),
    "recipe": ("nustar_widgets.session.recipe", "recipe"),
    "run": ("nustar_widgets.analysis", "run"),
    "simulate_observation": ("nustar_widgets.simulate", "simulate_observation"),
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
