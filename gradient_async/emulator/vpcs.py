"""The VPCs of an account: its private networks.

A store whose resources are in VPCs registers them: `account.part(VPCStore).register(...)`. A create with a VPC calls
`find`, and one without it takes `default_of` its region.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable
from ipaddress import IPv4Network
from typing import TYPE_CHECKING

import attrs

from gradient_async.emulator import refusals
from gradient_async.emulator.droplets import default_vpc_id

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gradient_async.emulator.account import Account
    from gradient_async.emulator.refusals import Refusal
    from gradient_async.emulator.visibility import ResourceTable, View

_NAMES = uuid.UUID("2f1d3d4e-5b7a-4c8d-9e0f-1a2b3c4d5e6f")
_PRIVATE = tuple(IPv4Network(text) for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"))
_OWN_RANGES = IPv4Network("10.100.0.0/14")
_SMALLEST, _LARGEST, _USUAL = 28, 16, 20
_AGE_AT_START = 30 * 86_400.0


@attrs.frozen(kw_only=True)
class VPC:
    """A private network of a region.

    Args:
        created: Virtual second of its creation.
        is_default: New resources of the region are in it.
    """

    id: str
    name: str
    region: str
    ip_range: IPv4Network
    created: float
    description: str = ""
    is_default: bool = False


@attrs.frozen(kw_only=True)
class Member:
    """A resource in a VPC.

    Args:
        kind: The second word of its URN, such as `"droplet"`.
        id: The last word of its URN.
        created: Virtual second of its creation.
    """

    kind: str
    id: int | str
    name: str
    created: float


Members = Callable[[VPC], Iterable[Member]]


class VPCStore:
    """All VPCs of an account: `account.part(VPCStore)`. Each region has a default one from the start (guess).

    Args:
        account: The account.
    """

    def __init__(self, account: Account) -> None:
        self._table: ResourceTable[str, VPC] = account.new_table()
        self._catalogue = account.catalogue
        self._members: list[tuple[str, Members]] = []
        for region in account.catalogue.regions:
            default = VPC(
                id=default_vpc_id(region.slug),
                name=f"default-{region.slug}",
                region=region.slug,
                ip_range=self._free_range(),
                created=-_AGE_AT_START,
                is_default=True,
            )
            self._table.put(default.id, default, since=default.created)
        self.register("droplet:read", lambda vpc: _droplets_in(account, vpc))

    def register(self, scope: str, members: Members) -> None:
        """Register a kind of resources that are in VPCs.

        Args:
            scope: The token scope that shows them.
            members: Returns those in a VPC.
        """
        self._members.append((scope, members))

    def find(self, vpc_id: str, view: View = "get") -> VPC | None:
        """Return the VPC with that id as a view shows it."""
        return self._table.shown(vpc_id, view)

    def default_of(self, region: str) -> VPC | None:
        """Return the default VPC of a region."""
        return next((vpc for vpc in self._table.truth.values() if vpc.region == region and vpc.is_default), None)

    def listed(self) -> Sequence[VPC]:
        """Return all VPCs as the list shows them, oldest first."""
        return list(self._table.all_shown())

    def members_of(self, vpc: VPC, sees: Callable[[str], bool] | None = None) -> Sequence[Member]:
        """Return the resources in a VPC that a token sees; all of them without a token."""
        shown = [members for scope, members in self._members if sees is None or sees(scope)]
        return [member for members in shown for member in members(vpc)]

    def add(
        self, *, name: str, region: str, description: str, ip_range: IPv4Network | None, created: float
    ) -> VPC | Refusal:
        """Create a VPC, or return a refusal."""
        if self._has_name(name):
            return refusals.VPC_NAME_IN_USE
        refusal = self._range_refusal(ip_range) if ip_range is not None else None
        if refusal is not None:
            return refusal
        vpc = VPC(
            id=str(uuid.uuid5(_NAMES, f"{name} {created}")),
            name=name,
            region=region,
            ip_range=ip_range or self._free_range(),
            created=created,
            description=description,
            is_default=self.default_of(region) is None,
        )
        self._table.put(vpc.id, vpc)
        return vpc

    def change(self, vpc: VPC, *, name: str, description: str, is_default: bool) -> VPC | Refusal:
        """Change a VPC, or return a refusal. The default one of its region stays it until another becomes it."""
        if name != vpc.name and self._has_name(name):
            return refusals.VPC_NAME_IN_USE
        if vpc.is_default and not is_default:
            return refusals.VPC_STAYS_DEFAULT
        before = self.default_of(vpc.region)
        if is_default and before is not None and before.id != vpc.id:
            self._table.put(before.id, attrs.evolve(before, is_default=False))
        changed = attrs.evolve(vpc, name=name, description=description, is_default=is_default)
        self._table.put(vpc.id, changed)
        return changed

    def delete(self, vpc: VPC) -> Refusal | None:
        """Delete a VPC, or return a refusal."""
        if vpc.id not in self._table.truth:
            return refusals.NOT_FOUND
        if vpc.is_default:
            return refusals.VPC_IS_DEFAULT
        if self.members_of(vpc):
            return refusals.VPC_HAS_MEMBERS
        self._table.remove(vpc.id)
        return None

    def _has_name(self, name: str) -> bool:
        return any(vpc.name == name for vpc in self._table.truth.values())

    def _range_refusal(self, wanted: IPv4Network) -> Refusal | None:
        if not any(wanted.subnet_of(private) for private in _PRIVATE):
            return refusals.VPC_RANGE_NOT_PRIVATE
        if not _LARGEST <= wanted.prefixlen <= _SMALLEST:
            return refusals.VPC_RANGE_SIZE
        return refusals.VPC_RANGE_OVERLAPS if any(map(wanted.overlaps, self._ranges())) else None

    def _free_range(self) -> IPv4Network:
        used = list(self._ranges())
        free = (one for one in _OWN_RANGES.subnets(new_prefix=_USUAL) if not any(map(one.overlaps, used)))
        return next(free)

    def _ranges(self) -> Iterator[IPv4Network]:
        return (vpc.ip_range for vpc in self._table.truth.values())


def _droplets_in(account: Account, vpc: VPC) -> Iterator[Member]:
    for droplet in account.listed_droplets():
        if (droplet.vpc_uuid or default_vpc_id(droplet.region)) == vpc.id:
            # Its URN has a UUID, and not the Droplet's id, as public probes of the API saw it.
            urn_id = str(uuid.uuid5(_NAMES, f"droplet {droplet.id}"))
            yield Member(kind="droplet", id=urn_id, name=droplet.name, created=droplet.created)
