"""What ``destroy``, ``reap`` and ``hibernate`` do alike: check options and counts, and read what is destroyed."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import anyio

from gradient_async.arguments import checked_choice, checked_count, checked_seconds
from gradient_async.errors import DropletCountError
from gradient_async.fleet.cost import lack_prices, price_of
from gradient_async.fleet.destroy.engine import DEFAULT_CONCURRENCY, DestroyOptions
from gradient_async.fleet.destroy.removal import Removal
from gradient_async.fleet.destroy.report import DestroyCancelled, DestroyReport
from gradient_async.fleet.destroy.run import DestroyPlan, DestroyRun
from gradient_async.fleet.droplet_lists import droplets_with_ids, listed_prices
from gradient_async.fleet.journal_targets import (
    ids_of_run,
    note_destroyed,
    note_destroying,
    opened_journal,
    targets_in,
)
from gradient_async.fleet.option_checks import checked_callable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from gradient_async.fleet.destroy.outcomes import DestroyProgress
    from gradient_async.models.droplet import Droplet
    from gradient_async.resources.gpu_droplets import GPUDroplets


def checked_options(
    until: str,
    timeout: float,
    max_concurrency: int | None,
    poll_interval: float | None,
    on_progress: Callable[[DestroyProgress], object] | None,
) -> DestroyOptions:
    """Return the options of a run that destroys Droplets, checked.

    Raises:
        TypeError: An option has the wrong type.
        ValueError: An option is out of range.
    """
    checked_choice("until", until, ("gone", "accepted"))
    if on_progress is not None:
        checked_callable("on_progress", on_progress)
    most = DEFAULT_CONCURRENCY if max_concurrency is None else max_concurrency
    return DestroyOptions(
        timeout=checked_seconds("timeout", timeout),
        until="accepted" if until == "accepted" else "gone",
        max_concurrency=most
        if max_concurrency is None
        else checked_count("max_concurrency", max_concurrency, minimum=1),
        poll_interval=None if poll_interval is None else checked_seconds("poll_interval", poll_interval),
        on_progress=on_progress,
    )


def count_or_none(parameter: str, value: int | None) -> int | None:
    """Return a number of Droplets, checked; ``None`` stays."""
    return None if value is None else checked_count(parameter, value, minimum=0)


def check_count(found: Mapping[int, Droplet | None], confirm_count: int | None) -> None:
    """Refuse a number of Droplets that the caller does not expect.

    Raises:
        DropletCountError: Another number exists.
    """
    existing = tuple(droplet for droplet in found.values() if droplet is not None)
    if confirm_count is None or len(existing) == confirm_count:
        return
    missing = len(found) - len(existing)
    gone = f" ({missing:,} of the given ids do not exist)" if missing else ""
    raise DropletCountError(
        f"confirm_count: expected {confirm_count:,} Droplets, found {len(existing):,}{gone}. Nothing was destroyed",
        expected=confirm_count,
        droplets=existing,
    )


async def removals_of(
    client: GPUDroplets, found: Mapping[int, Droplet | None], *, are_known: bool = False
) -> list[Removal]:
    """Return what has to be destroyed, with prices as far as the API names them.

    Args:
        client: The client's Droplets.
        found: The Droplets by their ids; ``None`` for those that the API does not have.
        are_known: Whether all of them existed once, such as those of a journal.
    """
    existing = [droplet for droplet in found.values() if droplet is not None]
    prices = await listed_prices(client) if lack_prices(existing) else {}
    return [
        Removal(
            droplet_id=droplet_id,
            droplet=droplet,
            price_hourly=price_of(droplet, prices) if droplet else None,
            is_only_an_id=droplet is None and not are_known,
        )
        for droplet_id, droplet in found.items()
    ]


@contextmanager
def cancelled_with_report() -> Iterator[None]:
    """Give each cancellation a report, also one before the first Droplet is destroyed.

    Raises:
        DestroyCancelled: It was cancelled.
    """
    began_at, began = datetime.now(UTC), anyio.current_time()
    try:
        yield
    except DestroyCancelled:
        raise
    except asyncio.CancelledError:
        duration = anyio.current_time() - began
        raise DestroyCancelled(DestroyReport(outcomes=(), began_at=began_at, duration=duration)) from None


def seconds_or_none(parameter: str, value: float | None) -> float | None:
    """Return seconds, checked; ``None`` stays."""
    return None if value is None else checked_seconds(parameter, value)


async def destroy_run(
    client: GPUDroplets, path: str, plan: DestroyPlan, confirm_count: int | None, *, with_delivered: bool
) -> DestroyReport:
    """Destroy the Droplets of a creation run, and write into its journal which are gone.

    Args:
        client: The client's Droplets.
        path: The journal.
        plan: What is done to each Droplet.
        confirm_count: How many Droplets are expected.
        with_delivered: Whether those are destroyed that a run which is over has delivered.

    Raises:
        JournalError: It cannot be used.
        DropletCountError: Another number of Droplets exists. Nothing was destroyed.
        DestroyCancelled: It was cancelled; it carries the report so far.
    """
    sender, watcher = client._sender, client._watcher  # noqa: SLF001 - the package's own
    with opened_journal(path) as opened:
        names = await ids_of_run(sender, opened, targets_in(opened.records, with_delivered=with_delivered))
        found = await droplets_with_ids(client, names)
        check_count(found, confirm_count)
        removals = await removals_of(client, found, are_known=True)
        note_destroying(opened, names)
        try:
            report = await DestroyRun(sender, watcher, plan).run(removals)
        except DestroyCancelled as cancelled:
            note_destroyed(opened, names, cancelled.report)
            raise
        note_destroyed(opened, names, report)
        return report
