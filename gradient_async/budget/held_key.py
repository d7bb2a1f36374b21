"""One call's hold on a key: what it has in the store, changed only as long as no other call took it over."""

from __future__ import annotations

import asyncio
import secrets
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Final, TypeVar

import anyio

from gradient_async.boot import boot_id
from gradient_async.budget import key_record
from gradient_async.budget.key_record import KeptAnswer, KeyRecord, Sent
from gradient_async.budget.store_errors import StoreAwayError
from gradient_async.errors import RequestKeyStoreError
from gradient_async.http.key_store import StoreTime

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from typing import TypeAlias

    from gradient_async.http.key_store import KeyStore, Reading
    from gradient_async.http.request import Timestamp
    from gradient_async.http.request_key import RequestKey

    Change: TypeAlias = Callable[[KeyRecord], KeyRecord | None]


T = TypeVar("T")

PATIENCE_SECONDS: Final = 3.0
"""How long a call waits for a store that is away."""

_UNDO_SECONDS: Final = 1.0


class LostKeyError(Exception):
    """Another call took the key over, since this one seemed to be dead."""


class HeldKey:
    """A call's hold on a key.

    Args:
        store: The store.
        key: The key.
        account: A digest of the token and the API's URL.
        what: The request, for messages.

    Attributes:
        asked: Digest of the request.
        what: The request, for messages.
    """

    def __init__(self, store: KeyStore, key: RequestKey, account: bytes, what: str) -> None:
        self._store = store
        self._key = key
        self._name = key.name(account)
        self.asked: str = key.fingerprint(account)
        self.what: str = f"{what} (digest {self.asked[:8]})"
        # A lease must not outlive the record that holds it.
        self._ttl = max(key.ttl, key_record.LEASE_SECONDS)
        self._owner = secrets.token_hex(8)
        self._writing = anyio.Lock()
        self._record: KeyRecord | None = None
        self._text: str | None = None
        # The store's clock, with the monotonic time at which it was read.
        self._clock: tuple[StoreTime, float] = (StoreTime(0.0), 0.0)

    @property
    def record(self) -> KeyRecord:
        """The call's record.

        Raises:
            LostKeyError: It has none.
        """
        if self._record is None:
            raise LostKeyError
        return self._record

    def decoded(self, text: str | None) -> KeyRecord | None:
        """Return the record that the store has; ``None`` for none.

        Raises:
            RequestKeyStoreError: It is no record.
        """
        try:
            return None if text is None else KeyRecord.decoded(text)
        except ValueError as error:
            raise self._away(error) from None

    async def read(self) -> Reading:
        """Return what the store has.

        Raises:
            RequestKeyStoreError: The store cannot be used.
        """
        return await self._answer(self._read)

    async def take(self, reading: Reading, record: KeyRecord | None) -> bool:
        """Take the key. Return whether no other call was faster.

        Args:
            reading: What the store had.
            record: The record in it.

        Raises:
            RequestKeyStoreError: The store cannot be used.
        """
        if record is None:
            record = KeyRecord(asked=self.asked, what=self.what, state="held", owner="", until=0.0, clock="")
        taken = record.taken(self._owner, self._time())

        async def swap() -> bool:
            # If a crash of the host undoes this, nothing was sent.
            swap = await self._store.swap(self._name, reading.text, taken.encoded(), self._ttl, is_durable=False)
            if swap.is_done:
                self._record, self._text = taken, taken.encoded()
            else:
                await self._read_own()  # an earlier try may have been made, and its answer lost
            return self._record is not None

        try:
            return await self._answer(swap)
        except asyncio.CancelledError:  # the store may have made the change: else the next call waits for the lease
            with anyio.move_on_after(_UNDO_SECONDS, shield=True), suppress(StoreAwayError):
                await self._store.swap(self._name, taken.encoded(), reading.text, self._ttl, is_durable=False)
            raise

    async def renew(self) -> None:
        """Renew the lease, again and again, until it is lost. While the store is away, try more often."""
        is_away = False
        while True:
            # A store that comes back before the lease ends is told in time.
            await anyio.sleep(key_record.LEASE_SECONDS / (15 if is_away else 3))
            try:
                await self.try_to_change(self._renewed)
                is_away = False
            except StoreAwayError:
                is_away = True
            except (LostKeyError, RequestKeyStoreError):
                return

    async def change(self, change: Change) -> None:
        """Change the call's record.

        Args:
            change: Returns the record after the change; ``None`` to remove it.

        Raises:
            RequestKeyStoreError: The store cannot be used.
            LostKeyError: It is another call's.
        """
        await self._answer(lambda: self.try_to_change(change))

    async def keep(self, answer: KeptAnswer) -> None:
        """Keep the result, if need be for the call that took the key over and looks it up now.

        Raises:
            StoreAwayError: The store cannot be used.
        """
        try:
            await self._patiently(lambda: self.try_to_change(lambda record: record.done(answer)))
        except LostKeyError:
            await self._patiently(lambda: self._give(answer))

    async def try_to_change(self, change: Change) -> None:
        """Change the call's record, as ``change`` does.

        Raises:
            StoreAwayError: The store cannot be used. The change may have been made.
            LostKeyError: It is another call's.
        """
        async with self._writing:
            while True:
                changed = change(self.record)
                text = None if changed is None else changed.encoded()
                is_durable = changed is not None and changed.state != self.record.state
                swap = await self._store.swap(self._name, self._text, text, self._ttl, is_durable=is_durable)
                self._clock = swap.time, time.monotonic()
                if swap.is_done:
                    self._record, self._text = changed, text
                    return
                await self._read_own()

    async def record_sending(self, now: Timestamp, timeout: float) -> None:
        """Record that an attempt is about to leave, and renew the lease.

        Args:
            now: The present time.
            timeout: Seconds after which the attempt is given up.

        Raises:
            RequestKeyStoreError: The store cannot be used.
            LostKeyError: The key is another call's.
        """
        sent = self.time_of_sending(now)
        await self.change(lambda record: self._renewed(record).sending(sent, timeout))

    def time_of_sending(self, now: Timestamp) -> Sent:
        """Return a time by all clocks; by the store's rather early than late."""
        at = self._time()
        return Sent(now.wall, now.monotonic, boot_id() or "", at.now, at.clock)

    async def _give(self, answer: KeptAnswer) -> None:
        reading = await self._store.read(self._name)
        record = self.decoded(reading.text)
        if record is not None and record.asked == self.asked and record.state != "done":
            await self._store.swap(self._name, reading.text, record.done(answer).encoded(), self._ttl)

    async def _read(self) -> Reading:
        reading = await self._store.read(self._name)
        self._clock = reading.time, time.monotonic()
        return reading

    async def _answer(self, ask: Callable[[], Awaitable[T]]) -> T:
        """Return what the store answers.

        Raises:
            RequestKeyStoreError: It stays away.
        """
        try:
            return await self._patiently(ask)
        except StoreAwayError as error:
            raise self._away(error) from None

    async def _patiently(self, ask: Callable[[], Awaitable[T]]) -> T:
        """Return what the store answers. It may be away for a moment, as while a server is started again.

        The last try begins when the time is over: a process that stood still meanwhile has not seen the answer.

        Raises:
            StoreAwayError: It stays away.
        """
        until = time.monotonic() + PATIENCE_SECONDS
        while True:
            is_last = time.monotonic() >= until
            try:
                return await ask()
            except StoreAwayError:
                if is_last:
                    raise
            await anyio.sleep(PATIENCE_SECONDS / 20)

    async def _read_own(self) -> None:
        """Read the call's record again, after an exchange found another text than expected.

        The store may have made an earlier change whose answer was lost. Or it lost all that it had, as a server does
        that was started again: then the record is put back.
        """
        reading = await self._read()
        record = self.decoded(reading.text)
        if record is not None and record.owner == self._owner:
            self._record, self._text = record, reading.text
        elif record is None and self._record is not None:
            self._text = None
        else:
            self._record = self._text = None

    def _away(self, error: Exception) -> RequestKeyStoreError:
        """Return the error for a store that cannot be used."""
        return RequestKeyStoreError(
            f"key {self._key!r}: {self._store.title} cannot be used: {error}. Without it, the request could be "
            "executed twice, so it is not sent"
        )

    def _renewed(self, record: KeyRecord) -> KeyRecord:
        return record.taken(self._owner, self._time())

    def _time(self) -> StoreTime:
        (now, clock), at = self._clock
        return StoreTime(now + time.monotonic() - at, clock)
