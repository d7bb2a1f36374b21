"""A VPC: a private network of a region."""

from __future__ import annotations

from datetime import datetime

from attrs import field, frozen

from gradient_async.models.model import ListModel, Model
from gradient_async.models.own_fields import NOT_FROM_THE_API
from gradient_async.models.page import Links, Meta


@frozen(kw_only=True)
class VPC(Model):
    """A VPC.

    Attributes:
        id: Its UUID.
        urn: Its URN, such as ``"do:vpc:5a4981aa-9653-4bd1-bef5-d6bff52042e4"``.
        name: Its name, unique in the account.
        description: Its description.
        region: Slug of its region.
        ip_range: Its addresses, such as ``"10.10.10.0/24"``.
        default: Whether it is the default VPC of its region, where a Droplet goes that names no other one.
        created_at: When it was created, UTC.
    """

    id: str
    urn: str | None = None
    name: str | None = None
    description: str | None = None
    region: str | None = None
    ip_range: str | None = None
    default: bool | None = None
    created_at: datetime | None = None

    def __repr__(self) -> str:
        """Return the VPC in one line."""
        facts = f"id={self.id!r}, name={self.name!r:.80}, region={self.region!r}, ip_range={self.ip_range!r}"
        return f"VPC({facts}, default={self.default})"


@frozen(kw_only=True)
class VPCMember(Model):
    """A resource in a VPC.

    Attributes:
        urn: Its URN, such as ``"do:droplet:86e29982-03a7-4946-8a07-a0114dff8754"``. Of a Droplet, it has a UUID and not
            the Droplet's id, as others have seen it: find the Droplet by its name, or by its ``vpc_uuid``.
        name: Its name.
        created_at: When it was created, UTC.
    """

    urn: str
    name: str | None = None
    created_at: datetime | None = None


@frozen(kw_only=True)
class VPCCreateResponse(Model):
    """The VPC that was created.

    Attributes:
        vpc: The VPC.
        is_adopted: ``True`` if the answer was lost and the VPC was found in the account's list. This field is not
            from the API.
        is_replayed: ``True`` if an earlier call with the same key created it. This field is not from the API.
    """

    vpc: VPC
    is_adopted: bool = field(default=False, metadata={NOT_FROM_THE_API: True})
    is_replayed: bool = field(default=False, metadata={NOT_FROM_THE_API: True})


@frozen(kw_only=True)
class VPCRetrieveResponse(Model):
    """One VPC."""

    vpc: VPC


@frozen(kw_only=True)
class VPCUpdateResponse(Model):
    """The changed VPC."""

    vpc: VPC


@frozen(kw_only=True, repr=False)
class VPCListResponse(ListModel):
    """One page of VPCs."""

    vpcs: tuple[VPC, ...]
    meta: Meta = field(factory=Meta)
    links: Links = field(factory=Links)


@frozen(kw_only=True, repr=False)
class VPCListMembersResponse(ListModel):
    """One page of the resources in a VPC, as far as the token's scopes show them."""

    members: tuple[VPCMember, ...]
    meta: Meta = field(factory=Meta)
    links: Links = field(factory=Links)
