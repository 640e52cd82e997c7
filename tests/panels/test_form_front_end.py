"""The code of the form in the page, without a page: run by Node."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from nustar_widgets.calls.rows import Row, rows_of
from nustar_widgets.panels.forms.formview import front_end
from nustar_widgets.panels.forms.plainform import matching
from tests.panels.formrows import PRODUCTS, reference_specs
from tests.panels.frontend import evaluated_in, needs_node

pytestmark = needs_node
SEARCHES = (
    "binsize", "bin", "bkg", "response matrix", "kev", "background radius", "  PI  low ",
    "light curve", "clobber", "no such thing", "arcsec", "infile",
)  # fmt: skip


def evaluated(expression: str, folder: Path) -> Any:
    """Value of an expression in the module of the view."""
    return evaluated_in(front_end(), expression, folder)


def wire(rows: tuple[Row, ...]) -> str:
    return json.dumps(
        [{key: value for key, value in asdict(row).items() if value is not None} for row in rows]
    )


FEW = (
    Row(name="indir", control="file", group="inputs", first=True),  # type: ignore[arg-type]
    Row(name="infile", control="file", group="inputs"),  # type: ignore[arg-type]
    Row(name="hkfile", control="file", group="inputs"),  # type: ignore[arg-type]
    Row(name="binsize", control="number", group="light curve"),  # type: ignore[arg-type]
    Row(name="chatter", control="whole", group="housekeeping", required=True),  # type: ignore[arg-type]
)


def plan(folder: Path, *, rows: tuple[Row, ...] = FEW, kept: str = "", **look: Any) -> Any:
    """What is in view: sections and groups that are closed."""
    states = json.dumps(look.pop("states", {}))
    opened, unfolded = (json.dumps(look.pop(name, [])) for name in ("open", "unfolded"))
    looked = json.dumps({"view": "main", "search": "", "inapplicable": False, **look})
    return evaluated(
        f"planOf({wire(rows)}, name => ({states}[name] || {{ value: '' }}),"
        f" {{ ...{looked}, open: new Set({opened}), unfolded: new Set({unfolded}) }},"
        f" {json.dumps(kept or None)})",
        folder,
    )


def shown(planned: Any) -> dict[str, list[str]]:
    return {section["key"]: section["rows"] for section in planned["sections"]}


def test_the_page_finds_what_python_finds_in_the_same_order(tmp_path: Path) -> None:
    found = evaluated(
        f"{json.dumps(SEARCHES)}.map(text => foundRows({wire(PRODUCTS)}, text).map(r => r.name))",
        tmp_path,
    )
    assert found == [[row.name for row in matching(PRODUCTS, text)] for text in SEARCHES]
    assert found[0][0] == "binsize"
    assert found[SEARCHES.index("no such thing")] == []


def test_a_name_finds_its_row_first_whatever_the_task(shared: Path, tmp_path: Path) -> None:
    every = [list(rows_of(spec)) for spec in reference_specs(shared, tmp_path).values()]
    wires = f"[{','.join(wire(tuple(rows)) for rows in every)}]"
    first = evaluated(
        f"{wires}.map(rows => rows.map(row => foundRows(rows, row.name)[0].name))", tmp_path
    )
    assert first == [[row.name for row in rows] for rows in every]


def test_main_shows_the_few_what_is_changed_and_what_is_wrong(tmp_path: Path) -> None:
    planned = plan(tmp_path)
    assert shown(planned) == {"inputs": ["indir"]}
    assert planned["sections"][0]["more"] == 2
    assert planned["closed"] == [
        {"group": "light curve", "count": 1},
        {"group": "housekeeping", "count": 1},
    ]
    states = {"hkfile": {"is_changed": True}, "binsize": {"problem": "expected a number"}}
    planned = plan(tmp_path, states=states)
    assert shown(planned) == {"inputs": ["indir", "hkfile"], "light curve": ["binsize"]}
    assert planned["sections"][0]["more"] == 1


def test_an_opened_group_shows_its_rest_in_its_own_order(tmp_path: Path) -> None:
    planned = plan(tmp_path, open=["inputs", "light curve"])
    assert shown(planned) == {"inputs": ["indir", "infile", "hkfile"], "light curve": ["binsize"]}
    assert planned["sections"][0]["opened"]
    assert planned["closed"] == [{"group": "housekeeping", "count": 1}]


BROUGHT = {
    "indir": {"value": "d", "origin": "from x", "is_brought": True},
    "hkfile": {"value": "h", "origin": "from x", "is_brought": True},
}


def test_what_came_from_elsewhere_is_one_line_in_the_place_of_rows_that_matter(
    tmp_path: Path,
) -> None:
    planned = plan(tmp_path, states=BROUGHT)
    assert shown(planned) == {"inputs": []}
    assert (planned["sections"][0]["brought"], planned["sections"][0]["more"]) == (["indir"], 2)
    planned = plan(tmp_path, states=BROUGHT, unfolded=["inputs"])
    assert shown(planned) == {"inputs": ["indir"]}
    assert planned["sections"][0]["brought"] == ["indir"]
    # The rest of a group is what was asked for: it is not folded away again.
    assert shown(plan(tmp_path, states=BROUGHT, open=["inputs"])) == {
        "inputs": ["infile", "hkfile"]
    }


@pytest.mark.parametrize("more", [{"is_changed": True}, {"problem": "bad"}, {"refused": "bad"}])
def test_what_is_changed_wrong_or_has_the_keyboard_is_not_folded(
    tmp_path: Path, more: dict[str, Any]
) -> None:
    planned = plan(tmp_path, states={"indir": {**BROUGHT["indir"], **more}})
    assert shown(planned) == {"inputs": ["indir"]}
    assert planned["sections"][0]["brought"] == []
    assert shown(plan(tmp_path, states=BROUGHT, kept="indir")) == {"inputs": ["indir"]}


def test_nothing_is_folded_in_other_views_and_in_a_search(tmp_path: Path) -> None:
    assert shown(plan(tmp_path, view="all", states=BROUGHT))["inputs"][0] == "indir"
    found = plan(tmp_path, search="indir", states=BROUGHT)
    assert shown(found) == {"found": ["indir"]}
    assert found["sections"][0]["brought"] == []


def test_the_line_says_where_all_it_stands_for_came_from(tmp_path: Path) -> None:
    origins = [["from the regions"] * 2, ["from a", "from b"], ["so that it can be repeated"]]
    states = json.dumps([[{"origin": one} for one in several] for several in origins])
    assert evaluated(f"{states}.map(broughtText)", tmp_path) == [
        "From the regions:", "From the session:", "From the session:",
    ]  # fmt: skip


def test_of_a_task_nobody_has_described_the_required_ones_are_the_few(tmp_path: Path) -> None:
    assert shown(plan(tmp_path, rows=FEW[1:])) == {"housekeeping": ["chatter"]}


def test_what_does_not_apply_is_seen_only_where_it_is_asked_for(tmp_path: Path) -> None:
    states = {"indir": {"why_not": "applies only with x = yes", "is_changed": True}}
    for view in ("main", "changed", "all"):
        assert "indir" not in str(shown(plan(tmp_path, view=view, states=states)))
    every = plan(tmp_path, view="all", inapplicable=True, states=states)
    assert shown(every)["inputs"] == ["indir", "infile", "hkfile"]
    assert shown(plan(tmp_path, search="indir", states=states)) == {"found": ["indir"]}


def test_the_row_with_the_keyboard_stays_though_it_is_no_longer_changed(tmp_path: Path) -> None:
    assert shown(plan(tmp_path, view="changed")) == {}
    assert shown(plan(tmp_path, view="changed", kept="infile")) == {"inputs": ["infile"]}


def test_what_was_typed_is_kept_until_it_is_taken(tmp_path: Path) -> None:
    steps = """(() => {
      const drafts = new Drafts(), told = [];
      const tell = () => told.push(drafts.get("n") ? { ...drafts.get("n") } : null);
      const adopt = (state, n) => { drafts.adopt(() => state, { [drafts.page]: n }); tell(); };
      drafts.type("n", "ab"); adopt({ value: "1" }, 9);
      drafts.send("n", "abc"); adopt({ value: "2" }, 0);
      adopt({ value: "1", problem: "bad" }, 1);
      adopt({ value: "1" }, 1);
      adopt({ value: "7" }, 1);
      drafts.send("n", "5"); adopt({ value: "5" }, 2);
      drafts.send("n", "5"); drafts.type("n", "56"); adopt({ value: "5" }, 3);
      return told;
    })()"""
    typed, sent, refused, still, superseded, taken, newer = evaluated(steps, tmp_path)
    assert typed == {"text": "ab", "entry": None, "refused": "", "against": ""}
    assert (sent["text"], sent["entry"]) == ("abc", 1)
    assert (refused["text"], refused["refused"]) == ("abc", "bad")
    assert still == refused  # what Python holds has not changed
    assert superseded is None  # a preset, or another page, has set it
    assert taken is None
    assert newer["text"] == "56"


def test_rows_are_told_in_words(tmp_path: Path) -> None:
    row = {
        "name": "percent", "control": "number", "minimum": 0, "maximum": 1, "unit": "deg",
        "default": "0.02", "help": "Steps, e.g. of ARFs. Smaller is slower.", "prompt": "p",
        "keywords": ["DEFAULT", "NONE"], "is_output": True, "applies": "extended = yes",
    }  # fmt: skip
    text = json.dumps(row)
    assert evaluated(f"meaningOf({text})", tmp_path) == "Steps, e.g. of ARFs."
    assert evaluated(f"hintOf({text})", tmp_path) == "0 to 1 deg"
    assert evaluated(f"factsOf({text})", tmp_path) == [
        ["Task's own words", "p"],
        ["Default", "0.02 deg"],
        ["Range", "0 to 1 deg"],
        ["Instead of a file", "DEFAULT: named by the task; NONE: not made"],
        ["Applies", "only with extended = yes"],
    ]
    refused = '{ text: "2", refused: "expected 0 to 1" }'
    assert evaluated(f'problemText({{ value: "0.02" }}, {refused})', tmp_path) == (
        "Not taken: expected 0 to 1. In use: 0.02."
    )
    states = (
        '[{ value: "5", usual: "", is_changed: true }, { value: "5", usual: "10", '
        'is_changed: true }, { value: "5", problem: "p" }]'
    )
    assert evaluated(f"{states}.map(resetTitle)", tmp_path) == [
        "back to nothing", "back to 10", "back to 5",
    ]  # fmt: skip
    assert evaluated("[0, 999, 1234, 5e9].map(sizeText)", tmp_path) == [
        "0 B", "999 B", "1.23 kB", "5.00 GB",
    ]  # fmt: skip
    assert evaluated(
        '[["/", "a"], ["/d", "a"], [".", "a"], ["d/e", "a"]].map(x => joinedPath(...x))', tmp_path
    ) == ["/a", "/d/a", "a", "d/e/a"]
