"""What the transport makes of URLs, answers and errors, without a connection."""

from __future__ import annotations

import asyncio
import weakref
from types import SimpleNamespace
from typing import Any

import aiohttp
import pytest
from aiohttp.client_reqrep import ConnectionKey, RequestInfo
from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

from gradient_async.http import transport
from gradient_async.http.body_limit import BodyTooLargeError, BoundedStream
from gradient_async.http.transport import Transport
from gradient_async.proxies import Proxy
from gradient_async.secrecy import HIDDEN, Redaction

SECRET = "dop_v1_5f4e3d2c1b0a"
PROXY = Proxy(url="http://proxy.example:3128")
HERE = "https://api.example/v2"
KEY = ConnectionKey("proxy.of.session", 8080, False, True, None, None, None)
INFO = RequestInfo(URL(HERE), "GET", CIMultiDictProxy(CIMultiDict()), URL(HERE))
TIMEOUT = TimeoutError()
REFUSED = OSError(111, "Connection refused")


@pytest.mark.parametrize(
    ("base_url", "target"),
    [
        ("https://api.example", "/"),
        ("https://api.example", "/v2/images/a%2Fb"),
        ("http://localhost:8080", "/v2/droplets"),
        ("http://localhost:8080/proxy%20of/do", "/v2/droplets/7/actions"),
        ("http://localhost:8080/proxy", "/v2/droplets?page=1"),
        ("https://api.example", "/v2/droplets?page=1&tag=a%20b"),
        ("https://api.example", "?page=/"),
        ("https://api.example", "/v2#part"),
        ("https://api.example", "/v2/a?b=/c#d"),
    ],
)
def test_url_is_the_same_with_its_address_from_a_cache(base_url: str, target: str) -> None:
    parsed = transport._url(base_url, target)
    expected = URL(base_url + target, encoded=True)
    assert (parsed, str(parsed)) == (expected, str(expected))
    assert (parsed.raw_path, parsed.raw_query_string, parsed.raw_fragment) == (
        expected.raw_path,
        expected.raw_query_string,
        expected.raw_fragment,
    )


def answer(headers: dict[str, str] | None = None, url: str = HERE) -> Any:
    fields = headers or {}
    raw = tuple((name.encode(), value.encode()) for name, value in fields.items())
    return SimpleNamespace(status=200, headers=CIMultiDict(fields), raw_headers=raw, url=URL(url))


@pytest.mark.parametrize(
    ("proxy", "url", "via"),
    [
        (None, HERE, None),
        (None, "http://api.example", None),
        (PROXY, HERE, None),
        (PROXY, "http://api.example", PROXY.url),
    ],
)
def test_proxy_may_have_answered_itself_without_encryption(proxy: Proxy | None, url: str, via: str | None) -> None:
    assert transport._response(answer(url=url), b"", Redaction([]), proxy).proxy == via


@pytest.mark.parametrize(
    ("header", "body", "shown", "read"),
    [
        ("plain", b"plain", "plain", b"plain"),
        (SECRET, b"plain", HIDDEN, b"plain"),
        ("plain", SECRET.encode(), "plain", HIDDEN.encode()),
    ],
)
def test_answer_does_not_hold_the_requests_token(header: str, body: bytes, shown: str, read: bytes) -> None:
    made = transport._response(answer({"X-Echo": header}), body, Redaction([SECRET]), None)
    assert (made.headers["x-echo"], made.body, made.status) == (shown, read, 200)


@pytest.mark.parametrize(
    ("headers", "is_closed", "is_bounded"),
    [({"Content-Length": "10"}, False, False), ({"Content-Length": "11"}, True, False), ({}, False, True)],
)
def test_answer_is_bounded_by_its_length_or_its_stream(
    headers: dict[str, str], is_closed: bool, is_bounded: bool
) -> None:
    closed: list[bool] = []
    stream = SimpleNamespace(exception=None, set_exception=None)
    made = SimpleNamespace(headers=headers, content=stream, close=lambda: closed.append(True))
    if is_closed:
        with pytest.raises(BodyTooLargeError):
            transport._bound(made, 10)  # type: ignore[arg-type]  # has all used parts
    else:
        transport._bound(made, 10)  # type: ignore[arg-type]  # likewise
    assert bool(closed) is is_closed
    assert isinstance(made.content, BoundedStream) is is_bounded


THROUGH = ", through the proxy http://proxy.example:3128"
ASKS = "; it asks for credentials: add them to its URL, http://user:password@host:port"


@pytest.mark.parametrize(
    ("error", "was_sent", "proxy", "reason"),
    [
        (TIMEOUT, True, None, "no whole answer within 2.5 s"),
        (TIMEOUT, False, None, "no connection within 2.5 s"),
        (TIMEOUT, True, PROXY, f"no whole answer within 2.5 s{THROUGH}"),
        (aiohttp.ClientPayloadError(SECRET), True, None, "the answer was cut off"),
        (aiohttp.ClientPayloadError(), True, PROXY, f"the answer was cut off{THROUGH}"),
        (aiohttp.ClientHttpProxyError(INFO, (), status=502), False, None, "the proxy refused to connect (status 502)"),
        (
            aiohttp.ClientHttpProxyError(INFO, (), status=407),
            False,
            PROXY,
            f"the proxy http://proxy.example:3128 refused to connect (status 407){ASKS}",
        ),
        (
            aiohttp.ClientProxyConnectionError(KEY, REFUSED),
            False,
            None,
            "cannot connect to the proxy proxy.of.session:8080 [Connection refused]",
        ),
        (
            aiohttp.ClientProxyConnectionError(KEY, REFUSED),
            False,
            PROXY,
            "cannot connect to the proxy http://proxy.example:3128 [Connection refused]",
        ),
        (aiohttp.ClientResponseError(INFO, (), message=SECRET), True, None, "the answer is no HTTP"),
        (aiohttp.ServerDisconnectedError(SECRET), True, None, "Server disconnected"),
        (aiohttp.ClientError("broken pipe"), True, PROXY, f"broken pipe{THROUGH}"),
        (aiohttp.ClientError(), True, None, "ClientError"),
    ],
)
def test_failure_has_a_reason_without_foreign_text(
    error: BaseException, was_sent: bool, proxy: Proxy | None, reason: str
) -> None:
    made = transport._exchange_error(error, was_sent=was_sent, status=None, timeout=2.5, proxy=proxy)
    assert made.reason == reason
    assert (made.was_sent, made.timed_out, made.status) == (was_sent, error is TIMEOUT, None)


def chain(*texts: str) -> Exception:
    first, *rest = (LookupError(text) for text in texts)
    last: Exception = first
    for number, link in enumerate(rest):
        if number % 2:
            last.__context__ = link
        else:
            last.__cause__ = link
        last = link
    return first


@pytest.mark.parametrize(
    ("error", "is_kept"),
    [
        (chain("a", "b", "c"), True),
        (chain(SECRET), False),
        (chain("a", SECRET), False),
        (chain("a", "b", f"c {SECRET}"), False),
        (aiohttp.ClientResponseError(INFO, (), message="a"), False),
    ],
)
def test_cause_is_kept_when_none_of_its_texts_has_the_token(error: Exception, is_kept: bool) -> None:
    cause = transport._cause_without_secrets(error, Redaction([SECRET]))
    assert cause is (error if is_kept else None)


@pytest.mark.parametrize(
    ("is_whole", "closes"), [(True, False), (False, True), (None, False)], ids=["matches", "another's", "not asked"]
)
def test_connection_is_closed_after_an_answer_to_another_request(is_whole: bool | None, closes: bool) -> None:
    closed: list[bool] = []
    made: Any = SimpleNamespace(_protocol=SimpleNamespace(close=lambda: closed.append(True)))
    asked: list[object] = []

    def matches(one: object) -> bool:
        asked.append(one)
        return bool(is_whole)

    read: Any = object()
    assert transport._checked(made, read, None if is_whole is None else matches) is read
    assert bool(closed) is closes
    assert asked == ([] if is_whole is None else [read])
    made._protocol = None  # the connection was not kept
    assert transport._checked(made, read, matches) is read


async def test_default_session_repeats_nothing_and_keeps_no_cookies() -> None:
    session = transport._made(transport._default_session)
    assert session._retry_connection is False
    assert isinstance(session.cookie_jar, aiohttp.DummyCookieJar)
    assert session.connector is not None
    assert session.connector.limit == 1000
    await session.close()


def test_transport_is_known_to_forks_and_does_nothing_at_exit(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Any] = []

    def finalize(*_: object) -> Any:
        made.append(SimpleNamespace(atexit=True))
        return made[-1]

    monkeypatch.setattr(weakref, "finalize", finalize)
    one = Transport()
    assert [each.atexit for each in made] == [False]
    assert one in transport._live_transports


async def test_session_is_kept_until_its_pool_is_closed() -> None:
    kept = dict(transport._kept_lifetimes)
    one = Transport()
    session = await one._new_session()
    assert len(transport._kept_lifetimes) == len(kept) + 1
    await one.aclose()
    assert session.closed
    assert transport._kept_lifetimes == kept


async def test_end_of_a_lost_pool_is_kept_until_it_is_reached() -> None:
    ended: list[bool] = []

    async def lifetime() -> Any:
        try:
            yield
        finally:
            ended.append(True)

    before, generator = set(transport._ending), lifetime()
    await anext(generator)
    transport._start_ending(generator)
    (task,) = transport._ending - before
    await task
    await asyncio.sleep(0)
    assert ended == [True]
    assert transport._ending == before


def test_forked_child_keeps_its_parents_connections_unused(monkeypatch: pytest.MonkeyPatch) -> None:
    one, parked, loop, pool = Transport(), list[object](), object(), object()
    given: Any = object()
    monkeypatch.setattr(transport, "_live_transports", [one])
    monkeypatch.setattr(transport, "_parked", parked)
    monkeypatch.setattr(one, "_given", given)
    pools: Any = {loop: pool}
    monkeypatch.setattr(one, "_pools", pools)
    transport._park_connections_in_forked_child()
    assert parked == [given, {loop: pool}]
    assert pools == {}
