"""Keys of requests on a Redis or Valkey server, for the processes of several hosts.

The server's clock counts, and never the clients'. How long a key survives a crash of the server is the server's own
setting (``appendonly``, ``appendfsync``): see the guide "Run once".
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final, cast

import anyio
from anyio.lowlevel import RunVar

from gradient_async.budget.redis_connection import Script
from gradient_async.budget.store_errors import StoreAwayError
from gradient_async.http.key_store import Reading, StoreTime, Swap

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gradient_async.budget.redis_connection import RedisConnection

_CLOCK: Final = "redis"
_READ: Final = Script("""
local time, text = redis.call('TIME'), redis.call('GET', KEYS[1])
return {text and 1 or 0, text or '', time[1], time[2]}
""")
# ARGV: whether a text is expected, this text, whether there is a new one, this text, and its milliseconds to live.
_SWAP: Final = Script("""
local time, text = redis.call('TIME'), redis.call('GET', KEYS[1])
local expected = ARGV[1] == '1' and ARGV[2]
if text ~= expected then return {0, '', time[1], time[2]} end
if ARGV[3] == '1' then
    redis.call('SET', KEYS[1], ARGV[4], 'PX', ARGV[5])
else
    redis.call('DEL', KEYS[1])
end
return {1, '', time[1], time[2]}
""")


# redis-py opens a connection for each command that has no answer yet. A thousand calls at once would need as many.
_CONNECTIONS: Final = 8
# A server that is down refuses at once. One that needs longer for an error does not answer at all.
_QUICK_SECONDS: Final = 0.5


class RedisKeyStore:
    """Keeps keys on a server.

    Args:
        connection: The connection to it.
    """

    def __init__(self, connection: RedisConnection) -> None:
        self._connection = connection
        self._silences = 0
        self._reason = ""

    @property
    def title(self) -> str:
        """The server's URL, without user and password."""
        return self._connection.masked_url

    async def read(self, name: str) -> Reading:
        """Return what is kept under a name.

        Raises:
            StoreAwayError: The server does not answer.
        """
        has_text, text, time = await self._run(_READ, name, [])
        return Reading(text if has_text else None, time)

    async def swap(
        self,
        name: str,
        old: str | None,
        new: str | None,
        ttl: float,
        *,
        is_durable: bool = True,  # noqa: ARG002 - the server's own setting decides
    ) -> Swap:
        """Exchange what is kept under a name, if it is what is expected.

        Raises:
            StoreAwayError: The server does not answer. The change may have been made.
        """
        arguments: list[str | int] = [
            int(old is not None),
            old or "",
            int(new is not None),
            new or "",
            max(1, round(1000 * ttl)),
        ]
        is_done, _, time = await self._run(_SWAP, name, arguments)
        return Swap(is_done, time)

    async def _run(self, script: Script, name: str, arguments: Sequence[str | int]) -> tuple[bool, str, StoreTime]:
        silences = self._silences
        async with _limiter():
            if self._silences != silences:  # it was silent while this command waited, and would be silent for each
                raise StoreAwayError(self._reason)
            began = time.monotonic()
            try:
                # As in the rate budget's keys, the braces put all that is under one name into one slot of a cluster.
                answer = await self._connection.run(script, [f"{{gk:{name}}}"], arguments)
            except StoreAwayError as error:
                if time.monotonic() - began > _QUICK_SECONDS:
                    self._silences, self._reason = self._silences + 1, str(error)
                raise
        flag, text, seconds, microseconds = cast("Sequence[str | int]", answer)
        return bool(flag), str(text), StoreTime(int(seconds) + int(microseconds) / 1e6, _CLOCK)


def _limiter() -> anyio.Semaphore:
    """Return what limits the commands at once, of the event loop's calls together."""
    try:
        return _limiters.get()
    except LookupError:
        limiter = anyio.Semaphore(_CONNECTIONS)
        _limiters.set(limiter)
        return limiter


_limiters: Final[RunVar[anyio.Semaphore]] = RunVar("commands about keys")
