"""The running event loop. The async client needs asyncio."""

from __future__ import annotations

import asyncio


def running_loop() -> asyncio.AbstractEventLoop:
    """Return the running event loop.

    Raises:
        RuntimeError: No asyncio event loop runs here. Coroutines under trio have none.
    """
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        raise RuntimeError(
            "no asyncio event loop runs here, and this client needs one. In a script, call it inside asyncio.run(...). "
            "Under trio, use the sync client in a thread: await trio.to_thread.run_sync(client.actions.list) with "
            "client = gradient_sync.GradientAI(); or run this code under trio-asyncio."
        ) from None
