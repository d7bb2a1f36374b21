from __future__ import annotations

import pytest

from command import Command


@pytest.fixture
def command(tmp_path: object) -> Command:
    """The command, as a process of its own, with nothing of the tests' environment but what it needs."""
    return Command(str(tmp_path))
