"""Any session somebody might make: strategies for every field, of every kind of value."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from nustar_widgets.events import regions as shapes
from nustar_widgets.session import values
from nustar_widgets.session.session import Session

numbers = st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**53), 2**53)
# Any text, also what is no UTF-8: names of files may be that.
texts = st.text(st.characters(exclude_categories=()), max_size=12)
names = st.text("abcdefgh_[].", min_size=1, max_size=8)
maybe = st.none()
params = st.tuples(names, texts | st.integers(-(2**40), 2**40) | st.booleans() | numbers)
param_lists = st.lists(params, max_size=3).map(tuple)
includes = st.booleans()
corners = st.lists(st.tuples(numbers, numbers), max_size=5).map(tuple)


def _shape(kind: type, count: int) -> st.SearchStrategy[Any]:
    return st.builds(
        lambda found, include: kind(*found, include=include),
        st.tuples(*[numbers] * count), includes,
    )  # fmt: skip


any_shape = st.one_of(
    _shape(shapes.SkyCircle, 3), _shape(shapes.SkyAnnulus, 4), _shape(shapes.SkyEllipse, 5),
    _shape(shapes.SkyEllipticalAnnulus, 7), _shape(shapes.SkyBox, 5),
    _shape(shapes.SkyBoxAnnulus, 7), _shape(shapes.SkyPanda, 6), _shape(shapes.SkyPoint, 2),
    st.builds(shapes.SkyPolygon, corners, includes),
)  # fmt: skip
any_region = (
    maybe
    | st.builds(shapes.SkyRegion, st.lists(any_shape, max_size=4).map(tuple))
    | st.builds(values.RegionText, text=texts, origin=texts)
)
of_a_module = st.builds(values.ModuleRegions, source=any_region, background=any_region)
groupings = st.builds(
    values.GroupingChoice,
    grouptype=names, groupscale=maybe | numbers, minchannel=maybe | st.integers(0, 4096),
    maxchannel=maybe | st.integers(0, 4096), others=param_lists,
)  # fmt: skip
parameters = st.builds(
    values.ParameterChoice,
    name=texts, value=maybe | numbers, frozen=maybe | st.booleans(), min=maybe | numbers,
    max=maybe | numbers, link=maybe | texts,
)  # fmt: skip
fits = st.builds(
    values.FitChoice,
    expression=texts, parameters=st.lists(parameters, max_size=3).map(tuple), statistic=names,
    notice_kev=st.lists(st.tuples(numbers, numbers), max_size=3).map(tuple),
    engine=st.sampled_from(values.FIT_ENGINES), grouping=maybe | groupings,
)  # fmt: skip
ordered = st.tuples(
    st.floats(0.001, 1e6), st.floats(0.001, 1e6)
).filter(lambda pair: pair[0] < pair[1])  # fmt: skip

FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "target": maybe | st.builds(
        values.Target, name=texts, ra_deg=maybe | numbers, dec_deg=maybe | numbers
    ),
    "obsid": st.just("") | st.text("0123456789", min_size=11, max_size=11),
    "data_dir": texts,
    "inputs": st.lists(
        st.builds(
            values.ModuleInputs,
            module=st.sampled_from(["FPMA", "FPMB"]), events=texts, mode=names,
            housekeeping=maybe | texts, arf=maybe | texts, rmf=maybe | texts,
        ),
        max_size=2, unique_by=lambda item: item.module,
    ).map(tuple),
    "spectra": st.lists(
        st.builds(
            values.SpectrumInput,
            pha=texts, background=maybe | texts, arf=maybe | texts, rmf=maybe | texts,
        ),
        max_size=2,
    ).map(tuple),
    "work_dir": texts,
    "modules": st.sampled_from([("FPMA",), ("FPMB",), ("FPMA", "FPMB"), ("FPMB", "FPMA")]),
    "regions": st.builds(
        values.Regions,
        fpma=of_a_module, fpmb=of_a_module, linked=st.booleans(),
        offset_arcsec=st.tuples(numbers, numbers),
    ),
    "band_kev": ordered,
    "bin_s": st.floats(1e-3, 1e9),
    "user_gti": maybe | st.lists(ordered, max_size=4).map(tuple),
    "pipeline": maybe | param_lists,
    "products": param_lists,
    "grouping": groupings,
    "fit": fits,
    "layout": st.sampled_from(values.LAYOUTS),
    "engine": st.sampled_from(values.ENGINES),
}  # fmt: skip
"""What each field may hold."""

assert set(FIELDS) == set(Session.FIELDS)

changes = st.sampled_from(sorted(FIELDS)).flatmap(
    lambda name: st.tuples(st.just(name), FIELDS[name])
)
"""One field and a value for it."""

edits = st.lists(changes, min_size=1, max_size=3).map(dict)
"""Fields and values, as one edit changes them."""
