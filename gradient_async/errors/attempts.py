"""The record of one attempt at sending a request."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, TypeAlias

from attrs import field, frozen

AttemptOutcome: TypeAlias = Literal["answered", "rejected", "not_sent", "unknown"]


@frozen(kw_only=True)
class Attempt:
    """One attempt at sending a request. Errors and raw responses keep it as evidence.

    Attributes:
        number: Number of the attempt, from 1.
        outcome: ``"answered"`` (2xx), ``"rejected"`` (the server answered and refused), ``"not_sent"`` (the request
            did not leave), ``"unknown"`` (it may have been executed).
        status: HTTP status of the answer; ``None`` without an answer.
        request_id: The server's ``x-request-id``; ``None`` if it sent none.
        started_at: When the attempt began, UTC.
        seconds: Duration of the attempt.
        detail: Description of the result.
    """

    number: int
    outcome: AttemptOutcome
    status: int | None = None
    request_id: str | None = None
    started_at: datetime = field(repr=str)
    seconds: float
    detail: str = ""
