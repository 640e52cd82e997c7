"""A fit as scripts for XSPEC, PyXspec and Sherpa: golden, run where it can be, and safe."""

from __future__ import annotations

import ast
import importlib.util
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nustar_widgets.engines.fit_embedded import EmbeddedFit
from nustar_widgets.engines.fit_parameters import ParameterTable
from nustar_widgets.engines.xspec.staging import unused_bins
from nustar_widgets.errors import ExpressionError, ModelError, NustarWidgetsError, ParameterError
from nustar_widgets.fitjob import notice
from nustar_widgets.session.fitparts import ScriptFit
from nustar_widgets.session.fitscript import to_pyxspec, to_sherpa, to_xcm
from nustar_widgets.session.measures import FluxWishes, Measures
from nustar_widgets.session.values import (
    FitChoice,
    GroupingChoice,
    ParameterChoice,
    SpectrumInput,
)
from nustar_widgets.spectra.loading import load
from nustar_widgets.spectra.models import Model
from nustar_widgets.version import __version__
from tests.spectra.builders import a_background, a_spectrum, an_arf, an_rmf
from tests.standins.xspechere import environment

GOLDEN = Path(__file__).parents[1] / "golden"
PAIR = (
    SpectrumInput(pha="nuA_sr.pha"),
    SpectrumInput(
        pha="nuB_sr.pha", background="bkg/nuB_bk.pha", rmf="nuB_sr.rmf", arf="nuB_sr.arf"
    ),
)
LINE = FitChoice(
    expression="constant*tbabs*(cutoffpl + gauss+gauss)",
    parameters=(
        ParameterChoice(name="TBabs.nH", value=0.04, frozen=True),
        ParameterChoice(name="cutoffpl.PhoIndex", value=1.85, min=0.5, max=3.0),
        ParameterChoice(name="gaussian.LineE", value=6.4),
        ParameterChoice(name="gaussian_5.LineE", link="gaussian.LineE - -0.66"),
        ParameterChoice(name="gaussian_5.norm", link="gaussian.norm/(2*constant.factor[2])"),
        ParameterChoice(name="gaussian.Sigma[2]", value=0.05, frozen=True),
    ),
    notice_kev=((3.0, 23.0), (27, 79.0)),
)


def _fit(choice: FitChoice, spectra: Any, parameters: Any, **more: Any) -> ScriptFit:
    return ScriptFit(choice=choice, spectra=spectra, parameters=parameters, **more)


def _rows(choice: FitChoice, n: int) -> Any:
    model = Model.parse(choice.expression)
    return ParameterTable(model, n, choice.parameters).rows


@pytest.mark.parametrize(
    ("name", "write"),
    [("fit_pair.xcm.txt", to_xcm), ("fit_pair.xspec.py.txt", to_pyxspec),
     ("fit_pair.sherpa.py.txt", to_sherpa)],
)  # fmt: skip
def test_the_scripts_are_the_golden_ones(name: str, write: Any) -> None:
    text = write(_fit(LINE, PAIR, _rows(LINE, 2), values={"cutoffpl.norm": 0.0125}))
    assert text.replace(__version__, "VERSION") == (GOLDEN / name).read_text(encoding="utf-8")


def _files(folder: Path) -> tuple[SpectrumInput, ...]:
    from nustar_widgets.spectra.ogip import write_arf, write_pha, write_rmf

    write_rmf(folder / "r.rmf", an_rmf())
    write_arf(folder / "r.arf", an_arf())
    write_pha(folder / "b.pha", a_background())
    for name, seed in (("s1.pha", 80.0), ("s2.pha", 90.0)):
        write_pha(folder / name, a_spectrum(a_spectrum().counts * int(seed) // 80))
    return tuple(
        SpectrumInput(pha=name, background="b.pha", rmf="r.rmf", arf="r.arf")
        for name in ("s1.pha", "s2.pha")
    )


def _engine(choice: FitChoice, files: tuple[SpectrumInput, ...], folder: Path) -> EmbeddedFit:
    data = [
        load(
            folder / str(f.pha), background=folder / str(f.background), rmf=folder / str(f.rmf),
            arf=folder / str(f.arf), number=number,
        )
        for number, f in enumerate(files, start=1)
    ]  # fmt: skip
    return EmbeddedFit([notice(item, choice.notice_kev) for item in data], choice)


@pytest.mark.parametrize("statistic", ["chi", "cstat"])
def test_the_pyxspec_script_gives_the_statistic_of_the_embedded_engine(
    tmp_path: Path, statistic: str
) -> None:
    choice = FitChoice(
        expression="constant*tbabs*powerlaw",
        statistic=statistic,
        notice_kev=((3.0, 10.0), (12.0, 20.0)),
        parameters=(
            ParameterChoice(name="TBabs.nH", value=0.5, frozen=True),
            ParameterChoice(name="powerlaw.PhoIndex[2]", link="powerlaw.PhoIndex + 0.1"),
        ),
    )
    files = _files(tmp_path)
    engine = _engine(choice, files, tmp_path)
    text = to_pyxspec(_fit(choice, files, engine.table.rows, values=engine.values))
    done = subprocess.run(
        [sys.executable, "-"], input=text, env=environment(), cwd=tmp_path, text=True,
        capture_output=True, check=True,
    )  # fmt: skip
    printed = done.stdout.splitlines()
    result = engine.fit()
    first = printed[-9].split()
    assert first[0] == "statistic"
    assert float(first[1]) == pytest.approx(result.statistic, abs=1e-2)
    assert int(first[3]) == result.dof
    values = [float(line.split()[2]) for line in printed[-8:]]
    assert values == pytest.approx([p.value for p in result.parameters], rel=2e-3)
    assert "FFFFFFFFF" in printed[-6]


def test_the_command_file_says_all_xspec_needs_to_be_where_the_fit_is(tmp_path: Path) -> None:
    choice = replace(LINE, expression="constant*tbabs*(cutoffpl+gauss+gauss)")
    files = _files(tmp_path)
    engine = _engine(choice, files, tmp_path)
    engine.set({"cutoffpl.norm": 0.02, "constant.factor[2]": 1.125})
    lines = to_xcm(_fit(choice, files, engine.table.rows, values=engine.values)).splitlines()
    for number, data in enumerate(engine.datasets, start=1):
        (ignored,) = (line for line in lines if line.startswith(f"ignore {number}:"))
        whole = load(
            tmp_path / f"s{number}.pha", rmf=tmp_path / "r.rmf", arf=tmp_path / "r.arf",
            background=tmp_path / "b.pha", number=number,
        )  # fmt: skip
        read = whole.ignore("bad", ignored.removeprefix("ignore "))
        assert list(read.used) == list(data.used)
    start = next(n for n, line in enumerate(lines) if line.startswith("model "))
    written = lines[start + 1 : lines.index("bayes off")]
    assert _read(written) == pytest.approx(list(engine.values.values()), rel=1e-8)
    free = {int(word) for word in lines[-1].split()[4:]}
    assert {engine.table.rows[n - 1].name for n in free} == set(engine.table.names)


def _read(lines: list[str]) -> list[float]:
    """Values of parameter lines, links worked out as XSPEC would."""
    values: dict[str, float] = {}
    links = {}
    for number, line in enumerate(lines, start=1):
        if line.startswith("="):
            links[f"p{number}"] = line.removeprefix("=").strip()
        else:
            numbers = [float(word) for word in line.split()]
            assert len(numbers) == 6
            assert numbers[2] <= numbers[0] <= numbers[5]
            values[f"p{number}"] = numbers[0]
    while links:
        for name, text in list(links.items()):
            names = {n.id for n in ast.walk(ast.parse(text)) if isinstance(n, ast.Name)}
            if names <= set(values):
                values[name] = eval(text, {}, dict(values))
                del links[name]
    return [values[f"p{number}"] for number in range(1, len(lines) + 1)]


def test_bins_out_of_use_win_over_energies(tmp_path: Path) -> None:
    files = _files(tmp_path)
    choice = FitChoice(expression="powerlaw")
    engine = _engine(choice, files, tmp_path)
    bins = [unused_bins(data) for data in engine.datasets]
    text = to_xcm(_fit(choice, files, engine.table.rows, ignored=bins))
    assert "ignore bad" not in text
    assert "ignore 1:1-4\n" in text
    script = to_pyxspec(_fit(choice, files, engine.table.rows, ignored=bins))
    assert 'AllData(2).ignore("1-4")' in script


def test_energies_are_written_with_a_decimal_point_so_that_they_are_none_of_bins() -> None:
    choice = FitChoice(expression="powerlaw", notice_kev=((10, 20), (3, 5)))
    text = to_xcm(_fit(choice, PAIR, _rows(choice, 2)))
    assert "ignore 1:**-3.0,5.0-10.0,20.0-**" in text


def test_a_grouping_the_files_do_not_have_is_told() -> None:
    choice = replace(LINE, grouping=GroupingChoice(grouptype="optmin", groupscale=25.0))
    for write in (to_xcm, to_pyxspec, to_sherpa):
        text = write(_fit(choice, PAIR, _rows(choice, 2)))
        assert "grouptype=optmin groupscale=25 minchannel=35 maxchannel=1934" in text


@pytest.mark.parametrize(
    "name", ["my spectrum.pha", "a,b.pha", "a{1}.pha", "a[1].pha", "a$x.pha", 'a".pha', "a;b", ""]
)
def test_a_file_name_xspec_would_misread_is_refused(name: str) -> None:
    choice = FitChoice(expression="powerlaw")
    spectra = (SpectrumInput(pha=name),)
    for write in (to_xcm, to_pyxspec):
        with pytest.raises(ParameterError, match="XSPEC cannot read a file name with blanks"):
            write(_fit(choice, spectra, _rows(choice, 1)))
    compile(to_sherpa(_fit(choice, spectra, _rows(choice, 1))), "sherpa", "exec")


def test_texts_that_are_more_than_a_name_are_refused() -> None:
    rows = _rows(LINE, 2)
    cases: tuple[tuple[dict[str, Any], str], ...] = (
        ({"abundance": "wilm; exit"}, "abundance: 'wilm; exit': expected one word"),
        ({"cross_section": "vern\nexit"}, "cross_section"),
        ({"statistic": "chi\nexit"}, "statistic: .*expected one of chi, cstat, pgstat"),
    )
    for changes, problem in cases:
        with pytest.raises(ParameterError, match=problem):
            to_xcm(_fit(replace(LINE, **changes), PAIR, rows))
    with pytest.raises(ExpressionError, match="is not part of a model expression"):
        to_xcm(_fit(replace(LINE, expression="powerlaw; [exit]"), PAIR, rows))
    with pytest.raises(ParameterError, match="parameters: 3 for 2 spectra"):
        to_xcm(_fit(LINE, PAIR, rows[:3]))
    with pytest.raises(ParameterError, match="ignored: 1 lists of bins for 2 spectra"):
        to_xcm(_fit(LINE, PAIR, rows, ignored=[[(1, 2)]]))


@given(st.text(max_size=30), st.text(max_size=20), st.text(max_size=10))
def test_whatever_is_typed_the_python_scripts_are_what_they_seem(
    path: str, expression: str, word: str
) -> None:
    choice = FitChoice(expression="powerlaw")
    rows = _rows(choice, 1)
    hostile = replace(choice, expression=expression, abundance=word)
    for write in (to_pyxspec, to_sherpa):
        plain = len(ast.parse(write(_fit(choice, (SpectrumInput(pha="a.pha"),), rows))).body)
        for given_choice in (choice, hostile):
            try:
                text = write(_fit(given_choice, (SpectrumInput(pha=path),), rows))
            except NustarWidgetsError:
                continue
            assert len(ast.parse(text).body) == plain


@given(st.text(max_size=30), st.text(max_size=30))
def test_whatever_is_typed_a_command_file_has_no_line_of_its_own(
    path: str, expression: str
) -> None:
    choice = FitChoice(expression="powerlaw")
    rows = _rows(choice, 1)
    plain = to_xcm(_fit(choice, (SpectrumInput(pha="a.pha"),), rows)).splitlines()
    try:
        changed = replace(choice, expression=expression)
        lines = to_xcm(_fit(changed, (SpectrumInput(pha=path),), rows)).splitlines()
    except NustarWidgetsError:
        return
    assert len(lines) == len(plain)
    assert not set("[]$;\"'") & set("".join(lines[1:]))


def test_sherpa_shares_what_is_tied_and_has_the_rest_twice() -> None:
    text = to_sherpa(_fit(LINE, PAIR, _rows(LINE, 2)))
    assert 'tbabs_s1 = ui.xstbabs("tbabs_s1")' in text
    assert "tbabs_s2" not in text
    assert (
        "ui.set_source(2, constant_s2 * tbabs_s1 * (cutoffpl_s1 + gaussian_s2 + gaussian_5_s1))"
        in text
    )
    assert "gaussian_s2.LineE.link = gaussian_s1.LineE" in text
    assert "gaussian_5_s1.norm.link = gaussian_s1.norm/(2.0*constant_s2.factor)" in text


def test_sherpa_is_told_xspecs_rule_for_ranges() -> None:
    text = to_sherpa(_fit(LINE, PAIR, _rows(LINE, 2)))
    assert "ignore(2, [(-np.inf, 3.0), (23.0, 27.0), (79.0, np.inf)])" in text


def test_convolutions_and_models_only_xspec_has_are_written_for_sherpa_or_refused() -> None:
    flux = FitChoice(expression="tbabs*cflux*(powerlaw+gauss)")
    assert "ui.set_source(1, tbabs_s1 * cflux_s1(powerlaw_s1 + gaussian_s1))" in to_sherpa(
        _fit(flux, PAIR[:1], _rows(flux, 1))
    )
    rows = [replace(row, name=row.name.replace("powerlaw", "pexrav"),
                    component=row.component.replace("powerlaw", "pexrav"))
            for row in _rows(FitChoice(expression="tbabs*powerlaw"), 1)]  # fmt: skip
    pexrav = to_sherpa(_fit(FitChoice(expression="tbabs(pexrav)"), PAIR[:1], rows))
    assert 'pexrav_s1 = ui.xspexrav("pexrav_s1")' in pexrav
    assert "ui.set_source(1, tbabs_s1 * (pexrav_s1))" in pexrav
    with pytest.raises(ModelError, match="rdblur cannot be written for Sherpa"):
        to_sherpa(_fit(FitChoice(expression="rdblur*pexrav"), PAIR[:1], rows))
    with pytest.raises(ParameterError, match="Sherpa has no pgstat"):
        to_sherpa(_fit(replace(flux, statistic="pgstat"), PAIR[:1], _rows(flux, 1)))
    logged = replace(flux, parameters=(ParameterChoice(name="gaussian.norm", link="exp(-1.0)"),))
    with pytest.raises(ParameterError, match=r"'exp\(-1.0\)' cannot be written"):
        to_sherpa(_fit(logged, PAIR[:1], _rows(logged, 1)))


@pytest.mark.skipif(importlib.util.find_spec("sherpa") is None, reason="needs Sherpa")
@pytest.mark.parametrize("statistic", ["chi", "cstat"])
def test_the_sherpa_script_gives_the_statistic_of_the_embedded_engine(
    tmp_path: Path, statistic: str
) -> None:
    choice = FitChoice(
        expression="powerlaw", statistic=statistic, notice_kev=((3.2, 10.0), (12.0, 20.0))
    )
    files = _files(tmp_path)
    engine = _engine(choice, files, tmp_path)
    text = to_sherpa(_fit(choice, files, engine.table.rows, values=engine.values))
    if importlib.util.find_spec("sherpa.astro.xspec._xspec") is None:
        text = _without_xspec(text)
    text += "print('statistic', ui.get_fit_results().statval, ui.get_fit_results().dof)\n"
    done = subprocess.run(
        [sys.executable, "-"], input=text, cwd=tmp_path, text=True, capture_output=True, check=True
    )
    result = engine.fit()
    _, statval, dof = done.stdout.splitlines()[-1].split()
    assert int(dof) == result.dof
    assert float(statval) == pytest.approx(result.statistic, abs=0.05)


def _without_xspec(text: str) -> str:
    """The script with Sherpa's own power law, where Sherpa was built without XSPEC's models."""
    lines = [line for line in text.splitlines() if not line.startswith("ui.set_xs")]
    names = {"xspowerlaw": "powlaw1d", "PhoIndex": "gamma", ".norm": ".ampl"}
    for ours, theirs in names.items():
        lines = [line.replace(ours, theirs) for line in lines]
    return "\n".join(lines) + "\n"


# -- what is measured, and where files lie -------------------------------------------------

ALL = Measures(
    delta=1.0,
    names=("cutoffpl.PhoIndex", "gaussian.LineE"),
    fluxes=FluxWishes(
        bands_kev=((3.0, 10.0), (10, 30.5)), redshift=0.0144, component="gaussian", draws=1000
    ),
)


def test_what_is_to_be_measured_is_measured_in_each_programs_words() -> None:
    fit = _fit(LINE, PAIR, _rows(LINE, 2), measures=ALL)
    assert to_xcm(fit).splitlines()[-6:] == [
        "error maximum 1000000.0 1.0 3 6",
        "flux 3.0 10.0 err 1000 90.0",
        "flux 10.0 30.5 err 1000 90.0",
        "lumin 3.0 10.0 0.0144 err 1000 90.0",
        "lumin 10.0 30.5 0.0144 err 1000 90.0",
        "eqwidth 4 err 1000 90.0",
    ]
    script = to_pyxspec(fit)
    assert 'Fit.error("maximum 1000000.0 1.0 3 6")' in script
    assert "for band in ['3.0 10.0 err 1000 90.0', '10.0 30.5 err 1000 90.0']:" in script
    assert "AllModels.eqwidth(4, err=True, number=1000, level=90.0)" in script
    # XSPEC forgets its fit where the cosmology is set after it.
    assert script.index("Xset.cosmo = '70 0 0.73'") < script.index("Fit.perform()")
    sherpa = to_sherpa(fit)
    assert "ui.set_conf_opt('sigma', 1)\n" in sherpa
    assert "ui.conf(1, 2, cutoffpl_s1.PhoIndex, gaussian_s1.LineE)" in sherpa
    assert "for low, high in ((3.0, 10.0), (10, 30.5)):" in sherpa


def test_nothing_is_measured_that_is_not_wanted() -> None:
    fit = _fit(LINE, PAIR, _rows(LINE, 2), measures=Measures(delta=None))
    assert to_xcm(fit).endswith("\nquery yes\nfit\n")
    assert "Fit.error" not in to_pyxspec(fit)
    assert "ui.conf(" not in to_sherpa(fit)


def test_a_component_the_model_lacks_is_named() -> None:
    wishes = FluxWishes(bands_kev=(), component="powerlaw")
    fit = _fit(LINE, PAIR, _rows(LINE, 2), measures=Measures(fluxes=wishes))
    with pytest.raises(ParameterError, match="powerlaw: expected a component: constant, TBabs"):
        to_xcm(fit)


def test_xspec_goes_to_the_folder_of_a_spectrum_given_by_its_whole_path() -> None:
    spectra = (
        SpectrumInput(pha="/my data/A/a.pha", background="/my data/A/b.pha", arf="/r/a.arf"),
        SpectrumInput(pha="/my data/A/c.pha"),
        SpectrumInput(pha="/B/d.pha"),
    )
    fit = _fit(LINE, spectra, _rows(LINE, 3))
    lines = to_xcm(fit).splitlines()
    assert lines[2:8] == [
        "cd {/my data/A}",
        "data 1:1 a.pha",
        "backgrnd 1 b.pha",
        "arf 1:1 /r/a.arf",
        "data 2:2 c.pha",
        "cd {/B}",
    ]
    script = to_pyxspec(fit)
    assert "os.chdir('/my data/A')\nAllData('1:1 a.pha 2:2 c.pha')\n" in script
    assert "os.chdir('/B')\nAllData('3:3 d.pha')\n" in script
    plain = FitChoice(expression="powerlaw")
    for folder in ("/a{b", "/a\nb", "/a\\b"):
        hostile = (SpectrumInput(pha=f"{folder}/a.pha"),)
        with pytest.raises(ParameterError, match="XSPEC cannot go to a folder of this name"):
            to_xcm(_fit(plain, hostile, _rows(plain, 1)))
        compile(to_pyxspec(_fit(plain, hostile, _rows(plain, 1))), "pyxspec", "exec")


@given(st.text(max_size=30))
def test_whatever_a_way_of_grouping_is_called_a_script_is_what_it_seems(name: str) -> None:
    plain = replace(LINE, grouping=GroupingChoice(grouptype="min"))
    hostile = replace(LINE, grouping=GroupingChoice(grouptype=name))
    for write in (to_pyxspec, to_sherpa):
        body = ast.parse(write(_fit(hostile, PAIR, _rows(hostile, 2)))).body
        if name != "none":
            assert len(body) == len(ast.parse(write(_fit(plain, PAIR, _rows(plain, 2)))).body)
    if name != "none":
        n_lines = len(to_xcm(_fit(plain, PAIR, _rows(plain, 2))).split("\n"))
        assert len(to_xcm(_fit(hostile, PAIR, _rows(hostile, 2))).split("\n")) == n_lines
