"""The firewalls of an account, and their changes on the Droplets."""

from __future__ import annotations

import re
import uuid
from functools import partial
from typing import TYPE_CHECKING

import attrs

from gradient_async.emulator import refusals
from gradient_async.emulator.firewall_rules import MAX_RULES, Rule
from gradient_async.emulator.load_balancers import LoadBalancerStore
from gradient_async.emulator.refusals import Refusal
from gradient_async.emulator.tags import TagStore

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gradient_async.emulator.account import Account
    from gradient_async.emulator.droplets import Droplet
    from gradient_async.emulator.visibility import ResourceTable

# docs.digitalocean.com/products/networking/firewalls/details/limits
MAX_DROPLETS = 10
MAX_TAGS = 5
#: Virtual seconds until the Droplets of a firewall have a change (guess).
APPLY_SECONDS = 5.0

_NAMESPACE = uuid.UUID("7d9b3f6e-2f0e-4c8b-9a53-0f2f3a6f9f11")
_NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9.\-]+")

# harmony-one/harmony-ops#390
_DUPLICATE_NAME = Refusal(409, "conflict", "duplicate name")
_BAD_NAME = refusals.unprocessable("You must specify a valid name for the firewall.")  # guess
# Seen with the texts of unknown references (telleztec/aiform, probes/transcripts/digitalocean_firewall).
_NO_RULES = refusals.unprocessable("must have at least one rule")
_TOO_MANY_RULES = refusals.unprocessable(f"A firewall can have at most {MAX_RULES} rules.")  # guess on the text
_TOO_MANY_DROPLETS = refusals.unprocessable(f"A firewall can have at most {MAX_DROPLETS} Droplets.")  # likewise
_TOO_MANY_TAGS = refusals.unprocessable(f"A firewall can have at most {MAX_TAGS} tags.")  # likewise


@attrs.frozen(kw_only=True)
class PendingChange:
    """A Droplet that does not have a firewall's last change yet."""

    droplet_id: int
    removing: bool = False


@attrs.frozen(kw_only=True)
class FirewallSettings:
    """The settings of a firewall in a request."""

    name: str
    inbound_rules: tuple[Rule, ...] = ()
    outbound_rules: tuple[Rule, ...] = ()
    droplet_ids: tuple[int, ...] = ()
    tags: tuple[str, ...] = ()

    @property
    def rules(self) -> Sequence[Rule]:
        """The rules of both directions."""
        return (*self.inbound_rules, *self.outbound_rules)

    @property
    def named_droplets(self) -> frozenset[int]:
        """The Droplets that it names, in its rules too."""
        return frozenset((*self.droplet_ids, *(one for rule in self.rules for one in rule.target.droplet_ids)))

    @property
    def named_tags(self) -> frozenset[str]:
        """The tags that it names, in its rules too."""
        return frozenset((*self.tags, *(one for rule in self.rules for one in rule.target.tags)))

    @property
    def named_balancers(self) -> frozenset[str]:
        """The load balancers that its rules name."""
        return frozenset(one for rule in self.rules for one in rule.target.load_balancer_uids)

    def plus(self, other: FirewallSettings) -> FirewallSettings:
        """Return these settings with the entries of others, each once."""
        return attrs.evolve(
            self,
            inbound_rules=tuple(dict.fromkeys((*self.inbound_rules, *other.inbound_rules))),
            outbound_rules=tuple(dict.fromkeys((*self.outbound_rules, *other.outbound_rules))),
            droplet_ids=tuple(dict.fromkeys((*self.droplet_ids, *other.droplet_ids))),
            tags=tuple(dict.fromkeys((*self.tags, *other.tags))),
        )

    def minus(self, other: FirewallSettings) -> FirewallSettings:
        """Return these settings without the entries of others."""
        return attrs.evolve(
            self,
            inbound_rules=tuple(rule for rule in self.inbound_rules if rule not in other.inbound_rules),
            outbound_rules=tuple(rule for rule in self.outbound_rules if rule not in other.outbound_rules),
            droplet_ids=tuple(one for one in self.droplet_ids if one not in other.droplet_ids),
            tags=tuple(tag for tag in self.tags if tag not in other.tags),
        )


@attrs.frozen(kw_only=True)
class Firewall:
    """The state of one firewall at one instant; a change makes a new value.

    Args:
        created: Virtual second of its creation.
        version: Counts the changes.
        pending: The Droplets that do not have the last change yet.
    """

    id: str
    settings: FirewallSettings
    created: float
    version: int = 1
    pending: tuple[PendingChange, ...] = ()

    @property
    def status(self) -> str:
        """`"waiting"` until all Droplets have the last change. It never fails here."""
        return "waiting" if self.pending else "succeeded"

    def protects(self, droplet: Droplet) -> bool:
        """Return whether the Droplet was added to it, or has one of its tags."""
        return droplet.id in self.settings.droplet_ids or not set(self.settings.tags).isdisjoint(droplet.tags)


class FirewallStore:
    """All firewalls of an account: `account.part(FirewallStore)`.

    Args:
        account: The account.
    """

    def __init__(self, account: Account) -> None:
        self._account = account
        self._tags = account.part(TagStore)
        self._table: ResourceTable[str, Firewall] = account.new_table()
        self._made = 0
        account.on_droplet_removed(self._forget)

    def create(self, settings: FirewallSettings) -> Firewall | Refusal:
        """Create a firewall, or return a refusal."""
        refusal = self._refusal(settings)
        if refusal:
            return refusal
        self._made += 1
        with self._account.settled() as now:
            firewall = Firewall(id=str(uuid.uuid5(_NAMESPACE, str(self._made))), settings=settings, created=now)
            return self._apply(firewall, before=frozenset())

    def change(self, firewall: Firewall, settings: FirewallSettings) -> Firewall | Refusal:
        """Change the settings of a firewall, or return a refusal."""
        refusal = self._refusal(settings, of=firewall)
        if refusal:
            return refusal
        before = self._protected(firewall)
        return self._apply(attrs.evolve(firewall, settings=settings, version=firewall.version + 1), before=before)

    def find(self, firewall_id: str) -> Firewall | None:
        """Return the firewall with that id as a read shows it."""
        return self._table.shown(firewall_id)

    def truth(self, firewall_id: str) -> Firewall | None:
        """Return the firewall with that id as it is."""
        return self._table.truth.get(firewall_id)

    def listed(self) -> Sequence[Firewall]:
        """Return all firewalls as the list shows them, oldest first."""
        return list(self._table.all_shown())

    def protecting(self, droplet: Droplet) -> Sequence[Firewall]:
        """Return the firewalls of a Droplet as the list shows them, oldest first."""
        return [firewall for firewall in self._table.all_shown() if firewall.protects(droplet)]

    def delete(self, firewall_id: str) -> bool:
        """Delete a firewall; return False if it does not exist."""
        if firewall_id not in self._table.truth:
            return False
        self._table.remove(firewall_id)
        return True

    def _refusal(self, settings: FirewallSettings, *, of: Firewall | None = None) -> Refusal | None:
        if not _NAME.fullmatch(settings.name):
            return _BAD_NAME
        others = (one for one in self._table.truth.values() if of is None or one.id != of.id)
        if any(other.settings.name == settings.name for other in others):
            return _DUPLICATE_NAME
        if not settings.rules:
            return _NO_RULES
        limits = (
            (len(settings.rules) > MAX_RULES, _TOO_MANY_RULES),
            (len(settings.droplet_ids) > MAX_DROPLETS, _TOO_MANY_DROPLETS),
            (len(settings.tags) > MAX_TAGS, _TOO_MANY_TAGS),
        )
        return next((refusal for is_over, refusal in limits if is_over), self._reference_refusal(settings, of))

    def _reference_refusal(self, settings: FirewallSettings, of: Firewall | None) -> Refusal | None:
        """Return why the settings cannot refer to something. That tags must exist is documented.

        What a firewall names already may be gone (guess): else it could not be changed any more. Kubernetes clusters
        are not checked.
        """
        known = of.settings if of else FirewallSettings(name="")
        for droplet_id in settings.named_droplets - known.named_droplets:
            if self._account.droplet(droplet_id) is None:
                return refusals.unprocessable("droplet does not exist")
        for tag in settings.named_tags - known.named_tags:
            if not self._tags.has(tag):
                return refusals.unprocessable(f"tag {tag} does not exist")
        for balancer_id in settings.named_balancers - known.named_balancers:
            if self._account.part(LoadBalancerStore).current(balancer_id) is None:
                return refusals.unprocessable("load balancer does not exist")
        return None

    def _protected(self, firewall: Firewall) -> frozenset[int]:
        return frozenset(one.id for one in self._account.droplets.values() if firewall.protects(one))

    def _apply(self, firewall: Firewall, *, before: frozenset[int]) -> Firewall:
        """Store a firewall's new state. Its Droplets have it a moment later."""
        after = self._protected(firewall)
        removed = (PendingChange(droplet_id=one, removing=True) for one in sorted(before - after))
        pending = (*(PendingChange(droplet_id=one) for one in sorted(after)), *removed)
        changed = attrs.evolve(firewall, pending=pending)
        self._table.put(changed.id, changed)
        if pending:
            self._account.after(APPLY_SECONDS, partial(self._applied, changed.id, changed.version))
        return changed

    def _applied(self, firewall_id: str, version: int) -> None:
        firewall = self._table.truth.get(firewall_id)
        if firewall is not None and firewall.version == version:
            self._table.put(firewall_id, attrs.evolve(firewall, pending=()))

    def _forget(self, droplet_id: int) -> None:
        """Remove a Droplet that was removed from its firewalls too. Rules that name it stay as they are (guess)."""
        for firewall in list(self._table.truth.values()):
            settings = firewall.settings
            pending = tuple(one for one in firewall.pending if one.droplet_id != droplet_id)
            kept = tuple(one for one in settings.droplet_ids if one != droplet_id)
            if pending != firewall.pending or kept != settings.droplet_ids:
                left = attrs.evolve(firewall, settings=attrs.evolve(settings, droplet_ids=kept), pending=pending)
                self._table.put(firewall.id, left)
