"""Every error this SDK raises on purpose, in one tree.

::

    GradientAIError
    ├── MissingAccessTokenError (ValueError)       no token given and none in the environment
    ├── ClientClosedError (RuntimeError)           the client was used after it was closed
    ├── APIError                                   one request, and how it went
    │   ├── APIConnectionError                     no whole answer: refused, reset, cut off
    │   │   └── APITimeoutError (TimeoutError)
    │   ├── APIResponseValidationError             an answer that is not what the API promises
    │   │   └── ResponseTooLargeError              it is larger than ``max_response_bytes``
    │   └── APIStatusError                         an answer, and it says no
    │       ├── BadRequestError                    400
    │       ├── AuthenticationError                401
    │       ├── PermissionDeniedError              403
    │       ├── NotFoundError                      404
    │       ├── ConflictError                      409
    │       ├── UnprocessableEntityError           422
    │       │   ├── PendingEventError              another event runs on the Droplet
    │       │   └── WrongPowerStateError           the Droplet is on where it must be off, or off where on
    │       ├── RateLimitError                     429
    │       └── InternalServerError                500 and above
    ├── RequestOutcomeUnknownError                 it may or may not have been executed, and is never sent twice
    │   └── ActionOutcomeUnknownError (ActionError)  the same of a request that starts an action
    ├── ActionError                                one action, and what became of it
    │   ├── ActionFailedError                      its status is ``errored``
    │   └── ActionTimeoutError (TimeoutError)      it was not finished in time
    ├── PreflightError (ValueError)                a fleet run's check before its first step; nothing was sent
    ├── DropletError                               one Droplet of a fleet run is not as it should be
    │   ├── DropletStateError (TimeoutError)       it did not come into the state that its action promises
    │   ├── DropletCheckError                      it cannot take what the run would do; nothing was sent to it
    │   ├── UnhealthyDropletError                  the run's health check says no
    │   └── EarlierFailureError                    it failed in an earlier run on the same journal
    └── JournalError                               a fleet run's journal cannot be used
        ├── JournalMismatchError (ValueError)      it is of another action, or of other Droplets
        ├── JournalDamagedError                    it was changed, or is no journal
        ├── JournalFinishedError                   its run is finished: nothing is left to do
        └── JournalInUseError                      another run is writing it

    FleetCancelled (asyncio.CancelledError)        a fleet run was cancelled; it carries the report so far

``RequestOutcomeUnknownError`` is deliberately no ``APIConnectionError``: code that answers a connection error by
sending again must never catch it.

All of them can be pickled, and none of them holds the access token.
"""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import TYPE_CHECKING, Literal, TypeAlias

from attrs import field, frozen

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gradient_async.fleet.report import FleetReport
    from gradient_async.models.action import Action
    from gradient_async.models.droplet import Droplet

AttemptOutcome: TypeAlias = Literal["answered", "rejected", "not_sent", "unknown"]


@frozen(kw_only=True)
class Attempt:
    """One try at sending a request, kept as evidence in errors and raw responses.

    Attributes:
        number: 1 for the first try.
        outcome: ``"answered"`` (2xx), ``"rejected"`` (the server answered and refused), ``"not_sent"`` (the request
            never left), ``"unknown"`` (it may have been executed).
        status: HTTP status of the answer, ``None`` where there was none.
        request_id: The server's ``x-request-id``, where it sent one.
        started_at: When the try began, in UTC.
        seconds: How long it took.
        detail: What happened, for people.
    """

    number: int
    outcome: AttemptOutcome
    status: int | None = None
    request_id: str | None = None
    started_at: datetime = field(repr=str)
    seconds: float
    detail: str = ""


class GradientAIError(Exception):
    """The root of every error that this SDK raises on purpose.

    Attributes:
        message: What went wrong, without the place it happened at.
    """

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message

    def __reduce__(self) -> tuple[object, ...]:
        return _restore, (type(self), self.args, self.__dict__.copy())


def _restore(
    error_class: type[GradientAIError], args: tuple[object, ...], attributes: dict[str, object]
) -> GradientAIError:
    error = error_class.__new__(error_class, *args)
    error.args = args
    error.__dict__.update(attributes)
    return error


class MissingAccessTokenError(GradientAIError, ValueError):
    """No access token was given and the environment holds none."""


class ClientClosedError(GradientAIError, RuntimeError):
    """The client was used after it had been closed."""


class APIError(GradientAIError):
    """A request to the API did not end in a usable answer.

    Attributes:
        method: HTTP method of the request.
        path: Its path, without the host and the query.
        request_id: The server's id of the request, from the body or the ``x-request-id`` header.
        attempts: Every try that was made, oldest first.
        hint: What to do about it, where that is known.
    """

    def __init__(
        self,
        message: str,
        *,
        method: str,
        path: str,
        request_id: str | None = None,
        attempts: tuple[Attempt, ...] = (),
        hint: str | None = None,
    ) -> None:
        super().__init__(message)
        self.method = method
        self.path = path
        self.request_id = request_id
        self.attempts = attempts
        self.hint = hint

    def __str__(self) -> str:
        tries = len(self.attempts)
        facts = [f"{self.method} {self.path}"]
        if self.request_id:
            facts.append(f"request id {self.request_id}")
        if tries > 1:
            facts.append(f"{tries} attempts")
        hint = f" {self.hint}" if self.hint else ""
        return f"{self.message} ({', '.join(facts)}){hint}"


class APIConnectionError(APIError):
    """The server could not be reached, or the connection broke before a whole answer had come."""


class APITimeoutError(APIConnectionError, TimeoutError):
    """The request was not answered within its ``timeout``."""


class APIResponseValidationError(APIError):
    """The server's answer is not what the API promises: no JSON, or JSON of another shape.

    Attributes:
        status: HTTP status of the answer.
        fault_path: Where in the body the fault is, such as ``$.action.id``; ``$`` for the body as a whole.
        excerpt: The beginning of the body, at most 200 characters.
    """

    def __init__(
        self,
        message: str,
        *,
        method: str,
        path: str,
        status: int,
        fault_path: str,
        excerpt: str,
        request_id: str | None = None,
        attempts: tuple[Attempt, ...] = (),
    ) -> None:
        super().__init__(message, method=method, path=path, request_id=request_id, attempts=attempts)
        self.status = status
        self.fault_path = fault_path
        self.excerpt = excerpt


class ResponseTooLargeError(APIResponseValidationError):
    """The server's answer is larger than the client's ``max_response_bytes``, and was not read to its end.

    ``fault_path`` is ``$`` and ``excerpt`` is empty. An action request never ends with this error: its answer counts as
    lost, and what became of it is looked up.

    Attributes:
        limit: The most bytes that an answer may have, decompressed.
    """

    def __init__(
        self,
        message: str,
        *,
        method: str,
        path: str,
        status: int,
        limit: int,
        request_id: str | None = None,
        attempts: tuple[Attempt, ...] = (),
    ) -> None:
        super().__init__(
            message,
            method=method,
            path=path,
            status=status,
            fault_path="$",
            excerpt="",
            request_id=request_id,
            attempts=attempts,
        )
        self.limit = limit
        self.hint = "Ask for a smaller page, or give the client a larger max_response_bytes."


class APIStatusError(APIError):
    """The server answered with a status that is no success.

    Attributes:
        status: HTTP status of the answer. ``status_code`` is the same number under the retired SDK's name.
        id: The API's own word for the error, such as ``"not_found"``; ``None`` where the body had none.
        body: The parsed JSON body; where it was no JSON, ``None``.
        excerpt: The beginning of the body, at most 200 characters.
        headers: Headers of the answer, names in lower case.
        retry_after: Seconds that the server asked to wait, ``None`` where it did not.
    """

    def __init__(
        self,
        message: str,
        *,
        method: str,
        path: str,
        status: int,
        id: str | None = None,
        body: Mapping[str, object] | None = None,
        excerpt: str = "",
        headers: Mapping[str, str] | None = None,
        retry_after: float | None = None,
        request_id: str | None = None,
        attempts: tuple[Attempt, ...] = (),
        hint: str | None = None,
    ) -> None:
        super().__init__(message, method=method, path=path, request_id=request_id, attempts=attempts, hint=hint)
        self.status = status
        self.id = id
        self.body = body
        self.excerpt = excerpt
        self.headers: dict[str, str] = dict(headers or {})
        self.retry_after = retry_after

    @property
    def status_code(self) -> int:
        """HTTP status of the answer, under the retired SDK's name."""
        return self.status


class BadRequestError(APIStatusError):
    """400: the request could not be understood."""


class AuthenticationError(APIStatusError):
    """401: the access token is missing, wrong or revoked."""


class PermissionDeniedError(APIStatusError):
    """403: the access token lacks a scope that the request needs."""


class NotFoundError(APIStatusError):
    """404: there is no such Droplet, action or route, or the token may not see it."""


class ConflictError(APIStatusError):
    """409: the resource is in a state that forbids the request."""


class UnprocessableEntityError(APIStatusError):
    """422: the request was understood and refused.

    The API uses this one status, with one ``id``, for busy Droplets, wrong power states, bad values and
    requests that would change nothing; the subclasses are told apart by the message.
    """


class PendingEventError(UnprocessableEntityError):
    """422: another event is running on the Droplet; the same request can succeed once that has ended."""


class WrongPowerStateError(UnprocessableEntityError):
    """422: the Droplet is on where the action needs it off, or off where it needs it on."""


class RateLimitError(APIStatusError):
    """429: the token's requests per minute or per hour are used up."""


class InternalServerError(APIStatusError):
    """500 and above: the server, or the gateway in front of it, failed."""


class ActionError(GradientAIError):
    """An action did not end, or is not known to have ended, as it should."""


class ActionFailedError(ActionError):
    """An action ended as ``errored``. The API gives no reason with it.

    Attributes:
        action: The failed action as last read; of several, the first that failed.
        actions: All the actions that were waited for, as last read.
    """

    def __init__(self, message: str, *, action: Action, actions: tuple[Action, ...] = ()) -> None:
        super().__init__(message)
        self.action = action
        self.actions: tuple[Action, ...] = actions or (action,)


class ActionTimeoutError(ActionError, TimeoutError):
    """An action was still unfinished when the wait's ``timeout`` was over; it goes on by itself.

    Attributes:
        action: The action as last read, ``None`` where it could not be read once; of several, the first unfinished.
        actions: All the actions that were waited for, as last read.
    """

    def __init__(self, message: str, *, action: Action | None, actions: tuple[Action, ...] = ()) -> None:
        super().__init__(message)
        self.action = action
        self.actions = actions


class RequestOutcomeUnknownError(GradientAIError):
    """A request may or may not have been executed, and sending it again could do it twice.

    Nothing is sent again after it. Look at the account before you decide.

    Attributes:
        method: HTTP method of the request.
        path: Its path, without the host and the query.
        request_id: The server's id of the last request that was answered, where there was one.
        attempts: Every try that was made, oldest first.
    """

    def __init__(
        self, message: str, *, method: str, path: str, request_id: str | None = None, attempts: tuple[Attempt, ...] = ()
    ) -> None:
        super().__init__(message)
        self.method = method
        self.path = path
        self.request_id = request_id
        self.attempts = attempts


class ActionOutcomeUnknownError(RequestOutcomeUnknownError, ActionError):
    """An action request may or may not have been executed, and the API could not tell which.

    Nothing is sent again after it. Look at the Droplet, or at its actions, before you decide.

    Attributes:
        method: HTTP method of the request.
        path: Its path, without the host and the query.
        droplet_id: The Droplet, ``None`` for a request by tag.
        type: The action's type.
        candidates: Actions that may be the result of this request, newest first.
        request_id: The server's id of the last request that was answered, where there was one.
        attempts: Every try that was made, oldest first.
    """

    def __init__(
        self,
        message: str,
        *,
        method: str,
        path: str,
        droplet_id: int | None,
        type: str,
        candidates: tuple[Action, ...] = (),
        request_id: str | None = None,
        attempts: tuple[Attempt, ...] = (),
    ) -> None:
        super().__init__(message, method=method, path=path, request_id=request_id, attempts=attempts)
        self.droplet_id = droplet_id
        self.type = type
        self.candidates = candidates


class PreflightError(GradientAIError, ValueError):
    """A fleet run was refused by a check before its first step. Nothing was sent to any Droplet."""


class DropletError(GradientAIError):
    """A Droplet of a fleet run is not as it should be.

    Attributes:
        droplet_id: The Droplet's id.
        droplet: The Droplet as last read, where it was read.
    """

    def __init__(self, message: str, *, droplet_id: int, droplet: Droplet | None = None) -> None:
        super().__init__(message)
        self.droplet_id = droplet_id
        self.droplet = droplet


class DropletStateError(DropletError, TimeoutError):
    """The action is completed, and yet the Droplet was not in the state that it promises when the time was over."""


class DropletCheckError(DropletError):
    """A check before the first step found that the API would refuse the Droplet. Nothing was sent to it."""


class UnhealthyDropletError(DropletError):
    """The run's health check said no, each time that it was asked; what it raised, if it did, is the cause."""


class EarlierFailureError(DropletError):
    """The Droplet failed in an earlier run on the same journal, and was not touched again.

    Attributes:
        error: The class name of the error that it failed with.
    """

    def __init__(self, message: str, *, droplet_id: int, error: str) -> None:
        super().__init__(message, droplet_id=droplet_id)
        self.error = error


class JournalError(GradientAIError):
    """A fleet run's journal cannot be used; nothing was sent.

    Attributes:
        path: The journal's file.
    """

    def __init__(self, message: str, *, path: str) -> None:
        super().__init__(message)
        self.path = path


class JournalMismatchError(JournalError, ValueError):
    """The journal is of another action, or of another set of Droplets."""


class JournalDamagedError(JournalError):
    """The journal was changed after it had been written, or the file is no journal at all."""


class JournalInUseError(JournalError):
    """Another run, of this process or of another one, is writing the journal."""


class JournalFinishedError(JournalError):
    """The journal's run is finished, so that another run on it would do nothing. Nothing was sent.

    Pass another file name for a new run, ``if_finished="report"`` for the report of the finished one, or delete the
    file.

    Attributes:
        path: The journal's file.
        finished_at: When the run ended, UTC.
        counts: How it ended: how many Droplets have each outcome, such as ``{"completed": 38, "failed": 2}``.
    """

    def __init__(self, message: str, *, path: str, finished_at: datetime, counts: Mapping[str, int]) -> None:
        super().__init__(message, path=path)
        self.finished_at = finished_at
        self.counts: dict[str, int] = dict(counts)


class FleetCancelled(asyncio.CancelledError):
    """A fleet run was cancelled, or interrupted by Ctrl-C. Nothing was sent afterwards.

    It is a ``CancelledError``, so that task groups and cancel scopes treat it as one. The sync client raises
    ``KeyboardInterrupt``, with this as its ``__context__``.

    Attributes:
        report: What was done until then, with an outcome for each Droplet.
    """

    def __init__(self, report: FleetReport) -> None:
        counts = ", ".join(f"{count:,} {status}" for status, count in report.counts.items() if count)
        super().__init__(f"cancelled: {counts or 'no Droplets'}; .report has each")
        self.report = report

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (self.report,)
