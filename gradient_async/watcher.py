"""Waiting for actions with as few requests as can be (promises P3 and P4)."""

from __future__ import annotations

import math
import random
from typing import TYPE_CHECKING, Final

import anyio
from attrs import define, evolve

from gradient_async import endpoints
from gradient_async.errors import (
    ActionFailedError,
    ActionTimeoutError,
    APIConnectionError,
    APIError,
    APIResponseValidationError,
    InternalServerError,
    PermissionDeniedError,
    RateLimitError,
)
from gradient_async.http.request import Rank
from gradient_async.models.action import Action

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gradient_async.http.request import ReadOptions
    from gradient_async.http.sender import Sender

_GROWTH: Final = 1.5
_LONGEST_INTERVAL_SECONDS: Final = 15.0
_JITTER: Final = 0.2
_PAGE_LENGTH: Final = 200
# Up to this many, reading each by itself takes no more requests than a list and the one it may not show.
_FEW: Final = 2

# A wait outlives these: the next look may go through.
PASSING_FAILURES: Final = (
    APIConnectionError,
    APIResponseValidationError,
    InternalServerError,
    RateLimitError,
)


@define(kw_only=True)
class Awaited:
    """An action that somebody waits for.

    Attributes:
        id: The action's id.
        droplet_id: Its Droplet, where that is known; a token without ``actions:read`` can read it only there.
        last: The action as last read.
        looks: How many single reads it has had.
    """

    id: int
    droplet_id: int | None = None
    last: Action | None = None
    looks: int = 0

    @property
    def is_finished(self) -> bool:
        """Whether it is known to be over."""
        return self.last is not None and self.last.is_finished


class Watcher:
    """Watches actions until they are over.

    Args:
        sender: Sends the requests.
    """

    def __init__(self, sender: Sender) -> None:
        self._sender = sender
        self._may_list = True

    async def wait(
        self, awaited: Sequence[Awaited], *, timeout: float, poll_interval: float, options: ReadOptions
    ) -> tuple[Action, ...]:
        """Wait until every action is completed.

        Args:
            awaited: What to wait for; brought up to date on the way.
            timeout: Seconds after which the wait ends in any case.
            poll_interval: Seconds until the first look at actions whose state is known; the next are further apart.
            options: The caller's options for the requests.

        Returns:
            The actions as last read, in the order given.

        Raises:
            ActionFailedError: All are over, and at least one is ``errored``.
            ActionTimeoutError: At least one was unfinished when the time was over.
        """
        failures: list[APIError] = []
        with anyio.move_on_after(timeout):
            await self._watch(awaited, failures, poll_interval, options)
        actions = tuple(one.last for one in awaited if one.last is not None)
        unfinished = [one for one in awaited if not one.is_finished]
        if unfinished:
            last_failure = failures[-1] if failures else None
            raise _timeout_error(unfinished, actions, timeout, last_failure) from last_failure
        failed = [action for action in actions if action.is_errored]
        if failed:
            raise ActionFailedError(_failure_text(failed), action=failed[0], actions=actions)
        return actions

    async def _watch(
        self,
        awaited: Sequence[Awaited],
        failures: list[APIError],
        poll_interval: float,
        options: ReadOptions,
    ) -> None:
        rounds = 0
        while unfinished := [one for one in awaited if not one.is_finished]:
            if rounds > 0 or all(one.last for one in unfinished):
                await anyio.sleep(interval(rounds, poll_interval, random.random()))  # noqa: S311 - it spreads load
            rounds += 1
            try:
                await self._look(unfinished, options)
                failures.clear()
            except PASSING_FAILURES as error:
                failures.append(error)

    async def _look(self, unfinished: Sequence[Awaited], options: ReadOptions) -> None:
        """Bring the actions up to date, at most ⌈N/200⌉ + 1 requests for N of them where lists can be read."""
        if len(unfinished) > _FEW and self._may_list:
            try:
                unseen = await self._read_list({one.id: one for one in unfinished}, options)
            except PermissionDeniedError:
                self._may_list = False
            else:
                for one in sorted(unseen, key=lambda one: one.looks)[:1]:
                    await self._read(one, options)
                return
        for one in unfinished:
            await self._read(one, options)

    async def _read_list(self, wanted: dict[int, Awaited], options: ReadOptions) -> list[Awaited]:
        """Read the newest actions of the account; returns those that they do not show."""
        pages = math.ceil(len(wanted) / _PAGE_LENGTH)
        for number in range(1, pages + 1):
            query = {"page": number, "per_page": _PAGE_LENGTH}
            request = evolve(endpoints.list_actions(None, query, options), rank=Rank.POLL)
            page = (await self._sender.send(request)).parse().actions
            for action in page:
                if one := wanted.pop(action.id, None):
                    one.last = action
            if not wanted or len(page) < _PAGE_LENGTH:
                break
        return list(wanted.values())

    async def _read(self, one: Awaited, options: ReadOptions) -> None:
        one.looks += 1
        request = evolve(endpoints.retrieve_action(one.id, one.droplet_id, options), rank=Rank.POLL)
        one.last = (await self._sender.send(request)).parse().action


def interval(rounds: int, first: float, jitter: float) -> float:
    """Seconds before the next look: ``first`` at first, then longer each time, up to 15, and spread by a fifth.

    Args:
        rounds: Looks so far.
        first: Seconds before the first look.
        jitter: A random number from 0 to 1.
    """
    if rounds == 0:
        return first
    grown = min(first * _GROWTH ** min(rounds, 64), max(first, _LONGEST_INTERVAL_SECONDS))
    return grown * (1 - _JITTER + 2 * _JITTER * jitter)


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


def _failure_text(failed: Sequence[Action]) -> str:
    others = f", and {len(failed) - 1} others with it" if len(failed) > 1 else ""
    return f"{_named(failed[0])} is 'errored'{others}; the API gives no reason"


def _named(action: Action) -> str:
    return f"{action.type} of {action.resource_type or 'resource'} {action.resource_id} (action {action.id})"
