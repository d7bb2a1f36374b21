"""The values around a request: the caller's options, timestamps, the response, and the error without one."""

from __future__ import annotations

import enum
import math
import time
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, NamedTuple, TypedDict
from urllib.parse import quote, urlencode

from gradient_async.secrecy import NO_SECRETS, Redaction
from gradient_async.suggestions import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence


class ReadOptions(TypedDict, total=False):
    """Options for the requests of a method that waits.

    Attributes:
        extra_headers: Headers. They are added to this SDK's, or replace them.
        extra_query: Query parameters. They are added to this SDK's, or replace them.
    """

    extra_headers: Mapping[str, str]
    extra_query: Mapping[str, str | int | bool]


class RequestOptions(ReadOptions, total=False):
    """Options of every method that sends one request.

    Attributes:
        timeout: Seconds for one attempt, from opening the connection to the last byte of the answer. Replaces the
            client's ``timeout``.
        extra_body: Fields of the JSON body. They are added to this SDK's, or replace them. Ignored for a request
            without a body.
    """

    timeout: float
    extra_body: Mapping[str, object]


# The error of a clock that was set by hand, or to the wrong time zone: zones differ from UTC by up to 14 hours.
UNKNOWN_CLOCK_SECONDS: Final = 14 * 3600.0
EMPTY_MAPPING: Final[Mapping[str, str]] = MappingProxyType({})


class KeyedOptions(RequestOptions, total=False):
    """Options of a method whose request is executed once for each key (see the guide "Run once").

    Attributes:
        key: Text that names this one request, 1 to 255 characters. All calls with the same key get the result of one
            execution. It needs the store of a shared rate budget.
        key_ttl: Seconds for which the key is kept after its last change; 86,400 by default.
    """

    key: str | None
    key_ttl: float


class Priority(enum.IntEnum):
    """Priority of a request in the queue of the rate budget. The lowest number goes first, then the oldest request."""

    ACT = 0
    POLL = 1


class Timestamp(NamedTuple):
    """A point in time by both clocks of this machine.

    The wall clock can be set while a request is pending. The monotonic clock can stand still while a laptop sleeps.
    Only the longer of the two spans certainly covers the time between two timestamps.

    Attributes:
        wall: Seconds since the epoch.
        monotonic: Seconds since some point in the past.
    """

    wall: float
    monotonic: float

    @classmethod
    def now(cls) -> Timestamp:
        """Return the current time."""
        return cls(time.time(), time.monotonic())

    def seconds_until(self, later: Timestamp) -> float:
        """Return the seconds until a later timestamp, by the clock that shows more."""
        return max(later.wall - self.wall, later.monotonic - self.monotonic)

    def min_seconds_until(self, later: Timestamp) -> float:
        """Return the seconds until a later timestamp, by the clock that shows fewer.

        If the monotonic time is infinite, only the wall clock counts.
        """
        by_wall, by_monotonic = later.wall - self.wall, later.monotonic - self.monotonic
        return min(by_wall, by_monotonic) if math.isfinite(by_monotonic) else by_wall


class Response(NamedTuple):
    """An HTTP answer as received.

    Attributes:
        status: HTTP status.
        headers: Headers, without the request's credentials; a look-up ignores upper and lower case.
        body: The body's bytes.
        received_at: When the answer was complete.
        redaction: Removes the request's credentials from quotes of the answer.
        proxy: The proxy that may have sent the answer itself; ``None`` without a proxy, and for an encrypted connection
            through one.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    received_at: Timestamp
    redaction: Redaction = NO_SECRETS
    proxy: str | None = None

    @property
    def is_success(self) -> bool:
        """Whether the status is one of 200 to 299."""
        return 200 <= self.status < 300

    @property
    def request_id(self) -> str | None:
        """The server's id of the request."""
        return self.headers.get("x-request-id")


class ExchangeError(Exception):
    """A request got no complete answer.

    Attributes:
        reason: Description of the failure.
        was_sent: Whether any byte of the body, or of a request without a body, may have reached the server.
        timed_out: Whether the request's own time limit ended it.
        status: HTTP status, if the answer had begun.
        limit: The exceeded limit of the answer's size, in bytes; ``None`` for any other failure.
    """

    def __init__(
        self,
        reason: str,
        *,
        was_sent: bool,
        timed_out: bool = False,
        status: int | None = None,
        limit: int | None = None,
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.was_sent = was_sent
        self.timed_out = timed_out
        self.status = status
        self.limit = limit


OPTIONS: Final = ("timeout", "extra_headers", "extra_query", "extra_body")
KEYED_OPTIONS: Final = (*OPTIONS, "key", "key_ttl")
WAIT_OPTIONS: Final = ("extra_headers", "extra_query")


def check_options(
    options: ReadOptions, allowed: tuple[str, ...] = OPTIONS, parameters: Callable[[], Sequence[str]] = tuple
) -> None:
    """Refuse unknown options.

    Args:
        options: The caller's options.
        allowed: Names of the options that there are.
        parameters: Returns names of the method's own parameters, one of which can be meant.

    Raises:
        TypeError: An option does not exist.
    """
    stray = [name for name in options if name not in allowed]
    if stray:
        hint = did_you_mean(stray[0], [name for name in (*parameters(), *allowed) if name != stray[0]])
        raise TypeError(
            f"{', '.join(stray)}: unknown parameter.{hint} Options of this method, beside its own parameters: "
            f"{', '.join(allowed)}"
        )


def target_of(path: str, query: Mapping[str, str]) -> str:
    """Return a path with a query, percent-encoded."""
    return f"{path}?{urlencode(query, quote_via=quote)}" if query else path
