"""The checks of the exercises on parameters and products."""

from __future__ import annotations

import pytest

from nustar_widgets.teaching import Workshop
from tests.teaching.test_region_exercises import take_suggestions


def test_parameters_are_asked_for_one_after_the_other(workshop: Workshop) -> None:
    assert "no source region" in workshop.check(6).text
    take_suggestions(workshop)
    session = workshop.session
    assert "binsize is 100, and bins of 250 s are asked for" in workshop.check(6).text
    session.edit("bins", bin_s=250.0)
    assert "pilow is not set, and 5 keV is channel" in workshop.check(6).text
    session.edit("band", band_kev=(5.0, 78.0))
    assert "pihigh is 1909, and 20 keV is the end of channel" in workshop.check(6).text
    session.edit("band", band_kev=(5.0, 20.0))
    assert workshop.check(6).text == "the call says binsize=250 pilow=85 pihigh=459."


def test_products_that_are_to_be_made_are_counted(workshop: Workshop) -> None:
    assert "no source region" in workshop.check(7).text
    take_suggestions(workshop)
    session = workshop.session
    session.edit("one module, not grouped", modules=("FPMA",))
    assert "2 of 2 steps are still to be run, first nuproducts: not made yet" in (
        workshop.check(7).text
    )


@pytest.mark.parametrize("number", [1, 2, 3, 4, 5, 6, 7])
def test_without_data_the_first_cell_is_named(number: int) -> None:
    from nustar_widgets.session.session import Session

    text = Workshop(Session()).check(number).text
    assert text.startswith("there is no event list. Run the cell that opens the simulated sample")
