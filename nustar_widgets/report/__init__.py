"""The report of a run: one self-contained page of pictures, numbers and code."""
