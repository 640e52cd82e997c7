"""What the tests' own archive holds, a SQL engine that searches it, and answers as XML.

Rows are a dictionary each, by the names of the catalogue's columns; what is left out is null.
Recorded facts: exposures, pointings and roll angles of SWIFT J2127.4+5654 from the StrayCats
catalogue (Grefenstette et al. 2021), which has them from numaster. What is marked so is made up.
"""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from xml.sax.saxutils import escape, quoteattr

SOURCE = "SWIFT J2127.4+5654"
SESAME = {SOURCE: (321.93731, 56.94441), "M31": (10.684708, 41.268750)}

_DONE = {"status": "archived", "observation_mode": "SCIENCE", "spacecraft_mode": "INERTIAL"}
_AGN = {"subject_category": "Active galaxies and Quasars", "pi_lname": "HARRISON"}

OBSERVATIONS: tuple[dict[str, Any], ...] = (
    # The tutorial's observation; all but obsid and target made up.
    _DONE | _AGN | {
        "name": "SwiftJ2127d4p5654", "obsid": "60001110002", "ra": 321.9, "dec": 56.93,
        "roll_angle": 333.3, "time": 56235.25, "end_time": 56236.5, "exposure_a": 49000.0,
        "exposure_b": 48900.0, "ontime_a": 50000.0, "ontime_b": 50000.0, "public_date": 56700.0,
        "issue_flag": 0, "data_gap": 0, "nupsdout": 0, "obs_type": "BASELINE", "cycle": 0,
        "title": "AGN & <Extragalactic> \"Survey\"", "__row": "101",
    },
    _DONE | _AGN | {  # recorded: pointing, roll angle, exposure
        "name": "SwiftJ2127d4p5654", "obsid": "60001110005", "ra": 321.9235, "dec": 56.9256,
        "roll_angle": 333.2938, "time": 56237.5, "end_time": 56239.4, "exposure_a": 74582.6,
        "exposure_b": 74400.0, "public_date": 56700.0, "issue_flag": 0, "__row": "102",
    },
    _DONE | _AGN | {  # recorded: pointing, roll angle, exposure, start and end
        "name": "SWIFT_J2127d4p5654", "obsid": "60402008002", "ra": 321.9207, "dec": 56.9606,
        "roll_angle": 97.9772, "time": 58304.68482851852, "end_time": 58306.3376062963,
        "exposure_a": 71255.0, "exposure_b": 70952.1237, "public_date": 58680.0,
        "issue_flag": 1, "solar_activity": "M1.2", "data_gap": 2, "nupsdout": 0,
        "comments": "made up: a flare", "pi_lname": "O'Brien", "__row": "103",
    },
    _AGN | {  # made up: proprietary, with a day in the far future
        "name": "SWIFT_J2127d4p5654", "obsid": "61001001002", "ra": 321.93, "dec": 56.94,
        "time": 61300.0, "end_time": 61301.0, "exposure_a": 20000.0, "exposure_b": 19900.0,
        "status": "processed", "observation_mode": "SCIENCE", "public_date": 88069.0,
        "issue_flag": 0, "__row": "104",
    },
    _AGN | {  # made up: planned; such rows have 8 digits, a negative exposure and no days
        "name": "SWIFT_J2127d4p5654", "obsid": "61101001", "ra": 321.93, "dec": 56.95,
        "time": 0.0, "exposure_a": -30000.0, "exposure_b": -30000.0, "status": "accepted",
        "observation_mode": "SCIENCE", "__row": "105",
    },
    _DONE | {  # made up: a slew
        "name": "SWIFT_J2127_SLEW", "obsid": "60001110001", "ra": 321.8, "dec": 56.9,
        "time": 56235.1, "end_time": 56235.2, "exposure_a": 300.0, "exposure_b": 301.0,
        "observation_mode": "SLEW", "public_date": 56700.0, "issue_flag": 0, "__row": "106",
    },
    _DONE | {  # recorded: pointing; 14 degrees away
        "name": "IGR_J17591m2342", "obsid": "90401331002", "ra": 269.7446, "dec": -23.751,
        "time": 58343.941772962964, "end_time": 58344.60149518519, "exposure_a": 27601.7575,
        "exposure_b": 27500.0, "public_date": 58400.0, "issue_flag": 0, "__row": "107",
    },
)  # fmt: skip

_TEXTS = [
    "name", "obsid", "status", "observation_mode", "spacecraft_mode", "obs_type", "solar_activity",
    "coordinated", "comments", "subject_category", "pi_lname", "pi_fname", "prnb", "title",
    "caldb_version", "__row",
]  # fmt: skip
_INTEGERS = ["issue_flag", "data_gap", "cycle"]
_NUMBERS = {
    "ra": "degree", "dec": "degree", "roll_angle": "degree", "time": "mjd", "end_time": "mjd",
    "exposure_a": "s", "exposure_b": "s", "ontime_a": "s", "ontime_b": "s", "public_date": "mjd",
    "nupsdout": "",
}  # fmt: skip
TABLES = {
    "numaster": "NuSTAR Master Catalog",
    "nuaftl": "NuSTAR As-Flown Timeline",
    "xmmmaster": "XMM-Newton Master Log",
    "TAP_SCHEMA.tables": "tables of this service",
}


def votable(
    names: Sequence[str],
    rows: Sequence[Sequence[Any]],
    *,
    error: str = "",
    overflow: bool = False,
) -> bytes:
    """Write a VOTable as TAP services do; ``None`` is null."""
    fields = "".join(f"<FIELD name={quoteattr(name)} {_type(name)}/>" for name in names)
    body = "".join(
        "<TR>" + "".join(f"<TD>{_cell(value)}</TD>" for value in row) + "</TR>" for row in rows
    )
    outcome = "ERROR" if error else "OK"
    more = '<INFO name="QUERY_STATUS" value="OVERFLOW"/>' if overflow else ""
    table = f"<TABLE>{fields}<DATA><TABLEDATA>{body}</TABLEDATA></DATA></TABLE>" if names else ""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<VOTABLE version="1.3" xmlns="http://www.ivoa.net/xml/VOTable/v1.3">'
        f'<RESOURCE type="results"><INFO name="QUERY_STATUS" value="{outcome}">{escape(error)}'
        f"</INFO>{table}{more}</RESOURCE></VOTABLE>"
    ).encode()


def vosi(tables: Mapping[str, str]) -> bytes:
    """Write a list of tables as VOSI does, each with a column so that nobody asks for them."""
    listed = "".join(
        f"<table><name>{escape(name)}</name><description>{escape(about)}</description>"
        "<column><name>name</name></column></table>"
        for name, about in tables.items()
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<vosi:tableset xmlns:vosi="http://www.ivoa.net/xml/VOSITables/v1.0">'
        f"<schema><name>default</name>{listed}</schema></vosi:tableset>"
    ).encode()


def _type(name: str) -> str:
    if name == "content_length":
        return 'datatype="long"'
    if name in _INTEGERS:
        return 'datatype="int"'
    unit = _NUMBERS.get(name)
    return 'datatype="char" arraysize="*"' if unit is None else f'datatype="double" unit="{unit}"'


def _cell(value: Any) -> str:
    return "" if value is None else escape(str(value))


def database(rows: Sequence[Mapping[str, Any]]) -> sqlite3.Connection:
    base = sqlite3.connect(":memory:", check_same_thread=False)
    for name, function in _FUNCTIONS.items():
        base.create_function(name, -1, function, deterministic=True)
    kinds = dict.fromkeys(_TEXTS, "TEXT") | dict.fromkeys(_NUMBERS, "REAL")
    kinds |= dict.fromkeys(_INTEGERS, "INTEGER")
    names = list(kinds)
    columns = ", ".join(f"{name} {kind}" for name, kind in kinds.items())
    base.execute(f"CREATE TABLE numaster ({columns})")
    marks = ",".join("?" * len(names))
    base.executemany(
        f"INSERT INTO numaster ({','.join(names)}) VALUES ({marks})",
        [[row.get(name) for name in names] for row in rows],
    )
    base.execute("CREATE TABLE metainfo (name TEXT, type TEXT, relation TEXT, value TEXT)")
    default = ("name", "ra", "dec", "time", "obsid", "status", "exposure_a", "__row")
    base.executemany(
        "INSERT INTO metainfo VALUES (?, ?, ?, ?)",
        [
            *((f"numaster.{name}", "parameter", "order", n) for n, name in enumerate(default, 1)),
            ("numaster", "table", "defaultSearchRadius", "15"),
        ],
    )
    return base


def _point(_frame: str, *numbers: float | None) -> str | None:
    return None if None in numbers else " ".join(map(repr, numbers))


def _contains(point: str | None, circle: str | None) -> int | None:
    if point is None or circle is None:
        return None
    (ra, dec), (ra0, dec0, radius) = (
        [math.radians(float(number)) for number in shape.split()] for shape in (point, circle)
    )
    cosine = math.sin(dec) * math.sin(dec0) + math.cos(dec) * math.cos(dec0) * math.cos(ra - ra0)
    return int(math.acos(max(-1.0, min(1.0, cosine))) <= radius)


def _split_part(text: str, mark: str, number: int) -> str:
    return ([*text.split(mark), "", ""])[number - 1]


_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "POINT": _point,
    "CIRCLE": _point,
    "CONTAINS": _contains,
    "SPLIT_PART": _split_part,
}
