"""Waits for actions (promises P3 and P4). All waits of a client share their polls."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import anyio

from gradient_async.errors import ActionFailedError, ActionTimeoutError
from gradient_async.event_loops import running_loop
from gradient_async.waiting.outage import Outage
from gradient_async.waiting.poller import Awaited, Poller
from gradient_async.waiting.shared_polls import SharedPolls, Wait

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Sequence

    from gradient_async.errors import APIError
    from gradient_async.http.request import ReadOptions
    from gradient_async.http.request_counter import RequestCounter
    from gradient_async.http.sender import Sender
    from gradient_async.models.action import Action
    from gradient_async.waiting.droplet_watcher import DropletWatcher
    from gradient_async.waiting.poller import Pace


class Watcher:
    """Waits until actions are finished.

    Args:
        sender: Sends the requests.
    """

    def __init__(self, sender: Sender) -> None:
        self._sender = sender
        self._poller = Poller(sender)
        self._watches: dict[tuple[asyncio.AbstractEventLoop, str], SharedPolls[Awaited]] = {}
        self.counter: RequestCounter = sender.counter
        self.outage: Outage = Outage()

    @cached_property
    def droplets(self) -> DropletWatcher:
        """Waits for Droplets that become ready. They share their polls too."""
        from gradient_async.waiting.droplet_watcher import DropletWatcher

        return DropletWatcher(self._sender, self.outage)

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
            watch = self._watches[key] = SharedPolls(self._poller, self.outage, options)
        pace = self._poller.pace()
        wait = Wait[Awaited]()
        wait.entries = [watch.join(wait, one, poll_interval or pace.first, pace.longest, timeout) for one in awaited]
        try:
            with anyio.move_on_after(timeout):
                await watch.until_over(wait)
        finally:
            watch.leave(wait)
            if watch.is_idle:
                self._watches.pop(key, None)
        return _result([entry.awaited for entry in wait.entries], timeout)


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
