"""Python imports this at its start: nothing is reached but this machine, and each try is noted.

The file that NUSTAR_WIDGETS_TRIES names gets a line for each try.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from typing import Any

_HOME = ("127.", "::1", "localhost", "0.0.0.0")


def _checked(host: Any) -> None:
    name = host.decode() if isinstance(host, bytes) else host
    if name is None or not isinstance(name, str) or name == "" or name.startswith(_HOME):
        return
    with open(os.environ["NUSTAR_WIDGETS_TRIES"], "a", encoding="utf-8") as tries:  # noqa: PTH123
        tries.write(f"{name}\n")
    raise OSError(f"no network here: {name}")


def _to(reach: Callable[..., Any]) -> Callable[..., Any]:
    """Let a method of a socket reach this machine alone."""

    def reach_home(self: socket.socket, *arguments: Any) -> Any:
        if self.family in (socket.AF_INET, socket.AF_INET6):
            _checked(arguments[-1][0])  # the address is the last argument
        return reach(self, *arguments)

    return reach_home


def _asked(ask: Callable[..., Any]) -> Callable[..., Any]:
    """Let a name be asked for only if it is this machine's."""

    def ask_home(host: Any, *arguments: Any, **named: Any) -> Any:
        _checked(host)
        return ask(host, *arguments, **named)

    return ask_home


for _name in ("connect", "connect_ex", "sendto"):
    setattr(socket.socket, _name, _to(getattr(socket.socket, _name)))
for _name in ("getaddrinfo", "gethostbyname", "gethostbyname_ex", "gethostbyaddr"):
    setattr(socket, _name, _asked(getattr(socket, _name)))
