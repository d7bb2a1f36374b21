"""The result of one attempt. The public record of it, an ``Attempt``, is made only on demand."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, NamedTuple

from gradient_async.errors import Attempt

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gradient_async.errors import AttemptOutcome
    from gradient_async.http.request import Response, Timestamp

_REDIRECTS: Final = 300
_REQUEST_TIMEOUT: Final = 408
_SERVER_ERRORS: Final = 500


class Result(NamedTuple):
    """The result of one attempt.

    Attributes:
        status: HTTP status; ``None`` without one.
        headers: Headers of a complete answer.
        was_sent: Whether the request may have reached the server.
        is_whole: Whether the answer is complete, and readable if the sender had to read it.
        started: When the attempt was sent.
        ended: When it ended.
        detail: Description of the result; ``""`` if the status is enough.
        is_too_large: Whether the answer exceeds the limit of its size.
    """

    status: int | None
    headers: Mapping[str, str]
    was_sent: bool
    is_whole: bool
    started: Timestamp
    ended: Timestamp
    detail: str = ""
    is_too_large: bool = False

    @classmethod
    def of_answer(cls, response: Response, started: Timestamp, fault: str = "") -> Result:
        """Return the result of a complete answer.

        Args:
            response: The answer.
            started: When the attempt was sent.
            fault: Why a successful answer is not readable; ``""`` if it is, or need not be.
        """
        return cls(
            response.status,
            response.headers,
            was_sent=True,
            is_whole=not fault,
            started=started,
            ended=response.received_at,
            detail=fault,
        )

    @property
    def outcome(self) -> AttemptOutcome:
        """The attempt's outcome."""
        if self.is_whole and self.was_sent and self.status is not None and 200 <= self.status < 300:
            return "answered"  # the most frequent outcome
        if not self.was_sent:
            return "not_sent"
        if self.is_too_large and self.status is not None and 400 <= self.status < _SERVER_ERRORS:
            return "rejected"  # the status says so, however long the text
        # 101 ends the exchange without an answer to the request.
        if not self.is_whole or self.status is None or not _REDIRECTS <= self.status < _SERVER_ERRORS:
            return "unknown"
        return "unknown" if self.status == _REQUEST_TIMEOUT else "rejected"

    def as_attempt(self, number: int) -> Attempt:
        """Return the public record of the attempt."""
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
    """Return the public records of a call's attempts, oldest first."""
    return tuple(result.as_attempt(number) for number, result in enumerate(results, 1))
