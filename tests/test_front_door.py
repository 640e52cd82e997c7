from __future__ import annotations

import subprocess
import sys

import pytest

import nustar_widgets


def test_the_front_door_has_these_names_and_each_can_be_used() -> None:
    assert nustar_widgets.__all__ == [
        "App",
        "ExportPanel",
        "FitPanel",
        "JobsPanel",
        "LightCurvePanel",
        "Outcome",
        "ParameterPanel",
        "Request",
        "Runner",
        "SearchPanel",
        "Session",
        "SkyPanel",
        "SpectralFit",
        "__version__",
        "demo",
        "doctor",
        "open_in",
        "open_sample",
        "open_session",
        "plan",
        "recipe",
        "run",
        "simulate_observation",
        "submit",
        "to_notebook",
        "to_python",
        "to_shell",
    ]
    for name in nustar_widgets.__all__:
        assert getattr(nustar_widgets, name) is not None
    assert dir(nustar_widgets) == sorted(nustar_widgets.__all__)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'Telescope'"):
        _ = nustar_widgets.Telescope


def test_importing_the_package_imports_nothing_heavy() -> None:
    code = (
        "import sys, nustar_widgets\n"
        "print({'numpy', 'astropy', 'scipy', 'traitlets', 'matplotlib'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


@pytest.mark.parametrize(
    "module", ["session.recipe", "engines.embedded", "engines.fit_embedded", "events.live"]
)
def test_the_science_half_needs_neither_widgets_nor_heasoft_nor_plots(module: str) -> None:
    code = (
        f"import sys, nustar_widgets.{module}\n"
        "found = {'ipywidgets', 'bqplot', 'matplotlib', 'heasoftpy', 'xspec'} & set(sys.modules)\n"
        "print(found)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
