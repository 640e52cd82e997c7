"""Folders as a web server shows them: pages of links."""

from __future__ import annotations

from dataclasses import dataclass
from html.parser import HTMLParser
from urllib.parse import unquote, urljoin, urlsplit


@dataclass(frozen=True, kw_only=True)
class IndexPage:
    """What a folder's page links to.

    Attributes
    ----------
    files
        Names of files in the folder.
    folders
        Names of folders in it, without slash.
    """

    files: tuple[str, ...]
    folders: tuple[str, ...]


def read_index(text: str, url: str) -> IndexPage:
    """Read a folder's page, of whatever server.

    Only links straight into the folder count: those for sorting, to the folder above or elsewhere
    are what every such page has.

    Parameters
    ----------
    text
        The page.
    url
        Its address, with a slash at the end.
    """
    links = _Links()
    links.feed(text)
    links.close()
    names = dict.fromkeys(name for link in links.found if (name := _name(link, url)))
    return IndexPage(
        files=tuple(name for name in names if not name.endswith("/")),
        folders=tuple(name[:-1] for name in names if name.endswith("/")),
    )


class _Links(HTMLParser):
    """Collects what the links of a page lead to."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self.found += [value for name, value in attrs if name == "href" and value]


def _name(link: str, url: str) -> str:
    """Return the name in the folder a link leads to, with a slash for a folder; else nothing."""
    try:
        here, there = urlsplit(url), urlsplit(urljoin(url, link))
    except ValueError:  # no address at all
        return ""
    is_inside = (there.scheme, there.netloc) == (here.scheme, here.netloc)
    rest = there.path.removeprefix(here.path)
    if not is_inside or there.query or there.path == rest or "/" in rest[:-1]:
        return ""
    return unquote(rest)
