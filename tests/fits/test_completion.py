"""Completions of an expression at the cursor."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from nustar_widgets.fits.completion import NEEDS_XSPEC, all_models, completions
from nustar_widgets.fits.xspecmodels import xspec_models
from nustar_widgets.spectra.modelspec import Kind
from nustar_widgets.spectra.registry import MODELS, find_model, full_name


def names(text: str, cursor: int | None = None, *, with_xspec: bool = False) -> list[str]:
    return [item.name for item in completions(text, cursor, with_xspec=with_xspec).items]


def test_names_that_begin_so_come_first_as_xspec_reads_them() -> None:
    found = completions("constant*tbabs*po")
    assert (found.start, found.end, found.word) == (15, 17, "po")
    assert found.items[0].name == full_name("po") == "powerlaw"
    assert found.items[0].kind == "additive"
    assert found.items[0].meaning == "power law"
    assert found.taken("constant*tbabs*po", "powerlaw") == ("constant*tbabs*powerlaw", 23)


def test_the_cursor_may_stand_within_a_word() -> None:
    found = completions("tbabs*powerlaw", 2)
    assert (found.start, found.end, found.word) == (0, 5, "tb")
    assert found.taken("tbabs*powerlaw", "TBabs") == ("TBabs*powerlaw", 5)


def test_what_only_xspec_has_comes_last_and_says_so() -> None:
    found = completions("pl", with_xspec=False).items
    assert all(item.why_not == NEEDS_XSPEC for item in found)
    ap = completions("ap", with_xspec=True).items[0]
    assert (ap.name, ap.needs_xspec, ap.why_not) == ("apec", True, "")
    kinds = [bool(item.why_not) for item in completions("bb").items]
    assert kinds == sorted(kinds)


def test_a_meaning_is_found_by_its_words() -> None:
    assert names("line")[:2] == ["gaussian", "lorentz"]
    assert "pexrav" in names("reflection", with_xspec=True)


def test_a_misspelling_gets_similar_names() -> None:
    assert names("tbabs*powerlow")[0] == "powerlaw"
    assert names("gausian")[0] == "gaussian"


def test_where_no_model_can_begin_nothing_is_offered() -> None:
    assert names("powerlaw ") == []
    assert names("tbabs*(po)") == []
    assert names("atable{po") == []
    assert names("") == names("tbabs*(") != []


def test_every_model_has_a_kind_and_a_meaning() -> None:
    everything = all_models()
    assert {spec.name for spec in everything} == set(MODELS) | set(xspec_models())
    assert all(spec.meaning for spec in everything)
    kinds = {name: spec.kind for name, spec in xspec_models().items()}
    assert kinds["apec"] is kinds["relxill"] is Kind.ADDITIVE
    assert kinds["zxipcf"] is Kind.MULTIPLICATIVE
    assert kinds["reflect"] is kinds["relconv"] is Kind.CONVOLUTION


@given(st.text(alphabet="pogatb+*() {}1.-_<&", max_size=25), st.integers(-3, 30))
def test_a_completion_always_replaces_what_is_around_the_cursor(text: str, cursor: int) -> None:
    found = completions(text, cursor, most=500)
    assert 0 <= found.start <= min(max(cursor, 0), len(text)) <= found.end <= len(text)
    for item in found.items:
        if not item.why_not:
            assert find_model(item.name) is not None
