"""A forked child is a process of its own in a shared rate budget."""

from __future__ import annotations

import asyncio
import gc
import os
import weakref
from typing import TYPE_CHECKING

import pytest
from shared_stores import STORES, process_like, processes_of, send, state_of

from gradient_async.budget.stored_budget import StoredRateBudget

if TYPE_CHECKING:
    from pathlib import Path

    from shared_stores import Store

pytestmark = [pytest.mark.once, pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")]


async def test_forked_child_is_a_process_of_its_own(store: Store) -> None:
    budget = process_like(store, limit=3, span=5.0)
    slot = await budget.acquire()
    child = os.fork()
    if child == 0:
        try:
            asyncio.new_event_loop().run_until_complete(send(budget, []))
        except BaseException:  # noqa: BLE001 - a forked child must not return into the test runner
            os._exit(1)
        os._exit(0)
    _, status = await asyncio.to_thread(os.waitpid, child, 0)
    assert status == 0
    assert (await state_of(budget)).windows[0].used == 2
    budget.release(200, {}, slot=slot)
    assert (await state_of(budget)).windows[0].used == 2
    assert len(await processes_of(budget)) == 2


@pytest.mark.parametrize("is_used", [True, False])
def test_forked_child_does_not_close_its_parents_file(tmp_path: Path, is_used: bool) -> None:
    """SQLite forbids that: the child could end its parent's locks, or a transaction of another thread of it."""
    budget = process_like(STORES["sqlite"](tmp_path))
    assert isinstance(budget, StoredRateBudget)
    budget.snapshot()
    parents = weakref.ref(budget._store)
    child = os.fork()
    if child == 0:
        if is_used:
            budget.snapshot()
        gc.collect()
        os._exit(0 if parents() is not None and budget._store is not parents() else 1)
    _, status = os.waitpid(child, 0)
    assert status == 0
