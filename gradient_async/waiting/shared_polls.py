"""Polls that several waits share (promises P3 and P4).

No extra task polls: one wait leads and polls for all. When it ends or is cancelled, another wait leads. So nothing runs
without a wait.
"""

from __future__ import annotations

import asyncio
import math
import random
from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING, Final, Generic, Protocol, TypeVar

import anyio
from attrs import define, field

from gradient_async.http.request import ReadOptions
from gradient_async.waiting.outage import Outage
from gradient_async.waiting.poller import TRANSIENT_ERRORS, interval

if TYPE_CHECKING:
    from typing import Self

    from gradient_async.errors import APIError
    from gradient_async.waiting.poller import Pace

_FINAL_POLL_SECONDS: Final = 1.0


class Polled(Protocol):
    """A thing that waits are about.

    Attributes:
        failure: Error of the last poll; ``None`` if it succeeded.
        reads: Number of attempts to read it.
    """

    failure: APIError | None
    reads: int

    @property
    def key(self) -> Hashable:
        """The key of its entry. Waits with equal keys share it."""

    @property
    def has_state(self) -> bool:
        """Whether a state is known, so that the first poll is not due at once."""

    @property
    def is_finished(self) -> bool:
        """Whether its last state ends the waits for it."""

    @property
    def is_unreadable(self) -> bool:
        """Whether the last poll failed with an error that the next poll would get too."""

    def merge(self, other: Self) -> None:
        """Take what another wait for the same thing knows."""

    def end_round(self) -> bool:
        """Note that a poll is complete. Return whether the intervals between polls begin anew."""


P = TypeVar("P", bound=Polled)
P_contra = TypeVar("P_contra", bound=Polled, contravariant=True)


class PollSource(Protocol[P_contra]):
    """Reads the states of polled things."""

    def reads_lists(self, count: int) -> bool:
        """Return whether this number of things is read from lists."""

    def pace(self) -> Pace:
        """Return the intervals between polls."""

    def min_gap(self, count: int) -> float:
        """Return the minimum seconds between two polls of this number of things."""

    async def poll(self, awaited: Sequence[P_contra], options: ReadOptions) -> None:
        """Read states. An error is stored with its thing."""


@define(kw_only=True, eq=False)
class Entry(Generic[P]):
    """A polled thing, its next poll, and the waits for it."""

    awaited: P
    first_interval: float
    longest_interval: float
    due: float
    final_poll: float
    polls: int = 0
    waits: list[Wait[P]] = field(factory=list)

    @property
    def is_open(self) -> bool:
        """Whether another poll can bring news."""
        return not self.awaited.is_finished and not self.awaited.is_unreadable

    def merge(self, awaited: P, poll_interval: float, due: float, final_poll: float) -> None:
        """Merge another wait for the same thing. It may know a newer state, or need an earlier poll."""
        self.awaited.merge(awaited)
        if poll_interval < self.first_interval:
            self.first_interval, self.polls = poll_interval, 0
        self.due, self.final_poll = due, final_poll

    def schedule(self, now: float, jitter: float, *, was_tried: bool) -> None:
        """Back off after each poll. An entry that was not polled keeps its interval."""
        self.polls = 0 if self.awaited.end_round() else self.polls + was_tried
        self.due = now + interval(self.polls, self.first_interval, jitter, self.longest_interval)
        if self.final_poll <= now:
            self.final_poll = math.inf


@define(eq=False)
class Wait(Generic[P]):
    """One wait for some things."""

    entries: Sequence[Entry[P]] = ()
    news: asyncio.Event = field(factory=asyncio.Event)

    def is_over(self) -> bool:
        """Return whether all things are finished.

        Raises:
            APIError: A thing cannot be read, and another poll would not help.
        """
        is_over = True
        for entry in self.entries:
            if not entry.awaited.is_finished:
                is_over = False
                if entry.awaited.failure is not None and entry.awaited.is_unreadable:
                    raise entry.awaited.failure
        return is_over


@define(eq=False)
class SharedPolls(Generic[P]):
    """The waits of one event loop that share polls.

    One wait leads: it polls for all. The others sleep until one of their things is finished, or until they have to
    lead.
    """

    _poller: PollSource[P]
    _outage: Outage
    _options: ReadOptions
    _entries: dict[Hashable, Entry[P]] = field(factory=dict)
    _followers: dict[Wait[P], None] = field(factory=dict)
    _has_leader: bool = False
    _last_poll: float = float("-inf")
    _wakes_at: float = float("inf")
    _not_before: float = float("-inf")
    _earlier_poll: asyncio.Event = field(factory=asyncio.Event)

    @property
    def is_idle(self) -> bool:
        """Whether there is no wait."""
        return not self._entries

    def pace(self) -> Pace:
        """Return the default intervals between polls."""
        return self._poller.pace()

    def join(
        self, wait: Wait[P], awaited: P, poll_interval: float, longest_interval: float, timeout: float
    ) -> Entry[P]:
        """Add a wait for a thing."""
        now = anyio.current_time()
        final_poll = now + timeout - min(_FINAL_POLL_SECONDS, timeout / 4)
        due = now + poll_interval if awaited.has_state else now
        entry = self._entries.get(awaited.key)
        if entry is None or entry.awaited.is_unreadable:
            entry = Entry(
                awaited=awaited,
                first_interval=poll_interval,
                longest_interval=longest_interval,
                due=due,
                final_poll=final_poll,
            )
            self._entries[awaited.key] = entry
        entry.merge(awaited, poll_interval, min(entry.due, due), min(entry.final_poll, final_poll))
        entry.waits.append(wait)
        if min(max(entry.due, self._not_before), entry.final_poll) < self._wakes_at:
            self._earlier_poll.set()
        return entry

    def leave(self, wait: Wait[P]) -> None:
        """Remove a wait."""
        for entry in wait.entries:
            entry.waits.remove(wait)
            if not entry.waits and self._entries.get(entry.awaited.key) is entry:
                del self._entries[entry.awaited.key]

    async def until_over(self, wait: Wait[P]) -> None:
        """Wait for the things of one wait. Lead while no other wait leads."""
        while not wait.is_over():
            if self._has_leader:
                await self._follow(wait)
            else:
                await self._lead(wait)

    async def _follow(self, wait: Wait[P]) -> None:
        wait.news.clear()
        self._followers[wait] = None
        try:
            await wait.news.wait()
        finally:
            self._followers.pop(wait, None)
            # If this wait was woken to lead and is cancelled, wake the next one.
            if not self._has_leader:
                self._wake_next_leader()

    async def _lead(self, wait: Wait[P]) -> None:
        self._has_leader = True
        try:
            while not wait.is_over():
                await self._poll_when_due()
        finally:
            self._has_leader = False
            self._wake_next_leader()

    def _wake_next_leader(self) -> None:
        # The newest wait probably lasts longest. A leader that ends during a poll wastes a request.
        for follower in reversed(self._followers):
            follower.news.set()
            return

    async def _poll_when_due(self) -> None:
        """Pause until a poll is due, or until a new wait needs an earlier poll. If a poll is due, poll once."""
        open_entries = [entry for entry in self._entries.values() if entry.is_open]
        together = self._poller.reads_lists(len(open_entries))
        due = min(entry.due for entry in open_entries)
        batch = open_entries if together else [entry for entry in open_entries if entry.due <= due]
        self._not_before = self._last_poll + self._poller.min_gap(len(batch))
        due = max(due, self._not_before)
        # There is always one poll shortly before a wait times out.
        final_poll = min(entry.final_poll for entry in open_entries)
        now = anyio.current_time()
        if (pause := min(due, final_poll) - now) > 0:
            self._earlier_poll.clear()
            # The rate budget can change during the pause, so the pause is short.
            pause = min(pause, self._poller.pace().max_pause)
            self._wakes_at = now + pause
            with anyio.move_on_after(pause):
                await self._earlier_poll.wait()
            self._wakes_at = math.inf
            return
        if not together:
            batch = [entry for entry in open_entries if min(entry.due, entry.final_poll) <= min(due, final_poll)]
        await self._poll(batch)

    async def _poll(self, batch: Sequence[Entry[P]]) -> None:
        reads = [entry.awaited.reads for entry in batch]
        began = anyio.current_time()
        await self._poller.poll([entry.awaited for entry in batch], self._options)
        self._last_poll = anyio.current_time()
        failures = [entry.awaited.failure for entry in batch]
        is_away = all(isinstance(failure, TRANSIENT_ERRORS) for failure in failures)
        self._outage.polled(failures[0] if is_away else None, began=began, now=self._last_poll)
        jitter = random.random()  # noqa: S311 - it spreads load; it protects nothing
        for entry, before in zip(batch, reads, strict=True):
            was_tried = entry.awaited.failure is not None or entry.awaited.reads > before
            entry.schedule(self._last_poll, jitter, was_tried=was_tried)
            if not entry.is_open:
                for wait in entry.waits:
                    wait.news.set()
