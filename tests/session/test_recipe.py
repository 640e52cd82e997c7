from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from nustar_widgets.errors import SessionError
from nustar_widgets.events.regions import SkyCircle, SkyRegion
from nustar_widgets.session.recipe import product_stem, recipe
from nustar_widgets.session.script import to_python, to_shell
from nustar_widgets.session.session import Session
from nustar_widgets.session.values import (
    GroupingChoice,
    ModuleInputs,
    ModuleRegions,
    Regions,
    RegionText,
    Target,
)

GOLDEN = Path(__file__).parents[1] / "golden"
SOURCE = SkyRegion((SkyCircle(ra_deg=321.939167, dec_deg=56.943611, radius_arcsec=60.0),))
BACKGROUND = RegionText(
    text='fk5\ncircle(322.05,56.9,120")\n-circle(321.939167,56.943611,100")\n', origin="bkg.reg"
)


def session() -> Session:
    both = ModuleRegions(source=SOURCE, background=BACKGROUND)
    return Session(
        obsid="60001110002",
        inputs=(
            ModuleInputs(
                module="FPMA",
                events="/data/60001110002/event_cl/nu60001110002A01_cl.evt.gz",
                housekeeping="/data/60001110002/hk/nu60001110002A_fpm.hk.gz",
            ),
            ModuleInputs(
                module="FPMB", events="/data/60001110002/event_cl/nu60001110002B01_cl.evt"
            ),
        ),
        regions=Regions(fpma=both, fpmb=both),
        bin_s=256.0,
    )


def tutorial_session() -> Session:
    """The whole chain, reprocessing included, with choices that differ from the defaults."""
    chosen = session()
    chosen.edit(
        "as in the tutorial",
        data_dir="/data/60001110002",
        pipeline=(("saamode", "optimized"), ("clobber", False)),
        products=(("runmkrmf", False), ("binsize", 100)),
        band_kev=(3.0, 10.0),
        user_gti=((227805775.0, 227806775.5), (227807000.0, 227809000.0)),
        grouping=GroupingChoice(grouptype="optsnmin", groupscale=6),
    )
    return chosen


@pytest.mark.parametrize(("name", "make"), [("plain", session), ("tutorial", tutorial_session)])
@pytest.mark.parametrize(("suffix", "to_text"), [("py", to_python), ("sh", to_shell)])
def test_the_printed_scripts_are_the_golden_ones(
    name: str, make: object, suffix: str, to_text: object
) -> None:
    assert callable(make)
    assert callable(to_text)
    text = to_text(recipe(make()), about="SWIFT J2127.4+5654")
    assert text == (GOLDEN / f"recipe_{name}.{suffix}.txt").read_text(encoding="utf-8")


def test_the_tutorials_layout_names_folders_as_the_tutorial_does() -> None:
    chosen = tutorial_session()
    chosen.edit("as the tutorial names them", layout="tutorial")
    lines = to_shell(recipe(chosen)).splitlines()
    assert [word for line in lines for word in line.split() if "_p/" in word] == [
        "outdir=60001110002_p/event_cl",
        "indir=60001110002_p/event_cl",
        "outdir=60001110002_p/spec",
        "infile=60001110002_p/spec/nu60001110002A01_sr.pha",
        "outfile=60001110002_p/spec/nu60001110002A01_sr.grp",
        "backfile=60001110002_p/spec/nu60001110002A01_bk.pha",
        "respfile=60001110002_p/spec/nu60001110002A01_sr.rmf",
        "outdir=60001110002_p/event_cl",
        "indir=60001110002_p/event_cl",
        "outdir=60001110002_p/spec",
        "infile=60001110002_p/spec/nu60001110002B01_sr.pha",
        "outfile=60001110002_p/spec/nu60001110002B01_sr.grp",
        "backfile=60001110002_p/spec/nu60001110002B01_bk.pha",
        "respfile=60001110002_p/spec/nu60001110002B01_sr.rmf",
    ]
    chosen.edit("a light curve", products=(("runmkarf", False), ("runmkrmf", "no")))
    assert recipe(chosen)[1].get("outdir") == "60001110002_p/lc"


def test_the_printed_python_makes_the_calls_of_the_recipe(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = recipe(tutorial_session())
    seen: list[tuple[str, dict[str, object]]] = []

    class Stub:
        def __getattr__(self, task: str) -> object:
            return lambda **params: seen.append((task, params))

    monkeypatch.chdir(tmp_path)
    code = to_python(calls).replace("import heasoftpy\n", "")
    exec(code, {"heasoftpy": Stub()})
    settings = {"noprompt": True, "allow_failure": False}
    assert seen == [(call.task, {**dict(call.params), **settings}) for call in calls]
    source = tmp_path / "nu60001110002A01_src.reg"
    assert "circle" in source.read_text(encoding="utf-8")
    assert (tmp_path / "usrgti.fits").is_file()


def test_only_parameters_that_apply_are_passed() -> None:
    plain = session()
    plain.edit(
        "no background", regions=Regions(fpma=ModuleRegions(source=SOURCE)), modules=("FPMA",)
    )
    plain.edit("no correction", products=(("correctlc", False),))
    nuproducts = recipe(plain)[0]
    names = {name for name, _ in nuproducts.params}
    assert nuproducts.get("bkgextract") is False
    assert names.isdisjoint({"bkgregionfile", "hkfile", "usrgtifile", "pilow", "pihigh", "srcra"})


def test_a_recipe_is_pure_and_follows_the_session() -> None:
    chosen = session()
    before = recipe(chosen)
    assert recipe(chosen) == before
    chosen.edit("bin", bin_s=10.0)
    after = recipe(chosen)
    assert after != before
    chosen.undo()
    assert recipe(chosen) == before


def test_modules_can_be_left_out_and_grouping_switched_off() -> None:
    chosen = session()
    chosen.edit("A only", modules=("FPMA",), grouping=GroupingChoice(grouptype="none"))
    assert [(call.task, call.get("instrument")) for call in recipe(chosen)] == [
        ("nuproducts", "FPMA")
    ]


def test_missing_choices_are_named() -> None:
    with pytest.raises(SessionError, match="FPMA: no event list chosen"):
        recipe(Session())
    chosen = session()
    chosen.edit("no source", regions=Regions())
    with pytest.raises(SessionError, match="FPMA: no source region; draw one"):
        recipe(chosen)
    chosen = session()
    chosen.edit("reprocess", pipeline=())
    with pytest.raises(SessionError, match="data_dir: nupipeline needs the observation folder"):
        recipe(chosen)


def test_product_names_begin_as_nuproducts_has_them() -> None:
    chosen = Session(
        obsid="90410111001",
        inputs=(ModuleInputs(module="FPMB", events="sun.evt", mode="06"),),
        modules=("FPMB",),
    )
    assert product_stem(chosen, "FPMB") == "nu90410111001B06"


def test_further_parameters_of_the_grouping_win_and_none_leaves_one_out() -> None:
    chosen = session()
    own = (("backfile", "/mine/bk.pha"), ("rows", "1-2"), ("clobber", False))
    chosen.edit("group", grouping=GroupingChoice(grouptype="optsnmin", groupscale=6, others=own))
    assert recipe(chosen)[1].params == (
        ("infile", "nu60001110002A01_sr.pha"),
        ("outfile", "nu60001110002A01_sr_grp.pha"),
        ("grouptype", "optsnmin"),
        ("groupscale", 6),
        ("backfile", "/mine/bk.pha"),
        ("respfile", "nu60001110002A01_sr.rmf"),
        ("minchannel", 35),
        ("maxchannel", 1934),
        ("clobber", False),
        ("rows", "1-2"),
    )
    for nothing in ("", "none"):
        without = GroupingChoice(
            grouptype="optsnmin", groupscale=6, others=(("backfile", nothing),)
        )
        chosen.edit("without background", grouping=without)
        assert recipe(chosen)[1].get("backfile") is None


def test_region_files_of_the_users_own_need_no_region_drawn() -> None:
    chosen = session()
    own = (("srcregionfile", "/mine/src.reg"), ("bkgregionfile", "/mine/bkg.reg"))
    chosen.edit("own files", regions=Regions(), modules=("FPMA",), products=own)
    nuproducts, _ = recipe(chosen)
    assert nuproducts.files == ()
    assert nuproducts.get("srcregionfile") == "/mine/src.reg"
    assert nuproducts.get("bkgregionfile") == "/mine/bkg.reg"
    assert nuproducts.get("bkgextract") is None
    snmin = GroupingChoice(grouptype="snmin", groupscale=5)
    chosen.edit("S/N", grouping=snmin)
    assert recipe(chosen)[1].get("backfile") == "nu60001110002A01_bk.pha"


def test_a_source_may_be_a_position_that_nuproducts_draws_a_circle_around() -> None:
    chosen = session()
    around = (("srcregionfile", "DEFAULT"), ("srcra", "321.9"), ("srcdec", "56.9"))
    chosen.edit("by position", modules=("FPMA",), products=around)
    nuproducts = recipe(chosen)[0]
    assert [file.name for file in nuproducts.files] == ["nu60001110002A01_bkg.reg"]
    assert [nuproducts.get(name) for name, _ in around] == ["DEFAULT", "321.9", "56.9"]


def test_a_background_that_is_not_extracted_is_not_named_although_it_is_drawn() -> None:
    chosen = session()
    chosen.edit(
        "without",
        products=(("bkgextract", "no"),),
        grouping=GroupingChoice(grouptype="snmin", groupscale=5),
    )
    nuproducts, ftgrouppha = recipe(chosen)[:2]
    assert nuproducts.get("bkgregionfile") is None
    assert [file.name for file in nuproducts.files] == ["nu60001110002A01_src.reg"]
    assert ftgrouppha.get("backfile") is None


def test_barycentring_is_to_the_position_of_the_target() -> None:
    chosen = session()
    chosen.edit("barycentre", products=(("barycorr", True),), modules=("FPMA",))
    missing = "target: barycentring needs the position of the source; search for the source"
    with pytest.raises(SessionError, match=missing):
        recipe(chosen)
    chosen.edit("name", target=Target(name="somewhere"))
    with pytest.raises(SessionError, match=missing):
        recipe(chosen)
    chosen.edit("target", target=Target(name="J2127", ra_deg=321.9373, dec_deg=56.9444))
    nuproducts = recipe(chosen)[0]
    assert nuproducts.get("srcra_barycorr") == 321.9373
    assert nuproducts.get("srcdec_barycorr") == 56.9444
    assert nuproducts.get("clockfile") is None  # CALDB is the task's own default
    own = (("barycorr", "yes"), ("srcra_barycorr", 1.0), ("srcdec_barycorr", 2.0))
    chosen.edit("own position", products=own, target=None)
    assert recipe(chosen)[0].get("srcra_barycorr") == 1.0
    chosen.edit("off", products=(("barycorr", "no"),))
    assert recipe(chosen)[0].get("srcra_barycorr") is None


def test_events_nupipeline_makes_in_another_mode_are_named_to_nuproducts() -> None:
    chosen = session()
    mode06 = (("obsmode", "SCIENCE_SC"),)
    chosen.edit("mode 06", data_dir="/data/60001110002", pipeline=mode06, modules=("FPMB",))
    _, nuproducts, ftgrouppha = recipe(chosen)
    assert nuproducts.get("indir") == "event_cl"
    assert nuproducts.get("infile") == "event_cl/nu60001110002B06_cl.evt"
    assert nuproducts.get("stemout") == "nu60001110002B06"
    assert ftgrouppha.get("infile") == "nu60001110002B06_sr.pha"
    chosen.edit("the tutorial's names", layout="tutorial")
    nuproducts = recipe(chosen)[1]
    assert nuproducts.get("infile") == "60001110002_p/event_cl/nu60001110002B06_cl.evt"
    assert nuproducts.get("stemout") is None


def test_in_the_tutorials_layout_regions_that_differ_bear_the_modules_letter() -> None:
    chosen = session()
    chosen.edit("names", layout="tutorial")
    names = [[file.name for file in call.files] for call in recipe(chosen) if call.files]
    assert names == [["src.reg", "bgd.reg"], ["src.reg", "bgd.reg"]]
    moved = RegionText(text='fk5\ncircle(322.1,56.9,120")\n', origin="b.reg")
    regions = replace(chosen.regions, fpmb=ModuleRegions(source=SOURCE, background=moved))
    chosen.edit("another background for FPMB", regions=replace(regions, linked=False))
    names = [[file.name for file in call.files] for call in recipe(chosen) if call.files]
    assert names == [["src.reg", "bgdA.reg"], ["src.reg", "bgdB.reg"]]


def test_in_the_tutorials_layout_a_stem_nuproducts_would_not_come_to_is_given() -> None:
    chosen = session()
    chosen.edit("names", layout="tutorial")
    assert recipe(chosen)[0].get("stemout") is None
    split = ModuleInputs(
        module="FPMA", events="/d/event_cl/nu60001110002A06_chu3_N_cl.evt", mode="06"
    )
    chosen.edit("one combination of star trackers", inputs=(split,), modules=("FPMA",))
    assert recipe(chosen)[0].get("stemout") == "nu60001110002A06"


def test_housekeeping_of_the_archive_is_not_given_with_reprocessed_events() -> None:
    chosen = session()
    assert recipe(chosen)[0].get("hkfile") is not None
    chosen.edit("reprocess", data_dir="/data/60001110002", pipeline=())
    assert recipe(chosen)[1].get("hkfile") is None


def test_grouping_finds_products_under_the_names_the_user_gave() -> None:
    chosen = session()
    chosen.edit(
        "names",
        products=(("stemout", "mine"), ("outdir", "there"), ("bkgphafile", "x/back.pha")),
        grouping=GroupingChoice(grouptype="optsnmin", groupscale=5),
    )
    call = recipe(chosen)[1]
    assert [call.get(name) for name in ("infile", "outfile", "backfile", "respfile")] == [
        "there/mine_sr.pha",
        "there/mine_sr_grp.pha",
        "there/back.pha",
        "there/mine_sr.rmf",
    ]
