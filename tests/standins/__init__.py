"""Stand-ins for HEASoft and heasoftpy: named as such, and behaving as the real ones were measured.

Used where the real ones are absent. Tests marked ``heasoft`` run against the real ones where HEADAS
is set (``pytest -m heasoft``); the report says which were used.
"""
