"""Destroys what dead programs left: ``client.fleet.reap``."""

from __future__ import annotations

import math
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from gradient_async.arguments import checked_tag
from gradient_async.durations import checked_duration
from gradient_async.endpoints import droplets as endpoints
from gradient_async.errors import JournalError
from gradient_async.fleet.cost import FleetCost, cost_of, lack_prices
from gradient_async.fleet.create.journal import recorded_creation
from gradient_async.fleet.destroy.engine import DEFAULT_TIMEOUT
from gradient_async.fleet.destroy.run import DestroyPlan, DestroyRun
from gradient_async.fleet.droplet_lists import all_droplets, droplets_with_ids, listed_prices
from gradient_async.fleet.fleet_part import FleetPart
from gradient_async.fleet.journal_targets import ids_with_name, targets_in
from gradient_async.fleet.lease_tags import is_over
from gradient_async.fleet.option_checks import checked_path
from gradient_async.fleet.removal_steps import (
    cancelled_with_report,
    check_count,
    checked_options,
    count_or_none,
    destroy_run,
    removals_of,
)
from gradient_async.resources.gpu_droplets import GPUDroplets

if TYPE_CHECKING:
    import os
    from collections.abc import Callable

    from gradient_async.fleet.destroy.outcomes import DestroyProgress
    from gradient_async.fleet.destroy.report import DestroyReport
    from gradient_async.models.droplet import Droplet


class FleetReaping(FleetPart):
    """Destroying what dead programs left."""

    async def reap(
        self,
        journal: str | os.PathLike[str] | None = None,
        *,
        older_than: float | str | None = None,
        tag: str | None = None,
        confirm_count: int | None = None,
        timeout: float = DEFAULT_TIMEOUT,
        max_concurrency: int | None = None,
        poll_interval: float | None = None,
        on_progress: Callable[[DestroyProgress], object] | None = None,
    ) -> DestroyReport:
        """Destroy the Droplets that a dead program left, and no others.

        With a journal of ``fleet.create``: the Droplets of that run. A create whose outcome is not known is looked up
        by its name. If the run is over, the Droplets that it delivered stay; ``fleet.destroy(journal=...)`` destroys
        these too. With the journal of a lease, all its Droplets are destroyed. A journal that a living run or lease
        holds is refused.

        With ``older_than``: the Droplets of leases (``fleet.lease``) whose time is over. Only the tags of a lease
        decide, so this can run in a cron job on any machine. Droplets without these tags are never touched.

        Args:
            journal: The journal of a creation run or of a lease. Or pass ``older_than``.
            older_than: How long ago a lease must have ended, in seconds, or as a text such as ``"10m"``; 0 for all that
                are over.
            tag: With ``older_than``: only Droplets that have this tag too.
            confirm_count: As ``fleet.destroy``.
            timeout: As ``fleet.destroy``.
            max_concurrency: As ``fleet.destroy``.
            poll_interval: As ``fleet.destroy``.
            on_progress: As ``fleet.destroy``.

        Returns:
            The report, with an outcome for each Droplet that was found.

        Raises:
            TypeError: Not exactly one of ``journal`` and ``older_than`` is given. Nothing was sent.
            ValueError: A value is out of range. Nothing was sent.
            DropletCountError: Another number of Droplets exists than ``confirm_count``. Nothing was destroyed.
            JournalInUseError: The journal's run or lease is still active. Nothing was sent.
            JournalError: The journal does not exist, is damaged, or is of another kind of run. Nothing was sent.
            APIError: The Droplets could not be read. Nothing was destroyed.
            DestroyCancelled: It was cancelled; it carries the report so far.
        """
        plan = DestroyPlan(options=checked_options("gone", timeout, max_concurrency, poll_interval, on_progress))
        seconds = _checked(journal, older_than, tag)
        confirm_count = count_or_none("confirm_count", confirm_count)
        client = GPUDroplets(self._sender, self._watcher)
        if journal is not None:
            path = checked_path("journal", journal)
            with cancelled_with_report():
                return await destroy_run(client, path, plan, confirm_count, with_delivered=False)
        with cancelled_with_report():
            found: dict[int, Droplet | None] = {one.id: one for one in await self._expired(client, seconds, tag)}
            check_count(found, confirm_count)
            return await DestroyRun(self._sender, self._watcher, plan).run(await removals_of(client, found))

    async def plan_reap(
        self,
        journal: str | os.PathLike[str] | None = None,
        *,
        older_than: float | str | None = None,
        tag: str | None = None,
    ) -> FleetCost:
        """Return the Droplets that ``reap`` would destroy with the same parameters now, and what they cost.

        The parameters are those of ``reap``. It only reads.

        Raises:
            TypeError: As ``reap``.
            ValueError: As ``reap``.
            JournalError: As ``reap``.
            APIError: The Droplets could not be read.
        """
        seconds = _checked(journal, older_than, tag)
        client = GPUDroplets(self._sender, self._watcher)
        if journal is None:
            droplets = await self._expired(client, seconds, tag)
        else:
            droplets = await _of_run(client, checked_path("journal", journal))
        prices = await listed_prices(client) if lack_prices(droplets) else {}
        now = datetime.now(UTC)
        return FleetCost(droplets=tuple(cost_of(droplet, prices, now) for droplet in droplets), at=now)

    async def _expired(self, client: GPUDroplets, older_than: float, tag: str | None) -> list[Droplet]:
        """Return the Droplets of leases that are over, by this machine's clock and by the API's."""
        now = min(datetime.now(UTC), await self._time_of_the_api())
        return [
            one
            for one in await all_droplets(client)
            if is_over(one.tags, now, older_than) and (tag is None or tag in one.tags)
        ]

    async def _time_of_the_api(self) -> datetime:
        """Return the time in the API's answers. A clock that is set wrong must not end a lease early."""
        request = endpoints.LIST.request({}, query={"type": "gpus", "page": 1, "per_page": 1})
        date = (await self._sender.send(request)).headers.get("date", "")
        with suppress(ValueError, TypeError):
            return parsedate_to_datetime(date).astimezone(UTC)
        return datetime.now(UTC)


def _checked(journal: object, older_than: float | str | None, tag: str | None) -> float:
    """Return for how many seconds a lease must be over; infinite with a journal.

    Raises:
        TypeError: Not exactly one of ``journal`` and ``older_than`` is given, or one has the wrong type.
        ValueError: A value is out of range.
    """
    if (journal is None) == (older_than is None):
        given = "neither was given" if journal is None else "both were given"
        raise TypeError(f"journal, older_than: {given}. Pass a journal, or older_than=0 for all leases that are over")
    if journal is not None and tag is not None:
        raise TypeError("tag: only with older_than")
    if tag is not None:
        checked_tag("tag", tag)
    return math.inf if older_than is None else checked_duration("older_than", older_than, may_be_zero=True)


async def _of_run(client: GPUDroplets, path: str) -> list[Droplet]:
    """Return the Droplets of a creation run that ``reap`` would destroy."""
    records = recorded_creation(path)
    if records is None:
        raise JournalError(f"{path}: there is no such journal", path=path)
    ids: list[int] = []
    for one in targets_in(records, with_delivered=False):
        ids += [one.droplet_id] if one.droplet_id is not None else await ids_with_name(client._sender, one.name)  # noqa: SLF001 - the package's own
    return [one for one in (await droplets_with_ids(client, ids)).values() if one is not None]
