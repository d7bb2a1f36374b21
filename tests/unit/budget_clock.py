"""A clock of rate budgets that only a test moves."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING

from attrs import define

if TYPE_CHECKING:
    from types import ModuleType

    import pytest


@define
class Clock:
    """The time of the budgets."""

    now: float = 1000.0

    def monotonic(self) -> float:
        return self.now

    time = monotonic


def stopped_clock(monkeypatch: pytest.MonkeyPatch, *modules: ModuleType) -> Clock:
    """Give modules a clock that stands still."""
    clock = Clock()
    for module in modules:
        monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=clock.monotonic, time=clock.time))
    return clock
