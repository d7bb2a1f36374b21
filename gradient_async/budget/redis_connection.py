"""Connections to a Redis or Valkey server: one client of redis-py for each event loop.

Only this module imports redis-py, the extra ``redis``.

An event loop closes its connections at shutdown, or when the ``RedisConnection`` is collected. A forked child makes
its own. redis-py repeats nothing: the caller decides what a lost answer means.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import re
import weakref
from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol, TypeAlias, cast
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from attrs import field, frozen

from gradient_async.budget.store_errors import StoreAwayError
from gradient_async.event_loops import running_loop
from gradient_async.install_command import install_command
from gradient_async.secrecy import SecretText

if TYPE_CHECKING:
    from collections.abc import Sequence

    from redis.asyncio import Redis

# For the connection with its handshake, and for each answer. A server on the same network needs a millisecond.
_CONNECT_SECONDS: Final = 2.0
_ANSWER_SECONDS: Final = 2.0

_SCHEMES: Final = {
    "redis": "redis",
    "rediss": "rediss",
    "valkey": "redis",
    "valkeys": "rediss",
    "unix": "unix",
    "redis+unix": "unix",
    "redis+socket": "unix",
    "valkey+unix": "unix",
}
REDIS_SCHEMES: Final = frozenset(_SCHEMES)


@frozen
class Script:
    """A Lua script, which the server runs as a whole: no other command runs in between.

    Attributes:
        text: Its source.
        digest: The name by which the server keeps it.
    """

    text: str = field(repr=False)
    digest: str = field(init=False)

    @digest.default
    def _digest_of_text(self) -> str:
        return hashlib.sha1(self.text.encode(), usedforsecurity=False).hexdigest()


class RedisConnection:
    """Runs scripts on a server, from any event loop.

    Args:
        url: ``redis://``, ``rediss://`` (TLS), ``valkey://``, ``valkeys://`` or ``unix://``, with what redis-py
            understands: user, password, host, port, number of the database, options.

    Raises:
        ImportError: redis-py is not installed.
        ValueError: The URL is wrong.
    """

    def __init__(self, url: str) -> None:
        check_redis_is_installed()
        self._url = SecretText(_for_redis_py(url))
        self._secrets = tuple(map(SecretText, _secrets_of(url)))
        self._masked_url = masked(url)
        self._clients: dict[asyncio.AbstractEventLoop, _Client] = {}
        _new_client(self._url)  # a wrong option of the URL is an error now, not at the first request
        _live_connections.add(self)
        weakref.finalize(self, _close_soon, self._clients).atexit = False

    def __repr__(self) -> str:
        return f"RedisConnection({self._masked_url!r})"

    @property
    def masked_url(self) -> str:
        """The URL without user, password and options."""
        return self._masked_url

    async def run(self, script: Script, keys: Sequence[str], arguments: Sequence[str | int]) -> object:
        """Run a script, and return its answer: integers, texts, and lists of them.

        A cancelled call, or one that raises, may have been executed all the same.

        Args:
            script: The script.
            keys: All keys that it uses.
            arguments: Its arguments.

        Raises:
            StoreAwayError: There was no answer in time, or the server refused the script.
        """
        from redis.exceptions import NoScriptError, RedisError

        client = await self._client()
        call = cast("_Call", client.evalsha)
        try:
            async with asyncio.timeout(_CONNECT_SECONDS + _ANSWER_SECONDS):
                try:
                    return await call(script.digest, len(keys), *keys, *arguments)
                except NoScriptError:
                    call = cast("_Call", client.eval)
                return await call(script.text, len(keys), *keys, *arguments)
        except (RedisError, OSError, UnicodeError) as error:
            reason = self._without_secrets(error)
        # Raised here: above, the other error would be its context, whose frames hold the password.
        raise StoreAwayError(reason)

    async def aclose(self) -> None:
        """Close this event loop's connections. Other event loops close their own."""
        client = self._clients.pop(running_loop(), None)
        if client is not None:
            await _end(client.lifetime)

    async def _client(self) -> Redis:
        client = self._clients.get(running_loop())
        if client is None:
            for ended in [other for other in self._clients if other.is_closed()]:
                _forget(self._clients.pop(ended))
            key, lifetime = _keep(self._url)
            # The generator does not wait before it yields the client, so no other task runs in between.
            client = self._clients[running_loop()] = _Client(await anext(lifetime), lifetime, key)
        return client.redis

    def _without_secrets(self, error: Exception) -> str:
        text = f"{error}" or f"no answer within {_CONNECT_SECONDS + _ANSWER_SECONDS:g} s"
        for secret in self._secrets:
            text = text.replace(secret, "…")
        return text.rstrip(".")


def connection_to(url: str) -> RedisConnection:
    """Return the connection to a server that all of this process's budgets share."""
    connection = _connections.get(url)
    if connection is None:
        connection = RedisConnection(url)
        _connections[SecretText(url)] = connection
    return connection


def check_redis_is_installed() -> None:
    """Check that redis-py can be imported.

    Raises:
        ImportError: It cannot. The text says what to install.
    """
    try:
        import redis.asyncio  # noqa: F401 - only whether it is there
    except ImportError:
        raise ImportError(
            f"a rate budget on Redis or Valkey needs redis-py, the extra 'redis': {install_command('redis')}"
        ) from None


def masked(url: str) -> str:
    """Return a URL without user, password and options."""
    scheme, separator, rest = url.partition("://")
    if not separator:
        return f"{scheme.partition(':')[0]}:…"
    rest, *options = re.split(r"[?#]", rest)
    if any("@" in one for one in options):
        return f"{scheme}://…"  # of a password that is not percent-encoded, the rest can be a part
    place = rest.rpartition("@")[2]
    return f"{scheme}://{'…@' if '@' in rest else ''}{place}"


class _Call(Protocol):
    async def __call__(self, script: str, numkeys: int, *keys_and_args: str | int) -> object: ...


_Lifetime: TypeAlias = AsyncGenerator["Redis", None]


class _Client(NamedTuple):
    """The client of one event loop, the generator that closes it, and the key under which that is kept."""

    redis: Redis
    lifetime: _Lifetime
    key: object


def _for_redis_py(url: str) -> str:
    """Return a URL with the scheme that redis-py knows.

    Raises:
        ValueError: The URL is wrong.
    """
    scheme, separator, rest = url.partition("://")
    known = _SCHEMES.get(scheme)
    if known is None or not separator:
        raise ValueError(f"url: expected redis://, rediss://, valkey://, valkeys:// or unix://, got {masked(url)!r}")
    parts = _parts_of_place(f"{known}://{rest}")
    if parts is None:
        expected = "unix:///path/to/socket" if known == "unix" else f"{scheme}://host:port/0"
        raise ValueError(f"url: expected {expected}, got {masked(url)!r}")
    if "@" in parts.netloc and "@" in f"{parts.query}{parts.fragment}":
        raise ValueError(f"url: expected '?' and '#' in a password as %3F and %23, and '@' as %40, in {masked(url)!r}")
    if known != "unix" and not re.fullmatch(r"(/\d*)?", parts.path):
        raise ValueError(f"url: expected a number of a database after the host, such as /0, in {masked(url)!r}")
    return f"{known}://{rest}"


def _parts_of_place(url: str) -> SplitResult | None:
    """Split a URL of redis-py; ``None`` if it names no place. For port 0, redis-py would take its default."""
    try:
        parts = urlsplit(url)
        is_unix = parts.scheme == "unix"
        is_place = bool(parts.path.strip("/")) and not parts.hostname if is_unix else parts.port != 0
    except ValueError:
        return None
    return parts if is_place else None


def _secrets_of(url: str) -> list[str]:
    parts = urlsplit(url)
    options = [value for name, value in parse_qsl(parts.query) if "password" in name]
    found = [parts.password or "", unquote(parts.password or ""), *options]
    return [secret for secret in found if secret]


def _new_client(url: str) -> Redis:
    """Return a client that is not connected yet, and that repeats nothing by itself.

    Raises:
        ValueError: An option of the URL is wrong.
    """
    from redis.asyncio import Redis
    from redis.asyncio.retry import Retry
    from redis.backoff import NoBackoff
    from redis.exceptions import RedisError

    try:
        client: Redis = Redis.from_url(
            url,
            socket_connect_timeout=_CONNECT_SECONDS,
            socket_timeout=_ANSWER_SECONDS,
            retry=Retry(NoBackoff(), 0),
            health_check_interval=0,
            decode_responses=True,
            encoding_errors="replace",
            protocol=2,
        )
        # It checks the options, and opens nothing.
        client.connection_pool.make_connection()  # type: ignore[no-untyped-call]  # redis-py does not annotate it
        return client  # noqa: TRY300 - both lines can raise
    except (TypeError, ValueError, RedisError) as error:
        reason = str(error)
    raise ValueError(f"url: redis-py refuses {masked(url)!r}: {reason:.100}")


async def _end(lifetime: _Lifetime) -> None:
    with contextlib.suppress(RuntimeError):  # the loop shuts down, and already closes the generator
        await lifetime.aclose()


def _keep(url: str) -> tuple[object, _Lifetime]:
    """Create a client's generator, and keep a reference until it ends."""
    key = object()
    lifetime = _kept_lifetimes[key] = _client_lifetime(url, key)
    return key, lifetime


def _forget(client: _Client) -> None:
    """Drop a client whose event loop was closed without ``shutdown_asyncgens``. Its socket is closed with it."""
    _kept_lifetimes.pop(client.key, None)


async def _client_lifetime(url: str, key: object) -> AsyncGenerator[Redis, None]:
    """Yield a client, and close it when the generator is closed. The event loop closes it at shutdown."""
    try:
        client = _new_client(url)
        try:
            yield client
        finally:
            with contextlib.suppress(OSError):
                await client.aclose()
    finally:
        _kept_lifetimes.pop(key, None)


def _close_soon(clients: dict[asyncio.AbstractEventLoop, _Client]) -> None:
    """Let each event loop close its client after the connection was collected."""
    for loop, client in clients.items():
        try:
            loop.call_soon_threadsafe(_start_ending, client.lifetime)
        except RuntimeError:  # the loop is closed
            _forget(client)


def _start_ending(lifetime: _Lifetime) -> None:
    task = asyncio.get_running_loop().create_task(_end(lifetime))
    _ending.add(task)
    task.add_done_callback(_ending.discard)


_connections: Final[weakref.WeakValueDictionary[str, RedisConnection]] = weakref.WeakValueDictionary()
_kept_lifetimes: Final[dict[object, _Lifetime]] = {}
_ending: Final[set[asyncio.Task[None]]] = set()
_live_connections: Final[weakref.WeakSet[RedisConnection]] = weakref.WeakSet()


def _forget_clients_in_forked_child() -> None:
    """Leave the parent's connections alone in a forked child. ``_kept_lifetimes`` still refers to them.

    If the child collected them, their sockets would leave the ``epoll`` object that it shares with its parent.
    """
    for connection in _live_connections:
        connection._clients.clear()  # noqa: SLF001 - this module's own class


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_clients_in_forked_child)
