"""A tag of the account, and the resources that have it."""

from __future__ import annotations

from typing import Annotated, Required, TypedDict

from attrs import field, frozen

from gradient_async.arguments import checked_id, checked_text
from gradient_async.bodies import Example
from gradient_async.models.model import ListModel, Model
from gradient_async.models.page import Links, Meta


def _checked_resource_id(path: str, value: object) -> str:
    return checked_text(path, value, "3164444") if isinstance(value, str) else str(checked_id(path, value))


class TagResourceParam(TypedDict, total=False):
    """A resource to tag or to untag, as a plain dict."""

    resource_id: Required[str | int]
    resource_type: Required[str]


@frozen(kw_only=True)
class TagResource(Model):
    """A resource to tag or to untag.

    Attributes:
        resource_id: The resource's id; the id of a Droplet or an image may be an ``int``.
        resource_type: ``"droplet"``, ``"image"``, ``"volume"`` or ``"volume_snapshot"``.
    """

    resource_id: Annotated[str | int, _checked_resource_id]
    resource_type: Annotated[str, Example("droplet")]


@frozen(kw_only=True)
class TaggedResources(Model):
    """The resources of one kind that have a tag.

    Attributes:
        count: How many; 0 too if the token has no scope to read them.
        last_tagged_uri: URL of the one that was tagged last; ``None`` without any.
    """

    count: int = 0
    last_tagged_uri: str | None = None


@frozen(kw_only=True)
class TagResources(Model):
    """The resources that have a tag, as far as the token's scopes show them.

    Attributes:
        count: How many, of all kinds.
        last_tagged_uri: URL of the one that was tagged last; ``None`` without any.
        droplets: Droplets.
        images: Images: snapshots, backups and custom images.
        volumes: Volumes.
        volume_snapshots: Snapshots of volumes.
        databases: Database clusters.
    """

    count: int = 0
    last_tagged_uri: str | None = None
    droplets: TaggedResources = field(factory=TaggedResources)
    images: TaggedResources = field(factory=TaggedResources)
    volumes: TaggedResources = field(factory=TaggedResources)
    volume_snapshots: TaggedResources = field(factory=TaggedResources)
    databases: TaggedResources = field(factory=TaggedResources)


@frozen(kw_only=True)
class Tag(Model):
    """A tag. It exists until it is deleted, even if no resource has it.

    Attributes:
        name: The tag itself. Upper and lower case count.
        resources: How many resources have it.
    """

    name: str
    resources: TagResources = field(factory=TagResources)

    def __repr__(self) -> str:
        """Return the tag in one line, with the number of resources that have it."""
        return f"Tag(name={self.name!r:.80}, {self.resources.count} resources)"


@frozen(kw_only=True)
class TagCreateResponse(Model):
    """The tag that was created."""

    tag: Tag


@frozen(kw_only=True)
class TagRetrieveResponse(Model):
    """One tag."""

    tag: Tag


@frozen(kw_only=True, repr=False)
class TagListResponse(ListModel):
    """One page of tags."""

    tags: tuple[Tag, ...]
    meta: Meta = field(factory=Meta)
    links: Links = field(factory=Links)
