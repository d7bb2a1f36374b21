"""Values that several of these tests start from, and ways to make many of them."""

from __future__ import annotations

import re
import string
from datetime import UTC, datetime
from typing import Any

from hypothesis import strategies as st
from multidict import CIMultiDict, CIMultiDictProxy

from gradient_async.endpoints.droplet_actions import trace_of
from gradient_async.errors import Attempt
from gradient_async.http.endpoint import Endpoint, Request, Resend
from gradient_async.http.request import Response, Timestamp
from gradient_async.models.action import Action
from gradient_async.models.droplet import Droplet
from gradient_async.models.responses import ActionInitiateResponse, ActionListResponse

NOON = datetime(2026, 11, 23, 12, 0, 0, tzinfo=UTC)
TOKEN = "dop_v1_5f4e3d2c1b0a"

# The least that each of the 16 types needs, and everything that it takes.
PARAMETERS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "reboot": ({}, {}),
    "power_cycle": ({}, {}),
    "shutdown": ({}, {}),
    "power_off": ({}, {}),
    "power_on": ({}, {}),
    "password_reset": ({}, {}),
    "enable_ipv6": ({}, {}),
    "disable_backups": ({}, {}),
    "enable_backups": ({}, {"backup_policy": {"plan": "weekly", "weekday": "SUN", "hour": 20}}),
    "change_backup_policy": (
        {"backup_policy": {"plan": "daily"}},
        {"backup_policy": {"plan": "weekly", "weekday": "TUE", "hour": 0}},
    ),
    "restore": ({"image": 12389723}, {"image": 12389723}),
    "rebuild": ({"image": "ubuntu-24-04-x64"}, {"image": 12389723}),
    "resize": ({"size": "gpu-h100x1-80gb"}, {"size": "gpu-h100x1-80gb", "disk": True}),
    "rename": ({"name": "trainer-01"}, {"name": "trainer-01.example.com"}),
    "change_kernel": ({"kernel": 991}, {"kernel": 991}),
    "snapshot": ({"name": "before the upgrade"}, {"name": "nightly"}),
}
BULK_TYPES = {
    "power_cycle",
    "power_on",
    "power_off",
    "shutdown",
    "enable_ipv6",
    "enable_backups",
    "disable_backups",
    "snapshot",
}
# All parameters that any type takes; a caller of `initiate` can pass each of them beside any type.
VALUES: dict[str, Any] = {
    "backup_policy": {"plan": "daily"},
    "disk": True,
    "image": 1,
    "kernel": 1,
    "name": "trainer-01",
    "size": "gpu-h100x1-80gb",
}


class Indexed:
    """An integer that is no int, as numpy's are."""

    def __init__(self, value: int) -> None:
        self._value = value

    def __index__(self) -> int:
        return self._value

    def __repr__(self) -> str:
        return f"Indexed({self._value})"


def steady_repr(value: object) -> str:
    """Return the name of a test's value. It is the same in every process, unlike a memory address."""
    return re.sub(r" at 0x[0-9a-f]+", "", repr(value))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=12,
)
header_texts = st.text(string.printable, max_size=40) | st.text(max_size=20)
moments = st.datetimes(
    min_value=datetime(2014, 1, 1),  # noqa: DTZ001 - hypothesis puts the zone to it
    max_value=datetime(2040, 1, 1),  # noqa: DTZ001 - likewise
    timezones=st.just(UTC),
)


def action(**changes: Any) -> Action:
    values: dict[str, Any] = {
        "id": 2_147_483_648,
        "status": "in-progress",
        "type": "reboot",
        "started_at": NOON,
        "resource_id": 3164444,
        "resource_type": "droplet",
    }
    return Action(**{**values, **changes})


def droplet(**changes: Any) -> Droplet:
    return Droplet(**{"id": 3164444, "name": "trainer-01", "status": "active", **changes})


def attempt(**changes: Any) -> Attempt:
    values: dict[str, Any] = {"number": 1, "outcome": "answered", "status": 200, "started_at": NOON, "seconds": 0.25}
    return Attempt(**{**values, **changes})


def endpoint(method: str = "GET", path: str = "/v2/droplets/3164444/actions", **changes: Any) -> Endpoint[Any]:
    return Endpoint("sample", method, path, **{"answer": ActionListResponse, **changes})


def request(method: str = "GET", path: str = "/v2/droplets/3164444/actions", **changes: Any) -> Request[Any]:
    facts = {name: changes.pop(name) for name in ("answer", "resend", "scopes", "done", "window") if name in changes}
    return Request(endpoint(method, path, **facts), path, **changes)


def action_request(droplet_id: int | None = 3164444, **changes: Any) -> Request[Any]:
    trace = trace_of(droplet_id, "reboot")
    facts = {"answer": ActionInitiateResponse, "resend": Resend.AFTER_LOOKUP}
    return request("POST", **{**facts, "body": {"type": "reboot"}, "action": trace, **changes})


def response(status: int = 200, body: bytes = b"", headers: dict[str, str] | None = None) -> Response:
    """Return an answer with headers as the transport gives them: to be looked up in any case."""
    found = CIMultiDictProxy(CIMultiDict(headers or {}))
    return Response(status=status, headers=found, body=body, received_at=Timestamp(wall=1000.0, monotonic=10.0))
