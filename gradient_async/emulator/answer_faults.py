"""Faults in the answer of a request."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Literal

import attrs

from gradient_async.emulator.delivery import Delivery, Executed
from gradient_async.emulator.limits import LimitKind
from gradient_async.emulator.selection import Fault
from gradient_async.emulator.wire import Answer

_HTML = """<!DOCTYPE html>
<html lang="en-US"><head><title>api.digitalocean.com | {status}: {reason}</title></head>
<body><div id="cf-wrapper"><h1>{reason} <span>Error code {status}</span></h1>
<p>Visit the network's status page for more information.</p></div></body></html>
"""
_HTML_REASONS = {
    502: "Bad gateway",
    504: "Gateway time-out",
    520: "Web server is returning an unknown error",
    521: "Web server is down",
    522: "Connection timed out",
    524: "A timeout occurred",
}
_ERRORS = {
    404: ("not_found", "The resource you were accessing could not be found."),
    500: ("server_error", "Unexpected server-side error"),
    503: ("service_unavailable", "Service is currently unavailable."),
}


@attrs.frozen(kw_only=True)
class AnswerFault(Fault, ABC):
    """Decides the answer of a request."""

    @abstractmethod
    def delivery(self) -> Delivery:
        """Return the plan for the answer."""


@attrs.frozen
class DropBefore(AnswerFault):
    """The connection is lost after the request was read, and the request is not executed.

    Args:
        how: `"reset"` (RST) or `"close"` (FIN).
    """

    how: Literal["reset", "close"] = "reset"

    def delivery(self) -> Delivery:
        """Lose the connection without executing the request."""
        return Delivery(executed="never", ending=self.how)


@attrs.frozen
class DropAfter(AnswerFault):
    """The connection is lost after the request was executed, before any of the answer.

    Args:
        how: `"reset"` (RST) or `"close"` (FIN).
    """

    how: Literal["reset", "close"] = "reset"

    def delivery(self) -> Delivery:
        """Execute the request, then lose the connection."""
        return Delivery(executed="before", ending=self.how)


@attrs.frozen
class CutOff(AnswerFault):
    """Status line, headers and half the body arrive, then the connection is closed.

    Args:
        executed: The request was executed. If not, the cut answer still shows `in-progress`.
    """

    executed: bool = True

    def delivery(self) -> Delivery:
        """Execute the request, and cut the answer in half."""
        return _spoilt("cut", executed=self.executed)


@attrs.frozen
class MalformedJSON(AnswerFault):
    """The whole answer arrives, but its body is no JSON.

    Args:
        executed: The request was executed.
    """

    executed: bool = True

    def delivery(self) -> Delivery:
        """Execute the request, and break the JSON."""
        return _spoilt("malformed", executed=self.executed)


@attrs.frozen
class Slow(AnswerFault):
    """The answer is late.

    Args:
        seconds: Its delay, in real seconds.
        executed: The request is executed `"before"` the pause, `"after"` it, or `"never"`, which answers
            503. If the client disconnects during the pause, nothing is executed after it.
    """

    seconds: float
    executed: Executed = "before"

    def delivery(self) -> Delivery:
        """Carry out before or after a pause."""
        replacement = _json_error(503) if self.executed == "never" else None
        return Delivery(executed=self.executed, pause=self.seconds, replacement=replacement)


@attrs.frozen
class TooManyRequests(AnswerFault):
    """A 429 although there was room, as if other programs had used up the token's quota.

    Args:
        kind: `"burst"`: from the edge gateway, with `retry-after`; `"hourly"`: from the service, without.
        retry_after: Real seconds in the header, or any text; None takes 29 for a burst (the
            documentation's example) and leaves it out for the hourly limit.
    """

    kind: LimitKind = "burst"
    retry_after: int | str | None = None

    def delivery(self) -> Delivery:
        """Refuse."""
        usual = "29" if self.kind == "burst" else None
        retry_after = usual if self.retry_after is None else str(self.retry_after)
        return Delivery(executed="never", refused=self.kind, retry_after=retry_after)


@attrs.frozen
class ServerError(AnswerFault):
    """An error with the API's JSON body.

    Args:
        status: The HTTP status; any is allowed, 4xx too. 500, 503 and 404 have the texts seen in production.
        executed: The request was executed nevertheless.
        id: The `id` of the body; None takes the one of the status.
        message: The `message` of the body; None takes the one of the status.
    """

    status: int = 500
    executed: bool = False
    id: str | None = attrs.field(default=None, kw_only=True)
    message: str | None = attrs.field(default=None, kw_only=True)

    def delivery(self) -> Delivery:
        """Answer with an error."""
        return Delivery(
            executed="before" if self.executed else "never", replacement=_json_error(self.status, self.id, self.message)
        )


@attrs.frozen
class HTMLError(AnswerFault):
    """A 5xx made by the network in front of the API: an HTML page, and none of the API's headers.

    Seen for hours at a time in 2022 (digitalocean/terraform-provider-digitalocean#794).

    Args:
        status: The HTTP status, such as 502, 504, 520 or 522.
        executed: The request was executed nevertheless.
    """

    status: int = 502
    executed: bool = False

    def delivery(self) -> Delivery:
        """Answer with a page."""
        text = _HTML.format(status=self.status, reason=_HTML_REASONS.get(self.status, "Error"))
        page = Answer(status=self.status, text=text, headers={"Content-Type": "text/html; charset=UTF-8"})
        return Delivery(executed="before" if self.executed else "never", replacement=page, is_from_edge=True)


@attrs.frozen
class EmptyBody(AnswerFault):
    """An answer without a body.

    Args:
        status: The HTTP status; None keeps the right one (503 if the request was not carried out).
        executed: The request was executed.
    """

    status: int | None = None
    executed: bool = True

    def delivery(self) -> Delivery:
        """Answer with nothing."""
        return Delivery(executed="before" if self.executed else "never", ending="empty", status=self.status)


def _spoilt(ending: Literal["cut", "malformed"], *, executed: bool) -> Delivery:
    # A request that was not executed still needs a plausible answer to damage.
    replacement = None if executed else Answer(status=201, payload={"action": {"id": 1, "status": "in-progress"}})
    return Delivery(executed="before" if executed else "never", ending=ending, replacement=replacement)


def _json_error(status: int, id: str | None = None, message: str | None = None) -> Answer:
    usual_id, usual_message = _ERRORS.get(status, _ERRORS[500])
    return Answer(status=status, payload={"id": id or usual_id, "message": message or usual_message})
