"""Resources that belong to a Droplet and can be destroyed with it."""

from __future__ import annotations

from datetime import datetime

from attrs import field, frozen

from gradient_async.models.model import Model


@frozen(kw_only=True)
class AssociatedResource(Model):
    """A resource that stays, and is billed, when only its Droplet is destroyed.

    Attributes:
        id: Its id: digits for a snapshot or an IP, a UUID for a volume.
        name: Its name.
        cost: Its price in US dollars a month, as text such as ``"0.05"``.
    """

    id: str
    name: str | None = None
    cost: str | None = None


@frozen(kw_only=True)
class DestroyWithAssociatedResourceListResponse(Model):
    """The resources that can be destroyed with a Droplet, by kind. An IP is in both of its lists."""

    reserved_ips: tuple[AssociatedResource, ...] = ()
    floating_ips: tuple[AssociatedResource, ...] = ()
    snapshots: tuple[AssociatedResource, ...] = ()
    volumes: tuple[AssociatedResource, ...] = ()
    volume_snapshots: tuple[AssociatedResource, ...] = ()


@frozen(kw_only=True)
class DestroyedAssociatedResource(Model):
    """The result for a resource that a request destroys.

    Attributes:
        id: Its id.
        name: Its name.
        destroyed_at: When it was destroyed, UTC; ``None`` if it is not destroyed.
        error_message: Why it could not be destroyed; ``None`` or blank without an error.
    """

    id: str
    name: str | None = None
    destroyed_at: datetime | None = None
    error_message: str | None = None


@frozen(kw_only=True)
class DestroyedAssociatedResources(Model):
    """The resources that a request destroys, by kind."""

    reserved_ips: tuple[DestroyedAssociatedResource, ...] = ()
    floating_ips: tuple[DestroyedAssociatedResource, ...] = ()
    snapshots: tuple[DestroyedAssociatedResource, ...] = ()
    volumes: tuple[DestroyedAssociatedResource, ...] = ()
    volume_snapshots: tuple[DestroyedAssociatedResource, ...] = ()


@frozen(kw_only=True)
class DestroyWithAssociatedResourceCheckStatusResponse(Model):
    """The state of a request that destroys a Droplet with resources.

    Attributes:
        droplet: The result for the Droplet.
        resources: The results for the resources.
        completed_at: When the request ended, UTC; ``None`` while it runs.
        failures: Number of resources that could not be destroyed. ``retry`` tries them again.
    """

    droplet: DestroyedAssociatedResource | None = None
    resources: DestroyedAssociatedResources = field(factory=DestroyedAssociatedResources)
    completed_at: datetime | None = None
    failures: int = 0
