"""The error texts of a request with an unknown outcome: the reason, the evidence, what was not done."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from wire_server import RESET, WireServer, html, reply

from gradient_async import ActionOutcomeUnknownError, AsyncGradientAI, InternalServerError, RequestOutcomeUnknownError
from gradient_async.http.endpoint import Endpoint

if TYPE_CHECKING:
    from flavours import Flavour

DROPLET = 3164444
LIMITED = {"Retry-After": "0", "X-Request-Id": "first"}
FORBIDDEN = reply(403, {"id": "forbidden", "message": "no"})
CREATE: Endpoint[None] = Endpoint("volumes.create", "POST", "/v2/volumes")


def gateway_page(request_id: str) -> Any:
    return reply(502, b"<html>Bad gateway</html>", {"Content-Type": "text/html", "X-Request-Id": request_id})


@pytest.mark.parametrize(
    ("lost", "reason", "request_id"),
    [
        (RESET, r"\[Errno 104\] Connection reset by peer|Connection lost|Server disconnected", "first"),
        (html(502), "status 502", "first"),
        (gateway_page("second"), "status 502", "second"),
    ],
    ids=["reset", "502", "502 with an id"],
)
async def test_error_gives_the_reason_when_an_action_stays_unknown(
    flavour: Flavour, wire: WireServer, lost: Any, reason: str, request_id: str
) -> None:
    """The reason is that of the attempt whose outcome is unknown, and the id that of the last one that has one."""
    wire.script("POST", reply(429, headers=LIMITED), lost)
    wire.script("GET", FORBIDDEN)
    client = flavour.client(wire)
    with pytest.raises(ActionOutcomeUnknownError) as caught:
        await flavour.call(client.gpu_droplets.actions.initiate, DROPLET, type="reboot")
    error = caught.value
    expected = rf"reboot of Droplet {DROPLET} may or may not have been executed \(({reason})\), and the Droplet's "
    assert re.match(rf"{expected}actions cannot be read: 403 forbidden: no.*; it was not sent again", error.message)
    assert (error.method, error.path) == ("POST", f"/v2/droplets/{DROPLET}/actions")
    assert (error.droplet_id, error.type, error.candidates) == (DROPLET, "reboot", ())
    assert error.request_id == request_id
    assert [attempt.outcome for attempt in error.attempts] == ["rejected", "unknown"]


async def test_error_names_the_tag_when_a_request_by_tag_stays_unknown(flavour: Flavour, wire: WireServer) -> None:
    wire.script("POST", html(502))
    client = flavour.client(wire)
    with pytest.raises(ActionOutcomeUnknownError) as caught:
        await flavour.call(client.gpu_droplets.actions.bulk_initiate, tag_name="a", type="power_cycle")
    assert caught.value.message == (
        "power_cycle by tag may or may not have been executed (status 502), and a request by tag cannot be looked up: "
        "check the actions of the Droplets; it was not sent again"
    )
    assert (caught.value.droplet_id, caught.value.request_id) == (None, None)


@pytest.mark.parametrize(
    ("lost", "request_id"),
    [(html(502), "first"), (gateway_page("second"), "second")],
    ids=["without an id", "with an id"],
)
async def test_error_gives_the_reason_when_a_request_stays_unknown(
    wire: WireServer, lost: Any, request_id: str
) -> None:
    wire.script("POST", reply(429, headers=LIMITED), lost)
    async with AsyncGradientAI(wire.token, base_url=wire.base_url, rate_budget=None) as client:
        with pytest.raises(RequestOutcomeUnknownError) as caught:
            await client._sender.send(CREATE.request({}, body={"name": "x"}))
    error = caught.value
    assert error.message == (
        "POST /v2/volumes may or may not have been executed (status 502). "
        "It was not sent again, since that could execute it twice. Check the account before you send it again"
    )
    assert (error.method, error.path, error.request_id) == ("POST", "/v2/volumes", request_id)
    assert [attempt.outcome for attempt in error.attempts] == ["rejected", "unknown"]


async def test_error_has_no_request_id_when_no_answer_had_one(wire: WireServer) -> None:
    wire.script("POST", RESET)
    async with AsyncGradientAI(wire.token, base_url=wire.base_url, rate_budget=None) as client:
        with pytest.raises(RequestOutcomeUnknownError) as caught:
            await client._sender.send(CREATE.request({}, body={"name": "x"}))
    assert caught.value.request_id is None
    assert isinstance(caught.value.__cause__, OSError)


SAFE_AGAIN = "It may have been executed; it is safe to send again."


async def test_error_says_that_a_repeated_change_may_be_executed(flavour: Flavour, wire: WireServer) -> None:
    wire.script("DELETE", RESET, html(502))
    with pytest.raises(InternalServerError) as caught:
        await flavour.call(flavour.client(wire, max_retries=1).tags.delete, "training")
    assert caught.value.hint == SAFE_AGAIN
    assert SAFE_AGAIN in str(caught.value)


async def test_error_of_a_read_says_nothing_of_being_executed(flavour: Flavour, wire: WireServer) -> None:
    wire.script("GET", html(502))
    with pytest.raises(InternalServerError) as caught:
        await flavour.call(flavour.client(wire, max_retries=1).tags.retrieve, "training")
    assert "executed" not in str(caught.value)
