from __future__ import annotations

import asyncio
import gc
import ssl
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
import yarl
from aiohttp.client_reqrep import ConnectionKey, RequestInfo
from aioresponses import CallbackResult, aioresponses
from multidict import CIMultiDict, CIMultiDictProxy
from samples import TOKEN

from gradient_async.errors import ClientClosedError
from gradient_async.http.request import ExchangeError
from gradient_async.http.transport import Transport

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

BASE_URL, PATH = "https://api.digitalocean.com", "/v2/droplets/3164444/actions"
URL = BASE_URL + PATH
HEADERS = {"Authorization": f"Bearer {TOKEN}"}
KEY = ConnectionKey("api.digitalocean.com", 443, True, True, None, None, None)  # type: ignore[arg-type]
INFO = RequestInfo(yarl.URL(URL), "POST", CIMultiDictProxy(CIMultiDict(HEADERS)), yarl.URL(URL))


class Answer(aiohttp.ClientResponse):
    """An answer that aioresponses can make: it knows nothing of the writer that aiohttp asks for since 3.14."""

    def __init__(self, *args: Any, **arguments: Any) -> None:
        super().__init__(*args, **arguments, stream_writer=SimpleNamespace(output_size=0))  # type: ignore[arg-type]


class Wire:
    """The stream that a body is written to."""

    def __init__(self, *, breaks: bool = False) -> None:
        self.written = b""
        self._breaks = breaks

    async def write(self, chunk: bytes) -> None:
        if self._breaks:
            raise ConnectionResetError(104, "Connection reset by peer")
        self.written += bytes(chunk)


@pytest.fixture
def server() -> Iterator[aioresponses]:
    with aioresponses() as server:
        yield server


@pytest.fixture
async def transport() -> AsyncIterator[Transport]:
    transport = Transport()
    yield transport
    await transport.aclose()


def raises(server: aioresponses, error: BaseException, *, wire: Wire | None, method: str = "POST") -> None:
    """Make the next exchange fail, after the body was written to a wire, or before."""

    async def fail(_url: object, *, data: Any, **_: object) -> CallbackResult:
        if wire is not None and data is not None:
            await data.write_with_length(wire, None)
        raise error

    server.add(URL, method=method, callback=fail)


async def exchange(transport: Transport, *, body: bytes | None = b'{"type":"reboot"}', timeout: float = 5.0) -> Any:
    method = "GET" if body is None else "POST"
    return await transport.exchange(
        method, BASE_URL, PATH, headers=transport.prepared(HEADERS), body=body, timeout=timeout, limit=1 << 20
    )


async def failure(transport: Transport, **arguments: Any) -> ExchangeError:
    with pytest.raises(ExchangeError) as caught:
        await exchange(transport, **arguments)
    return caught.value


async def test_answer_comes_as_it_is_with_headers_in_any_case(server: aioresponses, transport: Transport) -> None:
    body = b'{"action":{}}'
    server.post(URL, status=201, body=body, headers={"X-Request-Id": "abc"}, response_class=Answer)
    answer = await exchange(transport)
    assert (answer.status, answer.body, answer.headers["x-request-id"]) == (201, body, "abc")


async def test_request_is_sent_unchanged_and_redirects_not_followed(server: aioresponses, transport: Transport) -> None:
    server.post(URL, status=307, headers={"Location": "https://elsewhere.example/"}, response_class=Answer)
    answer = await exchange(transport, timeout=7.5)
    assert answer.status == 307
    ((key, (call,)),) = server.requests.items()
    assert (key[0], str(key[1])) == ("POST", URL)
    assert call.kwargs["allow_redirects"] is False
    assert call.kwargs["headers"] == HEADERS
    assert call.kwargs["timeout"].total == 7.5
    assert call.kwargs["data"].content_type == "application/json"
    wire = Wire()
    await call.kwargs["data"].write_with_length(wire, None)
    assert wire.written == b'{"type":"reboot"}'


@pytest.mark.parametrize("status", [400, 404, 422, 429, 500, 502, 599])
async def test_refusal_is_an_answer_and_no_failure(server: aioresponses, transport: Transport, status: int) -> None:
    server.post(URL, status=status, body=b"<html>", response_class=Answer)
    assert (await exchange(transport)).status == status


CONNECT_ERROR = aiohttp.ClientConnectorError(KEY, ConnectionRefusedError(111, "Connect call failed"))
DNS_ERROR = aiohttp.ClientConnectorDNSError(KEY, OSError(-2, "Name or service not known"))
TLS_ERROR = aiohttp.ClientConnectorCertificateError(KEY, ssl.SSLCertVerificationError("certificate expired"))

FAILURES = [
    (CONNECT_ERROR, "Cannot connect to host api.digitalocean.com:443"),
    (DNS_ERROR, "Cannot connect to host api.digitalocean.com:443"),
    (TLS_ERROR, "Cannot connect to host api.digitalocean.com:443"),
    (aiohttp.ServerDisconnectedError(), "Server disconnected"),
    (aiohttp.ClientOSError(104, "Connection reset by peer"), "[Errno 104] Connection reset by peer"),
    (ConnectionResetError(104, "Connection reset by peer"), "[Errno 104] Connection reset by peer"),
    (BrokenPipeError(32, "Broken pipe"), "[Errno 32] Broken pipe"),
    (aiohttp.ClientPayloadError("Response payload is not completed"), "the answer was cut off"),
    (aiohttp.ClientConnectionError("Connector is closed."), "Connector is closed."),
    (aiohttp.ClientError(), "ClientError"),
]


@pytest.mark.parametrize(("error", "reason"), FAILURES, ids=lambda one: type(one).__name__)
@pytest.mark.parametrize("was_written", [True, False])
async def test_failure_says_what_happened_and_whether_the_body_left(
    error: BaseException, reason: str, was_written: bool, server: aioresponses, transport: Transport
) -> None:
    raises(server, error, wire=Wire() if was_written else None)
    failed = await failure(transport)
    assert failed.reason.startswith(reason)
    assert failed.was_sent is was_written
    assert (failed.timed_out, failed.status) == (False, None)
    assert failed.__cause__ is error


@pytest.mark.parametrize("error", [TimeoutError(), aiohttp.ServerTimeoutError(), aiohttp.SocketTimeoutError()])
@pytest.mark.parametrize(
    ("wire", "reason"), [(None, "no connection within 0.5 s"), (Wire(), "no whole answer within 0.5 s")]
)
async def test_time_out_says_how_far_the_request_got(
    error: Exception, wire: Wire | None, reason: str, server: aioresponses, transport: Transport
) -> None:
    raises(server, error, wire=wire)
    failed = await failure(transport, timeout=0.5)
    assert (failed.reason, failed.was_sent, failed.timed_out) == (reason, wire is not None, True)


async def test_body_counts_as_sent_when_its_writing_broke_off(server: aioresponses, transport: Transport) -> None:
    raises(server, AssertionError("the wire breaks first"), wire=Wire(breaks=True))
    assert (await failure(transport)).was_sent is True


@pytest.mark.parametrize("error", [CONNECT_ERROR, DNS_ERROR, TLS_ERROR, aiohttp.ConnectionTimeoutError()])
async def test_bodyless_request_was_not_sent_without_a_connection(
    error: BaseException, server: aioresponses, transport: Transport
) -> None:
    raises(server, error, wire=None, method="GET")
    assert (await failure(transport, body=None)).was_sent is False


@pytest.mark.parametrize("error", [aiohttp.ServerDisconnectedError(), aiohttp.ClientOSError(104, "x"), TimeoutError()])
async def test_bodyless_request_counts_as_sent_after_the_connection(
    error: BaseException, server: aioresponses, transport: Transport
) -> None:
    raises(server, error, wire=None, method="GET")
    assert (await failure(transport, body=None)).was_sent is True


@pytest.mark.parametrize(
    "error",
    [
        aiohttp.ClientResponseError(INFO, (), status=400, message="Bad status line", headers=CIMultiDict(HEADERS)),
        aiohttp.ClientHttpProxyError(INFO, (), status=407, message="Proxy Authentication Required"),
        aiohttp.ContentTypeError(INFO, (), message=f"Bearer {TOKEN}"),
        aiohttp.TooManyRedirects(INFO, ()),
    ],
    ids=lambda one: type(one).__name__,
)
async def test_token_is_not_in_an_error_that_carries_the_request(
    error: BaseException, server: aioresponses, transport: Transport
) -> None:
    raises(server, error, wire=Wire())
    failed = await failure(transport)
    assert failed.reason.startswith(("the answer is no HTTP", "the proxy refused to connect"))
    assert failed.__cause__ is None
    assert failed.__suppress_context__
    assert TOKEN not in repr(failed) + str(failed)


async def test_status_is_known_when_the_answer_broke_off(server: aioresponses, transport: Transport) -> None:
    class CutOff(Answer):
        async def read(self) -> bytes:
            raise aiohttp.ClientPayloadError("Response payload is not completed")

    server.post(URL, status=201, response_class=CutOff)
    failed = await failure(transport)
    assert (failed.status, failed.reason) == (201, "the answer was cut off")


async def test_cancellation_is_no_failure_of_the_exchange(server: aioresponses, transport: Transport) -> None:
    raises(server, asyncio.CancelledError(), wire=Wire())
    with pytest.raises(asyncio.CancelledError):
        await exchange(transport)


@pytest.mark.parametrize("host", ["a..b", "a" * 64 + ".example", "xn--\u0661"])
async def test_request_was_not_sent_when_its_host_can_have_no_address(host: str, transport: Transport) -> None:
    with pytest.raises(ExchangeError) as caught:
        await transport.exchange(
            "POST", f"http://{host}", "/v2/x", headers=transport.prepared({}), body=b"{}", timeout=5.0, limit=1 << 20
        )
    assert caught.value.was_sent is False


# --- sessions ---


async def test_users_own_session_is_used_and_left_open() -> None:
    async with aiohttp.ClientSession() as session:
        transport = Transport(session)
        with aioresponses() as server:
            server.get(URL, response_class=Answer)
            await exchange(transport, body=None)
        await transport.aclose()
        assert not session.closed


async def test_closed_session_of_the_user_is_a_clear_error() -> None:
    session = aiohttp.ClientSession()
    await session.close()
    with pytest.raises(ClientClosedError, match="the http_session that this client was given is closed"):
        await exchange(Transport(session))


async def test_factory_is_called_once_and_its_session_is_closed() -> None:
    made: list[aiohttp.ClientSession] = []

    def make() -> aiohttp.ClientSession:
        made.append(aiohttp.ClientSession())
        return made[-1]

    transport = Transport(make)
    assert made == []
    with aioresponses() as server:
        server.get(URL, response_class=Answer, repeat=True)
        async with asyncio.TaskGroup() as group:
            for _ in range(5):
                group.create_task(exchange(transport, body=None))
    assert len(made) == 1
    await transport.aclose()
    assert made[0].closed
    await transport.aclose()


def test_each_event_loop_has_its_own_connections() -> None:
    made: list[aiohttp.ClientSession] = []

    def make() -> aiohttp.ClientSession:
        made.append(aiohttp.ClientSession())
        return made[-1]

    transport = Transport(make)
    for number in (1, 2):
        with aioresponses() as server:
            server.get(URL, response_class=Answer)
            asyncio.run(exchange(transport, body=None))
        assert len(made) == number
        assert all(session.closed for session in made)
    gc.collect()


async def test_new_session_is_made_when_the_user_closed_the_factorys() -> None:
    made: list[aiohttp.ClientSession] = []

    def make() -> aiohttp.ClientSession:
        made.append(aiohttp.ClientSession())
        return made[-1]

    transport = Transport(make)
    with aioresponses() as server:
        server.get(URL, response_class=Answer, repeat=True)
        await exchange(transport, body=None)
        await made[0].close()
        await exchange(transport, body=None)
    assert len(made) == 2
    await transport.aclose()
    assert made[1].closed


# --- the same over a real connection: aiohttp has to write the body where this SDK looks ---


async def first_request_answered_by(answer: bytes | None) -> tuple[str, list[bytes], asyncio.Server]:
    """Return a server that reads one whole request, answers with some bytes and closes."""
    seen: list[bytes] = []

    async def serve(incoming: asyncio.StreamReader, outgoing: asyncio.StreamWriter) -> None:
        head = await incoming.readuntil(b"\r\n\r\n")
        seen.append(head + await incoming.readexactly(2))
        if answer is not None:
            outgoing.write(answer)
        outgoing.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    return f"http://127.0.0.1:{port}", seen, server


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (None, None),
        (b"HTTP/1.1 201 Created\r\n", None),
        (b"garbage\r\n\r\n", None),
        (b"HTTP/1.1 201 Created\r\nContent-Length: 100\r\n\r\n{", 201),
        (b"HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{", 201),
        (b"HTTP/1.1 201 Created\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nnope", 201),
    ],
    ids=["nothing", "half a head", "garbage", "short body", "short chunk", "bad gzip"],
)
async def test_request_counts_as_sent_when_the_server_read_it(
    answer: bytes | None, status: int | None, transport: Transport
) -> None:
    url, seen, server = await first_request_answered_by(answer)
    async with server:
        with pytest.raises(ExchangeError) as caught:
            await transport.exchange(
                "POST", url, "/v2/x", headers=Transport.prepared(HEADERS), body=b"{}", timeout=3.0, limit=1 << 20
            )
    assert caught.value.was_sent is True
    assert caught.value.status == status
    (request,) = seen
    assert request.startswith(b"POST /v2/x HTTP/1.1\r\n")
    assert request.endswith(b"\r\n\r\n{}")
    assert b"Content-Type: application/json\r\n" in request
    assert TOKEN not in repr(caught.value)


async def test_request_was_not_sent_when_a_real_port_refuses(transport: Transport) -> None:
    url, _, server = await first_request_answered_by(None)
    server.close()
    await server.wait_closed()
    for body, method in ((b"{}", "POST"), (None, "GET")):
        with pytest.raises(ExchangeError) as caught:
            await transport.exchange(
                method, url, "/v2/x", headers=transport.prepared({}), body=body, timeout=3.0, limit=1 << 20
            )
        assert caught.value.was_sent is False
        assert "Cannot connect to host" in caught.value.reason


async def test_url_goes_out_as_it_was_quoted(transport: Transport) -> None:
    url, seen, server = await first_request_answered_by(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
    async with server:
        path = "/v2/tags/a%2Fb%2E%2E?tag_name=a%20b%2Bc%26d"
        await transport.exchange(
            "POST", url, path, headers=transport.prepared({}), body=b"{}", timeout=3.0, limit=1 << 20
        )
    assert seen[0].startswith(f"POST {path} HTTP/1.1\r\n".encode())


@pytest.mark.parametrize("how", ["text", "cause", "context", "context of a cause", "cause of a context"])
async def test_failure_has_no_cause_when_a_link_shows_the_token(
    transport: Transport, server: aioresponses, how: str
) -> None:
    error, link, secret = OSError("cannot connect"), LookupError("inside"), ValueError(f"sent {TOKEN}")
    if how == "text":
        error = OSError(f"cannot connect with {TOKEN}")
    elif how == "cause":
        error.__cause__ = secret
    elif how == "context":
        error.__context__ = secret
    elif how == "context of a cause":
        error.__cause__, link.__context__ = link, secret
    else:
        error.__context__, link.__cause__ = link, secret
    raises(server, error, wire=None)
    assert (await failure(transport)).__cause__ is None


async def test_failure_has_its_cause_when_no_link_shows_the_token(transport: Transport, server: aioresponses) -> None:
    error = OSError("cannot connect")
    error.__context__ = LookupError("inside")
    raises(server, error, wire=None)
    assert (await failure(transport)).__cause__ is error
