"""A reserved IP: a public address of the account, which one Droplet after another can have.

Floating IP is its former name. The retired SDK has only that name.
"""

from __future__ import annotations

from typing import Final

from attrs import field, frozen

from gradient_async.models.droplet import Droplet
from gradient_async.models.droplet_create import ActionLink
from gradient_async.models.model import ListModel, Model
from gradient_async.models.page import Links, Meta
from gradient_async.models.region import Region
from gradient_async.models.responses import ActionInitiateResponse


class IPActionType:
    """The types of actions on a reserved IP, as in a request. The API shows ``"assign"`` as ``"assign_ip"``."""

    ASSIGN: Final = "assign"
    UNASSIGN: Final = "unassign"


@frozen(kw_only=True)
class ReservedIP(Model):
    """A reserved IP.

    The token's scopes decide whether ``droplet`` (``droplet:read``) and ``project_id`` (``project:read``) have a value.

    Attributes:
        ip: The address, which is also its id.
        region: Its region. Only a Droplet of this region can have it.
        droplet: The Droplet that has it; ``None`` without one, and until an assignment is completed.
        locked: Whether an action on it runs.
        project_id: Id of its project.
    """

    ip: str
    region: Region | None = None
    droplet: Droplet | None = None
    locked: bool | None = None
    project_id: str | None = None

    def __repr__(self) -> str:
        """Return the IP in one line, with only the ids of its region and its Droplet."""
        region = self.region.slug if self.region else None
        droplet_id = self.droplet.id if self.droplet else None
        return f"{type(self).__name__}(ip={self.ip!r}, region={region!r}, droplet_id={droplet_id})"


@frozen(kw_only=True, repr=False)
class FloatingIP(ReservedIP):
    """A reserved IP under its former name."""


@frozen(kw_only=True)
class ReservedIPLinks(Model):
    """Links from the answer to a new reserved IP; empty for an IP without a Droplet.

    Attributes:
        actions: The action that assigns it.
        droplets: The Droplet that gets it.
    """

    actions: tuple[ActionLink, ...] = ()
    droplets: tuple[ActionLink, ...] = ()


@frozen(kw_only=True)
class ReservedIPCreateResponse(Model):
    """The IP that was created. If it is for a Droplet, ``links.actions`` names the action that assigns it."""

    reserved_ip: ReservedIP
    links: ReservedIPLinks = field(factory=ReservedIPLinks)


@frozen(kw_only=True)
class ReservedIPRetrieveResponse(Model):
    """One IP."""

    reserved_ip: ReservedIP


@frozen(kw_only=True, repr=False)
class ReservedIPListResponse(ListModel):
    """One page of IPs."""

    reserved_ips: tuple[ReservedIP, ...]
    meta: Meta = field(factory=Meta)
    links: Links = field(factory=Links)


@frozen(kw_only=True)
class FloatingIPCreateResponse(Model):
    """The IP that was created. If it is for a Droplet, ``links.actions`` names the action that assigns it."""

    floating_ip: FloatingIP
    links: ReservedIPLinks = field(factory=ReservedIPLinks)


@frozen(kw_only=True)
class FloatingIPRetrieveResponse(Model):
    """One IP."""

    floating_ip: FloatingIP


@frozen(kw_only=True, repr=False)
class FloatingIPListResponse(ListModel):
    """One page of IPs."""

    floating_ips: tuple[FloatingIP, ...]
    meta: Meta = field(factory=Meta)
    links: Links = field(factory=Links)


@frozen(kw_only=True)
class ActionCreateResponse(ActionInitiateResponse):
    """The action that a request on a reserved IP started."""
