"""The model box and the grouping box of the fit panel, without a page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from nustar_widgets.errors import ParameterError
from nustar_widgets.fits.groupingview import BinNumbers, GroupingView
from nustar_widgets.fits.outline import outline
from nustar_widgets.panels.closing import close_tree
from nustar_widgets.panels.fitting.expressionview import PlainExpression, front_end
from nustar_widgets.panels.fitting.groupingbox import KINDS, GroupingBox
from nustar_widgets.panels.fitting.modelbox import ModelBox, ModelCalls
from nustar_widgets.session.values import FitChoice, GroupingChoice
from nustar_widgets.spectra.grouping import GROUPTYPES

BAD = "<img src=x onerror=alert(1)>"


def plainly(callback: Callable[..., Any]) -> Callable[..., None]:
    return callback


class Heard:
    """Keeps what a box tells."""

    def __init__(self) -> None:
        self.words: list[tuple[Any, ...]] = []
        self.groupings: list[GroupingChoice | None] = []

    def of(self, name: str) -> Callable[..., None]:
        return lambda *told: self.words.append((name, *told))

    def box(self, choice: FitChoice | None = None) -> ModelBox:
        names = (
            "expressed", "templated", "guess", "statistic", "abundance", "cross_section", "added",
            "removed",
        )  # fmt: skip
        calls = ModelCalls(**{name: self.of(name) for name in names})
        box = ModelBox(calls, guarded=plainly, has_page=False)
        box.show(choice or FitChoice())
        return box

    def grouping(self) -> GroupingBox:
        return GroupingBox(grouped=self.groupings.append, guarded=plainly)


@pytest.fixture
def heard() -> Heard:
    return Heard()


def enter(box: ModelBox, text: str) -> None:
    box.expression.view._handle_custom_msg({"kind": "enter", "text": text}, [])


# -- the expression


def test_a_model_that_is_entered_is_told(heard: Heard) -> None:
    box = heard.box()
    enter(box, "tbabs*(po+ga)")
    assert heard.words == [("expressed", "tbabs*(po+ga)")]


def test_what_is_no_model_is_refused_at_once_with_its_place(heard: Heard) -> None:
    box = heard.box()
    enter(box, "tbabs*powerlow")
    assert heard.words == []
    shown = box.expression.view.shown
    assert shown["expression"] == "constant*tbabs*powerlaw"
    assert shown["problem"].startswith("no model is called 'powerlow'")
    assert shown["position"] == 6
    box.show(FitChoice())
    assert box.expression.view.shown["problem"] == ""


def test_a_refused_choice_says_why(heard: Heard) -> None:
    box = heard.box()
    box.show(FitChoice(expression="apec"), "apec needs XSPEC\nmore")
    assert box.expression.view.shown["problem"] == "apec needs XSPEC"


def test_what_is_typed_is_judged_with_completions(heard: Heard) -> None:
    view = heard.box().expression.view
    view.typed = {"page": "p", "number": 3, "text": "tbabs*po", "cursor": 8}
    answer = view.answer
    assert (answer["page"], answer["number"], answer["problem"]) == ("p", 3, "")
    assert (answer["start"], answer["end"], answer["word"]) == (6, 8, "po")
    assert answer["items"][0]["name"] == "powerlaw"
    view.typed = {"page": "p", "number": 4, "text": "tbabs*(po", "cursor": 9}
    assert view.answer["position"] == 6
    assert "never closed" in view.answer["problem"]


def test_the_stand_in_keeps_a_refused_text_and_draws_its_place() -> None:
    told: list[str] = []
    plain = PlainExpression(entered=told.append, guarded=plainly)
    plain.show("tbabs*po")
    assert told == []
    plain.field.value = "tbabs*powerlow"
    assert told == ["tbabs*powerlow"]
    plain.show("tbabs*po", f"no model {BAD}", 6)
    assert plain.field.value == "tbabs*powerlow"
    assert "      ^" in plain.said.value
    assert BAD not in plain.said.value
    plain.show("tbabs*po")
    assert plain.field.value == "tbabs*po"
    assert plain.said.value == ""


def test_without_anywidget_the_stand_in_takes_over_and_gives_way(heard: Heard) -> None:
    box = heard.box()
    box.expression._watch.lacks_the_view = True
    box.expression._page_changed()
    plain = box.expression.plain
    assert plain is not None
    assert plain.field.value == "constant*tbabs*powerlaw"
    plain.field.value = "tbabs*po"
    assert heard.words == [("expressed", "tbabs*po")]
    plain.field.value = "tbabs*"
    assert "expected a model" in plain.said.value
    box.expression._watch.lacks_the_view = False
    box.expression._page_changed()
    assert box.expression.children == (box.expression.view,)


def test_the_code_of_the_page_never_writes_html() -> None:
    assert "innerHTML" not in front_end()
    assert "export default" in front_end()


# -- components


def test_components_are_listed_and_removed(heard: Heard) -> None:
    box = heard.box(FitChoice(expression="tbabs*(po+ga+ga)"))
    assert list(box.components.buttons) == ["TBabs", "powerlaw", "gaussian", "gaussian_4"]
    box.components.buttons["gaussian_4"].click()
    assert heard.words == [("removed", "gaussian_4")]
    rows = box.components.children
    box.show(FitChoice(expression="tbabs*(po+ga+gaussian)", statistic="chi"))
    assert box.components.children is rows


def test_every_model_is_explained_before_it_is_added(heard: Heard) -> None:
    box = heard.box()
    picker = box.picker
    picker.open.value = True
    picker.models.value = "cutoffpl"
    for words in ("norm E^-PhoIndex exp(-E/HighECut)", "HighECut", "keV", "photon index"):
        assert words in picker.about.value
    picker.place.value = "powerlaw"
    picker.add.click()
    picker.group.value = "absorption"
    picker.find.value = "partly no such thing"
    assert picker.add.disabled
    assert "No absorption model" in picker.about.value
    picker.find.value = "pcf"
    assert picker.models.value == "pcfabs"
    picker.place.value = None
    picker.add.click()
    assert heard.words == [("added", "cutoffpl", "powerlaw"), ("added", "pcfabs", None)]


def test_what_needs_xspec_cannot_be_added_without_it(heard: Heard) -> None:
    box = heard.box()
    box.picker.find.value = "pexrav"
    assert box.picker.models.value == "pexrav"
    assert box.picker.add.disabled
    assert "needs XSPEC" in box.picker.about.value
    box.show(FitChoice(engine="xspec"))
    assert not box.picker.add.disabled
    box.picker.add.click()
    assert heard.words == [("added", "pexrav", None)]


# -- templates, statistic, tables


def test_a_template_is_explained_and_applied(heard: Heard) -> None:
    box = heard.box()
    assert box.apply.disabled
    box.template.value = "AGN: with iron line"
    assert "narrower than NuSTAR resolves" in box.about.value
    assert "constant*tbabs*(cutoffpl+zgauss)" in box.about.value
    box.apply.click()
    assert heard.words[0][0] == "templated"
    assert heard.words[0][1].name == "AGN: with iron line"
    box.template.value = "AGN: with reflection (needs XSPEC)"
    assert box.apply.disabled
    assert "pexrav needs XSPEC: choose XSPEC as the engine" in box.about.value
    box.show(FitChoice(engine="xspec"))
    assert not box.apply.disabled


def test_guess_statistic_and_tables_are_told_once_and_not_when_shown(heard: Heard) -> None:
    box = heard.box()
    box.guess.click()
    box.statistic.value = "chi"
    box.abundance.value = "angr"
    box.cross_section.value = "bcmc"
    told = [
        ("guess",), ("statistic", "chi"), ("abundance", "angr"), ("cross_section", "bcmc"),
    ]  # fmt: skip
    assert heard.words == told
    box.show(FitChoice(statistic="pgstat", abundance="aspl"))
    assert heard.words == told
    assert "background whose errors are Gaussian" in box.advice.value
    box.show(FitChoice(statistic="lstat"))
    assert box.statistic.value == "lstat"


def test_what_comes_from_outside_is_escaped(heard: Heard) -> None:
    box = heard.box()
    box.show(FitChoice(expression=BAD, statistic=BAD, abundance=BAD), BAD)
    texts = [box.about.value, box.advice.value, box.picker.about.value]
    assert all(BAD not in text for text in texts)
    assert box.components.children == ()


def test_a_closed_box_waits_for_no_page(heard: Heard) -> None:
    box = heard.box()
    close_tree(box)
    assert box.expression.view.comm is None


# -- grouping


def test_every_grouptype_has_the_controls_it_needs(heard: Heard) -> None:
    box = heard.grouping()
    assert set(GROUPTYPES) < set(KINDS)
    labels = {}
    for kind in GROUPTYPES[:-1]:
        box.kind.value = kind
        shown = box.scale.layout.display is None
        labels[kind] = box.scale.description if shown else ""
        assert heard.groupings[-1] is not None
        assert heard.groupings[-1].grouptype == kind
        box.show(heard.groupings[-1])
    assert labels == {
        "min": "counts", "bmin": "counts", "constant": "channels", "snmin": "S/N", "opt": "",
        "optmin": "counts", "optsnmin": "S/N",
    }  # fmt: skip
    assert box.limits.layout.display is None
    box.kind.value = "opt"
    assert box.limits.layout.display == "none"


def test_limits_are_entered_in_kev_and_told_as_channels(heard: Heard) -> None:
    box = heard.grouping()
    box.kind.value = "min"
    first = heard.groupings[-1]
    assert first == GroupingChoice(groupscale=25.0, minchannel=35, maxchannel=1934)
    box.show(first)
    assert (box.low.value, box.high.value) == ("3", "79")
    box.high.value = "40"
    last = heard.groupings[-1]
    assert last is not None
    assert last.maxchannel == 959
    box.show(last)
    box.low.value = ""
    assert heard.groupings[-1] == GroupingChoice(minchannel=None, maxchannel=959)


def test_a_file_is_asked_for_before_it_is_used(heard: Heard) -> None:
    box = heard.grouping()
    box.kind.value = "file"
    assert heard.groupings == []
    assert "Name the file" in box.about.value
    box.file.value = "groups.txt"
    assert heard.groupings[-1] is not None
    assert heard.groupings[-1].others == (("templatefile", "groups.txt"),)


def test_back_to_the_file_and_wrong_numbers(heard: Heard) -> None:
    box = heard.grouping()
    box.show(GroupingChoice())
    with pytest.raises(ParameterError, match="counts: 'many': expected a number above 0"):
        box.scale.value = "many"
    with pytest.raises(ParameterError, match="from"):
        box.scale.value, box.low.value = "25", "-3"
    box.show(GroupingChoice())
    box.kind.value = "as in the file"
    assert heard.groupings[-1] is None


def test_what_comes_out_is_told_with_its_warnings(heard: Heard) -> None:
    box = heard.grouping()
    numbers = BinNumbers(
        spectrum=1, name=BAD, n_bins=1830, smallest_counts=5, median_counts=31.0, smallest_sn=1.9,
        median_sn=5.2, widest_kev=3.32, low_kev=3.0, high_kev=79.0,
    )  # fmt: skip
    empty = BinNumbers(spectrum=2, name="FPMB", n_bins=0)
    box.show(None, GroupingView(spectra=(numbers, empty), warnings=(f"chi needs 20 {BAD}",)))
    told = box.numbers.value
    for words in ("1,830", ">5<", ">31<", "1.9", "5.2", "3-79", "chi needs 20"):
        assert words in told
    assert BAD not in told
    assert outline("powerlaw").is_known
