"""What a store keeps of a request's key, and what follows from it. Pure.

A key is *held* by a call that has sent nothing yet, is *sending* from before its first request leaves until the result
is known, and is *done* with the result. A call holds a key for a short time only, and renews it while it runs. A store
compares and exchanges whole records, so that all rules about them are here.
"""

from __future__ import annotations

import base64
import enum
import json
import zlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from attrs import asdict, evolve, frozen

from gradient_async.http.request import UNKNOWN_CLOCK_SECONDS, Timestamp

if TYPE_CHECKING:
    from gradient_async.http.key_store import StoreTime

LEASE_SECONDS: Final = 15.0
"""How long a call holds a key. A call that runs renews it three times in this time."""

# Wall clocks of two hosts that are in step, and a store's clock, differ by less.
_MAX_DISAGREEMENT_SECONDS: Final = 90.0
_INTERRUPTED: Final = "an earlier call with this key ended before its answer was recorded"
_CLOCKS_DIFFER: Final = f"{_INTERRUPTED}, and the clocks do not agree about when it was sent"

KeyState: TypeAlias = Literal["held", "sending", "done"]


@frozen
class Sent:
    """When an attempt left, by all known clocks.

    Attributes:
        wall: The machine's wall clock, in seconds since the epoch.
        monotonic: The machine's monotonic clock, in seconds.
        boot: Id of the machine's boot, within which monotonic times can be compared; ``""`` if it is not known.
        stored: The store's clock.
        clock: Name of the store's clock; ``""`` if it is the wall clock of the machine.
    """

    wall: float
    monotonic: float
    boot: str
    stored: float
    clock: str


@frozen
class KeptAnswer:
    """The result of a request.

    Attributes:
        status: HTTP status.
        headers: Some of the headers.
        body: The body, compressed.
        is_adopted: Whether the answer was lost, and the result was found in a list.
        others: Further things that may be the result of the same request, as JSON.
    """

    status: int
    headers: dict[str, str]
    body: str
    is_adopted: bool = False
    others: tuple[Mapping[str, object], ...] = ()

    @staticmethod
    def packed(body: bytes) -> str:
        """Return a body as this class keeps it."""
        return base64.b64encode(zlib.compress(body)).decode()

    @property
    def content(self) -> bytes:
        """The body's bytes."""
        return zlib.decompress(base64.b64decode(self.body))


@frozen(kw_only=True)
class KeyRecord:
    """What a store keeps of a key.

    Attributes:
        asked: Digest of the request.
        what: The request, for messages.
        state: What is known of it.
        owner: The call that holds the key, or held it last.
        until: When it is no longer held, by the store's clock.
        clock: Name of that clock.
        first: When the first attempt left that may have been executed; ``None`` if none may.
        last: When the last attempt left.
        timeout: Seconds after ``last`` at which its owner has given that attempt up.
        answer: The result.
    """

    asked: str
    what: str
    state: KeyState
    owner: str
    until: float
    clock: str
    first: Sent | None = None
    last: Sent | None = None
    timeout: float = 0.0
    answer: KeptAnswer | None = None

    def encoded(self) -> str:
        """Return the record as text."""
        return json.dumps(asdict(self), separators=(",", ":"))

    @classmethod
    def decoded(cls, text: str) -> KeyRecord:
        """Return the record that a text holds.

        Raises:
            ValueError: It holds none.
        """
        try:
            facts = json.loads(text)
            for name in ("first", "last"):
                facts[name] = facts[name] and Sent(**facts[name])
            if facts["answer"] is not None:
                facts["answer"] = KeptAnswer(**{**facts["answer"], "others": tuple(facts["answer"]["others"])})
            return cls(**facts)
        except (TypeError, KeyError, json.JSONDecodeError) as error:
            raise ValueError(f"this is no record of a key: {error}") from None

    def is_held(self, time: StoreTime) -> bool:
        """Return whether the call that holds the key seems to live.

        A lease that ends later than any that begins now was measured before the clock was set back.
        """
        return self.clock == time.clock and time.now < self.until <= time.now + LEASE_SECONDS

    # What happens to a record.

    def taken(self, owner: str, time: StoreTime) -> KeyRecord:
        """Return the record after a call took the key over from one that ended."""
        return evolve(self, owner=owner, until=time.now + LEASE_SECONDS, clock=time.clock)

    def sending(self, sent: Sent, timeout: float) -> KeyRecord:
        """Return the record before an attempt leaves."""
        return evolve(self, state="sending", first=self.first or sent, last=sent, timeout=timeout)

    def not_executed(self) -> KeyRecord:
        """Return the record after it turned out that no attempt was executed."""
        return evolve(self, state="held", first=None, last=None, timeout=0.0)

    def done(self, answer: KeptAnswer) -> KeyRecord:
        """Return the record with the result."""
        return evolve(self, state="done", first=None, last=None, timeout=0.0, answer=answer, until=0.0)

    def left(self) -> KeyRecord:
        """Return the record of a call that ended without knowing whether its request was executed."""
        return evolve(self, until=0.0)


class Step(enum.Enum):
    """What a call does next about its key."""

    TAKE = "nothing was sent: take the key, and send"
    WAIT = "another call has the key: poll again soon"
    SETTLE = "another call ended after it may have sent the request: take the key, and look the request up"
    REPLAY = "the result is known: return it"
    REFUSE = "the key belongs to another request"


def next_step(record: KeyRecord | None, asked: str, time: StoreTime) -> Step:
    """Return what a call does that found a record under its key.

    Args:
        record: The record; ``None`` for none.
        asked: Digest of the call's request.
        time: The time by the store's clock.
    """
    if record is None:
        return Step.TAKE
    if record.asked != asked:
        return Step.REFUSE
    if record.state == "done":
        return Step.REPLAY
    if record.is_held(time):
        return Step.WAIT
    return Step.TAKE if record.state == "held" else Step.SETTLE


@frozen
class SentBefore:
    """The times of a request that another call may have sent.

    Attributes:
        since: The earliest time at which it can have been sent.
        waited: Seconds since the latest time at which it can have been executed; negative if that is to come.
        clock_error: Seconds by which ``since`` may be wrong.
        detail: Why its outcome is not known, as text.
    """

    since: Timestamp
    waited: float
    clock_error: float
    detail: str


def sent_before(record: KeyRecord, now: Sent) -> SentBefore:
    """Return the times of the request of a record that is *sending*.

    Args:
        record: The record.
        now: The present time, by all clocks.
    """
    assert record.first is not None  # noqa: S101 - such a record has it
    assert record.last is not None  # noqa: S101 - likewise
    age, clock_error = _age(record.first, now)
    last_age = max(0.0, _age(record.last, now)[0] - clock_error)
    detail = _CLOCKS_DIFFER if clock_error else _INTERRUPTED
    return SentBefore(Timestamp(now.wall - age, now.monotonic - age), last_age - record.timeout, clock_error, detail)


def _age(sent: Sent, now: Sent) -> tuple[float, float]:
    """Return the seconds since a time, and by how much they may be wrong.

    Within one boot of one machine, its monotonic clock is exact. Between machines a store's own clock counts, unless
    the wall clocks of both contradict it: then one of the three was set, and it is not known which.
    """
    if sent.boot and sent.boot == now.boot:
        return max(0.0, now.monotonic - sent.monotonic), 0.0
    by_wall, by_store = now.wall - sent.wall, now.stored - sent.stored
    if not sent.clock or sent.clock != now.clock:
        return max(0.0, by_wall), UNKNOWN_CLOCK_SECONDS
    difference = abs(by_wall - by_store)
    if difference <= _MAX_DISAGREEMENT_SECONDS:
        return max(0.0, by_store), 0.0
    return max(0.0, by_wall, by_store), difference
