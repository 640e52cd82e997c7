"""Whether the archive can be reached, asked of all its servers at once."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import requests

from nustar_widgets.archive.aws import AwsHost
from nustar_widgets.archive.catalog import VO_URL
from nustar_widgets.diagnosis.findings import Finding

GROUP: Final = "Network"
TIMEOUT_S: Final = 3.0
"""How long a server may take to answer [s]."""

_GRACE_S: Final = 1.0
_SESAME: Final = "https://cds.unistra.fr/cgi-bin/nph-sesame"
_ARCHIVE: Final = "https://heasarc.gsfc.nasa.gov/FTP/nustar/"
_REMEDY: Final = """\
# where a proxy stands between this machine and the net:
export HTTPS_PROXY=http://your.proxy:port"""


@dataclass(frozen=True, kw_only=True)
class Place:
    """A server that is asked.

    Attributes
    ----------
    name
        What people call it.
    url
        Its address.
    enables
        What it is good for.
    """

    name: str
    url: str
    enables: str


def _places() -> tuple[Place, ...]:
    bucket = AwsHost()
    address = f"https://{bucket.bucket}.s3.{bucket.region}.amazonaws.com/"
    return (
        Place(name="HEASARC catalogue", url=f"{VO_URL}/tap/availability",
              enables="searching for observations"),
        Place(name="HEASARC archive", url=_ARCHIVE, enables="downloads from HEASARC"),
        Place(name="AWS bucket", url=address, enables="downloads from Amazon's copy"),
        Place(name="Sesame (SIMBAD)", url=_SESAME, enables="positions of sources by name"),
    )  # fmt: skip


def network_findings(
    places: Sequence[Place] | None = None, timeout_s: float = TIMEOUT_S
) -> Iterator[Finding]:
    """Ask the servers, all at once; whatever they answer, they are there.

    Parameters
    ----------
    places
        The servers; those of the archive by default.
    timeout_s
        How long each may take [s].
    """
    places = _places() if places is None else places
    answers = _answers(places, timeout_s)
    is_offline = not any(ok for ok, _ in answers)
    for place, (ok, told) in zip(places, answers, strict=True):
        words = f"{told}; this machine seems to be offline" if is_offline else told
        yield Finding(
            name=place.name, ok=ok, found=words,
            enables=f"{place.enables}; what lies on disk needs no network",
            remedy="" if ok else _REMEDY, is_optional=True, group=GROUP,
        )  # fmt: skip


def _answers(places: Sequence[Place], timeout_s: float) -> list[tuple[bool, str]]:
    """Ask all at once; a name service that hangs is not waited for either."""
    found: dict[str, tuple[bool, str]] = {}

    def ask(url: str) -> None:
        found[url] = _asked(url, timeout_s)

    askers = [threading.Thread(target=ask, args=(place.url,), daemon=True) for place in places]
    for asker in askers:
        asker.start()
    until = time.monotonic() + timeout_s + _GRACE_S
    for asker in askers:
        asker.join(max(0.0, until - time.monotonic()))
    return [found.get(place.url, (False, f"no answer within {timeout_s:g} s")) for place in places]


def _asked(url: str, timeout_s: float) -> tuple[bool, str]:
    """Ask for the head of a page; a server that says no is a server that answers."""
    begun = time.monotonic()
    try:
        with requests.Session() as session:
            answer = session.head(url, timeout=timeout_s, allow_redirects=False)
    except requests.Timeout:
        return False, f"no answer within {timeout_s:g} s"
    except requests.RequestException as error:
        return False, f"cannot be reached ({_reason(error)})"
    took_ms = 1e3 * (time.monotonic() - begun)
    if answer.status_code >= 500:
        return False, f"answers with an error of its own (HTTP {answer.status_code})"
    return True, f"answers in {took_ms:.0f} ms"


def _reason(error: requests.RequestException) -> str:
    text = str(error).lower()
    known = {
        "name or service not known": "its name is not known",
        "temporary failure in name resolution": "no name service",
        "failed to resolve": "no name service",
        "proxy": "the proxy refuses",
        "certificate": "its certificate is not trusted",
        "refused": "connection refused",
        "unreachable": "no way there",
    }
    return next((words for key, words in known.items() if key in text), type(error).__name__)
