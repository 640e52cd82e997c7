"""An observation as one packed file: put on disk, looked through, then unpacked file by file.

The packed file has no name on disk, so that it goes with the process that wrote it.
"""

from __future__ import annotations

import tarfile
import tempfile
from typing import IO, Final

import requests
from urllib3.exceptions import HTTPError

from nustar_widgets.archive.answers import refuse_status, session, trouble_of
from nustar_widgets.archive.content import chosen_names
from nustar_widgets.archive.heasarc import HeasarcTarHost
from nustar_widgets.archive.part import Part, write_all
from nustar_widgets.archive.patience import Stopped, Trouble, patiently
from nustar_widgets.archive.plan import DownloadPlan, check_free
from nustar_widgets.archive.remote import checked_relative
from nustar_widgets.archive.transfer import BLOCK, Transfer
from nustar_widgets.errors import DownloadError

_RECORD: Final = 512  # bytes; a tar ends with records of zeros (POSIX.1-2008, pax, ustar format)
_PACKING: Final = 10  # times the usual patience, because the server packs before it answers


def fetch_packed(plan: DownloadPlan, transfer: Transfer) -> None:
    """Fetch an observation that the host packs, and unpack what is wanted.

    Parameters
    ----------
    plan
        What to do; its host is a `HeasarcTarHost`.
    transfer
        Patience, meter and stop.

    Raises
    ------
    Trouble
        It cannot be had.
    DownloadError
        It holds nothing that is wanted, or something that would lie outside the folder.
    OutputError
        The disk is too small.
    Stopped
        Somebody asked to stop.
    OSError
        It cannot be written.
    """
    plan.folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=plan.folder.parent) as stream:
        members = patiently(
            lambda: _fetch(plan, transfer, stream), transfer.patience, transfer.stop
        )
        files = _checked(members, plan)
        names = chosen_names(list(files), plan.content, source=plan.source)
        check_free(plan.folder, sum(files[name].size for name in names))
        transfer.meter.expect(files_total=len(names))
        stream.seek(0)
        with tarfile.open(fileobj=stream, mode="r:") as tar:
            for name in names:
                _unpack(tar, files[name], _part(plan, name, files[name]), transfer)


def _fetch(plan: DownloadPlan, transfer: Transfer, stream: IO[bytes]) -> list[tarfile.TarInfo]:
    """Put the packed file on disk and list what is in it."""
    assert isinstance(plan.host, HeasarcTarHost)
    transfer.meter.take_back(stream.tell())
    stream.seek(0)
    stream.truncate()
    patience = transfer.patience
    try:
        with (
            session() as http,
            http.post(
                plan.host.url,
                data=plan.host.form(plan.path),
                stream=True,
                timeout=(patience.connect_s, patience.read_s * _PACKING),
            ) as answer,
        ):
            _take(answer, plan, transfer, stream)
    except (requests.RequestException, HTTPError) as error:
        if transfer.stop.is_set():
            raise Stopped from error
        raise trouble_of(error) from error
    return _members(stream)


def _take(
    answer: requests.Response, plan: DownloadPlan, transfer: Transfer, stream: IO[bytes]
) -> None:
    refuse_status(answer)
    announced = answer.headers.get("Content-Length", "")
    if announced.isdigit():
        check_free(plan.folder, 2 * int(announced))  # packed and unpacked at the same time
        transfer.meter.expect(bytes_total=int(announced))
    with transfer.answers.listed(answer, transfer.stop):
        for block in answer.raw.stream(BLOCK, decode_content=False):
            if transfer.stop.is_set():
                raise Stopped
            stream.write(block)
            transfer.meter.add(len(block))


def _members(stream: IO[bytes]) -> list[tarfile.TarInfo]:
    """List what is packed; a file that is cut off has no end mark."""
    stream.seek(0)
    try:
        with tarfile.open(fileobj=stream, mode="r:") as tar:
            members = tar.getmembers()
            stream.seek(tar.offset)
    except tarfile.TarError as error:
        raise Trouble(f"what the server sent is not a whole tar file ({error})") from error
    if stream.read(_RECORD) != bytes(_RECORD):
        raise Trouble("what the server sent is not a whole tar file (its end is missing)")
    stream.seek(0, 2)
    return members


def _checked(members: list[tarfile.TarInfo], plan: DownloadPlan) -> dict[str, tarfile.TarInfo]:
    """Return the files by their path in the observation's folder, if every member is harmless."""
    files = {}
    for member in members:
        name = checked_relative(
            member.name.removeprefix("./").removesuffix("/"), source=plan.source
        )
        if not (member.isfile() or member.isdir()):
            raise DownloadError(
                plan.source,
                f"it holds {member.name!r}, which is a link or a device, not a file",
                "Nothing was unpacked; choose another host",
            )
        _, found, relative = f"/{name}".partition(f"/{plan.obsid}/")
        if member.isfile():
            files[relative if found else _stray(name, plan)] = member
    return files


def _stray(name: str, plan: DownloadPlan) -> str:
    raise DownloadError(
        plan.source,
        f"it holds {name!r}, which is not of {plan.obsid}",
        "Nothing was unpacked; choose another host",
    )


def _part(plan: DownloadPlan, name: str, member: tarfile.TarInfo) -> Part:
    return Part(final=plan.folder / name, size=member.size, version=f"packed {member.mtime}")


def _unpack(tar: tarfile.TarFile, member: tarfile.TarInfo, part: Part, transfer: Transfer) -> None:
    if not part.is_whole:
        packed = tar.extractfile(member)
        assert packed is not None  # members have been checked to be files
        part.final.parent.mkdir(parents=True, exist_ok=True)
        with part.opened(0) as stream:
            while block := packed.read(BLOCK):
                if transfer.stop.is_set():
                    raise Stopped
                write_all(stream, block)
            part.take_place()
    transfer.meter.file_done()
