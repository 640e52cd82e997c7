from __future__ import annotations

import json
from dataclasses import is_dataclass
from pathlib import Path

import pytest

from nustar_widgets.errors import OutputError, SessionError
from nustar_widgets.events import regions
from nustar_widgets.events.regions import SkyCircle, SkyPolygon, SkyRegion
from nustar_widgets.session import plainvalue, store
from nustar_widgets.session.session import Session
from nustar_widgets.session.values import (
    FitChoice,
    GroupingChoice,
    ModuleInputs,
    ModuleRegions,
    ParameterChoice,
    Regions,
    RegionText,
    SpectrumInput,
    Target,
)


def full_session() -> Session:
    """Every field away from its default, every kind of value present."""
    circle = SkyCircle(ra_deg=10.0, dec_deg=-5.0, radius_arcsec=60.0)
    polygon = SkyPolygon(vertices=((10.0, -5.0), (10.1, -5.0), (10.1, -5.1)), include=False)
    return Session(
        target=Target(name="Cen A", ra_deg=201.365, dec_deg=-43.019),
        obsid="60001110002",
        data_dir="/data",
        inputs=(ModuleInputs(module="FPMB", events="b.evt", arf="b.arf"),),
        work_dir="/work",
        modules=("FPMB",),
        regions=Regions(
            fpma=ModuleRegions(source=SkyRegion((circle, polygon))),
            fpmb=ModuleRegions(background=RegionText(text="fk5\n", origin="x.reg")),
            linked=False,
        ),
        band_kev=(3.0, 10.0),
        bin_s=10.0,
        user_gti=((1.0, 2.5),),
        pipeline=(("saamode", "STRICT"),),
        products=(("runmkarf", False),),
        grouping=GroupingChoice(grouptype="opt", groupscale=None, others=(("rows", "1-2"),)),
        layout="tutorial",
        engine="embedded",
        spectra=(SpectrumInput(pha="a.pha", background="b.pha", arf=None, rmf="r.rmf"),),
        fit=FitChoice(
            expression="tbabs*po",
            parameters=(ParameterChoice(name="TBabs.nH", value=0.04, frozen=True),),
            notice_kev=((3.0, 10.0), (12.0, 30.0)),
        ),
    )


def test_every_field_survives_json() -> None:
    session = full_session()
    default = Session()
    for name in Session.FIELDS:
        assert getattr(session, name) != getattr(default, name), f"{name}: give it a value"
    saved = json.loads(json.dumps(store.to_dict(session)))
    assert store.from_dict(saved).snapshot() == session.snapshot()


def test_a_session_file_round_trips_and_replaces_an_older_one(tmp_path: Path) -> None:
    path = tmp_path / "session.json"
    store.save(Session(), path)
    store.save(full_session(), path)
    assert store.load(path).snapshot() == full_session().snapshot()
    assert [item.name for item in tmp_path.iterdir()] == ["session.json"]


def test_every_shape_on_the_sky_can_be_saved() -> None:
    found = {n for n, cls in vars(regions).items() if n.startswith("Sky") and is_dataclass(cls)}
    savable = found - {"SkyGrid"}
    assert len(savable) > 5
    assert savable <= set(plainvalue.KINDS)


def test_a_session_saved_before_groupings_had_further_parameters_still_loads() -> None:
    saved = json.loads(json.dumps(store.to_dict(full_session())))
    del saved["session"]["grouping"]["others"]
    assert store.from_dict(saved).grouping == GroupingChoice(grouptype="opt", groupscale=None)


def test_a_future_format_says_who_wrote_it(tmp_path: Path) -> None:
    path = tmp_path / "session.json"
    path.write_text('{"format": 99, "written_by": "nustar_widgets 7.2"}', encoding="utf-8")
    with pytest.raises(SessionError) as caught:
        store.load(path)
    assert str(path) in str(caught.value)
    assert "session format 99, written by nustar_widgets 7.2" in str(caught.value)
    assert "update nustar_widgets" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("not json", "not a saved session, which is JSON"),
        ("[1, 2]", "it has no 'format'"),
        ('{"format": "1"}', "session format '1'"),
        ('{"format": 1, "obsid": "12"}', "obsid='12': expected eleven digits"),
        ('{"format": 1, "colour": 3}', "a session has no field 'colour'"),
        ('{"format": 1, "fit": {"kind": "os.system"}}', "unknown kind of value 'os.system'"),
        ('{"format": 1, "target": {"kind": "Target", "nome": "x"}}', "nome"),
    ],
)
def test_what_is_not_a_session_is_refused_with_the_reason(
    tmp_path: Path, text: str, message: str
) -> None:
    path = tmp_path / "session.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SessionError) as caught:
        store.load(path)
    assert str(path) in str(caught.value)
    assert message in str(caught.value)


def test_a_missing_file_is_a_session_error(tmp_path: Path) -> None:
    with pytest.raises(SessionError, match="cannot be read"):
        store.load(tmp_path / "no.json")


def test_a_folder_that_does_not_exist_leaves_no_file(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="cannot be written"):
        store.save(Session(), tmp_path / "no" / "session.json")
    assert list(tmp_path.iterdir()) == []
