"""The reserved IPs of an account: addresses that can move from Droplet to Droplet."""

from __future__ import annotations

import ipaddress
from functools import partial
from typing import TYPE_CHECKING

import attrs

from gradient_async.emulator import refusals
from gradient_async.emulator.actions import AS_USUAL, Action, Event, Outcome
from gradient_async.emulator.associated_resources import Associated, AssociatedResources
from gradient_async.emulator.projects import Assignable, ProjectStore
from gradient_async.emulator.refusals import Refusal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gradient_async.emulator.account import Account
    from gradient_async.emulator.actions import ResourceKey
    from gradient_async.emulator.visibility import ResourceTable

#: Virtual seconds of an assignment, as in the documentation's example; the other direction is a guess.
ASSIGN_SECONDS = 11.0

_KIND = "reserved_ip"
# 198.18.0.0/15 is for tests of networks, so that no client reaches a real machine by mistake. Droplets have its first
# half, load balancers begin at 198.19.0.1.
_FIRST_ADDRESS = int(ipaddress.IPv4Address("198.19.128.1"))
_MAX_ADDRESSES = 2**15 - 2
# US dollars a month without a Droplet, as in the documentation's example of associated resources.
_PRICE = "4.00"
# The kind in the URN of a project's resource: `do:floatingip:45.55.96.47`.
_PROJECT_KIND = "floatingip"

# digitalocean/doctl#493
_PENDING_EVENT = refusals.unprocessable("The floating IP already has a pending event.")
_UNKNOWN_REGION = refusals.unprocessable("The region does not exist or has no reserved IPs.")  # guess
_UNKNOWN_DROPLET = refusals.unprocessable("The Droplet does not exist.")  # guess on the text
_OVER_LIMIT = refusals.unprocessable(
    "creating this reserved IP will exceed your reserved IP limit"
)  # guess on the text
# That a Droplet has one reserved IP at most, of its region, is documented; the texts are guesses.
_DROPLET_HAS_ONE = refusals.unprocessable("The Droplet already has a reserved IP.")
_OTHER_REGION = refusals.unprocessable("The reserved IP and the Droplet are in different regions.")
# That this is a 422 is known from clients that ignore it; the text is a guess.
_NOT_ASSIGNED = refusals.unprocessable("The reserved IP is not assigned to a Droplet.")


@attrs.frozen(kw_only=True)
class ReservedIP:
    """The state of one reserved IP at one instant; a change makes a new value.

    Args:
        droplet_id: The Droplet that has it; None is none.
    """

    ip: str
    region: str
    droplet_id: int | None = None

    @property
    def key(self) -> ResourceKey:
        """The key of its actions. Their `resource_id` is the address as a number (digitalocean/doctl#493)."""
        return _KIND, int(ipaddress.IPv4Address(self.ip))


class ReservedIPStore:
    """All reserved IPs of an account: `account.part(ReservedIPStore)`.

    Args:
        account: The account.
    """

    def __init__(self, account: Account) -> None:
        self._account = account
        self._table: ResourceTable[str, ReservedIP] = account.new_table()
        self._made = 0
        account.on_droplet_removed(self._release)
        self._projects = account.part(ProjectStore)
        self._projects.register(
            Assignable(
                kind=_PROJECT_KIND,
                path="/v2/floating_ips/{}",
                scope="reserved_ip:read",
                ids=lambda: [one.ip for one in self.listed()],
                has=lambda ip: ip in self._table.truth,
            )
        )
        associated = account.part(AssociatedResources)
        for kind in ("reserved_ips", "floating_ips"):
            associated.register(kind, self._associated, lambda text: self.delete(_address(text)))

    def reserve(self, region: str, project_id: str | None = None) -> ReservedIP | Refusal:
        """Add an address of a region, or return a refusal."""
        catalogue = self._account.catalogue
        if not any(one.slug == region for one in catalogue.regions):
            return _UNKNOWN_REGION
        if len(self._table.truth) >= min(catalogue.reserved_ip_limit, _MAX_ADDRESSES):
            return _OVER_LIMIT
        project = None if project_id is None else self._projects.find(project_id)
        if project_id is not None and project is None:
            return refusals.NOT_FOUND  # guess
        address = str(ipaddress.IPv4Address(_FIRST_ADDRESS + self._made % _MAX_ADDRESSES))
        self._made += 1
        made = ReservedIP(ip=address, region=region)
        self._table.put(address, made)
        if project is not None:
            with self._account.settled() as now:
                self._projects.assign(project, _PROJECT_KIND, address, now)
        # The action has ended when the answer arrives, as in the documentation's example.
        self._account.begin(Event(type="reserve_ip", resource=made.key, region=region, duration=0.0, blocks=()))
        return made

    def reserve_for(self, droplet_id: int, outcome: Outcome) -> tuple[ReservedIP, Action] | Refusal:
        """Add an address and start to assign it to a Droplet, or return a refusal."""
        droplet = self._account.droplet(droplet_id)
        refusal = _UNKNOWN_DROPLET if droplet is None else self._droplet_refusal(droplet_id)
        if droplet is None or refusal is not None:
            return refusal or _UNKNOWN_DROPLET
        made = self.reserve(droplet.region)
        if isinstance(made, Refusal):
            return made
        return made, self._begin_assigning(made, droplet_id, outcome)

    def assign(self, found: ReservedIP, droplet_id: int, outcome: Outcome = AS_USUAL) -> Action | Refusal:
        """Start to assign an IP to a Droplet, or return a refusal. The Droplet that has it loses it."""
        droplet = self._account.droplet(droplet_id)
        if self._account.pending_on(found.key):
            return _PENDING_EVENT
        if droplet is None:
            return _UNKNOWN_DROPLET
        if droplet.region != found.region:
            return _OTHER_REGION
        return self._droplet_refusal(droplet_id) or self._begin_assigning(found, droplet_id, outcome)

    def unassign(self, found: ReservedIP, outcome: Outcome = AS_USUAL) -> Action | Refusal:
        """Start to unassign an IP from its Droplet, or return a refusal."""
        if self._account.pending_on(found.key):
            return _PENDING_EVENT
        if found.droplet_id is None:
            return _NOT_ASSIGNED
        if self._account.pending(found.droplet_id):
            return refusals.PENDING_EVENT
        return self._begin(found, "unassign_ip", found.droplet_id, None, outcome)

    def find(self, ip: str) -> ReservedIP | None:
        """Return the IP as a read shows it."""
        return self._table.shown(ip)

    def truth(self, ip: str) -> ReservedIP | None:
        """Return the IP as it is."""
        return self._table.truth.get(ip)

    def listed(self) -> Sequence[ReservedIP]:
        """Return all IPs as the list shows them, oldest first."""
        return list(self._table.all_shown())

    def of_droplet(self, droplet_id: int) -> ReservedIP | None:
        """Return the IP that a Droplet has."""
        return next((one for one in self._table.truth.values() if one.droplet_id == droplet_id), None)

    def project_of(self, found: ReservedIP) -> str:
        """Return the id of the project that an IP is in."""
        return self._projects.project_of(_PROJECT_KIND, found.ip)

    def delete(self, ip: str) -> Refusal | None:
        """Delete an IP, or return a refusal. A Droplet that has it loses it (guess)."""
        found = self._table.truth.get(ip)
        if found is None:
            return refusals.NOT_FOUND
        if self._account.pending_on(found.key):
            return _PENDING_EVENT
        self._table.remove(ip)
        self._projects.forget(_PROJECT_KIND, ip)
        return None

    def _associated(self, droplet_id: int) -> Sequence[Associated]:
        found = self.of_droplet(droplet_id)
        return [Associated(id=str(found.key[1]), name=found.ip, cost=_PRICE)] if found else []

    def _droplet_refusal(self, droplet_id: int) -> Refusal | None:
        """Return why a Droplet cannot get an IP now."""
        if self._account.pending(droplet_id):
            return refusals.PENDING_EVENT
        return _DROPLET_HAS_ONE if self.of_droplet(droplet_id) else None

    def _begin_assigning(self, found: ReservedIP, droplet_id: int, outcome: Outcome) -> Action:
        return self._begin(found, "assign_ip", droplet_id, droplet_id, outcome)

    def _begin(self, found: ReservedIP, type: str, droplet_id: int, owner: int | None, outcome: Outcome) -> Action:
        """Start an action that blocks the IP and a Droplet. At its end, the IP has another Droplet."""
        event = Event(
            type=type,
            resource=found.key,
            region=found.region,
            duration=ASSIGN_SECONDS,
            effect=partial(self._give, found.ip, owner),
            blocks=(found.key, ("droplet", droplet_id)),
            outcome=outcome,
            by_request=True,
        )
        return self._account.begin(event)

    def _give(self, ip: str, droplet_id: int | None) -> None:
        found = self._table.truth.get(ip)
        if found is not None and (droplet_id is None or self._account.droplet(droplet_id) is not None):
            self._table.put(ip, attrs.evolve(found, droplet_id=droplet_id))

    def _release(self, droplet_id: int) -> None:
        """Unassign the IP of a Droplet that was removed. The account keeps the IP."""
        found = self.of_droplet(droplet_id)
        if found is not None:
            self._table.put(found.ip, attrs.evolve(found, droplet_id=None))


def _address(number: str) -> str:
    """Return the address of a number; ids of associated resources are such numbers (guess)."""
    return str(ipaddress.IPv4Address(int(number)))
