"""Telling an operator that polls have failed for a while, and that they work again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from attrs import define

from gradient_async import log

if TYPE_CHECKING:
    from gradient_async.errors import APIError

_MIN_OUTAGE_SECONDS: Final = 10.0


@define
class Outage:
    """A client's polls that fail one after the other: one warning for all of them, and one when a poll succeeds.

    Attributes:
        failing_since: When the first of them was sent, by the event loop's clock; ``None`` while polls succeed.
        is_logged: Whether a warning was logged.
    """

    failing_since: float | None = None
    is_logged: bool = False

    def polled(self, failure: APIError | None, *, began: float, now: float) -> None:
        """Take note of a poll.

        Args:
            failure: Why the whole poll failed, in a way that the next one may not; ``None`` if any of it succeeded.
            began: When it was sent, by the event loop's clock.
            now: The time by the same clock.
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
