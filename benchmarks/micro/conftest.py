from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

sys.path.insert(0, str(Path(__file__).parents[1]))  # the answers that the other benchmarks serve

if importlib.util.find_spec("pytest_benchmark") is None:

    @pytest.fixture
    def benchmark() -> Callable[..., Any]:
        """Return a function that calls another one once: the test suite runs the benchmarks without measuring."""
        return lambda function, *arguments, **options: function(*arguments, **options)
