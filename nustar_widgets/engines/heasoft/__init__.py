"""The engine that drives HEASoft through heasoftpy, and what it knows of an installation."""
