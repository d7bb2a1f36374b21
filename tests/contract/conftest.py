from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from specification import Specification
from specification_server import SpecificationServer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@pytest.fixture(scope="session")
def specification() -> Specification:
    return Specification.read()


@pytest.fixture
async def server(specification: Specification) -> AsyncIterator[SpecificationServer]:
    server = SpecificationServer(specification)
    await server.start()
    yield server
    await server.stop()
