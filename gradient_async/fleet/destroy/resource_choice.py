"""Decides which resources are destroyed with their Droplet, and which are left. Pure."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, TypeAlias

from gradient_async.fleet.destroy.outcomes import BillingResource

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gradient_async.models.associated_resources import (
        DestroyedAssociatedResource,
        DestroyWithAssociatedResourceCheckStatusResponse,
        DestroyWithAssociatedResourceListResponse,
    )

ResourceKind: TypeAlias = Literal["volumes", "snapshots", "volume_snapshots", "reserved_ips"]
"""A kind of resources that can be destroyed with their Droplet."""

RESOURCE_KINDS: Final[tuple[ResourceKind, ...]] = ("volumes", "snapshots", "volume_snapshots", "reserved_ips")


class Progress(NamedTuple):
    """How far a request has come that destroys a Droplet with resources.

    Attributes:
        is_ended: Whether the API has finished it.
        is_droplet_destroyed: Whether the Droplet is destroyed.
        destroyed: The resources that are destroyed.
        left: Those that are not.
        error: Why something could not be destroyed; ``""`` without an error.
    """

    is_ended: bool
    is_droplet_destroyed: bool
    destroyed: tuple[BillingResource, ...]
    left: tuple[BillingResource, ...]
    error: str


def checked_kinds(value: object) -> frozenset[str]:
    """Return the kinds of resources that are destroyed too.

    Raises:
        TypeError: It is neither a bool nor a collection of kinds.
        ValueError: There is no such kind.
    """
    allowed = ", ".join(map(repr, RESOURCE_KINDS))
    if isinstance(value, bool):
        return frozenset(RESOURCE_KINDS if value else ())
    if isinstance(value, str | bytes) or not isinstance(value, Collection):
        raise TypeError(f"with_resources: expected True, False or some of {allowed}, got {value!r:.80}")
    if strange := [kind for kind in value if kind not in RESOURCE_KINDS]:
        raise ValueError(f"with_resources: expected some of {allowed}, got {strange[0]!r:.80}")
    return frozenset(value)


def resources_in(listed: DestroyWithAssociatedResourceListResponse) -> tuple[BillingResource, ...]:
    """Return the resources of a Droplet. A floating IP is a reserved IP under its earlier name, and is left out."""
    return tuple(
        BillingResource(kind=kind, id=one.id, name=one.name, cost=one.cost)
        for kind in RESOURCE_KINDS
        for one in getattr(listed, kind)
    )


def chosen(
    resources: Sequence[BillingResource], kinds: Collection[str], kept_snapshot: int | None
) -> tuple[BillingResource, ...]:
    """Return the resources that are destroyed with their Droplet.

    Args:
        resources: All resources of the Droplet.
        kinds: Kinds that are destroyed.
        kept_snapshot: Id of the snapshot that was just made of the Droplet, which is never destroyed.
    """
    kept = ("snapshots", str(kept_snapshot))
    return tuple(one for one in resources if one.kind in kinds and (one.kind, one.id) != kept)


def ids_by_kind(resources: Sequence[BillingResource]) -> Mapping[str, list[str]]:
    """Return the ids of resources, by kind."""
    return {kind: [one.id for one in resources if one.kind == kind] for kind in RESOURCE_KINDS}


def progress_of(
    status: DestroyWithAssociatedResourceCheckStatusResponse, wanted: Sequence[BillingResource]
) -> Progress:
    """Return how far a request has come, for the resources that it had to destroy."""
    states: dict[tuple[str, str], DestroyedAssociatedResource] = {
        (kind, one.id): one for kind in RESOURCE_KINDS for one in getattr(status.resources, kind)
    }
    destroyed = tuple(one for one in wanted if _is_destroyed(states.get((one.kind, one.id))))
    left = tuple(one for one in wanted if one not in destroyed)
    droplet = status.droplet
    messages = [f"{one}: {_message(states.get((one.kind, one.id)))}" for one in left]
    messages += [f"the Droplet: {_message(droplet)}"] if _message(droplet) else []
    return Progress(
        is_ended=status.completed_at is not None,
        is_droplet_destroyed=_is_destroyed(droplet),
        destroyed=destroyed,
        left=left,
        error="; ".join(messages),
    )


def _is_destroyed(one: DestroyedAssociatedResource | None) -> bool:
    return one is not None and one.destroyed_at is not None and not _message(one)


def _message(one: DestroyedAssociatedResource | None) -> str:
    return (one.error_message or "").strip() if one is not None else ""
