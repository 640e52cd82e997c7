"""Where a product came from: the call and the inputs that made it, and whether both still hold.

Stale is visible: a product is current as long as the session still stands for the same call and
the input files have the same content. Values are compared; there are no flags to forget.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from nustar_widgets.session.taskcall import TaskCall, TextFile

_BLOCK = 1 << 20


@dataclass(frozen=True, kw_only=True)
class Fingerprint:
    """Content of an input file.

    Attributes
    ----------
    path
        The file.
    size
        Bytes.
    sha256
        Hash of the content.
    """

    path: str
    size: int
    sha256: str

    def seen_from(self, folder: Path) -> Fingerprint:
        """Return it with a path relative to a run's folder, if it lies there: that may be moved."""
        if Path(self.path).is_relative_to(folder):
            return replace(self, path=str(Path(self.path).relative_to(folder)))
        return self


@dataclass(frozen=True, kw_only=True)
class Provenance:
    """What made a set of products.

    Attributes
    ----------
    call
        The task call.
    inputs
        Fingerprints of the files it read.
    engine
        Name and version of what ran it.
    made_at
        ISO time, UTC.
    not_applied
        Corrections the products do not have, in words.
    versions
        (name, version) of everything that had a part in it.
    exit_status
        Of the task, where it was a program of its own.
    regions
        (file name, text) of the region files that were read.
    """

    call: TaskCall
    inputs: tuple[Fingerprint, ...]
    engine: str
    made_at: str
    not_applied: tuple[str, ...] = ()
    versions: tuple[tuple[str, str], ...] = ()
    exit_status: int | None = None
    regions: tuple[tuple[str, str], ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values, with the hash of each region file beside its text."""
        hashes = {name: hashlib.sha256(text.encode()).hexdigest() for name, text in self.regions}
        return {**asdict(self), "region_sha256": hashes}

    @classmethod
    def from_dict(cls, saved: dict[str, Any]) -> Provenance:
        """Build it from what `to_dict` returned."""
        return cls(
            call=TaskCall.from_dict(saved["call"]),
            inputs=tuple(Fingerprint(**item) for item in saved["inputs"]),
            engine=saved["engine"],
            made_at=saved["made_at"],
            not_applied=tuple(saved["not_applied"]),
            versions=tuple((name, text) for name, text in saved.get("versions", ())),
            exit_status=saved.get("exit_status"),
            regions=tuple((name, text) for name, text in saved.get("regions", ())),
        )


def fingerprint(path: str | Path) -> Fingerprint:
    """Read a file and return its fingerprint."""
    digest = hashlib.sha256()
    with Path(path).open("rb") as stream:
        while block := stream.read(_BLOCK):
            digest.update(block)
    return Fingerprint(path=str(path), size=Path(path).stat().st_size, sha256=digest.hexdigest())


def regions_of(call: TaskCall, folder: Path) -> tuple[tuple[str, str], ...]:
    """Return (file name, text) of the region files a call names, brought along or not.

    Parameters
    ----------
    call
        The call.
    folder
        What its relative paths mean.
    """
    own = {file.name: file.text for file in call.files if isinstance(file, TextFile)}
    named = [str(call.get(name) or "") for name in ("srcregionfile", "bkgregionfile")]
    found = []
    for name in dict.fromkeys(named):
        if name in own:
            found.append((name, own[name]))
        elif name and (folder / name).is_file():
            found.append((name, (folder / name).read_text(encoding="utf-8", errors="replace")))
    return tuple(found)


def fingerprints(paths: Iterable[Path]) -> tuple[Fingerprint, ...]:
    """Read files and return their fingerprints, each once.

    Parameters
    ----------
    paths
        The files.
    """
    return tuple(fingerprint(path) for path in dict.fromkeys(paths))


def why_stale(made: Provenance, call: TaskCall, *, folder: Path = Path()) -> str | None:
    """Say why products are no longer what a call would make, or ``None`` if they still are.

    Parameters
    ----------
    made
        Provenance of the products.
    call
        What the session stands for now.
    folder
        The run's folder, which relative paths of inputs are seen from.

    Returns
    -------
    str or None
        The reason, naming the first parameter or file that differs.
    """
    return _why_call_differs(made.call, call) or _why_inputs_differ(made.inputs, folder)


def _why_call_differs(old: TaskCall, new: TaskCall) -> str | None:
    if old.task != new.task:
        return f"made by {old.task}, the session now asks for {new.task}"
    before, now = dict(old.params), dict(new.params)
    for name in (*before, *now):
        if before.get(name) != now.get(name):
            return f"{name} was {_shown(before, name)}, is now {_shown(now, name)}"
    changed = [
        one.name for one in (*old.files, *new.files) if one not in old.files or one not in new.files
    ]
    if not changed:
        return None
    words = [_file_words(new, name) for name in dict.fromkeys(changed)]
    return f"{' and '.join(words)} {'has' if len(words) == 1 else 'have'} changed"


_FILES = {
    "srcregionfile": "the source region",
    "bkgregionfile": "the background region",
    "usrgtifile": "the choice of good time",
}


def _file_words(call: TaskCall, name: str) -> str:
    """Return what a file a call brings along is, for people; its name where that is not known."""
    return next((words for role, words in _FILES.items() if call.get(role) == name), name)


def _why_inputs_differ(inputs: tuple[Fingerprint, ...], folder: Path) -> str | None:
    for made_from in inputs:
        path = folder / made_from.path
        if not path.is_file():
            return f"input {path} is gone"
        if path.stat().st_size != made_from.size or _sha256_now(path) != made_from.sha256:
            return f"input {path} has changed"
    return None


def _sha256_now(path: Path) -> str:
    """Hash of a file, read again only where the file system says that it was written since."""
    state = path.stat()
    return _sha256(str(path.resolve()), state.st_ino, state.st_size, state.st_mtime_ns)


@lru_cache(maxsize=512)
def _sha256(path: str, *_state: int) -> str:
    return fingerprint(path).sha256


def _shown(values: dict[str, Any], name: str) -> str:
    return repr(values[name]) if name in values else "left to the task"
