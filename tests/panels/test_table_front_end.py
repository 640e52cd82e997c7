"""The code of the parameter table in the page, without a page: run by Node."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest

from nustar_widgets.panels.fitting.parametertable import front_end
from tests.panels.frontend import evaluated_in, needs_node

pytestmark = needs_node


def evaluated(expression: str, folder: Path) -> Any:
    """Value of an expression in the module of the view."""
    return evaluated_in(front_end(), expression, folder)


# -- numbers


def test_numbers_are_short_and_the_same_when_typed_again(tmp_path: Path) -> None:
    told = {
        1.8: "1.8", 6.40213987: "6.4021", 0: "0", -0.0123456: "-0.012346", 1e-5: "1e-5",
        1.23456e-5: "1.2346e-5", 5e-4: "5e-4", 12345.6: "12346", 1e24: "1e24", 250000: "2.5e5",
        99999.9: "1.0e5", 1e-3: "0.001", -1e-10: "-1e-10",
    }  # fmt: skip
    texts = evaluated(f"{json.dumps(list(told))}.map(value => numberText(value))", tmp_path)
    for (value, text), shown in zip(told.items(), texts, strict=True):
        assert float(shown) == pytest.approx(float(text), abs=0), (value, shown)
        assert len(shown) <= 9
    assert texts[5] == "1.2346e-5"
    assert evaluated("[null, undefined, NaN].map(one => numberText(one))", tmp_path) == ["none"] * 3


def test_units_are_written_in_little_room(tmp_path: Path) -> None:
    units = ["photons/keV/cm^2/s", "10^22", "keV", "s^-1", ""]
    told = evaluated(f"{json.dumps(units)}.map(unitText)", tmp_path)
    assert told == ["ph/keV/cm²/s", "10²²", "keV", "s⁻¹", ""]


def test_errors_are_differences_or_sigma_or_a_question(tmp_path: Path) -> None:
    results = [
        {"value": 1.8, "error_low": 1.752, "error_high": 1.8513, "sigma": 0.03},
        {"value": 1.8, "error_low": None, "error_high": None, "sigma": 0.0312},
        {"value": 1.8, "error_low": None, "error_high": 1.9, "sigma": None},
        {"value": 1.8, "error_low": None, "error_high": None, "sigma": None},
    ]
    told = evaluated(f"[...{json.dumps(results)}, undefined].map(errorOf)", tmp_path)
    assert told == [
        {"up": "+0.051", "down": "−0.048"}, {"sigma": "±0.031"}, {"up": "+0.1", "down": "−?"},
        None, None,
    ]  # fmt: skip
    title = evaluated(f"errorTitle({json.dumps(results[0])}, '90 %', 'keV')", tmp_path)
    assert title == "best fit 1.8 keV, 90 % range 1.752 to 1.8513 keV"


# -- sliders

LINEAR = {"low": 0.8, "high": 2.8, "log": False, "min": -3, "max": 10}
LOG = {"low": 1e-4, "high": 1e-2, "log": True, "min": 0, "max": 1e24}


def test_a_place_on_a_slider_and_its_value_belong_together(tmp_path: Path) -> None:
    for span in (LINEAR, LOG):
        places = evaluated(
            f"(r => Array.from({{ length: 101 }}, (_, i) => positionOf(r, valueAt(r, i / 100))))"
            f"({json.dumps(span)})",
            tmp_path,
        )
        assert places == pytest.approx([i / 100 for i in range(101)], abs=2e-3)
        assert (places[0], places[-1]) == (0, 1)
    assert evaluated(f"valueAt({json.dumps(LINEAR)}, 0.51234)", tmp_path) == 1.825
    assert evaluated(f"positionOf({json.dumps(LOG)}, 0)", tmp_path) == 0


def test_keys_go_on_beyond_the_slider_but_not_beyond_the_limits(tmp_path: Path) -> None:
    def step(span: dict[str, Any], value: float, steps: int) -> Any:
        return evaluated(f"stepped({json.dumps(span)}, {value}, {steps})", tmp_path)

    assert step(LINEAR, 1.8, 1) == 1.805
    assert step(LINEAR, 1.8, -10) == 1.75
    assert step(LINEAR, 2.8, 10) == 2.85
    assert step(LINEAR, 9.999, 10) == 10
    assert step(LOG, 1e-3, 10) == pytest.approx(1e-3 * 100 ** (10 / 400), rel=1e-3)
    assert step(LOG, 1e-2, 1) > 1e-2


def test_a_slider_moves_on_when_its_value_leaves_it(tmp_path: Path) -> None:
    def moved(span: dict[str, Any], value: float, margin: float = 0.0) -> Any:
        told = evaluated(f"movedOn({json.dumps(span)}, {value}, {margin})", tmp_path)
        return told["low"], told["high"]

    assert moved(LINEAR, 2.0) == (0.8, 2.8)
    assert moved(LINEAR, 2.8) == (0.8, 2.8)
    assert moved(LINEAR, 2.8, 0.02) == pytest.approx((1.8, 3.8))
    assert moved(LINEAR, 9.5) == pytest.approx((8.5, 10))
    assert moved(LOG, 0.05) == pytest.approx((0.005, 0.5))
    assert moved(LOG, 0.0) == (1e-4, 1e-2)
    at_end = {**LINEAR, "high": 10, "low": 8}
    assert moved(at_end, 10, 0.02) == (8, 10)  # no further


def test_a_slider_keeps_its_range_until_limits_change(tmp_path: Path) -> None:
    row = {"slider_low": 1, "slider_high": 3, "log": False, "min": -3, "max": 10}

    def told(kept: Any, value: float, **changes: Any) -> Any:
        words = ", ".join(json.dumps(one) for one in ({**row, **changes}, kept, value))
        span = evaluated(f"rangeOf({words})", tmp_path)
        return span["low"], span["high"]

    assert told(None, 2) == (1, 3)
    assert told(LINEAR, 2) == (0.8, 2.8)
    assert told(LINEAR, 2, max=4) == (1, 3)
    assert told(LINEAR, 2, max=2.5) == (1, 2.5)
    assert told(LINEAR, 0.5, max=0.9) == (-3, 0.9)
    assert told(LINEAR, 2, log=True) == (1, 3)
    assert told(None, 7) == (6, 8)
    assert not math.isnan(told(LINEAR, 5)[0])


# -- rows


def given_rows() -> list[dict[str, Any]]:
    def row(name: str, group: int = 1, link: str = "") -> dict[str, Any]:
        component, label = name.split("[", maxsplit=1)[0].split(".")
        return {
            "name": name, "component": component, "label": label, "group": group, "link": link,
            "component_meaning": f"what {component} is",
        }  # fmt: skip

    return [
        row("constant.factor"), row("powerlaw.PhoIndex"), row("powerlaw.norm"),
        row("gaussian.norm"), row("constant.factor[2]", 2),
        row("powerlaw.PhoIndex[2]", 2, "powerlaw.PhoIndex"),
        row("powerlaw.norm[2]", 2, "2*powerlaw.norm"),
        row("gaussian.norm[2]", 2, "gaussian.norm"),
    ]  # fmt: skip


def names(folder: Path, opened: list[int]) -> dict[str, list[str]]:
    words = f"{json.dumps(given_rows())}, new Set({opened})"
    sections = evaluated(f"sectionsOf({words})", folder)
    assert sections[0]["meaning"] == "what constant is"
    return {one["component"]: [row["name"] for row in one["rows"]] for one in sections}


def test_rows_that_only_repeat_the_first_spectrum_are_folded(tmp_path: Path) -> None:
    assert names(tmp_path, []) == {
        "constant": ["constant.factor", "constant.factor[2]"],
        "powerlaw": ["powerlaw.PhoIndex", "powerlaw.norm", "powerlaw.norm[2]"],
        "gaussian": ["gaussian.norm"],
    }
    assert evaluated(f"foldedGroups({json.dumps(given_rows())})", tmp_path) == [2]
    opened = names(tmp_path, [2])
    assert opened["powerlaw"] == [
        "powerlaw.PhoIndex", "powerlaw.PhoIndex[2]", "powerlaw.norm", "powerlaw.norm[2]",
    ]  # fmt: skip


def test_controls_have_short_names_where_those_are_clear(tmp_path: Path) -> None:
    called = evaluated(f"[...calledNames({json.dumps(given_rows())}).values()]", tmp_path)
    assert called == [
        "factor", "PhoIndex", "powerlaw.norm", "gaussian.norm", "factor[2]", "PhoIndex[2]",
        "powerlaw.norm[2]", "gaussian.norm[2]",
    ]  # fmt: skip
