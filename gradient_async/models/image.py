"""An image: the source of a Droplet's disk."""

from __future__ import annotations

from datetime import datetime

from attrs import frozen

from gradient_async.models.model import Model


@frozen(kw_only=True)
class Image(Model):
    """An image.

    Attributes:
        id: The image's id; ``None`` if the API does not say it.
        name: Its name.
        type: The type; known are ``"base"``, ``"snapshot"``, ``"backup"``, ``"custom"`` and ``"admin"``.
        distribution: The distribution, such as ``"Ubuntu"``.
        slug: The slug, such as ``"gpu-h100x1-base"``; ``None`` for the account's own images.
        public: Whether every account can use it.
        regions: Slugs of the regions that have it.
        created_at: When it was created, UTC.
        min_disk_size: Minimum size of the disk, in GB.
        size_gigabytes: Size of the image, in GB.
        description: A description.
        tags: Its tags.
        status: The status, such as ``"available"`` or ``"pending"``.
        error_message: Why it could not be created; ``None`` without an error.
    """

    id: int | None = None
    name: str | None = None
    type: str | None = None
    distribution: str | None = None
    slug: str | None = None
    public: bool | None = None
    regions: tuple[str, ...] = ()
    created_at: datetime | None = None
    min_disk_size: int | None = None
    size_gigabytes: float | None = None
    description: str | None = None
    tags: tuple[str, ...] = ()
    status: str | None = None
    error_message: str | None = None
