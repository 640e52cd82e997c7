"""An archive on loopback, and the catalogue that asks it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from nustar_widgets.archive.catalog import Catalog
from tests.archive.loopback import LoopbackArchive, catalog_at


@pytest.fixture
def archive() -> Iterator[LoopbackArchive]:
    with LoopbackArchive() as opened:
        yield opened


@pytest.fixture
def catalog(archive: LoopbackArchive, tmp_path: Path) -> Iterator[Catalog]:
    with catalog_at(archive, tmp_path) as opened:
        yield opened
