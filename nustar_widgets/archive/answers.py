"""What servers answer: asked for as it is kept, and what went wrong with it in words."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Final

import requests

from nustar_widgets.archive.patience import Trouble
from nustar_widgets.version import __version__

if TYPE_CHECKING:
    from urllib3.exceptions import HTTPError

_SAID_NO: Final = {
    401: "the server wants a password",
    403: "the server refuses it",
    404: "the server does not have it",
    410: "the server does not have it any more",
    416: "it is shorter in the archive than the list of files says: plan the download again",
    429: "the server is asked too often",
}


def session() -> requests.Session:
    """Return a session whose answers come as the server keeps them.

    Without ``Accept-Encoding: identity`` a server may pack what it sends, and lengths and ranges
    then count packed bytes.
    """
    made = requests.Session()
    made.headers["Accept-Encoding"] = "identity"
    introduce(made)
    return made


def introduce(http: requests.Session) -> None:
    """Let a session tell servers who asks."""
    http.headers["User-Agent"] = f"nustar_widgets/{__version__} {http.headers['User-Agent']}"


def may_pass(status: int) -> bool:
    """Whether asking again may help: the server has a fault, or is asked too often."""
    return status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.TOO_MANY_REQUESTS


def trouble_of(error: requests.RequestException | HTTPError) -> Trouble:
    """Say in words what went wrong on the way to a server or back.

    Parameters
    ----------
    error
        As ``requests``, or urllib3 below it, raised it.
    """
    text = f"{type(error).__name__} {error}"
    if "NameResolution" in text or "getaddrinfo" in text:
        return Trouble("the host's name is not known: is there a network?")
    if isinstance(error, requests.exceptions.SSLError):
        return Trouble(f"the connection is not secure ({error})", may_pass=False)
    if "imed out" in text or "Timeout" in text:
        return Trouble("the server does not answer")
    if "NewConnection" in text or "refused" in text:
        return Trouble("the server takes no connection")
    return Trouble("the connection broke")


def refuse_status(response: requests.Response) -> None:
    """Raise Trouble if a server said anything but yes.

    Parameters
    ----------
    response
        Its answer.
    """
    status = response.status_code
    if status < HTTPStatus.BAD_REQUEST:
        return
    is_fault = status >= HTTPStatus.INTERNAL_SERVER_ERROR
    words = "the server has a fault" if is_fault else _SAID_NO.get(status, "the server said no")
    raise Trouble(
        f"{words} (HTTP {status} {response.reason or ''})".replace(" )", ")"),
        may_pass=may_pass(status),
    )
