"""The page of a report: filled from plain values, self-contained, written by the caller."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources

import jinja2

from nustar_widgets.session.provenance import Fingerprint
from nustar_widgets.version import __version__


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A picture with its title, what it shows, and lines to go with it."""

    title: str
    uri: str
    caption: str
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table of finished text."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, kw_only=True)
class FitText:
    """The fit in finished text.

    Attributes
    ----------
    expression, statistic
        What was fitted and how well.
    rows
        Parameter, value, 90 % range, unit, remark.
    fluxes
        Band, energy flux, photon flux.
    notes
        Warnings.
    """

    expression: str
    statistic: str
    rows: tuple[tuple[str, ...], ...]
    fluxes: tuple[tuple[str, ...], ...] = ()
    notes: tuple[str, ...] = ()


def render_page(
    *,
    title: str,
    subtitle: str,
    inputs: Sequence[Fingerprint],
    simulated: bool = False,
    numbers: Table | None = None,
    not_applied: Sequence[str] = (),
    cautions: Sequence[str] = (),
    pictures: Sequence[Picture] = (),
    fit: FitText | None = None,
    script: str | None = None,
) -> str:
    """Return the page as HTML text; every value is escaped, what is absent is left out."""
    text = resources.files("nustar_widgets.report").joinpath("page.html.j2").read_text("utf-8")
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined)
    return environment.from_string(text).render(
        title=title, subtitle=subtitle, simulated=simulated, numbers=numbers,
        not_applied=not_applied, cautions=cautions, pictures=pictures, fit=fit, script=script,
        inputs=inputs,
        made_by=f"Made by nustar_widgets {__version__}, embedded engine",
    )  # fmt: skip
