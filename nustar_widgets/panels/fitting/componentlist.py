"""The components of a model: those that are there, and all there are to add."""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final

import ipywidgets as widgets

from nustar_widgets.fits.catalog import ABOUT, GROUPS, catalog
from nustar_widgets.fits.completion import completion
from nustar_widgets.fits.outline import outline_or_none
from nustar_widgets.panels.closing import close_tree
from nustar_widgets.session.values import FitChoice
from nustar_widgets.spectra.expression import Component
from nustar_widgets.spectra.modelspec import ModelSpec, ParameterSpec

_ROW: Final = {"align_items": "center", "width": "100%"}
_WHOLE: Final = "the whole model"
_STYLE: Final = """<style>
.nw-model-part { font-size: 12px; line-height: 1.35; overflow-wrap: anywhere;
  color: var(--jp-ui-font-color1, #222); }
.nw-model-part code, .nw-model-about code { font-family: var(--jp-code-font-family, monospace);
  background: none; color: inherit; padding: 0; }
.nw-model-part .nw-quiet, .nw-model-about .nw-quiet { color: var(--jp-ui-font-color2, #555); }
.nw-model-about { font-size: 12px; line-height: 1.4; color: var(--jp-ui-font-color1, #222);
  overflow-wrap: anywhere; }
.nw-model-about table { border-collapse: collapse; width: 100%; }
.nw-model-about th { text-align: left; font-weight: 600; padding: 1px 10px 1px 0;
  border-bottom: 1px solid var(--jp-border-color2, #ccc); }
.nw-model-about td { padding: 1px 10px 1px 0; vertical-align: top; }
.nw-model-warn { color: #7a4b00; background: #fff4df; padding: 1px 6px; border-radius: 3px; }
</style>"""


class ComponentList(widgets.VBox):
    """The components of a model, each with a button that takes it out.

    Parameters
    ----------
    removed
        Told the name of a component to take out.
    guarded
        Wraps what hears the buttons, so that errors are shown.
    """

    def __init__(
        self,
        *,
        removed: Callable[[str], Any],
        guarded: Callable[[Callable[..., Any]], Callable[..., None]],
    ) -> None:
        super().__init__(layout=widgets.Layout(width="100%"))
        self.add_class("nw-model-parts")
        self._removed, self._guarded = removed, guarded
        self._shown: tuple[str, ...] = ()
        self.buttons: dict[str, widgets.Button] = {}
        """Buttons that take a component out, by its name."""
        self._rows: list[widgets.HBox] = []

    def show(self, components: Sequence[Component]) -> None:
        """Show the components of a model; the rows stay while they are the same.

        Parameters
        ----------
        components
            In the order of the expression.
        """
        names = tuple(component.name for component in components)
        if names == self._shown:
            return
        old, self._rows = self._rows, [self._row(component) for component in components]
        self._shown = names
        self.buttons = {name: self.buttons[name] for name in names}
        self.children = tuple(self._rows)
        for row in old:
            close_tree(row)

    def _row(self, component: Component) -> widgets.HBox:
        name = html.escape(component.name)
        formula = html.escape(component.spec.formula or component.spec.meaning)
        text = widgets.HTML(
            f"{_STYLE}<div class='nw-model-part'><b><code>{name}</code></b> "
            f"<span class='nw-quiet'>{formula}</span></div>",
            layout=widgets.Layout(flex="1 1 auto", min_width="0"),
        )
        button = widgets.Button(
            description="Remove",
            tooltip=f"Take {component.name} out of the model",
            layout=widgets.Layout(width="auto", height="24px", flex="none"),
        )
        remove = partial(self._removed, component.name)
        button.on_click(self._guarded(lambda _: remove()))
        self.buttons[component.name] = button
        return widgets.HBox((text, button), layout=widgets.Layout(**_ROW))


class ComponentPicker(widgets.VBox):
    """All models there are, explained, with a button that adds one.

    Parameters
    ----------
    added
        Told the model's name, and the component it goes to, ``None`` for the whole model.
    guarded
        Wraps what hears the controls, so that errors are shown.
    """

    def __init__(
        self,
        *,
        added: Callable[[str, str | None], Any],
        guarded: Callable[[Callable[..., Any]], Callable[..., None]],
    ) -> None:
        super().__init__(layout=widgets.Layout(width="100%"))
        self.add_class("nw-model-picker")
        self._added = added
        self._with_xspec = False
        self.open = widgets.ToggleButton(
            description="Add component ...",
            tooltip="Choose among all models, each explained",
            layout=widgets.Layout(width="auto", align_self="flex-start"),
        )
        self.group = widgets.ToggleButtons(options=GROUPS, style={"button_width": "auto"})
        self.find = widgets.Text(
            placeholder="find by name or meaning", layout=widgets.Layout(width="auto")
        )
        self.models = widgets.Select(rows=7, layout=widgets.Layout(width="auto"))
        self.about = widgets.HTML()
        self.place = widgets.Dropdown(
            description="goes to", options=[(_WHOLE, None)],
            style={"description_width": "50px"}, layout=widgets.Layout(width="250px"),
        )  # fmt: skip
        self.add = widgets.Button(
            description="Add", button_style="primary", layout=widgets.Layout(width="90px")
        )
        self._inside = (
            self.group,
            self.find,
            self.models,
            self.about,
            widgets.HBox((self.place, self.add), layout=widgets.Layout(**_ROW)),
        )
        self.children = (self.open,)
        self.open.observe(guarded(lambda _: self._turn()), "value")
        self.group.observe(guarded(lambda _: self._list()), "value")
        self.find.observe(guarded(lambda _: self._list()), "value")
        self.models.observe(guarded(lambda _: self._explain()), "value")
        self.add.on_click(guarded(lambda _: self._add()))
        self._list()

    def show(self, choice: FitChoice, components: Sequence[Component]) -> None:
        """Show where a component can go, and what the engine of a choice has.

        Parameters
        ----------
        choice
            The choice.
        components
            Those of its model.
        """
        is_xspec = choice.engine == "xspec"
        options = [(_WHOLE, None), *((f"{c.name} alone", c.name) for c in components)]
        if list(self.place.options) != options:
            chosen = self.place.value
            self.place.options = options
            known = [value for _, value in options]
            self.place.value = chosen if chosen in known else None
        if is_xspec != self._with_xspec:
            self._with_xspec = is_xspec
            self._list()

    @property
    def chosen(self) -> ModelSpec | None:
        """The model that is chosen, or ``None``."""
        name = self.models.value
        return next((spec for spec in catalog()[self.group.value] if spec.name == name), None)

    def _turn(self) -> None:
        inside = self._inside if self.open.value else ()
        self.children = (self.open, *inside)

    def _list(self) -> None:
        wanted = self.find.value.strip().lower()
        specs = [
            spec
            for spec in catalog()[self.group.value]
            if wanted in spec.name.lower() or wanted in spec.meaning.lower()
        ]
        chosen = self.models.value
        self.models.options = [(self._line(spec), spec.name) for spec in specs]
        names = [spec.name for spec in specs]
        self.models.value = chosen if chosen in names else next(iter(names), None)
        self._explain()

    def _line(self, spec: ModelSpec) -> str:
        item = completion(spec, with_xspec=self._with_xspec)
        return f"{spec.name}: {spec.meaning}" + (" (XSPEC only)" if item.needs_xspec else "")

    def _explain(self) -> None:
        spec = self.chosen
        why_not = "" if spec is None else completion(spec, with_xspec=self._with_xspec).why_not
        self.add.disabled = spec is None or bool(why_not)
        self.about.value = (
            f"<div class='nw-model-about'>No {self.group.value} model is called or means that."
            if spec is None
            else _explained(spec, why_not, self.group.value)
        )

    def _add(self) -> None:
        if self.chosen is not None:
            self._added(self.chosen.name, self.place.value)


def components_of(choice: FitChoice) -> tuple[Component, ...]:
    """Return the components of a choice's expression; none where it cannot be read."""
    read = outline_or_none(choice.expression)
    return () if read is None else read.components


def _explained(spec: ModelSpec, why_not: str, group: str) -> str:
    """Say what a model does: formula, parameters with units and meaning."""
    parts = [f"<b><code>{html.escape(spec.name)}</code></b> {html.escape(ABOUT[group])}"]
    if spec.formula:
        parts.append(f"<code>{html.escape(spec.formula)}</code>")
    if why_not:
        parts.append(f"<span class='nw-model-warn'>{html.escape(why_not)}</span>")
    if spec.source:
        parts.append(f"<span class='nw-quiet'>{html.escape(spec.source)}</span>")
    lines = "".join(f"<div>{part}</div>" for part in parts)
    return f"{_STYLE}<div class='nw-model-about'>{lines}{_table(spec.parameters)}</div>"


def _table(parameters: Sequence[ParameterSpec]) -> str:
    if not parameters:
        return "<div class='nw-quiet'>XSPEC tells its parameters once it is in the model.</div>"
    heads = "".join(f"<th scope='col'>{h}</th>" for h in ("Parameter", "Unit", "Start", "Meaning"))
    rows = "".join(
        "<tr>"
        + "".join(
            f"<td>{html.escape(text)}</td>"
            for text in (
                item.name,
                item.unit or "-",
                f"{item.default:g}" + (" frozen" if item.frozen else ""),
                item.meaning,
            )
        )
        + "</tr>"
        for item in parameters
    )
    return f"<table><tr>{heads}</tr>{rows}</table>"
