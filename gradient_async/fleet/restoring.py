"""Makes Droplets again from their snapshots, each once."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import anyio
import attrs
from attrs import frozen

from gradient_async.errors import (
    CreateOutcomeUnknownError,
    GradientAIError,
    RequestOutcomeUnknownError,
)
from gradient_async.fleet.droplet_lists import all_droplets
from gradient_async.fleet.hibernation_records import HibernatedDroplet, of_snapshot
from gradient_async.fleet.lease_tags import without_past_lease
from gradient_async.fleet.restore_claims import claimed
from gradient_async.fleet.restore_report import RestoreOutcome, RestoreReport
from gradient_async.fleet.restore_twins import without_twins
from gradient_async.http import retry
from gradient_async.task_group import TaskGroup
from gradient_async.waiting.readiness import AddressKind, Until

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gradient_async.fleet.hibernation_journal import HibernationJournal
    from gradient_async.models.droplet import Droplet
    from gradient_async.models.snapshot import Snapshots
    from gradient_async.resources.gpu_droplets import GPUDroplets

_MAX_AT_ONCE: Final = 20


@frozen(kw_only=True)
class RestoreOptions:
    """How Droplets are restored.

    Attributes:
        size: Slug of a size in place of the former one.
        region: Slug of a region in place of the former one.
        ssh_keys: SSH keys; the keys on the snapshot's disk stay in any case.
        until: When a Droplet is usable; ``None`` as soon as the API accepted it.
        timeout: Seconds in which it has to be usable.
        poll_interval: Seconds until the second poll; ``None`` for what fits.
        ssh_port: TCP port of SSH, for ``until="ssh"``.
        address: The address that ``"address"`` and ``"ssh"`` are about.
    """

    size: str | None = None
    region: str | None = None
    ssh_keys: Sequence[int | str] | None = None
    until: Until | None = "active"
    timeout: float = 900.0
    poll_interval: float | None = None
    ssh_port: int = 22
    address: AddressKind = "public"


class Restorer:
    """Restores Droplets.

    Args:
        client: The client's Droplets.
        options: How.
        journal: Where each create is written down before it is sent.
    """

    def __init__(self, client: GPUDroplets, options: RestoreOptions, journal: HibernationJournal) -> None:
        self._client = client
        self._journal = journal
        self._options = options
        self._slots = anyio.Semaphore(_MAX_AT_ONCE)
        self._existing: dict[int, Droplet] = {}
        self._by_image: dict[int, Droplet] = {}
        # When each create was answered, by the id of the snapshot.
        self._created: dict[int, float] = {}

    async def run(self, sources: Sequence[HibernatedDroplet]) -> RestoreReport:
        """Restore Droplets. Return when each has its outcome.

        Raises:
            PreflightError: Another call is restoring one of them. Nothing was created.
            APIError: The Droplets of the account cannot be read. Nothing was created.
        """
        with claimed(self._client._sender.settings.base_url, sources):  # noqa: SLF001 - the package's own
            return await self._run(sources)

    async def _run(self, sources: Sequence[HibernatedDroplet]) -> RestoreReport:
        began_at, began = datetime.now(UTC), anyio.current_time()
        await self._look_up(sources)
        outcomes: dict[int, RestoreOutcome] = {}

        async def restore(number: int, source: HibernatedDroplet) -> None:
            async with self._slots:
                outcomes[number] = await self._restored(source)

        async with TaskGroup() as group:
            for number, source in enumerate(sources):
                group.start_soon(restore, number, source)
        created = {number: one for number, one in outcomes.items() if one.source.snapshot_id in self._created}
        if created:
            outcomes |= await without_twins(self._client, created, max(self._created.values()))
        ordered = tuple(outcomes[number] for number in sorted(outcomes))
        return RestoreReport(outcomes=ordered, began_at=began_at, duration=anyio.current_time() - began)

    async def _look_up(self, sources: Sequence[HibernatedDroplet]) -> None:
        """Read the account's Droplets. One whose create was sent a moment ago can show in the lists only later."""
        settle = self._client._sender.settings.create_settle_seconds  # noqa: SLF001 - the package's own
        restoring = self._journal.restoring
        sent = {one.snapshot_id: restoring[one.snapshot_id] for one in sources if one.snapshot_id in restoring}
        left = max(sent.values(), default=-math.inf) + settle - time.time()
        for pause in (0.0, *retry.growing_pauses(min(left, settle))):
            await anyio.sleep(pause)
            for droplet in await all_droplets(self._client):
                self._existing[droplet.id] = droplet
                if droplet.image is not None and droplet.image.id is not None:
                    self._by_image.setdefault(droplet.image.id, droplet)
            if sent.keys() <= self._by_image.keys():
                return

    async def _restored(self, source: HibernatedDroplet) -> RestoreOutcome:
        if source.droplet_id in self._existing:
            reason = f"Droplet {source.droplet_id} still exists"
            return RestoreOutcome(source=source, status="skipped", reason=reason)
        if (droplet := self._by_image.get(source.snapshot_id)) is not None:
            return await self._usable(source, droplet, "it was restored before")
        if source.size is None or source.region is None:
            lack = "size" if source.size is None else "region"
            return RestoreOutcome(source=source, status="skipped", reason=f"its {lack} is not known: pass {lack}=")
        try:
            self._journal.note_restoring(source.snapshot_id)
        except OSError as error:
            return RestoreOutcome(source=source, status="skipped", reason=f"the journal cannot be written: {error}")
        try:
            droplet = (await self._client.create(**self._fields(source))).droplet
        except (CreateOutcomeUnknownError, RequestOutcomeUnknownError) as error:
            return RestoreOutcome(source=source, status="unknown", reason=error.message, error=error)
        # A snapshot can have a name that a Droplet cannot have: then nothing is sent, and the others are restored.
        except (GradientAIError, TypeError, ValueError) as error:
            with suppress(OSError):
                self._journal.note_refused(source.snapshot_id)
            reason = getattr(error, "message", str(error))
            return RestoreOutcome(source=source, status="failed", reason=reason, error=error)
        self._created[source.snapshot_id] = anyio.current_time()
        return await self._usable(source, droplet, "")

    async def _usable(self, source: HibernatedDroplet, droplet: Droplet, reason: str) -> RestoreOutcome:
        options = self._options
        if options.until is None:
            return RestoreOutcome(source=source, status="restored", droplet=droplet, reason=reason)
        try:
            ready = await self._client.wait(
                droplet,
                until=options.until,
                timeout=options.timeout,
                poll_interval=options.poll_interval,
                ssh_port=options.ssh_port,
                address=options.address,
            )
        except Exception as error:  # noqa: BLE001 - a probe is the user's own code
            text = f"it was created, and is not usable: {error}"
            return RestoreOutcome(source=source, status="failed", droplet=droplet, reason=text, error=error)
        return RestoreOutcome(source=source, status="restored", droplet=ready, reason=reason)

    def _fields(self, source: HibernatedDroplet) -> dict[str, Any]:
        given = {
            "name": source.name,
            "image": source.snapshot_id,
            "size": source.size,
            "region": source.region,
            "tags": without_past_lease(source.tags, datetime.now(UTC)) or None,
            "vpc_uuid": source.vpc_uuid,
            "volumes": list(source.volumes) or None,
            "ipv6": source.ipv6 or None,
            "monitoring": source.monitoring or None,
            "backups": source.backups or None,
            "ssh_keys": self._options.ssh_keys,
        }
        return {name: value for name, value in given.items() if value is not None}


async def sources_of(
    client: GPUDroplets, given: Iterable[HibernatedDroplet | int | str], options: RestoreOptions
) -> list[HibernatedDroplet]:
    """Return the Droplets to restore, of records, and of ids and names of snapshots.

    Raises:
        TypeError: One of them is something else.
        ValueError: Several snapshots have one name, or none has it.
        NotFoundError: There is no snapshot with an id.
        APIError: The snapshots cannot be read.
    """
    items = list(given)
    listed: list[Snapshots] = []
    if not all(isinstance(one, HibernatedDroplet) for one in items):
        listed = [one async for one in client.snapshots.list_all(resource_type="droplet")]
    found = [one if isinstance(one, HibernatedDroplet) else await _of_snapshot(client, one, listed) for one in items]
    unique = {one.snapshot_id: one for one in found}
    return [_changed(one, options) for one in unique.values()]


async def _of_snapshot(client: GPUDroplets, given: object, listed: Sequence[Snapshots]) -> HibernatedDroplet:
    if isinstance(given, bool) or not isinstance(given, int | str):
        raise TypeError(
            f"source: expected a report, hibernated Droplets, or ids or names of snapshots, got {type(given).__name__}"
        )
    named = [one for one in listed if given in (one.name, one.id) or str(given) == one.id]
    if len(named) > 1:
        raise ValueError(f"source: {len(named)} snapshots have the name {given!r:.80}; pass an id")
    if named:
        return of_snapshot(named[0])
    if isinstance(given, int):
        return of_snapshot((await client.snapshots.retrieve(given)).snapshot)
    raise ValueError(f"source: there is no snapshot {given!r:.80}")


def _changed(source: HibernatedDroplet, options: RestoreOptions) -> HibernatedDroplet:
    """Return a Droplet with the size and the region that it gets. In another region it has another VPC."""
    size, region = options.size or source.size, options.region or source.region
    vpc = source.vpc_uuid if region == source.region else None
    return attrs.evolve(source, size=size, region=region, vpc_uuid=vpc)
