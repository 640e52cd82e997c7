"""Suggestions: where a source is, how large its region should be, what background and time to use.

Each answer carries its reason in words and what to watch out for; where the events do not allow
one, a :class:`~nustar_widgets.errors.SelectionError` says why and what to do. Everything comes
from the events themselves: no calibration, no point-spread function file.
"""

from nustar_widgets.events.detection import Detection, centroid, find_sources
from nustar_widgets.events.fieldmap import FieldMap
from nustar_widgets.events.radialprofile import RadialProfile, radial_profile
from nustar_widgets.events.suggest_background import BackgroundSuggestion, suggest_background
from nustar_widgets.events.suggest_flares import FlareSuggestion, suggest_flare_gti
from nustar_widgets.events.suggest_source import (
    SignalToNoiseCurve,
    SourceSuggestion,
    suggest_source_region,
)

__all__ = [
    "BackgroundSuggestion",
    "Detection",
    "FieldMap",
    "FlareSuggestion",
    "RadialProfile",
    "SignalToNoiseCurve",
    "SourceSuggestion",
    "centroid",
    "find_sources",
    "radial_profile",
    "suggest_background",
    "suggest_flare_gti",
    "suggest_source_region",
]
