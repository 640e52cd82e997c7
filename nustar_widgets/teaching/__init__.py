"""Exercises on the simulated observation, and automatic checks that say how to go on.

A check looks at the session, so it does not matter whether something was done with the mouse or in
code. It never changes anything.
"""

from nustar_widgets.teaching.bench import Bench
from nustar_widgets.teaching.verdict import Verdict
from nustar_widgets.teaching.workshop import BROKEN_REGION, Workshop

__all__ = ["BROKEN_REGION", "Bench", "Verdict", "Workshop"]
