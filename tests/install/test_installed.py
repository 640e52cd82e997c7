"""Installed elsewhere, the package is whole, and needs neither this checkout nor a network."""

from __future__ import annotations

import json

from tests.install.places import ROOT, Place

PANELS = """
import nustar_widgets as nw
session = nw.Session(work_dir="work")
nw.open_sample(session, "sample")
made = [nw.SearchPanel, nw.SkyPanel, nw.LightCurvePanel, nw.ParameterPanel, nw.JobsPanel]
for panel in [kind(session) for kind in made]:
    panel.close()
print(len(made))
"""
EXTENSIONS = """
import json
from jupyter_core.paths import jupyter_config_path
from jupyter_server.extension.serverextension import ExtensionConfigManager
manager = ExtensionConfigManager(read_config_path=jupyter_config_path())
print(json.dumps(manager.get_jpserver_extensions()))
"""
ASKED = "import socket; socket.create_connection(('archive.invalid', 80))"


def test_it_is_the_installed_package_that_is_used(place: Place) -> None:
    code = "import nustar_widgets; print(nustar_widgets.__file__, nustar_widgets.__version__)"
    assert place.python(code).startswith(f"{place.packages}/nustar_widgets/__init__.py ")


def test_every_name_of_the_front_door_is_there(place: Place) -> None:
    code = (
        "import nustar_widgets as nw\n"
        "print(all(getattr(nw, name) is not None for name in nw.__all__))"
    )
    assert place.python(code) == "True"


def test_the_demo_runs_to_its_report_without_a_network(place: Place) -> None:
    said = place.run("nustar-widgets", "demo", "--out", "demo")
    report = next((place.home / "demo").rglob("report.html"))
    assert f"Report: {report.relative_to(place.home)}" in said
    assert not place.tries.exists()


def test_the_panels_can_be_made_without_a_network(place: Place) -> None:
    assert place.python(PANELS) == "5"
    assert not place.tries.exists()


def test_the_doctor_says_what_is_missing_on_a_machine_without_heasoft(place: Place) -> None:
    told = json.loads(place.run("nustar-widgets", "doctor", "--json"))
    assert not told["can_run_heasoft"]
    assert {"Python", "embedded engine"} <= {one["name"] for one in told["findings"] if one["ok"]}
    assert str(ROOT) not in json.dumps(told["findings"][1:])
    place.tries.unlink(missing_ok=True)  # it may ask for the network, and say that there is none


def test_a_jupyter_server_there_finds_the_extension(place: Place) -> None:
    assert json.loads(place.python(EXTENSIONS))["nustar_widgets.serverextension"] is True


def test_what_is_tried_over_the_network_would_be_seen(place: Place) -> None:
    code = f"try:\n  {ASKED}\nexcept OSError as error:\n  print(error)"
    assert place.python(code) == "no network here: archive.invalid"
    assert place.tries.read_text(encoding="utf-8") == "archive.invalid\n"
    place.tries.unlink()
