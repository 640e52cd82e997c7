"""An archive on loopback that has the simulated sample: its catalogue, and its files."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nustar_widgets.archive.paths import archive_path
from nustar_widgets.simulate import SimulatedObservation
from tests.archive.loopback import LoopbackArchive
from tests.archive.loopback_tables import OBSERVATIONS
from tests.archive.servers import ArchiveServer

_ASK = """
from nustar_widgets.archive.catalog import Catalog
from nustar_widgets.archive.heasarc import HeasarcHost
{panel}.catalog = Catalog(
    vo_url={vo_url!r}, sesame_urls=[{sesame_url!r}], cache_dir="cache", pause_s=0.01
)
{panel}.data.hosts = lambda _: HeasarcHost(base_url={files_url!r})
"""


@contextmanager
def archive_with(sample: SimulatedObservation, folder: Path, *, panel: str) -> Iterator[str]:
    """Serve the sample among other observations; yield code by which a search panel asks there."""
    place = folder / archive_path(sample.obsid).lstrip("/")
    shutil.copytree(sample.path, place)
    row = {**OBSERVATIONS[0], "obsid": sample.obsid, "__row": "900"}
    with LoopbackArchive(rows=[*OBSERVATIONS, row]) as archive, ArchiveServer(folder) as files:
        yield _ASK.format(
            panel=panel, vo_url=archive.vo_url, sesame_url=archive.sesame_url, files_url=files.url
        )
