"""From a source name to a fitted NuSTAR spectrum without leaving one notebook page."""

__version__ = "0.1.0.dev0"
