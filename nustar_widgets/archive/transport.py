"""Talking to servers that may be away: a time limit, a way out, one more try, one clear message.

astroquery and pyvo send their requests without a time limit and wrap what goes wrong in many
layers: a refused connection arrives as a format error, and a server error with a readable body as
success. Their session is replaced by ours, which sees every request; what they raise is sorted
here into the few things a user can act on.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any, Final, TypeVar

import requests
import urllib3

from nustar_widgets.archive.answers import introduce, may_pass
from nustar_widgets.errors import (
    ArchiveError,
    NoNetwork,
    SearchCancelled,
    ServerNonsense,
    ServerRefused,
)

Answer = TypeVar("Answer")

_LATER: Final = "Try again later"
_LONGEST: Final = 200
_POSITION: Final = re.compile(r"\b(?:None:)?\d+:\d+: (?:[EW]\d+: )?")
"""Where a parser stands, in front of what it says."""

_LATE: Final = (TimeoutError, requests.Timeout, urllib3.exceptions.ReadTimeoutError)
_BROKEN: Final = (
    ConnectionError,
    requests.ConnectionError,
    requests.exceptions.ChunkedEncodingError,
    urllib3.exceptions.ProtocolError,
)


class Exchange:
    """One exchange with a server: whether it is still wanted, and how it went."""

    def __init__(self, cancelled: threading.Event | None) -> None:
        self._cancelled = cancelled
        self.responses: list[requests.Response] = []
        self.is_answering = False

    @property
    def status(self) -> int | None:
        """HTTP status of the last answer; ``None`` before there is one."""
        return self.responses[-1].status_code if self.responses else None

    def check(self) -> None:
        """Raise SearchCancelled if it is not wanted any more."""
        if self._cancelled is not None and self._cancelled.is_set():
            raise SearchCancelled


class PatientSession(requests.Session):
    """A requests session that waits so long and no longer, and can be told to stop.

    Parameters
    ----------
    timeout_s
        How long a server may be silent [s].
    """

    def __init__(self, timeout_s: float) -> None:
        super().__init__()
        self.timeout_s = timeout_s
        introduce(self)
        self._here = threading.local()

    @contextmanager
    def watched_by(self, exchange: Exchange) -> Iterator[None]:
        """Let an exchange see the requests this thread makes in the block."""
        self._here.exchange = exchange
        try:
            yield
        finally:
            self._here.exchange = None
            for response in exchange.responses:
                response.close()

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        """Send a request, with a time limit if the caller set none."""
        exchange: Exchange | None = getattr(self._here, "exchange", None)
        if exchange is not None:
            exchange.check()
            exchange.is_answering = False
        kwargs["timeout"] = kwargs.get("timeout") or self.timeout_s
        response = super().send(request, **kwargs)
        if exchange is not None:
            exchange.is_answering = True
            exchange.responses.append(response)
            _check_while_reading(response, exchange)
        return response


def ask(
    question: Callable[[], Answer],
    *,
    session: PatientSession,
    url: str,
    cancelled: threading.Event | None = None,
) -> Answer:
    """Ask once, through libraries that use the session.

    Parameters
    ----------
    question
        What is asked; its requests go through `session`, in this thread.
    session
        The session.
    url
        What is asked, for the messages.
    cancelled
        Set it to stop.

    Raises
    ------
    NoNetwork, ServerRefused, ServerNonsense, SearchCancelled
        What went wrong, as one of the things a user can act on.
    """
    exchange = Exchange(cancelled)
    with session.watched_by(exchange):
        try:
            answer = question()
            exchange.check()
        except Exception as error:  # the parsers under pyvo raise whatever they meet
            raise _sorted(error, exchange, url=url, timeout_s=session.timeout_s) from error
        if exchange.status is not None and exchange.status >= HTTPStatus.BAD_REQUEST:
            raise _refused(url, exchange.status)
    return answer


def try_twice(
    attempt: Callable[[], Answer], *, pause_s: float, cancelled: threading.Event | None = None
) -> Answer:
    """Try, and if it failed in a way that may pass, wait and try once more.

    Parameters
    ----------
    attempt
        What is tried.
    pause_s
        How long to wait [s]; setting `cancelled` ends it.
    cancelled
        Set it to stop.
    """
    try:
        return attempt()
    except NoNetwork:
        pass
    except ServerRefused as error:
        if error.status is None or not may_pass(error.status):
            raise
    if (cancelled or threading.Event()).wait(pause_s):
        raise SearchCancelled
    return attempt()


def reason(error: BaseException) -> str:
    """Return what went wrong in the words of whoever noticed first, on one line."""
    causes = tuple(_causes(error))
    for cause in causes:
        if isinstance(cause, OSError) and cause.strerror:
            return cause.strerror
        if isinstance(cause, ConnectionError) and str(cause):
            return str(cause)
    inner = next((cause for cause in causes[1:] if str(cause)), error)
    text = _POSITION.sub("", " ".join(str(inner).split()))
    return text[:_LONGEST] or type(inner).__name__


def unreachable(url: str, why: str) -> NoNetwork:
    """Say that a server cannot be reached."""
    return NoNetwork(url, f"cannot be reached ({why}). Check the network, or try again later")


def _check_while_reading(response: requests.Response, exchange: Exchange) -> None:
    read = response.raw.read

    def checked(*args: Any, **kwargs: Any) -> Any:
        exchange.check()
        return read(*args, **kwargs)

    response.raw.read = checked


def _sorted(error: Exception, exchange: Exchange, *, url: str, timeout_s: float) -> ArchiveError:
    from pyvo.dal import DALQueryError  # noqa: PLC0415  (0.6 s)

    causes = tuple(_causes(error))
    said_no = exchange.status is not None and exchange.status >= HTTPStatus.BAD_REQUEST
    if any(isinstance(cause, SearchCancelled) for cause in causes):
        return SearchCancelled()
    if isinstance(error, DALQueryError):
        told = f"refused the query ({reason(error)}). {_LATER}, or with fewer conditions"
        return ServerRefused(url, told, exchange.status if said_no else None)
    broken = _interrupted(causes, exchange, url=url, timeout_s=timeout_s)
    if exchange.status is not None and said_no and broken is None:
        return _refused(url, exchange.status)
    return broken or ServerNonsense(url, f"the answer cannot be read ({reason(error)}). {_LATER}")


def _interrupted(
    causes: Sequence[BaseException], exchange: Exchange, *, url: str, timeout_s: float
) -> NoNetwork | None:
    if any(isinstance(cause, _LATE) for cause in causes):
        return NoNetwork(url, f"no answer within {timeout_s:g} s. {_LATER}")
    if not any(isinstance(cause, _BROKEN) for cause in causes):
        return None
    if exchange.is_answering:
        return NoNetwork(url, f"the connection broke off in the middle of the answer. {_LATER}")
    return unreachable(url, reason(causes[0]))


def _refused(url: str, status: int) -> ServerRefused:
    try:
        phrase = f" {HTTPStatus(status).phrase}"
    except ValueError:
        phrase = ""
    remedy = _LATER if may_pass(status) else "Check the address of the archive"
    return ServerRefused(url, f"said no: HTTP {status}{phrase}. {remedy}", status)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Everything wrapped in an error, by Python, by pyvo, by requests or by urllib3."""
    seen: set[int] = set()
    waiting: list[Any] = [error]
    while waiting:
        cause = waiting.pop(0)
        if not isinstance(cause, BaseException) or id(cause) in seen:
            continue
        seen.add(id(cause))
        yield cause
        inner = (getattr(cause, name, None) for name in ("cause", "reason"))
        waiting += [cause.__cause__, cause.__context__, *inner, *cause.args]
