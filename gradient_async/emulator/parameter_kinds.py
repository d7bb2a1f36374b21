"""The parameters of paths: one parser for each kind."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from ipaddress import AddressValueError, IPv4Address
from uuid import UUID

ParameterValue = int | str
Parse = Callable[[str], ParameterValue | None]

_ID = re.compile(r"0*[1-9][0-9]{0,18}")
_SLUG = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_FINGERPRINT = re.compile(r"[0-9a-fA-F]{2}(:[0-9a-fA-F]{2}){15}|SHA256:[A-Za-z0-9+/=]{43,44}")
_TAG = re.compile(r"[a-zA-Z0-9_\-:]{1,255}")


def _id(text: str) -> int | None:
    return int(text) if _ID.fullmatch(text) else None


def _uuid(text: str) -> str | None:
    try:
        return str(UUID(text)) if len(text) == 36 else None
    except ValueError:
        return None


def _ip(text: str) -> str | None:
    try:
        return str(IPv4Address(text))
    except AddressValueError:
        return None


def _matching(pattern: re.Pattern[str]) -> Callable[[str], str | None]:
    return lambda text: text if pattern.fullmatch(text) else None


_slug = _matching(_SLUG)
_fingerprint = _matching(_FINGERPRINT)


def _first(*parsers: Parse) -> Parse:
    """Return a parser that tries several parsers and takes the first result."""

    def parse(text: str) -> ParameterValue | None:
        return next((value for parser in parsers if (value := parser(text)) is not None), None)

    return parse


#: The parsers by kind; each returns None for a text that is not of its kind.
KINDS: Mapping[str, Parse] = {
    "fingerprint": _fingerprint,
    "id": _id,
    "id_or_fingerprint": _first(_id, _fingerprint),
    "id_or_slug": _first(_id, _slug),
    "id_or_uuid": _first(_id, _uuid),
    "ip": _ip,
    "slug": _slug,
    "tag": _matching(_TAG),
    "uuid": _uuid,
}

#: The kind of each parameter, by its name in the templates.
KIND_OF: Mapping[str, str] = {
    "action_id": "id",
    "autoscale_pool_id": "uuid",
    "droplet_id": "id",
    "firewall_id": "uuid",
    "floating_ip": "ip",
    "image_id": "id_or_slug",
    "lb_id": "uuid",
    "project_id": "uuid",
    "reserved_ip": "ip",
    "snapshot_id": "id_or_uuid",
    "ssh_key_identifier": "id_or_fingerprint",
    "tag_id": "tag",
    "volume_id": "uuid",
    "vpc_id": "uuid",
    "vpc_peering_id": "uuid",
}


def parsed(name: str, text: str) -> ParameterValue | None:
    """Return the value of a path parameter, None if the text is not of its kind."""
    return KINDS[KIND_OF[name]](text)
