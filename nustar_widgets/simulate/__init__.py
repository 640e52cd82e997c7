"""A simulated NuSTAR observation: for teaching, demonstration and tests, and for nothing else.

:func:`simulate_observation` writes one observation folder with the official layout, in which every
header says that the data are simulated, and returns the truth that was put in. Published numbers
throughout, each cited where it stands; the responses are written beside the events they were drawn
through, so an analysis can be checked from the event list to the fitted parameters.
"""

from nustar_widgets.simulate.observation import SimulatedObservation, simulate_observation
from nustar_widgets.simulate.truth import ModuleTruth, Truth

__all__ = ["ModuleTruth", "SimulatedObservation", "Truth", "simulate_observation"]
