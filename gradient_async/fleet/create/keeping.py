"""Watches the Droplets of a creation run until they are usable, and destroys those that are not delivered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from gradient_async.errors import GradientAIError
from gradient_async.fleet.create.usability import NotPlacedError, NotUsableError, usable
from gradient_async.fleet.destroy.engine import Destroyer, DestroyOptions
from gradient_async.fleet.destroy.removal import Removal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gradient_async.fleet.create.context import CreationContext
    from gradient_async.fleet.destroy.outcomes import DestroyProgress
    from gradient_async.fleet.task_group import TaskGroup
    from gradient_async.models.droplet import Droplet

DESTROY_SECONDS: Final = 600.0
"""Seconds in which a Droplet has to be gone."""


class Doomed(NamedTuple):
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

    def destroy(self, doomed: Doomed) -> None:
        """Destroy a Droplet meanwhile."""
        self._group.start_soon(destroy_all, self._context, [doomed])

    async def _watch(self, name: str, droplet: Droplet | int) -> None:
        context = self._context
        droplet_id = droplet if isinstance(droplet, int) else droplet.id
        try:
            read = await usable(context, droplet)
        except NotPlacedError as error:
            context.log.lost(name, droplet_id, str(error))
            await context.tell(f"{name} is lost: {error}")
        except NotUsableError as error:
            await context.tell(f"{name} is destroyed: {error}")
            await destroy_all(context, [Doomed(name, droplet_id, str(error))])
        except Exception as error:  # noqa: BLE001 - a probe is the user's own code
            context.hunt.fail(f"Droplet {droplet_id} cannot be checked: {error!r:.200}", error)
            await context.tell(f"Droplet {droplet_id} cannot be checked: {error!r:.200}")
        else:
            context.droplets[name] = read
            if context.records.names[name].state == "created":
                context.log.ready(name, droplet_id)
            await context.tell(f"{name} is usable: Droplet {droplet_id}")


async def destroy_all(
    context: CreationContext,
    doomed: Sequence[Doomed],
    seconds: float = DESTROY_SECONDS,
    until: Literal["gone", "accepted"] = "gone",
) -> None:
    """Destroy Droplets of the run, and write it down before and after. Those that are not gone stay in the records.

    Args:
        context: What all parts of the run share.
        doomed: The Droplets.
        seconds: Seconds in which each has to be gone.
        until: What counts as destroyed.
    """
    if not doomed:
        return
    by_id = {one.droplet_id: one for one in doomed}
    for one in doomed:
        if one.droplet_id not in context.records.surplus:
            context.log.destroying(*one)

    async def note(progress: DestroyProgress) -> None:
        outcome = progress.latest
        one = by_id[outcome.droplet_id]
        if outcome.is_destroyed:
            context.log.destroyed(*one)
            await context.tell(f"{one.name} is gone")
        else:
            context.troubles[one.droplet_id] = outcome.reason
            await context.tell(f"{one.name} is not known to be gone: {outcome.reason}")

    interval = context.spec.poll_interval
    options = DestroyOptions(timeout=seconds, until=until, is_fresh=True, poll_interval=interval, on_progress=note)
    removals = [Removal(droplet_id=one.droplet_id) for one in doomed]
    try:
        await Destroyer(context.sender, options).run(removals, len(removals))
    except (GradientAIError, ExceptionGroup) as error:
        for one in doomed:
            context.troubles.setdefault(one.droplet_id, str(error))
        await context.tell(f"Droplets could not be destroyed: {error}")
