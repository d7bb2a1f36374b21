"""Faults in the outcome of an accepted action."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

import attrs

from gradient_async.emulator.selection import Fault, Subject, check_route

if TYPE_CHECKING:
    from gradient_async.emulator.actions import Outcome

_STARTS_ACTION = "POST */actions*"


@attrs.frozen(kw_only=True)
class ActionFault(Fault, ABC):
    """Decides the outcome of an action that a request starts.

    Args:
        type: Applies to actions of this type only; None is all. The action of a create has the type `create`, and needs
            `route="POST /v2/droplets"`.
    """

    route: str = attrs.field(default=_STARTS_ACTION, validator=check_route)
    type: str | None = None

    def matches(self, subject: Subject) -> bool:
        """Return whether the request starts an action that the fault applies to."""
        wanted = self.type is None or subject.action_type == self.type
        return wanted and subject.action_type is not None and super().matches(subject)

    @abstractmethod
    def applied_to(self, outcome: Outcome) -> Outcome:
        """Return the outcome with this fault."""


@attrs.frozen
class ErroredAction(ActionFault):
    """The action ends `errored`. The API never states the reason.

    Args:
        after: Virtual seconds until its end; None takes the profile's three.
    """

    after: float | None = None

    def applied_to(self, outcome: Outcome) -> Outcome:
        """Make the action fail."""
        return attrs.evolve(outcome, errored=True, duration=self.after)


@attrs.frozen
class PlacementLost(ActionFault):
    """A create is accepted, and no room is found: the Droplet is 404 some time later, and its action `errored`.

    Seen for GPU Droplets (digitalocean/terraform-provider-digitalocean#1493).

    Args:
        after: Virtual seconds until the Droplet is gone.
        count: How many of the Droplets of one create are lost, the last ones; None is all.
    """

    after: float = 3.0  # guess
    count: int | None = None
    route: str = attrs.field(default="POST /v2/droplets", kw_only=True, validator=check_route)
    type: str | None = attrs.field(default="create", kw_only=True)

    def applied_to(self, outcome: Outcome) -> Outcome:
        """Make the action fail, which removes the Droplet."""
        return attrs.evolve(outcome, errored=True, duration=self.after, count=self.count)


@attrs.frozen
class ShutdownIgnored(ActionFault):
    """The guest ignores its shutdown: the action completes, the Droplet stays on.

    Seen in production (digitalocean/api-v2#79, digitalocean/api-v2#91).
    """

    type: str | None = attrs.field(default="shutdown", kw_only=True)

    def applied_to(self, outcome: Outcome) -> Outcome:
        """Complete without effect."""
        return attrs.evolve(outcome, ignored=True)


@attrs.frozen
class StatusLag(ActionFault):
    """The Droplet changes some time after its action has completed (digitalocean/droplet_kit#50).

    Args:
        seconds: Virtual seconds of delay; a negative number changes the Droplet while its action is still in
            progress (hashicorp/packer#1814).
    """

    seconds: float

    def applied_to(self, outcome: Outcome) -> Outcome:
        """Change the Droplet later."""
        return attrs.evolve(outcome, lag=self.seconds)
