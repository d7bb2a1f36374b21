"""P5 at the finest grain: one call is cancelled after each number of its event loop's steps."""

from __future__ import annotations

import asyncio
import gc
from typing import TYPE_CHECKING, Any

import pytest
from wire_server import RESET, Reply, WireServer, action, listed, reply, until

from gradient_async import ActionOutcomeUnknownError, AsyncGradientAI

if TYPE_CHECKING:
    from collections.abc import Callable

DROPLET = 3164444
MAX_STEPS = 2_000
ANSWERS: dict[str, Callable[[dict[str, Any]], Reply]] = {
    "answered": lambda body: reply(201, body),
    "lost": lambda _: RESET,
    "lost-late": lambda _: Reply(then="reset", delay_seconds=0.005),
    "other": lambda body: reply(201, {"action": body["action"] | {"resource_id": 17}}),
    "refused": lambda _: reply(422, {"id": "unprocessable_entity", "message": "no"}),
}


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
async def test_nothing_is_sent_or_left_when_cancelled_after_any_step(
    wire: WireServer, answer: Callable[[dict[str, Any]], Reply]
) -> None:
    executed: list[dict[str, Any]] = []

    def start(_: Any) -> Reply:
        executed.insert(0, action(len(wire.requests) + 1_000))
        return answer({"action": executed[0]})

    wire.script("POST", start)
    wire.script("GET", lambda _: listed(executed))
    for step in range(MAX_STEPS):
        before = asyncio.all_tasks()
        client = AsyncGradientAI(wire.token, base_url=wire.base_url, rate_budget=None, settle_seconds=0.0)
        executed.clear()
        posts = len(wire.sent("POST"))
        task = asyncio.create_task(client.gpu_droplets.actions.initiate(DROPLET, type="reboot"))
        for _ in range(step):
            await asyncio.sleep(0)
        is_over = task.done()
        task.cancel()
        await asyncio.wait([task])
        sent = len(wire.requests)
        if not is_over:
            assert task.cancelled() or not task.exception()
        elif not task.cancelled() and (error := task.exception()) is not None:
            assert not isinstance(error, ActionOutcomeUnknownError) or len(executed) == 1
        for _ in range(20):
            await asyncio.sleep(0)
        # A request that was on its way when the call was cancelled may still come in; none is made afterwards.
        assert len(wire.sent("POST")) <= posts + 1
        assert len(wire.requests) <= sent + 1
        await client.aclose()
        del task, client
        await until(lambda before=before: asyncio.all_tasks() <= before | wire.talks)  # type: ignore[misc]
        if is_over:
            break
    gc.collect()
    assert is_over
    assert step > 5
