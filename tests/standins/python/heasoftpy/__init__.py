"""A stand-in for heasoftpy: the part of its public behaviour this project relies on.

Written from its documentation and from what the real package (1.5) was measured to do, the traps
included: unknown parameters are dropped in silence, quotes around values with a comma are taken
away, every value goes through the type of the ``.par`` file, the user's parameter file is written.
"""

from heasoftpy import core as core
from heasoftpy.core import HSPResult as HSPResult
from heasoftpy.core import HSPTask as HSPTask
from heasoftpy.core import HSPTaskException as HSPTaskException

__version__ = "stand-in"
