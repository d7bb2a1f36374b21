"""Waits for actions (promises P3 and P4).

All waits of a client share their polls. No extra task polls: one wait leads and polls for all. When it ends or is
cancelled, another wait leads. So nothing runs without a wait.
"""

from __future__ import annotations

import asyncio
import math
import random
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import anyio
from attrs import define, field

from gradient_async.errors import ActionFailedError, ActionTimeoutError
from gradient_async.event_loops import running_loop
from gradient_async.http.request import ReadOptions
from gradient_async.waiting.outage import Outage
from gradient_async.waiting.poller import TRANSIENT_ERRORS, Awaited, Poller, interval

if TYPE_CHECKING:
    from gradient_async.errors import APIError
    from gradient_async.http.request_counter import RequestCounter
    from gradient_async.http.sender import Sender
    from gradient_async.models.action import Action
    from gradient_async.waiting.poller import Pace


_FINAL_POLL_SECONDS: Final = 1.0


class Watcher:
    """Waits until actions are finished.

    Args:
        sender: Sends the requests.
    """

    def __init__(self, sender: Sender) -> None:
        self._poller = Poller(sender)
        self._watches: dict[tuple[asyncio.AbstractEventLoop, str], _Watch] = {}
        self.counter: RequestCounter = sender.counter
        self.outage: Outage = Outage()

    def pace(self) -> Pace:
        """Return the default intervals between polls."""
        return self._poller.pace()

    async def wait(
        self, awaited: Sequence[Awaited], *, timeout: float, poll_interval: float | None, options: ReadOptions
    ) -> tuple[Action, ...]:
        """Wait until every action is completed.

        Args:
            awaited: The actions.
            timeout: Maximum seconds of the wait.
            poll_interval: Seconds until the first poll of actions that were read before. Later intervals are longer.
                ``None`` for intervals that fit the rate budget.
            options: The caller's options for the requests. Waits with different options do not share polls.

        Returns:
            The actions as last read, in the order given.

        Raises:
            ActionFailedError: All actions are finished, and at least one is ``errored``.
            ActionTimeoutError: At least one action was unfinished at the end of ``timeout``.
            APIError: An action cannot be read, and another poll would not help.
        """
        if all(one.is_finished for one in awaited):
            return _result(list(awaited), timeout)
        key = (running_loop(), repr(sorted(options.items())))
        watch = self._watches.get(key)
        if watch is None:
            watch = self._watches[key] = _Watch(self._poller, self.outage, options)
        pace = self._poller.pace()
        wait = _Wait()
        wait.entries = [watch.join(wait, one, poll_interval or pace.first, pace.longest, timeout) for one in awaited]
        try:
            with anyio.move_on_after(timeout):
                await watch.until_over(wait)
        finally:
            watch.leave(wait)
            if watch.is_idle:
                self._watches.pop(key, None)
        return _result([entry.awaited for entry in wait.entries], timeout)


@define(kw_only=True, eq=False)
class _Entry:
    """An action, its next poll, and the waits for it."""

    awaited: Awaited
    first_interval: float
    longest_interval: float
    due: float
    final_poll: float
    polls: int = 0
    waits: list[_Wait] = field(factory=list)

    @property
    def is_open(self) -> bool:
        """Whether another poll can bring news."""
        return not self.awaited.is_finished and not self.awaited.is_unreadable

    def merge(self, awaited: Awaited, poll_interval: float, due: float, final_poll: float) -> None:
        """Merge another wait for the action. It may know a newer state, or need an earlier poll."""
        if awaited.is_finished:
            self.awaited.last = awaited.last
        self.awaited.owner = self.awaited.owner or awaited.owner
        if poll_interval < self.first_interval:
            self.first_interval, self.polls = poll_interval, 0
        self.due, self.final_poll = due, final_poll

    def schedule(self, now: float, jitter: float, *, was_tried: bool) -> None:
        """Back off after each poll. An entry that was not polled keeps its interval."""
        self.polls += was_tried
        self.due = now + interval(self.polls, self.first_interval, jitter, self.longest_interval)
        if self.final_poll <= now:
            self.final_poll = math.inf


@define(eq=False)
class _Wait:
    """One wait for some actions."""

    entries: Sequence[_Entry] = ()
    news: asyncio.Event = field(factory=asyncio.Event)

    def is_over(self) -> bool:
        """Return whether all actions are finished.

        Raises:
            APIError: An action cannot be read, and another poll would not help.
        """
        is_over = True
        for entry in self.entries:
            if not entry.awaited.is_finished:
                is_over = False
                if entry.awaited.failure is not None and entry.awaited.is_unreadable:
                    raise entry.awaited.failure
        return is_over


@define(eq=False)
class _Watch:
    """The waits of one event loop that share polls.

    One wait leads: it polls for all. The others sleep until one of their actions is finished, or until they have to
    lead.
    """

    _poller: Poller
    _outage: Outage
    _options: ReadOptions
    _entries: dict[int, _Entry] = field(factory=dict)
    _followers: dict[_Wait, None] = field(factory=dict)
    _has_leader: bool = False
    _last_poll: float = float("-inf")
    _wakes_at: float = float("inf")
    _not_before: float = float("-inf")
    _earlier_poll: asyncio.Event = field(factory=asyncio.Event)

    @property
    def is_idle(self) -> bool:
        """Whether there is no wait."""
        return not self._entries

    def join(
        self, wait: _Wait, awaited: Awaited, poll_interval: float, longest_interval: float, timeout: float
    ) -> _Entry:
        """Add a wait for an action."""
        now = anyio.current_time()
        final_poll = now + timeout - min(_FINAL_POLL_SECONDS, timeout / 4)
        due = now if awaited.last is None else now + poll_interval
        entry = self._entries.get(awaited.id)
        if entry is None or entry.awaited.is_unreadable:
            entry = _Entry(
                awaited=awaited,
                first_interval=poll_interval,
                longest_interval=longest_interval,
                due=due,
                final_poll=final_poll,
            )
            self._entries[awaited.id] = entry
        entry.merge(awaited, poll_interval, min(entry.due, due), min(entry.final_poll, final_poll))
        entry.waits.append(wait)
        if min(max(entry.due, self._not_before), entry.final_poll) < self._wakes_at:
            self._earlier_poll.set()
        return entry

    def leave(self, wait: _Wait) -> None:
        """Remove a wait."""
        for entry in wait.entries:
            entry.waits.remove(wait)
            if not entry.waits and self._entries.get(entry.awaited.id) is entry:
                del self._entries[entry.awaited.id]

    async def until_over(self, wait: _Wait) -> None:
        """Wait for the actions of one wait. Lead while no other wait leads."""
        while not wait.is_over():
            if self._has_leader:
                await self._follow(wait)
            else:
                await self._lead(wait)

    async def _follow(self, wait: _Wait) -> None:
        wait.news.clear()
        self._followers[wait] = None
        try:
            await wait.news.wait()
        finally:
            self._followers.pop(wait, None)
            # If this wait was woken to lead and is cancelled, wake the next one.
            if not self._has_leader:
                self._wake_next_leader()

    async def _lead(self, wait: _Wait) -> None:
        self._has_leader = True
        try:
            while not wait.is_over():
                await self._poll_when_due()
        finally:
            self._has_leader = False
            self._wake_next_leader()

    def _wake_next_leader(self) -> None:
        for follower in self._followers:
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

    async def _poll(self, batch: Sequence[_Entry]) -> None:
        reads = {entry.awaited.id: entry.awaited.reads for entry in batch}
        began = anyio.current_time()
        await self._poller.poll([entry.awaited for entry in batch], self._options)
        self._last_poll = anyio.current_time()
        failures = [entry.awaited.failure for entry in batch]
        is_away = all(isinstance(failure, TRANSIENT_ERRORS) for failure in failures)
        self._outage.polled(failures[0] if is_away else None, began=began, now=self._last_poll)
        jitter = random.random()  # noqa: S311 - it spreads load; it protects nothing
        for entry in batch:
            was_tried = entry.awaited.failure is not None or entry.awaited.reads > reads[entry.awaited.id]
            entry.schedule(self._last_poll, jitter, was_tried=was_tried)
            if not entry.is_open:
                for wait in entry.waits:
                    wait.news.set()


def _result(awaited: Sequence[Awaited], timeout: float) -> tuple[Action, ...]:
    """Return the actions as last read.

    Raises:
        ActionFailedError: All actions are finished, and at least one is ``errored``.
        ActionTimeoutError: At least one action is unfinished.
    """
    actions = tuple(one.last for one in awaited if one.last is not None)
    unfinished = [one for one in awaited if not one.is_finished]
    if unfinished:
        failure = next((one.failure for one in unfinished if one.failure is not None), None)
        raise _timeout_error(unfinished, actions, timeout, failure) from failure
    failed = [action for action in actions if action.is_errored]
    if failed:
        others = f", and {len(failed) - 1} others with it" if len(failed) > 1 else ""
        raise ActionFailedError(
            f"{_named(failed[0])} is 'errored'{others}; the API gives no reason", action=failed[0], actions=actions
        )
    return actions


def _timeout_error(
    unfinished: Sequence[Awaited], actions: tuple[Action, ...], timeout: float, failure: APIError | None
) -> ActionTimeoutError:
    first = unfinished[0]
    state = f"is {first.last.status!r}" if first.last else "could not be read"
    name = _named(first.last) if first.last else f"action {first.id}"
    others = f", and so are {len(unfinished) - 1} others" if len(unfinished) > 1 else ""
    trouble = f" The last poll failed: {failure}." if failure else ""
    return ActionTimeoutError(
        f"after {timeout:g} s {name} {state}{others}. The action continues by itself. Wait again for its end.{trouble}",
        action=first.last,
        actions=actions,
    )


def _named(action: Action) -> str:
    return f"{action.type} of {action.resource_type or 'resource'} {action.resource_id} (action {action.id})"
