"""The autoscale pools of an account, and their changes by time and load."""

from __future__ import annotations

import contextlib
import uuid
from functools import partial
from typing import TYPE_CHECKING, Literal

import attrs

from gradient_async.emulator import autoscale_rules, refusals
from gradient_async.emulator.account import RefusedError
from gradient_async.emulator.autoscale_pool import HistoryEvent, Member, Pool, Reason
from gradient_async.emulator.autoscale_rules import Load
from gradient_async.emulator.droplet_creation import DropletCreation
from gradient_async.emulator.projects import ProjectStore
from gradient_async.emulator.refusals import Refusal
from gradient_async.emulator.vpcs import VPCStore

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gradient_async.emulator.account import Account
    from gradient_async.emulator.visibility import ResourceTable
    from gradient_async.emulator.wire import JSONObject

_NAMESPACE = uuid.UUID("3f6c1f3e-52a0-4d0b-8f6e-7d2f0d5b9c21")
#: Virtual seconds until a pool acts on a change of its settings, its load or its Droplets (guess).
_REACTION = 5.0
#: Virtual seconds until a pool checks again whether its new Droplets are active (guess).
_SECOND_POLL = 10.0
#: Virtual seconds that a pool without Droplets takes to go; one with Droplets was seen `deleting` for longer
#: (digitalocean/terraform-provider-digitalocean#1605).
_SECONDS_TO_GO = 5.0


class AutoscalePools:
    """All autoscale pools of an account: `account.part(AutoscalePools)`.

    Args:
        account: The account.
    """

    def __init__(self, account: Account) -> None:
        self._account = account
        self._creation = account.part(DropletCreation)
        self._projects = account.part(ProjectStore)
        self._vpcs = account.part(VPCStore)
        self._table: ResourceTable[str, Pool] = account.new_table()
        self._history: dict[str, list[HistoryEvent]] = {}
        self._made = 0
        account.on_droplet_removed(self._forget)

    def add(self, fields: JSONObject) -> Pool | Refusal:
        """Create a pool, or return a refusal. Its Droplets are created a little later.

        Args:
            fields: The request's body, without nulls.
        """
        checked = self._checked(fields)
        if isinstance(checked, Refusal):
            return checked
        config, template = checked
        self._made += 1
        with self._account.settled() as now:
            pool_id = str(uuid.uuid5(_NAMESPACE, f"pool {self._made}"))
            pool = Pool(
                id=pool_id, name=str(fields["name"]), config=config, template=template, created=now, updated=now
            )
            self._put(pool)
            self._react(pool_id)
        return pool

    def update(self, pool_id: str, fields: JSONObject) -> Pool | Refusal:
        """Replace the settings of a pool, or return a refusal. A new template replaces its Droplets later."""
        pool = self._table.truth.get(pool_id)
        if pool is None:
            return refusals.NOT_FOUND
        checked = self._checked(fields, kept=pool.template)
        if isinstance(checked, Refusal):
            return checked
        config, template = checked
        if pool.is_deleting:
            return autoscale_rules.BEING_DELETED
        if fields["name"] != pool.name:
            return autoscale_rules.NAME_IS_FIXED
        with self._account.settled() as now:
            changed = self._put(
                attrs.evolve(
                    pool,
                    config=config,
                    template=template,
                    generation=pool.generation + (template != pool.template),
                    is_reconfigured=True,
                    updated=now,
                )
            )
            self._react(pool_id)
        return changed

    def set_load(self, pool_id: str, *, cpu: float = 0.0, memory: float = 0.0) -> None:
        """Set the load of all Droplets of a pool together, in Droplets: 1.5 keeps one and a half of them busy.

        Args:
            pool_id: The pool.
            cpu: Load of the CPUs.
            memory: Load of the memory.

        Raises:
            RefusedError: There is no such pool.
        """
        with self._account.settled():
            pool = self._table.truth.get(pool_id)
            if pool is None:
                raise RefusedError(refusals.NOT_FOUND)
            self._put(attrs.evolve(pool, load=Load(cpu=cpu, memory=memory)))
            self._react(pool_id)

    def find(self, pool_id: str) -> Pool | None:
        """Return the pool with that id as a read shows it, None if it shows none."""
        return self._table.shown(pool_id)

    def listed(self, name: str | None = None) -> Sequence[Pool]:
        """Return the pools as the list shows them, oldest first; only those with a name if it is given."""
        return [pool for pool in self._table.all_shown() if name is None or pool.name == name]

    def history_of(self, pool_id: str) -> Sequence[HistoryEvent]:
        """Return the changes of a pool, newest first (guess)."""
        return self._history.get(pool_id, [])[::-1]

    def active_count(self, pool: Pool) -> int:
        """Return how many of a pool's Droplets are active."""
        found = (self._account.droplet(one.droplet_id) for one in pool.members if not one.is_leaving)
        return sum(droplet is not None and droplet.status == "active" for droplet in found)

    def delete(self, pool_id: str, *, with_droplets: bool) -> Refusal | None:
        """Start to delete a pool, or return a refusal. A second call changes nothing (guess).

        Args:
            pool_id: The pool.
            with_droplets: Destroy its Droplets; otherwise they stay.
        """
        pool = self._table.truth.get(pool_id)
        if pool is None:
            return refusals.NOT_FOUND
        if pool.is_deleting:
            return None
        with self._account.settled() as now:
            self._put(
                attrs.evolve(
                    pool, is_deleting=True, updated=now, members=self._leaving(pool.members) if with_droplets else ()
                )
            )
            for member in pool.members if with_droplets else ():
                self._destroy(member.droplet_id)
            self._account.after(_SECONDS_TO_GO, partial(self._go, pool_id))
        return None

    def _checked(self, fields: JSONObject, kept: JSONObject | None = None) -> tuple[JSONObject, JSONObject] | Refusal:
        """Return the settings and the template in a body, or a refusal.

        Args:
            fields: The body.
            kept: The template that the pool has: a full account can still have fewer of its Droplets (guess).
        """
        if not isinstance(fields.get("name"), str) or not fields["name"]:
            return refusals.missing_field("name")
        config, template = autoscale_rules.config_of(fields), autoscale_rules.template_of(fields)
        for found in (config, template):
            if isinstance(found, Refusal):
                return found
        assert isinstance(config, dict)  # noqa: S101 - a refusal was returned
        assert isinstance(template, dict)  # noqa: S101 - likewise
        refusal = None if template == kept else self._template_refusal(template)
        return refusal or (config, template)

    def _template_refusal(self, template: JSONObject) -> Refusal | None:
        """Return why no Droplet can be made from a template, None if one can."""
        if "project_id" in template and self._projects.find(str(template["project_id"])) is None:
            return refusals.missing_field("droplet_template.project_id")
        vpc = self._vpcs.find(str(template["vpc_uuid"])) if "vpc_uuid" in template else None
        if "vpc_uuid" in template and (vpc is None or vpc.region != template["region"]):
            return refusals.missing_field("droplet_template.vpc_uuid")
        return self._creation.refusal_of(_droplet_fields(template, "member"))

    def _put(self, pool: Pool) -> Pool:
        self._table.put(pool.id, pool)
        return pool

    def _react(self, pool_id: str) -> None:
        self._account.after(_REACTION, partial(self._reconcile, pool_id))

    def _reconcile(self, pool_id: str) -> None:
        """Make or destroy Droplets, unless the pool has changed them too short a time ago."""
        pool = self._table.truth.get(pool_id)
        if pool is None or pool.is_deleting:
            return
        with self._account.settled() as now:
            staying = [one for one in pool.members if not one.is_leaving]
            present = [one for one in staying if one.generation == pool.generation]
            desired = autoscale_rules.desired_count(pool.config, self.active_count(pool), pool.load)
            if len(present) == desired == len(staying):
                self._put(attrs.evolve(pool, is_reconfigured=False))
                return
            pause = 0.0 if pool.changed is None else pool.changed + autoscale_rules.cooldown_of(pool.config) - now
            if pause > 0:
                self._account.after(pause, partial(self._reconcile, pool_id))
                return
            if len(present) < desired:
                self._scale_up(pool, len(staying), desired, now, count=desired - len(present))
            else:
                surplus = [one for one in staying if one.generation != pool.generation]
                surplus += present[: len(present) - desired]  # the oldest first (guess)
                self._scale_down(pool, len(staying), desired, now, surplus)
            self._account.after(autoscale_rules.cooldown_of(pool.config), partial(self._reconcile, pool_id))

    def _scale_up(self, pool: Pool, current: int, desired: int, now: float, *, count: int) -> None:
        event = self._begin(pool, current, desired, now, "SCALE_UP")
        made: list[Member] = []
        refusal: Refusal | None = None
        base = str(pool.template.get("name", pool.name))
        for number in range(pool.members_made + 1, pool.members_made + count + 1):
            created = self._creation.create(_droplet_fields(pool.template, f"{base}-{number}"))  # guess on the name
            if isinstance(created, Refusal):
                refusal = created
                break
            made += [Member(droplet_id=one.id, generation=pool.generation, created=now) for one in created]
        self._assign(pool, made, now)
        self._put(
            attrs.evolve(
                pool,
                members=(*pool.members, *made),
                members_made=pool.members_made + len(made),
                changed=now,
                is_reconfigured=False,
            )
        )
        if refusal is None:
            self._finish_later(pool.id, event, [one.droplet_id for one in made])
        else:
            self._end(pool.id, event, "error", refusal.message)

    def _assign(self, pool: Pool, made: Iterable[Member], now: float) -> None:
        project = self._projects.find(str(pool.template.get("project_id", "")))
        if project is not None:
            for member in made:
                self._projects.assign(project, "droplet", str(member.droplet_id), now)

    def _scale_down(self, pool: Pool, current: int, desired: int, now: float, surplus: Sequence[Member]) -> None:
        event = self._begin(pool, current, desired, now, "SCALE_DOWN")
        ids = {one.droplet_id for one in surplus}
        staying = [one for one in pool.members if one.droplet_id not in ids]
        self._put(
            attrs.evolve(
                pool, members=(*staying, *self._leaving(surplus)), changed=now, is_reconfigured=False, updated=now
            )
        )
        for droplet_id in ids:
            with contextlib.suppress(RefusedError):  # it is off already, or busy
                self._account.start(droplet_id, "shutdown")
            self._account.after(autoscale_rules.SECONDS_TO_SHUT_DOWN, partial(self._destroy, droplet_id))
        self._finish_later(pool.id, event, (), seconds=autoscale_rules.SECONDS_TO_SHUT_DOWN)

    def _begin(self, pool: Pool, current: int, desired: int, now: float, reason: Reason) -> HistoryEvent:
        events = self._history.setdefault(pool.id, [])
        event = HistoryEvent(
            id=str(uuid.uuid5(_NAMESPACE, f"{pool.id} event {len(events)}")),
            current=current,
            desired=desired,
            reason="CONFIGURATION_CHANGE" if pool.is_reconfigured else reason,
            created=now,
            updated=now,
        )
        events.append(event)
        return event

    def _finish_later(
        self, pool_id: str, event: HistoryEvent, droplet_ids: Sequence[int], *, seconds: float = _SECOND_POLL
    ) -> None:
        """End an event as soon as its new Droplets are active; one that is gone counts as an error."""

        def poll() -> None:
            droplets = [self._account.droplet(one) for one in droplet_ids]
            if any(droplet is None for droplet in droplets):
                self._end(pool_id, event, "error", "A Droplet could not be created.")
            elif any(droplet is not None and droplet.status == "new" for droplet in droplets):
                self._account.after(_SECOND_POLL, poll)
            else:
                self._end(pool_id, event, "success")

        self._account.after(seconds, poll)

    def _end(self, pool_id: str, event: HistoryEvent, status: Literal["success", "error"], reason: str = "") -> None:
        with self._account.settled() as now:
            events = self._history[pool_id]
            place = next(index for index, one in enumerate(events) if one.id == event.id)
            events[place] = attrs.evolve(event, status=status, updated=now, error_reason=reason)

    def _leaving(self, members: Iterable[Member]) -> tuple[Member, ...]:
        return tuple(attrs.evolve(one, is_leaving=True) for one in members)

    def _destroy(self, droplet_id: int) -> None:
        with contextlib.suppress(RefusedError):  # it is gone already
            self._account.destroy(droplet_id)

    def _go(self, pool_id: str) -> None:
        pool = self._table.truth.get(pool_id)
        if pool is not None and not pool.members:
            self._table.remove(pool_id)

    def _forget(self, droplet_id: int) -> None:
        """Forget a Droplet that was removed. The pool creates another one, unless it removed this one itself."""
        for pool in list(self._table.truth.values()):
            if any(one.droplet_id == droplet_id for one in pool.members):
                left = tuple(one for one in pool.members if one.droplet_id != droplet_id)
                self._put(attrs.evolve(pool, members=left))
                if pool.is_deleting:
                    self._go(pool.id)
                else:
                    self._react(pool.id)


def _droplet_fields(template: JSONObject, name: str) -> JSONObject:
    """Return the body of a create of one Droplet. A key's id is a text in a template, and a number there."""
    keys: list[object] = template["ssh_keys"]  # type: ignore[assignment] # checked
    numbers = [int(key) if isinstance(key, str) and key.isdecimal() else key for key in keys]
    known = {field: value for field, value in template.items() if field != "project_id"}
    return {**known, "ssh_keys": numbers, "name": name}
