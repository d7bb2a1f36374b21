"""What can happen to a Droplet of a run. Each event says when, by the event loop's clock."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from gradient_async.errors import APIError, Attempt, ClientClosedError
    from gradient_async.models.action import Action
    from gradient_async.models.droplet import Droplet


class DropletRead(NamedTuple):
    """The Droplet was read; ``None`` if that took too long."""

    at: float
    droplet: Droplet | None


class Resolved(NamedTuple):
    """It is known what became of an earlier run's request: its action, or ``None`` if it was not executed."""

    at: float
    action: Action | None


class TurnCame(NamedTuple):
    """The request's turn has come; ``attempts`` are those so far."""

    at: float
    attempts: Sequence[Attempt]


class SendingRecorded(NamedTuple):
    """The journal has the request on the disk; ``wall`` is the time, UTC."""

    at: float
    wall: datetime


class Accepted(NamedTuple):
    """The API has accepted the request."""

    at: float
    action: Action
    attempts: Sequence[Attempt]


class Refused(NamedTuple):
    """The request was surely not executed."""

    at: float
    error: APIError | ClientClosedError


class EventLookedUp(NamedTuple):
    """The event that runs on the Droplet was looked up; ``None`` if none is shown, or nothing can be read."""

    at: float
    action: Action | None


class ActionEnded(NamedTuple):
    """The action that was waited for is completed."""

    at: float
    action: Action


class Slept(NamedTuple):
    """A pause is over."""

    at: float


class Healthy(NamedTuple):
    """The health check said yes to the Droplet as it was read for it."""

    at: float
    droplet: Droplet | None


class Stopped(NamedTuple):
    """The run was stopped before the Droplet's request had its turn."""

    at: float
    reason: str


class Failed(NamedTuple):
    """The last command raised an error."""

    at: float
    error: Exception


Event: TypeAlias = (
    DropletRead
    | Resolved
    | TurnCame
    | SendingRecorded
    | Accepted
    | Refused
    | EventLookedUp
    | ActionEnded
    | Slept
    | Healthy
    | Stopped
    | Failed
)
