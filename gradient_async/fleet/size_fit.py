"""Whether a Droplet can take a new size. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from gradient_async.models.droplet import Droplet
    from gradient_async.models.size import Size

GO_ON: Final = "pass check_first=False to leave out this check"


def has_size(droplet: Droplet, size: Size) -> bool:
    """Return whether a resize to the size would change nothing, its disk included. Pure."""
    if droplet.size_slug != size.slug or size.disk is None or droplet.disk is None:
        return False
    return size.disk <= droplet.disk


def size_objection(droplet: Droplet, size: Size) -> str | None:
    """Return why the API will certainly refuse the size for a Droplet; ``None`` if it may accept it. Pure."""
    reason = None
    region = droplet.region.slug if droplet.region else None
    if size.disk is not None and droplet.disk is not None and size.disk < droplet.disk:
        # The API refuses this even if the disk is not resized.
        reason = f"its disk of {size.disk:,} GB is smaller than the Droplet's {droplet.disk:,} GB"
    elif size.regions and region is not None and region not in size.regions:
        reason = f"it is offered in {', '.join(size.regions)}, and the Droplet is in {region}"
    if reason is None:
        return None
    return f"size {size.slug!r} does not fit: {reason}. Nothing was sent; {GO_ON}"
