"""Two programs that restore one snapshot at the same time: of the two Droplets, the older stays.

The API has no claim on a snapshot, and neither program can see the other's create before it is in the lists. So each
looks at the lists once more after its create. The rule is the same for both, so that exactly one Droplet stays; each
program destroys only the one that it has just created itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import anyio
import attrs

from gradient_async.errors import GradientAIError
from gradient_async.fleet.destroy.engine import DestroyOptions, destroy_ids
from gradient_async.fleet.droplet_lists import all_droplets

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gradient_async.fleet.restore_report import RestoreOutcome
    from gradient_async.models.droplet import Droplet
    from gradient_async.resources.gpu_droplets import GPUDroplets

# The lists of Droplets can lack a new one for a couple of seconds.
_LAG_SECONDS: Final = 5.0
_DESTROY_SECONDS: Final = 300.0


def twins_of(own: Droplet, snapshot_id: int, droplets: Iterable[Droplet]) -> list[Droplet]:
    """Return the other Droplets with the same name that were made from the same snapshot, the oldest first. Pure."""
    others = [
        one
        for one in droplets
        if one.id != own.id and one.name == own.name and one.image is not None and one.image.id == snapshot_id
    ]
    return sorted(others, key=_age)


def is_younger(own: Droplet, other: Droplet) -> bool:
    """Return whether a Droplet gives way to another. Of two Droplets, exactly one does. Pure."""
    return max(own, other, key=_age) is own


async def without_twins(
    client: GPUDroplets, created: Mapping[int, RestoreOutcome], newest: float
) -> dict[int, RestoreOutcome]:
    """Return the outcomes of Droplets that this call created, after those are destroyed that came second.

    Args:
        client: The client's Droplets.
        created: The outcomes, by any keys.
        newest: When the last create was answered, by the event loop's clock.
    """
    lag = min(_LAG_SECONDS, client._sender.settings.create_settle_seconds)  # noqa: SLF001 - the package's own
    await anyio.sleep(max(0.0, newest + lag - anyio.current_time()))
    try:
        listed = await all_droplets(client)
    except GradientAIError as error:
        text = f"whether another program restored it too is not known: {error}"
        return {key: attrs.evolve(one, reason=one.reason or text) for key, one in created.items()}
    found = dict(created)
    for key, one in created.items():
        if one.droplet is None or not (twins := twins_of(one.droplet, one.source.snapshot_id, listed)):
            continue
        if is_younger(one.droplet, twins[0]):
            found[key] = await _given_way(client, one, one.droplet, twins[0])
        else:
            ids = ", ".join(str(twin.id) for twin in twins)
            found[key] = attrs.evolve(one, reason=f"another program made Droplet {ids} of the snapshot too")
    return found


async def _given_way(client: GPUDroplets, outcome: RestoreOutcome, own: Droplet, older: Droplet) -> RestoreOutcome:
    options = DestroyOptions(is_fresh=True, timeout=_DESTROY_SECONDS)
    report = await destroy_ids(client._sender, [own.id], options)  # noqa: SLF001 - the package's own
    reason = f"another program had restored it as Droplet {older.id}"
    if report.is_complete:
        return attrs.evolve(outcome, droplet=older, reason=f"{reason}; its twin {own.id} was destroyed")
    left = f"{reason}; its twin {own.id} is not known to be gone: {report.outcomes[0].reason}"
    return attrs.evolve(outcome, status="failed", reason=left)


def _age(droplet: Droplet) -> tuple[str, int]:
    return str(droplet.created_at or ""), droplet.id
