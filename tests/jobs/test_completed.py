"""What is found on disk for a call: orbit, optics bench housekeeping, the user's own files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from nustar_widgets.engines.taskspec import Kind, Parameter, TaskSpec
from nustar_widgets.jobs.plan import completed
from nustar_widgets.session.recipe import recipe
from nustar_widgets.session.session import Session
from nustar_widgets.session.taskcall import ParamValue
from nustar_widgets.session.values import GroupingChoice, ModuleInputs, Target

OWN_REGIONS = (("srcregionfile", "src.reg"), ("bkgregionfile", "bkg.reg"))


def spec(task: str, *more: str) -> TaskSpec:
    inputs = ("indir", "infile", "srcregionfile", "bkgregionfile", "backfile", "orbitfile", *more)
    names = ("instrument", "steminputs", "stemout", "binsize", "clobber", "barycorr", "grouptype")
    return TaskSpec(
        task=task,
        source="test",
        parameters=(
            *(Parameter(name=name, kind=Kind.FILE, role="input") for name in inputs),
            *(Parameter(name=name) for name in names),
        ),
    )


def session(folder: Path, *, under: str = "60001110002", **values: Any) -> Session:
    """Work in one folder on an observation in another; archive names, made-up content."""
    data = folder / under
    for name in ("event_cl", "auxil", "hk"):
        (data / name).mkdir(parents=True)
    (data / "auxil" / "nu60001110002_orb.fits.gz").touch()
    (data / "hk" / "nu60001110002_obeb.hk.gz").touch()
    (folder / "work").mkdir()
    base: dict[str, Any] = {
        "obsid": "60001110002",
        "work_dir": str(folder / "work"),
        "data_dir": str(data),
        "inputs": (
            ModuleInputs(
                module="FPMA", events=str(data / "event_cl" / "nu60001110002A01_cl.evt.gz")
            ),
        ),
        "modules": ("FPMA",),
        "products": (*OWN_REGIONS, ("barycorr", True)),
        "target": Target(name="here", ra_deg=1.0, dec_deg=2.0),
    }
    return Session(**(base | values))


def found(chosen: Session, name: str, *known: str) -> ParamValue | None:
    call = next(call for call in recipe(chosen) if call.task == "nuproducts")
    return completed(call, spec("nuproducts", *known), chosen).get(name)


def test_the_orbit_is_found_in_the_observation_or_beside_the_events(tmp_path: Path) -> None:
    chosen = session(tmp_path)
    orbit = str(tmp_path / "60001110002" / "auxil" / "nu60001110002_orb.fits.gz")
    assert found(chosen, "orbitfile") == orbit
    chosen.edit("only an event list", data_dir="")
    assert found(chosen, "orbitfile") == orbit


def test_the_orbit_is_found_for_reprocessed_events_too(tmp_path: Path) -> None:
    chosen = session(tmp_path, pipeline=())
    assert found(chosen, "orbitfile") == str(
        tmp_path / "60001110002" / "auxil" / "nu60001110002_orb.fits.gz"
    )


@pytest.mark.parametrize("value", [False, "no"])
def test_without_barycentring_no_orbit_is_given(tmp_path: Path, value: ParamValue) -> None:
    chosen = session(tmp_path, products=(*OWN_REGIONS, ("barycorr", value)))
    assert found(chosen, "orbitfile") is None


def test_an_orbit_of_the_users_own_stays(tmp_path: Path) -> None:
    own = (*OWN_REGIONS, ("barycorr", True), ("orbitfile", "/mine/orb.fits"))
    assert found(session(tmp_path, products=own), "orbitfile") == "/mine/orb.fits"


def test_an_orbit_that_is_not_there_is_left_to_be_asked_for(tmp_path: Path) -> None:
    chosen = session(tmp_path)
    (tmp_path / "60001110002" / "auxil" / "nu60001110002_orb.fits.gz").unlink()
    assert found(chosen, "orbitfile") is None


def test_the_optics_bench_is_found_where_the_task_knows_it(tmp_path: Path) -> None:
    chosen = session(tmp_path)
    assert found(chosen, "inobebhkfile") is None
    assert found(chosen, "inobebhkfile", "inobebhkfile") == str(
        tmp_path / "60001110002" / "hk" / "nu60001110002_obeb.hk.gz"
    )
    chosen.edit("nupipeline copies it beside the events it makes", pipeline=())
    assert found(chosen, "inobebhkfile", "inobebhkfile") is None


def test_files_the_user_names_are_seen_from_the_work_folder(tmp_path: Path) -> None:
    chosen = session(tmp_path)
    (tmp_path / "work" / "src.reg").touch()
    assert found(chosen, "srcregionfile") == str(tmp_path / "work" / "src.reg")
    assert found(chosen, "bkgregionfile") == "bkg.reg"  # not there: the engine says so
    mine = GroupingChoice(grouptype="snmin", groupscale=3, others=(("backfile", "mine.pha"),))
    chosen.edit("own background", grouping=mine)
    (tmp_path / "work" / "mine.pha").touch()
    call = completed(recipe(chosen)[-1], spec("ftgrouppha", "outfile", "groupscale"), chosen)
    assert call.get("backfile") == str(tmp_path / "work" / "mine.pha")


def test_in_the_tutorials_layout_names_stay_as_the_user_wrote_them(tmp_path: Path) -> None:
    chosen = session(tmp_path, layout="tutorial")
    (tmp_path / "work" / "src.reg").touch()
    assert found(chosen, "srcregionfile") == "src.reg"


def test_a_value_too_long_to_be_a_path_is_no_file(tmp_path: Path) -> None:
    long = "a" * 5000
    assert found(session(tmp_path, products=(("srcregionfile", long),)), "srcregionfile") == long
