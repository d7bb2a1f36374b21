"""An action: one event that happens to a Droplet, an image, a volume or an address."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from attrs import frozen

from gradient_async.models.region import Region


class ActionStatus:
    """The statuses known so far. A server may send others; those count as unfinished."""

    IN_PROGRESS: Final = "in-progress"
    COMPLETED: Final = "completed"
    ERRORED: Final = "errored"


@frozen(kw_only=True)
class Action:
    """One event on a resource, as the API reports it.

    ``status`` alone says whether an action is over: ``completed_at`` has been seen ``null`` on completed actions
    (digitalocean/api-v2#199). The API gives no reason for an ``errored`` action.

    Attributes:
        id: The action's id, beyond 32 bits.
        status: ``"in-progress"``, ``"completed"``, ``"errored"``, or a word that is newer than this SDK.
        type: Such as ``"reboot"``; reads show types that nobody can request, such as ``"create"``.
        started_at: When it was accepted, in whole seconds, UTC.
        completed_at: When it ended; ``None`` while it runs.
        resource_id: The Droplet's id, for an action on a Droplet.
        resource_type: ``"droplet"``, ``"image"``, ``"volume"``, …
        region: Where it happens.
        region_slug: The same, as a slug.
    """

    id: int
    status: str
    type: str
    started_at: datetime | None = None
    completed_at: datetime | None = None
    resource_id: int | None = None
    resource_type: str | None = None
    region: Region | None = None
    region_slug: str | None = None

    def __repr__(self) -> str:
        """The action in one line, without its region."""
        facts = f"id={self.id}, type={self.type!r}, status={self.status!r}"
        return f"Action({facts}, resource_id={self.resource_id})"

    @property
    def is_completed(self) -> bool:
        """Whether the action ended well."""
        return self.status == ActionStatus.COMPLETED

    @property
    def is_errored(self) -> bool:
        """Whether the action ended badly."""
        return self.status == ActionStatus.ERRORED

    @property
    def is_finished(self) -> bool:
        """Whether the action is over, well or badly."""
        return self.is_completed or self.is_errored
