"""The model of a fit: typed, built of components or taken from a template; and how it is judged."""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import ipywidgets as widgets

from nustar_widgets.fits.judgement import Judgement, judged
from nustar_widgets.fits.templates import Template, templates
from nustar_widgets.panels.fitting.componentlist import (
    ComponentList,
    ComponentPicker,
    components_of,
)
from nustar_widgets.panels.fitting.expressionview import ExpressionBox
from nustar_widgets.session.values import FitChoice
from nustar_widgets.spectra.absorption import ABUNDANCES, CROSS_SECTIONS

STATISTICS: Final = {
    "cstat": "counts as they are, few or many; with a background it is XSPEC's W",
    "chi": "Gaussian errors: needs 20 counts or more in every bin",
    "pgstat": "counts, with a background whose errors are Gaussian",
}
"""Statistics, each with a line of advice."""

_CHOOSE: Final = "Choose a template ..."
_ROW: Final = {"align_items": "center", "width": "100%", "flex_flow": "row wrap"}


@dataclass(frozen=True, kw_only=True)
class ModelCalls:
    """What a model box tells.

    Attributes
    ----------
    expressed
        Told an expression that was entered and is a model.
    templated
        Told a template to put in place.
    guess
        Called when start values are to be guessed.
    statistic, abundance, cross_section
        Told XSPEC's name of the one chosen.
    added
        Told the name of a model to add, and the component it goes to, ``None`` for the whole model.
    removed
        Told the name of a component to take out.
    """

    expressed: Callable[[str], Any]
    templated: Callable[[Template], Any]
    guess: Callable[[], Any]
    statistic: Callable[[str], Any]
    abundance: Callable[[str], Any]
    cross_section: Callable[[str], Any]
    added: Callable[[str, str | None], Any]
    removed: Callable[[str], Any]


class ModelBox(widgets.VBox):
    """The model, its components, templates, statistic and tables.

    Parameters
    ----------
    calls
        What it tells.
    guarded
        Wraps what hears the controls, so that errors are shown.
    has_page
        Whether there is a page to wait for; ``None`` asks whether a notebook's cell runs.
    """

    def __init__(
        self,
        calls: ModelCalls,
        *,
        guarded: Callable[[Callable[..., Any]], Callable[..., None]],
        has_page: bool | None = None,
    ) -> None:
        super().__init__(layout=widgets.Layout(width="100%"))
        self.add_class("nw-model-box")
        self._calls, self._guarded = calls, guarded
        self._choice = FitChoice()
        self._is_showing = False
        self.expression = ExpressionBox(
            judge=self._judge, entered=calls.expressed, guarded=guarded, has_page=has_page
        )
        self.components = ComponentList(removed=calls.removed, guarded=guarded)
        self.picker = ComponentPicker(added=calls.added, guarded=guarded)
        self._make_templates()
        self._make_choices()
        self.children = (
            self.expression,
            self.components,
            self.picker,
            widgets.HBox((self.template, self.apply, self.guess), layout=widgets.Layout(**_ROW)),
            self.about,
            widgets.HBox((self.statistic, self.advice), layout=widgets.Layout(**_ROW)),
            widgets.HBox((self.abundance, self.cross_section), layout=widgets.Layout(**_ROW)),
        )

    def show(self, choice: FitChoice, problem: str = "") -> None:
        """Show a choice.

        Parameters
        ----------
        choice
            What is chosen.
        problem
            Why what was entered last is not taken, or what is chosen cannot be fitted.
        """
        self._choice = choice
        components = components_of(choice)
        self.expression.show(choice.expression, problem)
        self.components.show(components)
        self.picker.show(choice, components)
        self._is_showing = True
        try:
            for control, name in (
                (self.statistic, choice.statistic),
                (self.abundance, choice.abundance),
                (self.cross_section, choice.cross_section),
            ):
                _choose(control, name)
        finally:
            self._is_showing = False
        self.advice.value = _small(STATISTICS.get(choice.statistic, ""))
        self._show_about()

    def _judge(self, text: str, cursor: int | None) -> Judgement:
        return judged(self._choice, text, cursor)

    # -- templates

    def _make_templates(self) -> None:
        self._templates = {_label(item): item for item in templates()}
        self.template = widgets.Dropdown(
            options=[_CHOOSE, *self._templates], layout=widgets.Layout(width="250px")
        )
        self.apply = widgets.Button(
            description="Apply",
            disabled=True,
            tooltip="Put the template's model and start values in place: one undo step",
            layout=widgets.Layout(width="auto"),
        )
        self.guess = widgets.Button(
            description="Guess values",
            tooltip="Guess start values from the data, for parameters that nobody has set",
            layout=widgets.Layout(width="auto"),
        )
        self.about = widgets.HTML()
        self.template.observe(self._guarded(lambda _: self._show_about()), "value")
        self.apply.on_click(self._guarded(lambda _: self._apply()))
        self.guess.on_click(self._guarded(lambda _: self._calls.guess()))

    def _apply(self) -> None:
        template = self._templates.get(self.template.value)
        if template is not None:
            self._calls.templated(template)

    def _show_about(self) -> None:
        template = self._templates.get(self.template.value)
        lacks = () if template is None else template.needs_xspec
        cannot = bool(lacks) and self._choice.engine != "xspec"
        self.apply.disabled = template is None or cannot
        self.about.value = "" if template is None else _about(template, cannot=cannot)

    # -- statistic and tables

    def _make_choices(self) -> None:
        calls = self._calls
        self.statistic = self._dropdown("statistic", tuple(STATISTICS), calls.statistic, "160px")
        self.advice = widgets.HTML(layout=widgets.Layout(flex="1 1 160px", min_width="0"))
        self.abundance = self._dropdown("abundances", tuple(ABUNDANCES), calls.abundance, "180px")
        self.cross_section = self._dropdown(
            "cross sections", tuple(CROSS_SECTIONS), calls.cross_section, "200px"
        )
        self.abundance.tooltip = "; ".join(f"{name}: {text}" for name, text in ABUNDANCES.items())
        self.cross_section.tooltip = "; ".join(
            f"{name}: {text}" for name, text in CROSS_SECTIONS.items()
        )

    def _dropdown(
        self, label: str, options: Sequence[str], told: Callable[[str], Any], width: str
    ) -> widgets.Dropdown:
        control = widgets.Dropdown(
            description=label, options=options,
            style={"description_width": "initial"}, layout=widgets.Layout(width=width),
        )  # fmt: skip

        def chosen(change: Any) -> None:
            if not self._is_showing:
                told(str(change["new"]))

        control.observe(self._guarded(chosen), "value")
        return control


def _choose(control: widgets.Dropdown, name: str) -> None:
    """Show a choice, also one that is not on offer."""
    if name not in control.options:
        control.options = (*control.options, name)
    control.value = name


def _label(template: Template) -> str:
    return template.name + (" (needs XSPEC)" if template.needs_xspec else "")


def _about(template: Template, *, cannot: bool) -> str:
    lines = [template.about, template.expression]
    if cannot:
        lacking = " and ".join(template.needs_xspec)
        lines.append(f"{lacking} needs XSPEC: choose XSPEC as the engine to use this template.")
    return _small("\n".join(lines))


def _small(text: str) -> str:
    escaped = html.escape(text).replace("\n", "<br>")
    return (
        "<div style='font-size:12px;line-height:1.4;overflow-wrap:anywhere;"
        f"color:var(--jp-ui-font-color2,#555)'>{escaped}</div>"
    )
