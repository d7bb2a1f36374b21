"""One try of a call as it is taken down; the evidence of it is made only for those who ask."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from gradient_async.errors import Attempt

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gradient_async.errors import AttemptOutcome
    from gradient_async.http.request import Moment


class Try(NamedTuple):
    """How one try went, in the words of ``Attempt``.

    Attributes:
        outcome: Its outcome in one word.
        status: HTTP status of the answer, ``None`` where there was none.
        request_id: The server's id of the request.
        started: When it was sent.
        ended: When it was over.
        detail: What happened, for people.
    """

    outcome: AttemptOutcome
    status: int | None
    request_id: str | None
    started: Moment
    ended: Moment
    detail: str

    def as_attempt(self, number: int) -> Attempt:
        """The same as evidence."""
        return Attempt(
            number=number,
            outcome=self.outcome,
            status=self.status,
            request_id=self.request_id,
            started_at=datetime.fromtimestamp(self.started.wall, UTC),
            seconds=self.started.seconds_until(self.ended),
            detail=self.detail or f"status {self.status}",
        )


def attempts_of(tries: Iterable[Try]) -> tuple[Attempt, ...]:
    """The evidence of a call's tries, oldest first."""
    return tuple(one.as_attempt(number) for number, one in enumerate(tries, 1))
