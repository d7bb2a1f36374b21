"""P8: the token goes to the one host it is for, in one header, and shows up nowhere else."""

from __future__ import annotations

import contextlib
import copy
import logging
import pickle
import traceback
from typing import TYPE_CHECKING, Any

import pytest
from wire_server import CLOSE, HANG, RESET, Reply, WireServer, action, html, listed, reply

from gradient_async import APIStatusError, GradientAIError, MissingAccessTokenError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flavours import Flavour

SECRET = "dop_v1_0123456789abcdef_secret"
OTHER_SECRET = "doo_v1_fedcba9876543210_secret"
DROPLET = 3164444

TROUBLES: dict[str, Reply] = {
    "fine": reply(200, {"action": action(7)}),
    "400": reply(400),
    "401": reply(401, {"id": "unauthorized", "message": "Unable to authenticate you."}),
    "403": reply(403),
    "404": reply(404),
    "422": reply(422, {"id": "unprocessable_entity", "message": "Droplet already has a pending event."}),
    "429": reply(429, headers={"Retry-After": "0"}),
    "500": reply(500),
    "502": html(502),
    "302": reply(302, headers={"Location": "http://127.0.0.1:9/"}),
    "no-json": reply(200, b"{"),
    "wrong-shape": reply(200, {"action": {"id": "7"}}),
    "cut-off": reply(200, {"action": action(7)}, then="close", cut=9),
    "reset": RESET,
    "close": CLOSE,
    "hang": HANG,
    "no-http": Reply(data=b"SSH-2.0\r\n\r\n", then="close"),
    "bad-length": Reply(data=b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n", then="close"),
    "bad-gzip": reply(200, b"hello", {"Content-Encoding": "gzip"}),
    "cookie": reply(503, headers={"Set-Cookie": "=;;a"}),
}


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    """Everything that any logger says, from DEBUG up."""
    names = ("gradient_async", "aiohttp", "aiohttp.client", "aiohttp.access", "aiohttp.internal", "asyncio")
    with contextlib.ExitStack() as levels:
        for name in (None, *names):
            levels.enter_context(caplog.at_level(logging.DEBUG, logger=name))
        yield caplog


def shown(error: BaseException) -> str:
    """Return all that a traceback, a debugger or a crash reporter can show of an error, locals included."""
    seen: set[int] = set()
    texts: list[str] = []

    def visit(one: BaseException | None) -> None:
        if one is None or id(one) in seen:
            return
        seen.add(id(one))
        texts.extend([repr(one), str(one), repr(one.args), repr(vars(one)), *traceback.format_exception(one)])
        visit(one.__cause__)
        visit(one.__context__)

    visit(error)
    return "\n".join(texts)


def all_of(log: pytest.LogCaptureFixture) -> str:
    return "\n".join(f"{record.getMessage()} {vars(record)!r}" for record in log.records)


@pytest.mark.parametrize("trouble", TROUBLES.values(), ids=TROUBLES)
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_token_in_no_log_and_no_error_when_there_is_trouble(
    flavour: Flavour, log: pytest.LogCaptureFixture, trouble: Reply, method: str
) -> None:
    server = WireServer(SECRET)
    await server.start()
    server.script(method, trouble)
    server.script("GET", trouble)
    client = flavour.client(server, timeout=0.1, max_retries=1, settle_seconds=0.01)
    call = (
        flavour.call(client.actions.retrieve, 7)
        if method == "GET"
        else flavour.call(client.gpu_droplets.actions.initiate, DROPLET, type="reboot")
    )

    error = None
    try:
        await call
    except GradientAIError as raised:
        error = raised
    await flavour.close(client)
    await server.stop()

    assert server.requests[0].headers["authorization"] == f"Bearer {SECRET}"
    assert "gradient_async" in {record.name for record in log.records}
    assert "secret" not in all_of(log)
    if error is not None:
        assert "secret" not in shown(error)
        assert b"secret" not in pickle.dumps(error)


async def test_token_in_no_error_when_the_server_is_down(flavour: Flavour, log: pytest.LogCaptureFixture) -> None:
    server = WireServer(SECRET)
    client = flavour.client(server, max_retries=1)

    with pytest.raises(GradientAIError) as caught:
        await flavour.call(client.gpu_droplets.actions.initiate, DROPLET, type="reboot")
    await server.stop()

    assert "secret" not in shown(caught.value) + all_of(log)
    assert b"secret" not in pickle.dumps(caught.value)


async def test_callers_bearer_header_is_in_no_log_and_no_error(
    flavour: Flavour, wire: WireServer, log: pytest.LogCaptureFixture
) -> None:
    wire.script("GET", reply(401))
    client = flavour.client(wire, default_headers={"X-Api-Key": OTHER_SECRET})

    with pytest.raises(GradientAIError) as caught:
        await flavour.call(client.actions.list, extra_headers={"Authorization": f"Bearer {OTHER_SECRET}"})

    assert wire.requests[0].headers["authorization"] == f"Bearer {OTHER_SECRET}"
    assert "secret" not in shown(caught.value) + all_of(log)
    assert "secret" not in repr(client)


async def test_one_authorization_header_when_the_callers_is_lower_case(flavour: Flavour, wire: WireServer) -> None:
    wire.script("GET", listed([]))
    client = flavour.client(wire, default_headers={"authorization": "Bearer theirs"})

    await flavour.call(client.actions.list)
    await flavour.call(client.actions.list, extra_headers={"AUTHORIZATION": "Bearer another"})

    assert [request.headers["authorization"] for request in wire.requests] == ["Bearer theirs", "Bearer another"]
    assert wire.heads_with_several("authorization") == []


async def test_token_not_shown_when_a_client_is_inspected(flavour: Flavour, wire: WireServer) -> None:
    wire.script("GET", listed([]))
    wire.token = SECRET
    client = flavour.client(wire, default_headers={"X-Api-Key": OTHER_SECRET})
    raw = await flavour.call(client.actions.with_raw_response.list)
    copy_of_it = client.with_options(timeout=3)

    for one in (client, copy_of_it, client.actions, client.gpu_droplets.actions, raw, raw.request, raw.response):
        assert "secret" not in f"{one!r} {one!s}"
    for one in (client, copy_of_it):
        for act in (pickle.dumps, copy.deepcopy):
            with pytest.raises(TypeError) as caught:
                act(one)
            assert "secret" not in shown(caught.value)


@pytest.mark.parametrize("token", ["two words secret", "new\nline secret", "secret\x00", "sécrét secret", "secret\x7f"])
async def test_token_not_shown_when_it_is_refused(flavour: Flavour, token: str) -> None:
    with pytest.raises(ValueError, match="access_token") as caught:
        flavour.client(access_token=token)

    assert "secret" not in "".join(traceback.format_exception_only(caught.value))


@pytest.mark.parametrize("token", ["", "  ", "''", '" "'])
async def test_missing_token_error_when_the_token_is_empty(flavour: Flavour, token: str) -> None:
    with pytest.raises(MissingAccessTokenError, match="DIGITALOCEAN_ACCESS_TOKEN"):
        flavour.client(access_token=token)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("is_same_host", [True, False])
async def test_redirect_not_followed_when_the_server_answers_with_one(
    flavour: Flavour, wire: WireServer, status: int, is_same_host: bool
) -> None:
    elsewhere = WireServer()
    await elsewhere.start()
    target = (wire if is_same_host else elsewhere).base_url
    answer = reply(status, headers={"Location": f"{target}/v2/stolen"})
    wire.script("GET", answer)
    wire.script("POST", answer)
    client = flavour.client(wire)

    with pytest.raises(APIStatusError) as read:
        await flavour.call(client.actions.list)
    with pytest.raises(APIStatusError) as started:
        await flavour.call(client.gpu_droplets.actions.initiate, DROPLET, type="reboot")
    await elsewhere.stop()

    assert read.value.status == started.value.status == status
    assert "edirect" in str(read.value)
    assert [request.method for request in wire.requests] == ["GET", "POST"]
    assert elsewhere.connections == 0


async def test_pages_asked_of_our_own_host_when_links_point_elsewhere(flavour: Flavour, wire: WireServer) -> None:
    def page(request: Any) -> Reply:
        number = int(request.query["page"])
        elsewhere = "http://127.0.0.1:9/v2/actions?page=2"
        links = {"pages": {"next": elsewhere}} if number == 1 else {"pages": {"prev": elsewhere}}
        return listed([action(number)], links=links, meta={"total": 2})

    wire.script("GET", page)
    client = flavour.client(wire)

    assert [one.id for one in await flavour.items(client.actions.list_all())] == [1, 2]
    assert len(wire.requests) == 2
