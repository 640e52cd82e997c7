"""The model as XSPEC has it, and what must be set until it is as was chosen."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from nustar_widgets.engines.xspec.keeper import RefusedError
from nustar_widgets.engines.xspec.messages import Define, Setting
from nustar_widgets.engines.xspec.named import as_model
from nustar_widgets.engines.xspec.staging import stage_tables
from nustar_widgets.errors import ExpressionError, ModelError, NeedsHeasoftError
from nustar_widgets.session.linktext import xspec_dialect
from nustar_widgets.spectra.absorption import AbsorptionChoice
from nustar_widgets.spectra.models import Model

if TYPE_CHECKING:
    from nustar_widgets.engines.fit_parameters import FitParameter, ParameterTable
    from nustar_widgets.engines.xspec.keeper import Keeper
    from nustar_widgets.session.values import FitChoice

Components = Sequence[Sequence[Any]]

_STRANGE: Final = re.compile(r"[^\w\s+\-*/(){}.~,:@%]|[\n\r]")
_LONGEST: Final = 4000


def defined(
    keeper: Keeper, choice: FitChoice, local_models: tuple[tuple[str, str], ...]
) -> tuple[Model, Components]:
    """Define the model in XSPEC, and return it as XSPEC describes it.

    Parameters
    ----------
    keeper
        XSPEC.
    choice
        What is to be fitted.
    local_models
        Packages to load before.

    Raises
    ------
    ExpressionError
        The expression is none; the message points at the character where that is known.
    ModelError
        XSPEC does not know the model.
    """
    expression = choice.expression
    problem = _read(expression)
    request = Define(
        expression=stage_tables(expression, keeper.folder),
        abundance=choice.abundance,
        cross_section=choice.cross_section,
        local_models=local_models,
    )
    absorption = AbsorptionChoice(abundance=choice.abundance, cross_section=choice.cross_section)
    try:
        components = keeper.ask(request).message["components"]
    except RefusedError as refused:
        raise (problem or ModelError(f"{expression}: {refused}")) from refused
    return as_model(expression, components, absorption), components


def _read(expression: str) -> ExpressionError | None:
    """Read the expression as far as we know models; XSPEC may know more, but not other grammar."""
    strange = _STRANGE.search(expression)
    if strange or len(expression) > _LONGEST:
        where = strange.start() if strange else _LONGEST
        raise ExpressionError(expression, where, "expected model names, +, *, ( and )")
    try:
        Model.parse(expression)
    except NeedsHeasoftError:
        return None
    except ExpressionError as error:
        return error
    return None


def settings(table: ParameterTable, components: Components) -> tuple[Setting, ...]:
    """Return how the parameters differ from what XSPEC has after ``model``.

    Parameters
    ----------
    table
        The parameters as chosen.
    components
        As XSPEC described them.
    """
    described = [parameter for _, parameters in components for parameter in parameters]
    dialect = xspec_dialect(lambda name: table.place(name) + 1)
    made = []
    for number, row in enumerate(table.rows):
        group, place = divmod(number, table.per_group)
        if group and row.link == table.rows[place].name:
            continue  # XSPEC ties it by itself
        _, _, known, frozen = described[place]
        link = None if row.link is None else dialect.write(row.name, row.link)
        values = _six(row) if len(known) >= 6 else (row.value,)
        same = not group and link is None and frozen == row.frozen
        if not (same and list(values) == [known[0], abs(known[1]), *known[2:6]]):
            made.append(Setting(group + 1, place + 1, values, row.frozen, link))
    return tuple(made)


def _six(row: FitParameter) -> tuple[float, ...]:
    """XSPEC's six values; our limits are hard, so the soft ones are put on them."""
    return row.value, row.delta, row.min, row.min, row.max, row.max
