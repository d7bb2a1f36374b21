"""Creates whose answers were lost, and what lists show of them, for ``ScriptedLists``."""

from __future__ import annotations

from typing import Any

import attrs
from samples import attempt
from scripted_lists import at, stamp

from gradient_async.endpoints import account_keys, droplet_creation
from gradient_async.http.create_rule import trace_of
from gradient_async.waiting.unresolved_create import UnresolvedCreate

KEY_BODY = {"name": "laptop", "public_key": "ssh-ed25519 AAAA me@laptop"}
DROPLET_BODY: dict[str, Any] = {"name": "a", "size": "gpu", "region": "tor1", "image": 1}
TWO = {**DROPLET_BODY, "names": ["a", "b"]}
del TWO["name"]


def unresolved(body: dict[str, Any] = DROPLET_BODY, **changes: Any) -> UnresolvedCreate:
    """Return an unresolved create of Droplets, or of a key if the body is a key's."""
    endpoint = account_keys.CREATE if "public_key" in body else droplet_creation.CREATE
    lookup = endpoint.lookup
    assert lookup is not None
    if "care" in changes:
        endpoint = attrs.evolve(endpoint, lookup=attrs.evolve(lookup, care=changes.pop("care")))
    request = endpoint.request({}, body=body)
    trace = trace_of(request)
    assert trace is not None
    attempts = [attempt(outcome="unknown", detail="reset")]
    return UnresolvedCreate(**{"request": request, "trace": trace, "since": at(0), "attempts": attempts, **changes})


def thing(number: int, name: str = "a", created: float | None = 0.0, **changes: Any) -> dict[str, Any]:
    """Return a Droplet as a list shows it; ``created`` in seconds after the sending."""
    shown = {"id": number, "name": name, "size_slug": "gpu", "region": {"slug": "tor1"}, "status": "new"}
    return {**shown, **({} if created is None else {"created_at": stamp(created)}), **changes}


def key(number: int, name: str = "laptop", public_key: str = "ssh-ed25519 AAAA") -> dict[str, Any]:
    return {"id": number, "name": name, "public_key": public_key, "fingerprint": f"f{number}"}


def shown(*droplets: dict[str, Any], total: int | None = None, more: bool = False) -> dict[str, Any]:
    links = {"pages": {"next": "https://api.digitalocean.com/v2/droplets?page=2"}} if more else {}
    return {"droplets": [*droplets], "links": links, "meta": {"total": len(droplets) if total is None else total}}


def keys(*found: dict[str, Any], total: int | None = None) -> dict[str, Any]:
    return {"ssh_keys": [*found], "links": {}, "meta": {"total": len(found) if total is None else total}}


NONE = shown()
NO_ACTIONS: dict[str, Any] = {"actions": [], "links": {}, "meta": {"total": 0}}
