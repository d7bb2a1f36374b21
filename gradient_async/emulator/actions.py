"""Actions: one event on one Droplet, from its acceptance to its end."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal

import attrs

from gradient_async.emulator.droplets import Droplet

ActionStatus = Literal["in-progress", "completed", "errored"]
Change = Callable[[Droplet], Droplet]


@attrs.frozen(kw_only=True)
class Outcome:
    """How an accepted action is going to end.

    Args:
        errored: It ends `errored`, and changes nothing.
        ignored: It ends `completed`, and changes nothing (a guest that ignores its shutdown).
        lag: Virtual seconds by which the Droplet's state follows the end of the action; negative: goes first.
        duration: Virtual seconds until it ends; None takes the profile's.
    """

    errored: bool = False
    ignored: bool = False
    lag: float = 0.0
    duration: float | None = None


#: An action that completes in its usual time, with its usual effect.
AS_USUAL = Outcome()


@attrs.frozen(kw_only=True)
class Action:
    """The state of one action at one instant; its end makes a new value.

    Args:
        started: Virtual second at which it was accepted.
        due: Virtual second at which it ends.
        completed: Virtual second at which it ended, None before that.
        region: Slug of the Droplet's region when it was accepted.
        parameters: The request's body without `type`.
        by_request: It came in over HTTP, and not through the account (or from the platform itself).
    """

    id: int
    droplet_id: int
    type: str
    status: ActionStatus
    started: float
    due: float
    region: str
    completed: float | None = None
    outcome: Outcome = AS_USUAL
    parameters: Mapping[str, object] = attrs.field(factory=dict[str, object])
    by_request: bool = False

    @property
    def is_finished(self) -> bool:
        """It is not in progress any more."""
        return self.status != "in-progress"

    def finished(self) -> Action:
        """The action at its end."""
        return attrs.evolve(self, status="errored" if self.outcome.errored else "completed", completed=self.due)


@attrs.frozen(kw_only=True)
class Snapshot:
    """An image made from a Droplet: a snapshot or a backup.

    Args:
        created: Virtual second; equal to the start of the action that made it, because clients find a
            snapshot by exactly that (nothing in the API links the two).
    """

    id: int
    droplet_id: int
    name: str
    type: Literal["snapshot", "backup"]
    created: float
    min_disk: int
    size_gigabytes: float
    region: str
