"""How much of an observation is fetched."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Final

from nustar_widgets.archive.files import ENCRYPTED_SUFFIX
from nustar_widgets.archive.names import Role, parse_name
from nustar_widgets.errors import DownloadError, ProprietaryData

_PRODUCT_FOLDERS: Final = ("event_cl", "hk", "auxil")


class Content(StrEnum):
    """What of an observation is fetched."""

    EVERYTHING = "everything"
    PRODUCTS = "what nuproducts needs"
    EVENTS = "cleaned event lists"

    def wants(self, relative: str) -> bool:
        """Whether a file belongs to it.

        Parameters
        ----------
        relative
            Its path in the observation's folder, as ``event_cl/nu60001110002A01_cl.evt.gz``.
        """
        if self is Content.EVERYTHING:
            return True
        folder, _, rest = relative.partition("/")
        if self is Content.PRODUCTS:
            return folder in _PRODUCT_FOLDERS and bool(rest)
        name = parse_name(rest.removesuffix(ENCRYPTED_SUFFIX))
        return folder == "event_cl" and name is not None and name.role is Role.EVENTS


def chosen_names(names: Sequence[str], content: Content, *, source: str) -> tuple[str, ...]:
    """Choose what is to be fetched from what is there.

    Parameters
    ----------
    names
        Every file of the observation, by its path in the folder.
    content
        What is wanted.
    source
        Where the list is from, for messages.

    Returns
    -------
    tuple of str
        Names to fetch, in order; an encrypted twin of a readable file is left out.

    Raises
    ------
    ProprietaryData
        What is wanted is there in encrypted form only.
    DownloadError
        There is nothing, or nothing that is wanted.
    """
    if not names:
        raise DownloadError(
            source,
            "the list of files is empty",
            "The observation may not be taken, not yet be public, or not yet be copied to this "
            "host: check its status and public date in the catalogue, or choose another host",
        )
    there = set(names)
    chosen = tuple(
        name
        for name in sorted(there)
        if content.wants(name) and name.removesuffix(ENCRYPTED_SUFFIX) not in there - {name}
    )
    if not chosen:
        raise DownloadError(
            source,
            f"none of its {len(there)} files belongs to: {content}",
            f"A slew or a planned observation has none; choose {Content.EVERYTHING!s} to see",
        )
    _refuse_encrypted(chosen, source)
    return chosen


def _refuse_encrypted(names: Sequence[str], source: str) -> None:
    encrypted = [name for name in names if name.endswith(ENCRYPTED_SUFFIX)]
    if encrypted:
        raise ProprietaryData(
            source,
            f"{len(encrypted)} of {len(names)} files are encrypted ({encrypted[0]}): the "
            "observation is proprietary",
            "Wait for its public date (public_date in the catalogue); as its principal "
            "investigator, fetch and decrypt it with your key, then open the folder here",
        )
