"""What a download will do, known before it does it."""

from __future__ import annotations

import shutil
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from nustar_widgets.archive.content import Content, chosen_names
from nustar_widgets.archive.heasarc import HeasarcTarHost
from nustar_widgets.archive.hosts import Host, SciServerHost, default_host
from nustar_widgets.archive.part import Part
from nustar_widgets.archive.paths import observation_path, obsid_of
from nustar_widgets.archive.patience import USUAL, Patience, Stopped, Trouble
from nustar_widgets.archive.progress import size_text
from nustar_widgets.archive.remote import RemoteFile
from nustar_widgets.errors import DownloadCancelled, DownloadError, OutputError

OTHER_HOST: Final = "Try again in a while, or choose another host"


@dataclass(frozen=True, kw_only=True)
class PlannedFile:
    """One file of a plan, and what of it was there when the plan was made.

    Attributes
    ----------
    remote
        The file at the host.
    n_bytes
        Bytes of it that were there, as a whole file or an unfinished one.
    is_whole
        Whether it was there whole.
    is_replaced
        Whether a file of this name and another length was there; it is replaced.
    """

    remote: RemoteFile
    n_bytes: int
    is_whole: bool
    is_replaced: bool = False


@dataclass(frozen=True, kw_only=True)
class DownloadPlan:
    """What a download will do.

    Attributes
    ----------
    path
        The observation's path in the archive.
    host
        Where the files come from.
    content
        What of the observation is fetched.
    folder
        The observation's folder here; at SciServer the archive's own.
    files
        The files; none where the host packs them itself.
    """

    path: str
    host: Host
    content: Content
    folder: Path
    files: tuple[PlannedFile, ...] = ()

    @property
    def obsid(self) -> str:
        """Observation ID."""
        return obsid_of(self.path)

    @property
    def source(self) -> str:
        """Where the files come from, for people."""
        return self.host.source(self.path)

    @property
    def is_in_place(self) -> bool:
        """Whether the archive is mounted here, and nothing has to be fetched."""
        return isinstance(self.host, SciServerHost)

    @property
    def is_packed(self) -> bool:
        """Whether the host packs the files itself, so that nothing is known before."""
        return isinstance(self.host, HeasarcTarHost)

    @property
    def files_total(self) -> int | None:
        """Number of files; ``None`` where it is not known before."""
        return None if self.is_packed else len(self.files)

    @property
    def bytes_total(self) -> int | None:
        """Length of all files [bytes]; ``None`` where it is not known before."""
        return None if self.is_packed else sum(file.remote.size for file in self.files)

    @property
    def bytes_to_fetch(self) -> int | None:
        """What is still missing [bytes]; ``None`` where it is not known before."""
        if self.is_packed:
            return None
        return sum(file.remote.size - file.n_bytes for file in self.files)

    def part(self, remote: RemoteFile) -> Part:
        """Return one of its files as it comes to lie here."""
        return Part(final=self.folder / remote.relative, size=remote.size, version=remote.version)

    def check_space(self) -> None:
        """Refuse to begin what the disk cannot hold.

        Raises
        ------
        OutputError
            Less is free than is missing now; both are named.
        """
        if self.is_packed or self.is_in_place:
            return
        parts = [self.part(file.remote) for file in self.files]
        check_free(self.folder, sum(part.size - part.n_bytes for part in parts))

    def describe(self) -> str:
        """Say in one line what it will do."""
        if self.is_in_place:
            return f"{self.obsid}: used in place, {self.folder}"
        if self.is_packed or self.bytes_total is None or self.bytes_to_fetch is None:
            return f"{self.obsid}: {self.content}, packed by {self.source}, into {self.folder}"
        whole = sum(file.is_whole for file in self.files)
        there = f", {whole} of them there already" if whole else ""
        return (
            f"{self.obsid}: {len(self.files)} files{there}, "
            f"{size_text(self.bytes_to_fetch)} of {size_text(self.bytes_total)} to fetch from "
            f"{self.source} into {self.folder}"
        )


def plan_download(
    location: str,
    folder: str | Path,
    *,
    host: Host | None = None,
    content: Content = Content.EVERYTHING,
    cancelled: threading.Event | None = None,
    patience: Patience = USUAL,
) -> DownloadPlan:
    """Ask a host what an observation holds, and look what of it is here.

    Parameters
    ----------
    location
        Observation ID, or its path in the archive, as ``/FTP/nustar/data/obs/00/6/60001110002/``.
    folder
        Where the observation's folder is to be; it is called by the observation ID.
    host
        Where to fetch from; by default the nearest (`default_host`).
    content
        What to fetch.
    cancelled
        Set it from another thread to stop.
    patience
        How long to wait for the server.

    Raises
    ------
    ParameterError
        The location is no observation.
    ProprietaryData
        What is wanted is encrypted.
    DownloadError
        The host cannot be asked, has nothing of it, or names files that lie elsewhere.
    DownloadCancelled
        Somebody asked to stop.
    """
    path = observation_path(location)
    host = default_host() if host is None else host
    if isinstance(host, SciServerHost):
        return _plan_in_place(path, host, content)
    target = Path(folder).absolute() / obsid_of(path)
    plan = DownloadPlan(path=path, host=host, content=content, folder=target)
    if isinstance(host, HeasarcTarHost):
        return plan
    stop = threading.Event() if cancelled is None else cancelled
    source = host.source(path)
    try:
        remote = host.files(
            path,
            lambda names: chosen_names(names, content, source=source),
            patience=patience,
            stop=stop,
        )
    except Stopped:
        raise DownloadCancelled(source, "stopped on request", "Nothing was fetched") from None
    except Trouble as trouble:
        raise DownloadError(source, trouble.reason, OTHER_HOST) from trouble
    return DownloadPlan(
        path=path,
        host=host,
        content=content,
        folder=target,
        files=tuple(_planned(plan.part(file), file) for file in remote),
    )


def check_free(folder: Path, needed: int) -> None:
    """Refuse to write more than the disk has room for.

    Parameters
    ----------
    folder
        Where it would be written; need not exist yet.
    needed
        How much [bytes].

    Raises
    ------
    OutputError
        Less is free; both are named.
    """
    existing = next(place for place in (folder, *folder.parents) if place.exists())
    free = shutil.disk_usage(existing).free
    if needed > free:
        raise OutputError(
            folder,
            f"the download needs {size_text(needed)}, and {size_text(free)} are free",
            "Make room, choose another folder, or fetch less of the observation",
        )


def _plan_in_place(path: str, host: SciServerHost, content: Content) -> DownloadPlan:
    folder = host.folder(path)
    if not folder.is_dir():
        raise DownloadError(
            str(folder),
            "there is no such folder: the archive is not mounted here, or does not have it",
            "Attach HEASARC's data volume to the SciServer container, or choose another host",
        )
    sizes = {
        file.relative_to(folder).as_posix(): file.stat().st_size
        for file in folder.rglob("*")
        if file.is_file()
    }
    files = (
        RemoteFile(relative=name, size=sizes[name], url=(folder / name).as_uri())
        for name in chosen_names(list(sizes), content, source=str(folder))
    )
    return DownloadPlan(
        path=path,
        host=host,
        content=content,
        folder=folder,
        files=tuple(PlannedFile(remote=file, n_bytes=file.size, is_whole=True) for file in files),
    )


def _planned(part: Part, remote: RemoteFile) -> PlannedFile:
    return PlannedFile(
        remote=remote,
        n_bytes=part.n_bytes,
        is_whole=part.is_whole,
        is_replaced=part.final.exists() and not part.is_whole,
    )
