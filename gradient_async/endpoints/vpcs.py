"""Endpoints of VPCs."""

from __future__ import annotations

import ipaddress
import re
from typing import TYPE_CHECKING, Annotated, Final

from attrs import frozen

from gradient_async.arguments import checked_description, checked_text
from gradient_async.bodies import Example, with_rule
from gradient_async.http.create_rule import CreateRule, Listing, Match
from gradient_async.http.endpoint import Endpoint, Resend
from gradient_async.models.vpc import (
    VPCCreateResponse,
    VPCListMembersResponse,
    VPCListResponse,
    VPCRetrieveResponse,
    VPCUpdateResponse,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

_NAME: Final = re.compile(r"[a-zA-Z0-9\-.]+")


def _checked_name(path: str, value: object) -> str:
    name = checked_text(path, value, "env.prod-vpc")
    if not _NAME.fullmatch(name):
        raise ValueError(f"{path}: expected only the characters a-z, A-Z, 0-9, . and -, got {name!r:.80}")
    return name


def _checked_range(path: str, value: object) -> str:
    text = checked_text(path, value, "10.10.10.0/24")
    try:
        ipaddress.IPv4Network(text)
    except ValueError:
        raise ValueError(f"{path}: expected an IPv4 network such as '10.10.10.0/24', got {text!r:.80}") from None
    return text


def _nothing_to_change(given: Mapping[str, object]) -> str | None:
    return None if given else "expected at least one of name, description and default"


@frozen(kw_only=True)
class CreateVPC:
    """The body of ``CREATE``."""

    name: Annotated[str, _checked_name]
    region: Annotated[str, Example("tor1")]
    description: Annotated[str, checked_description] | None = None
    ip_range: Annotated[str, _checked_range] | None = None


@with_rule(_nothing_to_change)
@frozen(kw_only=True)
class UpdateVPC:
    """The body of ``UPDATE``. The API keeps what it does not have."""

    name: Annotated[str, _checked_name] | None = None
    description: Annotated[str, checked_description] | None = None
    default: bool | None = None


LIST: Final[Endpoint[VPCListResponse]] = Endpoint(
    "vpcs.list",
    "GET",
    "/v2/vpcs",
    answer=VPCListResponse,
    items="vpcs",
    scopes=("vpc:read",),
)
CREATE: Final[Endpoint[VPCCreateResponse]] = Endpoint(
    "vpcs.create",
    "POST",
    "/v2/vpcs",
    body=CreateVPC,
    answer=VPCCreateResponse,
    scopes=("vpc:create",),
    lookup=CreateRule(
        title="VPC", lists=(Listing(endpoint=LIST),), matches=(Match("name"), Match("region")), item="vpc"
    ),
)
RETRIEVE: Final[Endpoint[VPCRetrieveResponse]] = Endpoint(
    "vpcs.retrieve",
    "GET",
    "/v2/vpcs/{vpc_id:uuid}",
    answer=VPCRetrieveResponse,
    identity="vpc.id",
    scopes=("vpc:read",),
)
# It sets values: a second execution changes nothing more.
UPDATE: Final[Endpoint[VPCUpdateResponse]] = Endpoint(
    "vpcs.update",
    "PATCH",
    "/v2/vpcs/{vpc_id:uuid}",
    body=UpdateVPC,
    answer=VPCUpdateResponse,
    identity="vpc.id",
    resend=Resend.IDEMPOTENT,
    scopes=("vpc:update",),
)
DELETE: Final[Endpoint[None]] = Endpoint(
    "vpcs.delete",
    "DELETE",
    "/v2/vpcs/{vpc_id:uuid}",
    scopes=("vpc:delete",),
)
LIST_MEMBERS: Final[Endpoint[VPCListMembersResponse]] = Endpoint(
    "vpcs.list_members",
    "GET",
    "/v2/vpcs/{vpc_id:uuid}/members",
    answer=VPCListMembersResponse,
    items="members",
    key="urn",
    query=("resource_type:text",),
    scopes=("vpc:read",),
)
