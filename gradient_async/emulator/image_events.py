"""Events on the account's own images: copied to a region, converted; and the import of custom images."""

from __future__ import annotations

from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING

import attrs

from gradient_async.emulator import refusals
from gradient_async.emulator.actions import Event, Snapshot
from gradient_async.emulator.refusals import Refusal
from gradient_async.emulator.tags import TagStore

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from gradient_async.emulator.account import Account
    from gradient_async.emulator.actions import Action, Outcome

#: The distributions of custom images; as documented, any other word counts as the last one.
DISTRIBUTIONS = (
    "Arch Linux",
    "CentOS",
    "CoreOS",
    "Debian",
    "Fedora",
    "Fedora Atomic",
    "FreeBSD",
    "Gentoo",
    "openSUSE",
    "RancherOS",
    "Rocky Linux",
    "Ubuntu",
    "Unknown",
)

# docs.digitalocean.com: formats of custom images
_FORMATS = (".raw", ".img", ".qcow2", ".vhdx", ".vdi", ".vmdk")
_COMPRESSED = (".gz", ".bz2")
_CUSTOM_GIGABYTES = 2.5  # guess
_CUSTOM_MIN_DISK = 10  # guess

_BAD_URL = refusals.unprocessable("url must be an address that begins with http:// or https://")  # guess
_UNKNOWN_REGION = refusals.unprocessable("region is not valid.")  # guess
_IN_REGION_ALREADY = refusals.unprocessable("The image is already available in this region.")  # guess
_NO_BACKUP = refusals.unprocessable("Only backups can be converted to snapshots.")  # guess
_NOT_READY = refusals.unprocessable("The image is not available yet.")  # guess
_PENDING_EVENT = refusals.unprocessable("Image already has a pending event.")  # by analogy with a Droplet's


def distribution_of(text: str) -> str:
    """Return the distribution of a word."""
    return text if text in DISTRIBUTIONS else DISTRIBUTIONS[-1]


class ImageEvents:
    """Begins events on images: `account.part(ImageEvents)`.

    Args:
        account: The account.
    """

    def __init__(self, account: Account) -> None:
        self._account = account
        self._images = account.images

    def begin(self, image: Snapshot, type: str, fields: Mapping[str, object], *, outcome: Outcome) -> Action | Refusal:
        """Start a requested event, or return a refusal. The order of the checks is a guess.

        Args:
            image: The image, one of the account's own.
            type: `transfer` or `convert`.
            fields: The other fields of the request.
            outcome: The outcome of the event.
        """
        planners = {"transfer": self._transfer, "convert": self._convert}
        if type not in planners:
            return refusals.UNKNOWN_TYPE
        with self._account.settled():
            if self._account.pending_on(("image", image.id)):
                return _PENDING_EVENT
            effect = _NOT_READY if image.status != "available" else planners[type](image, fields)
            if isinstance(effect, Refusal):
                return effect
            event = Event(
                type=type,
                resource=("image", image.id),
                region=image.region,
                duration=self._account.duration_of(type),
                effect=effect,
                outcome=outcome,
                parameters=MappingProxyType(dict(fields)),
                by_request=True,
            )
            return self._account.begin(event)

    def import_custom(self, name: str, url: str, region: str, facts: Mapping[str, object]) -> Snapshot | Refusal:
        """Start the import of a custom image, or return a refusal.

        Args:
            name: Its name.
            url: Where it is downloaded from.
            region: Slug of the region that gets it.
            facts: `description`, `distribution` and `tags`, if they are given.
        """
        if not url.startswith(("http://", "https://")):
            return _BAD_URL
        if not self._has_region(region):
            return _UNKNOWN_REGION
        tags = facts.get("tags")
        with self._account.settled() as now:
            image = self._images.add_custom(
                name=name,
                region=region,
                created=now,
                description=str(facts.get("description", "")),
                distribution=distribution_of(str(facts.get("distribution", ""))),
            )
            names = [str(tag) for tag in tags] if isinstance(tags, list) else []
            kept = self._account.part(TagStore).put_on("image", image.id, names)
            image = attrs.evolve(image, tags=kept)
            self._images.change(image)
            seconds = self._account.duration_of("import_image")
            self._account.after(seconds / 2, partial(self._change, image.id, status="pending"))
            self._account.after(seconds, partial(self._imported, image.id, url))
            return image

    def _imported(self, image_id: int, url: str) -> None:
        """End the download. A file of another format fails (guess on the text)."""
        path = url.partition("?")[0].lower()
        for ending in _COMPRESSED:
            path = path.removesuffix(ending)
        if path.endswith(_FORMATS):
            self._change(image_id, status="available", min_disk=_CUSTOM_MIN_DISK, size_gigabytes=_CUSTOM_GIGABYTES)
        else:
            self._change(image_id, status="deleted", error_message="The image has no supported format.")

    def _transfer(self, image: Snapshot, fields: Mapping[str, object]) -> Callable[[], None] | Refusal:
        region = fields.get("region")
        if not isinstance(region, str):
            return refusals.missing_field("region")
        if not self._has_region(region):
            return _UNKNOWN_REGION
        if region in image.regions:
            return _IN_REGION_ALREADY
        return partial(self._add_region, image.id, region)

    def _convert(self, image: Snapshot, _fields: Mapping[str, object]) -> Callable[[], None] | Refusal:
        return partial(self._make_snapshot, image.id) if image.type == "backup" else _NO_BACKUP

    def _add_region(self, image_id: int, region: str) -> None:
        image = self._images.get_truth(image_id)
        if image is not None:
            self._images.change(attrs.evolve(image, other_regions=(*image.other_regions, region)))

    def _make_snapshot(self, image_id: int) -> None:
        """Create a snapshot of a backup, which its Droplet then lists as one."""
        image = self._images.get_truth(image_id)
        if image is None or image.type != "backup":
            return
        self._images.change(attrs.evolve(image, type="snapshot"))
        if image.droplet_id is not None:
            self._account.change(
                image.droplet_id,
                lambda droplet: attrs.evolve(
                    droplet,
                    backup_ids=_without(droplet.backup_ids, image_id),
                    snapshot_ids=(*_without(droplet.snapshot_ids, image_id), image_id),
                ),
            )

    def _change(self, image_id: int, **changes: object) -> None:
        image = self._images.get_truth(image_id)
        if image is not None:
            changed: Snapshot = attrs.evolve(image, **changes)  # type: ignore[arg-type]  # names and types as above
            self._images.change(changed)

    def _has_region(self, slug: str) -> bool:
        return any(region.slug == slug for region in self._account.catalogue.regions)


def _without(ids: Sequence[int], image_id: int) -> tuple[int, ...]:
    return tuple(one for one in ids if one != image_id)
