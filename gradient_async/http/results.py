"""How an attempt ended; the evidence of it is made only for those who ask."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, NamedTuple

from gradient_async.errors import Attempt

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gradient_async.errors import AttemptOutcome
    from gradient_async.http.request import Timestamp

_FINAL: Final = 200
_REQUEST_TIMEOUT: Final = 408
_SERVER_ERRORS: Final = 500


class Result(NamedTuple):
    """How one attempt ended.

    Attributes:
        status: HTTP status, ``None`` where none was seen.
        headers: Headers of a whole answer.
        was_sent: Whether the request may have reached the server.
        is_whole: Whether the whole answer came, and can be read where it had to be.
        started: When it was sent.
        ended: When it was over.
        detail: What happened, for people; ``""`` where the status says it.
        is_too_large: Whether the answer is larger than the client reads.
    """

    status: int | None
    headers: Mapping[str, str]
    was_sent: bool
    is_whole: bool
    started: Timestamp
    ended: Timestamp
    detail: str = ""
    is_too_large: bool = False

    @property
    def outcome(self) -> AttemptOutcome:
        """The attempt's outcome in one word."""
        if not self.was_sent:
            return "not_sent"
        if not self.is_whole or self.status is None or self.status >= _SERVER_ERRORS:
            return "unknown"
        if self.status < _FINAL:
            return "unknown"  # 101 ends the exchange, and says nothing of the request
        if self.status == _REQUEST_TIMEOUT:
            return "unknown"
        return "answered" if 200 <= self.status < 300 else "rejected"

    def as_attempt(self, number: int) -> Attempt:
        """The same as evidence."""
        return Attempt(
            number=number,
            outcome=self.outcome,
            status=self.status,
            request_id=self.headers.get("x-request-id"),
            started_at=datetime.fromtimestamp(self.started.wall, UTC),
            seconds=self.started.seconds_until(self.ended),
            detail=self.detail or f"status {self.status}",
        )


def attempts_of(results: Iterable[Result]) -> tuple[Attempt, ...]:
    """The evidence of a call's attempts, oldest first."""
    return tuple(result.as_attempt(number) for number, result in enumerate(results, 1))
