"""Lists that show nothing new until a condition holds, so that no test depends on the speed of the machine."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import attrs

from gradient_async.emulator import Lag, Visibility

if TYPE_CHECKING:
    from gradient_async.emulator.visibility import View

_NEVER = 1e6


@attrs.frozen(kw_only=True)
class _LateUntil(Visibility):
    """Lags that end when a condition holds."""

    is_over: Callable[[], bool]

    def lag_of(self, view: View) -> Lag:
        return Lag() if self.is_over() else super().lag_of(view)


def late_until(is_over: Callable[[], bool]) -> Visibility:
    """Return lists that show nothing new until a condition holds, and everything after that."""
    return _LateUntil(list=_NEVER, name=_NEVER, is_over=is_over)
