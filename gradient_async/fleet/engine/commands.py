"""What the engine asks for.

A transition has any number of notes, which are performed at once, and then one command that is answered by an event.
Two commands are answered by more than one: ``Send`` by ``TurnCame``, each time that the request is about to go on the
wire, and then by how it ended.
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
    """Write down that a step's request was surely not executed."""

    step: int


class RecordStarted(NamedTuple):
    """Write down that the API has accepted a step's request."""

    step: int
    action_id: int


class RecordStepEnd(NamedTuple):
    """Write down how a step ended."""

    step: int
    end: StepEnd
    error: str = ""


class SetCause(NamedTuple):
    """Make one error the cause of another."""

    error: Exception
    cause: Exception


class StopRun(NamedTuple):
    """Start nothing new in the whole run."""

    reason: str


# While a request waits to go on the wire.


class PassGate(NamedTuple):
    """Raise ``NotStartedError`` if the run was stopped; from here on a stop does not concern the Droplet."""


class RecordSending(NamedTuple):
    """Write down that a step's request is about to go on the wire, and wait until the disk has it."""

    step: int
    action_type: str


class Transmit(NamedTuple):
    """Let the request go on the wire."""


# Commands that an event answers.


class ReadDroplet(NamedTuple):
    """Read the Droplet, until a time by the event loop's clock."""

    priority: Priority
    until: float


class Resolve(NamedTuple):
    """Find out what became of the request that an earlier run may have sent for a step."""

    step: int
    request: ActionRequest


class Send(NamedTuple):
    """Send a step's action request; ``seconds`` bound one attempt, ``None`` for the client's own time limit."""

    step: int
    request: ActionRequest
    seconds: float | None


class LookUpEvent(NamedTuple):
    """Look up the event that runs on the Droplet, and name it in the error of the refusal."""

    refusal: Exception


class NamePowerState(NamedTuple):
    """Read the Droplet, and name its status in the error of the refusal."""

    refusal: Exception


class AwaitAction(NamedTuple):
    """Wait until an action is over."""

    action_id: int
    last: Action | None
    seconds: float


class PollPause(NamedTuple):
    """Pause before a poll, longer after each poll, but no longer than ``longest`` seconds."""

    polls: int
    longest: float


class Sleep(NamedTuple):
    """Pause."""

    seconds: float


class CheckHealth(NamedTuple):
    """Call the health check, until it says yes."""


class Finish(NamedTuple):
    """The Droplet's part in the run is over."""

    ending: Ending


Note: TypeAlias = RecordRefused | RecordStarted | RecordStepEnd | SetCause | StopRun
Inquiry: TypeAlias = (
    ReadDroplet | Resolve | Send | LookUpEvent | NamePowerState | AwaitAction | PollPause | Sleep | CheckHealth
)
Command: TypeAlias = Note | PassGate | RecordSending | Transmit | Inquiry | Finish
