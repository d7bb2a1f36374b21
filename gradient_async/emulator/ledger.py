"""The ledger: every action of the account, in the order of acceptance."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from random import Random

    from gradient_async.emulator.actions import Action, ResourceKey

# Real action ids passed 2**31 around 2024; clients must not keep them in 32 bits.
_FIRST_ACTION_ID = 2**31 + 100_000_000
_MAX_ID_STEP = 40


class Ledger:
    """All actions, each resource's own, and the one that is pending on each.

    Nothing is sorted and nothing is copied to find a page: ids grow, and the lists keep them in that order.

    Args:
        random: Decides by how much ids grow; the real account shares its ids with all other accounts.
    """

    def __init__(self, random: Random) -> None:
        self._random = random
        self._actions: dict[int, Action] = {}
        self._oldest_first: list[int] = []
        self._by_resource: dict[ResourceKey, list[int]] = {}
        self._pending: dict[ResourceKey, int] = {}
        self._last_id = _FIRST_ACTION_ID

    def take_id(self) -> int:
        """Return an id for the next action, larger than all before it."""
        self._last_id += self._random.randint(1, _MAX_ID_STEP)
        return self._last_id

    def add(self, action: Action) -> None:
        """Record a new action. It is pending on the resources that it blocks, unless it has finished already."""
        self._actions[action.id] = action
        self._oldest_first.append(action.id)
        self._by_resource.setdefault(action.resource, []).append(action.id)
        if not action.is_finished:
            self._pending.update(dict.fromkeys(action.blocks, action.id))

    def finish(self, action_id: int) -> Action:
        """Record that an action has ended."""
        finished = self._actions[action_id] = self._actions[action_id].finished()
        for resource in finished.blocks:
            # A destroyed Droplet's earlier action ends without being the pending one any more.
            if self._pending.get(resource) == action_id:
                del self._pending[resource]
        return finished

    def get(self, action_id: int) -> Action | None:
        """Return the action with that id, None if there is none."""
        return self._actions.get(action_id)

    def pending(self, resource: ResourceKey) -> Action | None:
        """Return the action in progress that blocks a resource, None if there is none."""
        action_id = self._pending.get(resource)
        return None if action_id is None else self._actions[action_id]

    def all(self) -> Mapping[int, Action]:
        """Return a copy of everything, oldest first."""
        return MappingProxyType(dict(self._actions))

    def newest_first(self, resource: ResourceKey) -> Iterator[Action]:
        """Return a resource's actions, newest first."""
        return (self._actions[action_id] for action_id in reversed(self._by_resource.get(resource, ())))

    def page(
        self, resource: ResourceKey | None, start: int, stop: int, *, until: float
    ) -> tuple[Sequence[Action], int]:
        """Return the actions from position `start` to before `stop`, newest first, and their total number.

        Args:
            resource: Whose actions; None for the whole account's.
            start: Position of the first, 0 being the newest.
            stop: Position after the last.
            until: Virtual second after which an action must not have started to be listed.
        """
        ids = self._oldest_first if resource is None else self._by_resource.get(resource, [])
        total = len(ids)
        while total and self._actions[ids[total - 1]].started > until:
            total -= 1
        chosen = ids[max(total - stop, 0) : max(total - start, 0)]
        return [self._actions[action_id] for action_id in reversed(chosen)], total
