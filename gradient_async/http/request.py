"""What is known around a request: a caller's options, timestamps, the answer, or why there is none."""

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
    from collections.abc import Mapping


class ReadOptions(TypedDict, total=False):
    """What a caller can add to the requests of a method that waits.

    Attributes:
        extra_headers: Headers, added to or put in place of this SDK's.
        extra_query: Query parameters, added likewise.
    """

    extra_headers: Mapping[str, str]
    extra_query: Mapping[str, str | int | bool]


class RequestOptions(ReadOptions, total=False):
    """What every method that sends one request takes beside its own parameters.

    Attributes:
        timeout: Seconds that one attempt may take, from opening the connection to the last byte of the answer, in
            place of the client's own ``timeout``.
        extra_body: Fields of the JSON body, added to or put in place of this SDK's; ignored where none is sent.
    """

    timeout: float
    extra_body: Mapping[str, object]


EMPTY_MAPPING: Final[Mapping[str, str]] = MappingProxyType({})


class Priority(enum.IntEnum):
    """Whose turn it is when not all requests can go: lower ranks first, and within a priority the oldest."""

    ACT = 0
    POLL = 1


class ActionTrace(NamedTuple):
    """How an action can be found again if the answer to its request is lost.

    Attributes:
        droplet_id: The Droplet whose actions tell; ``None`` for a request by tag, which nothing can find again.
        type: The action's type.
    """

    droplet_id: int | None
    type: str


class Timestamp(NamedTuple):
    """A point in time by both of this machine's clocks.

    The wall clock can be set while a request is under way, and the monotonic one stands still while a laptop sleeps:
    only the longer of the two spans is sure to cover what happened between.

    Attributes:
        wall: Seconds since the epoch.
        monotonic: Seconds since some point in the past.
    """

    wall: float
    monotonic: float

    @classmethod
    def now(cls) -> Timestamp:
        """This moment."""
        return cls(time.time(), time.monotonic())

    def seconds_until(self, later: Timestamp) -> float:
        """Seconds from here to a later moment, rather too many than too few."""
        return max(later.wall - self.wall, later.monotonic - self.monotonic)

    def min_seconds_until(self, later: Timestamp) -> float:
        """Seconds from here to a later moment, rather too few than too many.

        A monotonic time that is infinite cannot be compared, and the wall clock decides alone.
        """
        by_wall, by_monotonic = later.wall - self.wall, later.monotonic - self.monotonic
        return min(by_wall, by_monotonic) if math.isfinite(by_monotonic) else by_wall


class Response(NamedTuple):
    """An answer as it came.

    Attributes:
        status: HTTP status.
        headers: Headers; names in any case.
        body: The body's bytes.
        received_at: When it was complete.
        redaction: Cuts the request's credentials out of what is shown of the answer; its headers have none of them.
        proxy: The proxy that the answer came through, and that may have given it itself; ``None`` where there is none,
            or where it cannot have, since what went through it was encrypted.
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
    """A request had no whole answer.

    Attributes:
        reason: What happened, for people.
        was_sent: Whether any byte of the body, or of a request without one, may have reached the server.
        timed_out: Whether it was the request's own time limit that ended it.
        status: HTTP status, where the answer had begun.
        limit: The most bytes that the answer may have, where it has more; ``None`` where that is not the reason.
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


_OPTIONS: Final = ("timeout", "extra_headers", "extra_query", "extra_body")
WAIT_OPTIONS: Final = ("extra_headers", "extra_query")


def check_options(options: ReadOptions, allowed: tuple[str, ...] = _OPTIONS) -> None:
    """Refuse what the method does not take, before anything is sent.

    Raises:
        TypeError: An option that does not exist.
    """
    stray = [name for name in options if name not in allowed]
    if stray:
        hint = did_you_mean(stray[0], allowed)
        raise TypeError(f"{', '.join(stray)}: unknown parameter.{hint} Beside its own, it takes {', '.join(allowed)}")


def url_of(base_url: str, path: str, query: Mapping[str, str]) -> str:
    """The whole URL, percent-encoded."""
    return f"{base_url}{path}?{urlencode(query, quote_via=quote)}" if query else f"{base_url}{path}"
