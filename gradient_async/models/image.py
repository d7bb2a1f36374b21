"""An image: what a Droplet's disk was made from."""

from __future__ import annotations

from datetime import datetime

from attrs import frozen


@frozen(kw_only=True)
class Image:
    """An image.

    Attributes:
        id: The image's id.
        name: Its name.
        type: ``"base"``, ``"snapshot"``, ``"backup"``, ``"custom"`` or ``"admin"`` so far.
        distribution: Such as ``"Ubuntu"``.
        slug: Such as ``"gpu-h100x1-base"``; ``None`` for images of one's own.
        public: Whether everybody can use it.
        regions: Slugs of the regions that hold it.
        created_at: When it was made, UTC.
        min_disk_size: Smallest disk it fits on, in GB.
        size_gigabytes: Its own size, in GB.
        description: For people.
        tags: Its tags.
        status: ``"available"``, ``"pending"``, … so far.
        error_message: Why it could not be made, where that went wrong.
    """

    id: int
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
