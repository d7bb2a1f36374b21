"""A firewall: its rules, and the Droplets and tags that it protects."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Final, Required, TypedDict

from attrs import field, frozen

from gradient_async.arguments import checked_id, checked_tag, checked_text
from gradient_async.bodies import NEEDED_IN_REQUESTS, Example, with_rule
from gradient_async.models.model import ListModel, Model
from gradient_async.models.own_fields import IF_ABSENT, NOT_FROM_THE_API
from gradient_async.models.page import Links, Meta

_PORTS: Final = re.compile(r"([0-9]{1,5})(?:-([0-9]{1,5}))?")
_MAX_PORT: Final = 65_535
_WITH_PORTS: Final = ("tcp", "udp")


def _list() -> Any:  # noqa: ANN401 - as attrs.field
    """Return a field for a list, empty by default. A caller's list equals the tuple that an answer has."""
    return field(default=(), eq=tuple)


def _checked_ports(path: str, value: object) -> str:
    ports = checked_text(path, value, "22")
    found = _PORTS.fullmatch(ports)
    first, last = (int(found[1]), int(found[2] or found[1])) if found else (1, 0)
    if not first <= last <= _MAX_PORT or (first == 0 and last > 0):
        raise ValueError(
            f"{path}: expected a port such as '22', a range such as '8000-9000', or '0' for all ports, "
            f"got {ports!r:.80}"
        )
    return ports


def _checked_address(path: str, value: object) -> str:
    address = checked_text(path, value, "203.0.113.0/24")
    try:
        ipaddress.ip_network(address, strict=False)
    except ValueError:
        raise ValueError(
            f"{path}: expected an address or a network such as '203.0.113.0/24' or '::/0', got {address!r:.80}"
        ) from None
    return address


def _no_target(given: Mapping[str, object]) -> str | None:
    if any(given.values()):
        return None
    return "expected at least one of addresses, droplet_ids, kubernetes_ids, load_balancer_uids and tags"


def _no_ports(given: Mapping[str, object]) -> str | None:
    if given["protocol"] in _WITH_PORTS and "ports" not in given:
        return f"ports is missing; a {given['protocol']} rule needs a port such as '22', or '0' for all ports"
    return None


class FirewallRuleTargetParam(TypedDict, total=False):
    """Sources or destinations of a rule as a plain dict, as the retired SDK takes them."""

    addresses: Sequence[str]
    droplet_ids: Sequence[int]
    kubernetes_ids: Sequence[str]
    load_balancer_uids: Sequence[str]
    tags: Sequence[str] | None


@with_rule(_no_target)
@frozen(kw_only=True)
class FirewallRuleTarget(Model):
    """The sources or destinations of a rule's traffic: everything that one of the fields names.

    Attributes:
        addresses: IPv4 and IPv6 addresses and networks, such as ``"203.0.113.0/24"``; ``"0.0.0.0/0"`` and ``"::/0"``
            are everywhere.
        droplet_ids: Ids of Droplets.
        kubernetes_ids: Ids of Kubernetes clusters.
        load_balancer_uids: Ids of load balancers.
        tags: Tags of Droplets.
    """

    addresses: Sequence[Annotated[str, _checked_address]] = _list()
    droplet_ids: Sequence[Annotated[int, checked_id]] = _list()
    kubernetes_ids: Sequence[str] = _list()
    load_balancer_uids: Sequence[str] = _list()
    tags: Sequence[Annotated[str, checked_tag]] = _list()


class InboundRuleParam(TypedDict, total=False):
    """A rule for inbound traffic as a plain dict, as the retired SDK takes it."""

    protocol: Required[str]
    ports: str
    action: str
    sources: Required[FirewallRuleTarget | FirewallRuleTargetParam]


class OutboundRuleParam(TypedDict, total=False):
    """A rule for outbound traffic as a plain dict, as the retired SDK takes it."""

    protocol: Required[str]
    ports: str
    action: str
    destinations: Required[FirewallRuleTarget | FirewallRuleTargetParam]


def _action(value: str | None) -> str:
    """Return an action in the form in which it is compared: an answer has the default too."""
    return value or "allow"


@with_rule(_no_ports)
@frozen(kw_only=True)
class InboundRule(Model):
    """A rule that allows inbound traffic.

    Attributes:
        protocol: ``"tcp"``, ``"udp"`` or ``"icmp"``; ``""`` if an answer leaves it out.
        ports: A port (``"22"``), a range (``"8000-9000"``) or ``"0"`` for all ports. ICMP has none; the API shows
            ``"0"`` for it.
        sources: Where the traffic may come from.
        action: ``"allow"``, which is the default, or ``"deny"``. The API shows and takes it, but does not document it.
    """

    protocol: Annotated[str, Example("tcp")] = field(metadata={IF_ABSENT: ""})
    ports: Annotated[str, _checked_ports] | None = None
    sources: FirewallRuleTarget = field(factory=FirewallRuleTarget, metadata={NEEDED_IN_REQUESTS: True})
    action: Annotated[str, Example("allow")] | None = field(default=None, eq=_action)


@with_rule(_no_ports)
@frozen(kw_only=True)
class OutboundRule(Model):
    """A rule that allows outbound traffic.

    Attributes:
        protocol: ``"tcp"``, ``"udp"`` or ``"icmp"``; ``""`` if an answer leaves it out.
        ports: As for ``InboundRule``.
        destinations: Where the traffic may go to.
        action: As for ``InboundRule``.
    """

    protocol: Annotated[str, Example("tcp")] = field(metadata={IF_ABSENT: ""})
    ports: Annotated[str, _checked_ports] | None = None
    destinations: FirewallRuleTarget = field(factory=FirewallRuleTarget, metadata={NEEDED_IN_REQUESTS: True})
    action: Annotated[str, Example("allow")] | None = field(default=None, eq=_action)


class FirewallStatus:
    """The known statuses."""

    WAITING: Final = "waiting"
    SUCCEEDED: Final = "succeeded"
    FAILED: Final = "failed"


@frozen(kw_only=True)
class PendingChange(Model):
    """A Droplet that does not have a firewall's last change yet.

    Attributes:
        droplet_id: The Droplet's id.
        removing: Whether the firewall is being removed from the Droplet.
        status: State of the change, such as ``"waiting"``.
    """

    droplet_id: int | None = None
    removing: bool | None = None
    status: str | None = None


class FirewallParam(TypedDict, total=False):
    """A whole firewall as a plain dict, as the retired SDK takes it."""

    name: Required[str]
    inbound_rules: Sequence[InboundRule | InboundRuleParam] | None
    outbound_rules: Sequence[OutboundRule | OutboundRuleParam] | None
    droplet_ids: Sequence[int] | None
    tags: Sequence[str] | None


@frozen(kw_only=True)
class Firewall(Model):
    """A firewall. It blocks all traffic of its Droplets that no rule allows.

    The token's scopes decide whether ``droplet_ids`` (``droplet:read``) and ``tags`` (``tag:read``) have a value.

    Attributes:
        id: Its id, a UUID.
        name: Its name. The names of an account's firewalls differ.
        status: ``"waiting"`` until all Droplets have the last change, then ``"succeeded"``; ``"failed"``; or a status
            that is newer than this SDK.
        inbound_rules: Inbound traffic that is allowed.
        outbound_rules: Outbound traffic that is allowed.
        droplet_ids: Ids of the Droplets that were added one by one.
        tags: The firewall also protects all Droplets with one of these tags.
        created_at: When it was created, UTC.
        pending_changes: Droplets that do not have the last change yet.
    """

    id: str
    name: str | None = None
    status: str | None = None
    inbound_rules: Sequence[InboundRule] = _list()
    outbound_rules: Sequence[OutboundRule] = _list()
    droplet_ids: Sequence[int] = _list()
    tags: Sequence[str] = _list()
    created_at: datetime | None = None
    pending_changes: tuple[PendingChange, ...] = ()

    def __repr__(self) -> str:
        """Return the firewall in one line, without its rules."""
        facts = f"id={self.id!r}, name={self.name!r}, status={self.status!r}"
        rules = f"{len(self.inbound_rules)} inbound, {len(self.outbound_rules)} outbound rules"
        return f"Firewall({facts}, {rules}, droplet_ids={list(self.droplet_ids)}, tags={list(self.tags)})"


@frozen(kw_only=True)
class FirewallCreateResponse(Model):
    """The firewall that was created.

    Attributes:
        firewall: The firewall.
        is_adopted: ``True`` if the answer was lost and the firewall was found in the account's list. This field is not
            from the API.
        is_replayed: ``True`` if an earlier call with the same key created it. This field is not from the API.
    """

    firewall: Firewall
    is_adopted: bool = field(default=False, metadata={NOT_FROM_THE_API: True})
    is_replayed: bool = field(default=False, metadata={NOT_FROM_THE_API: True})


@frozen(kw_only=True)
class FirewallRetrieveResponse(Model):
    """One firewall."""

    firewall: Firewall


@frozen(kw_only=True)
class FirewallUpdateResponse(Model):
    """The firewall with its new settings."""

    firewall: Firewall


@frozen(kw_only=True, repr=False)
class FirewallListResponse(ListModel):
    """One page of firewalls."""

    firewalls: tuple[Firewall, ...]
    meta: Meta = field(factory=Meta)
    links: Links = field(factory=Links)
