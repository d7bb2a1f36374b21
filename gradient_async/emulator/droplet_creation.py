"""The creation of Droplets by requests, with its checks.

Another group that a create refers to (volumes, VPCs) adds a check with `check_with`, and a callback for each new
Droplet with `follow_with`: `account.part(DropletCreation).check_with(...)`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import attrs

from gradient_async.emulator import refusals
from gradient_async.emulator.actions import AS_USUAL, Outcome
from gradient_async.emulator.capacity import Capacity
from gradient_async.emulator.creation_request import CreationRequest, creation_request
from gradient_async.emulator.droplets import BackupPolicy, Droplet, used_at_first
from gradient_async.emulator.images import as_image
from gradient_async.emulator.keys import KeyStore
from gradient_async.emulator.placement import placement_refusal
from gradient_async.emulator.refusals import Refusal
from gradient_async.emulator.vpcs import VPCStore

if TYPE_CHECKING:
    from gradient_async.emulator.account import Account
    from gradient_async.emulator.catalogue import Image, Size

#: Returns why a create is refused. Takes the request, and the region that was chosen for it.
Check = Callable[[CreationRequest, str], Refusal | None]
#: Called for each new Droplet.
Follow = Callable[[Droplet, CreationRequest], None]


class DropletCreation:
    """Creates Droplets: `account.part(DropletCreation)`.

    Args:
        account: The account.
    """

    def __init__(self, account: Account) -> None:
        self._account = account
        self._keys = account.part(KeyStore)
        self._vpcs = account.part(VPCStore)
        self._capacity = account.part(Capacity)
        self._checks: list[Check] = []
        self._followers: list[Follow] = []

    def check_with(self, check: Check) -> None:
        """Add a check of each create. It runs after the checks of size, region, image and keys."""
        self._checks.append(check)

    def follow_with(self, follow: Follow) -> None:
        """Add a callback for each new Droplet. It is called after the Droplet was added to the account."""
        self._followers.append(follow)

    def create(self, fields: Mapping[str, object], outcome: Outcome = AS_USUAL) -> Sequence[Droplet] | Refusal:
        """Create the Droplets of a request, or return a refusal. The order of the checks is a guess.

        Args:
            fields: The request's body.
            outcome: The outcome of their `create` actions.
        """
        asked = creation_request(fields)
        if isinstance(asked, Refusal):
            return asked
        image = self._image(asked.image)
        if image is None:
            return refusals.INVALID_IMAGE
        region = self._region(asked)
        refusal = self._refusal(asked, image, region)
        count = len(asked.names)
        if refusal is not None:
            partial = self._account.behaviour.partial_creates
            count = 0 if partial == "refused" else self._count_with_room(asked, image, region)
            if count == 0:
                return refusal
            if partial == "lost":
                outcome = attrs.evolve(outcome, errored=True, count=len(asked.names) - count)
                count = len(asked.names)
        size = self._account.catalogue.size(asked.size)
        assert size is not None  # noqa: S101 - the placement was checked
        first = 0 if outcome.count is None else count - outcome.count
        return [
            self._admitted(asked, name, image, region, size, outcome if index >= first else AS_USUAL)
            for index, name in enumerate(asked.names[:count])
        ]

    def refusal_of(self, fields: Mapping[str, object]) -> Refusal | None:
        """Return why the Droplets of a request cannot be created, None if they can.

        Args:
            fields: The body of a create.
        """
        asked = creation_request(fields)
        if isinstance(asked, Refusal):
            return asked
        image = self._image(asked.image)
        return refusals.INVALID_IMAGE if image is None else self._refusal(asked, image, self._region(asked))

    def _refusal(self, asked: CreationRequest, image: Image, region: str, count: int | None = None) -> Refusal | None:
        account = self._account
        wanted = len(asked.names) if count is None else count
        catalogue, room = self._capacity.offer(), self._capacity.free(asked.size, region)
        size = catalogue.size(asked.size)
        unknown = [key for key in asked.ssh_keys if self._keys.find(key, "keys") is None]
        if unknown:
            return refusals.invalid_keys(unknown)
        if size is not None and size.disk < image.min_disk:
            return refusals.IMAGE_TOO_LARGE
        if image.regions is not None and region not in image.regions and size is not None:
            return refusals.IMAGE_NOT_IN_REGION
        vpc = self._vpcs.find(asked.vpc_uuid) if asked.vpc_uuid else None
        if asked.vpc_uuid and vpc is None:
            return refusals.NOT_FOUND  # koalalorenzo/python-digitalocean#264
        if vpc is not None and vpc.region != region:
            return refusals.VPC_IN_OTHER_REGION
        for check in self._checks:
            if refusal := check(asked, region):
                return refusal
        refusal = placement_refusal(catalogue, account.droplets.values(), asked.size, region, wanted, room=room)
        if size is not None and refusal == refusals.SIZE_NOT_IN_REGION and account.behaviour.names_available_regions:
            return attrs.evolve(refusal, available_regions=tuple(filter(size.has_room_in, size.regions)))
        return refusal

    def _count_with_room(self, asked: CreationRequest, image: Image, region: str) -> int:
        counts = range(len(asked.names) - 1, 0, -1)
        return next((count for count in counts if self._refusal(asked, image, region, count) is None), 0)

    def _image(self, reference: int | str) -> Image | None:
        """Return the image with an id or slug: a public one, or one of the account's own that is ready."""
        number = int(reference) if isinstance(reference, str) and reference.isdecimal() else reference
        snapshot = self._account.images.get(number) if isinstance(number, int) else None
        if snapshot is None:
            return self._account.catalogue.find_image(number)
        return as_image(snapshot) if snapshot.status == "available" else None

    def _region(self, asked: CreationRequest) -> str:
        """Return the region of a slug, or of the beginning of one: the first with room, else the first."""
        catalogue = self._capacity.offer()
        slugs = [region.slug for region in catalogue.regions]
        fitting = [asked.region] if asked.region in slugs else [one for one in slugs if one.startswith(asked.region)]
        size = catalogue.size(asked.size)
        with_room = [slug for slug in fitting if size is not None and size.has_room_in(slug)]
        return (with_room or fitting or [asked.region])[0]

    def _admitted(
        self, asked: CreationRequest, name: str, image: Image, region: str, size: Size, outcome: Outcome
    ) -> Droplet:
        account = self._account
        optional = {
            "droplet_agent": asked.with_droplet_agent,
            "private_networking": True,
            "backups": asked.backups,
            "ipv6": asked.ipv6,
            "monitoring": asked.monitoring,
        }
        wanted = [feature for feature, is_wanted in optional.items() if is_wanted]
        vpc = self._vpcs.default_of(region)
        with account.settled() as now:
            droplet = Droplet(
                id=account.take_droplet_id(),
                name=name,
                size=size,
                disk=size.disk,
                region=region,
                image=image,
                status="new",
                created=now,
                tags=tuple(dict.fromkeys(asked.tags)),
                features=tuple(wanted),
                backup_policy=(asked.backup_policy or BackupPolicy()) if asked.backups else None,
                used_gigabytes=used_at_first(size),
                has_address=False,
                has_public_network=asked.public_networking,
                vpc_uuid=asked.vpc_uuid or (vpc.id if vpc else ""),
            )
            admitted = account.admit(droplet, outcome=outcome)
            self._capacity.take(admitted)
            for follow in self._followers:
                follow(admitted, asked)
            return account.droplet(admitted.id) or admitted
