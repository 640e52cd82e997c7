"""What a panel leaves in a saved notebook."""

from __future__ import annotations

import base64
import html
import re
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nustar_widgets.panels.stills.choices import choices_table, titled
from nustar_widgets.panels.stills.still import Picture, Still, Table, whole_html
from nustar_widgets.panels.stills.svgaxis import Axis, steady_ends
from nustar_widgets.panels.stills.svgplot import Line, Pane, plot_svg
from nustar_widgets.session.session import Session
from nustar_widgets.session.values import Target

HOSTILE = "<img src=x onerror='window.pwned=1'></pre></script>&"


def svg_in(shown: str) -> str:
    found = re.search(r'src="data:image/svg\+xml;base64,([^"]*)"', shown)
    assert found is not None
    return base64.b64decode(found[1]).decode()


def a_still(name: str = "a", *, size: int = 10) -> Still:
    picture = Picture(svg=f"<svg>{'.' * size}</svg>", alt="dots")
    return Still(title=name, pictures=(picture,), tables=(Table(rows=(("rate", "1.5"),)),))


def test_it_is_html_with_its_pictures_inside_and_also_plain_text() -> None:
    shown = a_still("Sky").to_html()
    assert svg_in(shown) == "<svg>..........</svg>"
    assert 'alt="dots"' in shown
    assert a_still("Sky").to_text() == "Sky\n[picture: dots]\nrate  1.5"


def test_whatever_is_text_is_shown_as_text() -> None:
    still = Still(
        title=HOSTILE,
        words=(HOSTILE,),
        pictures=(Picture(svg="<svg/>", alt=HOSTILE + '"'),),
        tables=(Table(head=(HOSTILE,), rows=((HOSTILE,),)),),
        code=HOSTILE,
    )
    assert still.to_html().count("onerror") == 6
    tags = re.findall(r"<(\w+)", still.to_html())
    assert tags.count("img") == 1
    assert "</script" not in still.to_html()
    assert f'alt="{html.escape(HOSTILE)}&quot;"' in still.to_html()


def test_pictures_that_are_too_much_are_left_out_from_the_end() -> None:
    shown = whole_html([a_still("first", size=3000), a_still("second", size=3000)], 6000)
    assert shown.count("<img") == 1
    assert shown.index("<img") < shown.index("second")
    assert shown.count("1.5") == 2


@given(st.lists(st.integers(0, 9000), max_size=5), st.integers(1000, 20000))
def test_it_is_never_more_than_it_may_be_but_for_titles(sizes: list[int], most: int) -> None:
    shown = whole_html([a_still(size=size) for size in sizes], most)
    assert len(shown.encode()) <= most + 120 * len(sizes)


def test_a_session_is_told_without_what_was_not_chosen() -> None:
    session = Session(target=Target(name=HOSTILE), obsid="00000000001")
    told = {row[0]: row[1] for row in choices_table(session).rows}
    assert told["target"] == HOSTILE
    assert "files" not in told
    assert titled("Sky", session) == f"Sky: {HOSTILE}, 00000000001"
    assert titled("Sky", Session()) == "Sky"


ENDS = st.floats(-1e8, 1e8).filter(lambda value: abs(value) > 1e-8)


@given(ENDS, st.floats(1e-6, 1e6), st.booleans())
def test_ticks_are_inside_their_axis_and_told_apart(low: float, part: float, log: bool) -> None:
    low = abs(low) if log else low
    axis = Axis(label="x", low=low, high=low + part * abs(low), log=log)
    ticks = axis.ticks
    assert len(ticks) <= 15
    slack = 1e-6 * (axis.high - axis.low)
    assert all(axis.low - slack <= place <= axis.high + slack for place, _ in ticks)


def test_labels_are_short() -> None:
    labels = [label for _, label in Axis(label="", low=1e-7, high=1e6, log=True).ticks]
    assert labels == ["10⁻⁷", "10⁻⁴", "0.1", "100", "10⁵"]
    assert Axis(label="", low=-0.1, high=0.1).ticks[0][1] == "−0.1"


@given(st.lists(st.floats(), max_size=20), st.booleans())
def test_ends_hold_every_value_that_has_a_place(values: list[float], log: bool) -> None:
    ends = steady_ends([value for value in values if abs(value) < 1e300], log=log)
    for value in values:
        if abs(value) < 1e300 and (value > 0 or not log):
            assert ends is not None
            assert ends[0] <= value <= ends[1]


NUMBERS = st.floats(allow_nan=True, allow_infinity=True)


@given(st.lists(st.tuples(NUMBERS, NUMBERS), max_size=30), st.booleans())
def test_a_plot_of_any_numbers_is_svg_without_words_for_no_number(
    points: list[tuple[float, float]], log: bool
) -> None:
    x, y = (np.array([point[at] for point in points]) for at in (0, 1))
    axis = Axis(label="Energy [keV]", low=1.0, high=100.0, log=log)
    line = Line(x=x, y=y, colour="#123456", name=HOSTILE)
    drawn = plot_svg(axis, [Pane(axis=axis, lines=[line])])
    root = ET.fromstring(drawn)
    assert HOSTILE in "".join(root.itertext())
    paths = [item.attrib["d"] for item in root.iter() if item.tag.endswith("path")]
    assert len(paths) == 1
    assert not re.search("nan|inf", paths[0])


def test_a_line_is_broken_where_it_has_no_number() -> None:
    axis = Axis(label="x", low=0.0, high=10.0)
    line = Line(x=[1, 2, 3, 4], y=[1, np.nan, 3, 4], colour="red")
    drawn = plot_svg(axis, [Pane(axis=axis, lines=[line], height_px=100)])
    path = re.search(r"<path d='([^']*)'", drawn)
    assert path is not None
    assert re.sub(r"[\d. ]+", "", path[1]) == "MML"


def test_zero_lies_below_a_logarithmic_axis() -> None:
    axis = Axis(label="x", low=1.0, high=100.0, log=True)
    assert axis.fractions([0.0, -3.0, 1.0, 10.0]).tolist() == pytest.approx([-1, -1, 0, 0.5])
