"""A forked child is a process of its own in a shared rate budget."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import threading
import time
import weakref
from typing import TYPE_CHECKING

import pytest
from shared_stores import STORES, process_like, processes_of, send, state_of

from gradient_async.budget import stored_budget
from gradient_async.budget.stored_budget import StoredRateBudget

if TYPE_CHECKING:
    from collections.abc import Callable
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
    parents = weakref.ref(budget._ledger._store)
    child = os.fork()
    if child == 0:
        if is_used:
            budget.snapshot()
        gc.collect()
        os._exit(0 if parents() is not None and budget._ledger._store is not parents() else 1)
    _, status = os.waitpid(child, 0)
    assert status == 0


def test_forked_child_shares_the_file_when_its_parent_closes_it(tmp_path: Path) -> None:
    """A child that trusts locks of its parent would write to a log that others have removed."""
    store = STORES["sqlite"](tmp_path)
    budget = process_like(store)
    assert isinstance(budget, StoredRateBudget)
    budget.snapshot()
    of_parent, of_child = os.pipe(), os.pipe()

    def use_the_file_before_and_after() -> None:
        budget.snapshot()
        os.write(of_child[1], b".")
        os.read(of_parent[0], 1)
        asyncio.new_event_loop().run_until_complete(budget.acquire())

    child = forked(use_the_file_before_and_after)
    os.read(of_child[0], 1)
    budget._ledger._store.close()
    os.write(of_parent[1], b".")
    assert os.waitpid(child, 0)[1] == 0
    assert process_like(store).snapshot().windows[0].used == 1


def test_forked_child_uses_a_file_that_another_thread_held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stored_budget, "_BEFORE_FORK_SECONDS", 60.0)  # on a busy machine too, the fork waits
    budget = process_like(STORES["sqlite"](tmp_path), span=60.0)
    assert isinstance(budget, StoredRateBudget)
    holds = threading.Event()

    def hold_the_file() -> None:
        with budget._lock, budget._shared(time.monotonic()):
            holds.set()
            time.sleep(0.1)

    thread = threading.Thread(target=hold_the_file)
    thread.start()
    holds.wait()
    child = forked(lambda: asyncio.new_event_loop().run_until_complete(send(budget, [])))
    thread.join()
    assert os.waitpid(child, 0)[1] == 0
    assert budget.snapshot().windows[0].used == 1


def test_fork_inside_a_transaction_leaves_it_to_the_parent(tmp_path: Path) -> None:
    budget = process_like(STORES["sqlite"](tmp_path))
    assert isinstance(budget, StoredRateBudget)
    with budget._shared(time.monotonic()) as (transaction, _):
        assert os.waitpid(forked(lambda: None), 0)[1] == 0
        transaction.hold(1, time.monotonic() + 60)
    assert budget.snapshot().windows[0].used == 1


def forked(work: Callable[[], object]) -> int:
    """Do work in a forked child, which ends with 0 if it is done within a minute. Return the child's id."""
    child = os.fork()
    if child == 0:
        signal.alarm(60)
        try:
            work()
        except BaseException:  # noqa: BLE001 - a forked child must not return into the test runner
            os._exit(1)
        os._exit(0)
    return child
