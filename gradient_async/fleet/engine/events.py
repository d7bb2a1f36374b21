"""The engine's events. Each has its time on the event loop's clock."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from gradient_async.errors import APIError, Attempt, ClientClosedError, RequestKeyError
    from gradient_async.models.action import Action
    from gradient_async.models.droplet import Droplet


class DropletRead(NamedTuple):
    """The Droplet was read; ``None`` if that took too long."""

    at: float
    droplet: Droplet | None


class Resolved(NamedTuple):
    """An earlier run's request was looked up: its action, or ``None`` if it was not executed."""

    at: float
    action: Action | None


class ReadyToSend(NamedTuple):
    """The request is about to go on the wire. ``attempts`` are those so far."""

    at: float
    attempts: Sequence[Attempt]


class SendingRecorded(NamedTuple):
    """The record of the request is on the disk; ``wall`` is the time, UTC."""

    at: float
    wall: datetime


class Accepted(NamedTuple):
    """The API accepted the request."""

    at: float
    action: Action
    attempts: Sequence[Attempt]


class Refused(NamedTuple):
    """The request was certainly not executed."""

    at: float
    error: APIError | ClientClosedError | RequestKeyError


class EventLookedUp(NamedTuple):
    """The event that runs on the Droplet was looked up; ``None`` if there is none, or it could not be read."""

    at: float
    action: Action | None


class ActionEnded(NamedTuple):
    """The awaited action is completed."""

    at: float
    action: Action


class Slept(NamedTuple):
    """A pause is over."""

    at: float


class Healthy(NamedTuple):
    """The Droplet, as read for the health check, passed it."""

    at: float
    droplet: Droplet | None


class Stopped(NamedTuple):
    """The run was stopped before the Droplet's request was sent."""

    at: float
    reason: str


class Failed(NamedTuple):
    """The last command raised an error."""

    at: float
    error: Exception


Event: TypeAlias = (
    DropletRead
    | Resolved
    | ReadyToSend
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
