"""Waiting for actions, any number of waits together (promises P3 and P4).

All waits of a client share their looks. They have no task of their own for that: one of those who wait looks for
everybody, and when it leaves, done or cancelled, another one takes over. So nothing runs when nobody waits.
"""

from __future__ import annotations

import asyncio
import math
import random
from typing import TYPE_CHECKING, Final

import anyio
from attrs import define, field

from gradient_async.errors import ActionFailedError, ActionTimeoutError
from gradient_async.http.request import ReadOptions
from gradient_async.looks import Awaited, Looker, interval

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gradient_async.errors import APIError
    from gradient_async.http.sender import Sender
    from gradient_async.models.action import Action


_LAST_CALL_SECONDS: Final = 1.0
# How scarce the budget is changes: the leader asks again.
_LONGEST_PAUSE_SECONDS: Final = 2.0


class Watcher:
    """Watches actions until they are over.

    Args:
        sender: Sends the requests.
    """

    def __init__(self, sender: Sender) -> None:
        self._looker = Looker(sender)
        self._watches: dict[tuple[asyncio.AbstractEventLoop, str], _Watch] = {}

    async def wait(
        self, awaited: Sequence[Awaited], *, timeout: float, poll_interval: float, options: ReadOptions
    ) -> tuple[Action, ...]:
        """Wait until every action is completed.

        Args:
            awaited: What to wait for.
            timeout: Seconds after which the wait ends in any case.
            poll_interval: Seconds until the first look at actions whose state is known; the next are further apart.
            options: The caller's options for the requests; waits with different ones look apart.

        Returns:
            The actions as last read, in the order given.

        Raises:
            ActionFailedError: All are over, and at least one is ``errored``.
            ActionTimeoutError: At least one was unfinished when the time was over.
            APIError: One of them cannot be read, and will not be readable later.
        """
        key = (asyncio.get_running_loop(), repr(sorted(options.items())))
        watch = self._watches.setdefault(key, _Watch(self._looker, options))
        entries = [watch.join(one, poll_interval, timeout) for one in awaited]
        try:
            with anyio.move_on_after(timeout):
                await watch.until_finished(entries)
        finally:
            watch.leave(entries)
            if watch.is_idle:
                self._watches.pop(key, None)
        return _result([entry.awaited for entry in entries], timeout)


@define(kw_only=True, eq=False)
class _Entry:
    """An action under watch: when it is due for a look, and how many wait for it."""

    awaited: Awaited
    first_interval: float
    due: float
    last_call: float
    looks: int = 0
    waits: int = 0

    def take_over(self, awaited: Awaited, poll_interval: float, due: float, last_call: float) -> None:
        """Somebody else waits for it too, who may know more of it, or be in a greater hurry."""
        if awaited.is_finished:
            self.awaited.last = awaited.last
        self.awaited.droplet_id = self.awaited.droplet_id or awaited.droplet_id
        if poll_interval < self.first_interval:
            self.first_interval, self.looks = poll_interval, 0
        self.due, self.last_call = due, last_call

    def schedule(self, now: float, jitter: float, *, was_tried: bool) -> None:
        """The older it grows, the later is the next look; one whose turn has not come has not grown."""
        self.looks += was_tried
        self.due = now + interval(self.looks, self.first_interval, jitter)
        if self.last_call <= now:
            self.last_call = math.inf


@define(eq=False)
class _Watch:
    """The actions that are waited for together, in one event loop."""

    _looker: Looker
    _options: ReadOptions
    _entries: dict[int, _Entry] = field(factory=dict)
    _has_leader: bool = False
    _last_look: float = float("-inf")
    _news: anyio.Event = field(factory=anyio.Event)
    _joined: anyio.Event = field(factory=anyio.Event)

    @property
    def is_idle(self) -> bool:
        """Whether nobody waits."""
        return not self._entries

    def join(self, awaited: Awaited, poll_interval: float, timeout: float) -> _Entry:
        """One more waits for an action."""
        now = anyio.current_time()
        last_call = now + timeout - min(_LAST_CALL_SECONDS, timeout / 4)
        due = now if awaited.last is None else now + poll_interval
        entry = self._entries.get(awaited.id)
        if entry is None or entry.awaited.is_hopeless:
            entry = _Entry(awaited=awaited, first_interval=poll_interval, due=due, last_call=last_call)
            self._entries[awaited.id] = entry
        entry.take_over(awaited, poll_interval, min(entry.due, due), min(entry.last_call, last_call))
        entry.waits += 1
        self._joined.set()
        return entry

    def leave(self, entries: Sequence[_Entry]) -> None:
        """Somebody waits no more."""
        for entry in entries:
            entry.waits -= 1
            if not entry.waits and self._entries.get(entry.awaited.id) is entry:
                del self._entries[entry.awaited.id]

    async def until_finished(self, entries: Sequence[_Entry]) -> None:
        """Wait for some of the actions, looking for everybody while nobody else does."""
        while unfinished := [entry.awaited for entry in entries if not entry.awaited.is_finished]:
            for awaited in unfinished:
                if awaited.failure is not None and awaited.is_hopeless:
                    raise awaited.failure
            if self._has_leader:
                await self._news.wait()
            else:
                await self._lead()

    async def _lead(self) -> None:
        self._has_leader = True
        try:
            await self._look_when_due()
        finally:
            self._has_leader = False
            self._news.set()
            self._news = anyio.Event()

    async def _look_when_due(self) -> None:
        """Pause until a look is due, or until somebody joins; then look, once."""
        open_entries = [
            entry for entry in self._entries.values() if not entry.awaited.is_finished and not entry.awaited.is_hopeless
        ]
        together = self._looker.reads_lists(len(open_entries))
        due = min(entry.due for entry in open_entries)
        batch = open_entries if together else [entry for entry in open_entries if entry.due <= due]
        due = max(due, self._last_look + self._looker.least_gap(len(batch)))
        # However far apart the looks are, there is one shortly before somebody's time is over.
        last_call = min(entry.last_call for entry in open_entries)
        pause = min(due, last_call) - anyio.current_time()
        if pause > 0:
            self._joined = anyio.Event()
            with anyio.move_on_after(min(pause, _LONGEST_PAUSE_SECONDS)):
                await self._joined.wait()
            return
        if not together:
            batch = [entry for entry in open_entries if min(entry.due, entry.last_call) <= min(due, last_call)]
        reads = {entry.awaited.id: entry.awaited.reads for entry in batch}
        await self._looker.look([entry.awaited for entry in batch], self._options)
        self._last_look = anyio.current_time()
        jitter = random.random()  # noqa: S311 - it spreads load, it guards nothing
        for entry in batch:
            was_tried = entry.awaited.failure is not None or entry.awaited.reads > reads[entry.awaited.id]
            entry.schedule(self._last_look, jitter, was_tried=was_tried)


def _result(awaited: Sequence[Awaited], timeout: float) -> tuple[Action, ...]:
    """The actions as last read.

    Raises:
        ActionFailedError: All are over, and at least one is ``errored``.
        ActionTimeoutError: At least one is unfinished.
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
    trouble = f" The last look failed: {failure}." if failure else ""
    return ActionTimeoutError(
        f"after {timeout:g} s {name} {state}{others}; an action goes on by itself, wait again to see its end.{trouble}",
        action=first.last,
        actions=actions,
    )


def _named(action: Action) -> str:
    return f"{action.type} of {action.resource_type or 'resource'} {action.resource_id} (action {action.id})"
