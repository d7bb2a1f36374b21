"""Actions: events on resources, from their acceptance to their end."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Literal

import attrs

from gradient_async.emulator.droplets import Droplet

ActionStatus = Literal["in-progress", "completed", "errored"]
Change = Callable[[Droplet], Droplet]

#: Kind and id of a resource, such as `("droplet", 3164444)`; the id of some kinds is a UUID or an address.
ResourceKey = tuple[str, int | str]


@attrs.frozen(kw_only=True)
class Outcome:
    """The outcome of an accepted action.

    Args:
        errored: It ends `errored`, and changes nothing.
        ignored: It ends `completed`, and changes nothing (a guest that ignores its shutdown).
        lag: Virtual seconds for which the Droplet shows its old state after the end of the action; negative: the
            Droplet changes this many seconds before the end.
        duration: Virtual seconds until it ends; None takes the profile's.
        count: Number of Droplets of one create that have this outcome, counted from the last; None is all.
    """

    errored: bool = False
    ignored: bool = False
    lag: float = 0.0
    duration: float | None = None
    count: int | None = None


#: An action that completes in its usual time, with its usual effect.
AS_USUAL = Outcome()


@attrs.frozen(kw_only=True)
class Action:
    """The state of one action at one instant; its end makes a new value.

    Args:
        type: The type that is read, which for some actions is not the one posted (`attach_volume` for `attach`).
        started: Virtual second at which it was accepted.
        due: Virtual second at which it ends.
        completed: Virtual second at which it ended, None before that.
        region: Slug of the resource's region when it was accepted.
        resource_type: What it is an event on: `"droplet"`, `"volume"`, `"image"`, …
        resource_id: The id of that resource.
        blocks: The resources that accept no other action until it ends.
        parameters: The request's body without `type`.
        by_request: It was started over HTTP, not by a direct call of the account or by the platform itself.
    """

    id: int
    type: str
    status: ActionStatus
    started: float
    due: float
    region: str
    resource_id: int | str
    resource_type: str = "droplet"
    blocks: Sequence[ResourceKey] = ()
    completed: float | None = None
    outcome: Outcome = AS_USUAL
    parameters: Mapping[str, object] = attrs.field(factory=dict[str, object])
    by_request: bool = False

    @property
    def droplet_id(self) -> int | None:
        """The Droplet that it is an event on, None if it is one on another resource."""
        is_droplet = self.resource_type == "droplet" and isinstance(self.resource_id, int)
        return int(self.resource_id) if is_droplet else None

    @property
    def resource(self) -> ResourceKey:
        """The resource that it is an event on."""
        return self.resource_type, self.resource_id

    @property
    def is_finished(self) -> bool:
        """Whether it is no longer in progress."""
        return self.status != "in-progress"

    def finished(self) -> Action:
        """Return the action with its end."""
        return attrs.evolve(self, status="errored" if self.outcome.errored else "completed", completed=self.due)


@attrs.frozen(kw_only=True)
class Event:
    """An action to start on any resource.

    Args:
        type: The type that is read.
        resource: The resource that it is an event on.
        region: Slug of the resource's region.
        duration: Virtual seconds until it ends, unless the outcome says otherwise.
        effect: Its effect on the account when it ends without an error; None is none.
        failure: Its effect when it ends `errored`; None is none.
        blocks: The resources that accept no other action until it ends; None is the resource itself.
        outcome: Its outcome.
        parameters: The request's body without `type`.
        by_request: It was started over HTTP.
    """

    type: str
    resource: ResourceKey
    region: str
    duration: float
    effect: Callable[[], None] | None = None
    failure: Callable[[], None] | None = None
    blocks: Sequence[ResourceKey] | None = None
    outcome: Outcome = AS_USUAL
    parameters: Mapping[str, object] = attrs.field(factory=dict[str, object])
    by_request: bool = False


@attrs.frozen(kw_only=True)
class Snapshot:
    """An image of the account's own: a snapshot or backup of a Droplet, or a custom image.

    Args:
        droplet_id: The Droplet that it was made from, None for a custom image.
        created: Virtual second; equal to the start of the action that made it, because clients find a
            snapshot by exactly that (nothing in the API links the two).
        region: The region that had it first.
        other_regions: The regions that it was copied to.
        status: `"available"`; a custom image is `"NEW"` and `"pending"` before.
    """

    id: int
    droplet_id: int | None
    name: str
    type: Literal["snapshot", "backup", "custom"]
    created: float
    min_disk: int
    size_gigabytes: float
    region: str
    description: str = ""
    tags: Sequence[str] = ()
    other_regions: tuple[str, ...] = ()
    distribution: str = "Ubuntu"
    status: str = "available"
    error_message: str = ""

    @property
    def regions(self) -> tuple[str, ...]:
        """All regions that have it."""
        return (self.region, *self.other_regions)
