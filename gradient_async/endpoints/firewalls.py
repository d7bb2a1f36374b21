"""Endpoints of firewalls."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Final

from attrs import frozen

from gradient_async.arguments import checked_id, checked_tag, checked_text
from gradient_async.bodies import Length, body_of
from gradient_async.http.create_rule import CreateRule, Listing, Match
from gradient_async.http.endpoint import Endpoint, Resend
from gradient_async.models.firewall import (
    Firewall,
    FirewallCreateResponse,
    FirewallListResponse,
    FirewallParam,
    FirewallRetrieveResponse,
    FirewallUpdateResponse,
    InboundRule,
    OutboundRule,
)

# Fields of a firewall that only the API sets. A dict of a firewall that was read has them too.
_READ_ONLY: Final = ("id", "status", "created_at", "pending_changes")
_NAME: Final = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9.\-]+")


def _checked_name(path: str, value: object) -> str:
    name = checked_text(path, value, "training-firewall")
    if not _NAME.fullmatch(name):
        raise ValueError(
            f"{path}: expected at least two of the characters a-z, A-Z, 0-9, . and -, the first one a letter or digit, "
            f"got {name!r:.80}"
        )
    return name


@frozen(kw_only=True)
class FirewallBody:
    """The body of ``CREATE`` and ``UPDATE``: a whole firewall. The API refuses one without a rule."""

    name: Annotated[str, _checked_name]
    inbound_rules: tuple[InboundRule, ...] = ()
    outbound_rules: tuple[OutboundRule, ...] = ()
    droplet_ids: tuple[Annotated[int, checked_id], ...] = ()
    tags: tuple[Annotated[str, checked_tag], ...] = ()


@frozen(kw_only=True)
class DropletIds:
    """The body of ``ADD_DROPLETS`` and ``REMOVE_DROPLETS``."""

    droplet_ids: Annotated[tuple[Annotated[int, checked_id], ...], Length(1)]


@frozen(kw_only=True)
class Tags:
    """The body of ``ADD_TAGS`` and ``REMOVE_TAGS``."""

    tags: Annotated[tuple[Annotated[str, checked_tag], ...], Length(1)]


@frozen(kw_only=True)
class Rules:
    """The body of ``ADD_RULES`` and ``REMOVE_RULES``. Without a rule it is sent too, as the retired SDK did."""

    inbound_rules: tuple[InboundRule, ...] = ()
    outbound_rules: tuple[OutboundRule, ...] = ()


def fields_of(firewall: Firewall | FirewallParam, parameter: str = "firewall") -> Mapping[str, object]:
    """Return the checked fields of a firewall that a request can set.

    A firewall that was read has others too, as has its dict.

    Raises:
        TypeError: It is no firewall, or a field is missing, unknown or has the wrong type.
        ValueError: A value is out of range.
    """
    if isinstance(firewall, Firewall):
        fields = {name: getattr(firewall, name) for name in FirewallParam.__annotations__}
        return body_of(FirewallBody, fields, parameter)
    if isinstance(firewall, Mapping):
        given = {name: value for name, value in firewall.items() if name not in _READ_ONLY}
        return body_of(FirewallBody, given, parameter)
    raise TypeError(f"{parameter}: expected a Firewall or a dict of its fields, got {type(firewall).__name__}")


def fields_given(fields: Mapping[str, object], body: Firewall | FirewallParam | None) -> Mapping[str, object] | None:
    """Return the fields of a new firewall, which come one by one or as a whole; ``None`` if none was given.

    Raises:
        TypeError: They come both ways, or the whole has a wrong field.
        ValueError: A value of the whole is out of range.
    """
    both = [name for name, value in fields.items() if value is not None]
    if body is None:
        return fields if both else None
    if both:
        raise TypeError(f"body: not allowed together with {', '.join(both)}; the body is the whole firewall")
    return fields_of(body, "body")


LIST: Final[Endpoint[FirewallListResponse]] = Endpoint(
    "gpu_droplets.firewalls.list",
    "GET",
    "/v2/firewalls",
    answer=FirewallListResponse,
    items="firewalls",
    scopes=("firewall:read",),
)
CREATE: Final[Endpoint[FirewallCreateResponse]] = Endpoint(
    "gpu_droplets.firewalls.create",
    "POST",
    "/v2/firewalls",
    body=FirewallBody,
    answer=FirewallCreateResponse,
    scopes=("firewall:create",),
    # A second firewall of the same name is refused: 409 "duplicate name" (harmony-one/harmony-ops#390).
    lookup=CreateRule(
        title="firewall", lists=(Listing(endpoint=LIST),), matches=(Match("name"),), item="firewall", is_unique=True
    ),
)
RETRIEVE: Final[Endpoint[FirewallRetrieveResponse]] = Endpoint(
    "gpu_droplets.firewalls.retrieve",
    "GET",
    "/v2/firewalls/{firewall_id:uuid}",
    answer=FirewallRetrieveResponse,
    identity="firewall.id",
    scopes=("firewall:read",),
)
UPDATE: Final[Endpoint[FirewallUpdateResponse]] = Endpoint(
    "gpu_droplets.firewalls.update",
    "PUT",
    "/v2/firewalls/{firewall_id:uuid}",
    body=FirewallBody,
    answer=FirewallUpdateResponse,
    identity="firewall.id",
    scopes=("firewall:update",),
)
DELETE: Final[Endpoint[None]] = Endpoint(
    "gpu_droplets.firewalls.delete",
    "DELETE",
    "/v2/firewalls/{firewall_id:uuid}",
    scopes=("firewall:delete",),
)


def _membership(name: str, method: str, part: str, body: type) -> Endpoint[None]:
    """Return an endpoint that adds something to a firewall, or removes it."""
    return Endpoint(
        f"gpu_droplets.firewalls.{name}",
        method,
        f"/v2/firewalls/{{firewall_id:uuid}}/{part}",
        body=body,
        # A Droplet or a tag that a firewall already has is not added a second time.
        resend=Resend.IDEMPOTENT,
        scopes=("firewall:update",),
    )


ADD_DROPLETS: Final = _membership("droplets.add", "POST", "droplets", DropletIds)
REMOVE_DROPLETS: Final = _membership("droplets.remove", "DELETE", "droplets", DropletIds)
ADD_TAGS: Final = _membership("tags.add", "POST", "tags", Tags)
REMOVE_TAGS: Final = _membership("tags.remove", "DELETE", "tags", Tags)
ADD_RULES: Final[Endpoint[None]] = Endpoint(
    "gpu_droplets.firewalls.rules.add",
    "POST",
    "/v2/firewalls/{firewall_id:uuid}/rules",
    body=Rules,
    scopes=("firewall:update",),
)
REMOVE_RULES: Final = _membership("rules.remove", "DELETE", "rules", Rules)
