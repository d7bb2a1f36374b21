from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from specification import VARIABLE, Specification, place
from specification_server import SpecificationServer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

HERE = Path(__file__).parent


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Without the specification, skip once for all tests that need it."""
    if place().is_file():
        return
    needing = [
        item for item in items if HERE in item.path.parents and "specification" in getattr(item, "fixturenames", ())
    ]
    if needing:
        first, *others = needing
        reason = f"{1 + len(others)} contract tests: no official specification at {place()}; {VARIABLE} can name one"
        first.add_marker(pytest.mark.skip(reason=reason))
        config.hook.pytest_deselected(items=others)
        items[:] = [item for item in items if item not in set(others)]


@pytest.fixture(scope="session")
def specification() -> Specification:
    return Specification.read()


@pytest.fixture
async def server(specification: Specification) -> AsyncIterator[SpecificationServer]:
    server = SpecificationServer(specification)
    await server.start()
    yield server
    await server.stop()
