"""Watches the Droplets of a creation run until they are usable, and destroys those that are not delivered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import anyio

from gradient_async.errors import GradientAIError
from gradient_async.errors.requests import with_needed_scopes
from gradient_async.fleet.create.usability import NotPlacedError, NotUsableError, usable
from gradient_async.fleet.destroy.engine import Destroyer, DestroyOptions
from gradient_async.fleet.destroy.removal import Removal, verdict_when_cut_off

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gradient_async.fleet.create.context import CreationContext
    from gradient_async.fleet.destroy.outcomes import DestroyProgress
    from gradient_async.models.droplet import Droplet
    from gradient_async.task_group import TaskGroup

DESTROY_SECONDS: Final = 600.0
"""Seconds in which a Droplet has to be gone."""
# After a cancellation, for the first reads of the proof that Droplets are gone.
_PROOF_POLL_SECONDS: Final = 0.5


class DestroyTarget(NamedTuple):
    """A Droplet that is to be destroyed.

    Attributes:
        name: Its name.
        droplet_id: Its id.
        reason: Why, for people.
    """

    name: str
    droplet_id: int
    reason: str


class Keeper:
    """Watches Droplets until they are usable. One that is lost, or is not usable in time, is destroyed.

    Args:
        context: What all parts of the run share.
        group: Runs the watches.
    """

    def __init__(self, context: CreationContext, group: TaskGroup) -> None:
        self._context = context
        self._group = group

    def watch(self, name: str, droplet: Droplet | int) -> None:
        """Watch a Droplet that was created."""
        if not isinstance(droplet, int):
            self._context.droplets[name] = droplet
        self._group.start_soon(self._watch, name, droplet)

    def destroy(self, target: DestroyTarget) -> None:
        """Destroy a Droplet in the background."""
        self._group.start_soon(destroy_all, self._context, [target])

    async def _watch(self, name: str, droplet: Droplet | int) -> None:
        context = self._context
        droplet_id = droplet if isinstance(droplet, int) else droplet.id
        try:
            read = await usable(context, droplet)
        except NotPlacedError as error:
            context.log.lost(name, droplet_id, str(error))
            await context.note(f"{name} is lost: {error}")
        except NotUsableError as error:
            await context.note(f"{name} is destroyed: {error}")
            await destroy_all(context, [DestroyTarget(name, droplet_id, str(error))])
        except Exception as error:  # noqa: BLE001 - a probe is the user's own code
            context.hunt.fail(f"Droplet {droplet_id} cannot be checked: {error!r:.200}", error)
            await context.note(f"Droplet {droplet_id} cannot be checked: {error!r:.200}")
        else:
            context.droplets[name] = read
            if context.records.names[name].state == "created":
                context.log.ready(name, droplet_id)
            await context.note(f"{name} is usable: Droplet {droplet_id}")


async def destroy_all(context: CreationContext, targets: Sequence[DestroyTarget]) -> None:
    """Destroy Droplets of the run, and record it before and after. Those that are not gone stay in the records.

    Args:
        context: What all parts of the run share.
        targets: The Droplets.
    """
    if not targets:
        return
    _write_down(context, targets)
    destroyer = Destroyer(context.sender, _options(context, targets, context.spec.poll_interval))
    await _run(context, destroyer, [Removal(droplet_id=one.droplet_id) for one in targets])


async def destroy_at_once(context: CreationContext, targets: Sequence[DestroyTarget], until: float) -> None:
    """Destroy Droplets of the run in a short time, and record it. Those that are not seen to be gone are left.

    Args:
        context: What all parts of the run share.
        targets: The Droplets.
        until: When it ends at the latest, by the event loop's clock.
    """
    if not targets:
        return
    _write_down(context, targets)
    removals = {one.droplet_id: Removal(droplet_id=one.droplet_id) for one in targets}
    interval = min(context.spec.poll_interval or _PROOF_POLL_SECONDS, _PROOF_POLL_SECONDS)
    left: list[DestroyTarget] = []
    try:
        with anyio.CancelScope(deadline=until):
            await _run(context, Destroyer(context.sender, _options(context, targets, interval)), [*removals.values()])
    finally:
        for one in targets:
            if not _is_gone(context, one) and one.droplet_id not in context.troubles:
                context.troubles[one.droplet_id] = _why_left(removals[one.droplet_id])
                left.append(one)
    for one in left:
        await context.note(f"{one.name} is not known to be gone: {context.troubles[one.droplet_id]}")


def _why_left(removal: Removal) -> str:
    """Return why a Droplet is left for which there was no more time."""
    if removal.is_accepted:
        return "the API accepted the request to destroy it; it is not yet confirmed to be gone"
    if removal.is_absent:
        return "the API does not know its id; it is not yet confirmed to be gone"
    if removal.failure is not None and not removal.is_unresolved:
        return f"the API did not accept the request to destroy it: {with_needed_scopes(removal.failure)}"
    return verdict_when_cut_off(removal, "the time was over").reason


def _is_gone(context: CreationContext, one: DestroyTarget) -> bool:
    surplus = context.records.surplus.get(one.droplet_id)
    return surplus.is_destroyed if surplus is not None else context.records.names[one.name].state == "destroyed"


def _write_down(context: CreationContext, targets: Sequence[DestroyTarget]) -> None:
    """Record that Droplets are about to be destroyed."""
    for one in targets:
        context.troubles.pop(one.droplet_id, None)
        if one.droplet_id not in context.records.surplus:
            context.log.destroying(*one)


def _options(context: CreationContext, targets: Sequence[DestroyTarget], poll_interval: float | None) -> DestroyOptions:
    """Return how Droplets are destroyed: each that is gone is recorded and reported."""
    by_id = {one.droplet_id: one for one in targets}

    async def note(progress: DestroyProgress) -> None:
        outcome = progress.latest
        one = by_id[outcome.droplet_id]
        if outcome.is_destroyed:
            context.log.destroyed(*one)
            await context.note(f"{one.name} is gone")
        else:
            context.troubles[one.droplet_id] = outcome.reason
            await context.note(f"{one.name} is not known to be gone: {outcome.reason}")

    return DestroyOptions(timeout=DESTROY_SECONDS, is_fresh=True, poll_interval=poll_interval, on_progress=note)


async def _run(context: CreationContext, destroyer: Destroyer, removals: Sequence[Removal]) -> None:
    try:
        await destroyer.run(removals, len(removals))
    except (GradientAIError, ExceptionGroup) as error:
        for removal in removals:
            context.troubles.setdefault(removal.droplet_id, str(error))
        await context.note(f"Droplets could not be destroyed: {error}")
    finally:
        context.accepted.update(removal.droplet_id for removal in removals if removal.is_accepted)
