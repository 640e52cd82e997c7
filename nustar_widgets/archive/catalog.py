"""The NuSTAR master catalogue at HEASARC: from a query to observations.

Nothing here blocks by itself or starts threads: a search runs in the thread that calls it, and
stops where its event is set. A panel puts it on a thread of its own.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self, TypeVar

from nustar_widgets.archive.adql import adql
from nustar_widgets.archive.columns import COLUMNS
from nustar_widgets.archive.coordinates import Position
from nustar_widgets.archive.observation import Observation
from nustar_widgets.archive.query import Query
from nustar_widgets.archive.result import SearchResult
from nustar_widgets.archive.resultcache import ResultCache
from nustar_widgets.errors import QueryError, ServiceError

if TYPE_CHECKING:
    from nustar_widgets.archive.transport import PatientSession

VO_URL: Final = "https://heasarc.gsfc.nasa.gov/xamin/vo"
TAR_URL: Final = "https://heasarc.gsfc.nasa.gov/xamin/TarServlet"
KEEP_S: Final = 86400.0
MAX_ROWS: Final = 100_000
"""What the archive sends at most by itself; the whole catalogue has fewer rows."""

Answer = TypeVar("Answer")


class Catalog:
    """The NuSTAR master catalogue, asked through astroquery and pyvo.

    Parameters
    ----------
    vo_url, tar_url
        HEASARC's VO services and its servlet that packs folders; ``None`` for HEASARC's own.
    sesame_urls
        Addresses of Sesame, asked in turn; ``None`` for astropy's.
    cache_dir
        Where results are kept; ``None`` for the user's own cache folder.
    timeout_s
        How long a server may be silent [s].
    keep_s
        How long a result is used without asking again [s].
    pause_s
        How long to wait before the one second try [s].

    Raises
    ------
    QueryError
        An address is none.
    """

    def __init__(
        self,
        *,
        vo_url: str | None = None,
        tar_url: str | None = None,
        sesame_urls: Sequence[str] | None = None,
        cache_dir: str | Path | None = None,
        timeout_s: float = 30.0,
        keep_s: float = KEEP_S,
        pause_s: float = 1.0,
    ) -> None:
        self.vo_url = (vo_url or VO_URL).rstrip("/")
        self.tar_url = tar_url or TAR_URL
        self.sesame_urls = None if sesame_urls is None else tuple(sesame_urls)
        for url in (self.vo_url, self.tar_url, *(self.sesame_urls or ())):
            if not url.startswith(("http://", "https://")):
                raise QueryError(url, "not an address: expected http://... or https://...")
        self.timeout_s = timeout_s
        self.keep_s = keep_s
        self.pause_s = pause_s
        self.cache_dir = _default_cache() if cache_dir is None else Path(cache_dir)
        self._cache = ResultCache(self.cache_dir, asked=(self.vo_url, *(self.sesame_urls or ())))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections; the next question opens new ones."""
        self._session.close()

    def search(
        self,
        query: Query,
        *,
        refresh: bool = False,
        cancelled: threading.Event | None = None,
    ) -> SearchResult:
        """Search the catalogue.

        Parameters
        ----------
        query
            What is searched for.
        refresh
            Ask the archive even if a recent answer is kept.
        cancelled
            Set it, from any thread, to stop.

        Returns
        -------
        SearchResult
            What was found, which may be nothing; from the cache while that is recent, and for
            want of better (`SearchResult.stale`) if the archive does not answer.

        Raises
        ------
        NameNotFound
            The source name is not known.
        NoNetwork, ServerRefused, ServerNonsense
            The archive does not answer as it should, and nothing is kept of this search.
        SearchCancelled
            Somebody asked to stop.
        """
        kept = self._cache.read(query)
        if kept is not None and not refresh and self._is_fresh(kept):
            return kept
        try:
            found = self._search(query, cancelled)
        except ServiceError as error:
            if kept is None:
                raise
            return replace(kept, stale=True, problem=str(error))
        self._cache.write(found)
        return found

    def resolve(self, name: str, *, cancelled: threading.Event | None = None) -> Position:
        """Ask the name service where a source is.

        Raises
        ------
        NameNotFound
            The name is not known.
        NoNetwork, ServerNonsense, SearchCancelled
            As `search`.
        """
        from nustar_widgets.archive import sesame, transport  # noqa: PLC0415

        attempt = partial(
            sesame.resolve,
            name,
            urls=self.sesame_urls,
            timeout_s=self.timeout_s,
            cancelled=cancelled,
        )
        return transport.try_twice(attempt, pause_s=self.pause_s, cancelled=cancelled)

    def ask(
        self, question: Callable[[Any], Answer], *, cancelled: threading.Event | None = None
    ) -> Answer:
        """Put a question to the archive through astroquery, with one more try.

        Parameters
        ----------
        question
            Called with `heasarc`.
        cancelled
            Set it to stop.

        Raises
        ------
        NoNetwork, ServerRefused, ServerNonsense, SearchCancelled
            As `search`.
        """
        from nustar_widgets.archive import transport  # noqa: PLC0415

        attempt = partial(
            transport.ask,
            partial(question, self.heasarc),
            session=self._session,
            url=self.vo_url,
            cancelled=cancelled,
        )
        return transport.try_twice(attempt, pause_s=self.pause_s, cancelled=cancelled)

    @cached_property
    def heasarc(self) -> Any:
        """The catalogue's own `astroquery.heasarc.HeasarcClass`.

        Not astroquery's shared ``Heasarc``, which remembers the last search of anybody. Requests
        made through it directly have our time limit, but are neither tried twice nor cancelled.
        """
        from astroquery.heasarc import HeasarcClass  # noqa: PLC0415  (2 s)

        heasarc = HeasarcClass()
        # On the instance, before its first use: the class copies its configuration at import.
        heasarc.VO_URL = self.vo_url
        heasarc.TAR_URL = self.tar_url
        heasarc.timeout = self.timeout_s
        heasarc._set_session(self._session)
        return heasarc

    @cached_property
    def _session(self) -> PatientSession:
        from nustar_widgets.archive.transport import PatientSession  # noqa: PLC0415  (0.3 s)

        return PatientSession(self.timeout_s)

    def _is_fresh(self, kept: SearchResult) -> bool:
        age_s = (datetime.now(UTC) - kept.fetched).total_seconds()
        return 0.0 <= age_s < self.keep_s

    def _search(self, query: Query, cancelled: threading.Event | None) -> SearchResult:
        position = query.position
        if position is None and query.name is not None:
            position = self.resolve(query.name, cancelled=cancelled)
        observations, truncated = self.ask(
            partial(_observations, adql(query, position)), cancelled=cancelled
        )
        return SearchResult(
            query=query,
            position=position,
            observations=observations,
            fetched=datetime.now(UTC),
            truncated=truncated,
        )


def _observations(text: str, heasarc: Any) -> tuple[tuple[Observation, ...], bool]:
    """Ask in ADQL; return the observations, and whether there are more."""
    results = heasarc.query_tap(text, maxrec=MAX_ROWS)
    table = results.to_table()
    names = {name.lower(): name for name in table.colnames}
    wanted = [column.name for column in COLUMNS]
    missing = [name for name in wanted if name not in names]
    if missing:
        raise ValueError(f"columns missing: {', '.join(missing)}")
    # By columns: rows of astropy tables are a hundred times slower than lists.
    columns = [table[names[name]].tolist() for name in wanted]
    rows = (dict(zip(wanted, values, strict=True)) for values in zip(*columns, strict=True))
    truncated = len(table) >= MAX_ROWS or results.query_status == "OVERFLOW"
    return tuple(sorted((Observation.from_row(row) for row in rows), key=_by_start)), truncated


def _by_start(observation: Observation) -> tuple[float, str]:
    """Order by start, what has none last."""
    start_mjd = observation.start_mjd
    return (math.inf if start_mjd is None else start_mjd), observation.obsid


def _default_cache() -> Path:
    from platformdirs import user_cache_dir  # noqa: PLC0415

    return Path(user_cache_dir("nustar_widgets", appauthor=False)) / "searches"
