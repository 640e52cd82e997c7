"""What the tests' archives hold, and how web server and tar service show it."""

from __future__ import annotations

import gzip
import io
import shutil
import tarfile
from collections.abc import Mapping
from html import escape
from pathlib import Path
from urllib.parse import quote

from nustar_widgets.archive.paths import archive_path
from nustar_widgets.simulate import SimulatedObservation

OBSID = "60001110002"
PATH = archive_path(OBSID)
_SIZES = {
    f"nu{OBSID}.cat": 512,
    f"auxil/nu{OBSID}_att.fits.gz": 2048,
    f"event_cl/nu{OBSID}A01_cl.evt.gz": 1 << 20,
    f"event_cl/nu{OBSID}B01_cl.evt.gz": 1 << 18,
    f"event_cl/nu{OBSID}A02_cl.evt.gz": 4096,
    f"event_cl/nu{OBSID}_mast.fits.gz": 1024,
    f"event_uf/nu{OBSID}A_uf.evt.gz": 1 << 16,
    f"hk/nu{OBSID}A_fpm.hk.gz": 8192,
    f"hk/nu{OBSID}_empty.hk": 0,
}


def index_page(path: str, folder: Path) -> str:
    """Show a folder as Apache does: sorting links, the folder above, icons, rounded sizes."""
    rows = []
    for entry in sorted(folder.iterdir()):
        name = entry.name + ("/" if entry.is_dir() else "")
        size = "  - " if entry.is_dir() else f"{entry.stat().st_size / 1024:3.1f}K"
        rows.append(
            f'<tr><td valign="top"><img src="/icons/unknown.gif" alt="[   ]"></td><td>'
            f'<a href="{quote(name)}">{escape(name)}</a></td>'
            f'<td align="right">2014-10-10 04:02  </td><td align="right">{size}</td></tr>'
        )
    above = path.rstrip("/").rpartition("/")[0] + "/"
    return (
        '<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 3.2 Final//EN">\n<html><head><title>Index of '
        f'{escape(path)}</title></head><body><a href="https://www.nasa.gov/">NASA</a><table>'
        '<tr><th><a href="?C=N;O=D">Name</a></th><th><a href="?C=S;O=A">Size</a></th></tr>'
        f'<tr><td><a href="{above}">Parent Directory</a></td></tr>\n'
        + "\n".join(rows)
        + "</table></body></html>"
    )


def packed(content: Mapping[str, Path | bytes | tarfile.TarInfo]) -> bytes:
    """Make a tar of folders, bytes or members made by hand, by name."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as tar:
        for name, thing in content.items():
            if isinstance(thing, Path):
                tar.add(thing, arcname=name)
            elif isinstance(thing, bytes):
                member = tarfile.TarInfo(name)
                member.size = len(thing)
                tar.addfile(member, io.BytesIO(thing))
            else:
                tar.addfile(thing)
    return stream.getvalue()


def small_observation(root: Path, *, sizes: Mapping[str, int] | None = None) -> Path:
    """Write files of no meaning into an archive, and return the observation's folder in it."""
    folder = root / PATH.strip("/")
    for number, (name, size) in enumerate((sizes or _SIZES).items()):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(
            bytes((7 * number + i) % 251 for i in range(256)) * (size // 256)
        )
    return folder


def archived(sample: SimulatedObservation, root: Path) -> Path:
    """Put the simulated sample into an archive as HEASARC would: packed, without responses."""
    folder = root / archive_path(sample.obsid).strip("/")
    for path in sample.path.rglob("*"):
        target = folder / path.relative_to(sample.path)
        if path.is_dir() or path.suffix in (".arf", ".rmf"):
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix == ".cat":
            shutil.copy(path, target)
        else:
            target.with_name(f"{path.name}.gz").write_bytes(
                gzip.compress(path.read_bytes(), 1, mtime=0)
            )
    (folder / "auxil" / "NUSTAR_TLE_ARCHIVE.txt.2014183").write_text("simulated: no elements\n")
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    """Read everything below a folder, unfinished files too."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
