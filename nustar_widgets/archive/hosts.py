"""Who has the archive, and whom to ask here."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Final

from nustar_widgets.archive.aws import AwsHost
from nustar_widgets.archive.heasarc import HeasarcHost, HeasarcTarHost
from nustar_widgets.archive.paths import ARCHIVE_ROOT
from nustar_widgets.errors import ParameterError

__all__ = [
    "HOST_NAMES",
    "AwsHost",
    "HeasarcHost",
    "HeasarcTarHost",
    "Host",
    "SciServerHost",
    "default_host",
    "host_named",
]


@dataclass(frozen=True, kw_only=True)
class SciServerHost:
    """The archive as SciServer mounts it: files are used where they are.

    Attributes
    ----------
    root
        Where the archive is mounted.
    """

    name: ClassVar[str] = "sciserver"

    root: Path = Path(ARCHIVE_ROOT)

    def source(self, path: str) -> str:
        """Name an observation here, for people.

        Parameters
        ----------
        path
            Its path in the archive.
        """
        return str(self.folder(path))

    def folder(self, path: str) -> Path:
        """Return an observation's folder.

        Parameters
        ----------
        path
            Its path in the archive, from ``/FTP/`` on.
        """
        return self.root / path.removeprefix(ARCHIVE_ROOT)


Host = AwsHost | HeasarcHost | HeasarcTarHost | SciServerHost

_HOSTS: Final[dict[str, Callable[[], Host]]] = {
    AwsHost.name: AwsHost,
    HeasarcHost.name: HeasarcHost,
    HeasarcTarHost.name: HeasarcTarHost,
    SciServerHost.name: SciServerHost,
}
HOST_NAMES: Final = tuple(_HOSTS)
"""Names `host_named` knows, the usual choice first."""


def default_host(environ: Mapping[str, str] | None = None) -> Host:
    """Return the host that is nearest to where this runs.

    SciServer has the archive mounted. Everywhere else the copy at Amazon is taken: Fornax runs
    beside it, and elsewhere it holds when HEASARC's own server is overloaded.

    Parameters
    ----------
    environ
        Environment; the process's own by default.
    """
    environ = os.environ if environ is None else environ
    return SciServerHost() if environ.get("SCISERVER_USER_ID") else AwsHost()


def host_named(name: str) -> Host:
    """Return a host with its usual settings.

    Parameters
    ----------
    name
        One of `HOST_NAMES`.

    Raises
    ------
    ParameterError
        There is no such host.
    """
    if name not in _HOSTS:
        raise ParameterError("host", f"{name!r}: expected one of {', '.join(HOST_NAMES)}")
    return _HOSTS[name]()
