"""Search results kept on disk, so that a search survives a restart and an archive that is away.

One JSON file a search, named after what was asked and whom. A file that cannot be read is as good
as none, and a folder that cannot be written only costs time: nothing here ever raises.
"""

from __future__ import annotations

import hashlib
import json
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from nustar_widgets.archive.columns import COLUMNS
from nustar_widgets.archive.coordinates import Position
from nustar_widgets.archive.observation import Observation
from nustar_widgets.archive.query import Query
from nustar_widgets.archive.result import SearchResult
from nustar_widgets.atomic import write_text
from nustar_widgets.errors import NustarWidgetsError

FORMAT: Final = 1
MOST_FILES: Final = 200
"""Oldest results beyond this number are removed."""


class ResultCache:
    """Search results in a folder.

    Parameters
    ----------
    folder
        Where they are kept; made when first needed.
    asked
        Whom the answers come from: results of other servers are not mixed with them.
    """

    def __init__(self, folder: Path, asked: tuple[str, ...]) -> None:
        self.folder = folder
        self._asked = asked

    def read(self, query: Query) -> SearchResult | None:
        """Return what is kept of a search, however old; ``None`` if nothing can be used."""
        try:
            kept = json.loads(self._file(query).read_text(encoding="utf-8"))
            return _from_json(kept, query)
        except (OSError, ValueError, KeyError, TypeError, NustarWidgetsError):
            return None

    def write(self, result: SearchResult) -> None:
        """Keep a result, and let the oldest go."""
        with suppress(OSError, NustarWidgetsError):
            self.folder.mkdir(parents=True, exist_ok=True)
            write_text(self._file(result.query), json.dumps(_to_json(result)) + "\n")
            files = sorted(self.folder.glob("*.json"), key=lambda file: file.stat().st_mtime)
            for file in files[:-MOST_FILES]:
                file.unlink(missing_ok=True)

    def _file(self, query: Query) -> Path:
        key = json.dumps([FORMAT, _NAMES, self._asked, query.to_dict()], sort_keys=True)
        return self.folder / f"{hashlib.sha256(key.encode()).hexdigest()[:32]}.json"


_NAMES: Final = [column.name for column in COLUMNS]


def _to_json(result: SearchResult) -> dict[str, Any]:
    position = result.position
    return {
        "format": FORMAT,
        "query": result.query.to_dict(),
        "fetched": result.fetched.isoformat(),
        "position": None if position is None else [position.ra_deg, position.dec_deg],
        "truncated": result.truncated,
        "columns": _NAMES,
        "rows": [observation.to_row() for observation in result.observations],
    }


def _from_json(kept: dict[str, Any], query: Query) -> SearchResult:
    if kept["format"] != FORMAT or kept["query"] != query.to_dict():
        raise ValueError("a result of another search")
    position = kept["position"]
    fetched = datetime.fromisoformat(kept["fetched"])
    return SearchResult(
        query=query,
        position=None if position is None else Position(ra_deg=position[0], dec_deg=position[1]),
        observations=tuple(
            Observation.from_row(dict(zip(kept["columns"], row, strict=True)))
            for row in kept["rows"]
        ),
        fetched=fetched if fetched.tzinfo else fetched.replace(tzinfo=UTC),
        truncated=bool(kept["truncated"]),
        from_cache=True,
    )
