"""From an event list to counts, exactly as HEASoft counts them.

NumPy, SciPy and ``astropy.io.fits`` only.
"""
