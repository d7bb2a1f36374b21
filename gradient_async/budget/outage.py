"""What a process may send while the store of its rate budget is away. Pure.

All processes together must not exceed the windows, and none knows what the others do. Each knows how much was free
when the store was last reached, how many requests of others waited for that, and how many processes there were. In the
first span after that, requests of all of them from before still count. So a process sends no more than its part of what
was free; or, as its own requests leave the window, it replaces them up to its part of the whole window. After the first
span, only its part of the whole window counts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

from attrs import frozen

from gradient_async.http.windows import WindowUse

if TYPE_CHECKING:
    from collections.abc import Sequence

OnOutage: TypeAlias = Literal["share", "wait"]
"""What to do while the store is away: keep to one's own share, or wait for the store."""


@frozen(kw_only=True)
class Outage:
    """What was known when the store was lost.

    Attributes:
        since: When it was lost, by the monotonic clock.
        processes: Number of processes that used the budget.
        shared: The use of each window by all processes.
        own: Number of this process's own requests in each window.
        sent: Number of requests that this process had sent at all.
        promised: Number of requests of others that waited. They may have got what was free since then.
    """

    since: float
    processes: int
    shared: tuple[WindowUse, ...]
    own: tuple[int, ...]
    sent: int
    promised: int

    def may_send(self, now: float, own: Sequence[int], sent: int) -> bool:
        """Return whether one more request keeps to this process's share of each window.

        Args:
            now: The time, by the monotonic clock.
            own: Number of this process's requests that count now, in each window.
            sent: Number of requests that this process has sent at all.
        """
        count = max(1, self.processes)
        for window, own_before, used in zip(self.shared, self.own, own, strict=True):
            share = max(1, window.limit // count)
            if now - self.since >= window.seconds:
                may = used < share
            else:
                part = max(0, window.left - self.promised) // count
                may = sent - self.sent < part or used < min(share, own_before + part)
            if not may:
                return False
        return True
