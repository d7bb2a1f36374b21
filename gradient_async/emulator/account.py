"""The account: Droplets, their actions, and what time does to both. No I/O; the time comes from a Clock."""

from __future__ import annotations

import random
import threading
from contextlib import contextmanager
from types import MappingProxyType
from typing import TYPE_CHECKING

import attrs

from gradient_async.emulator import events, refusals
from gradient_async.emulator.actions import AS_USUAL, Action, Change, Outcome, Snapshot
from gradient_async.emulator.droplets import Droplet, DropletSpec, droplet_from
from gradient_async.emulator.images import ImageStore
from gradient_async.emulator.ledger import Ledger
from gradient_async.emulator.profiles import ERRORED_AFTER, Behaviour, durations_with
from gradient_async.emulator.refusals import Refusal
from gradient_async.emulator.schedule import Happening, Schedule

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping, Sequence

    from gradient_async.emulator.clock import Clock

#: The documentation's example Droplet.
FIRST_DROPLET_ID = 3164444

_DAY = 86_400.0
_AGE_AT_START = 30 * _DAY
_METADATA_EVENT = "droplet_metadata_create"

_NO_PARAMETERS: Mapping[str, object] = MappingProxyType({})


class RefusedError(Exception):
    """The account turned down what a test asked of it directly."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(f"{refusal.status} {refusal.message}")
        self.refusal = refusal


class Account:
    """Droplets and actions of one account, brought up to date at every look.

    Nothing runs in the background: each call first settles what has become due. All methods may be called
    from any thread. The records handed out are frozen; a later look gives new ones.

    Args:
        clock: The account's time.
        behaviour: Readings of conflicting evidence.
        durations: Virtual seconds by action type, in place of the profile's.
        seed: Makes ids and chances repeatable.

    Raises:
        ValueError: A duration is given for an unknown type, or is negative.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        behaviour: Behaviour | None = None,
        durations: Mapping[str, float] | None = None,
        seed: int = 0,
    ) -> None:
        self.clock = clock
        self.behaviour: Behaviour = behaviour or Behaviour()
        self._durations = durations_with(durations or {})
        self._random = random.Random(seed)  # noqa: S311 - ids and chances of an emulator keep no secret
        self._lock = threading.RLock()
        self._droplets: dict[int, Droplet] = {}
        self._tagged: dict[str, list[int]] = {}
        self._ledger = Ledger(self._random)
        self._changes: dict[int, Change] = {}
        self._images = ImageStore()
        self._schedule = Schedule()
        self._next_droplet_id = FIRST_DROPLET_ID

    @property
    def droplets(self) -> Mapping[int, Droplet]:
        """All Droplets by id, oldest first."""
        with self._settled():
            return MappingProxyType(dict(self._droplets))

    @property
    def actions(self) -> Mapping[int, Action]:
        """All actions by id, oldest first, the `create` actions of the Droplets among them."""
        with self._settled():
            return self._ledger.all()

    def droplet(self, droplet_id: int) -> Droplet | None:
        """The Droplet with that id, None if there is none."""
        with self._settled():
            return self._droplets.get(droplet_id)

    def tagged(self, tag: str) -> Sequence[Droplet]:
        """The Droplets that carry a tag (which is case-sensitive), oldest first."""
        with self._settled():
            return [self._droplets[droplet_id] for droplet_id in self._tagged.get(tag, ())]

    def action(self, action_id: int) -> Action | None:
        """The action with that id, None if there is none."""
        with self._settled():
            return self._ledger.get(action_id)

    def readable_action(self, action_id: int) -> Action | None:
        """The action with that id as a request may read it, None if there is none or it is too young."""
        with self._settled() as now:
            action = self._ledger.get(action_id)
            return action if action and action.started <= now - self.behaviour.read_lag else None

    def actions_of(self, droplet_id: int, type: str | None = None) -> tuple[Action, ...]:
        """The actions of a Droplet, newest first; only those of one type if it is given."""
        with self._settled():
            return tuple(
                action for action in self._ledger.newest_first(droplet_id) if type is None or action.type == type
            )

    def pending(self, droplet_id: int) -> Action | None:
        """The action in progress on a Droplet, None if there is none."""
        with self._settled():
            return self._ledger.pending(droplet_id)

    def action_page(self, droplet_id: int | None, start: int, stop: int) -> tuple[Sequence[Action], int]:
        """Part of the list of a Droplet's (None: all) actions, newest first, and the length of the list."""
        with self._settled() as now:
            return self._ledger.page(droplet_id, start, stop, until=now - self.behaviour.read_lag)

    def snapshots_of(self, droplet_id: int) -> tuple[Snapshot, ...]:
        """The snapshots of a Droplet (not its backups), newest first."""
        with self._settled():
            droplet = self._droplets.get(droplet_id)
            return tuple(self._images[image_id] for image_id in reversed(droplet.snapshot_ids)) if droplet else ()

    def add(self, spec: DropletSpec) -> Droplet:
        """Put a Droplet into the account, as if it had been there for a month."""
        with self._settled():
            droplet = droplet_from(spec, droplet_id=self._next_droplet_id, created=-_AGE_AT_START)
            self._next_droplet_id += 1
            if self.behaviour.history:
                self._ledger.add(self._action(droplet, "create", started=droplet.created).finished())
            if spec.backups:
                backup_id = self._images.add(droplet, "backup", name=f"{droplet.name}-backup", created=-_DAY)
                droplet = attrs.evolve(droplet, backup_ids=(backup_id,))
            self._droplets[droplet.id] = droplet
            for tag in droplet.tags:
                self._tagged.setdefault(tag, []).append(droplet.id)
            return droplet

    def start(self, droplet_id: int, type: str, *, outcome: Outcome = AS_USUAL, **parameters: object) -> Action:
        """Begin an action without a request, as somebody else or the control panel would.

        Raises:
            RefusedError: The Droplet does not exist or cannot take the action now.
        """
        accepted = self.initiate(droplet_id, type, parameters, outcome=outcome, by_request=False)
        if isinstance(accepted, Refusal):
            raise RefusedError(accepted)
        return accepted

    def destroy(self, droplet_id: int) -> Action:
        """Destroy a Droplet, as somebody else would: at the end of the `destroy` action it is gone.

        Raises:
            RefusedError: There is no such Droplet.
        """
        with self._settled() as now:
            droplet = self._droplets.get(droplet_id)
            if droplet is None:
                raise RefusedError(refusals.NOT_FOUND)
            action = self._begin(self._action(droplet, "destroy", started=now))
            self._schedule.add(action.due, "gone", action.id)
            return action

    def initiate(
        self,
        droplet_id: int,
        type: str,
        parameters: Mapping[str, object] = _NO_PARAMETERS,
        *,
        outcome: Outcome = AS_USUAL,
        by_request: bool = True,
    ) -> Action | Refusal:
        """Accept an action on a Droplet, or say why not."""
        with self._settled() as now:
            droplet = self._droplets.get(droplet_id)
            if droplet is None:
                return refusals.NOT_FOUND
            change = self._plan(droplet, type, parameters)
            if isinstance(change, Refusal):
                return change
            action = self._action(
                droplet, type, started=now, outcome=outcome, parameters=parameters, by_request=by_request
            )
            return self._accept(action, change)

    def initiate_by_tag(
        self,
        tag: str,
        type: str,
        parameters: Mapping[str, object] = _NO_PARAMETERS,
        *,
        outcome: Outcome = AS_USUAL,
    ) -> Sequence[Action] | Refusal:
        """Accept an action on every Droplet with the tag; that there is none is no refusal."""
        with self._settled() as now:
            if type not in events.BULK_TYPES:
                return refusals.NOT_A_BULK_TYPE if type in events.RULES else refusals.UNKNOWN_TYPE
            droplets = [self._droplets[droplet_id] for droplet_id in self._tagged.get(tag, ())]
            planned = [(droplet, self._plan(droplet, type, parameters)) for droplet in droplets]
            for _, change in planned:
                if isinstance(change, Refusal) and not self._may_skip(change):
                    return change
            return [
                self._accept(
                    self._action(droplet, type, started=now, outcome=outcome, parameters=parameters, by_request=True),
                    change,
                )
                for droplet, change in planned
                if not isinstance(change, Refusal)
            ]

    @contextmanager
    def _settled(self) -> Generator[float, None, None]:
        """Hold the account still, with everything done that is due at the virtual second it yields."""
        with self._lock:
            now = self.clock.now()
            for happening, action_id in self._schedule.due(now):
                self._happen(happening, action_id)
            yield now

    def _happen(self, happening: Happening, action_id: int) -> None:
        action = self._ledger.get(action_id)
        assert action is not None  # noqa: S101 - nothing is ever taken out of the ledger
        droplet = self._droplets.get(action.droplet_id)
        if happening == "end":
            self._end(self._ledger.finish(action_id), droplet)
        elif droplet is None:
            self._changes.pop(action_id, None)
        elif happening == "change":
            self._droplets[droplet.id] = self._changes.pop(action_id)(droplet)
        else:
            self._remove(droplet)

    def _end(self, action: Action, droplet: Droplet | None) -> None:
        if droplet is None:
            return
        if action.type == "snapshot" and action.status == "completed":
            name = str(action.parameters["name"])
            snapshot_id = self._images.add(droplet, "snapshot", name=name, created=action.started)
            droplet = attrs.evolve(droplet, snapshot_ids=(*droplet.snapshot_ids, snapshot_id))
            self._droplets[droplet.id] = droplet
        if action.by_request and self._random.random() < self.behaviour.metadata_event_rate:
            self._begin(self._action(droplet, _METADATA_EVENT, started=action.due))

    def _remove(self, droplet: Droplet) -> None:
        del self._droplets[droplet.id]
        for tag in droplet.tags:
            self._tagged[tag].remove(droplet.id)

    def _plan(self, droplet: Droplet, type: str, parameters: Mapping[str, object]) -> Change | Refusal:
        if type in events.RULES and self._ledger.pending(droplet.id):
            return refusals.PENDING_EVENT
        images = self._images.of(droplet)
        order = events.Order(type=type, parameters=parameters, behaviour=self.behaviour, own_images=images)
        return events.plan(droplet, order)

    def _may_skip(self, refusal: Refusal) -> bool:
        return self.behaviour.bulk_refusals == "skipped" and refusal in refusals.STATE_REFUSALS

    def _action(
        self,
        droplet: Droplet,
        type: str,
        *,
        started: float,
        outcome: Outcome = AS_USUAL,
        parameters: Mapping[str, object] = _NO_PARAMETERS,
        by_request: bool = False,
    ) -> Action:
        usual = ERRORED_AFTER if outcome.errored else self._durations[type]
        return Action(
            id=self._ledger.take_id(),
            droplet_id=droplet.id,
            type=type,
            status="in-progress",
            started=started,
            due=started + (usual if outcome.duration is None else outcome.duration),
            region=droplet.region,
            outcome=outcome,
            parameters=MappingProxyType(dict(parameters)),
            by_request=by_request,
        )

    def _accept(self, action: Action, change: Change) -> Action:
        if not (action.outcome.errored or action.outcome.ignored):
            self._changes[action.id] = change
            self._schedule.add(max(action.due + action.outcome.lag, action.started), "change", action.id)
        return self._begin(action)

    def _begin(self, action: Action) -> Action:
        self._ledger.add(action)
        self._schedule.add(action.due, "end", action.id)
        return action
