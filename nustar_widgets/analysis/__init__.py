"""The main job: cleaned event lists in, a folder of products and a report out."""

from nustar_widgets.analysis.mainjob import Outcome, demo, run
from nustar_widgets.analysis.request import Request

__all__ = ["Outcome", "Request", "demo", "run"]
