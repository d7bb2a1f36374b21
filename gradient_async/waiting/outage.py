"""Logs that polls fail for some time, and that they work again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from attrs import define

from gradient_async import log

if TYPE_CHECKING:
    from gradient_async.errors import APIError

_MIN_OUTAGE_SECONDS: Final = 10.0


@define
class Outage:
    """A series of failed polls of a client. It is logged once, and so is its end.

    Attributes:
        failing_since: When the first failed poll was sent, by the event loop's clock; ``None`` while polls succeed.
        is_logged: Whether the outage was logged.
    """

    failing_since: float | None = None
    is_logged: bool = False

    def polled(self, failure: APIError | None, *, began: float, now: float) -> None:
        """Record a poll.

        Args:
            failure: The transient error of the whole poll; ``None`` if any part of it succeeded.
            began: When the poll was sent, by the event loop's clock.
            now: The current time by the same clock.
        """
        if failure is None:
            if self.is_logged and self.failing_since is not None:
                log.polls_work(now - self.failing_since)
            self.failing_since, self.is_logged = None, False
            return
        if self.failing_since is None:
            self.failing_since = began
        if not self.is_logged and now - self.failing_since >= _MIN_OUTAGE_SECONDS:
            self.is_logged = True
            log.polls_fail(now - self.failing_since, failure)
