"""Regions by numbers and as DS9 text."""
