"""The process XSPEC runs in; the only file that imports it.

PyXspec has one state per process, holds the interpreter while it computes, may ask questions and
may crash, so it lives in a process of its own. Messages come and go through a socket, because XSPEC
writes to standard output whatever it likes.

    python -m nustar_widgets.engines.xspec.worker FILE_DESCRIPTOR
"""

from __future__ import annotations

import socket
import sys
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from nustar_widgets.engines.xspec.driver import Driver
from nustar_widgets.engines.xspec.frames import Frame, FrameReader, encode, readable

_PIECE = 1 << 16


class Channel:
    """The worker's end of the socket.

    Parameters
    ----------
    connection
        The socket.
    """

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._reader = FrameReader()
        self._waiting: deque[Frame] = deque()
        self._number = 0
        self._stopped = 0  # number of the request that is to be answered soon

    def send(self, message: Mapping[str, Any], arrays: Sequence[Sequence[float]] = ()) -> None:
        """Send a message as part of the answer to the present request."""
        self._connection.sendall(encode({**message, "id": self._number}, arrays))

    def progress(self, message: Mapping[str, Any]) -> None:
        """Tell how far a request is."""
        self.send({"kind": "progress", **message})

    def stop_asked(self) -> bool:
        """Whether the present request is to be answered with what there is."""
        while self._stopped != self._number and readable(self._connection.fileno()):
            if not self._receive():
                raise SystemExit  # nobody is there any more
        return self._stopped == self._number

    def requests(self) -> Iterator[dict[str, Any]]:
        """Yield what is asked, until nobody is there any more."""
        while self._waiting or self._receive():
            while self._waiting:
                message = self._waiting.popleft().message
                self._number = message["id"]
                yield message

    def _receive(self) -> bool:
        piece = self._connection.recv(_PIECE)
        for frame in self._reader.feed(piece):
            if frame.message["kind"] == "stop":
                self._stopped = frame.message["id"]
            else:
                self._waiting.append(frame)
        return bool(piece)


def main() -> None:
    """Import XSPEC, say so, and answer what is asked."""
    channel = Channel(socket.socket(fileno=int(sys.argv[1])))
    try:
        import xspec  # noqa: PLC0415
    except Exception as error:
        channel.send({"kind": "refused", "problem": f"{type(error).__name__}: {error}"})
        return
    driver = Driver(xspec, channel)
    channel.send({"kind": "done", "version": driver.version})
    for request in channel.requests():
        _answer(driver, channel, request)


def _answer(driver: Driver, channel: Channel, request: dict[str, Any]) -> None:
    try:
        answer, arrays = driver.answer(request)
    except ConnectionError:  # nobody is there any more
        raise
    except Exception as error:
        channel.send({"kind": "refused", "problem": str(error)})
        return
    channel.send({"kind": "done", **answer}, arrays)


if __name__ == "__main__":
    main()
