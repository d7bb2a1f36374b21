"""A create that may or may not have been executed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, TypeVar

from attrs import frozen

from gradient_async.errors import Attempt, CreateOutcomeUnknownError
from gradient_async.http.create_rule import CreateTrace
from gradient_async.http.endpoint import Request
from gradient_async.http.request import Timestamp

if TYPE_CHECKING:
    from gradient_async.http.call import Call

T = TypeVar("T")

_CONFLICT: Final = 409
# Texts of a 422 for a second thing: "SSH Key is already in use on your account", "duplicate name".
_EXISTS: Final = re.compile(r"already|duplicate|exists|in use|taken|unique", re.IGNORECASE)


@frozen(kw_only=True)
class UnresolvedCreate:
    """A create that may or may not have been executed.

    Attributes:
        request: The request.
        trace: The requested values.
        since: When the first attempt with an unknown outcome was sent.
        attempts: All attempts so far.
        was_accepted: Whether the last attempt was answered with a success whose body is lost.
        was_created: Whether that was the API's own 201 or 202.
        exists_by_refusal: Whether the API refused the last attempt since such a thing exists, perhaps by an earlier
            attempt.
        is_of_another_process: Whether another process sent the request, perhaps with another clock.
        clock_error: Seconds by which ``since`` may be wrong.
        can_be_sent_again: Whether an expensive thing's request may be sent again if the lists do not show it.
    """

    request: Request[object]
    trace: CreateTrace
    since: Timestamp
    attempts: Sequence[Attempt]
    was_accepted: bool = False
    was_created: bool = False
    exists_by_refusal: bool = False
    is_of_another_process: bool = False
    clock_error: float = 0.0
    can_be_sent_again: bool = False

    @classmethod
    def of(cls, call: Call[T], trace: CreateTrace, max_retries: int = 0) -> UnresolvedCreate:
        """Return the unresolved create of a call, given the client's ``max_retries``."""
        care, last = trace.rule.care, call.results[-1]
        may_retry = care is not None and care.may_send_again and len(call.results) <= max_retries
        assert call.unresolved_since is not None  # noqa: S101 - set before a look-up
        return cls(
            request=call.request,
            trace=trace,
            since=call.unresolved_since,
            attempts=call.attempts,
            was_accepted=call.was_accepted,
            was_created=call.was_created,
            exists_by_refusal=last.status == _CONFLICT or _EXISTS.search(call.refusal_text) is not None,
            is_of_another_process=call.is_of_another_process,
            clock_error=call.clock_error,
            can_be_sent_again=may_retry and last.outcome == "unknown" and not call.was_accepted,
        )

    def error(self, why: str, candidates: Sequence[object] = ()) -> CreateOutcomeUnknownError:
        """Return the error for a create that stays unresolved.

        Args:
            why: Why the look-up did not resolve it.
            candidates: Things that may be its result.
        """
        reason = next(attempt.detail for attempt in self.attempts if attempt.outcome == "unknown")
        request_ids = [attempt.request_id for attempt in self.attempts if attempt.request_id]
        times = sum(attempt.outcome == "unknown" for attempt in self.attempts)
        again = "it was not sent again" if times == 1 else f"it was sent {times} times"
        return CreateOutcomeUnknownError(
            f"{self.request.method} {self.request.path} may or may not have been executed ({reason}), and {why}; "
            f"{again}",
            method=self.request.method,
            path=self.request.path,
            names=self.trace.names,
            request_id=request_ids[-1] if request_ids else None,
            attempts=tuple(self.attempts),
            candidates=tuple(candidates),
        )
