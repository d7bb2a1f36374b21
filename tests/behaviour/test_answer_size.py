"""An answer has a bounded size, however it is packed and whether or not it ever ends."""

from __future__ import annotations

import asyncio
import gzip
import tracemalloc
import zlib
from typing import TYPE_CHECKING, Any

import pytest
from wire_server import Reply, WireServer, action, listed, reply

from gradient_async import (
    ActionOutcomeUnknownError,
    APIResponseValidationError,
    AsyncGradientAI,
    ResponseTooLargeError,
)

if TYPE_CHECKING:
    from flavours import Flavour

DROPLET = 3164444
MIB = 1 << 20
HEAD = b"HTTP/1.1 %d Scripted\r\nContent-Type: application/json\r\n"


def bomb(mebibytes: int) -> bytes:
    """Zeros, compressed a thousandfold."""
    packer = zlib.compressobj(9, wbits=31)
    return b"".join([packer.compress(bytes(MIB)) for _ in range(mebibytes)]) + packer.flush()


def chunked(data: bytes, *, then: Any = "keep", headers: bytes = b"", status: int = 200) -> Reply:
    head = HEAD % status + headers + b"Transfer-Encoding: chunked\r\n\r\n"
    return Reply(data=head + b"%x\r\n%b\r\n" % (len(data), data) + (b"0\r\n\r\n" if then == "keep" else b""), then=then)


FORMS = {
    "announced": Reply(data=HEAD % 200 + b"Content-Length: 99999999999\r\n\r\n{", then="hang"),
    "plain": reply(200, b" " * (3 * MIB)),
    "chunked": chunked(b" " * (3 * MIB)),
    "endless": chunked(b" " * (3 * MIB), then="hang"),
    "until-close": Reply(data=HEAD % 200 + b"\r\n" + b" " * (3 * MIB), then="hang"),
    "gzip": reply(200, gzip.compress(bytes(3 * MIB)), {"Content-Encoding": "gzip"}),
    "deflate": reply(200, zlib.compress(bytes(3 * MIB)), {"Content-Encoding": "deflate"}),
    "gzip-chunked": chunked(gzip.compress(bytes(3 * MIB)), headers=b"Content-Encoding: gzip\r\n"),
    "refusal": reply(404, b" " * (3 * MIB)),
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
async def test_too_large_answer_is_a_typed_error(flavour: Flavour, wire: WireServer, form: Reply) -> None:
    wire.script("GET", form)
    client = flavour.client(wire, max_response_bytes=2 * MIB)
    with pytest.raises(ResponseTooLargeError) as caught:
        await flavour.call(client.actions.retrieve, 7)

    error = caught.value
    assert isinstance(error, APIResponseValidationError)
    assert (error.limit, error.status) == (2 * MIB, 404 if form is FORMS["refusal"] else 200)
    assert "max_response_bytes" in str(error)
    assert "2,097,152" in str(error)
    assert len(wire.requests) == 1, "nothing so large is read twice"
    if form.then == "hang":
        await wire.left(1)
    wire.script("GET", reply(200, {"action": action(7)}))
    assert (await flavour.call(client.actions.retrieve, 7)).action.id == 7


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("spare", [-1, 0, 1])
async def test_limit_is_exact_to_the_byte(flavour: Flavour, wire: WireServer, packed: bool, spare: int) -> None:
    body = listed([action(7)]).data.partition(b"\r\n\r\n")[2]
    data, headers = (gzip.compress(body), {"Content-Encoding": "gzip"}) if packed else (body, {})
    wire.script("GET", reply(200, data, headers))
    client = flavour.client(wire, max_response_bytes=len(body) + spare)
    if spare < 0:
        with pytest.raises(ResponseTooLargeError):
            await flavour.call(client.actions.list)
    else:
        assert len((await flavour.call(client.actions.list)).actions) == 1
        await flavour.call(client.actions.list)
        assert wire.connections == 1, "the connection is used again"


async def test_action_is_found_when_its_answer_was_too_large(flavour: Flavour, wire: WireServer) -> None:
    wire.script("POST", chunked(b" " * MIB, then="hang", status=201))
    wire.script("GET", listed([action(7)]))
    client = flavour.client(wire, max_response_bytes=MIB // 2)
    response = await flavour.call(client.gpu_droplets.actions.initiate, DROPLET, type="reboot")
    assert (response.action.id, response.is_adopted, len(wire.sent("POST"))) == (7, True, 1)


async def test_action_is_unknown_when_no_list_shows_it(flavour: Flavour, wire: WireServer) -> None:
    wire.script("POST", reply(201, b" " * MIB))
    wire.script("GET", listed([]))
    client = flavour.client(wire, max_response_bytes=MIB // 2)
    with pytest.raises(ActionOutcomeUnknownError, match="larger than") as caught:
        await flavour.call(client.gpu_droplets.actions.initiate, DROPLET, type="reboot")
    assert [one.outcome for one in caught.value.attempts] == ["unknown"]
    assert len(wire.sent("POST")) == 1


async def test_copy_of_a_client_has_a_limit_of_its_own(flavour: Flavour, wire: WireServer) -> None:
    wire.script("GET", listed([action(7)]))
    client = flavour.client(wire)
    with pytest.raises(ResponseTooLargeError):
        await flavour.call(client.with_options(max_response_bytes=10).actions.list)
    await flavour.call(client.actions.list)


@pytest.mark.parametrize("limit", [0, -1, 1.5, True, "64M"])
async def test_limit_is_refused_when_it_is_no_number_of_bytes(flavour: Flavour, limit: Any) -> None:
    with pytest.raises((TypeError, ValueError), match="max_response_bytes"):
        flavour.client(access_token="dop_v1_x", max_response_bytes=limit)


async def test_memory_stays_small_when_an_answer_unpacks_to_a_huge_one(wire: WireServer) -> None:
    wire.script("GET", reply(200, bomb(128), {"Content-Encoding": "gzip"}))
    async with AsyncGradientAI(
        wire.token, base_url=wire.base_url, rate_budget=None, max_response_bytes=8 * MIB, max_retries=0
    ) as client:
        await asyncio.sleep(0)
        tracemalloc.start()
        with pytest.raises(ResponseTooLargeError):
            await client.actions.list()
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert peak < 24 * MIB


@pytest.mark.parametrize("status", [400, 404, 422])
async def test_refusal_is_sent_once_when_it_is_too_large(flavour: Flavour, wire: WireServer, status: int) -> None:
    wire.script("POST", *[chunked(b"x" * 2048, status=status)] * 3)
    wire.script("GET", *[chunked(b"x" * 2048, status=status)] * 3)
    client = flavour.client(wire, max_response_bytes=1024)

    with pytest.raises(ResponseTooLargeError):
        await flavour.call(client.gpu_droplets.actions.initiate, DROPLET, "reboot")
    with pytest.raises(ResponseTooLargeError):
        await flavour.call(client.gpu_droplets.retrieve, DROPLET)

    assert [request.method for request in wire.requests] == ["POST", "GET"]
