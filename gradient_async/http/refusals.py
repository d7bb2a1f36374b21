"""The choice of the error for a refusal, by its status and its text. Pure code.

Nearly all refusals of a create are 422 with one ``id``, so only the text distinguishes them. All known texts are in one
table, each with its source. A text that is not in the table stays the general error of its status.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from gradient_async.errors import (
    APIStatusError,
    AuthenticationError,
    BadRequestError,
    CapacityError,
    ConflictError,
    DropletLimitError,
    GpuLimitError,
    ImageError,
    InternalServerError,
    LoadBalancerBusyError,
    NotFoundError,
    PendingEventError,
    PermissionDeniedError,
    RateLimitError,
    SizeNotInRegionError,
    SizeRetiredError,
    SshKeyUnknownError,
    UnprocessableEntityError,
    WrongPowerStateError,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

_SERVER_ERRORS: Final = 500

_ERRORS: Final[Mapping[int, type[APIStatusError]]] = {
    400: BadRequestError,
    401: AuthenticationError,
    403: PermissionDeniedError,
    404: NotFoundError,
    409: ConflictError,
    422: UnprocessableEntityError,
    429: RateLimitError,
}


class RefusalText(NamedTuple):
    """A text that decides about the error.

    Attributes:
        status: HTTP status of the refusal.
        pattern: Part of the message, as a regular expression; upper and lower case are equal.
        error_class: The error.
        source: Where the text was seen; ``"guess"`` if it was not.
        hint: What to do about it; ``""`` if that is said elsewhere.
    """

    status: int
    pattern: str
    error_class: type[APIStatusError]
    source: str
    hint: str = ""


# The first text that fits decides.
TEXTS: Final = (
    RefusalText(
        403,
        r"processes previous actions",
        LoadBalancerBusyError,
        "digitalocean/openapi#1173, ansible-collections/community.digitalocean#185",
        "A load balancer takes one change at a time. Try again when it is active, or in a minute.",
    ),
    RefusalText(
        409,
        r"can ?not delete VPC with members",
        ConflictError,
        "public scripts of 2024 to 2026",
        "vpcs.list_members() names the members. A Droplet that was destroyed a moment ago can still be one.",
    ),
    RefusalText(
        403,
        r"can ?not delete (default )?VPC",
        PermissionDeniedError,
        "the specification has the status; a guess on the text",
        "A VPC with members, or the default one of its region, cannot be deleted.",
    ),
    RefusalText(
        422,
        r"pending event",
        PendingEventError,
        "hashicorp/packer#1786, hashicorp/packer#1814",
        "A Droplet, a volume or an IP runs one event at a time. Wait until the other event has ended, then try again.",
    ),
    RefusalText(
        422,
        r"is (currently|already) (powered )?(on|off)\b|must be (powered )?(on|off)\b",
        WrongPowerStateError,
        "public scripts of 2015, and the official Terraform provider",
    ),
    RefusalText(
        422,
        r"exceed your GPU limit",
        GpuLimitError,
        "public scripts of 2026",
        "No endpoint shows this limit. Destroy a GPU Droplet, or ask DigitalOcean for a higher limit.",
    ),
    RefusalText(
        422,
        r"exceed your droplet limit",
        DropletLimitError,
        "OpenRouterLabs/spawn#3059",
        "Destroy a Droplet, or ask DigitalOcean for a higher limit.",
    ),
    RefusalText(
        422,
        r"size is not available in this region",
        SizeNotInRegionError,
        "public scripts of 2025 and 2026",
        "The region is full, or does not offer the size. Try another region or size, or try again later.",
    ),
    RefusalText(
        422,
        r"this size is unavailable",
        SizeRetiredError,
        "public scripts of 2026",
        "gpu_droplets.sizes.list_all() has the sizes of today.",
    ),
    RefusalText(
        422,
        r"invalid key identifiers",
        SshKeyUnknownError,
        "public scripts of 2026",
        "Pass the ids or fingerprints of gpu_droplets.account.keys.list_all().",
    ),
    RefusalText(422, r"invalid image for droplet creation", ImageError, "crossplane-contrib/provider-digitalocean#77"),
    RefusalText(422, r"image .*is not available in|image is too large", ImageError, "guess"),
    RefusalText(422, r"(no|not enough|insufficient|out of) capacity|sold out", CapacityError, "guess"),
)
_PATTERNS: Final = tuple((one, re.compile(one.pattern, re.IGNORECASE)) for one in TEXTS)
_KEYS: Final = re.compile(r"(.*?)\s+(?:is|are)(?: an)? invalid key identifier", re.IGNORECASE)


class Refusal(NamedTuple):
    """The error for a refusal.

    Attributes:
        error_class: The error.
        facts: Its arguments, beside those that every such error has.
        hint: What to do about it; ``""`` if the text does not say.
    """

    error_class: type[APIStatusError]
    facts: dict[str, Any]  # arguments of the class
    hint: str


def refusal_of(status: int, message: str, body: Mapping[str, object], asked: Mapping[str, object]) -> Refusal:
    """Return what a refusal becomes.

    Args:
        status: Its HTTP status.
        message: Its message.
        body: Its body.
        asked: The request's body.
    """
    text = next((one for one, pattern in _PATTERNS if one.status == status and pattern.search(message)), None)
    error_class = text.error_class if text else _general(status)
    regions = _available_regions(body)
    if regions and error_class is UnprocessableEntityError:
        error_class = CapacityError
    facts: dict[str, object] = {}
    hint = text.hint if text else ""
    if issubclass(error_class, CapacityError):
        facts = {"size": _text(asked, "size"), "region": _text(asked, "region"), "available_regions": regions}
        hint = f"Regions with capacity: {', '.join(regions)}." if regions else hint
    elif issubclass(error_class, SshKeyUnknownError):
        facts = {"identifiers": _identifiers(message)}
    return Refusal(error_class, facts, hint)


def _general(status: int) -> type[APIStatusError]:
    return _ERRORS.get(status) or (InternalServerError if status >= _SERVER_ERRORS else APIStatusError)


def _available_regions(body: Mapping[str, object]) -> tuple[str, ...]:
    """Return the regions that a refusal names. It was seen in 2017, for sizes without GPUs."""
    attributes = body.get("error_attributes")
    regions = attributes.get("available_regions") if isinstance(attributes, dict) else None
    return tuple(one for one in regions if isinstance(one, str)) if isinstance(regions, list) else ()


def _identifiers(message: str) -> tuple[str, ...]:
    found = _KEYS.search(message)
    return tuple(re.split(r"[,\s]+", found[1].strip())) if found else ()


def _text(fields: Mapping[str, object], name: str) -> str | None:
    value = fields.get(name)
    return value if isinstance(value, str) else None
