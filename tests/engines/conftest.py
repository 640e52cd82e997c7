"""Both engines, and what they make of one call."""

from __future__ import annotations

import pytest

from nustar_widgets.engines.base import Engine
from nustar_widgets.engines.embedded import EmbeddedEngine
from nustar_widgets.engines.heasoft.engine import HeasoftEngine
from nustar_widgets.simulate import SimulatedObservation
from tests.engines.contractcall import Products, nuproducts
from tests.standins.here import Here


@pytest.fixture(scope="session")
def engines(heasoft: Here) -> dict[str, Engine]:
    """Return both engines by name."""
    return {"embedded": EmbeddedEngine(), "heasoft": HeasoftEngine(heasoft.environ)}


@pytest.fixture(params=["embedded", "heasoft"])
def engine(request: pytest.FixtureRequest, engines: dict[str, Engine]) -> Engine:
    """Return one engine after the other."""
    found: Engine = engines[request.param]
    return found


@pytest.fixture
def groups(engines: dict[str, Engine]) -> None:
    """Skip where the installed HEASoft is too old to have ftgrouppha."""
    if not all(engine.supports("ftgrouppha") for engine in engines.values()):
        pytest.skip("this HEASoft has no ftgrouppha: it came with 6.29")


@pytest.fixture(scope="session")
def made(
    engines: dict[str, Engine],
    sample: SimulatedObservation,
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[str, Products]:
    """The call as both engines run it; tests must not change the files."""
    found = {}
    for name, engine in engines.items():
        folder = tmp_path_factory.mktemp(name)
        found[name] = Products(folder, engine.run(nuproducts(sample), folder=folder))
    return found


@pytest.fixture(params=["embedded", "heasoft"])
def products(request: pytest.FixtureRequest, made: dict[str, Products]) -> Products:
    """Return what one engine after the other has made of the call."""
    return made[request.param]
