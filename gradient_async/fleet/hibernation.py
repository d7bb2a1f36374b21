"""Droplets that cost nothing while they are not needed: ``client.fleet.hibernate`` and ``restore``."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Final, Literal

from gradient_async.arguments import checked_choice, checked_count, checked_id, checked_seconds, checked_text
from gradient_async.endpoints.droplet_creation import checked_ssh_keys
from gradient_async.fleet.destroy.engine import DEFAULT_TIMEOUT
from gradient_async.fleet.destroy.run import DestroyPlan, DestroyRun
from gradient_async.fleet.droplet_lists import found_droplets
from gradient_async.fleet.fleet_part import FleetPart
from gradient_async.fleet.hibernation_journal import HibernationJournal, opened_hibernation, opened_source
from gradient_async.fleet.hibernation_records import (
    HibernatedDroplet,
    HibernationReport,
    can_be_restored,
    hibernated_of,
    hibernation_cancelled,
)
from gradient_async.fleet.option_checks import checked_path
from gradient_async.fleet.plan import DEFAULT_GRACE_SECONDS
from gradient_async.fleet.removal_steps import (
    cancelled_with_report,
    check_count,
    checked_options,
    count_or_none,
    removals_of,
    seconds_or_none,
)
from gradient_async.fleet.restoring import RestoreOptions, Restorer, sources_of
from gradient_async.resources.gpu_droplets import GPUDroplets
from gradient_async.waiting.readiness import ADDRESS_KINDS, stages_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, Callable, Sequence

    from gradient_async.fleet.destroy.outcomes import DestroyProgress
    from gradient_async.fleet.restore_report import RestoreReport
    from gradient_async.models.droplet import Droplet
    from gradient_async.waiting.readiness import Until


_MAX_PORT: Final = 65_535
_EXPECTED: Final = (
    "source: expected a report of hibernate, a path, hibernated Droplets, or ids or names of snapshots, got {}"
)


class FleetHibernation(FleetPart):
    """Hibernating and restoring Droplets."""

    async def hibernate(
        self,
        droplets: int | Droplet | Iterable[int | Droplet] | AsyncIterable[int | Droplet] | None = None,
        *,
        tag: str | None = None,
        journal: str | os.PathLike[str] | None = None,
        confirm_count: int | None = None,
        timeout: float = DEFAULT_TIMEOUT,
        snapshot_timeout: float | None = None,
        grace: float = DEFAULT_GRACE_SECONDS,
        max_concurrency: int | None = None,
        poll_interval: float | None = None,
        on_progress: Callable[[DestroyProgress], object] | None = None,
    ) -> HibernationReport:
        """Switch Droplets off, make a snapshot of each, check that it exists, and destroy the Droplet.

        A Droplet that is only off is billed in full; a snapshot costs a small part of that. ``restore`` makes the
        Droplets again. A Droplet without a snapshot stays. The scratch disk and the memory are in no snapshot, and the
        addresses are lost. Volumes stay, and are attached again.

        Args:
            droplets: The Droplets or their ids, one or any number. Or pass ``tag``.
            tag: All Droplets with this tag.
            journal: A file in which each Droplet is written down before it is destroyed, so that ``restore`` can make
                it again even if this program dies. The report can be saved too: see ``to_json``.
            confirm_count: As ``fleet.destroy``.
            timeout: As ``fleet.destroy``.
            snapshot_timeout: As ``fleet.destroy``.
            grace: As ``fleet.destroy``.
            max_concurrency: As ``fleet.destroy``.
            poll_interval: As ``fleet.destroy``.
            on_progress: As ``fleet.destroy``.

        Returns:
            The report, which ``restore`` takes.

        Raises:
            TypeError: A parameter is missing or has the wrong type. Nothing was sent.
            ValueError: A value is out of range. Nothing was sent.
            DropletCountError: Another number of Droplets exists than ``confirm_count``. Nothing was sent to them.
            JournalError: The journal is damaged, in use, or of another kind of run. Nothing was sent to them.
            APIError: The Droplets could not be read. Nothing was sent to them.
            HibernationCancelled: It was cancelled; it carries the report so far, which ``restore`` takes.
        """
        options = checked_options("gone", timeout, max_concurrency, poll_interval, on_progress)
        snapshot_timeout = seconds_or_none("snapshot_timeout", snapshot_timeout)
        grace = checked_seconds("grace", grace)
        path = None if journal is None else checked_path("journal", journal)
        confirm_count = count_or_none("confirm_count", confirm_count)
        client = GPUDroplets(self._sender, self._watcher)
        with hibernation_cancelled({}), cancelled_with_report():
            found = await found_droplets(client, droplets, tag)
            check_count(found, confirm_count)
            removals = await removals_of(client, found)
        with opened_hibernation(path) as opened, hibernation_cancelled(opened.records):
            plan = DestroyPlan(
                options=options,
                makes_snapshot=True,
                snapshot_timeout=snapshot_timeout,
                grace=grace,
                record=lambda removal: opened.add(hibernated_of(removal)),
            )
            report = await DestroyRun(self._sender, self._watcher, plan).run(removals)
            return HibernationReport(droplets=can_be_restored(opened.records, report.outcomes), destroyed=report)

    async def restore(
        self,
        source: HibernationReport
        | HibernatedDroplet
        | int
        | str
        | os.PathLike[str]
        | Iterable[HibernatedDroplet | int | str],
        *,
        size: str | None = None,
        region: str | None = None,
        ssh_keys: Sequence[int | str] | None = None,
        until: Until | None = "active",
        timeout: float = 900.0,
        poll_interval: float | None = None,
        ssh_port: int = 22,
        address: Literal["public", "private"] = "public",
    ) -> RestoreReport:
        """Make hibernated Droplets again from their snapshots, each once.

        They have their names, sizes, regions, tags, VPCs and volumes again, and new ids and addresses. The keys on
        their disks stay. A Droplet that still exists, or was restored before, is not made a second time. The snapshots
        stay, and are billed: delete them with ``gpu_droplets.snapshots.delete``. The tags of a lease that is over are
        left out, since ``reap`` would destroy the new Droplet.

        In one process, and of processes that pass the path of one journal, one call at a time restores a snapshot. If
        another process restores it at the same time, both may create the Droplet, since the API has no claim on a
        snapshot. So each reads the lists after its create: of two Droplets with one name and snapshot the older stays,
        and the call that made the younger destroys it and returns the older.

        Args:
            source: The report of ``hibernate``; or the path of its journal, or of a report saved with ``to_json``; or
                hibernated Droplets; or ids or names of snapshots. A ``str`` is a path if there is such a file, else
                the name or id of a snapshot. A snapshot alone says the name and a region; pass ``size`` then.
            size: Slug of a size, in place of the former ones.
            region: Slug of a region, in place of the former ones.
            ssh_keys: Ids or fingerprints of keys that are added. Without one, the API mails a root password.
            until: When a Droplet is usable, as ``gpu_droplets.wait`` has it. ``None`` as soon as the API accepted it.
            timeout: Seconds in which each Droplet has to be usable.
            poll_interval: Seconds until the second poll. ``None`` means one second.
            ssh_port: TCP port of SSH, for ``until="ssh"``.
            address: The address that ``"address"`` and ``"ssh"`` are about, ``"public"`` or ``"private"``.

        Returns:
            The report. If there is no capacity, the Droplet is ``"failed"``; call again with the same source.

        Raises:
            TypeError: A parameter has the wrong type.
            ValueError: There is no such snapshot, or several have the name.
            NotFoundError: There is no such snapshot.
            PreflightError: Another call in this process is restoring one of the snapshots. Nothing was created.
            JournalError: The file does not exist, or is neither a journal nor a report.
            APIError: The Droplets or the snapshots could not be read. Nothing was created.
        """
        if until is not None:
            stages_of(until)
        checked_choice("address", address, ADDRESS_KINDS)
        options = RestoreOptions(
            size=None if size is None else checked_text("size", size, "gpu-h100x1-80gb"),
            region=None if region is None else checked_text("region", region, "tor1"),
            ssh_keys=None if ssh_keys is None else checked_ssh_keys(ssh_keys),
            until=until,
            timeout=checked_seconds("timeout", timeout),
            poll_interval=seconds_or_none("poll_interval", poll_interval),
            ssh_port=checked_count("ssh_port", ssh_port, minimum=1, maximum=_MAX_PORT),
            address=address,
        )
        client = GPUDroplets(self._sender, self._watcher)
        if _is_file(source):
            with opened_source(checked_path("source", source)) as opened:
                sources = await sources_of(client, opened.records.values(), options)
                return await Restorer(client, options, opened).run(sources)
        sources = await sources_of(client, _items_of(source), options)
        return await Restorer(client, options, HibernationJournal(None, {})).run(sources)


def _is_file(source: object) -> bool:
    """Return whether a source is the path of a file. A text is one if the file exists."""
    if isinstance(source, str):
        return os.path.isfile(source)  # noqa: PTH113 - Path.is_file raises if the text is too long for a path
    return hasattr(source, "__fspath__")


def _items_of(source: object) -> list[HibernatedDroplet | int | str]:
    """Return what has to be restored, one by one, checked."""
    if isinstance(source, HibernationReport):
        return list(source.droplets)
    if isinstance(source, HibernatedDroplet | int | str):
        return [_checked_item(source)]
    if isinstance(source, Iterable) and not isinstance(source, bytes | Mapping):
        return [_checked_item(one) for one in source]
    raise TypeError(_EXPECTED.format(type(source).__name__))


def _checked_item(one: object) -> HibernatedDroplet | int | str:
    if isinstance(one, HibernatedDroplet):
        return one
    if isinstance(one, str):
        return checked_text("source", one, "trainer-01-2026-11-30")
    if isinstance(one, bool) or not isinstance(one, int):
        raise TypeError(_EXPECTED.format(type(one).__name__))
    return checked_id("source", one)
