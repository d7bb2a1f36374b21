"""Fixtures for your own tests: an emulated account, and a client of each flavour.

pytest loads this plugin if the package is installed.

* ``gradient_emulator``: an ``Emulator`` with three GPU Droplets. A minute of its time takes a second. The mark
  ``@pytest.mark.gradient_emulator(droplets=20, time_scale=600)`` changes its arguments.
* ``async_gradient_client``: an ``AsyncGradientAI`` for the emulator.
* ``gradient_client``: a ``gradient_sync.GradientAI`` for the emulator.

The clients have no pacing, and a ``settle_seconds`` of 0.5.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gradient_async import AsyncGradientAI
    from gradient_async.emulator import Emulator
    from gradient_sync import GradientAI

_MARK: Final = "gradient_emulator"
_SETTLE_SECONDS: Final = 0.5


def pytest_configure(config: pytest.Config) -> None:
    """Register the mark."""
    config.addinivalue_line("markers", f"{_MARK}(**arguments): arguments for the Emulator of this test")


@pytest.fixture
def gradient_emulator(request: pytest.FixtureRequest) -> Iterator[Emulator]:
    """Serve an emulated account over HTTP during the test."""
    from gradient_async.emulator import Emulator

    mark = request.node.get_closest_marker(_MARK)
    if mark is not None and mark.args:
        pytest.fail(f"@pytest.mark.{_MARK} takes keyword arguments only, got {mark.args!r}")
    with Emulator(**{"droplets": 3, "time_scale": 60.0, **(mark.kwargs if mark else {})}) as emulator:
        yield emulator


@pytest.fixture
def async_gradient_client(gradient_emulator: Emulator) -> AsyncGradientAI:
    """Return an async client for the emulated account. The test's event loop closes its connections."""
    from gradient_async import AsyncGradientAI

    return AsyncGradientAI(
        gradient_emulator.token,
        base_url=gradient_emulator.base_url,
        rate_budget=None,
        settle_seconds=_SETTLE_SECONDS,
    )


@pytest.fixture
def gradient_client(gradient_emulator: Emulator) -> Iterator[GradientAI]:
    """Provide a sync client for the emulated account."""
    from gradient_sync import GradientAI

    with GradientAI(
        gradient_emulator.token,
        base_url=gradient_emulator.base_url,
        rate_budget=None,
        settle_seconds=_SETTLE_SECONDS,
    ) as client:
        yield client
