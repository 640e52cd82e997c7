from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from nustar_widgets.jobs.liveproducts import LiveProducts
from nustar_widgets.jobs.productstate import Made, ProductState, ProductStep
from nustar_widgets.panels.base import Panel
from nustar_widgets.panels.fit import FitPanel
from nustar_widgets.panels.jobs import JobsPanel
from nustar_widgets.panels.lightcurve import LightCurvePanel
from nustar_widgets.panels.parameters import ParameterPanel
from nustar_widgets.panels.search import SearchPanel
from nustar_widgets.panels.sky import SkyPanel
from nustar_widgets.panels.standingline import StandingLine
from nustar_widgets.session.session import Session
from tests.panels.conftest import at_once
from tests.panels.test_after_restart import until

STALE = ProductState(
    made=Made.STALE,
    about="the source region has changed since nuproducts FPMA ran (12:03)",
    steps=(
        ProductStep(label="nuproducts FPMA", why="x", engine="embedded", made_at=0.0),
        ProductStep(label="<img src=x onerror=alert(1)>", why=None),
    ),
)


def line(panel: Panel) -> StandingLine:
    found = panel.children[0]
    assert isinstance(found, StandingLine)
    return found


@pytest.mark.parametrize(
    ("kind", "heading"),
    [
        (SearchPanel, "Products"), (SkyPanel, "Products"), (LightCurvePanel, "Products"),
        (ParameterPanel, "Products"), (FitPanel, "Spectra"),
    ],
)  # fmt: skip
def test_every_panel_says_whether_products_are_current(
    tmp_path: Path, kind: Any, heading: str
) -> None:
    session = Session(work_dir=str(tmp_path))
    panel = kind(session, start=at_once)
    until(lambda: LiveProducts.of(session).state is not None)
    assert line(panel).text == f"{heading}: none yet"
    LiveProducts.of(session).state = STALE
    assert line(panel).text == (
        f"{heading}: stale: the source region has changed since nuproducts FPMA ran (12:03)"
    )
    panel.close()


def test_the_jobs_panel_says_it_in_its_plan_and_not_twice(tmp_path: Path) -> None:
    panel = JobsPanel(Session(work_dir=str(tmp_path)), start=at_once, has_page=False)
    assert not any(isinstance(child, StandingLine) for child in panel.children)
    panel.close()


def test_what_each_step_made_is_folded_away_and_text_stays_text() -> None:
    session = Session()
    shown = StandingLine(session, heading="Products")
    assert shown.text == ""
    assert "min-height: 20px" in shown.value  # its room is there before its words
    until(lambda: shown.products.state is not None)
    shown.products.state = STALE
    shown.show()
    assert "<details><summary>" in shown.value
    assert "made by the embedded engine at 01 Jan 00:00, x" in shown.value
    assert "&lt;img src=x onerror=alert(1)&gt;" in shown.value
    assert "<img" not in shown.value
    shown.close()


def test_where_nothing_was_made_nothing_is_folded_away() -> None:
    session = Session()
    shown = StandingLine(session, heading="Products")
    until(lambda: shown.products.state is not None)
    shown.products.state = ProductState(steps=(ProductStep(label="nuproducts FPMA", why="x"),))
    shown.show()
    assert shown.text == "Products: none yet"
    assert "<details>" not in shown.value
    shown.close()
