"""Answers to an action request that are lost, by what is left of them, and those that refuse it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wire_server import Reply, html, reply

if TYPE_CHECKING:
    from collections.abc import Callable

# Each is made from the answer that it should have been.
LOST: dict[str, Callable[[dict[str, Any]], Reply]] = {
    "reset": lambda _: Reply(then="reset"),
    "close": lambda _: Reply(then="close"),
    "hang": lambda _: Reply(then="hang"),
    "cut-head": lambda _: Reply(data=b"HTTP/1.1 201 Crea", then="close"),
    "cut-body": lambda body: reply(201, body, cut=20, then="close"),
    "cut-body-reset": lambda body: reply(201, body, cut=20, then="reset"),
    "cut-body-hang": lambda body: reply(201, body, cut=20, then="hang"),
    "no-http": lambda _: Reply(data=b"this is no HTTP\r\n\r\n", then="close"),
    "empty-201": lambda _: reply(201),
    "html-200": lambda _: reply(200, b"<html>accepted</html>"),
    "null": lambda _: reply(201, {"action": None}),
    "101": lambda _: Reply(data=b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n", then="close"),
    "408": lambda _: reply(408, {"id": "request_timeout", "message": "Request Timeout"}),
    "500": lambda _: reply(500, {"id": "server_error", "message": "Unexpected server-side error"}),
    "502": lambda _: html(502),
    "503": lambda _: reply(503, headers={"Retry-After": "0"}),
    "504": lambda _: html(504),
    "cut-503": lambda _: reply(503, b"x" * 200, cut=100, then="close"),
    "other-droplet": lambda body: reply(201, {"action": body["action"] | {"id": 5, "resource_id": 17}}),
    "other-type": lambda body: reply(201, {"action": body["action"] | {"id": 5, "type": "rename"}}),
}
REFUSED: dict[str, Callable[[], Reply]] = {
    "429": lambda: reply(429, {"id": "Too Many Requests"}, {"Retry-After": "0"}),
    "422": lambda: reply(422, {"id": "unprocessable_entity", "message": "no"}),
    "404": lambda: reply(404, {"id": "not_found", "message": "no"}),
}

# These say that the request was accepted, whether it was or not.
SUCCESSES = {
    "cut-body",
    "cut-body-reset",
    "cut-body-hang",
    "empty-201",
    "html-200",
    "null",
    "other-droplet",
    "other-type",
}


def timeout_for(lost: str) -> float:
    """Return a client's timeout in seconds: short where it has to pass, else long enough for a busy machine."""
    return 0.6 if "hang" in lost else 20.0
