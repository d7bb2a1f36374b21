"""Calls functions of the user that judge a Droplet."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING

import anyio.to_thread

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradient_async.models.droplet import Droplet


async def answer_of(check: Callable[[Droplet], object], droplet: Droplet) -> object:
    """Return what a function says of a Droplet. A plain function may block: it runs in a thread.

    Args:
        check: A function, a coroutine function, or an object that can be called like one.
        droplet: The Droplet.
    """
    if inspect.iscoroutinefunction(check) or inspect.iscoroutinefunction(type(check).__call__):
        answer: object = check(droplet)
    else:
        answer = await anyio.to_thread.run_sync(check, droplet, abandon_on_cancel=True)
    return await answer if inspect.isawaitable(answer) else answer
