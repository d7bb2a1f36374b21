"""The engine's commands.

A transition has any number of notes, which the runner performs at once, and then one command, which an event answers.
``Send`` is answered by several events: ``ReadyToSend`` each time the request is about to go on the wire, then the event
that says how the request ended.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from gradient_async.fleet.engine.state import Ending, StepEnd
    from gradient_async.http.request import Priority
    from gradient_async.models.action import Action
    from gradient_async.models.action_requests import ActionRequest

# Notes.


class RecordRefused(NamedTuple):
    """Record that a step's request was certainly not executed."""

    step: int


class RecordStarted(NamedTuple):
    """Record that the API accepted a step's request."""

    step: int
    action_id: int


class RecordStepEnd(NamedTuple):
    """Record how a step ended."""

    step: int
    end: StepEnd
    error: str = ""


class SetCause(NamedTuple):
    """Make one error the cause of another."""

    error: Exception
    cause: Exception


class StopRun(NamedTuple):
    """Stop the run: no further Droplet is started."""

    reason: str


# While a request waits to go on the wire.


class PassGate(NamedTuple):
    """Raise ``NotStartedError`` if the run was stopped. After this, a stop no longer affects the Droplet."""


class RecordSending(NamedTuple):
    """Record that a step's request is about to go on the wire, and wait until the disk has the record."""

    step: int
    action_type: str


class Transmit(NamedTuple):
    """Put the request on the wire."""


# Commands that an event answers.


class ReadDroplet(NamedTuple):
    """Read the Droplet, until a time on the event loop's clock."""

    priority: Priority
    until: float


class Resolve(NamedTuple):
    """Look up whether the request that an earlier run may have sent for a step was executed."""

    step: int
    request: ActionRequest


class Send(NamedTuple):
    """Send a step's action request. ``seconds`` limits one attempt; ``None`` means the client's own time limit."""

    step: int
    request: ActionRequest
    seconds: float | None


class LookUpEvent(NamedTuple):
    """Look up the event that runs on the Droplet, and add it to the error of the refusal."""

    refusal: Exception


class NamePowerState(NamedTuple):
    """Read the Droplet, and add its status to the error of the refusal."""

    refusal: Exception


class AwaitAction(NamedTuple):
    """Wait until an action ends."""

    action_id: int
    last: Action | None
    seconds: float


class PollPause(NamedTuple):
    """Pause before a poll. The pause grows with each poll, up to ``longest`` seconds."""

    polls: int
    longest: float


class Sleep(NamedTuple):
    """Pause."""

    seconds: float


class CheckHealth(NamedTuple):
    """Call the health check until it returns ``True``."""


class Finish(NamedTuple):
    """End the run of this Droplet."""

    ending: Ending


Note: TypeAlias = RecordRefused | RecordStarted | RecordStepEnd | SetCause | StopRun
Inquiry: TypeAlias = (
    ReadDroplet | Resolve | Send | LookUpEvent | NamePowerState | AwaitAction | PollPause | Sleep | CheckHealth
)
Command: TypeAlias = Note | PassGate | RecordSending | Transmit | Inquiry | Finish
