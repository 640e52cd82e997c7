"""The steps of an analysis, in their order, and the panel of each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Final, cast

from nustar_widgets.errors import SessionError

if TYPE_CHECKING:
    from nustar_widgets.panels.base import Panel

OBSERVATION: Final = "observation"
REGIONS: Final = "regions"
LIGHT_CURVE: Final = "lightcurve"
PARAMETERS: Final = "parameters"
JOBS: Final = "jobs"
FIT: Final = "fit"
CODE: Final = "code"


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step.

    Attributes
    ----------
    key
        What it is called in code.
    title
        What people call it.
    module, panel
        Where its panel is, and the name of its class; imported when it is first wanted.
    asks_for_page
        Whether the panel wants to be told that a page is there.
    """

    key: str
    title: str
    module: str
    panel: str
    asks_for_page: bool = True

    @property
    def make(self) -> Callable[..., Panel]:
        """Its panel's class; importing it may take a moment."""
        return cast("Callable[..., Panel]", getattr(import_module(self.module), self.panel))


STEPS: Final = (
    Step(key=OBSERVATION, title="Observation", module="nustar_widgets.panels.search",
         panel="SearchPanel", asks_for_page=False),
    Step(key=REGIONS, title="Regions", module="nustar_widgets.panels.sky", panel="SkyPanel"),
    Step(key=LIGHT_CURVE, title="Light curve", module="nustar_widgets.panels.lightcurve",
         panel="LightCurvePanel", asks_for_page=False),
    Step(key=PARAMETERS, title="Parameters", module="nustar_widgets.panels.parameters",
         panel="ParameterPanel"),
    Step(key=JOBS, title="Jobs", module="nustar_widgets.panels.jobs", panel="JobsPanel"),
    Step(key=FIT, title="Fit", module="nustar_widgets.panels.fit", panel="FitPanel"),
    Step(key=CODE, title="Code", module="nustar_widgets.panels.export", panel="ExportPanel"),
)  # fmt: skip
"""The steps, in the order in which they are gone through."""


def step_of(key: str) -> Step:
    """Return a step by its key.

    Raises
    ------
    SessionError
        There is none of this key.
    """
    for step in STEPS:
        if step.key == key:
            return step
    raise SessionError(f"no step {key!r}: expected one of {', '.join(s.key for s in STEPS)}")
