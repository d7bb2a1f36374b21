"""The load balancers of an account."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

import attrs

from gradient_async.emulator import load_balancer_rules, refusals
from gradient_async.emulator.projects import Assignable, Project, ProjectStore
from gradient_async.emulator.refusals import Refusal
from gradient_async.emulator.vpcs import VPC, Member, VPCStore
from gradient_async.emulator.wire import JSONObject

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gradient_async.emulator.account import Account
    from gradient_async.emulator.visibility import ResourceTable

#: The second word of its URN, as the specification's examples have it.
KIND = "loadbalancer"
_SCOPE = "load_balancer:read"
_NAMESPACE = uuid.UUID("9a0c9f86-6c3f-4b0e-8f0f-0b6f1f0c7a11")
#: Virtual seconds from the request until it is active. A guess; creating and reading one takes two minutes at most
#: (hashicorp/terraform#12077).
_SECONDS_UNTIL_ACTIVE = 60.0
_RESIZE_PAUSE = 3600.0


@attrs.frozen(kw_only=True)
class LoadBalancer:
    """The state of one load balancer at one instant; a change makes a new value.

    Args:
        number: Its number among all that were ever created, from 1. This decides its addresses.
        settings: The requested settings, with the defaults.
        droplet_ids: The Droplets that were added by their ids.
        tag: The tag of its Droplets; empty for none.
        created: Virtual second of its creation.
        resized: Virtual second at which its number of nodes was set.
        is_active: It takes traffic and has its address.
    """

    id: str
    number: int
    name: str
    settings: JSONObject
    droplet_ids: tuple[int, ...]
    tag: str
    created: float
    resized: float
    is_active: bool = False

    @property
    def region(self) -> str:
        """Slug of its region, empty for a global one."""
        return str(self.settings.get("region", ""))

    @property
    def rules(self) -> list[JSONObject]:
        """Its forwarding rules."""
        found: list[JSONObject] = self.settings["forwarding_rules"]  # type: ignore[assignment] # checked when it was set
        return found

    def with_rules(self, rules: Sequence[JSONObject]) -> LoadBalancer:
        """Return the load balancer with other forwarding rules."""
        return attrs.evolve(self, settings={**self.settings, "forwarding_rules": list(rules)})


class LoadBalancerStore:
    """All load balancers of an account: `account.part(LoadBalancerStore)`.

    Args:
        account: The account.
    """

    def __init__(self, account: Account) -> None:
        self._account = account
        self._table: ResourceTable[str, LoadBalancer] = account.new_table()
        self._made = 0
        self._projects = account.part(ProjectStore)
        self._vpcs = account.part(VPCStore)
        self._projects.register(
            Assignable(
                kind=KIND,
                path="/v2/load_balancers/{}",
                scope=_SCOPE,
                ids=lambda: [one.id for one in self.listed()],
                has=lambda text: text in self._table.truth,
            )
        )
        self._vpcs.register(_SCOPE, self._in_vpc)
        account.on_droplet_removed(self._forget)

    def add(self, fields: JSONObject) -> LoadBalancer | Refusal:
        """Create a load balancer, or return a refusal. It becomes active later.

        Args:
            fields: The request's body, without nulls.
        """
        fields = load_balancer_rules.without_empty(fields)
        settings = self._checked(fields)
        if isinstance(settings, Refusal):
            return settings
        name = str(fields.get("name", f"{settings.get('region', 'global')}-load-balancer-{self._made + 1:02}"))  # guess
        if self._is_taken(name):
            return load_balancer_rules.NAME_TAKEN
        self._made += 1
        with self._account.settled() as now:
            made = LoadBalancer(
                id=str(uuid.uuid5(_NAMESPACE, str(self._made))),
                number=self._made,
                name=name,
                settings=settings,
                droplet_ids=_droplet_ids(fields),
                tag=str(fields.get("tag", "")),
                created=now,
                resized=now,
            )
            self._table.put(made.id, made)
            self._assign(made.id, fields, now)
            self._account.after(_SECONDS_UNTIL_ACTIVE, lambda: self._activate(made.id))
        return made

    def find(self, lb_id: str) -> LoadBalancer | None:
        """Return the load balancer with that id as a read shows it, None if it shows none."""
        return self._table.shown(lb_id)

    def current(self, lb_id: str) -> LoadBalancer | None:
        """Return the load balancer with that id as it is, None if there is none."""
        return self._table.truth.get(lb_id)

    def listed(self) -> Sequence[LoadBalancer]:
        """Return all load balancers as the list shows them, oldest first."""
        return list(self._table.all_shown())

    def update(self, balancer: LoadBalancer, fields: JSONObject) -> LoadBalancer | Refusal:
        """Replace all settings of a load balancer, or return a refusal. A setting that is left out gets its default.

        Args:
            balancer: The load balancer.
            fields: The request's body, without nulls.
        """
        fields = load_balancer_rules.without_empty(fields)
        fixed = {name: balancer.settings[name] for name in load_balancer_rules.FIXED if name in balancer.settings}
        changed = next((name for name, value in fixed.items() if fields.get(name, value) != value), None)
        if changed is not None:
            return refusals.missing_field(changed)
        settings = self._checked({**fixed, **fields})
        if isinstance(settings, Refusal):
            return settings
        name = str(fields.get("name", balancer.name))  # guess: a name has no default
        if name != balancer.name and self._is_taken(name):
            return load_balancer_rules.NAME_TAKEN
        with self._account.settled() as now:
            resized = balancer.resized
            if settings["size_unit"] != balancer.settings["size_unit"]:
                if now - resized < _RESIZE_PAUSE:
                    return load_balancer_rules.RESIZED_LATELY
                resized = now
            self._assign(balancer.id, fields, now)
        return self._changed(
            attrs.evolve(
                balancer,
                name=name,
                settings=settings,
                droplet_ids=_droplet_ids(fields),
                tag=str(fields.get("tag", "")),
                resized=resized,
            )
        )

    def add_droplets(self, balancer: LoadBalancer, fields: JSONObject) -> LoadBalancer | Refusal:
        """Add Droplets to a load balancer, or return a refusal. Those that it has stay."""
        ids = self._ids_in(balancer, fields)
        if isinstance(ids, Refusal):
            return ids
        refusal = self._droplets_refusal(list(ids), balancer.region)
        both = tuple(dict.fromkeys((*balancer.droplet_ids, *ids)))
        return refusal or self._changed(attrs.evolve(balancer, droplet_ids=both))

    def remove_droplets(self, balancer: LoadBalancer, fields: JSONObject) -> LoadBalancer | Refusal:
        """Remove Droplets from a load balancer. A Droplet that it does not have is no refusal (guess)."""
        ids = self._ids_in(balancer, fields)
        if isinstance(ids, Refusal):
            return ids
        left = tuple(one for one in balancer.droplet_ids if one not in ids)
        return self._changed(attrs.evolve(balancer, droplet_ids=left))

    def add_rules(self, balancer: LoadBalancer, fields: JSONObject) -> LoadBalancer | Refusal:
        """Add forwarding rules to a load balancer, or return a refusal."""
        rules = load_balancer_rules.rules_of(fields)
        if isinstance(rules, Refusal):
            return rules
        taken = set(map(load_balancer_rules.entry_of, balancer.rules))
        if any(load_balancer_rules.entry_of(rule) in taken for rule in rules):
            return load_balancer_rules.RULE_IN_USE
        return self._changed(balancer.with_rules([*balancer.rules, *rules]))

    def remove_rules(self, balancer: LoadBalancer, fields: JSONObject) -> LoadBalancer | Refusal:
        """Remove forwarding rules from a load balancer. A rule that it does not have is no refusal (guess)."""
        rules = load_balancer_rules.rules_of(fields)
        if isinstance(rules, Refusal):
            return rules
        left = [rule for rule in balancer.rules if rule not in rules]
        return self._changed(balancer.with_rules(left)) if left else load_balancer_rules.LAST_RULE

    def delete(self, lb_id: str) -> bool:
        """Delete a load balancer at once; its Droplets stay. Return False if it is gone already."""
        if lb_id not in self._table.truth:
            return False
        self._table.remove(lb_id)
        self._projects.forget(KIND, lb_id)
        return True

    def droplet_ids_of(self, balancer: LoadBalancer) -> Sequence[int]:
        """Return its Droplets: those that were added by id, or those of its region that have its tag now."""
        if not balancer.tag:
            return balancer.droplet_ids
        tagged = self._account.tagged(balancer.tag)
        return [droplet.id for droplet in tagged if droplet.region == balancer.region]

    def project_of(self, balancer: LoadBalancer) -> str:
        """Return the id of the project that it is in."""
        return self._projects.project_of(KIND, balancer.id)

    def _checked(self, fields: JSONObject) -> JSONObject | Refusal:
        settings = load_balancer_rules.settings_of(fields)
        if isinstance(settings, Refusal):
            return settings
        region, is_global = str(settings.get("region", "")), settings["type"] == "GLOBAL"
        if not is_global and region not in {one.slug for one in self._account.catalogue.regions}:
            return refusals.missing_field("region")
        refusal = self._droplets_refusal(fields.get("droplet_ids", []), region)
        if refusal is not None:
            return refusal
        if "project_id" in fields and self._projects.find(str(fields["project_id"])) is None:
            return refusals.missing_field("project_id")
        if is_global:
            return settings
        vpc = self._vpc(settings, region)
        return refusals.missing_field("vpc_uuid") if vpc is None else {**settings, "vpc_uuid": vpc.id}

    def _vpc(self, settings: JSONObject, region: str) -> VPC | None:
        """Return the requested VPC, if it is in the region; the default one if none is requested."""
        if "vpc_uuid" not in settings:
            return self._vpcs.default_of(region)
        found = self._vpcs.find(str(settings["vpc_uuid"]))
        return found if found and found.region == region else None

    def _assign(self, lb_id: str, fields: JSONObject, now: float) -> None:
        project: Project | None = self._projects.find(str(fields.get("project_id", "")))
        if project is not None:
            self._projects.assign(project, KIND, lb_id, now)

    def _in_vpc(self, vpc: VPC) -> Iterator[Member]:
        for balancer in self.listed():
            if balancer.settings.get("vpc_uuid") == vpc.id:
                yield Member(kind=KIND, id=balancer.id, name=balancer.name, created=balancer.created)

    def _changed(self, balancer: LoadBalancer) -> LoadBalancer:
        self._table.put(balancer.id, balancer)
        return balancer

    def _ids_in(self, balancer: LoadBalancer, fields: JSONObject) -> tuple[int, ...] | Refusal:
        given = fields.get("droplet_ids")
        if not isinstance(given, list) or not given or not all(type(one) is int for one in given):
            return refusals.missing_field("droplet_ids")
        return load_balancer_rules.HAS_TAG if balancer.tag else tuple(given)

    def _droplets_refusal(self, ids: object, region: str) -> Refusal | None:
        """Return why it cannot have these Droplets. That they have to be in its region, if it has one, is a guess."""
        if not isinstance(ids, list):
            return refusals.missing_field("droplet_ids")
        for droplet_id in ids:
            droplet = self._account.droplet(droplet_id) if type(droplet_id) is int else None
            if droplet is None or region not in ("", droplet.region):
                return refusals.missing_field("droplet_ids")
        return None

    def _is_taken(self, name: str) -> bool:
        return any(one.name == name for one in self._table.truth.values())

    def _activate(self, lb_id: str) -> None:
        if lb_id in self._table.truth:
            self._table.put(lb_id, attrs.evolve(self._table.truth[lb_id], is_active=True))

    def _forget(self, droplet_id: int) -> None:
        for balancer in list(self._table.truth.values()):
            if droplet_id in balancer.droplet_ids:
                left = tuple(one for one in balancer.droplet_ids if one != droplet_id)
                self._table.put(balancer.id, attrs.evolve(balancer, droplet_ids=left))


def _droplet_ids(fields: JSONObject) -> tuple[int, ...]:
    given: list[int] = fields.get("droplet_ids", [])  # type: ignore[assignment] # checked
    return tuple(dict.fromkeys(given))
