"""Templates: every one is a model, and what the user set is kept beside it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from nustar_widgets.engines.fit_parameters import ParameterTable
from nustar_widgets.errors import NeedsHeasoftError
from nustar_widgets.fits.outline import outline
from nustar_widgets.fits.templates import Template, applied, put_in_place, templates
from nustar_widgets.session.values import FitChoice, ParameterChoice
from nustar_widgets.spectra.models import Model

ALL = {template.name: template for template in templates()}
EMBEDDED = [template for template in templates() if not template.needs_xspec]


@pytest.mark.parametrize("template", EMBEDDED, ids=lambda template: template.name)
def test_a_template_of_the_embedded_engine_is_a_model_inside_its_limits(template: Template) -> None:
    choice = applied(FitChoice(), template)
    model = Model.parse(choice.expression, abundance=choice.abundance)
    ParameterTable(model, 2, choice.parameters)


@pytest.mark.parametrize("template", templates(), ids=lambda template: template.name)
def test_a_template_names_parameters_of_its_own_expression(template: Template) -> None:
    read = outline(template.expression)
    assert all(read.parameter(item.name) is not None for item in template.parameters)
    assert template.about
    assert "  " not in template.about


def test_what_needs_xspec_says_so_and_what_is_approximate_says_so() -> None:
    assert ALL["AGN: with reflection"].needs_xspec == ("pexrav",)
    assert ALL["Cluster: hot plasma"].needs_xspec == ("apec",)
    assert not ALL["AGN: with iron line"].needs_xspec
    stand_ins = [template.name for template in templates() if template.is_approximate]
    assert stand_ins == [name for name in ALL if "approximate" in name]
    with pytest.raises(NeedsHeasoftError, match="pexrav needs HEASoft"):
        applied(FitChoice(), ALL["AGN: with reflection"])
    choice = applied(FitChoice(engine="xspec"), ALL["AGN: with reflection"])
    assert choice.expression == "constant*tbabs*(pexrav+zgauss)"


def test_every_kind_of_source_people_ask_for_is_there() -> None:
    assert {template.group for template in templates()} >= {
        "Plain", "Active galaxy", "X-ray binary", "Cluster of galaxies", "Sun",
    }  # fmt: skip


def test_a_template_wins_where_it_sets_and_keeps_the_rest() -> None:
    mine = FitChoice(
        expression="constant*tbabs*(powerlaw+zgauss)",
        parameters=(
            ParameterChoice(name="TBabs.nH", value=0.2, frozen=True),
            ParameterChoice(name="zgauss.Redshift", value=0.0077),
            ParameterChoice(name="zgauss.LineE", value=6.5),
            ParameterChoice(name="powerlaw.PhoIndex", value=2.2),
        ),
        statistic="chi",
    )
    moved = put_in_place(mine, ALL["AGN: with iron line"])
    kept = {item.name: item for item in moved.choice.parameters}
    assert kept["TBabs.nH"].frozen
    assert kept["zgauss.Redshift"].value == 0.0077
    assert kept["zgauss.LineE"] == ParameterChoice(name="zgauss.LineE", value=6.4, frozen=True)
    assert moved.choice.statistic == "chi"
    assert moved.notes == ("powerlaw.PhoIndex (2.2): powerlaw is no longer in the model",)
    again = put_in_place(moved.choice, ALL["AGN: with iron line"])
    assert again == replace(moved, notes=())


def test_a_solar_template_brings_coronal_abundances() -> None:
    choice = applied(FitChoice(engine="xspec"), ALL["Sun: hot plasma"])
    assert choice.abundance == "feld"
