"""A task group that its event loop may end at any moment."""

from __future__ import annotations

import inspect
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Final, TypeVarTuple

import anyio

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from typing import Self

Ts = TypeVarTuple("Ts")

# Started tasks are forgotten each time after this number of new ones.
_FORGET_EVERY: Final = 100


class TaskGroup(AsyncExitStack):
    """An anyio task group that closes the coroutines of tasks which were cancelled before their first step.

    ``asyncio.run`` cancels all tasks when its main coroutine ends. anyio wraps each coroutine in another one, and where
    the wrapper is cancelled before it begins, the inner coroutine would warn that it "was never awaited".
    """

    def __init__(self) -> None:
        super().__init__()
        self._group = anyio.create_task_group()
        self._coroutines: list[Coroutine[object, object, object]] = []
        self._forget_at = _FORGET_EVERY

    def start_soon(self, function: Callable[[*Ts], Coroutine[object, object, object]], *args: *Ts) -> None:
        """Start a task."""
        coroutine = function(*args)
        if len(self._coroutines) >= self._forget_at:
            self._coroutines = [one for one in self._coroutines if _is_not_started(one)]
            self._forget_at = len(self._coroutines) + _FORGET_EVERY
        self._coroutines.append(coroutine)
        self._group.start_soon(lambda: coroutine)

    def cancel(self) -> None:
        """Cancel all tasks of the group."""
        self._group.cancel_scope.cancel()

    async def __aenter__(self) -> Self:
        await super().__aenter__()
        self.callback(self._close_not_started)
        await self.enter_async_context(self._group)
        return self

    def _close_not_started(self) -> None:
        for coroutine in self._coroutines:
            if _is_not_started(coroutine):
                coroutine.close()


def _is_not_started(coroutine: Coroutine[object, object, object]) -> bool:
    return inspect.getcoroutinestate(coroutine) == inspect.CORO_CREATED
