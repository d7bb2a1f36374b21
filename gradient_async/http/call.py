"""The state of one call: its attempts, its answer and its error."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final, Generic, TypeVar

from gradient_async import log
from gradient_async.errors import (
    ActionOutcomeUnknownError,
    APIConnectionError,
    APIError,
    APIResponseValidationError,
    APITimeoutError,
    CreateOutcomeUnknownError,
    RequestOutcomeUnknownError,
)
from gradient_async.http import reader, retry
from gradient_async.http.create_rule import trace_of
from gradient_async.http.endpoint import Resend
from gradient_async.http.raw_response import RawResponse
from gradient_async.http.request import Timestamp
from gradient_async.http.results import Result, attempts_of
from gradient_async.http.retry import Step

if TYPE_CHECKING:
    from gradient_async.errors import Attempt
    from gradient_async.http.endpoint import Request
    from gradient_async.http.request import ExchangeError, Response
    from gradient_async.http.settlement import Settlement

T = TypeVar("T")

_CREATED: Final = (201, 202)
_UNANSWERED: Final = "An earlier attempt was not answered and may have been executed."
_SAFE_AGAIN: Final = "it may have been executed; it is safe to send again"


class Call(Generic[T]):
    """The state of one call.

    Attributes:
        request: The request.
        settlement: What looks up the request's result; ``None`` if nothing does.
        results: The results of the attempts so far.
        unresolved_since: When the first attempt with an unknown outcome was sent; ``None`` if there is none.
        sent_at: When the last attempt was sent.
        response: The last attempt's complete answer; ``None`` without one.
        was_looked_up: Whether a list showed that no attempt so far was executed.
        is_of_another_process: Whether another process may have sent the request.
        clock_error: Seconds by which ``sent_at`` may be wrong.
        until: When the time for the call is over, by the event loop's clock. The attempt that is being sent then is the
            last one, and a look-up gets a short rest.
    """

    __slots__ = (
        "_failure",
        "_is_on_the_wire",
        "_reply",
        "_unreadable",
        "clock_error",
        "is_of_another_process",
        "request",
        "response",
        "results",
        "sent_at",
        "settlement",
        "unresolved_since",
        "until",
        "was_looked_up",
    )

    def __init__(self, request: Request[T], settlement: Settlement | None = None, until: float = math.inf) -> None:
        self.request: Request[T] = request
        self.settlement: Settlement | None = settlement
        self.until: float = until
        self.results: list[Result] = []
        self.unresolved_since: Timestamp | None = None
        self.response: Response | None = None
        self.was_looked_up: bool = False
        self.is_of_another_process: bool = False
        self.clock_error: float = 0.0
        self._is_on_the_wire = False
        self.sent_at: Timestamp
        self._failure: ExchangeError | None = None
        self._unreadable: APIResponseValidationError | None = None
        self._reply: RawResponse[T] | None = None

    @property
    def attempts(self) -> tuple[Attempt, ...]:
        """All attempts so far."""
        return attempts_of(self.results)

    def begin(self) -> None:
        """Record that an attempt is about to be sent."""
        self.sent_at = Timestamp.now()
        self._is_on_the_wire = True
        self.response = self._failure = self._unreadable = self._reply = None

    def take_back(self) -> None:
        """Record that the attempt that was about to be sent was not sent."""
        self._is_on_the_wire = False

    def assume_sent(self, since: Timestamp, detail: str, clock_error: float) -> None:
        """Record that another process may have sent the request, at ``since`` or later."""
        self.sent_at = since
        self.clock_error = clock_error
        self.is_of_another_process = True
        self._ended(
            Result(None, {}, was_sent=True, is_whole=False, started=since, ended=Timestamp.now(), detail=detail)
        )

    def failed(self, failure: ExchangeError) -> Result:
        """Record that the attempt had no complete answer."""
        self._failure = failure
        return self._ended(
            Result(
                status=failure.status,
                headers={},
                was_sent=failure.was_sent,
                is_whole=False,
                started=self.sent_at,
                ended=Timestamp.now(),
                detail=failure.reason,
                is_too_large=failure.limit is not None,
            )
        )

    def answered(self, response: Response) -> Result:
        """Record the attempt's complete answer, after ``matches`` where the answer has to match the request."""
        self.response = response
        if self._reply is None:
            self._reply = RawResponse(response, self.request)
        fault = "" if self._unreadable is None else str(self._unreadable)
        return self._ended(Result.of_answer(response, self.sent_at, fault))

    def matches(self, response: Response) -> bool:
        """Return whether an answer belongs to this request, and can be read.

        If not, the answer counts as lost where a second execution would do harm.
        """
        self._reply = RawResponse(response, self.request)
        if not response.is_success:
            return True
        try:
            answer = self._reply.parse()
            mismatch = None if self.settlement is None else self.settlement.mismatch(self, answer)
            if mismatch is not None:
                raise self._reply.wrong(mismatch)
        except APIResponseValidationError as error:
            if self.request.is_looked_up or self.request.endpoint.is_unknown_unread:
                self._unreadable = error.with_traceback(None)  # its frames have the answer's body
            return False
        return True

    @property
    def is_open(self) -> bool:
        """Whether the request may have been executed, and no look-up has resolved it."""
        is_resolved = self.was_looked_up and not self.may_exist_unlisted
        return self._is_on_the_wire or (self.unresolved_since is not None and not is_resolved)

    @property
    def may_exist_unlisted(self) -> bool:
        """Whether an attempt may have created an expensive thing, although the lists do not show it."""
        rule = self.request.endpoint.lookup
        return self.unresolved_since is not None and rule is not None and rule.care is not None

    @property
    def sent_since(self) -> Timestamp:
        """The time of the first attempt that may have been executed."""
        return self.unresolved_since or self.sent_at

    @property
    def was_created(self) -> bool:
        """Whether the server itself said that it created something (201 or 202), although the rest is lost."""
        if self._unreadable is not None and self.response is not None:
            return self.response.status in _CREATED
        return self._failure is not None and self._failure.status in _CREATED

    @property
    def was_accepted(self) -> bool:
        """Whether the server accepted the request although its answer is lost."""
        if self._unreadable is not None:
            return True
        status = self._failure.status if self._failure else None
        return status is not None and 200 <= status < 300

    def reply(self, *, is_adopted: bool = False) -> RawResponse[T]:
        """Return the last attempt's answer, with all attempts.

        Args:
            is_adopted: Whether the answer is a refusal which shows that an earlier attempt was executed.
        """
        assert self._reply is not None  # noqa: S101 - only called once an answer is accepted
        self._reply.results = self.results
        self._reply.is_adopted = is_adopted
        return self._reply

    @property
    def refusal_text(self) -> str:
        """The message of the last attempt's refusal; ``""`` without one."""
        if self.response is None or self.results[-1].outcome != "rejected":
            return ""
        return reader.message_of(self.response)

    def next_step(self, result: Result) -> Step:
        """Return what to do after the last attempt."""
        request = self.request
        if result.outcome == "answered":
            return Step.ACCEPT
        message = self.refusal_text if request.endpoint.done else ""
        return retry.next_step(request, result, is_unresolved=self.unresolved_since is not None, message=message)

    def error(self) -> APIError:
        """Return the error of a call that ends now."""
        attempts = self.attempts
        if self.response is not None:
            refusal = self._unreadable or reader.error_of(self.response, self.request, attempts)
            if self.was_looked_up:
                refusal.hint = f"It was not executed: {self._list_title} shows none."
            elif self._may_be_refused_for_itself():
                refusal.hint = " ".join(filter(None, [refusal.hint, _UNANSWERED]))
            elif self._may_be_executed_again():
                refusal.hint = " ".join(filter(None, [refusal.hint, f"{_SAFE_AGAIN.capitalize()}."]))
            return refusal
        assert self._failure is not None  # noqa: S101 - an attempt ends with an answer or with a failure
        if self._failure.limit is not None:
            return reader.too_large(self._failure, self.request, attempts)
        error_class = APITimeoutError if self._failure.timed_out else APIConnectionError
        error = error_class(
            f"{self._failure.reason}; {self._consequence()}",
            method=self.request.method,
            path=self.request.path,
            attempts=attempts,
        )
        error.__cause__ = self._failure.__cause__
        return error

    def _may_be_refused_for_itself(self) -> bool:
        """Return whether the last attempt was refused, and an earlier one may have been executed."""
        is_change = self.request.endpoint.resend is not Resend.FREELY
        return is_change and self.is_open and self.results[-1].outcome == "rejected"

    def _may_be_executed_again(self) -> bool:
        """Return whether the last attempt may have been executed, and a second execution changes nothing."""
        is_idempotent = self.request.endpoint.resend is Resend.IDEMPOTENT
        return is_idempotent and self.is_open and self.results[-1].outcome == "unknown"

    def unknown(self) -> RequestOutcomeUnknownError:
        """Return the error of a call that may have been executed and must not be sent again."""
        reason = next(attempt.detail for attempt in self.attempts if attempt.outcome == "unknown")
        times = sum(attempt.outcome == "unknown" for attempt in self.attempts)
        again = "It was not sent again" if times == 1 else f"It was sent {times} times, and not again"
        error = self._unknown(
            f"{self.request.method} {self.request.path} may or may not have been executed ({reason}). "
            f"{again}, since that could execute it twice. Check the account before you send it again"
        )
        error.__cause__ = self._failure.__cause__ if self._failure else None
        return error

    def cancelled(self) -> RequestOutcomeUnknownError | None:
        """Return the error of an open call that is given up; ``None`` if the request can be sent again safely."""
        request = self.request
        text = "may or may not have been executed (the call was ended before its answer); it was not sent again"
        if request.action is not None:
            trace = request.action
            return ActionOutcomeUnknownError(
                f"{trace.type} {trace.place} {text}. Check the {trace.kind.title}'s actions before you send it again",
                method=request.method,
                path=request.path,
                droplet_id=trace.droplet_id,
                resource_id=trace.resource_id,
                type=trace.type,
                attempts=self.attempts,
            )
        if request.endpoint.is_repeatable:
            return None
        return self._unknown(f"{request.method} {request.path} {text}. Check the account before you send it again")

    def _unknown(self, text: str) -> RequestOutcomeUnknownError:
        """Return the error with the facts of this call; for a create, with the names that it asked for."""
        attempts, request = self.attempts, self.request
        request_ids = [attempt.request_id for attempt in attempts if attempt.request_id]
        request_id = request_ids[-1] if request_ids else None
        trace = trace_of(request)
        if trace is None:
            return RequestOutcomeUnknownError(
                text, method=request.method, path=request.path, request_id=request_id, attempts=attempts
            )
        return CreateOutcomeUnknownError(
            text,
            method=request.method,
            path=request.path,
            names=trace.names,
            request_id=request_id,
            attempts=attempts,
        )

    @property
    def _list_title(self) -> str:
        lookup = self.request.endpoint.lookup
        if lookup is not None:
            return f"the account's list of {lookup.title}s"
        assert self.request.action is not None  # noqa: S101 - an action, or a create as above, is looked up
        return f"the {self.request.action.kind.title}'s list of actions"

    def _consequence(self) -> str:
        """Return what a failed attempt means on the server."""
        if all(one.outcome == "not_sent" for one in self.results):
            return "nothing was sent"
        if self.was_looked_up:
            return f"{self._list_title} shows that it was not executed"
        if self.request.is_looked_up:
            return "it was not executed"
        if self.request.endpoint.resend is Resend.FREELY:
            return "it changes nothing and can be sent again"
        return _SAFE_AGAIN

    def _ended(self, result: Result) -> Result:
        self.results.append(result)
        self._is_on_the_wire = False
        outcome = result.outcome
        # One warning covers the requests of an earlier run, when its journal is opened.
        if log.is_logged(outcome) and not self.is_of_another_process:
            log.attempt_ended(self.request, result.as_attempt(len(self.results)))
        if outcome == "unknown":
            self.was_looked_up = False
            if self.unresolved_since is None:
                self.unresolved_since = result.started
        return result
