"""The event loop that the async client runs in: asyncio's, and no other."""

from __future__ import annotations

import asyncio


def running_loop() -> asyncio.AbstractEventLoop:
    """The running event loop.

    Raises:
        RuntimeError: None of asyncio's runs here. Under trio that is so, even though coroutines run.
    """
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        raise RuntimeError(
            "no asyncio event loop runs here, and this SDK runs on asyncio. Under trio, use the sync client in a "
            "thread: await trio.to_thread.run_sync(client.actions.list) with client = gradient_sync.GradientAI(); or "
            "run this code under trio-asyncio. In a script, call it inside asyncio.run(...)."
        ) from None
