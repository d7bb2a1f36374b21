"""Sends single attempts with aiohttp. No other module of the client imports aiohttp."""

from __future__ import annotations

import asyncio
import contextlib
import os
import weakref
from collections.abc import AsyncGenerator, Callable
from functools import lru_cache
from operator import itemgetter
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

import aiohttp
from aiohttp.payload import BytesPayload
from multidict import CIMultiDict
from yarl import URL

from gradient_async.errors import ClientClosedError
from gradient_async.event_loops import running_loop
from gradient_async.http.body_limit import BodyTooLargeError, BoundedStream, announced_length
from gradient_async.http.headers import Headers
from gradient_async.http.request import ExchangeError, Response, Timestamp
from gradient_async.http.tracebacks import without_wire_frames

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aiohttp.abc import AbstractStreamWriter

    from gradient_async.proxies import Proxy
    from gradient_async.secrecy import Redaction

SessionFactory: TypeAlias = Callable[[], aiohttp.ClientSession]

# An impossible host name raises a UnicodeError.
_BEFORE_CONNECTING: Final = (
    aiohttp.ClientConnectorError,
    aiohttp.ClientHttpProxyError,
    aiohttp.ConnectionTimeoutError,
    aiohttp.InvalidURL,
    UnicodeError,
)

_PROXY_AUTHENTICATION: Final = 407

_VALUE_OF_FIELD: Final = itemgetter(1)

# The rate budget and the caller's own concurrency keep the number of connections far below this.
_MAX_CONNECTIONS: Final = 1000


class _TracedBody(BytesPayload):
    """A body that records whether aiohttp has begun to write it.

    aiohttp writes the body when the connection is open. If the request fails before that, the server cannot have
    executed it, since the request was not complete.
    """

    def __init__(self, body: bytes) -> None:
        super().__init__(body, content_type="application/json")
        self.writing_began = False

    async def write_with_length(self, writer: AbstractStreamWriter, content_length: int | None) -> None:
        self.writing_began = True
        await super().write_with_length(writer, content_length)


class Transport:
    """Sends single attempts over pooled connections, with one pool for each event loop.

    ``aclose`` closes a pool; otherwise its event loop closes it at shutdown. So a client can be used in one
    ``asyncio.run`` after another, and leaves no socket open.

    Args:
        session: The user's own session, which is never closed here; or a function that creates sessions, which is
            called once in each event loop and whose sessions are closed here; or ``None``.
    """

    def __init__(self, session: aiohttp.ClientSession | SessionFactory | None = None) -> None:
        self._given: aiohttp.ClientSession | None = None
        self._make: SessionFactory = _default_session
        if isinstance(session, aiohttp.ClientSession):
            self._given = session
        elif callable(session):
            self._make = session
        elif session is not None:
            raise TypeError(
                "http_session: expected an aiohttp.ClientSession or a function that makes one, "
                f"got {type(session).__name__}"
            )
        self._pools: dict[asyncio.AbstractEventLoop, _Pool] = {}
        _live_transports.add(self)
        weakref.finalize(self, _close_soon, self._pools).atexit = False

    @staticmethod
    def prepared(headers: Mapping[str, str]) -> Headers:
        """Return headers in the form that is fastest to send, for headers that many requests share."""
        return Headers(headers)

    async def exchange(
        self,
        method: str,
        base_url: str,
        target: str,
        *,
        headers: Headers,
        body: bytes | None,
        timeout: float,
        limit: int,
        matches: Callable[[Response], bool] | None = None,
        proxy: Proxy | None = None,
    ) -> Response:
        """Send one request once, and read the complete answer.

        No error that is raised here has a traceback frame with a value of the headers.

        Args:
            method: HTTP method.
            base_url: The API's address, percent-encoded.
            target: What follows it: the path and the query, percent-encoded.
            headers: All headers.
            body: JSON; ``None`` for no body.
            timeout: Seconds for the whole exchange.
            limit: Maximum number of bytes of the answer's body, decompressed.
            matches: Returns whether the answer belongs to this request. If it does not, the connection is closed.
            proxy: The proxy; ``None`` for the session's own settings.

        Raises:
            ClientClosedError: The user's own session is closed.
            ExchangeError: There was no complete answer.
        """
        session = self._open_session() or await self._new_session()
        traced = None if body is None else _TracedBody(body)
        answer = None
        try:
            answer = await session.request(
                method,
                _url(base_url, target),
                headers=headers.reveal(),
                data=traced,
                timeout=_limit(timeout),
                allow_redirects=False,
                raise_for_status=False,
                proxy=None if proxy is None else _parsed(proxy.url),
                proxy_headers=None if proxy is None else proxy.headers,
            )
            _bound(answer, limit)
            content = await answer.read()  # closes the connection if it fails
            if answer.connection is not None:  # "101 Switching Protocols" leaves the connection open
                answer.close()
            return _checked(answer, _response(answer, content, headers.redaction, proxy), matches)
        except BodyTooLargeError as error:
            failure = ExchangeError(str(error), was_sent=True, status=_status_of(answer), limit=limit)
        except (aiohttp.ClientError, OSError, UnicodeError) as error:
            was_sent = not isinstance(error, _BEFORE_CONNECTING) if traced is None else traced.writing_began
            failure = _exchange_error(error, was_sent=was_sent, status=_status_of(answer), timeout=timeout, proxy=proxy)
            failure.__cause__ = _cause_without_secrets(error, headers.redaction)
        except BaseException as error:
            answer = None  # its repr shows the server's bytes
            without_wire_frames(error)
            raise
        answer = None
        try:
            raise failure  # raised here: above, the other error would be its context
        finally:
            del failure  # else the error and this frame would refer to each other

    async def aclose(self) -> None:
        """Close this event loop's connections. Other event loops close their own."""
        pool = self._pools.pop(running_loop(), None)
        if pool is not None:
            await _end(pool.lifetime)

    def _open_session(self) -> aiohttp.ClientSession | None:
        """Return the user's own session, or that of this event loop; ``None`` if it has none yet.

        Raises:
            ClientClosedError: The user's own session is closed.
        """
        loop = running_loop()
        if self._given is None:
            pool = self._pools.get(loop)
            return None if pool is None or pool.session.closed else pool.session
        if self._given.closed:
            raise ClientClosedError("the http_session that this client was given is closed")
        return self._given

    async def _new_session(self) -> aiohttp.ClientSession:
        for ended in [other for other in self._pools if other.is_closed()]:
            del self._pools[ended]
        lifetime = _keep(self._make)
        # The generator does not wait before it yields the session, so no other task runs in between.
        pool = self._pools[asyncio.get_running_loop()] = _Pool(await anext(lifetime), lifetime)
        return pool.session


_Lifetime: TypeAlias = AsyncGenerator[aiohttp.ClientSession, None]


class _Pool(NamedTuple):
    """The session of one event loop, and the generator that closes it."""

    session: aiohttp.ClientSession
    lifetime: _Lifetime


def _bound(answer: aiohttp.ClientResponse, limit: int) -> None:
    """Limit the bytes that the answer reads. The answer still calls the session's trace configs itself."""
    length = announced_length(answer.headers)
    if length is None:
        answer.content = BoundedStream(answer.content, limit)  # type: ignore[assignment]  # has all used methods
    elif length > limit:
        answer.close()
        raise BodyTooLargeError(limit)


def _response(answer: aiohttp.ClientResponse, content: bytes, redaction: Redaction, proxy: Proxy | None) -> Response:
    headers: Mapping[str, str] = answer.headers
    if redaction.is_in(b"\n".join(map(_VALUE_OF_FIELD, answer.raw_headers))):
        headers = CIMultiDict(redaction.headers(headers))
    if redaction.is_in(content):
        content = redaction.bytes(content)
    via = None if proxy is None or answer.url.scheme == "https" else proxy.url
    return Response(answer.status, headers, content, Timestamp.now(), redaction, via)


def _url(base_url: str, target: str) -> URL:
    """Return the complete URL. The address is parsed once, since that takes longer than the rest."""
    if "?" in target or "#" in target:
        return URL(base_url + target, encoded=True)
    address = _parsed(base_url)
    return address.with_path(target if address.raw_path == "/" else address.raw_path + target, encoded=True)


@lru_cache
def _parsed(address: str) -> URL:
    return URL(address, encoded=True)


@lru_cache
def _limit(seconds: float) -> aiohttp.ClientTimeout:
    return aiohttp.ClientTimeout(total=seconds)


def _checked(
    answer: aiohttp.ClientResponse, response: Response, matches: Callable[[Response], bool] | None
) -> Response:
    """Return the response. If it belongs to another request, close its connection, which is in the pool again."""
    # aiohttp has no public access to that connection.
    if matches is not None and not matches(response) and answer._protocol is not None:  # noqa: SLF001 - see above
        answer._protocol.close()  # noqa: SLF001 - likewise
    return response


async def _end(lifetime: _Lifetime) -> None:
    with contextlib.suppress(RuntimeError):  # the loop shuts down, and already closes the generator
        await lifetime.aclose()


def _keep(make: SessionFactory) -> _Lifetime:
    """Create a session's generator, and keep a reference until it ends."""
    key = object()
    lifetime = _kept_lifetimes[key] = _session_lifetime(make, key)
    return lifetime


def _close_soon(pools: dict[asyncio.AbstractEventLoop, _Pool]) -> None:
    """Let each event loop close its pool after the transport was collected."""
    for loop, pool in pools.items():
        with contextlib.suppress(RuntimeError):  # the loop is closed, and closed its pool
            loop.call_soon_threadsafe(_start_ending, pool.lifetime)


def _start_ending(lifetime: _Lifetime) -> None:
    task = asyncio.get_running_loop().create_task(_end(lifetime))
    _ending.add(task)
    task.add_done_callback(_ending.discard)


async def _session_lifetime(make: SessionFactory, key: object) -> AsyncGenerator[aiohttp.ClientSession, None]:
    """Yield a session, and close it when the generator is closed. The event loop closes it at shutdown."""
    try:
        session = _made(make)
        try:
            yield session
        finally:
            await session.close()
    finally:
        _kept_lifetimes.pop(key, None)


def _made(make: SessionFactory) -> aiohttp.ClientSession:
    session = make()
    if not isinstance(session, aiohttp.ClientSession):
        raise TypeError(f"http_session: expected the function to make an aiohttp.ClientSession, got {session!r:.60}")
    # Without this, aiohttp repeats a read after a broken connection by itself, without pacing. It has no public switch
    # for that; its own test client uses this one.
    session._retry_connection = False  # noqa: SLF001 - see above
    return session


def _default_session() -> aiohttp.ClientSession:
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=_MAX_CONNECTIONS),
        # The API's gateway sets cookies that a client does not need.
        cookie_jar=aiohttp.DummyCookieJar(),
    )


def _status_of(answer: aiohttp.ClientResponse | None) -> int | None:
    return None if answer is None else answer.status


def _exchange_error(
    error: BaseException, *, was_sent: bool, status: int | None, timeout: float, proxy: Proxy | None
) -> ExchangeError:
    timed_out = isinstance(error, asyncio.TimeoutError)
    through = "" if proxy is None else f", through the proxy {proxy}"
    if timed_out:
        what = "no whole answer" if was_sent else "no connection"
        reason = f"{what} within {timeout:g} s{through}"
    elif isinstance(error, aiohttp.ClientPayloadError):
        reason = f"the answer was cut off{through}"
    elif isinstance(error, aiohttp.ClientHttpProxyError):
        reason = f"the proxy{f' {proxy}' if proxy else ''} refused to connect (status {error.status})"
        if error.status == _PROXY_AUTHENTICATION:
            reason += "; it asks for credentials: add them to its URL, http://user:password@host:port"
    elif isinstance(error, aiohttp.ClientProxyConnectionError):
        reason = f"cannot connect to the proxy {proxy or f'{error.host}:{error.port}'} [{error.strerror}]"
    elif isinstance(error, aiohttp.ClientResponseError):
        # The text of these exceptions can show the request's headers, with the token.
        reason = f"the answer is no HTTP{through}"
    else:
        # The text of ServerDisconnectedError can be the head of the answer.
        text = "Server disconnected" if isinstance(error, aiohttp.ServerDisconnectedError) else str(error)
        reason = f"{text or type(error).__name__}{through}"
    return ExchangeError(reason, was_sent=was_sent, timed_out=timed_out, status=status)


def _cause_without_secrets(error: BaseException, redaction: Redaction) -> BaseException | None:
    """Return the error as a cause that does not hold the token; ``None`` if its texts hold the token.

    Some errors keep the request or the answer. Frames of the traceback keep the headers.
    """
    if isinstance(error, aiohttp.ClientResponseError):
        return None
    link: BaseException | None = error
    while link is not None:
        if redaction.concerns((str(link), repr(link.args))):
            return None
        link = link.__cause__ or link.__context__
    return without_wire_frames(error)


# A session must not be collected in another thread than its own. These references keep it until its loop closes it.
_kept_lifetimes: Final[dict[object, _Lifetime]] = {}
_ending: Final[set[asyncio.Task[None]]] = set()
_live_transports: Final[weakref.WeakSet[Transport]] = weakref.WeakSet()
_parked: Final[list[object]] = []


def _park_connections_in_forked_child() -> None:
    """Keep the parent's connections in a forked child, and do not use them.

    If the child collected them, their sockets would leave the ``epoll`` object that it shares with its parent, and the
    parent's next request would hang.
    """
    for transport in _live_transports:
        _parked.append(transport._given)  # noqa: SLF001 - this module's own class
        _parked.append(dict(transport._pools))  # noqa: SLF001 - likewise
        transport._pools.clear()  # noqa: SLF001 - likewise


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_park_connections_in_forked_child)
