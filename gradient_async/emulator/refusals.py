"""Refusals: HTTP status, error id and message.

Texts without a comment were seen in production or are in the API's documentation; "guess" marks the others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from collections.abc import Sequence


@attrs.frozen
class Refusal:
    """The refusal of a request.

    Args:
        status: The HTTP status.
        id: The `id` of the error body.
        message: The `message` of the error body.
        available_regions: The regions in the `error_attributes` of the body; empty for none.
    """

    status: int
    id: str
    message: str
    available_regions: tuple[str, ...] = ()


def not_emulated(method: str, path: str) -> Refusal:
    """Return the emulator's own 501: the API has the operation, but the emulator does not."""
    return Refusal(501, "not_emulated", f"{method} {path} is not emulated. The API has it; this emulator does not.")


def unprocessable(message: str) -> Refusal:
    """Return a 422 with this text. All reasons have one id, so clients distinguish them by the text."""
    return Refusal(422, "unprocessable_entity", message)


UNAUTHORIZED = Refusal(401, "unauthorized", "Unable to authenticate you.")
FORBIDDEN = Refusal(403, "forbidden", "You are not authorized to perform this operation")
NOT_FOUND = Refusal(404, "not_found", "The resource you were accessing could not be found.")
METHOD_NOT_ALLOWED = Refusal(405, "method_not_allowed", "The method is not allowed for this resource.")  # guess
UNPARSABLE_BODY = Refusal(400, "bad_request", "error parsing request body")
BODY_TOO_LARGE = Refusal(413, "request_entity_too_large", "The request body is too large.")  # guess
BAD_PAGE = Refusal(400, "bad_request", "page and per_page must be positive numbers")  # guess
PER_PAGE_TOO_LARGE = Refusal(400, "bad_request", "per_page must not be larger than 200")  # guess

PENDING_EVENT = unprocessable("Droplet already has a pending event.")
CURRENTLY_ON = unprocessable("Droplet is currently on. Please power it off to run this event.")
CURRENTLY_OFF = unprocessable("Droplet is currently off. Please power it on to run this event.")  # guess
ALREADY_OFF = unprocessable("Droplet is already powered off.")
ALREADY_ON = unprocessable("Droplet is already powered on.")  # known from other clients' tests only
BACKUPS_ALREADY_ON = unprocessable("Backups have already been enabled on this Droplet.")  # by analogy with the next
BACKUPS_ALREADY_OFF = unprocessable("Backups have already been disabled on this Droplet.")
BACKUPS_ARE_OFF = unprocessable("Backups are not enabled on this Droplet.")  # guess
BAD_BACKUP_POLICY = unprocessable("The backup policy is not valid.")  # guess
IPV6_ALREADY_ON = unprocessable("IPv6 is already enabled on this Droplet.")  # guess
SMALLER_DISK = unprocessable("This size is not available because it has a smaller disk.")
SAME_SIZE = unprocessable("The droplet is already set to this size.")
UNKNOWN_SIZE = unprocessable("This size is unavailable")
SIZE_NOT_IN_REGION = unprocessable("Size is not available in this region.")
BAD_HOSTNAME = unprocessable("Only valid hostname characters are allowed. (a-z, A-Z, 0-9, . and -)")
UNKNOWN_IMAGE = unprocessable("The image you specified is not available for this Droplet.")  # guess
INTERNAL_KERNEL = unprocessable("The kernel of this Droplet is managed internally.")  # guess
UNKNOWN_TYPE = unprocessable("The action type is not valid.")  # guess
NOT_A_BULK_TYPE = unprocessable("The action type is not available by tag.")  # guess
MISSING_TAG = unprocessable("tag_name is required.")  # guess
IMAGE_ALREADY_DELETED = unprocessable("Can not delete an already deleted image.")
UNKNOWN_IMAGE_TYPE = unprocessable("type must be application or distribution.")  # guess
UNKNOWN_RESOURCE_TYPE = unprocessable("resource_type must be droplet or volume.")  # guess
BAD_PUBLIC_KEY = unprocessable("Key invalid, make sure you are entering a valid public SSH key.")  # guess
KEY_IN_USE = unprocessable("SSH Key is already in use on your account")
FILTERS_CONFLICT = unprocessable("tag_name can not be combined with name or type.")  # guess on the text
UNKNOWN_LIST_TYPE = unprocessable("type must be droplets or gpus.")  # guess

INVALID_IMAGE = unprocessable("You specified an invalid image for Droplet creation.")
IMAGE_TOO_LARGE = unprocessable("The image is too large for the disk of this size.")  # guess
IMAGE_NOT_IN_REGION = unprocessable("The image you selected is not available in this region.")  # guess
USER_DATA_TOO_LARGE = unprocessable("user_data must not be larger than 64 KiB.")  # guess
IPV6_WITHOUT_PUBLIC_NETWORK = unprocessable("ipv6 needs public_networking.")  # guess on the text
BAD_TAG = unprocessable("A tag has characters that are not allowed.")  # guess
NAME_AND_NAMES = unprocessable("name and names can not be combined.")  # guess
TOO_MANY_NAMES = unprocessable("You can create at most 10 Droplets at a time.")  # guess on the text
VPC_IN_OTHER_REGION = unprocessable("The VPC is not in the region of the Droplet.")  # guess
NOT_DANGEROUS = unprocessable("The header X-Dangerous must be true.")  # guess on the text
DESTROY_IN_PROGRESS = Refusal(409, "conflict", "a destroy is already in progress")
VPC_NAME_IN_USE = unprocessable("The VPC name is already in use.")  # guess
VPC_RANGE_NOT_PRIVATE = unprocessable("The ip_range must be in a private network (RFC 1918).")  # guess on the text
VPC_RANGE_SIZE = unprocessable("The ip_range must be from a /16 to a /28.")  # guess on the text
VPC_RANGE_OVERLAPS = unprocessable("This range/size overlaps with another VPC network in your account.")  # guess
VPC_STAYS_DEFAULT = unprocessable("The default VPC cannot be unset.")  # guess on the text
VPC_IS_DEFAULT = Refusal(403, "forbidden", "Can not delete default VPCs")  # guess on the text
# The documentation says 403.
VPC_HAS_MEMBERS = Refusal(409, "conflict", "Can not delete VPC with members")
PROJECT_NAME_IN_USE = Refusal(409, "conflict", "name is already in use")  # guess
PROJECT_STAYS_DEFAULT = Refusal(412, "precondition_failed", "a default project is needed")  # guess
PROJECT_IS_DEFAULT = Refusal(412, "precondition_failed", "cannot delete the default project")  # guess on the text
PROJECT_NOT_EMPTY = Refusal(412, "precondition_failed", "cannot delete a project with resources")  # guess on the text


def missing_field(name: str) -> Refusal:
    """Return the refusal for a required field that is missing or of the wrong type (guess on the text)."""
    return unprocessable(f"{name} is missing or invalid.")


def invalid_keys(identifiers: Sequence[object]) -> Refusal:
    """Return the refusal of a create with SSH keys that the account does not have, or not yet."""
    return unprocessable(f"{', '.join(map(str, identifiers))} are invalid key identifiers for Droplet creation.")


def over_limit(kind: str, count: int) -> Refusal:
    """Return the refusal of a create that would exceed the quota of `"droplet"` or `"GPU"`."""
    these = "this droplet" if count == 1 else "these droplets"
    return unprocessable(f"creating {these} will exceed your {kind} limit")


#: Refusals because of one Droplet's state. A bulk action can leave such a Droplet out.
STATE_REFUSALS = frozenset(
    {
        PENDING_EVENT,
        CURRENTLY_ON,
        CURRENTLY_OFF,
        ALREADY_OFF,
        ALREADY_ON,
        BACKUPS_ALREADY_ON,
        BACKUPS_ALREADY_OFF,
        IPV6_ALREADY_ON,
    }
)
