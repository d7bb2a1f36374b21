"""An account's time: its actions, the effects that are due, and the lock of both. The time comes from a Clock."""

from __future__ import annotations

import random
import threading
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from gradient_async.emulator.actions import Action
from gradient_async.emulator.ledger import Ledger
from gradient_async.emulator.profiles import ERRORED_AFTER, Behaviour
from gradient_async.emulator.schedule import Effect, Schedule
from gradient_async.emulator.visibility import ResourceTable, View, Visibility

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from gradient_async.emulator.actions import Event, ResourceKey
    from gradient_async.emulator.clock import Clock

Key = TypeVar("Key")
Value = TypeVar("Value")


class Settled:
    """Locks the account for a `with` block, and brings it up to date at its start. Blocks can be nested.

    Args:
        lock: The account's lock.
        settle: Brings the account up to date, and returns the virtual second.
    """

    def __init__(self, lock: threading.RLock, settle: Callable[[], float]) -> None:
        self._lock = lock
        self._settle = settle

    def __enter__(self) -> float:
        self._lock.acquire()
        try:
            return self._settle()
        except BaseException:
            self._lock.release()
            raise

    def __exit__(self, *_: object) -> None:
        self._lock.release()


class Timeline:
    """The events of an account, brought up to date at every access.

    Nothing runs in the background: each call first settles what has become due. All methods may be called
    from any thread.

    Args:
        clock: The account's time.
        behaviour: Readings of conflicting evidence.
        seed: Makes ids and chances repeatable.
        visibility: How far the views lag behind the truth.
    """

    def __init__(self, clock: Clock, behaviour: Behaviour | None, visibility: Visibility | None, seed: int) -> None:
        self.clock = clock
        self.seed: int = seed
        self.behaviour: Behaviour = behaviour or Behaviour()
        self.visibility: Visibility = visibility or Visibility()
        self._random = random.Random(seed)  # noqa: S311 - ids and chances of an emulator are no secret
        self._view_random = random.Random(seed)  # noqa: S311 - likewise
        self._lock = threading.RLock()
        self._settled = Settled(self._lock, self.settle)
        self._moment: float | None = None
        self._ledger = Ledger(self._random)
        self._schedule = Schedule()

    @property
    def actions(self) -> Mapping[int, Action]:
        """All actions by id, oldest first, the `create` actions of the Droplets among them."""
        with self.settled():
            return self._ledger.all()

    def action(self, action_id: int) -> Action | None:
        """Return the action with that id, None if there is none."""
        with self.settled():
            return self._ledger.get(action_id)

    def readable_action(self, action_id: int) -> Action | None:
        """Return the action with that id as a request reads it, None if it does not exist or is too new."""
        with self.settled() as now:
            action = self._ledger.get(action_id)
            return action if action and action.started <= now - self._read_lag("get") else None

    def actions_on(self, resource: ResourceKey, type: str | None = None) -> tuple[Action, ...]:
        """Return the actions of a resource, newest first; only those of one type if it is given."""
        with self.settled():
            found = self._ledger.newest_first(resource)
            return tuple(action for action in found if type is None or action.type == type)

    def pending_on(self, resource: ResourceKey) -> Action | None:
        """Return the action in progress that blocks a resource, None if there is none."""
        with self.settled():
            return self._ledger.pending(resource)

    def resource_action_page(self, resource: ResourceKey | None, start: int, stop: int) -> tuple[Sequence[Action], int]:
        """Return part of the list of a resource's actions (None: all actions), newest first, and the list's length."""
        with self.settled() as now:
            return self._ledger.page(resource, start, stop, until=now - self._read_lag("list"))

    def begin(self, event: Event) -> Action:
        """Start an event on any resource. Its effect follows at its end. Nothing is checked here."""
        with self.settled() as now:
            action = self._action(event, started=now)
            outcome = action.outcome
            self._ledger.add(action)
            effect = event.failure if outcome.errored else None if outcome.ignored else event.effect
            if effect is not None:
                self._schedule.add(max(action.due + min(outcome.lag, 0.0), action.started), effect)
            self._schedule.add(action.due, partial(self._end, action.id))
            return action

    def after(self, seconds: float, effect: Effect) -> None:
        """Schedule a change of the account: an address arrives, a volume is released.

        Args:
            seconds: Virtual seconds from now.
            effect: Makes the change, while the account is locked.
        """
        with self.settled() as now:
            self._schedule.add(now + seconds, effect)

    def new_table(self) -> ResourceTable[Key, Value]:
        """Return a table for the resources of one kind, which shows them as the account's views do."""
        return ResourceTable(self.visibility, self._now, self._view_random)

    def settled(self) -> Settled:
        """Lock the account for a `with` block, after all due effects. The block gets the virtual second."""
        return self._settled

    def settle(self) -> float:
        """Run all due effects, and return the virtual second; inside an effect, the one at which it was due."""
        if self._moment is not None:  # called by an effect
            return self._moment
        now = self.clock.now()
        try:
            for due, effect in self._schedule.due(now):
                self._moment = due
                effect()
        finally:
            self._moment = None
        return now

    def _now(self) -> float:
        return self.clock.now() if self._moment is None else self._moment

    def _read_lag(self, view: View) -> float:
        return max(self.behaviour.read_lag, self.visibility.lag_of(view).seconds)

    def _end(self, action_id: int) -> None:
        self._has_ended(self._ledger.finish(action_id))

    def _has_ended(self, action: Action) -> None:
        """React to the end of an action. A subclass extends this."""

    def _action(self, event: Event, *, started: float) -> Action:
        kind, resource_id = event.resource
        usual = ERRORED_AFTER if event.outcome.errored else event.duration
        return Action(
            id=self._ledger.take_id(),
            type=event.type,
            status="in-progress",
            started=started,
            due=started + (usual if event.outcome.duration is None else event.outcome.duration),
            region=event.region,
            resource_type=kind,
            resource_id=resource_id,
            blocks=(event.resource,) if event.blocks is None else event.blocks,
            outcome=event.outcome,
            parameters=event.parameters,
            by_request=event.by_request,
        )
