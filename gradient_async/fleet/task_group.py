"""A task group that can be torn down by the end of its event loop at any moment."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVarTuple

import anyio

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine
    from types import TracebackType
    from typing import Self

Ts = TypeVarTuple("Ts")


class TaskGroup:
    """An anyio task group that closes the coroutines of tasks which were cancelled before their first step.

    ``asyncio.run`` cancels all tasks when its main coroutine ends. anyio wraps each coroutine in another one, and where
    the wrapper is cancelled before it begins, the inner coroutine would warn that it "was never awaited".
    """

    def __init__(self) -> None:
        self._group = anyio.create_task_group()
        self._unbegun: set[Coroutine[object, object, None]] = set()

    def start_soon(self, function: Callable[[*Ts], Awaitable[None]], *args: *Ts) -> None:
        """Start a task."""

        async def begin() -> None:
            self._unbegun.discard(coroutine)
            await function(*args)

        coroutine = begin()
        self._unbegun.add(coroutine)
        self._group.start_soon(lambda: coroutine)

    def cancel(self) -> None:
        """Cancel all tasks of the group."""
        self._group.cancel_scope.cancel()

    async def __aenter__(self) -> Self:
        await self._group.__aenter__()
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc_value: BaseException | None,
        traceback: TracebackType | None,
    ) -> bool | None:
        try:
            return await self._group.__aexit__(exc_type, exc_value, traceback)
        finally:
            for coroutine in self._unbegun:
                coroutine.close()
