"""Every request about volumes, snapshots and images that changes something, for the contract tests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

VOLUME_ID: Final = "506f78a4-e098-11e5-ad9f-000f53306ae1"

_NEW: Final = {"name": "data", "region": "nyc3", "size_gigabytes": 10}
_FORMATTED: Final = {
    **_NEW,
    "description": "for runs",
    "filesystem_type": "ext4",
    "filesystem_label": "runs",
    "tags": ["training"],
}
_COPIED: Final = {**_NEW, "snapshot_id": "b0798135-fb76-11eb-946a-0a58ac146f33"}

# Method, operation, arguments beside the body's, and the body's fields. Of one operation, the last row has no tags:
# it needs no scope for them.
ROWS: Final[Sequence[tuple[str, str, Mapping[str, Any], Mapping[str, Any]]]] = (
    *(("gpu_droplets.volumes.create", "volumes_create", {}, body) for body in (_FORMATTED, _COPIED, _NEW)),
    ("gpu_droplets.volumes.delete", "volumes_delete", {"volume_id": VOLUME_ID}, {}),
    ("gpu_droplets.volumes.delete_by_name", "volumes_delete_byName", {"name": "data", "region": "nyc3"}, {}),
)
