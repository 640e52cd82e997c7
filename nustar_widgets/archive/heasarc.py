"""HEASARC's own server: folders as web pages, and a service that packs a folder into a tar."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import ClassVar, Final
from urllib.parse import quote

import requests
from urllib3.exceptions import HTTPError

from nustar_widgets.archive.answers import refuse_status, session, trouble_of
from nustar_widgets.archive.indexpage import read_index
from nustar_widgets.archive.patience import Patience, Stopped, Trouble, patiently
from nustar_widgets.archive.remote import RemoteFile, checked_relative

_SERVER: Final = "https://heasarc.gsfc.nasa.gov"
_DEPTH: Final = 3  # an observation has folders, and those have none; more would be a loop
_ASKERS: Final = 4  # connections to ask for lengths on


@dataclass(frozen=True, kw_only=True)
class HeasarcHost:
    """HEASARC's archive as web folders, file by file.

    Attributes
    ----------
    base_url
        The server; the archive's paths, from ``/FTP/`` on, follow it.
    """

    name: ClassVar[str] = "heasarc"

    base_url: str = _SERVER

    def source(self, path: str) -> str:
        """Name an observation here, for people.

        Parameters
        ----------
        path
            Its path in the archive.
        """
        return self.base_url.rstrip("/") + path

    def files(
        self,
        path: str,
        choose: Callable[[Sequence[str]], Sequence[str]],
        *,
        patience: Patience,
        stop: threading.Event,
    ) -> tuple[RemoteFile, ...]:
        """List an observation's files. The pages round lengths, so each file is asked for its own.

        Parameters
        ----------
        path
            Its path in the archive, from ``/FTP/`` on.
        choose
            Takes the names that are there, gives those that are wanted.
        patience
            How long to wait.
        stop
            Set when somebody asks to stop.

        Raises
        ------
        Trouble
            The server cannot be asked or says no.
        DownloadError
            A name would be written outside the folder, or ``choose`` refuses.
        """
        asking = _Asking(self.source(path), patience, stop)
        with session() as http:
            names = list(asking.names(http, "", _DEPTH))
        chosen = choose(names)
        with ThreadPoolExecutor(_ASKERS, thread_name_prefix="lengths") as askers:
            slices = askers.map(asking.lengths, [chosen[i::_ASKERS] for i in range(_ASKERS)])
            found = {file.relative: file for files in slices for file in files}
        return tuple(found[name] for name in chosen)


@dataclass(frozen=True, kw_only=True)
class HeasarcTarHost:
    """HEASARC's service that packs a whole observation: one transfer, which cannot be continued.

    Attributes
    ----------
    base_url
        The server.
    service
        Path of the service.
    """

    name: ClassVar[str] = "heasarc-tar"

    base_url: str = _SERVER
    service: str = "/xamin/TarServlet"

    @property
    def url(self) -> str:
        """Address of the service."""
        return self.base_url.rstrip("/") + self.service

    def source(self, path: str) -> str:
        """Name an observation here, for people.

        Parameters
        ----------
        path
            Its path in the archive.
        """
        return f"{self.url} of {path}"

    def form(self, path: str) -> dict[str, str]:
        """Return what is posted to it, as astroquery does.

        Parameters
        ----------
        path
            An observation's path in the archive.
        """
        return {"files": f">{path}&&&filter="}


@dataclass(frozen=True)
class _Asking:
    """Questions about one observation."""

    folder_url: str
    patience: Patience
    stop: threading.Event

    def names(self, http: requests.Session, folder: str, depth: int) -> Iterator[str]:
        """Read the page of a folder, and those of the folders in it."""
        answer = self._ask(http, "GET", folder)
        page = read_index(answer.text, answer.url)
        for name in page.files:
            yield self._checked(folder + name)
        for name in page.folders if depth else ():
            yield from self.names(http, self._checked(folder + name) + "/", depth - 1)

    def lengths(self, names: Sequence[str]) -> list[RemoteFile]:
        """Ask the server for each file's length and date."""
        with session() as http:
            return [self._length(http, name) for name in names]

    def _length(self, http: requests.Session, name: str) -> RemoteFile:
        answer = self._ask(http, "HEAD", name)
        length = answer.headers.get("Content-Length", "")
        if not length.isdigit():
            raise Trouble(f"{name}: the server does not say how long it is", may_pass=False)
        return RemoteFile(
            relative=name,
            size=int(length),
            url=answer.url,
            # Not ETag: servers that share the work make different ones of the same file.
            version=answer.headers.get("Last-Modified", ""),
        )

    def _ask(self, http: requests.Session, method: str, name: str) -> requests.Response:
        return patiently(lambda: self._once(http, method, name), self.patience, self.stop)

    def _once(self, http: requests.Session, method: str, name: str) -> requests.Response:
        if self.stop.is_set():
            raise Stopped
        url = self.folder_url + quote(name)
        try:
            answer = http.request(method, url, timeout=self.patience.timeout, allow_redirects=True)
        except (requests.RequestException, HTTPError) as error:
            raise trouble_of(error) from error
        refuse_status(answer)
        return answer

    def _checked(self, relative: str) -> str:
        return checked_relative(relative, source=self.folder_url)
