"""An action: one event that happens to a Droplet, an image, a volume or an address."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from attrs import frozen

from gradient_async.models.model import Model
from gradient_async.models.region import Region


class ActionStatus:
    """The known statuses. The server may send others; they count as unfinished."""

    IN_PROGRESS: Final = "in-progress"
    COMPLETED: Final = "completed"
    ERRORED: Final = "errored"


@frozen(kw_only=True)
class Action(Model):
    """One event on a resource, as the API reports it.

    Only ``status`` shows whether an action is finished: ``completed_at`` can be ``null`` on a completed action
    (digitalocean/api-v2#199). The API gives no reason for an ``errored`` action.

    Attributes:
        id: The action's id; it can exceed 32 bits.
        status: ``"in-progress"``, ``"completed"``, ``"errored"``, or a status that is newer than this SDK.
        type: The type, such as ``"reboot"``. Some types cannot be requested, such as ``"create"``.
        started_at: When the API accepted it, in whole seconds, UTC.
        completed_at: When it ended; ``None`` while it runs.
        resource_id: Id of the Droplet, for an action on a Droplet.
        resource_type: ``"droplet"``, ``"image"``, ``"volume"``, …
        region: Its region.
        region_slug: Slug of its region.
        project_id: Id of the IP's project, for an action on a reserved IP.
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
    project_id: str | None = None

    def __repr__(self) -> str:
        """Return the action in one line, without its region."""
        facts = f"id={self.id}, type={self.type!r}, status={self.status!r}"
        return f"Action({facts}, resource_id={self.resource_id})"

    @property
    def is_completed(self) -> bool:
        """Whether the action succeeded."""
        return self.status == ActionStatus.COMPLETED

    @property
    def is_errored(self) -> bool:
        """Whether the action failed."""
        return self.status == ActionStatus.ERRORED

    @property
    def is_finished(self) -> bool:
        """Whether the action has ended, with success or failure."""
        return self.is_completed or self.is_errored
