"""Fixtures for your own tests: an emulated account, and clients of both flavours for it.

pytest finds this plugin by itself once the package is installed.

* ``gradient_emulator``: an ``Emulator`` with three GPU Droplets, on which a minute takes a second. The mark
  ``@pytest.mark.gradient_emulator(droplets=20, time_scale=600)`` gives it other arguments.
* ``async_gradient_client``: an ``AsyncGradientAI`` for it.
* ``gradient_client``: a ``gradient_sync.GradientAI`` for it.

The clients are not paced, and give a lost answer a tenth of the usual time to settle.
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
    """Make the mark known."""
    config.addinivalue_line("markers", f"{_MARK}(**arguments): arguments for the Emulator of this test")


@pytest.fixture
def gradient_emulator(request: pytest.FixtureRequest) -> Iterator[Emulator]:
    """An emulated account, served over real HTTP while the test runs."""
    from gradient_async.emulator import Emulator

    mark = request.node.get_closest_marker(_MARK)
    if mark is not None and mark.args:
        pytest.fail(f"@pytest.mark.{_MARK} takes keyword arguments only, got {mark.args!r}")
    with Emulator(**{"droplets": 3, "time_scale": 60.0, **(mark.kwargs if mark else {})}) as emulator:
        yield emulator


@pytest.fixture
def async_gradient_client(gradient_emulator: Emulator) -> AsyncGradientAI:
    """An async client for the emulated account; its connections end with the test's event loop."""
    from gradient_async import AsyncGradientAI

    return AsyncGradientAI(
        gradient_emulator.token,
        base_url=gradient_emulator.base_url,
        rate_budget=None,
        settle_seconds=_SETTLE_SECONDS,
    )


@pytest.fixture
def gradient_client(gradient_emulator: Emulator) -> Iterator[GradientAI]:
    """A sync client for the emulated account."""
    from gradient_sync import GradientAI

    with GradientAI(
        gradient_emulator.token,
        base_url=gradient_emulator.base_url,
        rate_budget=None,
        settle_seconds=_SETTLE_SECONDS,
    ) as client:
        yield client
