"""Where the data of an observation lie: asked of the archive, or else by the archive's own rule.

The archive's datalink service is asked through astroquery's ``locate_data``. Its answer may be
empty (since August 2026 the service calls folders ``text/html``, which astroquery 0.4.11 drops:
astropy/astroquery#3652), may lack the rows of proprietary data, and is in no order: rows are joined
by ID, never by position, and a folder counts only if it is named after the observation. Whatever is
missing follows from the rule of `paths.archive_path`.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, Literal
from urllib.parse import urlsplit

from nustar_widgets.archive.adql import CATALOGUE
from nustar_widgets.archive.catalog import VO_URL, Catalog
from nustar_widgets.archive.observation import Observation
from nustar_widgets.archive.paths import ARCHIVE_ROOT, archive_path, is_obsid, obsid_of
from nustar_widgets.errors import ServiceError

BUCKET: Final = "nasa-heasarc"
_BATCH: Final = 500


@dataclass(frozen=True, kw_only=True)
class DataLocation:
    """Where the data of one observation lie.

    Attributes
    ----------
    obsid
        Observation ID.
    path
        Folder below the archive's root, as ``/FTP/nustar/data/obs/00/6/60001110002/``; ``None`` if
        there can be none.
    source
        ``datalink`` if the archive said so, ``path rule`` if it follows from the obsid.
    server
        Address of the archive's web server, without a path.
    content_length
        Size of the data as the archive gives it [bytes]; ``None`` if it does not.
    problem
        Why they cannot be downloaded; ``None`` if they can.
    note
        Why the archive did not say so itself; empty if it did.
    """

    obsid: str
    path: str | None
    source: Literal["datalink", "path rule"]
    server: str = "https://heasarc.gsfc.nasa.gov"
    content_length: int | None = None
    problem: str | None = None
    note: str = ""

    @property
    def aws(self) -> str | None:
        """The folder in HEASARC's public bucket, as ``s3://nasa-heasarc/nustar/data/...``."""
        return self.path and f"s3://{BUCKET}/{self.path.removeprefix(ARCHIVE_ROOT)}"

    @property
    def heasarc(self) -> str | None:
        """The folder on HEASARC's web server."""
        return self.path and f"{self.server}{self.path}"

    @property
    def sciserver(self) -> str | None:
        """The folder as mounted on SciServer."""
        return self.path


def locate(
    catalog: Catalog,
    observations: Sequence[Observation],
    *,
    cancelled: threading.Event | None = None,
) -> tuple[DataLocation, ...]:
    """Find where the data of observations lie.

    Parameters
    ----------
    catalog
        The catalogue they are from.
    observations
        The observations.
    cancelled
        Set it to stop.

    Returns
    -------
    tuple of DataLocation
        One an observation, in their order. An archive that does not answer is no error: the
        locations then follow from the rule, and say so.

    Raises
    ------
    SearchCancelled
        Somebody asked to stop.
    """
    keys = [row.row for row in observations if row.row and not row.is_planned]
    links: dict[str, _Link] = {}
    note = ""
    try:
        for first in range(0, len(keys), _BATCH):
            question = partial(_links, keys[first : first + _BATCH])
            links |= catalog.ask(question, cancelled=cancelled)
    except ServiceError as error:
        note = f"the archive cannot be asked where its data are ({error})"
    server = "{0.scheme}://{0.netloc}".format(urlsplit(catalog.vo_url))
    return tuple(
        _location(row, links.get(row.row), note=note, server=server) for row in observations
    )


def locate_by_rule(obsid: str, *, server: str | None = None) -> DataLocation:
    """Say where the data of an observation lie without asking anybody.

    Parameters
    ----------
    obsid
        Observation ID, eleven digits.
    server
        Address of the archive's web server; ``None`` for HEASARC's.

    Raises
    ------
    ParameterError
        It is not an observation ID.
    """
    return DataLocation(
        obsid=obsid,
        path=archive_path(obsid),
        source="path rule",
        server=server or "{0.scheme}://{0.netloc}".format(urlsplit(VO_URL)),
        note="nobody was asked",
    )


@dataclass(frozen=True, kw_only=True)
class _Link:
    """What the datalink service says of one row; ``path`` is empty where it refuses."""

    path: str
    content_length: int | None
    refusal: str


def _links(keys: Sequence[str], heasarc: Any) -> dict[str, _Link]:
    """Ask the datalink service; the answers by the catalogue's own keys."""
    from astropy.table import Table  # noqa: PLC0415

    table = heasarc.locate_data(Table({"__row": list(keys)}), catalog_name=CATALOGUE)
    names = ("ID", "sciserver", "content_length", "error_message")
    found: dict[str, _Link] = {}
    for key, path, length, refusal in zip(*(table[name].tolist() for name in names), strict=True):
        link = _Link(
            path=str(path or ""),
            content_length=int(length) if length else None,
            refusal=str(refusal or ""),
        )
        # The ID is the key itself, or ivo://nasa.heasarc/numaster?<key>.
        name = str(key).rpartition("?")[2]
        if name not in found or not found[name].path:
            found[name] = link
    return found


def _location(
    observation: Observation, link: _Link | None, *, note: str, server: str
) -> DataLocation:
    obsid = observation.obsid
    problem = observation.why_not
    if link is not None and link.refusal and problem is None:
        problem = f"the archive refuses: {link.refusal}"
    if link is not None and obsid_of(link.path) == obsid and link.path.startswith(ARCHIVE_ROOT):
        return DataLocation(
            obsid=obsid,
            path=link.path,
            source="datalink",
            server=server,
            content_length=link.content_length,
            problem=problem,
        )
    return DataLocation(
        obsid=obsid,
        path=archive_path(obsid) if is_obsid(obsid) else None,
        source="path rule",
        server=server,
        problem=problem,
        note=note or "the archive does not say where it is",
    )
