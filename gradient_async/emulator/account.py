"""The account: Droplets, their actions, and the changes of both over time. No I/O; the time comes from a Clock."""

from __future__ import annotations

from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeVar

import attrs

from gradient_async.emulator import droplet_rules, refusals
from gradient_async.emulator.actions import AS_USUAL, Action, Change, Event, Outcome
from gradient_async.emulator.capacity import Capacity
from gradient_async.emulator.costs import CostLedger
from gradient_async.emulator.droplet_views import DropletViews
from gradient_async.emulator.droplets import Droplet, DropletSpec, droplet_from
from gradient_async.emulator.profiles import Behaviour, Durations
from gradient_async.emulator.public_catalogue import PUBLIC_CATALOGUE
from gradient_async.emulator.refusals import Refusal
from gradient_async.emulator.tags import TagStore

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from gradient_async.emulator.catalogue import Catalogue
    from gradient_async.emulator.clock import Clock
    from gradient_async.emulator.visibility import Visibility

#: The documentation's example Droplet.
FIRST_DROPLET_ID = 3164444

_DAY = 86_400.0
_AGE_AT_START = 30 * _DAY
_METADATA_EVENT = "droplet_metadata_create"

_NO_PARAMETERS: Mapping[str, object] = MappingProxyType({})

Part = TypeVar("Part")


class RefusedError(Exception):
    """The account refused a direct call of a test."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(f"{refusal.status} {refusal.message}")
        self.refusal = refusal


class Account(DropletViews):
    """Droplets and actions of one account, brought up to date at every access.

    Nothing runs in the background: each call first settles what has become due. All methods may be called
    from any thread. The records handed out are frozen; a later call gives new ones. What the methods give is the
    truth; `shown_droplet`, `listed_droplets`, `tagged`, `readable_action` and `action_page` give what a view shows.

    Args:
        clock: The account's time.
        behaviour: Readings of conflicting evidence.
        durations: Virtual seconds by action type, in place of the profile's.
        seed: Makes ids and chances repeatable.
        visibility: How far the views lag behind the truth.
        catalogue: The regions, sizes, images and quotas; None is the public catalogue.

    Attributes:
        catalogue: The regions, sizes, images and quotas. It can be replaced at any time.

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
        visibility: Visibility | None = None,
        catalogue: Catalogue | None = None,
    ) -> None:
        super().__init__(clock, behaviour, visibility, seed)
        self.catalogue: Catalogue = catalogue or PUBLIC_CATALOGUE
        self._durations = Durations(durations or {}, seed=seed)
        self._parts: dict[object, object] = {}
        self._next_droplet_id = FIRST_DROPLET_ID
        self._removal_callbacks: list[Callable[[int], None]] = [self._images.forget_backups]
        self._tags = self.part(TagStore)
        self._costs = self.part(CostLedger)

    def tagged(self, tag: str) -> Sequence[Droplet]:
        """Return the Droplets that the view by tag shows for a tag (which is case-sensitive), oldest first."""
        with self.settled():
            if self._droplets.has_lag():
                return [droplet for droplet in self._droplets.all_shown("tag") if tag in droplet.tags]
            return [self._droplets.truth[int(droplet_id)] for droplet_id in sorted(self._tags.ids(tag, "droplet"))]

    def add(self, spec: DropletSpec, *, outcome: Outcome = AS_USUAL) -> Droplet:
        """Add a Droplet to the account: with an age of one month, or created now if its status is `"new"`.

        Args:
            spec: The Droplet.
            outcome: The outcome of the `create` action of a new one. If the action fails, the Droplet is removed, as
                when there is no capacity for it.
        """
        with self.settled() as now:
            is_new = spec.status == "new"
            created = now if is_new else -_AGE_AT_START
            droplet = droplet_from(spec, self.catalogue, droplet_id=self.take_droplet_id(), created=created)
            if spec.backups:
                backup_id = self._images.add(droplet, "backup", name=f"{droplet.name}-backup", created=-_DAY)
                droplet = attrs.evolve(droplet, backup_ids=(backup_id,))
            return self.admit(droplet, outcome=outcome)

    def take_droplet_id(self) -> int:
        """Return an id for a new Droplet, larger than all earlier ones."""
        self._next_droplet_id += 1
        return self._next_droplet_id - 1

    def admit(self, droplet: Droplet, *, outcome: Outcome = AS_USUAL) -> Droplet:
        """Add a Droplet to the account, and start the `create` action of a new one. Nothing is checked here.

        Args:
            droplet: The Droplet, with an id of its own.
            outcome: As for `add`.
        """
        with self.settled() as now:
            tags = self._tags.put_on("droplet", droplet.id, droplet.tags, since=droplet.created)
            droplet = attrs.evolve(droplet, tags=tags) if tags != droplet.tags else droplet
            self._droplets.put(droplet.id, droplet, since=droplet.created)
            self._costs.follow(droplet, now)
            if droplet.status == "new":
                self._create(droplet, outcome)
            elif self.behaviour.history:
                event = self._event(droplet, "create")
                self._ledger.add(self._action(event, started=droplet.created).finished())
            return droplet

    def start(self, droplet_id: int, type: str, *, outcome: Outcome = AS_USUAL, **parameters: object) -> Action:
        """Start an action without a request, as another program or the control panel would.

        Raises:
            RefusedError: The Droplet does not exist or cannot take the action now.
        """
        accepted = self.initiate(droplet_id, type, parameters, outcome=outcome, by_request=False)
        if isinstance(accepted, Refusal):
            raise RefusedError(accepted)
        return accepted

    def destroy(self, droplet_id: int) -> Action:
        """Destroy a Droplet, as another program would. It is gone at the end of the `destroy` action.

        Raises:
            RefusedError: There is no such Droplet.
        """
        with self.settled():
            droplet = self._droplets.truth.get(droplet_id)
            if droplet is None:
                raise RefusedError(refusals.NOT_FOUND)
            event = self._event(droplet, "destroy")
            return self.begin(attrs.evolve(event, effect=partial(self.remove, droplet_id)))

    def remove(self, droplet_id: int) -> None:
        """Remove a Droplet at once, without an action; do nothing if it does not exist."""
        with self.settled():
            if droplet_id in self._droplets.truth:
                self._droplets.remove(droplet_id)
                self._tags.forget("droplet", droplet_id)
                self._costs.close(droplet_id, self._now())
                for callback in self._removal_callbacks:
                    callback(droplet_id)

    def duration_of(self, action_type: str) -> float:
        """Return the virtual seconds that an action on another resource than a Droplet takes."""
        return self._durations.fixed(action_type)

    def on_droplet_removed(self, callback: Callable[[int], None]) -> None:
        """Register a callback for each Droplet that is removed, for example to detach its volumes.

        Args:
            callback: Takes the Droplet's id, after the removal, while the account is locked.
        """
        self._removal_callbacks.append(callback)

    def change(self, droplet_id: int, change: Change, *, lag: float = 0.0) -> None:
        """Change a Droplet at once, without an action; do nothing if it does not exist.

        Args:
            droplet_id: The Droplet.
            change: Returns the new state for the old one.
            lag: Virtual seconds for which the views show the old state.
        """
        with self.settled():
            droplet = self._droplets.truth.get(droplet_id)
            if droplet is not None and (changed := change(droplet)) is not droplet:
                self._droplets.put(droplet_id, changed, lag=lag)
                self._costs.follow(changed, self._now())
                if changed.tags != droplet.tags:
                    self._tags.follow("droplet", droplet_id, changed.tags)

    def initiate(
        self,
        droplet_id: int,
        type: str,
        parameters: Mapping[str, object] = _NO_PARAMETERS,
        *,
        outcome: Outcome = AS_USUAL,
        by_request: bool = True,
    ) -> Action | Refusal:
        """Start an action on a Droplet, or return a refusal."""
        with self.settled():
            droplet = self._droplets.truth.get(droplet_id)
            if droplet is None:
                return refusals.NOT_FOUND
            change = self._plan(droplet, type, parameters)
            if isinstance(change, Refusal):
                return change
            return self._accept(droplet, type, change, parameters, outcome, by_request=by_request)

    def initiate_by_tag(
        self,
        tag: str,
        type: str,
        parameters: Mapping[str, object] = _NO_PARAMETERS,
        *,
        outcome: Outcome = AS_USUAL,
    ) -> Sequence[Action] | Refusal:
        """Start an action on every Droplet with the tag. A tag without Droplets is no refusal."""
        with self.settled():
            if type not in droplet_rules.BULK_TYPES:
                return refusals.NOT_A_BULK_TYPE if type in droplet_rules.RULES else refusals.UNKNOWN_TYPE
            ids = [droplet.id for droplet in self.tagged(tag)]
            droplets = [self._droplets.truth[droplet_id] for droplet_id in ids if droplet_id in self._droplets.truth]
            planned = [(droplet, self._plan(droplet, type, parameters)) for droplet in droplets]
            for _, change in planned:
                if isinstance(change, Refusal) and not self._may_skip(change):
                    return change
            return [
                self._accept(droplet, type, change, parameters, outcome, by_request=True)
                for droplet, change in planned
                if not isinstance(change, Refusal)
            ]

    def delete_image(self, image_id: int) -> Refusal | None:
        """Delete a snapshot or backup, or return a refusal."""
        with self.settled():
            refusal = self._images.delete(image_id)
            if refusal is None:
                self._tags.forget("image", image_id)
                for droplet in list(self._droplets.truth.values()):
                    if image_id in (*droplet.snapshot_ids, *droplet.backup_ids):
                        self.change(droplet.id, partial(_without_image, image_id=image_id))
            return refusal

    def part(self, kind: Callable[[Account], Part]) -> Part:
        """Return the account's one instance of a store class. The first call creates it.

        Args:
            kind: The class, which takes the account.
        """
        with self._lock:
            if kind not in self._parts:
                self._parts[kind] = kind(self)
            found: Part = self._parts[kind]  # type: ignore[assignment] # the key says what it is
            return found

    def _create(self, droplet: Droplet, outcome: Outcome) -> None:
        event = self._event(droplet, "create", outcome=outcome)
        effect, failure = partial(self._become_active, droplet.id), partial(self.remove, droplet.id)
        self.begin(attrs.evolve(event, effect=effect, failure=failure))

    def _become_active(self, droplet_id: int) -> None:
        has_address = self.behaviour.address_lag == 0
        self.change(droplet_id, lambda droplet: attrs.evolve(droplet, status="active", has_address=has_address))
        if not has_address:
            arrive = partial(self.change, droplet_id, partial(attrs.evolve, has_address=True))
            self.after(self.behaviour.address_lag, arrive)

    def _has_ended(self, action: Action) -> None:
        droplet = None if action.droplet_id is None else self._droplets.truth.get(action.droplet_id)
        is_of_user = action.by_request or action.type == "create"
        if droplet and is_of_user and self._random.random() < self.behaviour.metadata_event_rate:
            self.begin(self._event(droplet, _METADATA_EVENT))

    def _plan(self, droplet: Droplet, type: str, parameters: Mapping[str, object]) -> Change | Refusal:
        if type in droplet_rules.RULES and self._ledger.pending(("droplet", droplet.id)):
            return refusals.PENDING_EVENT
        asked = droplet_rules.ActionRequest(
            type=type,
            parameters=parameters,
            behaviour=self.behaviour,
            catalogue=self.part(Capacity).offer(),
            own_images=self._images.of(droplet),
        )
        # Like every view, the check may see an older power state than the real one.
        seen = self._droplets.shown(droplet.id, "check") or droplet
        return droplet_rules.plan(attrs.evolve(droplet, status=seen.status), asked)

    def _may_skip(self, refusal: Refusal) -> bool:
        return self.behaviour.bulk_refusals == "skipped" and refusal in refusals.STATE_REFUSALS

    def _accept(
        self,
        droplet: Droplet,
        type: str,
        change: Change,
        parameters: Mapping[str, object],
        outcome: Outcome,
        *,
        by_request: bool,
    ) -> Action:
        started = self._now()

        def effect() -> None:
            self.change(droplet.id, change, lag=max(outcome.lag, 0.0))
            if type == "snapshot":
                self._keep_snapshot(droplet.id, str(parameters["name"]), started, lag=max(outcome.lag, 0.0))

        event = Event(
            type=type,
            resource=("droplet", droplet.id),
            region=droplet.region,
            duration=self._durations.of(type, droplet),
            effect=effect,
            outcome=outcome,
            parameters=MappingProxyType(dict(parameters)),
            by_request=by_request,
        )
        return self.begin(event)

    def _keep_snapshot(self, droplet_id: int, name: str, started: float, *, lag: float) -> None:
        droplet = self._droplets.truth.get(droplet_id)
        if droplet is not None:
            snapshot_id = self._images.add(droplet, "snapshot", name=name, created=started)
            self.change(droplet_id, partial(attrs.evolve, snapshot_ids=(*droplet.snapshot_ids, snapshot_id)), lag=lag)

    def _event(self, droplet: Droplet, type: str, *, outcome: Outcome = AS_USUAL) -> Event:
        return Event(
            type=type,
            resource=("droplet", droplet.id),
            region=droplet.region,
            duration=self._durations.of(type, droplet),
            outcome=outcome,
        )


def _without_image(droplet: Droplet, *, image_id: int) -> Droplet:
    return attrs.evolve(
        droplet,
        snapshot_ids=tuple(one for one in droplet.snapshot_ids if one != image_id),
        backup_ids=tuple(one for one in droplet.backup_ids if one != image_id),
    )
