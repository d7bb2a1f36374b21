"""What follows a lost answer, for each resend policy that an endpoint can declare."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from wire_server import CLOSE, HANG, RESET, WireServer, html, reply

from gradient_async import AsyncGradientAI, NotFoundError, RequestOutcomeUnknownError, UnprocessableEntityError
from gradient_async.http.endpoint import Done, Endpoint, Resend
from gradient_async.models.responses import ActionRetrieveResponse

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

DELETE: Endpoint[None] = Endpoint("images.delete", "DELETE", "/v2/images/{image_id:id}")
DELETE_IMAGE: Endpoint[None] = Endpoint(
    "images.delete",
    "DELETE",
    "/v2/images/{image_id:id}",
    done=(Done(status=404), Done(status=422, text="already deleted image", is_always=True)),
)
DELETE_BY_TAG: Endpoint[None] = Endpoint(
    "droplets.delete_by_tag", "DELETE", "/v2/droplets", query=("tag_name:tag",), resend=Resend.NEVER
)
PUT: Endpoint[None] = Endpoint("keys.update", "PUT", "/v2/account/keys/{key:id_or_fingerprint}")
MEMBERSHIP: Endpoint[None] = Endpoint(
    "firewalls.tags.add", "POST", "/v2/firewalls/{firewall_id:uuid}/tags", resend=Resend.IDEMPOTENT
)
CREATE: Endpoint[ActionRetrieveResponse] = Endpoint(
    "volumes.create", "POST", "/v2/volumes", answer=ActionRetrieveResponse
)
FIREWALL = "bb4b2611-3d72-467b-8602-280330ecd65c"

REQUESTS = {
    "DELETE": DELETE.request({}, 7),
    "PUT": PUT.request({}, 512189, body={"name": "x"}),
    "membership": MEMBERSHIP.request({}, FIREWALL, body={"tags": ["a"]}),
    "create": CREATE.request({}, body={"name": "x"}),
    "by tag": DELETE_BY_TAG.request({}, query={"tag_name": "a"}),
}
REPEATED = ("DELETE", "PUT", "membership")
NEVER = ("create", "by tag")
LOST = {
    "reset": RESET,
    "close": CLOSE,
    "hang": HANG,
    "500": reply(500, {"id": "server_error", "message": "Unexpected"}),
    "504": html(504),
    "cut off": reply(200, {"action": {}}, then="close", cut=4),
}
DONE = reply(204)


@pytest.fixture
async def client(wire: WireServer) -> AsyncIterator[AsyncGradientAI]:
    async with AsyncGradientAI(wire.token, base_url=wire.base_url, rate_budget=None, timeout=0.6) as made:
        yield made


def method(name: str) -> str:
    return REQUESTS[name].method


@pytest.mark.parametrize("lost", LOST)
@pytest.mark.parametrize("name", REPEATED)
async def test_request_is_sent_again_when_a_second_time_does_no_more(
    wire: WireServer, client: AsyncGradientAI, name: str, lost: str
) -> None:
    wire.script(method(name), LOST[lost], DONE)
    answer = await client._sender.send(REQUESTS[name])
    assert answer.parse() is None
    assert not answer.is_adopted
    assert len(wire.requests) == 2


@pytest.mark.parametrize("lost", LOST)
@pytest.mark.parametrize("name", NEVER)
async def test_request_is_unknown_when_it_must_not_be_sent_twice(
    wire: WireServer, client: AsyncGradientAI, name: str, lost: str
) -> None:
    wire.script(method(name), LOST[lost], DONE)
    with pytest.raises(RequestOutcomeUnknownError, match="may or may not have been executed") as caught:
        await client._sender.send(REQUESTS[name])
    assert len(wire.requests) == 1
    assert [attempt.outcome for attempt in caught.value.attempts] == ["unknown"]
    assert "may be sent again" not in str(caught.value)


@pytest.mark.parametrize("name", REQUESTS)
async def test_request_is_sent_again_when_it_was_refused_for_its_rate(
    wire: WireServer, client: AsyncGradientAI, name: str
) -> None:
    success = DONE if name != "create" else reply(201, {"action": {"id": 1, "status": "completed", "type": "x"}})
    wire.script(method(name), reply(429, headers={"Retry-After": "0"}), success)
    await client._sender.send(REQUESTS[name])
    assert len(wire.requests) == 2


@pytest.mark.parametrize("lost", LOST)
async def test_deletion_counts_as_done_after_a_lost_answer(
    wire: WireServer, client: AsyncGradientAI, lost: str
) -> None:
    wire.script("DELETE", LOST[lost], reply(404, {"id": "not_found", "message": "gone"}))
    answer = await client._sender.send(REQUESTS["DELETE"])
    assert answer.parse() is None
    assert answer.is_adopted
    assert [attempt.outcome for attempt in answer.attempts] == ["unknown", "rejected"]


async def test_deletion_is_an_error_when_nothing_was_there_at_first(wire: WireServer, client: AsyncGradientAI) -> None:
    wire.script("DELETE", reply(404, {"id": "not_found", "message": "gone"}))
    with pytest.raises(NotFoundError):
        await client._sender.send(REQUESTS["DELETE"])
    assert len(wire.requests) == 1


@pytest.mark.parametrize("before", [[], [RESET]])
async def test_image_is_deleted_when_the_api_says_that_it_was(
    wire: WireServer, client: AsyncGradientAI, before: list[Any]
) -> None:
    text = "Can not delete an already deleted image."
    wire.script("DELETE", *before, reply(422, {"id": "unprocessable_entity", "message": text}))
    answer = await client._sender.send(DELETE_IMAGE.request({}, 7))
    assert answer.parse() is None
    assert answer.is_adopted


async def test_image_deletion_fails_when_the_api_says_anything_else(wire: WireServer, client: AsyncGradientAI) -> None:
    wire.script("DELETE", RESET, reply(422, {"id": "unprocessable_entity", "message": "Image is in use."}))
    with pytest.raises(UnprocessableEntityError):
        await client._sender.send(DELETE_IMAGE.request({}, 7))


@pytest.mark.parametrize("status", [202, 204])
async def test_answer_is_none_when_the_endpoint_has_no_body(
    wire: WireServer, client: AsyncGradientAI, status: int
) -> None:
    wire.script("DELETE", reply(status))
    answer = await client._sender.send(REQUESTS["DELETE"])
    assert (answer.status, answer.parse()) == (status, None)
