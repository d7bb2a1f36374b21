"""Calls of the methods of tags with their bodies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from gradient_async import TagResource

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

DROPLET_ID: Final = 3164444
TAG: Final = "env:prod"
VOLUME_ID: Final = "506f78a4-e098-11e5-ad9f-000f53306ae1"


def place_calls() -> Iterator[Mapping[str, Any]]:
    """Return the calls that change something."""
    yield from _tag_calls()


def _tag_calls() -> Iterator[Mapping[str, Any]]:
    yield {
        "method": "tags.create",
        "arguments": {"name": TAG},
        "operations": ("tags_create",),
        "bodies": ({"name": TAG},),
    }
    yield {"method": "tags.delete", "arguments": {"tag_id": TAG}, "operations": ("tags_delete",)}
    volume = {"resource_id": VOLUME_ID, "resource_type": "volume"}
    droplet = {"resource_id": str(DROPLET_ID), "resource_type": "droplet"}
    droplet_resource = TagResource(resource_id=DROPLET_ID, resource_type="droplet")
    for method in ("assign_resources", "unassign_resources"):
        for given, sent in (
            ({"resources": [droplet_resource, volume]}, [droplet, volume]),
            ({"droplet_ids": [DROPLET_ID]}, [droplet]),
        ):
            yield {
                "method": f"tags.{method}",
                "arguments": {"tag_id": TAG, **given},
                "operations": (f"tags_{method}",),
                "bodies": ({"resources": sent},),
            }
