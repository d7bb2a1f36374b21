"""The Droplets that a command is about to destroy, with their prices, and the words about them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, TypeAlias

from attrs import frozen

from gradient_async.cli.dry_run import few
from gradient_async.cli.exit_codes import UsageError
from gradient_async.cli.prices import an_hour
from gradient_async.errors import JournalError
from gradient_async.fleet.cost import FleetCost, cost_of, lack_prices

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gradient_async.cli.references import Reference
    from gradient_async.client import AsyncGradientAI
    from gradient_async.fleet.destroy.outcomes import BillingResource
    from gradient_async.models.droplet import Droplet

Resources: TypeAlias = "tuple[BillingResource, ...] | None"
"""The resources of a Droplet; ``None`` if they cannot be read."""

# With one request for each Droplet, the API says what the resources cost.
_MAX_READ_ONE_BY_ONE: Final = 50


@frozen(kw_only=True)
class DestroyTargets:
    """Droplets that are about to be destroyed.

    Attributes:
        cost: Those that exist, and what they cost.
        gone: Ids of those that do not exist, or not any more.
    """

    cost: FleetCost
    gone: tuple[int, ...] = ()

    @property
    def ids(self) -> list[int]:
        """All ids, those of Droplets that do not exist too."""
        return [*(one.droplet_id for one in self.cost.droplets), *self.gone]

    @property
    def names(self) -> Mapping[int, str]:
        """The names of those that exist."""
        return {one.droplet_id: one.name for one in self.cost.droplets}

    def described(self, which: str = "") -> str:
        """Return them in a few words.

        Args:
            which: What they have in common, such as ``" with the tag 'training'"``.
        """
        count = len(self.cost.droplets)
        ids = [one.droplet_id for one in self.cost.droplets]
        shown = f" ({few(ids, self.names)})" if ids else ""
        return f"{count:,} Droplet{'' if count == 1 else 's'}{which}{shown}"

    @property
    def without_droplet(self) -> str:
        """The ids that no Droplet has, in one sentence."""
        noun = "id" if len(self.gone) == 1 else "ids"
        return f"no Droplet of this account has the {noun} {few(self.gone)}, or not any more"

    @property
    def saving(self) -> str:
        """What is not billed any more once they are destroyed."""
        unknown = sum(one.price_hourly is None for one in self.cost.droplets)
        known = [one for one in self.cost.droplets if one.price_hourly is not None]
        parts = [an_hour(self.cost.price_hourly)] if known else []
        if unknown:
            parts.append(f"the unknown price of {unknown:,}")
        return f"{' and '.join(parts) or 'nothing'} stop{'s' if len(parts) < 2 else ''}"


async def destroy_targets(
    client: AsyncGradientAI, references: Sequence[Reference], tag: str | None, *, gpus_only: bool = False
) -> DestroyTargets:
    """Read the Droplets by ids and names, or by a tag.

    Raises:
        UsageError: No Droplet has the name or the tag, or several have the name.
    """
    from gradient_async.cli.droplet_names import resolved
    from gradient_async.cli.selection import selection_of
    from gradient_async.fleet.droplet_lists import droplets_with_ids
    from gradient_async.fleet.targets import droplets_with_tag

    if tag is None:
        found = await droplets_with_ids(client.gpu_droplets, list(await resolved(client, references)))
        return await _priced(
            client, [one for one in found.values() if one], tuple(one for one in found if found[one] is None)
        )
    tagged = [one async for one in droplets_with_tag(client.gpu_droplets, tag)]
    ids = set(selection_of(tagged, tag, gpus_only=gpus_only).ids)
    return await _priced(client, [one for one in tagged if one.id in ids], ())


async def destroy_targets_in_journal(client: AsyncGradientAI, path: str) -> DestroyTargets:
    """Read the Droplets of a creation run, those that it delivered too.

    Raises:
        JournalError: There is no such journal, or it is damaged, or of another kind of run.
    """
    from gradient_async.fleet.create.journal import recorded_creation
    from gradient_async.fleet.droplet_lists import droplets_with_ids
    from gradient_async.fleet.journal_targets import ids_with_name, targets_in

    records = recorded_creation(path)
    if records is None:
        raise JournalError(f"{path}: there is no such journal", path=path)
    ids: list[int] = []
    for one in targets_in(records, with_delivered=True):
        sender = client._sender  # noqa: SLF001 - the package's own command
        ids += [one.droplet_id] if one.droplet_id is not None else await ids_with_name(sender, one.name)
    found = await droplets_with_ids(client.gpu_droplets, ids)
    return await _priced(client, [one for one in found.values() if one is not None], ())


async def resources_of(client: AsyncGradientAI, droplet_ids: Sequence[int]) -> dict[int, Resources]:
    """Return the volumes, snapshots and IPs of Droplets; ``None`` where they cannot be read.

    For many Droplets they come from the account's lists, which name no costs.
    """
    from gradient_async.fleet.destroy.removal import Removal
    from gradient_async.fleet.destroy.resource_lists import read_from_lists
    from gradient_async.fleet.destroy.ways import read_resources

    sender, watcher = client._sender, client._watcher  # noqa: SLF001 - the package's own command
    removals = [Removal(droplet_id=droplet_id) for droplet_id in droplet_ids]
    if len(removals) > _MAX_READ_ONE_BY_ONE:
        await read_from_lists(sender, watcher, removals)
    for removal in removals:
        if not removal.is_read:
            await read_resources(sender, removal)
    return {removal.droplet_id: removal.left for removal in removals}


def check_count(found: DestroyTargets, confirm_count: int | None) -> None:
    """Refuse another number of Droplets than the operator expects. Pure.

    Raises:
        UsageError: There are more, or fewer.
    """
    count = len(found.cost.droplets)
    if confirm_count is not None and count != confirm_count:
        raise UsageError(f"--confirm-count: expected {confirm_count:,} Droplets, and there are {count:,}")


async def _priced(client: AsyncGradientAI, droplets: Sequence[Droplet], gone: tuple[int, ...]) -> DestroyTargets:
    from gradient_async.fleet.droplet_lists import listed_prices

    prices = await listed_prices(client.gpu_droplets) if lack_prices(droplets) else {}
    now = datetime.now(UTC)
    costs = tuple(cost_of(one, prices, now) for one in droplets)
    return DestroyTargets(cost=FleetCost(droplets=costs, at=now), gone=gone)
